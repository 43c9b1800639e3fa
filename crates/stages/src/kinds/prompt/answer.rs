//! What an answer to a prompt must look like. Pure.

use countersign_crypto::MAX_PASSWORD_LEN;
use countersign_types::{FieldErrors, JsonObject, Text};
use serde_json::Value;

use super::{shown::Shown, spec::PromptKind};

/// Longest line in bytes.
const MAX_TEXT: usize = 2 * 1024;
/// Longest text of several lines in bytes.
const MAX_AREA: usize = 64 * 1024;
/// Longest file in bytes, as a `data:` URI.
const MAX_FILE: usize = 512 * 1024;
/// Longest user name in characters.
const MAX_USERNAME: usize = 150;
/// Longest address (RFC 5321 §4.5.3.1).
const MAX_EMAIL: usize = 254;

/// Why an answer is none: machine-readable, and in words.
type Complaint = (&'static str, Text);

/// Most characters that a field takes.
pub(super) fn most_characters(kind: PromptKind) -> Option<u32> {
    let most = match kind {
        PromptKind::Text => MAX_TEXT,
        PromptKind::TextArea => MAX_AREA,
        PromptKind::Username => MAX_USERNAME,
        PromptKind::Email => MAX_EMAIL,
        PromptKind::Password => MAX_PASSWORD_LEN,
        _ => return None,
    };
    u32::try_from(most).ok()
}

/// The answers to all prompts of a stage, or what is wrong with them.
pub(super) fn collect(shown: &[Shown], sent: &JsonObject) -> Result<JsonObject, FieldErrors> {
    let mut data = JsonObject::new();
    let mut errors = FieldErrors::default();
    for prompt in shown {
        if prompt.prompt.kind.is_decoration() {
            continue;
        }
        match one(prompt, sent.get(prompt.key())) {
            Ok(value) => {
                data.insert(prompt.key().to_owned(), value);
            }
            Err((code, message)) => errors.push(prompt.key(), code, message),
        }
    }
    check_passwords_agree(shown, &data, &mut errors);
    errors.into_result()?;
    Ok(data)
}

/// Passwords of a stage are one password, typed more than once.
fn check_passwords_agree(shown: &[Shown], data: &JsonObject, errors: &mut FieldErrors) {
    let passwords = shown.iter().filter(|prompt| prompt.prompt.kind == PromptKind::Password);
    let typed: Vec<(&str, &Value)> =
        passwords.filter_map(|prompt| data.get(prompt.key()).map(|value| (prompt.key(), value))).collect();
    let Some((_, first)) = typed.first() else { return };
    if let Some((key, _)) = typed.iter().find(|(_, value)| value != first) {
        errors.push(*key, "invalid", "field-passwords-differ");
    }
}

/// The answer to one prompt.
fn one(shown: &Shown, sent: Option<&Value>) -> Result<Value, Complaint> {
    let kind = shown.prompt.kind;
    if kind.is_fixed() {
        return Ok(shown.initial.clone());
    }
    if kind == PromptKind::Checkbox {
        return checkbox(sent);
    }
    if kind == PromptKind::Number
        && let Some(Value::Number(number)) = sent
    {
        return number.as_i64().map(Value::from).ok_or(("invalid", Text::key("field-number")));
    }
    let text = match sent {
        None | Some(Value::Null) => "",
        Some(Value::String(text)) => text.as_str(),
        Some(_) => return Err(invalid()),
    };
    // Spaces around a password may be part of it; around everything else they are a slip.
    let text = if kind == PromptKind::Password { text } else { text.trim() };
    if text.is_empty() {
        let is_open = !shown.prompt.required || (kind == PromptKind::AkLocale);
        return if is_open { Ok(absent(kind)) } else { Err(("required", Text::key("field-required"))) };
    }
    check(shown, text)?;
    if kind == PromptKind::Number {
        let number: i64 = text.parse().map_err(|_| ("invalid", Text::key("field-number")))?;
        return Ok(Value::from(number));
    }
    Ok(Value::from(text))
}

fn absent(kind: PromptKind) -> Value {
    if kind == PromptKind::Number { Value::Null } else { Value::from("") }
}

fn invalid() -> Complaint {
    ("invalid", Text::key("field-invalid"))
}

/// A box that is not ticked is not sent by a form.
fn checkbox(sent: Option<&Value>) -> Result<Value, Complaint> {
    match sent {
        None | Some(Value::Null) => Ok(Value::Bool(false)),
        Some(Value::Bool(ticked)) => Ok(Value::Bool(*ticked)),
        Some(Value::String(text)) => match text.as_str() {
            "on" | "true" | "1" => Ok(Value::Bool(true)),
            "" | "off" | "false" | "0" => Ok(Value::Bool(false)),
            _ => Err(invalid()),
        },
        Some(_) => Err(invalid()),
    }
}

fn check(shown: &Shown, text: &str) -> Result<(), Complaint> {
    let kind = shown.prompt.kind;
    let fits = match kind {
        PromptKind::TextArea => return area(text),
        PromptKind::File => return file(text),
        PromptKind::Password => return password(text),
        PromptKind::RadioButtonGroup | PromptKind::Dropdown | PromptKind::AkLocale => {
            let is_choice = shown.choices.iter().any(|choice| choice.value == text);
            return if is_choice { Ok(()) } else { Err(("invalid", Text::key("field-choice"))) };
        }
        PromptKind::Username => text.chars().count() <= MAX_USERNAME,
        PromptKind::Email => text.len() <= MAX_EMAIL,
        _ => text.len() <= MAX_TEXT,
    };
    if !fits {
        return Err(too_long(most_characters(kind).unwrap_or(MAX_TEXT as u32)));
    }
    if text.contains(['\n', '\r']) {
        return Err(("invalid", Text::key("field-line-break")));
    }
    if text.chars().any(char::is_control) {
        return Err(("invalid", Text::key("field-characters")));
    }
    match kind {
        PromptKind::Email if !is_email(text) => Err(("invalid", Text::key("field-email"))),
        PromptKind::Date if !is_date(text) => Err(("invalid", Text::key("field-date"))),
        PromptKind::DateTime if !is_date_time(text) => Err(("invalid", Text::key("field-date-time"))),
        _ => Ok(()),
    }
}

fn too_long(most: u32) -> Complaint {
    ("max_length", Text::key("field-too-long").with("max", i64::from(most)))
}

fn area(text: &str) -> Result<(), Complaint> {
    if text.len() > MAX_AREA {
        return Err(too_long(MAX_AREA as u32));
    }
    let is_clean = text.chars().all(|letter| !letter.is_control() || matches!(letter, '\n' | '\r' | '\t'));
    if is_clean { Ok(()) } else { Err(("invalid", Text::key("field-characters"))) }
}

fn password(text: &str) -> Result<(), Complaint> {
    if text.len() > MAX_PASSWORD_LEN {
        return Err(too_long(MAX_PASSWORD_LEN as u32));
    }
    if text.contains('\0') { Err(("invalid", Text::key("field-characters"))) } else { Ok(()) }
}

/// `data:<type>;base64,<data>` (RFC 2397).
fn file(text: &str) -> Result<(), Complaint> {
    if text.len() > MAX_FILE {
        return Err(("max_length", Text::key("field-file-size")));
    }
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let parts = text.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    match parts {
        Some((kind, data))
            if kind.len() <= 255 && kind.bytes().all(|b| b.is_ascii_graphic()) && data.bytes().all(legal) =>
        {
            Ok(())
        }
        _ => Err(invalid()),
    }
}

/// One `@` with something sensible on both sides; whether it can be reached, only a message to it tells.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_sensible = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
    let is_host = domain.split('.').all(|label| !label.is_empty())
        && domain
            .chars()
            .all(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '-' | ':' | '[' | ']'));
    is_sensible(local)
        && local.len() <= 64
        && !local.contains(['@', '<', '>', '"', ',', ';'])
        && is_sensible(domain)
        && is_host
}

