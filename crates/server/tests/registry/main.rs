//! Every kind that the server has is made from a sample, listed, shown, changed, put back, exported, refused
//! without permission and deleted. Planted secrets appear in no document, list, revision, event or export.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod authentik;
mod elsewhere;
mod expressions;
mod pages;
mod samples;
mod schema;

use std::sync::Arc;

use countersign_registry::{
    Actor, AnyResource, ListQuery, Permission, Prepared, Registry, ResourceError, Rights, Verbs, Viewed,
    WriteCx, Written,
};
use countersign_store::{Tx, events, roles};
use countersign_testkit::{TestApp, on_both_databases};
use countersign_types::{JsonObject, PageRequest, RawId};
use serde_json::Value;

use crate::samples::{CANARY, Samples};

/// The house, as Countersign itself or somebody works on its objects.
struct Hands<'a> {
    app: &'a TestApp,
    registry: Arc<Registry>,
}

impl Hands<'_> {
    async fn act<T: Send + 'static>(
        &self,
        actor: Actor,
        work: impl Fn(&mut Tx<'_>, WriteCx<'_>) -> Result<T, ResourceError> + Send + 'static,
    ) -> Result<T, ResourceError> {
        let (registry, prepared) = (Arc::clone(&self.registry), Prepared::default());
        self.app.store().write(move |tx| work(tx, registry.cx(&actor, None, &prepared))).await
    }

    async fn make(&self, model: &'static str, document: JsonObject) -> Written {
        let made = self.act(Actor::System, move |tx, cx| cx.registry.create(tx, cx, model, &document)).await;
        made.unwrap_or_else(|error| panic!("{model}: {error}"))
    }

    async fn view(&self, model: &'static str, id: RawId) -> Viewed {
        let seen =
            self.act(Actor::System, move |tx, cx| cx.registry.get(model)?.view(tx, cx.reading(), id)).await;
        seen.unwrap().unwrap_or_else(|| panic!("{model} is not there"))
    }
}

/// Every read-only attribute that the schema promises is there, and nothing else.
fn keeps_its_promise(resource: &dyn AnyResource, seen: &Viewed) {
    let properties = resource.computed()["properties"].as_object().cloned().unwrap_or_default();
    let model = seen.model;
    for name in resource.computed()["required"].as_array().into_iter().flatten() {
        assert!(seen.computed.contains_key(name.as_str().unwrap()), "{model} has no {name}");
    }
    for name in seen.computed.keys() {
        assert!(properties.contains_key(name), "{model} shows {name}, which its schema does not know");
    }
}

