//! What expressions reach beyond the database, each by a seam that the composition root fills. What is not filled in
//! does not exist for them.

use std::{sync::Arc, time::Duration};

use countersign_geo::{Atlas, Network, Place};
use countersign_mail::Mail;
use countersign_model::{Subject, UserId};
use countersign_outbound::Outbound;
use countersign_registry::Registry;
use countersign_store::{Snapshot, StoreError, Tx};
use countersign_types::JsonObject;
use serde_json::{Value as Json, json};

/// Whether a user has a device of some kind that proves who he is.
pub type HasDevice = fn(&mut Tx<'_>, UserId) -> Result<bool, StoreError>;

/// What expressions reach.
#[derive(Clone)]
pub struct Reach {
    /// Knows where addresses are.
    pub atlas: Atlas,
    /// Sends requests and looks names up.
    pub outbound: Option<Outbound>,
    /// Whether names are looked up for expressions themselves.
    pub dns: bool,
    /// Bytes of an answer at most.
    pub answer_bytes: usize,
    /// Time of one request or look-up at most.
    pub answer_time: Duration,
    /// Makes tokens.
    pub mint: Option<Arc<dyn TokenMint>>,
    /// Kinds of device, by their names in lower case (`totp`, `webauthn`).
    pub devices: Vec<(&'static str, HasDevice)>,
    /// Takes letters.
    pub mail: Option<Mail>,
    /// Knows pictures of users, and shuts flows.
    pub registry: Option<Arc<Registry>>,
}

impl Default for Reach {
    fn default() -> Self {
        Self {
            atlas: Atlas::empty(),
            outbound: None,
            dns: true,
            answer_bytes: 256 * 1024,
            answer_time: Duration::from_secs(5),
            mint: None,
            devices: Vec::new(),
            mail: None,
            registry: None,
        }
    }
}

/// A token that an expression asks for.
pub struct TokenOrder<'a> {
    /// What it says.
    pub says: Says<'a>,
    /// Name of the provider.
    pub provider: &'a str,
    /// How long it is valid.
    pub validity: countersign_types::Span,
    /// Our own address.
    pub base_url: &'a str,
}

/// What a token says.
pub enum Says<'a> {
    /// Who somebody is, for these scopes.
    User {
        /// Who.
        subject: &'a Arc<Subject>,
        /// Scopes.
        scopes: Vec<String>,
    },
    /// What the expression wants it to.
    Claims {
        /// The claims. What a provider always says is not among them.
        claims: JsonObject,
        /// The only one about whom it may be (`sub`).
        subject: Option<&'a Arc<Subject>>,
    },
}

/// Makes tokens of providers for expressions.
pub trait TokenMint: Send + Sync {
    /// A signed token, or why there is none. Called on a thread that may block.
    fn mint(&self, snapshot: &Arc<Snapshot>, order: TokenOrder<'_>) -> Result<String, String>;
}

/// A place as `context["geoip"]` has it.
pub(crate) fn place_json(place: &Place) -> Json {
    json!({
        "continent": place.continent,
        "country": place.country,
        "lat": place.location.map(|(latitude, _)| latitude),
        "long": place.location.map(|(_, longitude)| longitude),
        "city": place.city,
    })
}

/// A network as `context["asn"]` has it.
pub(crate) fn network_json(network: &Network) -> Json {
    json!({ "asn": network.asn, "as_org": network.organisation, "network": network.network })
}
