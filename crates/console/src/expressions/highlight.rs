//! Python in colours: a text cut into pieces with the class of each. Nothing is understood, nothing is lost:
//! the pieces together are the text.

use countersign_policies::KNOWN_NAMES;

/// Longer texts are shown in one colour.
const MAX_BYTES: usize = 64 * 1024;

const KEYWORDS: &[&str] = &[
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else",
    "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not",
    "or", "pass", "raise", "return", "try", "while", "with", "yield",
];
const CONSTANTS: &[&str] = &["True", "False", "None"];

/// A piece of a text and its class; empty for plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) class: &'static str,
    pub(crate) text: String,
}

/// The pieces of a text.
pub(crate) fn pieces(source: &str) -> Vec<Piece> {
    if source.len() > MAX_BYTES {
        return vec![Piece { class: "", text: source.to_owned() }];
    }
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (class, length) = token(rest, first);
        let (text, after) = rest.split_at(length);
        rest = after;
        match pieces.last_mut() {
            Some(last) if last.class == class => last.text.push_str(text),
            _ => pieces.push(Piece { class, text: text.to_owned() }),
        }
    }
    pieces
}

/// Class and length of what the text begins with; at least one character.
fn token(rest: &str, first: char) -> (&'static str, usize) {
    if first == '#' {
        return ("comment", rest.find('\n').unwrap_or(rest.len()));
    }
    if let Some(length) = string(rest) {
        return ("string", length);
    }
    if first.is_ascii_digit() {
        let part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_');
        return ("number", rest.find(|letter| !part(letter)).unwrap_or(rest.len()));
    }
    if first.is_alphabetic() || first == '_' {
        let part = |letter: char| letter.is_alphanumeric() || letter == '_';
        let length = rest.find(|letter| !part(letter)).unwrap_or(rest.len());
        return (word(rest.get(..length).unwrap_or_default()), length);
    }
    ("", first.len_utf8())
}

fn word(word: &str) -> &'static str {
    if KEYWORDS.contains(&word) {
        "keyword"
    } else if CONSTANTS.contains(&word) {
        "number"
    } else if KNOWN_NAMES.iter().any(|known| known.name == word) {
        "known"
    } else {
        ""
    }
}

/// Length of the string literal that the text begins with, prefix and all; one that is not closed ends with its
/// line, or with the text when it may have several lines.
fn string(text: &str) -> Option<usize> {
    let prefix = text.find(['"', '\'']).filter(|at| *at <= 2)?;
    let is_prefix = |letter: char| matches!(letter.to_ascii_lowercase(), 'r' | 'b' | 'f' | 'u');
    if !text.get(..prefix)?.chars().all(is_prefix) {
        return None;
    }
    let quoted = text.get(prefix..)?;
    let quote = quoted.chars().next()?;
    let triple: String = std::iter::repeat_n(quote, 3).collect();
    let (mark, several_lines) =
        if quoted.starts_with(&triple) { (triple, true) } else { (quote.to_string(), false) };
    let mut at = prefix + mark.len();
    loop {
        let inside = text.get(at..)?;
        let Some(letter) = inside.chars().next() else { return Some(text.len()) };
        if inside.starts_with(&mark) {
            return Some(at + mark.len());
        }
        if letter == '\n' && !several_lines {
            return Some(at);
        }
        at += letter.len_utf8();
        if letter == '\\' {
            at += text.get(at..).and_then(|escaped| escaped.chars().next()).map_or(0, char::len_utf8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(source: &str) -> Vec<(&'static str, String)> {
        let all = pieces(source).into_iter();
        all.filter(|piece| !piece.class.is_empty()).map(|piece| (piece.class, piece.text)).collect()
    }

    #[test]
    fn words_strings_numbers_and_comments_have_their_colours() {
        assert_eq!(
            classes("return user.pk > 12  # who\n"),
            [
                ("keyword", "return".to_owned()),
                ("known", "user".to_owned()),
                ("number", "12".to_owned()),
                ("comment", "# who".to_owned())
            ]
        );
        assert_eq!(
            classes(r#"f"a\"b" + 'c'"#),
            [("string", r#"f"a\"b""#.to_owned()), ("string", "'c'".to_owned())]
        );
        assert_eq!(classes("\"\"\"a\n'b\"\"\""), [("string", "\"\"\"a\n'b\"\"\"".to_owned())]);
        assert_eq!(classes("'open\nNone"), [("string", "'open".to_owned()), ("number", "None".to_owned())]);
    }

    #[test]
    fn nothing_is_lost() {
        for source in [
            "",
            "\\",
            "'",
            "\"\"\"",
            "r'\\",
            "f",
            "бук'ва' 한글 \"中\\",
            "\u{0}\u{202e}</script><!--",
            "a = {'b': \"\"\"\\",
            "'\\\n",
        ] {
            let whole: String = pieces(source).into_iter().map(|piece| piece.text).collect();
            assert_eq!(whole, source);
        }
    }
}
