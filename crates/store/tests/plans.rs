//! What the databases do for lists and charts: they find rows by indexes and read them in order, so that what a
//! page costs does not depend on how many rows there are.
//!
//! A process of its own: every statement of its one test is overheard.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::{Mutex, PoisonError};

use countersign_model::{EventAction, RoleId, User, UserId, UserType};
use countersign_store::{
    Backend, ListRequest, Sort, Start, Store, StoreError, Tx, consents, events, grants, groups, sessions,
    testing::{TestStore, samples},
    tokens,
    users::{self, Between, UserFilter, UserOrder},
};
use countersign_types::{RawId, Span};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation},
    sql_types::Text,
};
use serde_json::json;

static OVERHEARD: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn overhear() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            let sql = text.split("-- binds").next().unwrap_or_default().trim().to_owned();
            OVERHEARD.lock().unwrap_or_else(PoisonError::into_inner).push(sql);
        }
    }))
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    text: String,
}

/// The plans of the statements with which something is read.
fn plans<T: Send + 'static>(
    store: &Store,
    url: &str,
    read: impl FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
) -> Vec<(String, Vec<String>)> {
    OVERHEARD.lock().unwrap_or_else(PoisonError::into_inner).clear();
    store.read_blocking(read).unwrap();
    let statements = OVERHEARD.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let explain = if store.backend() == Backend::Sqlite { on_sqlite } else { on_postgres };
    let selects = statements.into_iter().filter(|sql| sql.starts_with("SELECT") && !sql.contains("changes"));
    let selects: Vec<String> = selects.collect();
    explain(url, selects)
}

fn on_sqlite(url: &str, statements: Vec<String>) -> Vec<(String, Vec<String>)> {
    let mut conn = SqliteConnection::establish(url).unwrap();
    let explained = statements.into_iter().map(|sql| {
        let steps: Vec<Step> =
            diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(&mut conn).unwrap();
        (sql, steps.into_iter().map(|step| step.detail).collect())
    });
    explained.collect()
}

/// Whole tables are read, and rows sorted, only where nothing else is possible: as when there are millions.
fn on_postgres(url: &str, statements: Vec<String>) -> Vec<(String, Vec<String>)> {
    let mut conn = PgConnection::establish(url).unwrap();
    conn.batch_execute(
        "SET enable_seqscan = off; SET enable_sort = off; SET plan_cache_mode = force_generic_plan",
    )
    .unwrap();
    let explained = statements.into_iter().map(|sql| {
        conn.batch_execute(&format!("DEALLOCATE ALL; PREPARE asked AS {sql}")).unwrap();
        let binds = (1..).take_while(|number| sql.contains(&format!("${number}"))).count();
        let values = if binds == 0 { String::new() } else { format!("({})", vec!["NULL"; binds].join(", ")) };
        let lines: Vec<Line> =
            diesel::sql_query(format!("EXPLAIN (COSTS OFF) EXECUTE asked{values}")).load(&mut conn).unwrap();
        (sql, lines.into_iter().map(|line| line.text).collect())
    });
    explained.collect()
}

/// Rows are found by an index, or read in the order of one. Sorting is for what an index has made few: rows
/// named one by one.
fn is_cheap(backend: Backend, sql: &str, steps: &[String]) -> bool {
    if backend == Backend::Postgres {
        return is_cheap_on_postgres(sql, steps);
    }
    let walks = |step: &&String| step.starts_with("SCAN");
    let is_walk_in_order = |step: &&String| {
        step.contains(" USING ") || (step.as_str() == "SCAN events" && sql.contains("ORDER BY"))
    };
    let sorts = steps.iter().any(|step| step.contains("FOR ORDER BY"));
    let keys = [" IN (?", "`user_id` = ?", "`email_lower` = ?"];
    let few = keys.iter().any(|key| sql.contains(key));
    steps.iter().filter(walks).all(|step| is_walk_in_order(&step))
        && (!sorts || few)
        && (steps.iter().filter(walks).count() == 0 || sql.contains("LIMIT"))
}

