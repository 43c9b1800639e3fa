//! Writes the people into a database that a server has made and left.

use std::sync::Arc;

use countersign_crypto::SystemClock;
use countersign_model::{
    Application, ApplicationId, Event, EventAction, EventId, EventUser, Group, GroupId, PolicyEngineMode,
    User, UserId, UserType,
};
use countersign_store::{Store, StoreError, StoreOptions, Tx, applications, events, groups, users};
use countersign_types::{JsonObject, Rng, Slug, Span, random_uuid, timed_uuid};
use serde_json::json;

use super::seeded::{COMMON, RARE, Seeded, capital};
use crate::Fault;

/// How many there are.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Users, and half as many events.
    pub users: u32,
    /// Groups.
    pub groups: u32,
    /// Applications.
    pub applications: u32,
}

/// Rows in one transaction.
const BATCH: u32 = 2_000;

/// Fills a database.
pub(super) fn fill(url: &str, size: Size) -> Result<(), Fault> {
    let failed = |error: &dyn std::error::Error| Fault::Program(format!("filling the database: {error}"));
    let seeded = Arc::new(Seeded::new(20_261_122));
    let rng: Arc<dyn Rng> = Arc::clone(&seeded) as _;
    let store =
        Store::open(StoreOptions::new(url), Arc::new(SystemClock), rng).map_err(|error| failed(&error))?;
    let write = |from: u32, to: u32, one: fn(&mut Tx<'_>, &Seeded, u32, u32) -> Result<(), StoreError>| {
        let seeded = Arc::clone(&seeded);
        store.write_blocking(move |tx| one(tx, &seeded, from, to)).map_err(|error: StoreError| failed(&error))
    };
    for (count, one) in [
        (size.users, people as fn(&mut Tx<'_>, &Seeded, u32, u32) -> Result<(), StoreError>),
        (size.groups, crowds),
        (size.applications, programs),
        (size.users / 2, trail),
    ] {
        for from in (0..count).step_by(BATCH as usize) {
            write(from, (from + BATCH).min(count), one)?;
        }
    }
    store.close();
    Ok(())
}

fn people(tx: &mut Tx<'_>, seeded: &Seeded, from: u32, to: u32) -> Result<(), StoreError> {
    let mut batch = Vec::new();
    for number in from..to {
        let family = if number % 1_000 == 7 { COMMON.to_owned() } else { seeded.name() };
        let (given, username) = match number {
            77 => (RARE.trim_end_matches("77").to_owned(), RARE.to_owned()),
            _ => {
                let given = seeded.name();
                (given.clone(), format!("{given}.{family}{number}"))
            }
        };
        let now = tx.now();
        batch.push(User {
            id: UserId(random_uuid(tx.rng())),
            pk: users::next_pk(tx)?,
            email: format!("{username}@d{}.example.com", seeded.below(40)),
            name: format!("{} {}", capital(&given), capital(&family)),
            username,
            is_active: seeded.below(20) > 0,
            password: None,
            password_change_date: None,
            last_login: None,
            date_joined: now.minus(Span::from_mins(seeded.below(1_000_000) as i64)),
            last_updated: now,
            path: format!(
                "users/{}",
                ["seoul", "berlin", "lima", "oslo"].get(seeded.below(4)).copied().unwrap_or("else")
            ),
            user_type: if seeded.below(50) == 0 { UserType::External } else { UserType::Internal },
            attributes: JsonObject::from_iter([("employee".to_owned(), json!(number))]),
        });
    }
    users::create_batch(tx, &batch)
}

fn crowds(tx: &mut Tx<'_>, seeded: &Seeded, from: u32, to: u32) -> Result<(), StoreError> {
    for number in from..to {
        let name = if number % 200 == 7 { COMMON.to_owned() } else { seeded.name() };
        let group = Group {
            id: GroupId(random_uuid(tx.rng())),
            name: format!("{name} {number}"),
            is_superuser: false,
            attributes: JsonObject::new(),
            parents: Vec::new(),
        };
        groups::create(tx, &group)?;
    }
    Ok(())
}

fn programs(tx: &mut Tx<'_>, seeded: &Seeded, from: u32, to: u32) -> Result<(), StoreError> {
    for number in from..to {
        let name = if number % 100 == 7 { COMMON.to_owned() } else { seeded.name() };
        let slug = format!("{name}-{number}");
        let application = Application {
            id: ApplicationId(random_uuid(tx.rng())),
            name: format!("{} {number}", capital(&name)),
            slug: slug.parse::<Slug>().map_err(|error| StoreError::Internal(error.to_string()))?,
            group: String::new(),
            provider: None,
            meta_launch_url: format!("https://{slug}.example.com/"),
            meta_icon: String::new(),
            meta_description: String::new(),
            meta_publisher: String::new(),
            meta_hide: false,
            open_in_new_tab: false,
            policy_engine_mode: PolicyEngineMode::Any,
        };
        applications::create(tx, &application)?;
    }
    Ok(())
}

fn trail(tx: &mut Tx<'_>, seeded: &Seeded, from: u32, to: u32) -> Result<(), StoreError> {
    let now = tx.now();
    let batch: Vec<Event> = (from..to)
        .map(|number| {
            let created = now.minus(Span::from_secs(seeded.below(30 * 86_400) as i64));
            let action = match seeded.below(10) {
                0 => EventAction::LoginFailed,
                1..=6 => EventAction::Login,
                _ => EventAction::AuthorizeApplication,
            };
            Event {
                id: EventId(timed_uuid(created, tx.rng())),
                action,
                app: "countersign.bench".to_owned(),
                user: Some(EventUser {
                    pk: i64::from(number % 1_000) + 10,
                    username: format!("{}.{}", seeded.name(), seeded.name()),
                    email: String::new(),
                    on_behalf_of: None,
                }),
                context: JsonObject::new(),
                client_ip: Some(format!(
                    "10.{}.{}.{}",
                    seeded.below(4),
                    seeded.below(250),
                    seeded.below(250)
                )),
                created,
                expires: created.plus(Span::from_secs(365 * 86_400)),
            }
        })
        .collect();
    events::create_batch(tx, &batch)
}
