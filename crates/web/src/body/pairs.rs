//! `application/x-www-form-urlencoded`, strictly: what is malformed is refused instead of guessed at.
//!
//! Pairs stay in their order and duplicates stay visible, because protocols refuse a parameter sent twice
//! (RFC 6749 §3.1).

use std::borrow::Cow;

use percent_encoding::percent_decode;

use super::BodyError;

/// Fields in the order sent.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Pairs(Vec<(String, String)>);

impl FromIterator<(String, String)> for Pairs {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl Pairs {
    /// Reads at most `max_fields` pairs. A bad escape, text that is not UTF-8 and NUL (which no database
    /// text can hold) are refused.
    pub fn parse(encoded: &[u8], max_fields: usize) -> Result<Self, BodyError> {
        let mut pairs = Vec::new();
        for pair in encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if pairs.len() == max_fields {
                return Err(BodyError::TooManyFields);
            }
            let mut sides = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(sides.next().unwrap_or_default())?;
            let value = decode(sides.next().unwrap_or_default())?;
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// The first value of a name.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// The value of a name that was sent exactly once; an error when it was sent more often.
    pub fn only(&self, name: &str) -> Result<Option<&str>, BodyError> {
        let mut values = self.values(name);
        let first = values.next();
        if values.next().is_some() { Err(BodyError::Duplicate(name.to_owned())) } else { Ok(first) }
    }

    /// All values of a name, in order.
    pub fn values<'s>(&'s self, name: &str) -> impl Iterator<Item = &'s str> {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// A name that stands there more than once, if there is any.
    pub fn duplicate(&self) -> Option<&str> {
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.array_windows().find(|[one, other]| one == other).map(|[one, _]| *one)
    }

    /// Removes every pair of a name and returns the first value.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(other, _)| other == name)?;
        let (_, value) = self.0.remove(at);
        self.0.retain(|(other, _)| other != name);
        Some(value)
    }

    /// The pairs.
    pub fn as_slice(&self) -> &[(String, String)] {
        &self.0
    }

    /// The pairs.
    pub fn into_vec(self) -> Vec<(String, String)> {
        self.0
    }
}

/// A form may hold a password.
impl std::fmt::Debug for Pairs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

fn decode(encoded: &[u8]) -> Result<String, BodyError> {
    let hex_follows = |at: usize| {
        encoded.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if encoded.iter().enumerate().any(|(at, byte)| *byte == b'%' && !hex_follows(at)) {
        return Err(BodyError::Malformed);
    }
    let spaced: Cow<'_, [u8]> = if encoded.contains(&b'+') {
        encoded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect::<Vec<_>>().into()
    } else {
        encoded.into()
    };
    let text = percent_decode(&spaced).decode_utf8().map_err(|_| BodyError::Malformed)?.into_owned();
    if text.contains('\0') { Err(BodyError::Malformed) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Pairs, BodyError> {
        Pairs::parse(text.as_bytes(), 4)
    }

    #[test]
    fn pairs_keep_their_order_and_duplicates_stay_visible() {
        let pairs = parse("b=2&a=%C3%A9+x&b=3&c").unwrap();
        let expected = [("b", "2"), ("a", "é x"), ("b", "3"), ("c", "")];
        let seen: Vec<_> =
            pairs.as_slice().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(seen, expected);
        assert_eq!(pairs.duplicate(), Some("b"));
        assert_eq!(pairs.first("b"), Some("2"));
        assert!(matches!(pairs.only("b"), Err(BodyError::Duplicate(_))));
        assert_eq!(pairs.only("z").unwrap(), None);
    }

    #[test]
    fn malformed_escapes_are_refused() {
        for text in ["a=%", "a=%4", "a=%zz", "%=a", "a=%ff", "a=%00", "a=%ed%a0%80", "a=%c0%80"] {
            assert!(matches!(parse(text), Err(BodyError::Malformed)), "{text}");
        }
        assert!(matches!(Pairs::parse(b"a=\xff", 4), Err(BodyError::Malformed)));
    }

    #[test]
    fn too_many_fields_are_refused() {
        assert!(parse("a&b&c&d&&").is_ok());
        assert!(matches!(parse("a&b&c&d&e"), Err(BodyError::TooManyFields)));
    }

    #[test]
    fn a_form_does_not_print_its_values() {
        assert!(!format!("{:?}", parse("password=hunter2").unwrap()).contains("hunter2"));
    }
}
