//! Patterns: read with care in the authority, anchored at both ends, bounded in size.

use regex::{Regex, RegexBuilder};

use super::RegistrationError;

const MAX_PATTERN_LEN: usize = 1024;
const MAX_COMPILED_BYTES: usize = 512 * 1024;
/// Hosts and schemes that belong to nobody. A pattern that one of these meets would let anybody fetch codes.
const FOREIGN: [&str; 6] = [
    "https://foreign.invalid",
    "https://foreign.invalid/",
    "https://foreign.invalid/callback",
    "http://foreign.invalid/callback",
    "https://foreign.invalid:8443/callback?a=b",
    "foreign.invalid:/callback",
];

pub(super) fn compile(pattern: &str, index: usize) -> Result<Regex, RegistrationError> {
    let refuse = |reason: String| RegistrationError::Pattern { index, reason };
    if pattern.is_empty() || pattern.len() > MAX_PATTERN_LEN {
        return Err(refuse(format!("it has 1 to {MAX_PATTERN_LEN} characters")));
    }
    // Alone first: "a)|(?:b" would otherwise break out of the anchors.
    let builder = |pattern: &str| RegexBuilder::new(pattern).size_limit(MAX_COMPILED_BYTES).build();
    builder(pattern).map_err(|error| refuse(error.to_string()))?;
    let careful = guard_authority(pattern);
    builder(&careful).map_err(|error| refuse(error.to_string()))?;
    let anchored = builder(&format!(r"\A(?:{careful})\z")).map_err(|error| refuse(error.to_string()))?;
    if FOREIGN.iter().any(|uri| anchored.is_match(uri)) {
        return Err(RegistrationError::TooWide { index });
    }
    Ok(anchored)
}

/// Rewrites the dots between `://` and the next `/`, `?` or `#`: a lone one is a dot, a repeated one does not
/// leave the authority, unless it ends the pattern: then it stands for a path, as `https://app\.example.*` is
/// meant to, and not for the rest of a longer host. Makes a pattern narrower, never wider.
fn guard_authority(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 32);
    let mut rest = pattern;
    while let Some((at, len)) = find_authority(rest) {
        let (before, after) = rest.split_at(at + len);
        out.push_str(before);
        let (authority, after) = after.split_at(authority_len(after));
        match open_end(authority).filter(|_| after.is_empty()) {
            Some((host, path)) => {
                rewrite_dots(host, &mut out);
                out.push_str(path);
            }
            None => rewrite_dots(authority, &mut out),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Where `://` stands, with slashes escaped or not, and how long it is there.
fn find_authority(pattern: &str) -> Option<(usize, usize)> {
    [r":\/\/", "://"].into_iter().filter_map(|mark| Some((pattern.find(mark)?, mark.len()))).min()
}

fn authority_len(pattern: &str) -> usize {
    let mut class = false;
    let mut escaped = false;
    for (at, c) in pattern.char_indices() {
        match c {
            '/' if !class => return if escaped { at - 1 } else { at },
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '#' if !class => return at,
            _ => {}
        }
    }
    pattern.len()
}

/// A host followed by `.*` or `.+` up to the end of the pattern, and what that becomes.
fn open_end(authority: &str) -> Option<(&str, &'static str)> {
    let authority = authority.strip_suffix('$').unwrap_or(authority);
    let (host, path) = match authority.strip_suffix(".*") {
        Some(host) => (host, r"(?::\d+)?(?:[/?].*)?"),
        None => (authority.strip_suffix(".+")?, r"(?::\d+)?[/?].*"),
    };
    (!host.is_empty() && !host.ends_with('\\')).then_some((host, path))
}

fn rewrite_dots(authority: &str, out: &mut String) {
    let mut chars = authority.chars().peekable();
    let mut class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                out.push(c);
                out.extend(chars.next());
                continue;
            }
            '[' => class = true,
            ']' => class = false,
            '.' if !class => {
                let is_repeated = matches!(chars.peek(), Some('*' | '+' | '?' | '{'));
                out.push_str(if is_repeated { r"[^/?#@\\]" } else { r"\." });
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
}
