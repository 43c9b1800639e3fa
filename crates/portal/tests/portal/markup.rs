//! Every page in every language: no word is missing, no label empty, nothing inline.

use countersign_model::{Brand, Consent, ConsentId};
use countersign_store::{brands, consents, sessions, testing::samples};
use countersign_types::{Clock as _, JsonObject, RawId};
use serde_json::{Value, json};

use crate::world::{Page, World, alice};

/// A brand for every host.
pub(crate) fn brand(attributes: &Value) -> Brand {
    Brand {
        default: true,
        branding_title: "Example & Sons".to_owned(),
        attributes: attributes.as_object().cloned().unwrap_or_else(JsonObject::new),
        ..samples::brand(1, "default")
    }
}

const LANGUAGES: [&str; 3] = ["en", "ko", "zh-Hans"];

/// What must be true of any page.
fn check(page: &Page, language: &str, what: &str) {
    let html = page.text();
    let complain = |found: &str| panic!("{what} in {language}: {found}\n{html}");
    if !html.contains(&format!(r#"<html lang="{language}" dir="ltr""#)) {
        complain("another language");
    }
    for inline in ["<script", "<style", " style=", "javascript:", " onclick", " onload", " onfocus"] {
        if html.contains(inline) {
            complain(inline);
        }
    }
    for element in ["title", "h1", "h2", "h3", "label", "legend", "button", "a", "p", "summary", "th", "dt"] {
        if let Some(found) = wordless(html, element) {
            complain(&format!("an empty {element}: {found}"));
        }
    }
    if html.contains("aria-label=\"\"") || html.contains("<title> ·") {
        complain("an empty name");
    }
    if html.matches("<h1>").count() != 1 {
        complain("not one heading");
    }
    // Names of message keys and of ours have no place on a page.
    for key in ["portal-", "action-", "error-", "word-", "authentik", "goauthentik"] {
        let text = visible(html);
        if text.contains(key) {
            complain(key);
        }
    }
    for image in html.split("<img ").skip(1) {
        if !image.split_once('>').unwrap().0.contains("alt=") {
            complain("a picture without words");
        }
    }
    check_references(html, &complain);
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    assert!(!page.header("content-security-policy").contains("unsafe"));
}

/// An element of this name that says nothing, in words or by a picture with words. A rule between fields may have no
/// words.
fn wordless<'h>(html: &'h str, element: &str) -> Option<&'h str> {
    let (open, close) = (format!("<{element}"), format!("</{element}>"));
    html.split(&open)
        .skip(1)
        .filter(|rest| rest.starts_with([' ', '>']) && !rest.starts_with(" class=\"separator\""))
        .filter_map(|rest| Some(rest.split_once('>')?.1.split_once(&close)?.0))
        .filter(|inside| !inside.split(" alt=\"").skip(1).any(|rest| !rest.starts_with('"')))
        .find(|inside| {
            format!(">{inside}<")
                .split('<')
                .filter_map(|part| part.split_once('>'))
                .all(|(_, text)| text.trim().is_empty())
                && inside.split_once('<').is_none_or(|(text, _)| text.trim().is_empty())
        })
}

/// Labels, descriptions and links on the page refer to what is there, and no identifier stands twice.
fn check_references(html: &str, complain: &impl Fn(&str)) {
    let values = |mark: &str| -> Vec<String> {
        html.split(mark).skip(1).map(|rest| rest.split_once('"').unwrap().0.to_owned()).collect()
    };
    let ids = values(" id=\"");
    let mut sorted = ids.clone();
    sorted.sort();
    sorted.dedup();
    if sorted.len() != ids.len() {
        complain("an identifier twice");
    }
    for mark in [" for=\"", " aria-describedby=\"", " aria-labelledby=\"", "href=\"#"] {
        for id in values(mark).iter().flat_map(|value| value.split(' ')) {
            if !ids.iter().any(|known| known == id) {
                complain(&format!("{mark}{id}"));
            }
        }
    }
}

/// The words between the tags.
fn visible(html: &str) -> String {
    html.split('<')
        .filter_map(|part| part.split_once('>'))
        .map(|(_, text)| text)
        .collect::<Vec<_>>()
        .join(" ")
}

