//! All cold configuration in memory: loaded by one reading unit, shared until somebody changes it.

mod cache;
mod load;

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::Arc,
};

use countersign_model::{
    Application, ApplicationId, BlueprintInstanceId, Brand, CertificateKeyPair, ConfigObject, ConfigObjectId,
    Family, Flow, FlowId, FlowStageBinding, KeyPairId, PolicyBinding, Provider, ProviderId, Role, RoleId,
};
use countersign_types::RawId;
use dashmap::DashMap;
use serde_json::Value;
use uuid::Uuid;

pub(crate) use cache::{SnapshotCache, request};

/// Cold configuration as it was at one moment. Look-ups are by hash; lists are in the order people expect.
#[derive(Default)]
pub struct Snapshot {
    version: u64,
    flows: Table<FlowId, Flow>,
    flows_by_slug: HashMap<String, usize>,
    stage_bindings: HashMap<FlowId, Vec<FlowStageBinding>>,
    policy_bindings: HashMap<RawId, Vec<PolicyBinding>>,
    objects: HashMap<Family, Vec<ConfigObject>>,
    objects_by_id: HashMap<ConfigObjectId, (Family, usize)>,
    objects_by_managed: HashMap<String, ConfigObjectId>,
    applications: Table<ApplicationId, Application>,
    applications_by_slug: HashMap<String, usize>,
    applications_by_provider: HashMap<ProviderId, usize>,
    providers: Table<ProviderId, Provider>,
    providers_by_client_id: HashMap<String, usize>,
    providers_by_pk: HashMap<i64, usize>,
    brands: Vec<Brand>,
    key_pairs: Table<KeyPairId, CertificateKeyPair>,
    roles: Vec<Arc<Role>>,
    blueprints: HashMap<RawId, BlueprintInstanceId>,
    settings: HashMap<String, Value>,
    memos: DashMap<(TypeId, RawId), Arc<dyn Any + Send + Sync>>,
}

/// Rows in order, with an index by identifier.
struct Table<K, V> {
    rows: Vec<V>,
    by_id: HashMap<K, usize>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: Vec::new(), by_id: HashMap::new() }
    }
}

impl<K: std::hash::Hash + Eq, V> Table<K, V> {
    fn new(rows: Vec<V>, id: impl Fn(&V) -> K) -> Self {
        let by_id = index(&rows, |row| Some(id(row)));
        Self { rows, by_id }
    }

    fn get(&self, id: &K) -> Option<&V> {
        self.by_id.get(id).and_then(|place| self.rows.get(*place))
    }
}

fn index<K: std::hash::Hash + Eq, V>(rows: &[V], key: impl Fn(&V) -> Option<K>) -> HashMap<K, usize> {
    rows.iter().enumerate().filter_map(|(place, row)| key(row).map(|key| (key, place))).collect()
}

impl Snapshot {
    /// Grows with every change that this process hears of; another snapshot of the same version is the same.
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// A flow.
    pub fn flow(&self, id: FlowId) -> Option<&Flow> {
        self.flows.get(&id)
    }

    /// A flow by its name in the URL.
    pub fn flow_by_slug(&self, slug: &str) -> Option<&Flow> {
        self.flows_by_slug.get(slug).and_then(|place| self.flows.rows.get(*place))
    }

    /// All flows, by slug.
    pub fn flows(&self) -> &[Flow] {
        &self.flows.rows
    }

    /// The stages of a flow, in order.
    pub fn stage_bindings(&self, flow: FlowId) -> &[FlowStageBinding] {
        self.stage_bindings.get(&flow).map_or(&[], Vec::as_slice)
    }

    /// What guards an object, in order, disabled bindings included.
    pub fn policy_bindings(&self, target: RawId) -> &[PolicyBinding] {
        self.policy_bindings.get(&target).map_or(&[], Vec::as_slice)
    }

    /// A cold configuration object.
    pub fn object(&self, id: ConfigObjectId) -> Option<&ConfigObject> {
        let (family, place) = self.objects_by_id.get(&id)?;
        self.objects(*family).get(*place)
    }

    /// A cold configuration object by its name in its family.
    pub fn object_by_name(&self, family: Family, name: &str) -> Option<&ConfigObject> {
        let objects = self.objects(family);
        objects
            .binary_search_by(|object| object.name.as_str().cmp(name))
            .ok()
            .and_then(|place| objects.get(place))
    }

    /// All objects of a family, by name.
    pub fn objects(&self, family: Family) -> &[ConfigObject] {
        self.objects.get(&family).map_or(&[], Vec::as_slice)
    }

    /// A cold configuration object by the mark that Countersign keeps it under.
    pub fn managed(&self, managed: &str) -> Option<&ConfigObject> {
        self.objects_by_managed.get(managed).and_then(|id| self.object(*id))
    }

    /// An application.
    pub fn application(&self, id: ApplicationId) -> Option<&Application> {
        self.applications.get(&id)
    }

