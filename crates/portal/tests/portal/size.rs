//! The first page is small: HTML and style sheet together fit 14 KB on the wire, in two requests.

use crate::world::World;

const BUDGET: usize = 14 * 1024;

fn addresses<'p>(page: &'p str, mark: &str) -> Vec<&'p str> {
    page.split(mark).skip(1).map(|rest| rest.split_once('"').unwrap().0).collect()
}

#[actix_web::test]
async fn the_sign_in_page_fits_14_kb_in_two_requests() {
    let world = World::new().await;
    for coding in ["br", "gzip"] {
        let browser = world.browser().with("accept-encoding", coding);
        let plain = world.browser().get("/if/flow/sign-in/").await;
        let stylesheets = addresses(plain.text(), r#"<link rel="stylesheet" href=""#);
        assert_eq!(stylesheets.len(), 1);
        for picture in addresses(plain.text(), " src=\"")
            .into_iter()
            .chain(addresses(plain.text(), r#"rel="icon" href=""#))
        {
            assert!(picture.starts_with("data:"), "a further request: {picture}");
        }
        let page = browser.get("/if/flow/sign-in/").await;
        let css = browser.get(stylesheets[0]).await;
        assert_eq!((page.header("content-encoding"), css.header("content-encoding")), (coding, coding));
        let headers = |page: &crate::world::Page| -> usize {
            page.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
        };
        let weight = page.body.len() + css.body.len() + headers(&page) + headers(&css);
        assert!(weight <= BUDGET, "{coding}: {weight} bytes");
    }
}
