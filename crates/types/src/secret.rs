//! Values that must not leave by accident.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer};
use zeroize::Zeroize;

/// A secret value: it can be read in, compared in constant time and used, but it has no `Serialize`,
/// prints as `***` and is wiped when dropped.
///
/// A descriptor field of this type must be `#[serde(skip_serializing)]`, or it does not compile.
#[derive(Clone, Default)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, at the one place that needs it.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl Secret<String> {
    /// Whether there is no secret.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Constant-time comparison with what somebody sent.
    pub fn ct_eq(&self, candidate: &str) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.0.as_bytes(), candidate.as_bytes()).into()
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl From<&str> for Secret<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl From<String> for Secret<String> {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl<'de, T: Zeroize + Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self).map_err(|error| {
            // The format's own complaint would quote the value, unless there is none.
            if error.to_string().starts_with("missing field `") {
                return error;
            }
            serde::de::Error::custom("not a legal secret")
        })
    }
}

impl<T: Zeroize> schemars::JsonSchema for Secret<T> {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "format": "password", "writeOnly": true, "x-secret": true, "x-widget": "secret"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print() {
        let secret = Secret::from("hunter2");
        assert_eq!(format!("{secret:?}"), "***");
    }

    #[test]
    fn comparison_is_of_the_whole() {
        let secret = Secret::from("hunter2");
        assert!(secret.ct_eq("hunter2"));
        assert!(!secret.ct_eq("hunter"));
        assert!(!secret.ct_eq(""));
    }
}
