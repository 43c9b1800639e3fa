//! Rules about `[dependencies]`: floors, the crates that only one room may see, purity.

use super::floors::{self, Floor};
use super::{Breach, House, PREFIX, Room};

/// Libraries that speak to a database. Only the store sees them.
const DATABASE: &[&str] = &[
    "diesel",
    "diesel_migrations",
    "libsqlite3-sys",
    "postgres",
    "pq-sys",
    "rusqlite",
    "sqlx",
    "tokio-postgres",
];

/// Message crates: bytes in, values out. They can be fuzzed and shared because they do nothing else.
pub(super) const PURE: &[&str] = &["oauth2", "saml", "scim", "ldap"];

/// All that a pure room may use. None of these opens a file or a socket, reads a clock or draws a number.
const PURE_MAY_USE: &[&str] = &[
    "base64",
    "countersign-types",
    "hex",
    "indexmap",
    // Redirect URIs describe themselves in the schema of a provider.
    "schemars",
    "percent-encoding",
    "regex",
    "serde",
    "serde_json",
    "sha2",
    "subtle",
    "thiserror",
    "url",
];

/// Rooms that treat all kinds alike and so may know none.
pub(super) const KNOW_NO_KIND: &[&str] = &["api", "blueprints", "console", "portal"];

/// Every broken wall between crates.
pub(super) fn breaches(house: &House) -> Vec<Breach> {
    house.rooms.iter().flat_map(room_breaches).collect()
}

fn room_breaches(room: &Room) -> Vec<Breach> {
    let unplaced = floors::of(&room.name).is_none().then(|| Breach {
        room: room.name.clone(),
        found: "has no floor".to_owned(),
        rule: "every crate has its place in the table of floors of xtask",
    });
    let lints = (!room.inherits_lints && room.name != "alloc").then(|| Breach {
        room: room.name.clone(),
        found: "does not inherit the workspace's lints".to_owned(),
        rule: "only alloc sets its own, because it alone holds unsafe code",
    });
    let broken = room.dependencies.iter().filter_map(|dependency| {
        let rule = broken_rule(&room.name, dependency)?;
        Some(Breach { room: room.name.clone(), found: format!("depends on {dependency}"), rule })
    });
    unplaced.into_iter().chain(lints).chain(broken).collect()
}

/// The first rule that an edge from `room` to the package `dependency` breaks.
fn broken_rule(room: &str, dependency: &str) -> Option<&'static str> {
    if PURE.contains(&room) && !PURE_MAY_USE.contains(&dependency) {
        return Some(
            "a message crate does no I/O and reads neither clock nor randomness; ask for less, or extend the list in xtask with a reason",
        );
    }
    match dependency.strip_prefix(PREFIX) {
        Some(other) => broken_between(room, other),
        None => broken_by_library(room, dependency),
    }
}

fn broken_between(room: &str, other: &str) -> Option<&'static str> {
    if KNOW_NO_KIND.contains(&room) && holds_kinds(other) {
        return Some("it treats every kind alike and may know none; the server's registry joins them");
    }
    if floors::may_use(room, other) {
        return None;
    }
    Some(match (floors::of(room), floors::of(other)) {
        // Said once already, as a room without a floor.
        (None, _) | (_, None) => return None,
        (Some(Floor::At(5)), Some(Floor::At(5))) => "crates of floor 5 do not know each other",
        (_, Some(Floor::Beside)) => "tools and test kits are used by tests and tools only",
        _ => "a crate uses only lower floors",
    })
}

fn broken_by_library(room: &str, dependency: &str) -> Option<&'static str> {
    if DATABASE.contains(&dependency) && room != "store" {
        return Some("only the store sees the database");
    }
    let speaks_http = dependency.starts_with("actix") || dependency == "awc";
    if speaks_http && !may_see_actix(room) {
        return Some("actix is seen by web and the floors above it");
    }
    None
}

fn may_see_actix(room: &str) -> bool {
    room == "web" || matches!(floors::of(room), Some(Floor::At(5 | 6) | Floor::Beside))
}