/// The same, as PostgreSQL says it.
fn is_cheap_on_postgres(sql: &str, lines: &[String]) -> bool {
    let has = |text: &str| lines.iter().any(|line| line.contains(text));
    // Rows that are equal in the first column only are sorted where it says "Incremental Sort".
    let sorts = lines.iter().any(|line| line.trim_start_matches([' ', '-', '>']) == "Sort");
    let few = [" = ANY", "\"user_id\" = $", "\"email_lower\" = $"].iter().any(|key| sql.contains(key));
    let is_found = has("Index Cond") || has("HashAggregate");
    !has("Seq Scan") && (!sorts || few) && (is_found || sql.contains("LIMIT"))
}

/// A database with a crowd; none without a server.
fn world(backend: Backend) -> Option<TestStore> {
    let world = TestStore::start(backend)?;
    let now = world.now();
    world
        .write_blocking(move |tx| {
            let crowd: Vec<User> = (1..=1_200_u32)
                .map(|number| User {
                    id: UserId(RawId::from_u128(u128::from(number))),
                    pk: i64::from(number),
                    name: "Jo Doe".to_owned(),
                    is_active: false,
                    user_type: UserType::External,
                    path: "crowd/a".to_owned(),
                    attributes: json!({ "site": "s" }).as_object().unwrap().clone(),
                    ..samples::user(0, &format!("jo{number}"), now)
                })
                .collect();
            users::create_batch(tx, &crowd)?;
            groups::create(tx, &samples::group(1, "crowd", &[]))?;
            let ids: Vec<UserId> = crowd.iter().map(|user| user.id).collect();
            groups::set_members(tx, samples::group(1, "crowd", &[]).id, &ids)
        })
        .unwrap();
    Some(world)
}

#[test]
fn no_list_reads_more_rows_than_it_needs() {
    set_default_instrumentation(overhear).unwrap();
    for backend in [Backend::Sqlite, Backend::Postgres] {
        if let Some(world) = world(backend) {
            lists_are_cheap(backend, &world);
        }
    }
}

