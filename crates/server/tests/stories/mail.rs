//! Letters: written with what causes them, delivered at least once, given up with a word.

use countersign_mail::{Letter, Look, Person, Topic};
use countersign_model::{EventAction, Job, JobState};
use countersign_store::{
    StoreError,
    events::{self, EventFilter},
    jobs::{self, JobFilter},
};
use countersign_testkit::{Backend, TestApp, on_both_databases};
use countersign_types::{PageRequest, Span, Text};

/// What only the reader of a letter may see.
const LINK: &str = "https://id.example.com/if/flow/recovery/?flow_token=canary-of-a-link-that-opens-doors";

fn letter(to: &str) -> Letter {
    Letter::about(Topic::PasswordReset, Person::at(to), Look::default()).with("url", LINK)
}

async fn post(app: &TestApp, letter: Letter) {
    let outbox = app.outbox().clone();
    let posted = app.store().write(move |tx| outbox.post(tx, &letter)).await.unwrap();
    assert!(posted.is_some());
}

async fn queue(app: &TestApp) -> Vec<Job> {
    let filter = JobFilter { state: None, kind: Some("mail".to_owned()) };
    app.store().read(move |tx| jobs::list(tx, &filter, 0, 50)).await.unwrap()
}

/// Waits until the first letter of the queue stands so.
async fn until(app: &TestApp, is_so: impl Fn(&Job) -> bool) -> Job {
    for _ in 0..600 {
        if let Some(job) = queue(app).await.into_iter().find(|job| is_so(job)) {
            return job;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("waited in vain: {:?}", queue(app).await);
}

async fn said(app: &TestApp, action: EventAction) -> Vec<String> {
    let filter = EventFilter { actions: vec![action], ..EventFilter::default() };
    let page = app.store().read(move |tx| events::list(tx, &filter, &PageRequest::first(50))).await.unwrap();
    page.items.into_iter().map(|event| serde_json::to_string(&event.context).unwrap()).collect()
}

on_both_databases! {
    async fn a_letter_is_sent_when_what_causes_it_is_committed(app: TestApp) {
        let outbox = app.outbox().clone();
        let undone: Result<(), StoreError> = app.store().write(move |tx| {
            outbox.post(tx, &letter("never@example.com"))?;
            Err(StoreError::Busy)
        }).await;
        assert!(undone.is_err());
        post(app, letter("ada@example.com")).await;
        let received = app.mail.to("ada@example.com").await;
        assert_eq!((received.from.as_str(), received.subject.as_str()), ("id@example.com", "Reset your password"));
        assert_eq!(received.link(), LINK);
        assert!(received.html.contains("href"));
        assert!(app.mail.letters().is_empty());
        until(app, |job| job.state == JobState::Done).await;
        assert_eq!(said(app, EventAction::EmailSent).await.len(), 1);
    }

    async fn no_secret_of_a_letter_stands_in_queue_or_trail(app: TestApp) {
        app.plant("canary-of-a-link-that-opens-doors");
        post(app, letter("ada@example.com")).await;
        app.mail.to("ada@example.com").await;
        let job = until(app, |job| job.state == JobState::Done).await;
        assert!(!job.payload.to_string().contains("canary"), "{}", job.payload);
        for text in said(app, EventAction::EmailSent).await {
            assert!(text.contains("ada@example.com") && !text.contains("canary"), "{text}");
        }
    }

    async fn a_letter_waits_for_a_mail_server_that_is_away(app: TestApp) {
        app.mail.close();
        post(app, letter("ada@example.com")).await;
        let waiting = until(app, |job| job.last_error.is_some()).await;
        assert_eq!(waiting.state, JobState::Queued);
        app.mail.reopen().await;
        app.advance(Span::from_mins(1));
        let received = app.mail.to("ada@example.com").await;
        assert!(received.id.starts_with(&waiting.id.to_string()), "{}", received.id);
        until(app, |job| job.state == JobState::Done && job.attempts > 1).await;
    }

    async fn a_letter_that_is_out_of_date_is_not_sent(app: TestApp) {
        app.mail.close();
        let now = app.store().now();
        post(app, letter("ada@example.com").until(now.plus(Span::from_mins(30)))).await;
        let waiting = until(app, |job| job.last_error.is_some()).await;
        app.mail.reopen().await;
        app.advance(Span::from_hours(1));
        let dead = until(app, |job| job.state == JobState::Dead).await;
        assert_eq!(dead.id, waiting.id);
        assert!(app.mail.letters().is_empty());
        app.clear_dead_jobs().await;
    }

    async fn a_refused_recipient_is_given_up_at_once_and_the_trail_says_so(app: TestApp) {
        app.mail.refuse("nobody@example.com");
        post(app, letter("nobody@example.com")).await;
        let dead = until(app, |job| job.state == JobState::Dead).await;
        assert_eq!(dead.attempts, 1);
        let told = said(app, EventAction::SystemTaskException).await;
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("nobody@example.com") && told[0].contains("550"), "{told:?}");
        assert!(!told[0].contains("canary"), "{told:?}");
        app.clear_dead_jobs().await;
    }

    async fn a_file_of_an_administrator_takes_the_place_of_a_template(app: TestApp) {
        let folder = app.config().data_dir.join("templates/email");
        std::fs::create_dir_all(&folder).unwrap();
        let theirs = "{% extends \"email/base.html\" %}{% load i18n humanize %}{% block content %}\
            {% blocktranslate with who=user.username|default:\"you\" %}Hi {{ who }}{% endblocktranslate %} \
            <a href=\"{{ url }}\">{% translate 'Reset Password' %}</a>{% endblock %}";
        std::fs::write(folder.join("password_reset.html"), theirs).unwrap();
        let person = Person { username: "<ada>".to_owned(), ..Person::at("ada@example.com") };
        let own = Letter { to: person, ..letter("ada@example.com") };
        post(app, own.clone()).await;
        let received = app.mail.to("ada@example.com").await;
        assert!(received.html.contains("Hi &lt;ada&gt;") && received.html.contains("Reset Password"), "{}", received.html);
        // What is changed holds from the next letter on; a template that is broken is waited for.
        std::fs::write(folder.join("password_reset.html"), "{% if %}").unwrap();
        post(app, own).await;
        let broken = until(app, |job| job.last_error.is_some()).await;
        assert!(broken.last_error.unwrap().contains("password_reset.html"));
        std::fs::remove_file(folder.join("password_reset.html")).unwrap();
        app.advance(Span::from_mins(1));
        app.mail.to("ada@example.com").await;
    }

    async fn header_injection_adds_no_recipient(app: TestApp) {
        let evil = "Ada\r\nBcc: victim@example.org\r\n\r\nHello";
        let person = Person { name: evil.to_owned(), ..Person::at("ada@example.com") };
        let sent = Letter { to: person, ..letter("ada@example.com") }.titled(Text::literal(evil));
        post(app, sent).await;
        let received = app.mail.to("ada@example.com").await;
        assert_eq!(received.to, ["ada@example.com"]);
        let (head, _) = received.raw.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc")), "{head}");
        let outbox = app.outbox().clone();
        let to = "ada@example.com\r\nBcc: victim@example.org";
        let refused = app.store().write(move |tx| outbox.post(tx, &letter(to))).await.unwrap();
        assert!(refused.is_none());
    }

    async fn a_letter_is_in_the_language_of_its_reader(app: TestApp) {
        let person = Person { language: Some("ko".to_owned()), ..Person::at("ada@example.com") };
        post(app, Letter { to: person, ..letter("ada@example.com") }).await;
        assert_eq!(app.mail.to("ada@example.com").await.subject, "비밀번호 재설정");
    }
}

#[tokio::test]
async fn without_a_mail_server_a_letter_waits_and_says_why() {
    let app = TestApp::start_with(Backend::Sqlite, |config| config.email.host = None).await.unwrap();
    app.finish_setup().await;
    post(&app, letter("ada@example.com")).await;
    let waiting = until(&app, |job| job.last_error.is_some()).await;
    assert!(waiting.last_error.unwrap().contains("email.host"));
    app.verify().await;
}
