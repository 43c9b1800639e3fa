//! `multipart/form-data` (RFC 7578), of which browsers use a small part: strictly that part is read.
//!
//! A file becomes a `data:` URI, the form in which prompts keep files. The body is at hand and bounded.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The body cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MultipartError {
    /// It is not what a browser sends.
    Malformed,
    /// It has more fields than the bound.
    TooManyFields,
}

impl std::fmt::Display for MultipartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the multipart body is malformed",
            Self::TooManyFields => "there are too many fields",
        })
    }
}

impl std::error::Error for MultipartError {}

/// Bytes of a boundary (RFC 2046 §5.1.1).
const MAX_BOUNDARY: usize = 70;
/// Bytes of the header lines of one part.
const MAX_HEADERS: usize = 2048;

/// The boundary of a `Content-Type`; none for any other type.
pub(crate) fn boundary(content_type: &str) -> Option<String> {
    let mut parts = content_type.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let value = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.eq_ignore_ascii_case("boundary").then(|| value.trim_matches('"').to_owned())
    })?;
    let is_legal =
        (1..=MAX_BOUNDARY).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic());
    is_legal.then_some(value)
}

/// Names with values.
pub(crate) fn parse(
    body: &[u8],
    boundary: &str,
    max_fields: usize,
) -> Result<Vec<(String, String)>, MultipartError> {
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    // The first delimiter has no line end before it.
    let first = delimiter.get(2..).unwrap_or_default();
    let mut rest = body.strip_prefix(first).ok_or(MultipartError::Malformed)?;
    let mut pairs = Vec::new();
    loop {
        if rest.strip_prefix(b"--").is_some() {
            return Ok(pairs);
        }
        let part = rest.strip_prefix(b"\r\n").ok_or(MultipartError::Malformed)?;
        let end = find(part, &delimiter).ok_or(MultipartError::Malformed)?;
        let (part, after) = part.split_at_checked(end).ok_or(MultipartError::Malformed)?;
        if pairs.len() == max_fields {
            return Err(MultipartError::TooManyFields);
        }
        pairs.push(field(part)?);
        rest = after.get(delimiter.len()..).unwrap_or_default();
    }
}

/// One part: header lines, an empty line, the value.
fn field(part: &[u8]) -> Result<(String, String), MultipartError> {
    let end = find(part, b"\r\n\r\n").filter(|end| *end <= MAX_HEADERS).ok_or(MultipartError::Malformed)?;
    let (head, value) = part.split_at_checked(end).ok_or(MultipartError::Malformed)?;
    let head = std::str::from_utf8(head).map_err(|_| MultipartError::Malformed)?;
    let value = value.get(4..).unwrap_or_default();
    let header = |wanted: &str| {
        head.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim())
        })
    };
    let disposition = header("content-disposition").ok_or(MultipartError::Malformed)?;
    let name = parameter(disposition, "name").ok_or(MultipartError::Malformed)?;
    if parameter(disposition, "filename").is_some() {
        return Ok((name, data_uri(header("content-type"), value)));
    }
    let text = std::str::from_utf8(value).map_err(|_| MultipartError::Malformed)?;
    if text.contains('\0') { Err(MultipartError::Malformed) } else { Ok((name, text.to_owned())) }
}

/// A file; an empty one is none.
fn data_uri(content_type: Option<&str>, bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return String::new();
    }
    let is_type = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'+' | b'.' | b'_');
    let kind = content_type.filter(|kind| kind.len() <= 100 && !kind.is_empty() && kind.bytes().all(is_type));
    format!("data:{};base64,{}", kind.unwrap_or("application/octet-stream"), STANDARD.encode(bytes))
}

/// A quoted parameter, with the three characters that browsers escape (WHATWG HTML §4.10.21.8).
fn parameter(disposition: &str, wanted: &str) -> Option<String> {
    let mut rest = disposition.strip_prefix("form-data")?;
    loop {
        rest = rest.trim_start().strip_prefix(';')?.trim_start();
        let (name, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"));
        }
        rest = after;
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<(String, String)>, MultipartError> {
        parse(body.as_bytes(), "XX", 3)
    }

    #[test]
    fn fields_and_files_are_read() {
        let body = "--XX\r\nContent-Disposition: form-data; name=\"plan\"\r\n\r\nabc\r\n\
                    --XX\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a.png\"\r\n\
                    Content-Type: image/png\r\n\r\n\x01\x02\r\n--XX--\r\n";
        let expected = [("plan", "abc"), ("picture", "data:image/png;base64,AQI=")];
        let pairs = read(body).unwrap();
        let seen: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(seen, expected);
        assert_eq!(read("--XX--").unwrap(), []);
    }

    #[test]
    fn a_file_that_was_not_chosen_is_no_value() {
        let body = "--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"\"\r\n\
                    Content-Type: application/octet-stream\r\n\r\n\r\n--XX--";
        assert_eq!(read(body).unwrap(), [("f".to_owned(), String::new())]);
    }

    #[test]
    fn a_media_type_cannot_smuggle_parameters_into_the_address() {
        assert!(data_uri(Some("text/html,<script>"), b"x").starts_with("data:application/octet-stream;"));
    }

    #[test]
    fn malformed_bodies_are_refused() {
        let head = "Content-Disposition: form-data; name=\"a\"";
        let many = format!("--XX\r\n{head}\r\n\r\nv\r\n").repeat(4) + "--XX--";
        assert_eq!(read(&many), Err(MultipartError::TooManyFields));
        for body in [
            "",
            "--YY--",
            "--XX",
            "--XX\r\n",
            "--XX\r\n\r\n\r\nvalue\r\n--XX--",
            &format!("--XX\r\n{head}\r\n\r\nvalue"),
            &format!("--XX\r\n{head}\r\nvalue\r\n--XX--"),
            &format!("--XX\r\n{head}\r\n\r\na\0b\r\n--XX--"),
            "--XX\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nv\r\n--XX--",
            "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nv\r\n--XX--",
            &format!("--XX\r\n{head}\r\nX: {}\r\n\r\nv\r\n--XX--", "x".repeat(4000)),
        ] {
            assert_eq!(read(body), Err(MultipartError::Malformed), "{body:?}");
        }
    }

    #[test]
    fn only_this_type_has_a_boundary() {
        assert_eq!(boundary("multipart/form-data; boundary=\"a-b\""), Some("a-b".to_owned()));
        assert_eq!(boundary("Multipart/Form-Data; charset=x; Boundary=ab"), Some("ab".to_owned()));
        for other in
            ["application/x-www-form-urlencoded", "multipart/mixed; boundary=a", "multipart/form-data", ""]
        {
            assert_eq!(boundary(other), None, "{other}");
        }
        assert_eq!(boundary(&format!("multipart/form-data; boundary={}", "a".repeat(71))), None);
    }
}
