//! Other ways in: sources on the page that asks for the name, and the flow without a password.

use countersign_flows::{LinkRole, Node, SourceButton, SourceKind};
use countersign_model::{BoundTo, ConfigObject, ConfigObjectId, Family, FlowDesignation, PolicyEngineMode};
use countersign_policies::kinds::expression::ExpressionPolicy;
use countersign_resource::ConfigKind;
use countersign_stages::{IdentificationStage, UserLoginStage, UserWriteStage};
use countersign_store::{config_objects, on_both_databases, policy_bindings, testing::samples};
use countersign_types::{Text, random_uuid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::world::{Browser, Seen, World};

/// Another house, as a kind of source would be.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct House {
    slug: String,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default)]
    promoted: bool,
    #[serde(default)]
    icon: Option<String>,
}

const fn yes() -> bool {
    true
}

impl ConfigKind for House {
    const MODEL: &'static str = "countersign_tests.house";
    const FAMILY: Family = Family::Source;
    const COMPONENT: &'static str = "house-form";
    const VERBOSE_NAME: &'static str = "House";
}

impl SourceKind for House {
    fn button(&self, object: &ConfigObject) -> Option<SourceButton> {
        self.enabled.then(|| SourceButton {
            name: object.name.clone(),
            icon: self.icon.clone(),
            href: format!("/source/house/{}/", self.slug),
            promoted: self.promoted,
            policy_engine_mode: PolicyEngineMode::Any,
        })
    }
}

async fn house(world: &World, name: &str, more: Value) -> ConfigObjectId {
    let mut document = json!({ "slug": name });
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.object::<House>(name, document).await
}

/// A flow that asks for a name, or for none, beside these sources.
async fn offering(world: &World, sources: &[ConfigObjectId], more: Value) {
    let sources: Vec<String> = sources.iter().map(|id| id.raw().to_string()).collect();
    let mut document = json!({ "user_fields": ["username"], "sources": sources });
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let who = world.object::<IdentificationStage>("who", document).await;
    let login = world.object::<UserLoginStage>("login", json!({})).await;
    world.flow("sign-in", FlowDesignation::Authentication, &[who, login]).await;
}

/// Words, address, whether it stands out, whether the words stand there.
fn links(page: &Seen) -> Vec<(Text, String, bool, bool)> {
    let nodes = page.asked().challenge.nodes.iter();
    let link = |node: &Node| match node {
        Node::Source(link) => Some((link.label.clone(), link.href.clone(), link.promoted, link.is_labelled)),
        _ => None,
    };
    nodes.filter_map(link).collect()
}

fn names(page: &Seen) -> Vec<String> {
    let sources = page.asked().challenge.data["sources"].as_array().unwrap().clone();
    sources.iter().map(|source| source["name"].as_str().unwrap().to_owned()).collect()
}

async fn only_for(world: &World, source: ConfigObjectId, expression: &str) {
    let name = format!("gate of {}", source.raw());
    let policy = world.object::<ExpressionPolicy>(&name, json!({ "expression": expression })).await;
    let mut binding = samples::policy_binding(0, source.raw(), BoundTo::Policy(policy));
    binding.id.0 = random_uuid(&*world.db.rng);
    world.write(move |tx| policy_bindings::create(tx, &binding)).await;
}

