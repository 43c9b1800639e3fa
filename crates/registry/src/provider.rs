//! Providers: common columns, and a document of the kind's own.

use std::marker::PhantomData;

use countersign_crypto::Sealer;
use countersign_model::{FlowId, Provider, ProviderId};
use countersign_resource::{
    Common, Describe, Descriptor, Facts, LoadError, canonical, check_name, schema_of, target,
};
use countersign_store::{Snapshot, Tx, counters, providers};
use countersign_types::{FieldErrors, JsonObject, RawId, Ref, Rng, Secret};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    FilterOp, ListFilter, Lookup, ReadCx, ResourceError, WriteCx,
    extras::{Assigned, ProviderExtras},
    load_config,
    rows::{Draft, Indexed, Rows},
};

/// What a kind of provider adds to the common columns.
///
/// When the struct has a field `client_id`, that is kept unique and made when it is left out; likewise
/// `client_secret` (a `Secret<String>`), unless `client_type` is `public`.
pub trait ProviderSpec: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// Model label as blueprints write it: `authentik_providers_oauth2.oauth2provider`.
    const MODEL: &'static str;
    /// Form element that authentik's API names for the kind.
    const COMPONENT: &'static str;
    /// What administrators call it.
    const VERBOSE_NAME: &'static str;

    /// Where the application is, as far as its provider tells.
    fn launch_url(&self) -> Option<String> {
        None
    }

    /// Rules that the types alone do not enforce, with paths into the document.
    fn validate(&self) -> Result<(), FieldErrors> {
        Ok(())
    }
}

/// The struct of a provider kind, secrets opened: what providers are compiled from.
pub fn load_provider<S: ProviderSpec>(provider: &Provider, sealer: &Sealer) -> Result<S, LoadError> {
    if provider.kind != S::MODEL {
        return Err(LoadError::WrongKind {
            name: provider.name.clone(),
            found: provider.kind.clone(),
            expected: S::MODEL,
        });
    }
    let loaded: OfProvider<S> = load_config(provider.id.raw(), &provider.config, sealer)?;
    Ok(loaded.0)
}

/// Attributes of every provider.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ProviderCommon {
    /// Unique name.
    name: String,
    /// Flow for people who are not signed in; none for the brand's.
    #[serde(default)]
    #[schemars(extend("x-group" = "flows", "x-advanced" = true))]
    authentication_flow: Option<Ref<target::Flow>>,
    /// Flow that lets the application have the user.
    #[serde(default)]
    #[schemars(extend("x-group" = "flows"))]
    authorization_flow: Option<Ref<target::Flow>>,
    /// Flow run at sign-out from the application.
    #[serde(default)]
    #[schemars(extend("x-group" = "flows"))]
    invalidation_flow: Option<Ref<target::Flow>>,
    /// What applications learn about users.
    #[serde(default)]
    #[schemars(extend("x-group" = "tokens"))]
    property_mappings: Vec<Ref<target::PropertyMapping>>,
}

impl Common for ProviderCommon {
    fn check(&self) -> Result<(), FieldErrors> {
        check_name("name", &self.name)
    }
}

/// A provider's own document.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct OfProvider<S>(S);

impl<S: JsonSchema> JsonSchema for OfProvider<S> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        S::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        S::json_schema(generator)
    }
}

impl<S: ProviderSpec> Describe for OfProvider<S> {
    type Common = ProviderCommon;
    const FACTS: Facts = Facts::new(S::MODEL, S::COMPONENT, S::VERBOSE_NAME).of("provider");

    fn check(&self) -> Result<(), FieldErrors> {
        self.0.validate()
    }
}

/// The providers of one kind.
pub(crate) struct ProviderRows<S>(PhantomData<fn() -> S>);

