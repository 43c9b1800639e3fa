//! Which key signs: a pair, the house's own when nothing is said, or the client secret.

use std::borrow::Cow;

use countersign_resource::target;
use countersign_types::Ref;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Three things that two spellings of "none" would confuse: left out, `null`, and a pair.
///
/// Left out stands for the house's RSA pair, since every relying party understands RS256. `null` is
/// authentik's "no key": HS256 under the client secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SigningKeyChoice {
    /// The house's own pair, `authentik Self-signed Certificate`.
    #[default]
    House,
    /// The client secret.
    ClientSecret,
    /// This pair.
    Pair(Ref<target::KeyPair>),
}

impl SigningKeyChoice {
    /// Whether the document leaves it out.
    pub const fn is_house(&self) -> bool {
        matches!(self, Self::House)
    }
}

impl Serialize for SigningKeyChoice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Pair(pair) => pair.serialize(serializer),
            Self::House | Self::ClientSecret => serializer.serialize_none(),
        }
    }
}

impl<'de> Deserialize<'de> for SigningKeyChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pair = Option::<Ref<target::KeyPair>>::deserialize(deserializer)?;
        Ok(pair.map_or(Self::ClientSecret, Self::Pair))
    }
}

/// A reference that may be null.
impl JsonSchema for SigningKeyChoice {
    fn schema_name() -> Cow<'static, str> {
        "SigningKeyChoice".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<Ref<target::KeyPair>>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Document {
        #[serde(default, skip_serializing_if = "SigningKeyChoice::is_house")]
        signing_key: SigningKeyChoice,
    }

    #[test]
    fn left_out_null_and_a_pair_are_three_things() {
        let pair = "6fb3a4a8-4f0b-4a4e-9a5c-0d2d3e9b1c11";
        for (document, choice) in [
            ("{}".to_owned(), SigningKeyChoice::House),
            (r#"{"signing_key":null}"#.to_owned(), SigningKeyChoice::ClientSecret),
            (
                format!(r#"{{"signing_key":"{pair}"}}"#),
                SigningKeyChoice::Pair(Ref::new(pair.parse().unwrap())),
            ),
        ] {
            let parsed: Document = serde_json::from_str(&document).unwrap();
            assert_eq!(parsed.signing_key, choice);
            assert_eq!(serde_json::to_string(&parsed).unwrap(), document, "it reads back as it was");
        }
    }
}
