//! Questions about an event's details, in the language of authentik's searches:
//!
//! ```text
//! question   = all ("or" all)*            all  = one ("and" one)*
//! one        = "(" question ")" | name comparison
//! comparison = ("=" | "!=" | ">" | ">=" | "<" | "<=" | "~" | "!~") value
//!            | ["not"] ("startswith" | "endswith") value | ["not"] "in" "(" value ("," value)* ")"
//! name       = words with dots between them      value = "text" | number | True | False | None
//! ```
//!
//! What is not there is `None`. `~` looks for a text inside of another, without regard to capitals. Only numbers and
//! texts (moments among them) are larger or smaller than others of their kind.

use std::cmp::Ordering;

use countersign_types::JsonObject;
use serde_json::Value;

/// Brackets within brackets.
const MAX_DEPTH: usize = 32;

/// A question.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Query {
    Any(Vec<Self>),
    All(Vec<Self>),
    Is { name: Vec<String>, how: How, negated: bool },
}

/// How a detail is compared.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum How {
    Equals(Value),
    /// Compared with the value, it is one of these.
    Compares(&'static [Ordering], Value),
    Contains(String),
    Begins(String),
    Ends(String),
    OneOf(Vec<Value>),
}

/// Why a text is no question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum QueryError {
    /// A character that means nothing here.
    #[error("the character {0:?} means nothing here")]
    Character(char),
    /// A text without its second quotation mark.
    #[error("a text does not end")]
    OpenText,
    /// Something else was to come.
    #[error("expected {0}, found {1}")]
    Expected(&'static str, String),
    /// Too many brackets.
    #[error("too many brackets")]
    Deep,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Sign(&'static str),
    Value(Value),
}

impl Query {
    /// Reads a question.
    pub(super) fn parse(text: &str) -> Result<Self, QueryError> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0 };
        let query = parser.any(MAX_DEPTH)?;
        match parser.peek() {
            None => Ok(query),
            Some(_) => Err(parser.expected("and, or, or the end")),
        }
    }

    /// Whether it holds of an event.
    pub(super) fn holds(&self, event: &JsonObject) -> bool {
        match self {
            Self::Any(parts) => parts.iter().any(|part| part.holds(event)),
            Self::All(parts) => parts.iter().all(|part| part.holds(event)),
            Self::Is { name, how, negated } => how.holds(detail(event, name)) != *negated,
        }
    }
}

fn detail<'e>(event: &'e JsonObject, name: &[String]) -> &'e Value {
    const NONE: &Value = &Value::Null;
    let (first, rest) = match name.split_first() {
        Some((first, rest)) => (event.get(first), rest),
        None => return NONE,
    };
    rest.iter().fold(first, |found, step| found?.get(step)).unwrap_or(NONE)
}

impl How {
    fn holds(&self, found: &Value) -> bool {
        match self {
            Self::Equals(wanted) => equal(found, wanted),
            Self::Compares(which, wanted) => {
                compared(found, wanted).is_some_and(|ordering| which.contains(&ordering))
            }
            Self::Contains(wanted) => words(found).is_some_and(|text| text.to_lowercase().contains(wanted)),
            Self::Begins(wanted) => words(found).is_some_and(|text| text.starts_with(wanted)),
            Self::Ends(wanted) => words(found).is_some_and(|text| text.ends_with(wanted)),
            Self::OneOf(wanted) => wanted.iter().any(|wanted| equal(found, wanted)),
        }
    }
}

/// Numbers are equal however they are written.
fn equal(one: &Value, other: &Value) -> bool {
    one == other || matches!((one.as_f64(), other.as_f64()), (Some(one), Some(other)) if one == other)
}

fn compared(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64()?.partial_cmp(&other.as_f64()?),
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        _ => None,
    }
}