fn holds_kinds(room: &str) -> bool {
    room == "stages" || room.starts_with("provider-") || room.starts_with("source-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str, dependencies: &[&str]) -> Room {
        Room {
            name: name.to_owned(),
            dependencies: dependencies.iter().map(|&name| name.to_owned()).collect(),
            inherits_lints: true,
            files: Vec::new(),
        }
    }

    /// Builds a house of one room and returns the rules it breaks.
    fn rules(name: &str, dependencies: &[&str]) -> Vec<&'static str> {
        let house = House { rooms: vec![room(name, dependencies)] };
        breaches(&house).into_iter().map(|breach| breach.rule).collect()
    }

    #[test]
    fn a_house_in_order_has_no_breach() {
        assert!(
            rules("store", &["countersign-types", "countersign-model", "diesel", "libsqlite3-sys"])
                .is_empty()
        );
        assert!(rules("flows", &["countersign-store", "countersign-policies", "serde"]).is_empty());
        assert!(rules("server", &["countersign-portal", "countersign-stages", "actix-web"]).is_empty());
        assert!(rules("testkit", &["countersign-server", "actix-web"]).is_empty());
        assert!(rules("bench", &["countersign-testkit"]).is_empty());
    }

    #[test]
    fn diesel_outside_the_store_is_found() {
        assert_eq!(rules("portal", &["diesel"]), ["only the store sees the database"]);
        assert_eq!(rules("testkit", &["libsqlite3-sys"]), ["only the store sees the database"]);
    }

    #[test]
    fn actix_below_web_is_found() {
        let rule = "actix is seen by web and the floors above it";
        assert_eq!(rules("flows", &["actix-web"]), [rule]);
        assert_eq!(rules("stages", &["actix-http"]), [rule]);
        assert_eq!(rules("config", &["awc"]), [rule]);
        assert!(rules("web", &["actix-web"]).is_empty());
    }

    #[test]
    fn a_message_crate_with_a_clock_a_socket_or_dice_is_found() {
        for library in ["tokio", "chrono", "rand", "uuid", "countersign-crypto"] {
            assert_eq!(rules("oauth2", &[library]).len(), 1, "{library}");
        }
        assert!(rules("oauth2", &["serde", "url", "countersign-types"]).is_empty());
    }

    #[test]
    fn a_page_that_knows_a_kind_is_found() {
        let rule = "it treats every kind alike and may know none; the server's registry joins them";
        assert_eq!(rules("portal", &["countersign-stages"]), [rule]);
        assert_eq!(rules("blueprints", &["countersign-provider-oauth2"]), [rule]);
        let api = rules("api", &["countersign-source-ldap"]);
        assert!(api.contains(&rule), "{api:?}");
    }

    #[test]
    fn a_crate_that_leans_on_a_higher_floor_is_found() {
        assert_eq!(rules("model", &["countersign-store"]), ["a crate uses only lower floors"]);
        assert_eq!(rules("policies", &["countersign-flows"]), ["a crate uses only lower floors"]);
        assert_eq!(rules("stages", &["countersign-web"]), ["a crate uses only lower floors"]);
    }

    #[test]
    fn crates_of_the_fifth_floor_that_know_each_other_are_found() {
        let rule = "crates of floor 5 do not know each other";
        assert_eq!(rules("provider-oauth2", &["countersign-portal"]), [rule]);
        assert_eq!(rules("portal", &["countersign-blueprints"]), [rule]);
    }

    #[test]
    fn the_product_leaning_on_its_test_kit_is_found() {
        assert_eq!(
            rules("server", &["countersign-testkit"]),
            ["tools and test kits are used by tests and tools only"]
        );
    }

    #[test]
    fn a_crate_without_a_floor_is_found_once() {
        assert_eq!(rules("attic", &["countersign-store"]).len(), 1);
    }

    #[test]
    fn a_crate_that_drops_the_lints_is_found() {
        let mut loose = room("flows", &[]);
        loose.inherits_lints = false;
        assert_eq!(breaches(&House { rooms: vec![loose] }).len(), 1);
    }

    #[test]
    fn the_line_names_crate_dependency_and_rule() {
        let house = House { rooms: vec![room("model", &["diesel"])] };
        assert_eq!(
            breaches(&house),
            [Breach {
                room: "model".to_owned(),
                found: "depends on diesel".to_owned(),
                rule: "only the store sees the database",
            }]
        );
    }
}