on_both_databases! {
    async fn every_kind_lives_its_life(app: TestApp) {
        let hands = Hands { app, registry: app.kinds() };
        let samples = Samples::gather(&hands).await;
        let nobody = samples.nobody(app).await;
        let mut seen_everywhere = Vec::new();
        let writable = hands.registry.resources().filter(|resource| resource.verbs() == Verbs::All);
        for model in writable.map(|resource| resource.descriptor().model).collect::<Vec<_>>() {
            let resource = hands.registry.get(model).unwrap();
            let (document, patch) = samples.of(model);

            // Made, and shown with what is promised.
            let made = hands.make(model, document.clone()).await.id;
            let seen = hands.view(model, made).await;
            keeps_its_promise(resource, &seen);
            for field in resource.descriptor().secrets() {
                assert!(!seen.document.contains_key(&field.path.to_string()), "{model} shows {}", field.path);
            }
            seen_everywhere.push(format!("{seen:?}"));

            // Found by its address, and in the list.
            let (key, query) = (seen.key.clone(), ListQuery { count: true, computed: true, ..ListQuery::first(500) });
            let (found, page) = hands
                .act(Actor::System, move |tx, cx| {
                    let resource = cx.registry.get(model)?;
                    Ok((resource.resolve(tx, &key)?, resource.list(tx, cx.reading(), &query)?))
                })
                .await
                .unwrap();
            assert_eq!(found, Some(made), "{model}");
            let listed = page.items.iter().find(|item| item.id == made);
            assert_eq!(listed.map(|item| &item.version), Some(&seen.version), "{model}");
            seen_everywhere.push(format!("{page:?}"));

            // What was read can be written back, and changes nothing.
            let back = seen.document.clone();
            let same = hands
                .act(Actor::System, move |tx, cx| cx.registry.get(model)?.update(tx, cx, made, &back))
                .await
                .unwrap_or_else(|error| panic!("{model}: {error}"));
            assert!(!same.changed, "{model} is not what it says");

            // Changed against its version, and put back.
            app.advance(countersign_types::Span::from_secs(1));
            let (version, change) = (seen.version.clone(), patch.clone());
            hands
                .act(Actor::System, move |tx, cx| {
                    cx.registry.get(model)?.update(tx, cx.expecting(Some(&version)), made, &change)
                })
                .await
                .unwrap_or_else(|error| panic!("{model}: {error}"));
            let changed = hands.view(model, made).await;
            assert_ne!(changed.version, seen.version, "{model}");
            app.advance(countersign_types::Span::from_secs(1));
            let revisions = hands
                .act(Actor::System, move |tx, cx| {
                    let resource = cx.registry.get(model)?;
                    let found = resource.revisions(tx, cx.reading(), made, &PageRequest::first(10))?;
                    let first = found.items.last().map(|revision| revision.id).ok_or(ResourceError::NotFound)?;
                    resource.revert(tx, cx, made, first)?;
                    Ok(found.items)
                })
                .await
                .unwrap_or_else(|error| panic!("{model}: {error}"));
            assert_eq!(revisions.len(), 2, "{model}");
            assert_eq!(hands.view(model, made).await.document, seen.document, "{model} is put back");
            seen_everywhere.push(format!("{revisions:?}"));

            // Nobody without permission sees, makes, changes or deletes it.
            let (new, change) = (document, patch);
            let (sees, lists, makes, changes, deletes) = hands
                .act(nobody.clone(), move |tx, cx| {
                    let resource = cx.registry.get(model)?;
                    Ok((
                        resource.view(tx, cx.reading(), made)?.is_some(),
                        resource.list(tx, cx.reading(), &ListQuery::first(5))?.items.len(),
                        resource.create(tx, cx, &new).err(),
                        resource.update(tx, cx, made, &change).err(),
                        resource.delete(tx, cx, made).err(),
                    ))
                })
                .await
                .unwrap();
            assert!(!sees && lists == 0, "{model}");
            assert!(matches!(makes, Some(ResourceError::Denied)), "{model}: {makes:?}");
            for outcome in [changes, deletes] {
                assert!(matches!(outcome, Some(ResourceError::NotFound)), "{model}: {outcome:?}");
            }

            hands
                .act(Actor::System, move |tx, cx| cx.registry.get(model)?.delete(tx, cx.opening(true), made))
                .await
                .unwrap_or_else(|error| panic!("{model}: {error}"));
        }
        let trail = app.store().read(|tx| events::list(tx, &events::EventFilter::default(), &PageRequest::first(1000)));
        seen_everywhere.push(format!("{:?}", trail.await.unwrap().items));
        for text in seen_everywhere {
            assert!(!text.contains(CANARY), "a secret: {text}");
        }
    }

    async fn what_comes_about_otherwise_is_not_made_here(app: TestApp) {
        let hands = Hands { app, registry: app.kinds() };
        let samples = Samples::gather(&hands).await;
        app.admin().await;
        let nobody = samples.nobody(app).await;
        let others = hands.registry.resources().filter(|resource| resource.verbs() != Verbs::All);
        for model in others.map(|resource| resource.descriptor().model).collect::<Vec<_>>() {
            let (made, list) = hands
                .act(Actor::System, move |tx, cx| {
                    let resource = cx.registry.get(model)?;
                    let query = ListQuery { count: true, computed: true, ..ListQuery::first(5) };
                    Ok((resource.create(tx, cx, &JsonObject::new()).err(), resource.list(tx, cx.reading(), &query)?))
                })
                .await
                .unwrap();
            assert!(matches!(made, Some(ResourceError::ReadOnly)), "{model}: {made:?}");
            for seen in &list.items {
                keeps_its_promise(hands.registry.get(model).unwrap(), seen);
            }
            if model == "authentik_events.event" || model == "authentik_core.authenticatedsession" {
                assert!(!list.items.is_empty(), "{model}");
            }
            let hidden = hands
                .act(nobody.clone(), move |tx, cx| cx.registry.get(model)?.list(tx, cx.reading(), &ListQuery::first(5)))
                .await
                .unwrap();
            assert!(hidden.items.is_empty(), "{model}");
        }
    }

    async fn the_read_only_role_sees_every_kind_and_changes_none(app: TestApp) {
        let role = app.store().read(|tx| roles::by_managed(tx, "goauthentik.io/rbac/read-only")).await.unwrap().unwrap();
        let rights = Rights::of_roles(false, [&role]);
        for resource in app.kinds().resources() {
            let model = resource.descriptor().model;
            assert!(rights.allow(&Permission::view(model), None), "{model}");
            for permission in [Permission::add(model), Permission::change(model), Permission::delete(model)] {
                assert!(!rights.allow(&permission, None), "{permission}");
            }
        }
    }

    async fn every_field_says_what_it_is_for(app: TestApp) {
        for resource in app.kinds().resources() {
            let descriptor = resource.descriptor();
            assert!(!descriptor.verbose_name_plural.is_empty() && !descriptor.api_path.is_empty());
            for field in &descriptor.fields {
                assert!(!field.doc.is_empty(), "{} has no help for {}", descriptor.model, field.path);
                assert!(!field.label.is_empty(), "{} has no label for {}", descriptor.model, field.path);
            }
        }
        let paths: Vec<_> = app.kinds().resources().map(|one| one.descriptor().api_path.clone()).collect();
        let mut unique = paths.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), paths.len(), "two kinds at one place: {paths:?}");
    }
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        other => panic!("not an object: {other}"),
    }
}
