//! Step tokens and starts: what travels with the browser, sealed and bound to it.

use countersign_crypto::Sealer;
use countersign_types::{Digest, JsonObject, RawId, Span, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Key;

/// Purpose under which step tokens are sealed.
const STEP: &str = "flow-step";
/// Purpose under which starts are sealed.
const START: &str = "flow-start";
/// A start or a token that is longer was not made by us.
const MAX_SEALED: usize = 16 * 1024;

/// Which step of which plan a form answers. The plan's key, and with it browser, flow and query, is the
/// associated data of the seal: a foreign token does not open.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct StepToken {
    #[serde(rename = "p")]
    pub(crate) plan: RawId,
    #[serde(rename = "s")]
    pub(crate) step: i32,
    /// Whether the plan is a row. If not, it is planned anew, with this identifier.
    #[serde(rename = "r")]
    pub(crate) is_row: bool,
    #[serde(rename = "e")]
    pub(crate) expires: Timestamp,
}

impl StepToken {
    pub(crate) fn seal(&self, key: &Digest, sealer: &Sealer) -> String {
        // A token of four plain values always has a JSON form; an empty one opens nothing.
        let plain = serde_json::to_vec(self).unwrap_or_default();
        encode(&sealer.seal(STEP, key.as_bytes(), &plain))
    }

    pub(crate) fn open(sealed: &str, key: &Digest, sealer: &Sealer, now: Timestamp) -> Option<Self> {
        let plain = sealer.open(STEP, key.as_bytes(), &decode(sealed)?).ok()?;
        let token: Self = serde_json::from_slice(&plain).ok()?;
        (token.expires > now).then_some(token)
    }
}

/// What another part of the house hands to a flow.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct SealedStart {
    #[serde(rename = "c")]
    pub(crate) context: JsonObject,
    #[serde(rename = "a")]
    pub(crate) appended: Vec<(String, Value)>,
    #[serde(rename = "e")]
    pub(crate) expires_micros: i64,
}

/// How long after it was made a start may be used.
pub(crate) const START_LIFETIME: Span = Span::from_mins(60);

impl SealedStart {
    /// The associated data binds a start to flow and browser.
    fn bound_to(slug: &str, browser: &Digest) -> Vec<u8> {
        let mut bound = browser.as_bytes().to_vec();
        bound.extend_from_slice(slug.as_bytes());
        bound
    }

    pub(crate) fn seal(
        &self,
        slug: &str,
        browser: &Digest,
        sealer: &Sealer,
    ) -> Result<String, serde_json::Error> {
        let plain = serde_json::to_vec(self)?;
        Ok(encode(&sealer.seal(START, &Self::bound_to(slug, browser), &plain)))
    }

    pub(crate) fn open(
        sealed: &str,
        slug: &str,
        browser: &Digest,
        sealer: &Sealer,
        now: Timestamp,
    ) -> Option<Self> {
        let plain = sealer.open(START, &Self::bound_to(slug, browser), &decode(sealed)?).ok()?;
        let start: Self = serde_json::from_slice(&plain).ok()?;
        (start.expires_micros > now.as_micros()).then_some(start)
    }
}

/// The link by which a plan came back, until it is used up. Set by the executor alone.
pub(crate) const FLOW_TOKEN: Key<WaitingPlan> = Key::new("goauthentik.io/flows/token");

/// A plan that waits for whoever has its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingPlan {
    /// Key of the plan.
    pub(crate) key: Digest,
    /// Its identifier.
    pub(crate) plan: RawId,
}

/// The key of the plan that waits for a link.
pub(crate) fn token_key(token: &str) -> Digest {
    countersign_crypto::digest(&format!("flow-token\0{token}"))
}

fn encode(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    if text.len() > MAX_SEALED {
        return None;
    }
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).ok()
}
