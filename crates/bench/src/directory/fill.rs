//! Writes the people into a database that a server has made and left.

use std::sync::Arc;

use countersign_crypto::SystemClock;
use countersign_model::{
    Application, ApplicationId, Event, EventAction, EventId, EventUser, Group, GroupId, PolicyEngineMode,
    User, UserId, UserType,
};
use countersign_store::{
    Durability, Store, StoreError, StoreOptions, Tx, applications,
    events::{self, Ranking},
    groups, users,
};
use countersign_types::{JsonObject, RawId, Rng, Slug, Span, random_uuid, timed_uuid};
use serde_json::json;

use super::seeded::{COMMON, RARE, Seeded, capital};
use crate::Fault;

/// How many there are.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Users.
    pub users: u32,
    /// Groups.
    pub groups: u32,
    /// Applications.
    pub applications: u32,
}

/// Events are as many as users, and at least so many: charts show every hour of a month in the small directory, too.
const EVENTS: u32 = 100_000;
/// Rows in one transaction: with many, each page of an index is written once for all of them.
const BATCH: u32 = 50_000;
/// What SQLite may keep in memory for it.
const CACHE_KIB: u32 = 1_000_000;

/// The group that one in ten users belongs to.
pub(super) const CROWD: GroupId = GroupId(RawId::from_u128(0xc0_0000));

/// One of the applications.
fn application_id(number: u32) -> ApplicationId {
    ApplicationId(RawId::from_u128(0xa0_0000 + u128::from(number)))
}

/// Writes the rows of some numbers.
type Part = fn(&mut Tx<'_>, &Seeded, Size, u32, u32) -> Result<(), StoreError>;

/// Fills a database, unless it was filled before; whether it was now.
pub(super) fn fill(url: &str, size: Size) -> Result<bool, Fault> {
    let failed = |error: &dyn std::error::Error| Fault::Program(format!("filling the database: {error}"));
    let seeded = Arc::new(Seeded::new(20_261_122));
    let rng: Arc<dyn Rng> = Arc::clone(&seeded) as _;
    // What a power cut takes away is filled again.
    let options =
        StoreOptions { durability: Durability::Normal, cache_kib: CACHE_KIB, ..StoreOptions::new(url) };
    let store = Store::open(options, Arc::new(SystemClock), rng).map_err(|error| failed(&error))?;
    let people_there: i64 = store.read_blocking(users::count).map_err(|error: StoreError| failed(&error))?;
    if people_there >= i64::from(size.users) {
        store.close();
        return Ok(false);
    }
    // The people come last, so that a run that is cut short is not taken for a whole one.
    for (count, one) in [
        (size.groups, crowds as Part),
        (size.applications, programs),
        (size.users.max(EVENTS), trail),
        (size.users, people),
    ] {
        for from in (0..count).step_by(BATCH as usize) {
            let (seeded, to) = (Arc::clone(&seeded), (from + BATCH).min(count));
            store
                .write_blocking(move |tx| one(tx, &seeded, size, from, to))
                .map_err(|error: StoreError| failed(&error))?;
        }
    }
    count_events(&store).map_err(|error| failed(&error))?;
    store.close();
    Ok(true)
}

/// Does what recurring work does in the first minutes.
fn count_events(store: &Store) -> Result<(), StoreError> {
    loop {
        let tally = store.read_blocking(events::tally)?;
        if tally.is_empty() || !store.write_blocking(move |tx| events::keep(tx, &tally))? {
            break;
        }
    }
    for ranking in Ranking::ALL {
        if let Some(ranks) = store.read_blocking(move |tx| events::rank(tx, ranking))? {
            store.write_blocking(move |tx| events::keep_ranks(tx, ranking, &ranks))?;
        }
    }
    Ok(())
}

fn people(tx: &mut Tx<'_>, seeded: &Seeded, size: Size, from: u32, to: u32) -> Result<(), StoreError> {
    let first = users::next_pks(tx, to - from)?;
    let now = tx.now();
    let mut batch: Vec<User> = (from..to)
        .map(|number| {
            let family = if number % 12 == 7 { COMMON.to_owned() } else { seeded.name() };
            let (given, username) = match number {
                77 => (RARE.trim_end_matches("77").to_owned(), RARE.to_owned()),
                _ => {
                    let given = seeded.name();
                    (given.clone(), format!("{given}.{family}{number}"))
                }
            };
            User {
                id: UserId(random_uuid(tx.rng())),
                pk: first + i64::from(number - from),
                email: format!("{username}@d{}.example.com", seeded.below(40)),
                name: format!("{} {}", capital(&given), capital(&family)),
                username,
                is_active: seeded.below(5) > 0,
                password: None,
                password_change_date: None,
                last_login: None,
                date_joined: now.minus(Span::from_mins(seeded.below(1_000_000) as i64)),
                last_updated: now,
                path: format!(
                    "users/{}",
                    ["seoul", "berlin", "lima", "oslo"].get(seeded.below(4)).copied().unwrap_or("else")
                ),
                user_type: if seeded.below(4) == 0 { UserType::External } else { UserType::Internal },
                attributes: JsonObject::from_iter([("employee".to_owned(), json!(number))]),
            }
        })
        .collect();
    let mut joined: Vec<(GroupId, UserId)> = batch
        .iter()
        .zip(from..to)
        .flat_map(|(user, number)| {
            let own = (GroupId(RawId::from_u128(0xc0_0000 + u128::from(number % size.groups))), user.id);
            std::iter::once(own).chain((number % 10 == 3).then_some((CROWD, user.id)))
        })
        .collect();
    batch.sort_unstable_by_key(|user| user.id);
    users::create_batch(tx, &batch)?;
    joined.sort_unstable();
    groups::add_members(tx, &joined)
}

fn crowds(tx: &mut Tx<'_>, seeded: &Seeded, _: Size, from: u32, to: u32) -> Result<(), StoreError> {
    for number in from..to {
        let name = if number % 200 == 7 { COMMON.to_owned() } else { seeded.name() };
        let group = Group {
            id: GroupId(RawId::from_u128(CROWD.raw().as_u128() + u128::from(number))),
            name: format!("{name} {number}"),
            is_superuser: false,
            attributes: JsonObject::new(),
            parents: Vec::new(),
        };
        groups::create(tx, &group)?;
    }
    Ok(())
}

fn programs(tx: &mut Tx<'_>, seeded: &Seeded, _: Size, from: u32, to: u32) -> Result<(), StoreError> {
    for number in from..to {
        let name = if number % 20 == 7 { COMMON.to_owned() } else { seeded.name() };
        let slug = format!("{name}-{number}");
        let application = Application {
            id: application_id(number),
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

fn trail(tx: &mut Tx<'_>, seeded: &Seeded, size: Size, from: u32, to: u32) -> Result<(), StoreError> {
    let now = tx.now();
    let mut batch: Vec<Event> = (from..to)
        .map(|number| {
            let created = now.minus(Span::from_secs(seeded.below(30 * 86_400) as i64));
            let (action, context) = match seeded.below(10) {
                0 => (EventAction::LoginFailed, json!({})),
                1..=6 => (EventAction::Login, json!({})),
                _ => {
                    let pk = application_id(seeded.below(size.applications as usize) as u32).raw();
                    (EventAction::AuthorizeApplication, json!({ "authorized_application": { "pk": pk } }))
                }
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
                context: context.as_object().cloned().unwrap_or_default(),
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
    batch.sort_unstable_by_key(|event| event.created);
    events::create_batch(tx, &batch)
}
