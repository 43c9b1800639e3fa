//! Files in forms: they become `data:` URIs, the form in which prompts keep files.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_web::{
    BodyError,
    multipart::{Part, parts},
};

/// Names with values.
pub(crate) fn parse(
    body: &[u8],
    boundary: &str,
    max_fields: usize,
) -> Result<Vec<(String, String)>, BodyError> {
    parts(body, boundary, max_fields)?.into_iter().map(field).collect()
}

fn field(part: Part<'_>) -> Result<(String, String), BodyError> {
    let value = match &part.file {
        Some(kind) => data_uri(kind.as_deref(), part.bytes),
        None => part.text()?.to_owned(),
    };
    Ok((part.name, value))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<(String, String)>, BodyError> {
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
}
