//! Pages and their parts: coding, brands, assets.

use countersign_model::Brand;
use countersign_store::{brands, testing::samples};
use countersign_types::JsonObject;
use serde_json::json;

use crate::world::{World, get};

fn brand() -> Brand {
    let attributes = json!({ "settings": {
        "locale": "ko",
        "theme": { "base": "dark" },
        "colors": { "accent": "#b83280", "text": "red;} * { display: none" },
    }});
    Brand {
        branding_title: "Example & Sons <b>".to_owned(),
        branding_logo: "/media/logo-%(theme)s.svg".to_owned(),
        branding_custom_css: ".card { border: 0 }".to_owned(),
        attributes: attributes.as_object().cloned().unwrap_or_else(JsonObject::new),
        ..samples::brand(1, "example.com")
    }
}

async fn branded() -> World {
    let world = World::new();
    world.store.write(|tx| brands::create(tx, &brand())).await.unwrap();
    world
}

/// The address of the page's style sheet.
fn stylesheet(page: &str) -> String {
    let (_, rest) = page.split_once(r#"<link rel="stylesheet" href=""#).unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

#[actix_web::test]
async fn a_page_is_coded_for_who_asks() {
    let world = World::new();
    let plain = world.ask(get("/long")).await;
    for (coding, accepted) in [("br", "gzip, br"), ("gzip", "gzip")] {
        let coded = world.ask(get("/long").header("accept-encoding", accepted)).await;
        assert_eq!(coded.header("content-encoding"), coding);
        assert_eq!(coded.header("vary"), "accept-encoding");
        assert!(coded.body.len() < plain.body.len() / 10);
    }
    assert_eq!(plain.header("content-encoding"), "");
}

#[actix_web::test]
async fn a_brand_is_one_style_sheet_on_its_own_hosts() {
    let world = branded().await;
    let page = world.ask(get("/nothing")).await;
    assert!(
        page.text().contains("Example &#38; Sons &#60;b&#62;") || page.text().contains("Example &amp; Sons")
    );
    assert!(page.text().contains(r#"data-theme="dark""#) && page.text().contains(r#"lang="ko""#));
    let address = stylesheet(page.text());
    assert!(address.starts_with("/static/brand/"), "{address}");
    let sheet = world.ask(get(&address)).await;
    assert_eq!(sheet.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(sheet.header("cache-control"), "public, max-age=31536000, immutable");
    assert!(sheet.text().ends_with(":root{--accent:#b83280;}\n.card { border: 0 }"), "{}", sheet.text());
    let other = world.ask(get("/nothing").header("host", "other.example")).await;
    assert!(other.text().contains("Countersign") && !stylesheet(other.text()).contains("/brand/"));
}

#[actix_web::test]
async fn a_style_sheet_that_is_no_more_is_answered_with_the_present_one() {
    let world = branded().await;
    let stale = world.ask(get("/static/brand/00000000.css")).await;
    assert_eq!((stale.status.as_u16(), stale.header("cache-control")), (200, "no-cache"));
    assert_eq!(world.ask(get("/static/brand/../../Cargo.toml")).await.status, 404);
    assert_eq!(world.ask(get("/static/brand/x/y.css")).await.status, 404);
}

#[actix_web::test]
async fn a_warm_page_costs_no_trip() {
    let world = branded().await;
    world.ask(get("/nothing")).await;
    let before = world.store.trips();
    let page = world.ask(get("/nothing")).await;
    world.ask(get(&stylesheet(page.text()))).await;
    assert_eq!(world.store.trips() - before, Default::default());
}