fn lists_are_cheap(backend: Backend, world: &TestStore) {
    let url = world.database.options.url.clone();
    let now = world.now();
    let check = |name: &str, plans: Vec<(String, Vec<String>)>| {
        assert!(!plans.is_empty());
        for (sql, steps) in plans {
            assert!(is_cheap(backend, &sql, &steps), "{backend:?}: {name}: {sql}\n{steps:#?}");
        }
    };
    let any = UserFilter::default;
    let text = |text: &str| Some(text.to_owned());
    let group = samples::group(1, "crowd", &[]).id;
    let lately = Between { from: Some(now.minus(Span::from_hours(1))), before: None };
    let asked = [
        any(),
        UserFilter { search: text("jo"), ..any() },
        UserFilter { search: text("jo77"), ..any() },
        UserFilter { search: text("doe jo example"), ..any() },
        UserFilter { search: text("jo77@example.org"), is_active: Some(true), ..any() },
        UserFilter { groups: Some(vec![group]), ..any() },
        UserFilter { groups: Some(vec![group]), search: text("jo77"), ..any() },
        UserFilter { is_superuser: Some(false), ..any() },
        UserFilter { is_active: Some(true), ..any() },
        UserFilter { is_active: Some(false), ..any() },
        UserFilter { user_types: Some(vec![UserType::External]), ..any() },
        UserFilter { user_types: Some(vec![UserType::External, UserType::Internal]), ..any() },
        UserFilter { path: text("crowd"), ..any() },
        UserFilter { path_prefix: text("cr"), is_active: Some(false), ..any() },
        UserFilter { exact_path: text("crowd/a"), ..any() },
        UserFilter { name: text("Jo Doe"), ..any() },
        UserFilter { email: text("jo7@example.org"), ..any() },
        UserFilter { ids: Some(vec![UserId(RawId::from_u128(7))]), ..any() },
        UserFilter { roles: Some(vec![RoleId(RawId::from_u128(7))]), ..any() },
        UserFilter { attributes: json!({ "site": "s" }).as_object().unwrap().clone(), ..any() },
        UserFilter { attributes: json!({ "site": "t" }).as_object().unwrap().clone(), ..any() },
        UserFilter { date_joined: lately, ..any() },
        UserFilter { last_updated: lately, is_active: Some(false), ..any() },
        UserFilter { last_login: lately, ..any() },
    ];
    let orders = [
        UserOrder::Username,
        UserOrder::Name,
        UserOrder::Email,
        UserOrder::Pk,
        UserOrder::DateJoined,
        UserOrder::LastUpdated,
        UserOrder::LastLogin,
    ];
    for filter in asked {
        for by in orders {
            for (descending, start) in [(false, Start::First), (true, Start::Skip(20))] {
                let (filter, name) = (filter.clone(), format!("{by:?} {filter:?}"));
                let request = ListRequest { start, limit: 20, count: true };
                check(
                    &name,
                    plans(world.store(), &url, move |tx| {
                        users::browse(tx, &filter, Sort { by, descending }, &request)
                    }),
                );
            }
        }
    }
    for text in ["jo", "jo doe example"] {
        check("proposed users", plans(world.store(), &url, move |tx| users::propose(tx, text, 5)));
        check("proposed groups", plans(world.store(), &url, move |tx| groups::propose(tx, "crow d", 5)));
    }
    let request = ListRequest::first(20).counted();
    let any = events::EventFilter::default;
    for filter in [
        any(),
        events::EventFilter { action: Some(EventAction::Login), ..any() },
        events::EventFilter { actions: vec![EventAction::Login, EventAction::Logout], ..any() },
        events::EventFilter { user_pk: Some(7), ..any() },
        events::EventFilter { client_ip: text("192.0.2.1"), ..any() },
        events::EventFilter { object: Some(RawId::from_u128(7)), ..any() },
        events::EventFilter { search: text("jo77"), ..any() },
        events::EventFilter { app: text("countersign"), since: Some(now), ..any() },
    ] {
        let (name, request) = (format!("{filter:?}"), request.clone());
        check(&name, plans(world.store(), &url, move |tx| events::browse(tx, &filter, &request)));
    }
    let any = groups::GroupFilter::default;
    for filter in [
        any(),
        groups::GroupFilter { search: text("crow"), ..any() },
        groups::GroupFilter { is_superuser: Some(true), ..any() },
        groups::GroupFilter { members: Some(vec![UserId(RawId::from_u128(7))]), ..any() },
    ] {
        let (name, request) = (format!("{filter:?}"), ListRequest::first(20));
        check(
            &name,
            plans(world.store(), &url, move |tx| groups::browse(tx, &filter, Sort::default(), &request)),
        );
    }
    check("number of users", plans(world.store(), &url, users::count));
    let lately = events::EventFilter { since: Some(now.minus(Span::from_days(30))), ..Default::default() };
    let since = lately.clone();
    check("actions", plans(world.store(), &url, move |tx| events::by_action(tx, &since)));
    check(
        "volume",
        plans(world.store(), &url, move |tx| events::volume_by_action(tx, &lately, Span::from_hours(1))),
    );
    for ranking in events::Ranking::ALL {
        let ranked = move |tx: &mut Tx<'_>| events::ranked_applications(tx, ranking, 8);
        check("applications", plans(world.store(), &url, ranked));
    }
    let user = UserId(RawId::from_u128(7));
    let of_user = sessions::SessionFilter { user: Some(user), ..Default::default() };
    for filter in [sessions::SessionFilter::default(), of_user] {
        let request = ListRequest::first(20);
        check("sessions", plans(world.store(), &url, move |tx| sessions::browse(tx, &filter, &request)));
    }
    let of_user = tokens::TokenFilter { user: Some(user), ..Default::default() };
    let begins = tokens::TokenFilter { beginning: text("jo"), ..Default::default() };
    for filter in [tokens::TokenFilter::default(), of_user, begins] {
        let request = ListRequest::first(20);
        check("tokens", plans(world.store(), &url, move |tx| tokens::browse(tx, &filter, &request)));
    }
    let of_provider = grants::GrantFilter { provider: Some(samples::provider(1).id), ..Default::default() };
    check(
        "grants",
        plans(world.store(), &url, move |tx| grants::browse(tx, &of_provider, &ListRequest::first(20))),
    );
    let of_user = consents::ConsentFilter { user: Some(user), ..Default::default() };
    check(
        "consents",
        plans(world.store(), &url, move |tx| consents::browse(tx, &of_user, &ListRequest::first(20))),
    );
}