#[actix_web::test]
async fn every_page_of_strangers_is_whole_in_every_language() {
    let world = World::new().await;
    for language in LANGUAGES {
        let browser = world.browser().with("accept-language", language);
        for address in [
            "/if/flow/sign-in/",
            "/if/flow/gallery/",
            "/if/flow/denied/",
            "/if/flow/nothing/",
            "/if/flow/sign-in/?start=x",
            "/if/session-end/",
            "/recovery/use-token/x/",
            "/nothing/",
        ] {
            check(&browser.get(address).await, language, address);
        }
        let gallery = browser.get("/if/flow/gallery/").await;
        let fields = [("plan", gallery.hidden("plan"))].map(|(name, value)| (name, value));
        let again = browser.post("/if/flow/gallery/", &[(fields[0].0, &fields[0].1)]).await;
        assert_eq!(again.status, 422);
        check(&again, language, "the gallery with complaints");
        let stale = browser.post("/if/flow/gallery/", &[("plan", "x")]).await;
        check(&stale, language, "a stale step");
        let used = browser.post("/recovery/use-token/x/", &[]).await;
        check(&used, language, "a used link");
    }
    assert_eq!(world.app.catalogues().missing_count(), 0);
}

#[actix_web::test]
async fn every_page_of_users_is_whole_in_every_language() {
    let world = World::new().await;
    world.alice(|user| user.attributes = json!({ "settings": {} }).as_object().unwrap().clone()).await;
    world.make_alice_superuser().await;
    furnish(&world).await;
    for language in LANGUAGES {
        let browser = world.signed_in().await.with("accept-language", language);
        for address in [
            "/if/user/",
            "/if/user/?q=nothing-of-this-name",
            "/if/user/settings/",
            "/if/user/settings/?done=saved",
            "/if/user/settings/?done=ended",
            "/if/user/settings/?done=revoked",
            "/if/session-end/",
            "/if/session-end/wiki/",
            "/application/launch/vault/",
        ] {
            check(&browser.get(address).await, language, address);
        }
    }
    assert_eq!(world.app.catalogues().missing_count(), 0);
}

/// Applications, a second session and a consent.
async fn furnish(world: &World) {
    let wiki =
        world.application(1, "wiki", |app| app.meta_icon = "https://wiki.example/icon.png".to_owned()).await;
    world.application(2, "mail", |app| app.group = "Office".to_owned()).await;
    let vault = world.application(3, "vault", |_| {}).await;
    world.forbid(vault.id.raw()).await;
    let now = world.store.clock.now();
    let consent = Consent {
        id: ConsentId(RawId::from_u128(5)),
        user: alice(),
        application: wiki.id,
        permissions: "email openid".to_owned(),
        expires: Some(now.plus(countersign_types::Span::from_hours(5))),
    };
    let session = samples::session(9, alice(), now);
    world
        .store
        .write(move |tx| {
            consents::put(tx, &consent)?;
            sessions::create(tx, &session)
        })
        .await
        .unwrap();
}

#[actix_web::test]
async fn machines_are_told_so_in_every_language() {
    let world = World::new().await;
    world.alice(|user| user.user_type = countersign_model::UserType::ServiceAccount).await;
    for language in LANGUAGES {
        let page = world.signed_in().await.with("accept-language", language).get("/if/user/").await;
        check(&page, language, "no library");
    }
    assert_eq!(world.app.catalogues().missing_count(), 0);
}

#[actix_web::test]
async fn a_brand_and_its_pictures_are_shown() {
    let world = World::new().await;
    let mut brand = brand(&json!({}));
    brand.branding_logo = "/media/logo-%(theme)s.svg".to_owned();
    brand.branding_favicon = "/media/icon.png".to_owned();
    brand.branding_default_flow_background = "https://cdn.example/ground-%(theme)s.jpg".to_owned();
    world.store.write(move |tx| brands::create(tx, &brand)).await.unwrap();
    let page = world.browser().get("/if/flow/sign-in/").await;
    check(&page, "en", "a branded page");
    assert!(
        page.says(r#"<img class="backdrop" src="https://cdn.example/ground-light.jpg" alt="">"#),
        "{}",
        page.text()
    );
    assert!(page.says(r#"<source srcset="/media/logo-dark.svg" media="(prefers-color-scheme: dark)">"#));
    assert!(page.says(r#"<img src="/media/logo-light.svg" alt="Example & Sons">"#));
    assert!(page.says(r#"<body class="flow stacked pictured">"#));
}

#[actix_web::test]
async fn a_hostile_name_is_only_a_name() {
    let world = World::new().await;
    world
        .alice(|user| {
            user.name = "<script>alert(1)</script>".to_owned();
            user.email = "\"><img src=x onerror=alert(1)>".to_owned();
        })
        .await;
    world.application(1, "wiki", |app| app.name = "\"><script>alert(1)</script>".to_owned()).await;
    let browser = world.signed_in().await;
    for address in ["/if/user/", "/if/user/settings/", "/if/session-end/wiki/"] {
        let page = browser.get(address).await;
        assert!(!page.text().contains("<script") && !page.text().contains("<img src=x"), "{address}");
    }
}
