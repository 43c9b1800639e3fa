//! Where a person may be sent after a flow: which addresses are ours.

/// The longest `next` that is looked at.
const MAX_NEXT_BYTES: usize = 4096;

/// A `next` parameter that stays with us: a path of ours with query and fragment.
///
/// Refused are absolute and scheme-relative addresses and whatever some browser takes for one: `//`,
/// backslashes, control characters and spaces (browsers strip tabs and line ends, WHATWG URL §4.4), and the
/// percent-encoded forms of these in the path, which a proxy may decode.
pub fn safe_next(next: &str) -> Option<&str> {
    let after_slash = next.strip_prefix('/')?;
    let is_visible = |byte: u8| (0x21..=0x7e).contains(&byte) && byte != b'\\';
    if next.len() > MAX_NEXT_BYTES || after_slash.starts_with('/') || !next.bytes().all(is_visible) {
        return None;
    }
    let path = next.split(['?', '#']).next()?;
    let decoded: Vec<u8> = percent_encoding::percent_decode_str(path).collect();
    let is_plain = |byte: u8| !byte.is_ascii_control() && byte != b'\\';
    if path.contains("//")
        || decoded.windows(2).any(|pair| pair == b"//")
        || !decoded.into_iter().all(is_plain)
    {
        return None;
    }
    Some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_ours_are_kept() {
        for next in [
            "/",
            "/if/user/",
            "/application/o/authorize/?client_id=x&redirect_uri=https%3A%2F%2Frp.example%2Fcb",
            "/if/flow/a/?next=https://rp.example/",
            "/path#fragment",
            "/caf%C3%A9/",
            "/a:b",
            "/@user",
            "/application/o/authorize/?client_id=a&redirect_uri=https%3A%2F%2Fa",
        ] {
            assert_eq!(safe_next(next), Some(next), "{next}");
        }
    }

    #[test]
    fn an_open_redirect_is_refused() {
        let long = format!("/{}", "a".repeat(5000));
        for next in [
            "",
            "if/user/",
            "//evil.example",
            "//evil.example/",
            "///evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "\\\\evil.example",
            "/a\\..\\b",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\r\nLocation: https://evil.example",
            " //evil.example",
            "/ /evil.example",
            "https://evil.example",
            "https:evil.example",
            "HTTPS:/evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "@evil.example",
            ".evil.example",
            "/%2fevil.example",
            "/%2Fevil.example",
            "/%5cevil.example",
            "/%09/evil.example",
            "/%00",
            "/a//evil.example",
            "/a/..//evil.example",
            "/./%2fevil.example",
            "/evil\u{2215}example",
            "/\u{0}",
            "/\u{7f}",
            &long,
        ] {
            assert_eq!(safe_next(next), None, "{next:?}");
        }
    }
}
