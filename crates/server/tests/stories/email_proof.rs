//! Sign-in by a link or a code in a letter, and those who would make use of somebody else's.

use countersign_model::EventAction;
use countersign_store::{events, events::EventFilter};
use countersign_testkit::{Page, Person, TestApp, on_both_databases};
use countersign_types::{PageRequest, Span};
use serde_json::{Value, json};

use crate::inbox::{is_of_stage, is_signed_in, letter, letters_so_far, settle, without_traces};

/// Flows that sign in by a link alone, by a code alone, by either, and by a link that is bound to no browser.
const FLOWS: &str = "
version: 1
metadata: { name: flows by proof }
entries:
  - model: authentik_stages_identification.identificationstage
    id: who
    identifiers: { name: proof-who }
    attrs: { user_fields: [email, username], pretend_user_exists: true }
  - model: authentik_stages_user_login.userloginstage
    id: login
    identifiers: { name: proof-login }
  - model: authentik_flows.flow
    id: link
    identifiers: { slug: by-link }
    attrs: { name: Link, title: Link, designation: authentication }
  - model: countersign_stages_email_proof.emailproofstage
    id: link-proof
    identifiers: { name: proof-link }
    attrs: { letter: link }
  - model: authentik_flows.flow
    id: code
    identifiers: { slug: by-code }
    attrs: { name: Code, title: Code, designation: authentication }
  - model: countersign_stages_email_proof.emailproofstage
    id: code-proof
    identifiers: { name: proof-code }
    attrs: { letter: code, code_length: 8, max_attempts: 3 }
  - model: authentik_flows.flow
    id: both
    identifiers: { slug: by-both }
    attrs: { name: Both, title: Both, designation: authentication }
  - model: countersign_stages_email_proof.emailproofstage
    id: both-proof
    identifiers: { name: proof-both }
    attrs: { letter: link_and_code }
  - model: authentik_flows.flow
    id: free
    identifiers: { slug: by-free-link }
    attrs: { name: Free, title: Free, designation: authentication }
  - model: countersign_stages_email_proof.emailproofstage
    id: free-proof
    identifiers: { name: proof-free }
    attrs: { letter: link, bind_to_browser: false }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf link, stage: !KeyOf who, order: 10 }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf link, stage: !KeyOf link-proof, order: 20 }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf link, stage: !KeyOf login, order: 30 }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf code, stage: !KeyOf who, order: 10 }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf code, stage: !KeyOf code-proof, order: 20 }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf code, stage: !KeyOf login, order: 30 }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf both, stage: !KeyOf who, order: 10 }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf both, stage: !KeyOf both-proof, order: 20 }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf both, stage: !KeyOf login, order: 30 }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf free, stage: !KeyOf who, order: 10 }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf free, stage: !KeyOf free-proof, order: 20 }
  - model: authentik_flows.flowstagebinding
    identifiers: { target: !KeyOf free, stage: !KeyOf login, order: 30 }
";

/// Says a name at a flow; the page that waits for the letter.
async fn ask(person: &Person, flow: &str, name: &str) -> Page {
    let asked = person.visit(&format!("/if/flow/{flow}/")).await;
    let page = person.answer(&asked, &[("uid_field", name)]).await;
    assert!(page.body.contains("Look into your inbox"), "{} {}", page.status, page.body);
    page
}

/// To whom stages wrote that nobody has read yet.
fn unread(app: &TestApp) -> Vec<String> {
    app.mail.letters().into_iter().filter(is_of_stage).flat_map(|letter| letter.to).collect()
}

/// Another code of as many digits.
fn another(code: &str) -> String {
    let first = if code.starts_with('9') { '1' } else { '9' };
    format!("{first}{}", &code[1..])
}

/// The code that a page shows.
fn shown_code(page: &Page) -> String {
    let field = regex::Regex::new(r">\s*(\d{6,8})\s*<").unwrap();
    field.captures(&page.body).unwrap_or_else(|| panic!("no code in {}", page.body))[1].to_owned()
}

async fn failures(app: &TestApp) -> usize {
    let filter = EventFilter { actions: vec![EventAction::LoginFailed], ..EventFilter::default() };
    app.store().read(move |tx| events::list(tx, &filter, &PageRequest::first(500))).await.unwrap().items.len()
}

