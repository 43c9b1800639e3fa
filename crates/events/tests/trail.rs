//! The trail on both databases.
#![expect(clippy::unwrap_used, reason = "tests")]

use countersign_events::{EVENT_RETENTION, EventDraft, Recorder, record};
use countersign_model::{Event, EventAction};
use countersign_store::{StoreError, events, on_both_databases, settings, testing::TestStore};
use countersign_types::{PageRequest, Span};
use serde_json::json;

async fn trail(world: &TestStore) -> Vec<Event> {
    let all = |tx: &mut countersign_store::Tx<'_>| {
        events::list(tx, &events::EventFilter::default(), &PageRequest::first(1_000))
    };
    world.read(all).await.unwrap().items
}

on_both_databases! {
    async fn events_are_kept_as_long_as_the_setting_says(world: TestStore) {
        let draft = EventDraft::new(EventAction::Login, "test").with("password", "canary");
        world
            .write(move |tx| {
                record(tx, draft.clone())?;
                settings::put(tx, EVENT_RETENTION, &json!("days=2"))?;
                record(tx, draft.clone())?;
                settings::put(tx, EVENT_RETENTION, &json!("nonsense"))?;
                record(tx, draft.clone())
            })
            .await
            .unwrap();
        let trail = trail(&world).await;
        let mut kept: Vec<_> = trail.iter().map(|event| event.expires.since(event.created)).collect();
        kept.sort();
        assert_eq!(kept, [Span::from_days(2), Span::from_days(365), Span::from_days(365)]);
        assert!(trail.iter().all(|event| !format!("{event:?}").contains("canary")));
    }

    async fn an_event_goes_with_its_transaction(world: TestStore) {
        let outcome: Result<(), StoreError> = world
            .write(|tx| {
                record(tx, EventDraft::new(EventAction::Login, "test"))?;
                Err(StoreError::Busy)
            })
            .await;
        assert!(outcome.is_err());
        assert!(trail(&world).await.is_empty());
    }

    async fn many_events_share_few_commits(world: TestStore) {
        let recorder = Recorder::new(world.store().clone());
        let before = world.trips().writes;
        let all: Vec<_> = (0..200)
            .map(|number| {
                let recorder = recorder.clone();
                let draft = EventDraft::new(EventAction::AuthorizeApplication, "test").with("number", number);
                tokio::spawn(async move { recorder.record(draft).await })
            })
            .collect();
        for one in all {
            one.await.unwrap().unwrap();
        }
        assert_eq!(trail(&world).await.len(), 200);
        let commits = world.trips().writes - before;
        assert!(commits <= 10, "{commits} commits");
        recorder.record(EventDraft::new(EventAction::Login, "test")).await.unwrap();
        assert_eq!(trail(&world).await.len(), 201, "the next one begins anew");
    }
}