    /// An application by its name in the URL.
    pub fn application_by_slug(&self, slug: &str) -> Option<&Application> {
        self.applications_by_slug.get(slug).and_then(|place| self.applications.rows.get(*place))
    }

    /// The application that a provider signs people in to.
    pub fn application_of_provider(&self, provider: ProviderId) -> Option<&Application> {
        self.applications_by_provider.get(&provider).and_then(|place| self.applications.rows.get(*place))
    }

    /// All applications, by name.
    pub fn applications(&self) -> &[Application] {
        &self.applications.rows
    }

    /// A provider.
    pub fn provider(&self, id: ProviderId) -> Option<&Provider> {
        self.providers.get(&id)
    }

    /// A provider by its OAuth client identifier.
    pub fn provider_by_client_id(&self, client_id: &str) -> Option<&Provider> {
        self.providers_by_client_id.get(client_id).and_then(|place| self.providers.rows.get(*place))
    }

    /// A provider by its integer key.
    pub fn provider_by_pk(&self, pk: i64) -> Option<&Provider> {
        self.providers_by_pk.get(&pk).and_then(|place| self.providers.rows.get(*place))
    }

    /// All providers, by name.
    pub fn providers(&self) -> &[Provider] {
        &self.providers.rows
    }

    /// How a host looks: the brand with the longest domain that the host is or ends in (at a label), else the
    /// default brand. A port is ignored.
    pub fn brand_for(&self, host: &str) -> Option<&Brand> {
        let host = without_port(host).trim_end_matches('.').to_ascii_lowercase();
        self.brands
            .iter()
            .filter(|brand| is_within(&host, &brand.domain))
            .max_by_key(|brand| brand.domain.len())
            .or_else(|| self.brands.iter().find(|brand| brand.default))
    }

    /// All brands, by domain.
    pub fn brands(&self) -> &[Brand] {
        &self.brands
    }

    /// A key pair.
    pub fn key_pair(&self, id: KeyPairId) -> Option<&CertificateKeyPair> {
        self.key_pairs.get(&id)
    }

    /// All key pairs, by name.
    pub fn key_pairs(&self) -> &[CertificateKeyPair] {
        &self.key_pairs.rows
    }

    /// A role.
    pub fn role(&self, id: RoleId) -> Option<&Arc<Role>> {
        self.roles.iter().find(|role| role.id == id)
    }

    /// All roles, by name.
    pub fn roles(&self) -> &[Arc<Role>] {
        &self.roles
    }

    /// The blueprint that an object came from, of those that are kept applied from a file or a text.
    pub fn blueprint_of(&self, object: RawId) -> Option<BlueprintInstanceId> {
        self.blueprints.get(&object).copied()
    }

    /// A setting.
    pub fn settings(&self, key: &str) -> Option<&Value> {
        self.settings.get(key)
    }

    /// Names this installation; made when its tables were.
    pub fn install_id(&self) -> RawId {
        self.settings(crate::settings::INSTALL_ID)
            .and_then(Value::as_str)
            .and_then(|text| text.parse().ok())
            .unwrap_or(Uuid::nil())
    }

    /// The compiled form of an object, made at first use and kept as long as the snapshot lives. Two who ask
    /// at once may both build; one result is kept. A failure is not kept.
    pub fn memo<T: Send + Sync + 'static, E>(
        &self,
        key: RawId,
        build: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let key = (TypeId::of::<T>(), key);
        let kept = self.memos.get(&key).map(|memo| Arc::clone(&memo));
        if let Some(Ok(kept)) = kept.map(Arc::downcast::<T>) {
            return Ok(kept);
        }
        let built = Arc::new(build()?);
        self.memos.insert(key, Arc::<T>::clone(&built));
        Ok(built)
    }
}

fn without_port(host: &str) -> &str {
    // `[::1]:9000` and `::1` have colons of their own.
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.contains(':') => name,
        _ => host,
    }
}

fn is_within(host: &str, domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    !domain.is_empty()
        && host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_matched_at_a_label() {
        assert!(is_within("sso.example.org", "example.org"));
        assert!(is_within("example.org", "Example.org"));
        assert!(!is_within("notexample.org", "example.org"));
        assert!(!is_within("example.org", ""));
    }

    #[test]
    fn a_port_does_not_matter() {
        assert_eq!(without_port("localhost:9000"), "localhost");
        assert_eq!(without_port("[::1]:9000"), "[::1]:9000");
        assert_eq!(without_port("localhost"), "localhost");
    }

    #[test]
    fn what_was_compiled_is_kept_by_type_and_object() {
        let snapshot = Snapshot::default();
        let one = snapshot.memo::<String, ()>(Uuid::nil(), || Ok("compiled".to_owned())).unwrap();
        let two = snapshot.memo::<String, ()>(Uuid::nil(), || Err(())).unwrap();
        assert!(Arc::ptr_eq(&one, &two));
        assert_eq!(snapshot.memo::<u8, &str>(Uuid::nil(), || Err("not built")), Err("not built"));
    }
}
