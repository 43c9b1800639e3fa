//! Conditions as administrators of such systems write them: `name="x"`, `email__iexact="…"`, `pk__in=[…]`.

use countersign_expr::{HostError, Value};
use unicode_normalization::UnicodeNormalization;

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lookup {
    Exact,
    IExact,
    In,
    Contains,
    IContains,
    StartsWith,
    IStartsWith,
    EndsWith,
    IEndsWith,
}

impl Lookup {
    fn from_suffix(suffix: &str) -> Option<Self> {
        Some(match suffix {
            "exact" => Self::Exact,
            "iexact" => Self::IExact,
            "in" => Self::In,
            "contains" => Self::Contains,
            "icontains" => Self::IContains,
            "startswith" => Self::StartsWith,
            "istartswith" => Self::IStartsWith,
            "endswith" => Self::EndsWith,
            "iendswith" => Self::IEndsWith,
            _ => return None,
        })
    }

    const fn ignores_case(self) -> bool {
        matches!(self, Self::IExact | Self::IContains | Self::IStartsWith | Self::IEndsWith)
    }
}

/// One condition on one field.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) field: String,
    /// Where in the attributes, when they are the field.
    path: Vec<String>,
    pub(super) lookup: Lookup,
    pub(super) wanted: Value,
}

impl Condition {
    /// Reads keyword arguments. A field that is not among `fields` is an error, never ignored.
    pub(super) fn read(kwargs: Vec<(String, Value)>, fields: &[&str]) -> Result<Vec<Self>, HostError> {
        kwargs.into_iter().map(|(name, wanted)| Self::one(&name, wanted, fields)).collect()
    }

    fn one(name: &str, wanted: Value, fields: &[&str]) -> Result<Self, HostError> {
        if let Some(rest) = name.strip_prefix("attributes__").filter(|_| fields.contains(&"attributes")) {
            return Self::below_attributes(name, rest, wanted);
        }
        let (field, lookup) = match name.split_once("__") {
            None => (name, Some(Lookup::Exact)),
            Some((field, suffix)) => (field, Lookup::from_suffix(suffix)),
        };
        let lookup = lookup.filter(|_| fields.contains(&field)).ok_or_else(|| {
            HostError::Type(format!("'{name}' is not a condition here; fields are {}", fields.join(", ")))
        })?;
        Ok(Self { field: field.to_owned(), path: Vec::new(), lookup, wanted })
    }

    /// `attributes__department__iexact="x"`.
    fn below_attributes(name: &str, rest: &str, wanted: Value) -> Result<Self, HostError> {
        let mut path: Vec<String> = rest.split("__").map(str::to_owned).collect();
        let named = path.last().and_then(|last| Lookup::from_suffix(last)).filter(|_| path.len() > 1);
        if named.is_some() {
            path.pop();
        }
        if path.iter().any(String::is_empty) {
            return Err(HostError::Type(format!("'{name}' is not a condition here")));
        }
        Ok(Self { field: "attributes".to_owned(), path, lookup: named.unwrap_or(Lookup::Exact), wanted })
    }

    /// Where in the attributes it looks, if there.
    pub(super) fn below(&self) -> Option<&[String]> {
        (!self.path.is_empty()).then_some(self.path.as_slice())
    }

    /// Whether the field's value meets the condition.
    pub(super) fn holds(&self, actual: &Value) -> bool {
        match self.lookup {
            Lookup::Exact => same(actual, &self.wanted),
            Lookup::In => match &self.wanted {
                Value::List(items) | Value::Tuple(items) => items.iter().any(|item| same(actual, item)),
                _ => false,
            },
            lookup => {
                let (Some(actual), Some(wanted)) = (actual.as_str(), self.wanted.as_str()) else {
                    return false;
                };
                let fold = |text: &str| if lookup.ignores_case() { folded(text) } else { text.to_owned() };
                let (actual, wanted) = (fold(actual), fold(wanted));
                match lookup {
                    Lookup::Contains | Lookup::IContains => actual.contains(&wanted),
                    Lookup::StartsWith | Lookup::IStartsWith => actual.starts_with(&wanted),
                    Lookup::EndsWith | Lookup::IEndsWith => actual.ends_with(&wanted),
                    Lookup::Exact | Lookup::IExact | Lookup::In => actual == wanted,
                }
            }
        }
    }
}

/// NFC, then lower case, as usernames are compared.
pub(super) fn folded(text: &str) -> String {
    text.nfc().collect::<String>().to_lowercase()
}

/// Identifiers are often compared as text with numbers, so a number and its digits are the same.
fn same(actual: &Value, wanted: &Value) -> bool {
    match (actual, wanted) {
        (Value::Int(number), Value::Str(text)) | (Value::Str(text), Value::Int(number)) => {
            *text == number.to_string()
        }
        (actual, wanted) => actual == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(name: &str, wanted: impl Into<Value>, actual: impl Into<Value>) -> bool {
        let kwargs = vec![(name.to_owned(), wanted.into())];
        Condition::read(kwargs, &["name", "pk"]).unwrap()[0].holds(&actual.into())
    }

    #[test]
    fn lookups_compare_as_their_suffix_says() {
        assert!(holds("name", "admins", "admins"));
        assert!(!holds("name", "admins", "Admins"));
        assert!(holds("name__iexact", "ADMINS", "admins"));
        assert!(holds("name__istartswith", "ADM", "admins"));
        assert!(!holds("name__startswith", "ADM", "admins"));
        assert!(holds("name__endswith", "ins", "admins"));
        assert!(holds("name__icontains", "DMI", "admins"));
        assert!(holds("name__in", Value::list(["a".into(), "admins".into()]), "admins"));
        assert!(!holds("name__in", "admins", "admins"));
        assert!(holds("pk", "7", 7_i64));
    }

    #[test]
    fn an_unknown_condition_is_an_error_and_not_ignored() {
        for name in ["nmae", "name__regex", "password", "name__", "__"] {
            let kwargs = vec![(name.to_owned(), Value::from("x"))];
            assert!(Condition::read(kwargs, &["name"]).is_err(), "{name}");
        }
    }
}
