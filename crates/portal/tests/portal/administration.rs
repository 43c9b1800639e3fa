//! Pages of administrators.

use crate::world::World;

#[actix_web::test]
async fn only_superusers_see_diagnostics() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    let browser = world.signed_in().await;
    for address in ["/if/admin/", "/if/admin/diagnostics/"] {
        assert!(world.browser().get(address).await.status.is_redirection(), "{address}");
        assert_eq!(browser.get(address).await.status, 403, "{address}");
    }
    assert!(!browser.get("/if/user/").await.says("Administration"));
}

#[actix_web::test]
async fn diagnostics_say_what_came_and_what_to_do() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    world.make_alice_superuser().await;
    let browser = world.signed_in().await;
    assert!(browser.get("/if/user/").await.says("Administration"));
    assert!(browser.get("/if/admin/").await.says("Connection diagnostics"));
    let direct = browser.get("/if/admin/diagnostics/").await;
    assert!(direct.says("No proxy stands between you and this server."), "{}", direct.text());
    let spoofed = world.signed_in().await.with("x-forwarded-for", "127.0.0.1<script>");
    let page = spoofed.get("/if/admin/diagnostics/").await;
    assert!(page.says("Forwarded headers came from 203.0.113.9, which is not a trusted proxy"));
    assert!(page.says("127.0.0.1<script>") && !page.text().contains("<script>"));
}
