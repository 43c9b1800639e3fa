//! The one table of floors. A crate uses crates of lower floors, and of its own floor only those named
//! beside it here.

/// Where a room stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Floor {
    /// Counted from the ground.
    At(u8),
    /// Tools and tests: may use everything, and only their own kind may use them.
    Beside,
}

struct Place {
    room: &'static str,
    floor: Floor,
    /// Rooms of the same floor that it may use.
    neighbours: &'static [&'static str],
}

const fn at(floor: u8, room: &'static str, neighbours: &'static [&'static str]) -> Place {
    Place { room, floor: Floor::At(floor), neighbours }
}

const fn beside(room: &'static str) -> Place {
    Place { room, floor: Floor::Beside, neighbours: &[] }
}

const PLACES: &[Place] = &[
    at(0, "types", &[]),
    at(0, "alloc", &[]),
    at(0, "oauth2", &["types"]),
    at(0, "crypto", &["types"]),
    at(0, "i18n", &["types"]),
    at(0, "config", &["types"]),
    at(0, "geo", &[]),
    at(1, "model", &[]),
    at(1, "resource", &["model"]),
    at(1, "expr", &[]),
    at(1, "outbound", &[]),
    at(2, "authz", &[]),
    at(2, "store", &[]),
    at(3, "events", &[]),
    at(3, "registry", &["events", "mail"]),
    at(3, "tasks", &[]),
    at(3, "mail", &["events", "tasks"]),
    at(3, "policies", &["events", "mail", "registry"]),
    at(3, "flows", &["events", "mail", "policies", "registry"]),
    at(4, "stages", &[]),
    at(4, "mappings", &[]),
    at(4, "notifications", &[]),
    at(4, "web", &[]),
    at(5, "provider-oauth2", &[]),
    at(5, "blueprints", &[]),
    at(5, "portal", &[]),
    at(5, "api", &[]),
    at(5, "console", &[]),
    at(6, "server", &[]),
    beside("testkit"),
    beside("bench"),
    beside("xtask"),
];

fn place(room: &str) -> Option<&'static Place> {
    PLACES.iter().find(|place| place.room == room)
}

/// The floor of a room, if the table knows it.
pub(super) fn of(room: &str) -> Option<Floor> {
    place(room).map(|place| place.floor)
}

/// Whether `room` may use `other`, both being in the table.
pub(super) fn may_use(room: &str, other: &str) -> bool {
    let (Some(from), Some(to)) = (place(room), place(other)) else { return false };
    match (from.floor, to.floor) {
        (Floor::Beside, _) => true,
        (Floor::At(_), Floor::Beside) => false,
        (Floor::At(above), Floor::At(below)) => {
            below < above || (below == above && from.neighbours.contains(&other))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_stand_on_the_same_floor_and_never_lean_on_each_other() {
        for place in PLACES {
            for neighbour in place.neighbours {
                assert_eq!(of(neighbour), Some(place.floor), "{} beside {neighbour}", place.room);
                assert!(!may_use(neighbour, place.room), "{neighbour} and {} use each other", place.room);
            }
        }
    }

    #[test]
    fn rooms_of_the_fifth_floor_have_no_neighbours() {
        assert!(PLACES.iter().filter(|p| p.floor == Floor::At(5)).all(|p| p.neighbours.is_empty()));
    }
}