/// What a text is looked for in; nothing is in what is not there.
fn words(found: &Value) -> Option<String> {
    match found {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.at += 1;
        token
    }

    /// Whether the next is this word; then it is behind us.
    fn word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.at += usize::from(found);
        found
    }

    fn sign(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(sign)) if *sign == wanted);
        self.at += usize::from(found);
        found
    }

    fn expected(&self, what: &'static str) -> QueryError {
        let found = match self.peek() {
            None => "the end".to_owned(),
            Some(Token::Word(word)) => word.chars().take(40).collect(),
            Some(Token::Sign(sign)) => (*sign).to_owned(),
            Some(Token::Value(value)) => value.to_string().chars().take(40).collect(),
        };
        QueryError::Expected(what, found)
    }

    fn any(&mut self, depth: usize) -> Result<Query, QueryError> {
        let mut parts = vec![self.all(depth)?];
        while self.word("or") {
            parts.push(self.all(depth)?);
        }
        Ok(Query::Any(parts))
    }

    fn all(&mut self, depth: usize) -> Result<Query, QueryError> {
        let mut parts = vec![self.one(depth)?];
        while self.word("and") {
            parts.push(self.one(depth)?);
        }
        Ok(Query::All(parts))
    }

    fn one(&mut self, depth: usize) -> Result<Query, QueryError> {
        if self.sign("(") {
            let inner = self.any(depth.checked_sub(1).ok_or(QueryError::Deep)?)?;
            return if self.sign(")") { Ok(inner) } else { Err(self.expected(")")) };
        }
        let error = self.expected("a name");
        let Some(Token::Word(name)) = self.take() else { return Err(error) };
        let name: Vec<String> = name.split('.').map(str::to_owned).collect();
        if name.iter().any(String::is_empty) {
            return Err(error);
        }
        let (how, negated) = self.comparison()?;
        Ok(Query::Is { name, how, negated })
    }

    fn comparison(&mut self) -> Result<(How, bool), QueryError> {
        use Ordering::{Equal, Greater, Less};
        if let Some(Token::Sign(sign)) = self.peek().cloned() {
            self.at += 1;
            return Ok(match sign {
                "=" => (How::Equals(self.value()?), false),
                "!=" => (How::Equals(self.value()?), true),
                ">" => (How::Compares(&[Greater], self.value()?), false),
                ">=" => (How::Compares(&[Greater, Equal], self.value()?), false),
                "<" => (How::Compares(&[Less], self.value()?), false),
                "<=" => (How::Compares(&[Less, Equal], self.value()?), false),
                "~" => (How::Contains(self.text()?.to_lowercase()), false),
                "!~" => (How::Contains(self.text()?.to_lowercase()), true),
                _ => {
                    self.at -= 1;
                    return Err(self.expected("a comparison"));
                }
            });
        }
        let negated = self.word("not");
        let how = if self.word("startswith") {
            How::Begins(self.text()?)
        } else if self.word("endswith") {
            How::Ends(self.text()?)
        } else if self.word("in") {
            How::OneOf(self.values()?)
        } else {
            return Err(self.expected("a comparison"));
        };
        Ok((how, negated))
    }

    fn value(&mut self) -> Result<Value, QueryError> {
        let error = self.expected("a value");
        match self.take() {
            Some(Token::Value(value)) => Ok(value),
            Some(Token::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                "none" => Ok(Value::Null),
                _ => Err(error),
            },
            _ => Err(error),
        }
    }

    fn text(&mut self) -> Result<String, QueryError> {
        let error = self.expected("a text");
        match self.take() {
            Some(Token::Value(Value::String(text))) => Ok(text),
            _ => Err(error),
        }
    }

    fn values(&mut self) -> Result<Vec<Value>, QueryError> {
        if !self.sign("(") {
            return Err(self.expected("("));
        }
        let mut values = vec![self.value()?];
        while self.sign(",") {
            values.push(self.value()?);
        }
        if self.sign(")") { Ok(values) } else { Err(self.expected(")")) }
    }
}

/// The longer ones first.
const SIGNS: [&str; 11] = ["!=", ">=", "<=", "!~", "=", ">", "<", "~", "(", ")", ","];

