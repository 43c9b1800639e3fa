//! `multipart/form-data` (RFC 7578), of which browsers and clients use a small part: strictly that part is
//! read. The body is at hand and bounded.

use super::BodyError;

/// Bytes of a boundary (RFC 2046 §5.1.1).
const MAX_BOUNDARY: usize = 70;
/// Bytes of the header lines of one part.
const MAX_HEADERS: usize = 2048;

/// A part: a field, or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'b> {
    /// Name of the field.
    pub name: String,
    /// Its media type, for a file. A file that was not chosen is an empty one.
    pub file: Option<Option<String>>,
    /// Its value.
    pub bytes: &'b [u8],
}

impl Part<'_> {
    /// The value of a field, or a file of text.
    pub fn text(&self) -> Result<&str, BodyError> {
        let text = std::str::from_utf8(self.bytes).map_err(|_| BodyError::Malformed)?;
        if text.contains('\0') { Err(BodyError::Malformed) } else { Ok(text) }
    }
}

/// The boundary of a `Content-Type`; none for any other type.
pub fn boundary(content_type: &str) -> Option<String> {
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

/// The parts of a body, in order.
pub fn parts<'b>(body: &'b [u8], boundary: &str, max: usize) -> Result<Vec<Part<'b>>, BodyError> {
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    // The first delimiter has no line end before it.
    let first = delimiter.get(2..).unwrap_or_default();
    let mut rest = body.strip_prefix(first).ok_or(BodyError::Malformed)?;
    let mut parts = Vec::new();
    loop {
        if rest.strip_prefix(b"--").is_some() {
            return Ok(parts);
        }
        let part = rest.strip_prefix(b"\r\n").ok_or(BodyError::Malformed)?;
        let end = find(part, &delimiter).ok_or(BodyError::Malformed)?;
        let (part, after) = part.split_at_checked(end).ok_or(BodyError::Malformed)?;
        if parts.len() == max {
            return Err(BodyError::TooManyFields);
        }
        parts.push(one(part)?);
        rest = after.get(delimiter.len()..).unwrap_or_default();
    }
}

/// One part: header lines, an empty line, the value.
fn one(part: &[u8]) -> Result<Part<'_>, BodyError> {
    let end = find(part, b"\r\n\r\n").filter(|end| *end <= MAX_HEADERS).ok_or(BodyError::Malformed)?;
    let (head, value) = part.split_at_checked(end).ok_or(BodyError::Malformed)?;
    let head = std::str::from_utf8(head).map_err(|_| BodyError::Malformed)?;
    let header = |wanted: &str| {
        head.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim())
        })
    };
    let disposition = header("content-disposition").ok_or(BodyError::Malformed)?;
    let is_file = parameter(disposition, "filename").is_some();
    Ok(Part {
        name: parameter(disposition, "name").ok_or(BodyError::Malformed)?,
        file: is_file.then(|| header("content-type").map(str::to_owned)),
        bytes: value.get(4..).unwrap_or_default(),
    })
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

    fn read(body: &str) -> Result<Vec<Part<'_>>, BodyError> {
        parts(body.as_bytes(), "XX", 3)
    }

    #[test]
    fn fields_and_files_are_read() {
        let body = "--XX\r\nContent-Disposition: form-data; name=\"plan\"\r\n\r\nabc\r\n\
                    --XX\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a.png\"\r\n\
                    Content-Type: image/png\r\n\r\n\x01\x02\r\n--XX--\r\n";
        let found = read(body).unwrap();
        let [plan, picture] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((plan.name.as_str(), &plan.file, plan.text()), ("plan", &None, Ok("abc")));
        assert_eq!(picture.file, Some(Some("image/png".to_owned())));
        assert_eq!(picture.bytes, [1, 2]);
        assert_eq!(read("--XX--").unwrap(), []);
    }

    #[test]
    fn malformed_bodies_are_refused() {
        let head = "Content-Disposition: form-data; name=\"a\"";
        let many = format!("--XX\r\n{head}\r\n\r\nv\r\n").repeat(4) + "--XX--";
        assert_eq!(read(&many), Err(BodyError::TooManyFields));
        for body in [
            "",
            "--YY--",
            "--XX",
            "--XX\r\n",
            "--XX\r\n\r\n\r\nvalue\r\n--XX--",
            &format!("--XX\r\n{head}\r\n\r\nvalue"),
            &format!("--XX\r\n{head}\r\nvalue\r\n--XX--"),
            "--XX\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nv\r\n--XX--",
            "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\nv\r\n--XX--",
            &format!("--XX\r\n{head}\r\nX: {}\r\n\r\nv\r\n--XX--", "x".repeat(4000)),
        ] {
            assert_eq!(read(body), Err(BodyError::Malformed), "{body:?}");
        }
        let nul = format!("--XX\r\n{head}\r\n\r\na\0b\r\n--XX--");
        assert_eq!(read(&nul).unwrap()[0].text(), Err(BodyError::Malformed));
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