on_both_databases! {
    async fn sources_stand_on_the_page_in_their_order_and_keep_the_way_back(db: TestStore) {
        let world = World::new(db);
        let icon = "https://north.example.org/icon.svg";
        let north = house(&world, "north", json!({ "icon": icon })).await;
        let south = house(&world, "south", json!({ "promoted": true })).await;
        offering(&world, &[south, north], json!({})).await;
        let mut browser = world.browser("somebody");
        let page = browser.open("sign-in?next=%2Fif%2Fuser%2F").await;
        assert_eq!(page.asked().challenge.data["sources"], json!([
            {
                "name": "south", "icon_url": null, "promoted": true,
                "challenge": { "component": "xak-flow-redirect", "to": "/source/house/south/?next=%2Fif%2Fuser%2F" },
            },
            {
                "name": "north", "icon_url": icon, "promoted": false,
                "challenge": { "component": "xak-flow-redirect", "to": "/source/house/north/?next=%2Fif%2Fuser%2F" },
            },
        ]));
        assert_eq!(links(&page), [
            (
                Text::key("stages-identification-source").with("source", "south"),
                "/source/house/south/?next=%2Fif%2Fuser%2F".to_owned(), true, true,
            ),
            (Text::literal("north"), "/source/house/north/?next=%2Fif%2Fuser%2F".to_owned(), false, false),
        ]);
    }

    async fn labels_stand_beside_icons_where_they_are_wanted(db: TestStore) {
        let world = World::new(db);
        let north = house(&world, "north", json!({})).await;
        offering(&world, &[north], json!({ "show_source_labels": true })).await;
        let page = world.browser("somebody").open("sign-in").await;
        assert_eq!(page.asked().challenge.data["show_source_labels"], true);
        assert!(links(&page)[0].3);
    }

    async fn a_source_that_is_switched_off_forbidden_or_gone_is_not_offered(db: TestStore) {
        let world = World::new(db);
        let off = house(&world, "off", json!({ "enabled": false })).await;
        let open = house(&world, "open", json!({})).await;
        let forbidden = house(&world, "forbidden", json!({})).await;
        let broken = house(&world, "broken", json!({})).await;
        let gone = house(&world, "gone", json!({})).await;
        let no_source = world.password_stage(json!({})).await;
        only_for(&world, open, "return True").await;
        only_for(&world, forbidden, "return False").await;
        only_for(&world, broken, "return nobody_knows").await;
        world.write(move |tx| config_objects::delete(tx, gone).map(drop)).await;
        offering(&world, &[off, forbidden, open, broken, gone, no_source], json!({})).await;
        let page = world.browser("somebody").open("sign-in").await;
        assert_eq!(names(&page), ["open"]);
        assert_eq!(links(&page).len(), 1);
    }

    async fn where_no_name_is_asked_for_the_only_source_is_gone_to_at_once(db: TestStore) {
        let world = World::new(db);
        let north = house(&world, "north", json!({})).await;
        let off = house(&world, "off", json!({ "enabled": false })).await;
        offering(&world, &[off, north], json!({ "user_fields": [] })).await;
        let gone = world.browser("somebody").open("sign-in?next=%2F").await;
        assert_eq!(gone.gone(), "/source/house/north/?next=%2F");
    }

    async fn where_no_name_is_asked_for_no_name_is_taken(db: TestStore) {
        let world = World::new(db);
        world.user(1, "alice").await;
        let sources = [house(&world, "north", json!({})).await, house(&world, "south", json!({})).await];
        offering(&world, &sources, json!({ "user_fields": [] })).await;
        let mut browser = world.browser("alice");
        let page = browser.open("sign-in").await;
        assert_eq!(names(&page), ["north", "south"]);
        assert_eq!(page.asked().challenge.fields().count(), 0);
        for fields in [vec![], vec![("uid_field", "alice")]] {
            assert_eq!(browser.send(&fields).await.complaints(), [("", "invalid")]);
        }
        assert_eq!(browser.who().await, None);
    }

    async fn nobody_gets_on_where_there_is_no_way(db: TestStore) {
        let world = World::new(db);
        let off = house(&world, "off", json!({ "enabled": false })).await;
        offering(&world, &[off], json!({ "user_fields": [] })).await;
        assert!(world.browser("somebody").open("sign-in").await.is_denied());
    }

    async fn the_flow_without_a_password_is_shown_and_leads_where_the_other_would(db: TestStore) {
        let world = World::new(db);
        let write = world.object::<UserWriteStage>("write", json!({ "user_creation_mode": "always_create" })).await;
        let name = world.prompt("username", "username", json!({})).await;
        let prompts = world
            .object::<countersign_stages::PromptStage>("ask", json!({ "fields": [name.raw().to_string()] }))
            .await;
        let login = world.object::<UserLoginStage>("in", json!({})).await;
        let other =
            world.flow("without-password", FlowDesignation::Authentication, &[prompts, write, login]).await;
        let more = json!({ "passwordless_flow": other.id.raw().to_string() });
        offering(&world, &[], more).await;
        let mut browser = world.browser("carol");
        let page = browser.open("sign-in?next=%2Fif%2Fuser%2F").await;
        let address = "/if/flow/without-password/?next=%2Fif%2Fuser%2F";
        assert_eq!(page.asked().challenge.data["passwordless_url"], address);
        assert_eq!(way(&page, address), Some(LinkRole::Secondary));
        let end = through(&mut browser, "without-password?next=%2Fif%2Fuser%2F").await;
        assert_eq!(end.gone(), "/if/user/");
        assert_eq!(browser.who().await.as_deref(), Some("carol"));
    }

    async fn where_no_name_is_asked_for_the_flow_without_a_password_is_a_button(db: TestStore) {
        let world = World::new(db);
        let dummy = world.object::<countersign_stages::DummyStage>("hello", json!({})).await;
        let other = world.flow("without-password", FlowDesignation::Authentication, &[dummy]).await;
        let more = json!({ "user_fields": [], "passwordless_flow": other.id.raw().to_string() });
        offering(&world, &[], more).await;
        let page = world.browser("somebody").open("sign-in").await;
        assert_eq!(way(&page, "/if/flow/without-password/"), Some(LinkRole::Prominent));
    }
}

async fn through(browser: &mut Browser<'_>, page: &str) -> Seen {
    browser.open(page).await;
    browser.send(&[("username", "carol")]).await
}

/// How a link stands on the page, if it does.
fn way(page: &Seen, address: &str) -> Option<LinkRole> {
    page.asked().challenge.nodes.iter().find_map(|node| match node {
        Node::Link(link) if link.href == address => Some(link.role),
        _ => None,
    })
}