fn tokens(text: &str) -> Result<Vec<Token>, QueryError> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, behind) = if first == '"' {
            quoted(rest)?
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            (Token::Sign(sign), rest.strip_prefix(sign).unwrap_or_default())
        } else {
            let end = rest.find(|character: char| !is_inside(character)).unwrap_or(rest.len());
            let (word, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
            if word.is_empty() {
                return Err(QueryError::Character(first));
            }
            let number =
                word.parse::<i64>().map(Value::from).or_else(|_| word.parse::<f64>().map(Value::from));
            let is_number = word.starts_with(|first: char| first.is_ascii_digit() || first == '-');
            match number {
                Ok(number) if is_number => (Token::Value(number), behind),
                _ if is_number => return Err(QueryError::Character(first)),
                _ => (Token::Word(word.to_owned()), behind),
            }
        };
        tokens.push(token);
        rest = behind.trim_start();
    }
    Ok(tokens)
}

/// What names and numbers are made of.
fn is_inside(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '.' | '-')
}

/// A text in quotation marks, and what comes behind it. `\"` and `\\` stand for what is behind the stroke.
fn quoted(rest: &str) -> Result<(Token, &str), QueryError> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((Token::Value(Value::String(text)), rest.get(at + 1..).unwrap_or_default())),
            '\\' => match characters.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, escaped)) => text.push(escaped),
                None => break,
            },
            other => text.push(other),
        }
    }
    Err(QueryError::OpenText)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(question: &str) -> bool {
        let event = json!({
            "action": "login_failed",
            "client_ip": "10.1.2.3",
            "created": "2026-11-22T10:00:00Z",
            "user": {"username": "Ada", "pk": 4},
            "context": {"known_device": false, "count": 3, "auth-method": "password", "list": ["a", "b"], "odd": "a\"b"},
        });
        let query = Query::parse(question).unwrap_or_else(|error| panic!("{question}: {error}"));
        query.holds(event.as_object().unwrap())
    }

    #[test]
    fn questions_are_answered() {
        for yes in [
            "action = \"login_failed\"",
            "action in (\"login\", \"login_failed\") and user.pk = 4",
            "context.known_device = False",
            "context.count >= 3 and context.count < 3.5",
            "context.missing = None and context.missing.deeper != \"x\"",
            "user.username ~ \"ada\" and user.username !~ \"bob\"",
            "user.username startswith \"A\" AND user.username not endswith \"x\"",
            "(action = \"login\" or client_ip = \"10.1.2.3\") and not_there not in (1, 2)",
            "created > \"2026-11-22\"",
            "context.list ~ \"b\"",
            "context.auth-method = \"password\"",
            "context.odd = \"a\\\"b\"",
            "action = \"x\" and action = \"x\" or user.pk = 4",
        ] {
            assert!(holds(yes), "{yes}");
        }
        for no in [
            "context.known_device = True",
            "context.missing ~ \"\"",
            "context.missing > 0",
            "context.count > \"2\"",
            "user.username = \"ada\"",
            "action = \"x\" or user.pk = 5 and user.pk = 4",
        ] {
            assert!(!holds(no), "{no}");
        }
    }

    #[test]
    fn what_is_no_question_is_refused_with_the_reason() {
        for wrong in [
            "",
            "action",
            "action =",
            "= \"x\"",
            "action = \"x",
            "action = x",
            "action in ()",
            "action in (\"a\"",
            "(action = \"a\"",
            "action = \"a\" action = \"b\"",
            "a..b = 1",
            "action ~ 3",
            "action = 1x",
            "action ; 1",
            "not action = 1",
        ] {
            assert!(Query::parse(wrong).is_err(), "{wrong}");
        }
        let deep = format!("{}a = 1{}", "(".repeat(2_000), ")".repeat(2_000));
        assert_eq!(Query::parse(&deep), Err(QueryError::Deep));
    }
}
