//! What a user was told of events: his own list, and nobody else's.

use countersign_model::{Notification, NotificationId, Severity, UserId};
use countersign_store::{ListRequest, notifications, testing::samples, users};
use countersign_types::{RawId, Span};

use crate::world::{World, alice};

const HERE: &str = "/if/user/notifications/";

impl World {
    /// Tells a user something; the identifier of it.
    async fn tell(&self, user: UserId, number: u128, body: &str) -> NotificationId {
        let now = self.store.now();
        let notification = Notification {
            id: NotificationId(RawId::from_u128(number)),
            user,
            severity: Severity::Warning,
            body: body.to_owned(),
            hyperlink: Some("/if/user/settings/".to_owned()),
            hyperlink_label: Some("Your settings".to_owned()),
            created: now,
            event: None,
            action: None,
            seen: false,
            expires: now.plus(Span::from_days(1)),
        };
        let id = notification.id;
        self.store
            .write(move |tx| notifications::create(tx, std::slice::from_ref(&notification)))
            .await
            .unwrap();
        id
    }

    async fn told(&self, user: UserId) -> Vec<Notification> {
        let (filter, first) = (Default::default(), ListRequest::first(100));
        self.store.read(move |tx| notifications::browse(tx, user, &filter, &first)).await.unwrap().items
    }
}

#[actix_web::test]
async fn the_bell_counts_what_is_not_seen_and_the_list_marks_it() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let browser = world.signed_in().await;
    let quiet = browser.get("/if/user/").await;
    assert!(quiet.says(HERE) && !quiet.says("unseen\">Notifications:"), "{}", quiet.text());
    assert!(browser.get(HERE).await.says("You have no notifications"));

    world.tell(alice(), 1, "<b>First</b>").await;
    let second = world.tell(alice(), 2, "Second").await;
    assert!(browser.get("/if/user/").await.says("Notifications: 2 unseen"));
    let page = browser.get(HERE).await;
    let text = page.text();
    assert!(text.contains("&#60;b&#62;First") || text.contains("&lt;b&gt;First"), "{text}");
    assert!(text.find("Second").unwrap() < text.find("First").unwrap(), "the latest first");
    assert!(page.says(r#"<a href="/if/user/settings/">Your settings</a>"#));

    let csrf = page.hidden("csrf");
    let marked = browser.post(&format!("{HERE}{second}/seen/"), &[("csrf", &csrf)]).await;
    assert_eq!(marked.location(), format!("{HERE}?done=seen"));
    assert!(browser.get("/if/user/").await.says("Notifications: 1 unseen"));
    browser.post(&format!("{HERE}seen/"), &[("csrf", &csrf)]).await;
    assert!(!browser.get(HERE).await.says("Mark"));
    browser.post(&format!("{HERE}{second}/delete/"), &[("csrf", &csrf)]).await;
    assert_eq!(world.told(alice()).await.len(), 1);
}

#[actix_web::test]
async fn nobody_sees_marks_or_deletes_the_notification_of_another_user() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let other = samples::user(9, "bob", world.store.now());
    let bob = other.id;
    world.store.write(move |tx| users::create(tx, &other)).await.unwrap();
    let id = world.tell(bob, 7, "For Bob alone").await;
    world.tell(alice(), 8, "For Alice").await;
    let browser = world.signed_in().await;

    let page = browser.get(HERE).await;
    assert!(page.says("For Alice") && !page.says("For Bob"));
    let csrf = page.hidden("csrf");
    for address in [format!("{HERE}{id}/seen/"), format!("{HERE}{id}/delete/")] {
        assert_eq!(browser.post(&address, &[("csrf", &csrf)]).await.status, 404, "{address}");
        assert_eq!(browser.post(&address, &[("csrf", "nonsense")]).await.status, 403, "{address}");
    }
    browser.post(&format!("{HERE}seen/"), &[("csrf", &csrf)]).await;
    let told = world.told(bob).await;
    assert_eq!((told.len(), told[0].seen), (1, false));
}