on_both_databases! {
    async fn a_link_signs_in_where_it_was_asked_for(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        let ada = app.anonymous();
        ask(&ada, "by-link", "ada").await;
        let received = letter(app, "ada").await;
        assert_eq!(received.subject, "Your link to sign in to Countersign");
        assert!(!received.text.lines().any(|line| line.len() >= 6 && line.bytes().all(|byte| byte.is_ascii_digit())));
        let asked = ada.visit(received.link()).await;
        assert!(asked.body.contains("Go on?") && !is_signed_in(&ada).await, "{}", asked.body);
        let page = ada.answer(&asked, &[]).await;
        assert_eq!(page.path(), "/if/user/", "{} {}", page.status, page.body);
        assert!(is_signed_in(&ada).await);
    }

    async fn a_code_signs_in_where_it_was_asked_for(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        let ada = app.anonymous();
        let page = ask(&ada, "by-code", "ada@example.com").await;
        assert!(page.body.contains("autocomplete=\"one-time-code\"") && page.body.contains("inputmode=\"numeric\""), "{}", page.body);
        let received = letter(app, "ada").await;
        assert!(!received.text.contains("flow_token") && !received.html.contains("flow_token"));
        let code = received.code();
        assert_eq!(code.len(), 8);
        let spaced = format!(" {} {} ", &code[..4], &code[4..]);
        let page = ada.answer(&page, &[("code", &spaced)]).await;
        assert_eq!(page.path(), "/if/user/", "{} {}", page.status, page.body);
        assert!(is_signed_in(&ada).await);
    }

    async fn a_link_that_is_opened_where_the_mail_is_read_shows_a_code_for_where_it_was_asked_for(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        let (desk, phone) = (app.anonymous(), app.anonymous());
        let waiting = ask(&desk, "by-link", "ada").await;
        let received = letter(app, "ada").await;
        let page = phone.visit(received.link()).await;
        let code = shown_code(&page);
        assert!(page.body.contains("Go on where you began"), "{}", page.body);
        let signed_in = desk.answer(&waiting, &[("code", &code)]).await;
        assert_eq!(signed_in.path(), "/if/user/", "{} {}", signed_in.status, signed_in.body);
        assert!(is_signed_in(&desk).await && !is_signed_in(&phone).await);
        assert_eq!(phone.visit(received.link()).await.status, 403);
    }

    async fn a_stolen_link_signs_nobody_in_in_another_browser(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        let (ada, thief) = (app.anonymous(), app.anonymous());
        ask(&ada, "by-both", "ada").await;
        let received = letter(app, "ada").await;
        let page = thief.visit(received.link()).await;
        let code = shown_code(&page);
        assert_eq!(code, received.code());
        for fields in [&[][..], &[("code", code.as_str())], &[("token", "guess")], &[("resend", "true")]] {
            let again = thief.answer(&page, fields).await;
            assert!(again.body.contains("Go on where you began"), "{} {}", again.status, again.body);
        }
        assert!(!is_signed_in(&thief).await);
        // The code is worth nothing in a run of the thief's own either.
        let own = ask(&thief, "by-both", "ada").await;
        let page = thief.answer(&own, &[("code", &code)]).await;
        assert!(page.body.contains("not the code"), "{}", page.body);
        assert!(!is_signed_in(&thief).await);
    }

    async fn a_link_that_somebody_else_asked_for_signs_a_victim_in_nowhere(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("mallory").await;
        let (mallory, victim) = (app.anonymous(), app.anonymous());
        ask(&mallory, "by-link", "mallory").await;
        let received = letter(app, "mallory").await;
        let page = victim.visit(received.link()).await;
        victim.answer(&page, &[]).await;
        assert!(!is_signed_in(&victim).await);
    }

    async fn a_link_that_is_bound_to_no_browser_goes_on_where_it_is_opened(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        let (desk, phone) = (app.anonymous(), app.anonymous());
        let waiting = ask(&desk, "by-free-link", "ada").await;
        assert!(!waiting.body.contains("name=\"code\""), "{}", waiting.body);
        let received = letter(app, "ada").await;
        let asked = phone.visit(received.link()).await;
        assert!(asked.body.contains("Go on?") && !is_signed_in(&phone).await);
        phone.answer(&asked, &[]).await;
        assert!(is_signed_in(&phone).await && !is_signed_in(&desk).await);
        assert_eq!(app.anonymous().visit(received.link()).await.status, 403);
    }

    async fn mail_scanners_that_prefetch_a_link_use_nothing_up(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        let ada = app.anonymous();
        ask(&ada, "by-link", "ada").await;
        let received = letter(app, "ada").await;
        for _ in 0..3 {
            let scanner = app.anonymous();
            let page = scanner.visit(received.link()).await;
            assert_eq!(page.status, 200);
            scanner.answer(&page, &[]).await;
            assert_eq!(ada.visit(received.link()).await.status, 200);
        }
        let page = ada.visit(received.link()).await;
        ada.answer(&page, &[]).await;
        assert!(is_signed_in(&ada).await);
    }

    async fn a_replayed_link_or_code_is_worth_nothing(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        let ada = app.anonymous();
        let waiting = ask(&ada, "by-both", "ada").await;
        let received = letter(app, "ada").await;
        let asked = ada.visit(received.link()).await;
        // Link and code in two windows at once: one of them goes on.
        let fields = [("code", received.code())];
        let (by_link, by_code) =
            tokio::join!(ada.answer(&asked, &[]), ada.answer(&waiting, &fields));
        let went_on = [&by_link, &by_code].into_iter().filter(|page| page.path() == "/if/user/").count();
        assert_eq!(went_on, 1, "{} {}\n{} {}", by_link.status, by_link.body, by_code.status, by_code.body);
        let thief = app.anonymous();
        assert_eq!(thief.visit(received.link()).await.status, 403);
        assert_eq!(ada.visit(received.link()).await.status, 403);
        let own = ask(&thief, "by-both", "ada").await;
        assert!(thief.answer(&own, &[("code", received.code())]).await.body.contains("not the code"));
    }

    async fn brute_force_of_a_code_ends_with_the_letter(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        let ada = app.anonymous();
        let mut page = ask(&ada, "by-code", "ada").await;
        let first = letter(app, "ada").await;
        // What is no code is no guess.
        for text in ["", "1234567", "123456789", "1234567a", "12345678; drop"] {
            page = ada.answer(&page, &[("code", text)]).await;
            assert_eq!(page.status, 422, "{text}: {}", page.body);
        }
        assert_eq!(failures(app).await, 0);
        // However many guesses come at once, one of them is looked at.
        let guess = another(first.code());
        let guesses = (0..12).map(|_| async { ada.answer(&page, &[("code", &guess)]).await.status });
        let looked_at = futures_util::future::join_all(guesses).await;
        assert_eq!(failures(app).await, 1, "{looked_at:?}");
        for _ in 0..2 {
            page = ada.visit("/if/flow/by-code/").await;
            page = ada.answer(&page, &[("code", &guess)]).await;
            assert!(page.body.contains("not the code"), "{}", page.body);
        }
        page = ada.answer(&page, &[("code", first.code())]).await;
        assert!(page.body.contains("does not work any more"), "{}", page.body);
        assert!(!is_signed_in(&ada).await);
        page = ada.answer(&page, &[("resend", "true")]).await;
        assert!(page.body.contains("Another message"), "{}", page.body);
        let second = letter(app, "ada").await;
        page = ada.answer(&page, &[("code", first.code())]).await;
        assert!(page.body.contains("not the code"), "{}", page.body);
        ada.answer(&page, &[("code", second.code())]).await;
        assert!(is_signed_in(&ada).await);
    }

    async fn brute_force_of_codes_letter_after_letter_is_throttled_by_account(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        for name in ["ada", "ada@example.com"] {
            let mallory = app.anonymous();
            let mut page = ask(&mallory, "by-code", name).await;
            let received = letter(app, "ada").await;
            for _ in 0..3 {
                page = mallory.answer(&page, &[("code", &another(received.code()))]).await;
            }
        }
        let mallory = app.anonymous();
        let page = ask(&mallory, "by-code", "ADA").await;
        let received = letter(app, "ada").await;
        let page = mallory.answer(&page, &[("code", received.code())]).await;
        assert!(page.body.contains("Too many attempts"), "{}", page.body);
        assert!(!is_signed_in(&mallory).await, "the right code is worth nothing at a closed gate");
        app.advance(Span::from_mins(1));
        mallory.answer(&page, &[("code", received.code())]).await;
        assert!(is_signed_in(&mallory).await);
    }

    async fn a_code_of_another_user_flow_or_letter_opens_nothing(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        app.user("mallory").await;
        let mallory = app.anonymous();
        ask(&mallory, "by-both", "mallory").await;
        let own = letter(app, "mallory").await;
        let page = ask(&app.anonymous(), "by-both", "ada").await;
        assert!(page.body.contains("name=\"code\""));
        // Her own letter, in a run for ada: by the code, by the link, and by both with fields that name ada.
        let other = app.anonymous();
        let page = ask(&other, "by-both", "ada").await;
        let page = other.answer(&page, &[("code", own.code())]).await;
        assert!(page.body.contains("not the code") && !is_signed_in(&other).await, "{}", page.body);
        let page = mallory.visit(own.link()).await;
        mallory.answer(&page, &[("uid_field", "ada"), ("pending_user", "ada"), ("username", "ada")]).await;
        let home = mallory.visit("/if/user/").await;
        assert!(!home.body.contains("ada@example.com"), "{}", home.body);
        let elsewhere = own.link().replace("/by-both/", "/by-link/");
        assert_eq!(app.anonymous().visit(&elsewhere).await.status, 403, "another flow");
        let guessed = format!("/if/flow/by-both/?flow_token={}", "A".repeat(43));
        assert_eq!(app.anonymous().visit(&guessed).await.status, 403);
    }

    async fn link_and_code_die_with_time_password_address_and_account(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        let patch = |attrs: &str| format!("
version: 1
metadata: {{ name: change }}
entries:
  - model: authentik_core.user
    identifiers: {{ username: ada }}
    attrs: {{ {attrs} }}
");
        let changes = [
            ("too late", "ada", None),
            ("the password is another", "ada", Some(patch(&format!("password: {}", app.new_password())))),
            ("the address is another", "ada", Some(patch("email: countess@example.com"))),
            ("the account is off", "countess", Some(patch("is_active: false"))),
        ];
        for (why, mailbox, change) in changes {
            let ada = app.anonymous();
            let page = ask(&ada, "by-both", "ada").await;
            let received = letter(app, mailbox).await;
            let asked = ada.visit(received.link()).await;
            app.advance(Span::from_secs(1));
            match change {
                Some(change) => {
                    app.apply(&change).await;
                }
                None => app.advance(Span::from_mins(11)),
            }
            assert_eq!(app.anonymous().visit(received.link()).await.status, 403, "{why}");
            ada.answer(&asked, &[]).await;
            ada.answer(&page, &[("code", received.code())]).await;
            assert!(!is_signed_in(&ada).await, "{why}");
        }
    }

    async fn sign_in_by_letter_does_not_tell_who_exists(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("enumerated").await;
        for flow in ["by-link", "by-code", "by-both", "by-free-link"] {
            let mut seen = Vec::new();
            for name in ["enumerated", "ghostghost"] {
                let (person, before) = (app.anonymous(), letters_so_far(app).await);
                let told = failures(app).await;
                let first = ask(&person, flow, name).await;
                let wrong = person.answer(&first, &[("code", "000000")]).await;
                let wrong_eight = person.answer(&wrong, &[("code", "00000000")]).await;
                let again = person.answer(&wrong_eight, &[("resend", "true")]).await;
                let queries: Vec<u64> = [&first, &wrong, &wrong_eight, &again].map(|page| page.queries()).into();
                let pages: Vec<(u16, String)> =
                    [&first, &wrong, &wrong_eight, &again].map(|page| (page.status, without_traces(page, name))).into();
                let letters = letters_so_far(app).await - before;
                seen.push((pages, queries, letters, failures(app).await - told));
            }
            assert_eq!(seen[0], seen[1], "{flow}");
            app.advance(Span::from_mins(1));
        }
        settle(app).await;
        assert!(unread(app).iter().all(|to| to == "enumerated@example.com"));
    }

    async fn a_mailbox_and_the_mail_server_are_not_flooded(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        let mut refused = 0;
        for name in ["ada", "ada@example.com", "ADA", "Ada@Example.com"] {
            for _ in 0..7 {
                let person = app.anonymous();
                let asked = person.visit("/if/flow/by-code/").await;
                let page = person.answer(&asked, &[("uid_field", name)]).await;
                refused += usize::from(page.body.contains("Too many"));
            }
        }
        assert!(refused >= 12, "{refused}");
        settle(app).await;
        let letters = unread(app).len();
        assert!((5..=15).contains(&letters), "{letters}");
        app.apply("
version: 1
metadata: { name: few }
entries:
  - model: countersign_stages_email_proof.emailproofstage
    identifiers: { name: proof-code }
    attrs: { max_letters_per_client: 2 }
").await;
        app.advance(Span::from_mins(6));
        let mut seen = Vec::new();
        for name in ["grace", "joan", "mary"] {
            let person = app.anonymous();
            let asked = person.visit("/if/flow/by-code/").await;
            seen.push(person.answer(&asked, &[("uid_field", name)]).await.body.contains("Too many"));
        }
        assert_eq!(seen, [false, false, true], "one address asks for many people's letters");
    }

    async fn nobody_chooses_where_the_letter_goes(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        let mallory = app.anonymous();
        let asked = mallory.visit("/if/flow/by-code/?email=mallory@example.com").await;
        let fields = [("uid_field", "ada"), ("email", "mallory@example.com"), ("address", "mallory@example.com")];
        let page = mallory.answer(&asked, &fields).await;
        mallory.answer(&page, &[("resend", "true"), ("email", "mallory@example.com")]).await;
        letter(app, "ada").await;
        letter(app, "ada").await;
        settle(app).await;
        assert_eq!(unread(app), Vec::<String>::new());
    }

    async fn a_program_signs_in_by_the_same_stage(app: TestApp) {
        app.apply(FLOWS).await;
        app.user("ada").await;
        let program = app.anonymous();
        let at = |query: &str| format!("/api/v3/flows/executor/by-both/?query={query}");
        let answer = async |person: &Person, query: &str, body: Value| {
            let address = person.address(&at(query));
            let origin = app.base().origin().ascii_serialization();
            let request = person.request(reqwest::Method::POST, &address).header("origin", origin).json(&body);
            let page = person.follow(person.send(request).await).await;
            serde_json::from_str::<Value>(&page.body).unwrap_or_else(|_| panic!("{} {}", page.status, page.body))
        };
        program.get(&at("")).await;
        let who = json!({ "component": "ak-stage-identification", "uid_field": "ada" });
        let shown = answer(&program, "", who).await;
        assert_eq!(shown["component"], "countersign-stage-email-proof", "{shown}");
        assert_eq!((&shown["letter"], &shown["code_length"]), (&json!("link_and_code"), &json!(6)));
        letter(app, "ada").await;
        let resend = json!({ "component": "countersign-stage-email-proof", "resend": true });
        let again = answer(&program, "", resend).await;
        assert_eq!(again["response_errors"]["non_field_errors"][0]["code"], "email-sent", "{again}");
        let received = letter(app, "ada").await;
        let other = app.anonymous();
        let query = format!("flow_token%3D{}", received.link().split("flow_token=").nth(1).unwrap());
        let elsewhere: Value = serde_json::from_str(&other.get(&at(&query)).await.body).unwrap();
        assert_eq!(elsewhere["component"], "countersign-stage-email-proof-elsewhere", "{elsewhere}");
        assert_eq!(elsewhere["code"], json!(received.code()));
        let wrong = json!({ "component": "countersign-stage-email-proof", "code": another(received.code()) });
        let wrong = answer(&program, "", wrong).await;
        assert_eq!(wrong["response_errors"]["code"][0]["code"], "invalid", "{wrong}");
        let right = json!({ "component": "countersign-stage-email-proof", "code": received.code() });
        assert_eq!(answer(&program, "", right).await["component"], "xak-flow-redirect");
        assert!(is_signed_in(&program).await);
    }
}
