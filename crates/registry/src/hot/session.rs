//! `authentik_core.authenticatedsession`: who is signed in with which browser. Deleting one signs it out.

use countersign_model::{Device, Session, SessionId, UserId};
use countersign_resource::{Describe, Facts, Nothing, canonical, schema_of, target};
use countersign_store::{
    Tx,
    sessions::{self, SessionFilter},
};
use countersign_types::{JsonObject, RawId, Ref};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document;
use crate::{
    ListFilter, ListQuery, ReadCx, ResourceError, Verbs, Visible,
    asked::{narrowed, one_id, owner_named},
    moment::Moment,
    rows::{Rows, Slice},
};

/// Somebody signed in with some browser.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct SessionSpec {
    /// Who.
    user: Ref<target::User>,
    /// Address at sign-in.
    last_ip: String,
    /// Browser at sign-in, as it calls itself.
    last_user_agent: String,
    /// When it was last used, to the minute.
    last_used: Moment,
    /// When it ends.
    expires: Moment,
    /// When it began.
    created: Moment,
    /// How the user proved who he is.
    auth_method: String,
}

impl Describe for SessionSpec {
    type Common = Nothing;
    const FACTS: Facts =
        Facts::new("authentik_core.authenticatedsession", "ak-session", "Authenticated Session")
            .at("core/authenticated_sessions", "session");
}

/// Read-only attributes of sessions, as authentik's API shows them.
#[derive(Serialize, JsonSchema)]
struct SessionExtras {
    /// Public name of the session.
    uuid: RawId,
    /// Whether it is the caller's own; the API says so where it knows.
    current: bool,
    /// The browser, as far as its name tells.
    user_agent: Agent,
    /// Kept for authentik's field of this name.
    geo_ip: Option<JsonObject>,
    /// Kept for authentik's field of this name.
    asn: Option<JsonObject>,
}

/// A browser taken apart.
#[derive(Serialize, JsonSchema)]
struct Agent {
    device: Part,
    os: Part,
    user_agent: Part,
    string: String,
}

impl Agent {
    fn of(user_agent: &str) -> Self {
        let Device { browser, system } = Device::of(user_agent);
        Self {
            device: Part::of(None),
            os: Part::of(system.map(|system| system.family)),
            user_agent: Part::of(browser),
            string: user_agent.to_owned(),
        }
    }
}

/// What is known of one side of it.
#[derive(Serialize, JsonSchema)]
struct Part {
    family: &'static str,
    brand: Option<String>,
    model: Option<String>,
    major: String,
    minor: String,
    patch: String,
    patch_minor: Option<String>,
}

impl Part {
    fn of(family: Option<&'static str>) -> Self {
        let family = family.unwrap_or("Other");
        let (major, minor, patch) = (String::new(), String::new(), String::new());
        Self { family, brand: None, model: None, major, minor, patch, patch_minor: None }
    }
}

/// Sessions.
pub(crate) struct Sessions;

impl Rows for Sessions {
    type Spec = SessionSpec;
    type Row = Session;
    const IDENTIFIED_BY: &'static [&'static str] = &[];
    const EXPORTED: bool = false;
    const VERBS: Verbs = Verbs::ReadDelete;
    const OWNED_BY: &'static [&'static str] = &["user"];
    const RECORDS_REFERENCES: bool = false;
    const ANSWERS_FILTERS_ALONE: bool = true;
    const FILTERS: &'static [ListFilter] = &[
        ListFilter::is("uuid", "The one of this identifier."),
        ListFilter::is("user", "Those of this user, by his integer key."),
        ListFilter::is("user__username", "Those of this user, by his name."),
    ];

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<Session>, ResourceError> {
        let now = tx.now();
        Ok(sessions::by_id(tx, SessionId(id))?.filter(|session| session.expires > now))
    }

    /// There may be many: [`Rows::page`] is asked instead.
    fn all(&self, _: &mut Tx<'_>) -> Result<Vec<Session>, ResourceError> {
        Ok(Vec::new())
    }

    fn id_of(row: &Session) -> RawId {
        row.id.raw()
    }

    fn document(&self, row: &Session) -> Result<JsonObject, ResourceError> {
        Ok(document(&SessionSpec {
            user: Ref::new(row.user.raw()),
            last_ip: row.last_ip.clone(),
            last_user_agent: row.last_user_agent.clone(),
            last_used: row.last_used.into(),
            expires: row.expires.into(),
            created: row.created.into(),
            auth_method: row.auth_method.clone(),
        }))
    }

    fn computed_schema(&self) -> Value {
        schema_of::<SessionExtras>()
    }

    fn computed(
        &self,
        _: &mut Tx<'_>,
        _: ReadCx<'_>,
        rows: &[Session],
    ) -> Result<Vec<JsonObject>, ResourceError> {
        let extras = |session: &Session| SessionExtras {
            uuid: session.id.raw(),
            current: false,
            user_agent: Agent::of(&session.last_user_agent),
            geo_ip: None,
            asn: None,
        };
        Ok(rows.iter().map(|session| canonical(&extras(session))).collect())
    }

    fn page(
        &self,
        tx: &mut Tx<'_>,
        query: &ListQuery,
        visible: &Visible,
    ) -> Result<Option<Slice<Session>>, ResourceError> {
        let mut filter = SessionFilter { search: query.search.clone(), ..SessionFilter::default() };
        let mut ids = None;
        for asked in &query.filters {
            match asked.field.as_str() {
                "pk" | "uuid" => ids = Some(asked.any_as().ok_or_else(|| asked.unknown())?),
                "user" => filter.user = Some(UserId(one_id(asked)?)),
                "user__username" => filter.user = Some(owner_named(tx, asked)?),
                _ => return Err(asked.unknown()),
            }
        }
        filter.ids = narrowed(visible, ids).map(|ids| ids.into_iter().map(SessionId).collect());
        let found = sessions::browse(tx, &filter, &query.request())?;
        Ok(Some(found.into()))
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        if let Some(session) = sessions::by_id(tx, SessionId(id))? {
            sessions::end(tx, &session.key)?;
        }
        Ok(())
    }
}
