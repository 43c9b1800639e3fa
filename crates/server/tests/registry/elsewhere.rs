//! Every kind goes to another house: exported and imported where it can be made again from its document, applied
//! from a blueprint of its own where its secrets stay behind.

use std::collections::{BTreeMap, BTreeSet};

use countersign_registry::Verbs;
use countersign_testkit::{Done, Selection, TestApp, on_both_databases};

use crate::{
    Hands,
    samples::{CANARY, Samples},
};

/// What no export holds, since it is nothing without its secret or belongs to this house alone.
const STAYS: &str = "version: 1
metadata: { name: what stays }
entries:
  - model: authentik_core.user
    identifiers: { username: canopy }
    attrs: { attributes: { a: 1 }, email: c@x.test }
  - model: authentik_core.token
    identifiers: { identifier: canopy }
    attrs: { user: !Find [authentik_core.user, [username, canopy]], intent: api }
  - model: authentik_crypto.certificatekeypair
    identifiers: { name: canopy }
  - model: authentik_blueprints.blueprintinstance
    identifiers: { name: canopy }
    attrs: { content: '{version: 1, entries: []}', enabled: false, context: { a: 1 } }
  - model: authentik_stages_invitation.invitation
    identifiers: { name: canopy }
    attrs: { single_use: true, fixed_data: { a: 1 } }
";

/// How many objects of each kind a house has that can be made.
async fn census(app: &TestApp) -> BTreeMap<&'static str, usize> {
    let kinds = app.kinds();
    let read = app.store().read(move |tx| {
        let mut found = BTreeMap::new();
        for resource in kinds.resources().filter(|resource| resource.verbs() == Verbs::All) {
            found.insert(resource.descriptor().model, resource.ids(tx)?.len());
        }
        Ok::<_, countersign_registry::ResourceError>(found)
    });
    read.await.unwrap()
}

on_both_databases! {
    async fn every_kind_is_exported_and_imported_into_a_fresh_database(app: TestApp) {
        let hands = Hands { app, registry: app.kinds() };
        let samples = Samples::gather(&hands).await;
        let writable = || app.registry().resources().filter(|resource| resource.verbs() == Verbs::All);
        for model in writable().map(|resource| resource.descriptor().model) {
            let (mut document, _) = samples.of(model);
            // Stages share their names, as do policies and providers.
            if document.contains_key("name") {
                let name = format!("canopy-of-{}", model.replace('.', "-"));
                document.insert("name".to_owned(), name.into());
            }
            hands.make(model, document).await;
        }
        let exported = app.export(&Selection::Everything).await;
        assert!(!exported.contains(CANARY), "a secret: {exported}");

        let other = app.another().await;
        let made = other.apply(&exported).await;
        let travelled: BTreeSet<&str> = made.entries.iter().map(|entry| entry.entry.model.as_str()).collect();
        let wanted: BTreeSet<&str> =
            writable().filter(|resource| resource.is_exported()).map(|resource| resource.descriptor().model).collect();
        assert_eq!(travelled, wanted);

        // Nothing was lost on the way: what came is what is written, and written again it changes nothing.
        let again = other.apply(&exported).await;
        assert_eq!(again.count(Done::Unchanged), again.entries.len(), "{:?}", again.entries);
        let back = other.export(&Selection::Everything).await;
        let home = app.apply(&back).await;
        assert_eq!(home.count(Done::Unchanged), home.entries.len(), "{:?}", home.entries);
        let (here, there) = (census(app).await, census(&other).await);
        for model in &wanted {
            assert_eq!(here.get(model), there.get(model), "{model}");
        }

        // What stays behind is listed here, and can be made there too.
        let stayed = other.apply(STAYS).await;
        assert_eq!(stayed.count(Done::Created), stayed.entries.len(), "{:?}", stayed.entries);
        let stayed: BTreeSet<&str> = stayed.entries.iter().map(|entry| entry.entry.model.as_str()).collect();
        let stays: BTreeSet<&str> =
            writable().filter(|resource| !resource.is_exported()).map(|resource| resource.descriptor().model).collect();
        assert_eq!(stayed, stays);
        other.verify().await;
    }
}
