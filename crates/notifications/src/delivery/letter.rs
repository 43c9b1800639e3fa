//! Notifications by mail.

use countersign_i18n::{Localizer, UtcOffset};
use countersign_mail::{Letter, Person};
use countersign_model::{Event, User};
use countersign_store::Snapshot;
use countersign_tasks::JobError;
use countersign_types::{JsonObject, Text};
use serde_json::{Value, json};

use super::Note;
use crate::{NotificationTransport, Notifier, notifier::sees_events, words};

impl Notifier {
    /// The letter to one of those who are notified.
    pub(super) async fn letter(
        &self,
        snapshot: &Snapshot,
        spec: &NotificationTransport,
        note: &Note,
        user: &User,
    ) -> Result<Letter, JobError> {
        let Note { event, severity, look } = note;
        let words = self.words(Some(user), look);
        let subject = words.t_args(
            "notification-subject",
            &[
                ("severity", words::severity(&words, *severity).into()),
                ("what", words::what(&words, event).into()),
            ],
        );
        let facts = facts(&words, event);
        let values: JsonObject =
            facts.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        let to = Person::of(user).or_reading(look.language.as_deref());
        let mut letter = Letter::from_template(spec.email_template.as_str(), to, look.clone())
            .titled(Text::literal(subject))
            .quietly()
            .with("body", words::body(&words, event))
            .with("facts", json!(facts))
            .with("key_value", values);
        letter.prefix.clone_from(&spec.email_subject_prefix);
        let subject = self.store().subject(user.id).await?;
        if !look.home.is_empty() && subject.is_some_and(|subject| sees_events(snapshot, subject)) {
            letter = letter.with("url", format!("{}/if/admin/events/log/{}/", look.home, event.id));
        }
        Ok(letter)
    }
}

/// What a letter says beside what happened.
fn facts(words: &Localizer, event: &Event) -> Vec<(String, String)> {
    let user = event.user.as_ref().map(|user| user.username.clone());
    [
        ("notification-fact-user", user),
        ("notification-fact-address", event.client_ip.clone()),
        ("notification-fact-when", Some(words.date_time(event.created, UtcOffset::UTC))),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((words.t(key), value?)))
    .collect()
}
