//! What both jobs work with.

use std::sync::Arc;

use countersign_authz::{Actor, Permission};
use countersign_crypto::Sealer;
use countersign_i18n::{Catalogues, Localizer};
use countersign_mail::{Look, Mail};
use countersign_model::{ConfigObjectId, Event, EventId, Subject, User};
use countersign_policies::{ContextChanges, KnownDevices, Policies, PolicyRequest, RequestFacts};
use countersign_registry::load;
use countersign_resource::ConfigKind;
use countersign_store::{Snapshot, Store, StoreError, events};
use countersign_types::{ClientAddr, JsonObject};
use ipnet::IpNet;

use crate::ear::{Ear, interest};

/// What notifying is made of.
pub struct NotifierParts {
    /// The database.
    pub store: Store,
    /// Opens secrets.
    pub sealer: Arc<Sealer>,
    /// Asks the bindings of rules, and evaluates mappings.
    pub policies: Arc<Policies>,
    /// Takes letters.
    pub mail: Mail,
    /// The languages.
    pub catalogues: Catalogues,
    /// Networks inside of the house that webhooks may reach.
    pub networks: Vec<IpNet>,
}

/// Notifies. Cheap to clone.
#[derive(Clone)]
pub struct Notifier {
    pub(crate) parts: Arc<NotifierParts>,
    ear: Arc<Ear>,
}

impl Notifier {
    /// Hears nothing yet.
    pub fn new(parts: NotifierParts) -> Self {
        let parts = NotifierParts { store: parts.store.background(), ..parts };
        Self { parts: Arc::new(parts), ear: Arc::default() }
    }

    /// Begins to hear the events that this process writes.
    pub async fn listen(&self) -> Result<(), StoreError> {
        self.ear.follow(self.store());
        let hears = Arc::clone(&self.ear);
        if !self.store().listen(move |event: &Event| hears.is_for(event.action)) {
            tracing::warn!("somebody hears the events of this database already");
        }
        self.look().await.map(drop)
    }

    /// The database.
    pub(crate) fn store(&self) -> &Store {
        &self.parts.store
    }

    /// The configuration, and from now on an ear for what it asks.
    pub(crate) async fn look(&self) -> Result<Arc<Snapshot>, StoreError> {
        let changes = self.ear.changes();
        let snapshot = self.store().snapshot().await?;
        self.ear.keep(changes, interest(&snapshot));
        Ok(snapshot)
    }

    /// An event of the trail; none when its time is over.
    pub(crate) async fn event(&self, id: EventId) -> Result<Option<Event>, StoreError> {
        self.store().read(move |tx| events::by_id(tx, id)).await
    }

    /// An object of the configuration; none when it is gone, or cannot be read.
    pub(crate) fn object<K: ConfigKind>(&self, snapshot: &Snapshot, id: ConfigObjectId) -> Option<K> {
        let object = snapshot.object(id).filter(|object| object.kind == K::MODEL)?;
        let loaded = load::<K>(object, &self.parts.sealer);
        if let Err(error) = &loaded {
            tracing::error!(name = object.name, %error, "an object of notifications cannot be read");
        }
        loaded.ok()
    }

    /// What policies and mappings are asked of an event.
    pub(crate) fn request(&self, event: &Event, user: Option<Arc<Subject>>) -> PolicyRequest {
        let request_id = event.context.get("request_id").and_then(serde_json::Value::as_str);
        let facts = RequestFacts {
            client: event.client_ip.as_ref().and_then(|text| text.parse().ok()).map(ClientAddr),
            user_agent: String::new(),
            host: String::new(),
            base_url: String::new(),
            query: String::new(),
            locale: String::new(),
            request_id: request_id.map_or_else(|| event.id.to_string(), str::to_owned),
            is_cross_site: false,
            impersonator: None,
            devices: KnownDevices::default(),
            certificate: None,
        };
        let (context, changes) = (JsonObject::new(), ContextChanges::listening());
        PolicyRequest { user, context, facts, is_sso: false, changes }.about(event)
    }

    /// How letters and messages look: as the default brand, with our own address where it is configured.
    pub(crate) fn look_of(&self, snapshot: &Snapshot) -> Look {
        let home = self.parts.mail.home(snapshot, "", "").unwrap_or_default();
        Look::of(snapshot.brand_for(""), home)
    }

    /// Words in the language of a user, or in that of the house.
    pub(crate) fn words(&self, user: Option<&User>, look: &Look) -> Localizer {
        let own = user.and_then(|user| user.locale());
        let wishes: Vec<&str> = own.into_iter().chain(look.language.as_deref()).collect();
        self.parts.catalogues.localizer(self.parts.catalogues.negotiate(&wishes))
    }
}

/// Whether a user may look at events.
pub(crate) fn sees_events(snapshot: &Snapshot, subject: Arc<Subject>) -> bool {
    Actor::user(subject, snapshot.roles()).may(&Permission::view("authentik_events.event"), None)
}