impl<S> ProviderRows<S> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<S: ProviderSpec> Rows for ProviderRows<S> {
    type Spec = OfProvider<S>;
    type Row = Provider;
    const LOOKUP: Lookup = Lookup::Integer("pk");
    const UNIQUE: &'static [&'static str] = &["name", "client_id"];
    const FILTERS: &'static [ListFilter] = &[ListFilter::new(
        "application__isnull",
        "assigned_application_slug",
        FilterOp::IsNull,
        "Whether no application signs people in with it.",
    )];

    fn by_id(&self, tx: &mut Tx<'_>, id: RawId) -> Result<Option<Provider>, ResourceError> {
        Ok(providers::by_id(tx, ProviderId(id))?.filter(|provider| provider.kind == S::MODEL))
    }

    fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<Provider>, ResourceError> {
        Ok(providers::all(tx)?.into_iter().filter(|provider| provider.kind == S::MODEL).collect())
    }

    fn kept<'s>(&self, snapshot: &'s Snapshot) -> Option<Vec<&'s Provider>> {
        Some(snapshot.providers().iter().filter(|provider| provider.kind == S::MODEL).collect())
    }

    fn id_of(row: &Provider) -> RawId {
        row.id.raw()
    }

    fn key_of(row: &Provider, _: &JsonObject) -> String {
        row.pk.to_string()
    }

    fn document(&self, row: &Provider) -> Result<JsonObject, ResourceError> {
        let flow = |flow: Option<FlowId>| flow.map(|flow| Ref::new(flow.raw()));
        let common = ProviderCommon {
            name: row.name.clone(),
            authentication_flow: flow(row.authentication_flow),
            authorization_flow: flow(row.authorization_flow),
            invalidation_flow: flow(row.invalidation_flow),
            property_mappings: row.property_mappings.iter().copied().map(Ref::new).collect(),
        };
        let mut document = canonical(&common);
        if let Value::Object(config) = &row.config {
            document.extend(config.clone());
        }
        Ok(document)
    }

    fn computed_schema(&self) -> Value {
        schema_of::<ProviderExtras>()
    }

    fn computed(
        &self,
        tx: &mut Tx<'_>,
        cx: ReadCx<'_>,
        rows: &[Provider],
    ) -> Result<Vec<JsonObject>, ResourceError> {
        let assigned = Assigned::load(tx)?;
        Ok(rows.iter().map(|provider| canonical(&assigned.extras(cx, provider))).collect())
    }

    fn by_key(&self, tx: &mut Tx<'_>, attribute: &str, value: &Value) -> Result<Indexed, ResourceError> {
        let found = match (attribute, value.as_str()) {
            ("name", Some(name)) => providers::by_name(tx, name)?,
            ("client_id", Some(client_id)) => providers::by_client_id(tx, client_id)?,
            ("pk", None) => match value.as_i64() {
                Some(pk) => providers::by_pk(tx, pk)?,
                None => None,
            },
            _ => return Ok(Indexed::No),
        };
        Ok(found.map(|provider| provider.id).into())
    }

    fn complete(
        &self,
        tx: &mut Tx<'_>,
        descriptor: &Descriptor,
        plain: &mut JsonObject,
    ) -> Result<Vec<(String, Secret<String>)>, ResourceError> {
        let mut generated = Vec::new();
        let public = plain.get("client_type").is_some_and(|kind| kind == "public");
        for (name, length, wanted) in [("client_id", 40, true), ("client_secret", 128, !public)] {
            let absent = plain.get(name).is_none_or(|value| value.is_null() || value == "");
            if wanted && absent && descriptor.knows(name) {
                let made = letters_and_digits(tx.rng(), length);
                plain.insert(name.to_owned(), Value::from(made.clone()));
                generated.push((name.to_owned(), Secret::new(made)));
            }
        }
        Ok(generated)
    }

    fn write(&self, tx: &mut Tx<'_>, _: WriteCx<'_>, draft: Draft<Self::Spec>) -> Result<(), ResourceError> {
        let id = ProviderId(draft.id);
        let pk = match providers::by_id(tx, id)? {
            Some(provider) => provider.pk,
            None => counters::next(tx, "provider")?,
        };
        let flow = |flow: Option<Ref<target::Flow>>| flow.map(|flow| FlowId(flow.id()));
        let common = draft.common;
        let client_id = draft.config.get("client_id").and_then(Value::as_str).map(str::to_owned);
        let provider = Provider {
            id,
            pk,
            kind: S::MODEL.to_owned(),
            name: common.name,
            client_id,
            authentication_flow: flow(common.authentication_flow),
            authorization_flow: flow(common.authorization_flow),
            invalidation_flow: flow(common.invalidation_flow),
            property_mappings: common.property_mappings.iter().map(Ref::id).collect(),
            config: Value::Object(draft.config),
        };
        if draft.exists {
            providers::update(tx, &provider)?;
        } else {
            providers::create(tx, &provider)?;
        }
        Ok(())
    }

    fn delete(&self, tx: &mut Tx<'_>, id: RawId) -> Result<(), ResourceError> {
        providers::delete(tx, ProviderId(id))?;
        Ok(())
    }
}

/// Random letters and digits, each as likely as any other.
pub(crate) fn letters_and_digits(rng: &dyn Rng, length: usize) -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::with_capacity(length);
    let mut bytes = [0_u8; 64];
    while text.len() < length {
        rng.fill(&mut bytes);
        // 248 is the largest multiple of 62 that fits a byte: what is above would favour some letters.
        let fair = bytes.iter().filter(|byte| **byte < 248);
        let letters = fair.filter_map(|byte| ALPHABET.get(usize::from(byte % 62)));
        text.extend(letters.take(length - text.len()).map(|letter| char::from(*letter)));
    }
    text
}
