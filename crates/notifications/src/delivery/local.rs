//! Notifications that are shown in the house.

use countersign_model::{Notification, NotificationId, User};
use countersign_store::{StoreError, Tx, notifications};
use countersign_types::{RawId, Span};
use serde_json::Value;

use super::Note;
use crate::{Notifier, once::id_of, words};

/// How long a notification is kept.
const KEPT: Span = Span::from_days(90);
/// Characters of a link.
const MAX_LINK: usize = 4_096;
/// Characters of its label.
const MAX_LABEL: usize = 200;

/// Writes a notification for each of these users, once for each, by whatever it is that notifies.
pub(super) fn show(
    tx: &mut Tx<'_>,
    notifier: &Notifier,
    note: &Note,
    by: RawId,
    audience: &[User],
) -> Result<(), StoreError> {
    let Note { event, severity, look } = note;
    let (hyperlink, hyperlink_label) = link(event);
    let of = |user: &User| Notification {
        id: NotificationId(id_of(
            event.created,
            &[&event.id.to_string(), &by.to_string(), &user.id.to_string()],
        )),
        user: user.id,
        severity: *severity,
        body: words::body(&notifier.words(Some(user), look), event),
        hyperlink: hyperlink.clone(),
        hyperlink_label: hyperlink_label.clone(),
        created: event.created,
        event: Some(event.id),
        action: Some(event.action),
        seen: false,
        expires: event.created.plus(KEPT),
    };
    let rows: Vec<Notification> = audience.iter().map(of).collect();
    notifications::create(tx, &rows)
}

/// Where an event says that its notification leads. Expressions write that; nothing else than a page is a place.
fn link(event: &countersign_model::Event) -> (Option<String>, Option<String>) {
    let text = |name: &str| event.context.get(name).and_then(Value::as_str);
    let is_page = |link: &&str| {
        let is_ours = link.starts_with('/') && !link.starts_with("//") && !link.starts_with("/\\");
        link.len() <= MAX_LINK
            && !link.chars().any(char::is_control)
            && (is_ours || link.starts_with("https://") || link.starts_with("http://"))
    };
    let Some(link) = text("hyperlink").filter(is_page) else { return (None, None) };
    let label = text("hyperlink_label").map(|label| label.chars().take(MAX_LABEL).collect());
    (Some(link.to_owned()), label)
}
