//! The way from the house to the console.

use crate::world::World;

#[actix_web::test]
async fn only_administrators_are_shown_the_way_to_the_console() {
    let world = World::new().await;
    world.alice(|_| {}).await;
    assert!(!world.signed_in().await.get("/if/user/").await.says("Administration"));
    world.make_alice_superuser().await;
    assert!(world.signed_in().await.get("/if/user/").await.says("Administration"));
}
