//! One reading unit that fetches all cold configuration, and the indexes over it.

use std::{collections::HashMap, sync::Arc};

use super::{Snapshot, Table, index};
use crate::{
    StoreError, Tx, applications, blueprint_objects, brands, config_objects, flow_stage_bindings, flows,
    key_pairs, policy_bindings, providers, roles, settings,
};

impl Snapshot {
    pub(super) fn load(tx: &mut Tx<'_>, version: u64) -> Result<Self, StoreError> {
        let mut snapshot = Self {
            version,
            flows: Table::new(flows::all(tx)?, |flow| flow.id),
            applications: Table::new(applications::all(tx)?, |application| application.id),
            providers: Table::new(providers::all(tx)?, |provider| provider.id),
            brands: brands::all(tx)?,
            key_pairs: Table::new(key_pairs::all(tx)?, |pair| pair.id),
            roles: roles::all(tx)?.into_iter().map(Arc::new).collect(),
            blueprints: blueprint_objects::all(tx)?,
            settings: settings::all(tx)?,
            ..Self::default()
        };
        for binding in flow_stage_bindings::all(tx)? {
            snapshot.stage_bindings.entry(binding.target).or_default().push(binding);
        }
        for binding in policy_bindings::all(tx)? {
            snapshot.policy_bindings.entry(binding.target).or_default().push(binding);
        }
        for object in config_objects::all(tx)? {
            snapshot.objects.entry(object.family).or_default().push(object);
        }
        snapshot.index();
        Ok(snapshot)
    }

    fn index(&mut self) {
        self.flows_by_slug = index(&self.flows.rows, |flow| Some(flow.slug.as_str().to_owned()));
        self.applications_by_slug =
            index(&self.applications.rows, |application| Some(application.slug.as_str().to_owned()));
        self.applications_by_provider = index(&self.applications.rows, |application| application.provider);
        self.providers_by_client_id = index(&self.providers.rows, |provider| provider.client_id.clone());
        self.providers_by_pk = index(&self.providers.rows, |provider| Some(provider.pk));
        let mut by_id = HashMap::new();
        let mut by_managed = HashMap::new();
        for (family, objects) in &mut self.objects {
            // The databases may sort by other rules than those by which names are looked up here.
            objects.sort_by(|a, b| a.name.cmp(&b.name));
            for (place, object) in objects.iter().enumerate() {
                by_id.insert(object.id, (*family, place));
                if let Some(managed) = &object.managed {
                    by_managed.insert(managed.clone(), object.id);
                }
            }
        }
        self.objects_by_id = by_id;
        self.objects_by_managed = by_managed;
    }
}
