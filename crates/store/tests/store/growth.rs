//! What a page of a list looks at is the same among a thousand as among ten times as many.
//!
//! PostgreSQL tells how many rows of tables and indexes a transaction read; of SQLite the statements are counted and
//! the rows that they returned, and `plans.rs` says that those are all that it reads.

use std::{collections::HashMap, sync::Arc};

use countersign_model::{GroupId, User, UserId, UserType};
use countersign_store::{
    Backend, CostMeter, ListRequest, Sort, Start, StoreError, groups, on_both_databases,
    testing::{TestStore, plan_for_millions, rows_looked_at, samples},
    users::{self, UserFilter, UserOrder},
};
use countersign_types::RawId;

/// Statements of one page.
const MOST_QUERIES: u64 = 6;
/// Rows of tables and indexes that a page looks at: a thousand tell that many meet a condition, a thousand more may be
/// looked at one by one, and a page by its number is counted besides.
const MOST_LOOKED_AT: i64 = 4_500;
/// Rows of a page.
const ROWS: u32 = 30;
const AT_ONCE: u32 = 1_500;
const PARTS: u32 = 10;

/// People of whom every condition below is met by hundreds in each part.
async fn add(world: &TestStore, part: u32) {
    let now = world.now();
    let group = samples::group(1, "crowd", &[]);
    let work = move |tx: &mut countersign_store::Tx<'_>| {
        let crowd: Vec<User> = (part * AT_ONCE..(part + 1) * AT_ONCE)
            .map(|number| User {
                id: UserId(RawId::from_u128(u128::from(number * 7_919 % 15_000) + 1)),
                pk: i64::from(number) + 1,
                name: if number % 2 == 0 { "Tama Maku" } else { "Taso Reku" }.to_owned(),
                email: String::new(),
                is_active: number % 5 != 0,
                user_type: if number % 3 == 0 { UserType::External } else { UserType::Internal },
                path: format!("crowd/{}", number / 2 % 2),
                ..samples::user(0, &format!("u{:05}", number * 4_001 % 15_000), now)
            })
            .collect();
        users::create_batch(tx, &crowd)?;
        if part == 0 {
            groups::create(tx, &group)?;
        }
        let joined: Vec<(GroupId, UserId)> = crowd.iter().map(|user| (group.id, user.id)).collect();
        groups::add_members(tx, &joined)
    };
    world.write(move |tx| work(tx)).await.unwrap();
}

/// The lists that are looked at.
fn asked() -> Vec<UserFilter> {
    let any = UserFilter::default;
    let text = |text: &str| Some(text.to_owned());
    let group = samples::group(1, "crowd", &[]).id;
    vec![
        any(),
        UserFilter { search: text("ta"), ..any() },
        UserFilter { search: text("ta ma"), ..any() },
        UserFilter { search: text("ta ma re so ku"), ..any() },
        UserFilter { search: text("ta"), is_active: Some(false), ..any() },
        UserFilter { search: text("ta"), path_prefix: text("crowd/1"), ..any() },
        UserFilter { is_active: Some(true), ..any() },
        UserFilter { is_active: Some(true), user_types: Some(vec![UserType::External]), ..any() },
        UserFilter { path_prefix: text("crowd"), ..any() },
        UserFilter { path: text("crowd"), has_logged_in: Some(true), ..any() },
        UserFilter { groups: Some(vec![group]), ..any() },
        UserFilter { groups: Some(vec![group]), search: text("ma"), ..any() },
        UserFilter { has_logged_in: Some(true), ..any() },
    ]
}

/// What a page took.
#[derive(Debug)]
struct Took {
    queries: u64,
    returned: u64,
    looked_at: i64,
}

/// What each list takes for its first page, the one behind, the first by its number, and for proposals.
async fn measured(world: &TestStore) -> Vec<(String, Took)> {
    let mut measured = Vec::new();
    for filter in asked() {
        for by in [UserOrder::Username, UserOrder::Name] {
            let (first, (shown, next)) = took(world, &filter, by, Start::First).await;
            measured.push((format!("{by:?} {filter:?}"), first));
            if let Some(behind) = next.map(Start::After) {
                measured
                    .push((format!("behind {by:?} {filter:?}"), took(world, &filter, by, behind).await.0));
            }
            // A page that 250 rows do not fill looks at as many as there are, up to 10,000.
            if shown == ROWS as usize {
                let numbered = took(world, &filter, by, Start::Skip(0)).await.0;
                measured.push((format!("numbered {by:?} {filter:?}"), numbered));
            }
        }
    }
    measured
}

async fn took(
    world: &TestStore,
    filter: &UserFilter,
    by: UserOrder,
    start: Start,
) -> (Took, (usize, Option<String>)) {
    let meter = Arc::new(CostMeter::default());
    let (filter, count) = (filter.clone(), matches!(start, Start::Skip(_)));
    let request = ListRequest { start, limit: ROWS, count };
    let (shown, looked_at) = world
        .with_cost(Arc::clone(&meter))
        .read(move |tx| {
            plan_for_millions(tx)?;
            let before = rows_looked_at(tx)?;
            let listed = users::browse(tx, &filter, Sort::ascending(by), &request)?;
            let looked_at = rows_looked_at(tx)? - before;
            Ok::<_, StoreError>(((listed.items.len(), listed.next), looked_at))
        })
        .await
        .unwrap();
    let cost = meter.cost();
    // What was read to count is no part of it.
    let own = if world.backend() == Backend::Postgres { 4 } else { 0 };
    (Took { queries: cost.queries - own, returned: cost.rows, looked_at }, shown)
}

on_both_databases! {
    async fn a_page_looks_at_no_more_among_ten_times_as_many(world: TestStore) {
        add(&world, 0).await;
        let few = measured(&world).await;
        for part in 1..PARTS {
            add(&world, part).await;
        }
        let many = measured(&world).await;
        let many: HashMap<String, Took> = many.into_iter().collect();
        let grown: Vec<String> = few
            .iter()
            .filter_map(|(name, few)| Some((name, few, many.get(name)?)))
            .filter(|(_, few, many)| {
                many.looked_at > MOST_LOOKED_AT.max(few.looked_at)
                    || many.returned > few.returned + few.returned / 10 + 2
                    || many.queries > MOST_QUERIES.max(few.queries)
            })
            .map(|(name, few, many)| format!("{few:?} {many:?} {name}"))
            .collect();
        assert!(grown.is_empty(), "{}", grown.join("\n"));
    }
}
