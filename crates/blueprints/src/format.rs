//! Python's `%` formatting, as far as blueprints use it: `%s %r %d %i %f %x %%` with flags, width and
//! precision.

use serde_json::Value;

/// Widest field and longest fraction that a pattern may ask for.
const MAX_WIDTH: usize = 1_000;

/// A directive after the `%`.
#[derive(Default)]
struct Directive {
    left: bool,
    zero: bool,
    plus: bool,
    width: usize,
    precision: Option<usize>,
}

/// The pattern with the values put in, in order.
pub(crate) fn percent(pattern: &str, values: &[Value]) -> Result<String, String> {
    let mut text = String::with_capacity(pattern.len());
    let mut values = values.iter();
    let mut rest = pattern.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        if rest.next_if_eq(&'%').is_some() {
            text.push('%');
            continue;
        }
        let directive = directive(&mut rest)?;
        let conversion = rest.next().ok_or("the pattern ends in the middle of a directive")?;
        let value = values.next().ok_or("there are fewer values than directives")?;
        text.push_str(&directive.pad(&directive.convert(conversion, value)?));
    }
    if values.next().is_some() {
        return Err("there are more values than directives".to_owned());
    }
    Ok(text)
}

fn directive(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<Directive, String> {
    let mut directive = Directive::default();
    while let Some(flag) = rest.next_if(|character| matches!(character, '-' | '0' | '+' | ' ' | '#')) {
        match flag {
            '-' => directive.left = true,
            '0' => directive.zero = true,
            '+' => directive.plus = true,
            _ => {}
        }
    }
    directive.width = number(rest)?.unwrap_or(0);
    if rest.next_if_eq(&'.').is_some() {
        directive.precision = Some(number(rest)?.unwrap_or(0));
    }
    Ok(directive)
}

fn number(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<Option<usize>, String> {
    let mut digits = String::new();
    while let Some(digit) = rest.next_if(char::is_ascii_digit) {
        digits.push(digit);
    }
    if digits.is_empty() {
        return Ok(None);
    }
    match digits.parse() {
        Ok(number) if number <= MAX_WIDTH => Ok(Some(number)),
        _ => Err(format!("widths go up to {MAX_WIDTH}")),
    }
}

impl Directive {
    fn convert(&self, conversion: char, value: &Value) -> Result<String, String> {
        match conversion {
            's' => Ok(self.cut(plain(value))),
            'r' => Ok(self.cut(quoted(value))),
            'd' | 'i' | 'u' => self.whole(value, false),
            'x' => self.whole(value, true),
            'f' | 'F' => {
                let number = value.as_f64().ok_or_else(|| format!("{value} is not a number"))?;
                Ok(self.sign(format!("{number:.*}", self.precision.unwrap_or(6))))
            }
            other => Err(format!("%{other} is not known (%s %r %d %i %f %x %%)")),
        }
    }

    fn whole(&self, value: &Value, hexadecimal: bool) -> Result<String, String> {
        let whole = match value {
            Value::Bool(value) => Some(i64::from(*value)),
            // Python truncates.
            #[expect(clippy::cast_possible_truncation, reason = "saturates, which is the wish")]
            Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|number| number as i64)),
            _ => None,
        };
        let whole = whole.ok_or_else(|| format!("{value} is not a number"))?;
        Ok(self.sign(if hexadecimal {
            format!("{}{:x}", if whole < 0 { "-" } else { "" }, whole.unsigned_abs())
        } else {
            whole.to_string()
        }))
    }

    fn cut(&self, text: String) -> String {
        match self.precision {
            Some(length) => text.chars().take(length).collect(),
            None => text,
        }
    }

    fn sign(&self, number: String) -> String {
        if self.plus && !number.starts_with('-') { format!("+{number}") } else { number }
    }

    fn pad(&self, text: &str) -> String {
        let missing = self.width.saturating_sub(text.chars().count());
        if self.left {
            return format!("{text}{}", " ".repeat(missing));
        }
        let signed = text.strip_prefix(['-', '+']);
        match signed {
            Some(digits) if self.zero => {
                let sign = text.get(..1).unwrap_or_default();
                format!("{sign}{}{digits}", "0".repeat(missing))
            }
            _ if self.zero => format!("{}{text}", "0".repeat(missing)),
            _ => format!("{}{text}", " ".repeat(missing)),
        }
    }
}

/// `str()` of a value.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => quoted(other),
    }
}

/// `repr()` of a value.
fn quoted(value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => {
            format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"))
        }
        Value::Array(elements) => format!("[{}]", joined(elements.iter().map(quoted).collect())),
        Value::Object(members) => {
            let part = |(key, value): (&String, &Value)| format!("'{key}': {}", quoted(value));
            format!("{{{}}}", joined(members.iter().map(part).collect()))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patterns_are_pythons() {
        let say = |pattern: &str, values: &[Value]| percent(pattern, values);
        assert_eq!(say("a %s b %d%%", &[json!("x"), json!(7)]).unwrap(), "a x b 7%");
        assert_eq!(
            say("%05d|%-4s|%4s|%+d", &[json!(-42), json!("l"), json!("r"), json!(3)]).unwrap(),
            "-0042|l   |   r|+3"
        );
        assert_eq!(say("%.2f %x", &[json!(1.005), json!(255)]).unwrap(), "1.00 ff");
        assert_eq!(say("%s %r", &[json!(null), json!(["a", true])]).unwrap(), "None ['a', True]");
    }

    #[test]
    fn mismatches_are_told() {
        assert!(percent("%s", &[]).unwrap_err().contains("fewer"));
        assert!(percent("x", &[json!(1)]).unwrap_err().contains("more"));
        assert!(percent("%", &[]).unwrap_err().contains("middle"));
        assert!(percent("%d", &[json!("x")]).unwrap_err().contains("not a number"));
        assert!(percent("%999999999d", &[json!(1)]).unwrap_err().contains("widths"));
    }
}