/// `YYYY-MM-DD`, a day that exists.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let shaped = year.len() == 4 && month.len() == 2 && day.len() == 2;
    let (Some(year), Some(month), Some(day)) = (digits(year), digits(month), digits(day)) else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(is_leap),
        _ => 31,
    };
    shaped && (1..=12).contains(&month) && (1..=days).contains(&day)
}

/// `YYYY-MM-DDTHH:MM`, with seconds and their fraction or not, with a zone or not.
fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', ' ']) else { return false };
    let zone = time.find(['Z', '+', '-']);
    let (time, zone) = zone.map_or((time, ""), |at| time.split_at(at));
    is_date(date) && is_time(time) && is_zone(zone)
}

fn is_time(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let parts: Vec<&str> = whole.split(':').collect();
    let within =
        |part: &str, below: u32| part.len() == 2 && digits(part).is_some_and(|number| number < below);
    let is_fraction = fraction.is_none_or(|text| text.len() <= 9 && digits(text).is_some());
    match parts.as_slice() {
        [hour, minute] => fraction.is_none() && within(hour, 24) && within(minute, 60),
        [hour, minute, second] => within(hour, 24) && within(minute, 60) && within(second, 60) && is_fraction,
        _ => false,
    }
}

fn is_zone(text: &str) -> bool {
    match text.strip_prefix(['+', '-']) {
        Some(offset) => offset.len() == 5 && is_time(offset),
        None => text.is_empty() || text == "Z",
    }
}

fn digits(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_two_sensible_sides() {
        for good in ["a@b", "ada.lovelace+x@example.com", "아다@예시.한국", "a@[127.0.0.1]"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "a", "@b", "a@", "a b@c", "a@b..c", "a@b c", "a@b@c", "<a>@b", "a@b/c"] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn dates_exist() {
        for good in ["2024-02-29", "2026-11-22", "2000-02-29"] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
            "2023-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-1-1",
            "26-01-01",
            "+026-01-01",
            "x",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
        for good in
            ["2026-11-22T09:30", "2026-11-22 09:30:00", "2026-11-22T09:30:00.5Z", "2026-11-22T09:30+09:00"]
        {
            assert!(is_date_time(good), "{good}");
        }
        for bad in ["2026-11-22", "2026-11-22T24:00", "2026-11-22T09:60", "2026-11-22T09:30+9", "T"] {
            assert!(!is_date_time(bad), "{bad}");
        }
    }

    #[test]
    fn files_are_data_uris_within_bounds() {
        assert!(file("data:image/png;base64,aGk=").is_ok());
        assert!(file("https://evil.example/x").is_err());
        assert!(file("data:image/png;base64,<script>").is_err());
        assert!(file(&format!("data:x;base64,{}", "a".repeat(MAX_FILE))).is_err());
    }
}
