//! Just enough of Rust's lexical rules to tell code from comments and from literals, so that a rule about a
//! word is not broken by a sentence about it.

/// What of a file a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Neither comments nor the insides of literals.
    Code,
    /// No comments, but literals: for names that stand in strings.
    CodeAndLiterals,
}

/// Returns `text` without comments (and, with [`Keep::Code`], without the insides of literals), line breaks
/// kept, so that line numbers still hold.
pub(super) fn strip(text: &str, keep: Keep) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let token = Token::at(rest, kept.chars().next_back());
        let length = token.length().max(first.len_utf8());
        let (piece, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        match (token, keep) {
            (Token::Comment(_), _) | (Token::Literal(_), Keep::Code) => {
                kept.push(' ');
                kept.extend(piece.chars().filter(|&c| c == '\n'));
            }
            _ => kept.push_str(piece),
        }
        rest = after;
    }
    kept
}

/// The non-test part of a stripped file: everything before a `#[cfg(test)]` that opens a module at its end.
pub(super) fn without_tests(stripped: &str) -> &str {
    let marker = "\n#[cfg(test)]";
    stripped
        .match_indices(marker)
        .find(|(at, _)| {
            let after = stripped.get(at + marker.len()..).unwrap_or_default().trim_start();
            after.starts_with("mod ")
                && after.split('\n').next().is_some_and(|line| line.trim_end().ends_with('{'))
        })
        .and_then(|(at, _)| stripped.get(..at))
        .unwrap_or(stripped)
}

/// A piece of source and its length in bytes.
enum Token {
    Comment(usize),
    Literal(usize),
    Other,
}

impl Token {
    fn length(&self) -> usize {
        match self {
            Self::Comment(length) | Self::Literal(length) => *length,
            Self::Other => 0,
        }
    }

    /// The token at the start of `rest`; `before` is the character that precedes it.
    fn at(rest: &str, before: Option<char>) -> Self {
        if rest.starts_with("//") {
            return Self::Comment(rest.find('\n').unwrap_or(rest.len()));
        }
        if rest.starts_with("/*") {
            return Self::Comment(block_comment(rest));
        }
        if rest.starts_with('"') {
            return Self::Literal(quoted(rest, '"'));
        }
        let inside_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
        if !inside_word && let Some(length) = raw_string(rest) {
            return Self::Literal(length);
        }
        character(rest).map_or(Self::Other, Self::Literal)
    }
}

/// Block comments nest.
fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0_usize);
    while let Some(tail) = rest.get(at..).filter(|tail| !tail.is_empty()) {
        if tail.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if tail.starts_with("*/") {
            depth = depth.saturating_sub(1);
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += tail.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

/// `r"…"`, `r#"…"#`, `br"…"`, `cr"…"`.
fn raw_string(rest: &str) -> Option<usize> {
    let marked = ["r", "br", "cr"].iter().find_map(|prefix| rest.strip_prefix(prefix))?;
    let body = marked.trim_start_matches('#');
    let hashes = marked.len() - body.len();
    let inside = body.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let opened = rest.len() - inside.len();
    Some(inside.find(&end).map_or(rest.len(), |at| opened + at + end.len()))
}

/// A character literal; a lifetime looks like one but is not closed.
fn character(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    if inside.starts_with('\\') {
        return Some(quoted(rest, '\''));
    }
    let only = inside.chars().next()?;
    inside.get(only.len_utf8()..)?.starts_with('\'').then_some(2 + only.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        strip(text, Keep::Code)
    }

    #[test]
    fn comments_and_literals_are_not_code() {
        let text =
            "a // gone\nb /* gone /* and */ gone */ c \"gone \\\" gone\" d r#\"gone \" gone\"# e 'g' f";
        let kept = code(text);
        assert!(!kept.contains("gone"), "{kept}");
        assert_eq!(kept.split_whitespace().collect::<String>(), "abcdef");
    }

    #[test]
    fn literals_stay_when_asked_for() {
        let kept = strip("let a = \"here\"; // gone", Keep::CodeAndLiterals);
        assert!(kept.contains("here") && !kept.contains("gone"));
    }

    #[test]
    fn lifetimes_and_escaped_quotes_do_not_swallow_what_follows() {
        assert!(code("fn f<'a>(x: &'a str) { unsafe_fn() }").contains("unsafe_fn"));
        assert!(code("let q = '\\''; kept()").contains("kept"));
        assert!(code("let q = '\"'; kept()").contains("kept"));
        assert!(code("let bar\"x\"; kept()").contains("kept"));
    }

    #[test]
    fn line_numbers_hold() {
        let text = "/* a\nb */\n\"c\nd\"\nlast";
        assert_eq!(code(text).lines().position(|line| line.contains("last")), Some(4));
    }

    #[test]
    fn unfinished_tokens_end_with_the_file() {
        for text in ["/* a", "\"a", "r#\"a", "'\\", "// a"] {
            assert!(!code(text).contains('a'), "{text}");
        }
    }

    #[test]
    fn the_test_module_is_cut_off_and_test_only_items_are_not() {
        let text = "fn a() {}\n#[cfg(test)]\nuse x;\nfn b() {}\n#[cfg(test)]\nmod tests {\n fn c() {}\n}\n";
        let kept = without_tests(text);
        assert!(kept.contains("fn b") && !kept.contains("fn c"));
    }
}
