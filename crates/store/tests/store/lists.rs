//! Lists and searches, as consoles and the API ask for them.

use std::fmt::Debug;

use countersign_model::{EventAction, EventUser, Group, Role, RoleId, User, UserType};
use countersign_store::{
    Count, ListRequest, Listed, Sort, Start, StoreError, codes, consents, events, grants, groups,
    on_both_databases, roles, sessions,
    testing::{TestStore, samples},
    tokens,
    users::{self, Between, UserFilter, UserOrder},
};
use countersign_types::{RawId, Span, Timestamp};
use serde_json::json;

/// A user of a list: number, name, display name.
fn person(number: u8, username: &str, name: &str, now: Timestamp) -> User {
    User {
        name: name.to_owned(),
        email: format!("{username}@example.org"),
        ..samples::user(number, username, now)
    }
}

async fn five(world: &TestStore) -> Vec<User> {
    let now = world.now();
    let mut people = vec![
        person(5, "eve", "Eve Adams", now),
        person(4, "Ada", "Ada Lovelace", now),
        person(3, "bob", "Robert Smith", now),
        person(2, "carol", "Carol Smith", now),
        person(1, "dan", "김철수", now),
    ];
    people[0].is_active = false;
    people[1].path = "staff/it".to_owned();
    people[1].attributes.insert("room".to_owned(), json!({ "number": 12, "keys": ["a", "b"] }));
    people[2].user_type = UserType::ServiceAccount;
    people[2].path = "staffing".to_owned();
    people[3].date_joined = now.minus(Span::from_days(9));
    people[4].last_login = Some(now);
    let rows = people.clone();
    world.write(move |tx| users::create_batch(tx, &rows)).await.unwrap();
    people
}

fn names(listed: &Listed<User>) -> Vec<&str> {
    listed.items.iter().map(|user| user.username.as_str()).collect()
}

async fn found(world: &TestStore, filter: UserFilter) -> Vec<String> {
    let request = ListRequest::first(100).counted();
    let listed = world.read(move |tx| users::browse(tx, &filter, Sort::default(), &request)).await.unwrap();
    assert_eq!(listed.count, Some(Count::Exact(listed.items.len() as u64)));
    assert_eq!(listed.next, None);
    listed.items.into_iter().map(|user| user.username).collect()
}

fn search(text: &str) -> UserFilter {
    UserFilter { search: Some(text.to_owned()), ..UserFilter::default() }
}

/// All pages of a list, by its own cursors, and by passing over what was shown.
async fn pages<T: Send + Debug + 'static>(
    world: &TestStore,
    limit: u32,
    page: impl Fn(&mut countersign_store::Tx<'_>, &ListRequest) -> Result<Listed<T>, StoreError>
    + Clone
    + Send
    + 'static,
) -> (Vec<T>, Vec<T>) {
    let (mut by_cursor, mut by_number) = (Vec::new(), Vec::new());
    let mut start = Start::First;
    for _ in 0..1000 {
        let (ask, request) = (page.clone(), ListRequest { start, limit, count: false });
        let listed = world.read(move |tx| ask(tx, &request)).await.unwrap();
        by_cursor.extend(listed.items);
        let Some(next) = listed.next else { break };
        start = Start::After(next);
    }
    for _ in 0..1000 {
        let skip = Start::Skip(by_number.len() as u64);
        let (ask, request) = (page.clone(), ListRequest { start: skip, limit, count: false });
        let listed = world.read(move |tx| ask(tx, &request)).await.unwrap();
        by_number.extend(listed.items);
        if listed.next.is_none() {
            break;
        }
    }
    (by_cursor, by_number)
}

on_both_databases! {
    async fn users_are_found_by_the_beginnings_of_words(world: TestStore) {
        five(&world).await;
        assert_eq!(found(&world, search("smi")).await, ["bob", "carol"]);
        assert_eq!(found(&world, search("SMITH car")).await, ["carol"]);
        assert_eq!(found(&world, search("ada@example.org")).await, ["Ada"]);
        assert_eq!(found(&world, search("ada")).await, ["Ada", "eve"], "Adams too");
        assert_eq!(found(&world, search("철수")).await, ["dan"]);
        assert_eq!(found(&world, search("mith")).await, Vec::<String>::new());
        assert_eq!(found(&world, search("%_")).await, Vec::<String>::new());
        assert_eq!(found(&world, search("  ")).await.len(), 5);
    }

    async fn a_user_is_found_by_what_he_is_called_now(world: TestStore) {
        let mut ada = five(&world).await.remove(1);
        ada.username = "countess".to_owned();
        ada.name = "Augusta King".to_owned();
        ada.email = String::new();
        ada.attributes.clear();
        let (id, row) = (ada.id, ada);
        world.write(move |tx| users::update(tx, &row)).await.unwrap();
        assert_eq!(found(&world, search("lovelace")).await, Vec::<String>::new());
        assert_eq!(found(&world, search("king count")).await, ["countess"]);
        let room = json!({ "room": { "number": 12 } }).as_object().unwrap().clone();
        assert!(found(&world, UserFilter { attributes: room, ..UserFilter::default() }).await.is_empty());
        world.write(move |tx| users::delete(tx, id)).await.unwrap();
        assert_eq!(found(&world, search("king")).await, Vec::<String>::new());
        assert_eq!(found(&world, UserFilter::default()).await.len(), 4);
    }

    async fn every_filter_lets_through_who_fits(world: TestStore) {
        let people = five(&world).await;
        let (eve, carol) = (people[0].id, people[3].id);
        let admins = Group { is_superuser: true, ..samples::group(1, "admins", &[]) };
        let below = samples::group(2, "below", &[admins.id]);
        let role = Role { id: RoleId(RawId::from_u128(1)), name: "r".to_owned(), managed: None, permissions: vec![] };
        let (group, given) = (below.id, role.id);
        world.write(move |tx| {
            groups::create(tx, &admins)?;
            groups::create(tx, &below)?;
            groups::add_member(tx, below.id, eve)?;
            groups::add_member(tx, below.id, carol)?;
            roles::create(tx, &role)?;
            roles::set_of_user(tx, carol, &[role.id])
        }).await.unwrap();
        let any = UserFilter::default;
        let now = world.now();
        let yesterday = now.minus(Span::from_days(1));
        let room = |value: serde_json::Value| json!({ "room": value }).as_object().unwrap().clone();
        let asked: Vec<(UserFilter, &[&str])> = vec![
            (UserFilter { id: Some(eve), ..any() }, &["eve"]),
            (UserFilter { ids: Some(vec![eve, carol]), ..any() }, &["carol", "eve"]),
            (UserFilter { ids: Some(vec![]), ..any() }, &[]),
            (UserFilter { ids: Some(vec![eve, carol]), is_active: Some(true), ..any() }, &["carol"]),
            (UserFilter { pk: Some(4), ..any() }, &["Ada"]),
            (UserFilter { pks: Some(vec![1, 2]), ..any() }, &["carol", "dan"]),
            (UserFilter { username: Some("ADA".to_owned()), ..any() }, &["Ada"]),
            (UserFilter { email: Some("Bob@example.org".to_owned()), ..any() }, &["bob"]),
            (UserFilter { name: Some("Carol Smith".to_owned()), ..any() }, &["carol"]),
            (UserFilter { name: Some("carol smith".to_owned()), ..any() }, &[]),
            (UserFilter { is_active: Some(false), ..any() }, &["eve"]),
            (UserFilter { is_active: Some(true), ..any() }, &["Ada", "bob", "carol", "dan"]),
            (UserFilter { path: Some("staff".to_owned()), ..any() }, &["Ada"]),
            (UserFilter { path: Some("staff/it/".to_owned()), ..any() }, &["Ada"]),
            (UserFilter { exact_path: Some("staff".to_owned()), ..any() }, &[]),
            (UserFilter { path_prefix: Some("staff".to_owned()), ..any() }, &["Ada", "bob"]),
            (UserFilter { user_types: Some(vec![UserType::ServiceAccount]), ..any() }, &["bob"]),
            (UserFilter { groups: Some(vec![group]), ..any() }, &["carol", "eve"]),
            (UserFilter { groups: Some(vec![group]), search: Some("smith".to_owned()), ..any() }, &["carol"]),
            (UserFilter { group_names: Some(vec!["below".to_owned()]), ..any() }, &["carol", "eve"]),
            (UserFilter { group_names: Some(vec!["admins".to_owned()]), ..any() }, &[]),
            (UserFilter { is_superuser: Some(true), ..any() }, &["carol", "eve"]),
            (UserFilter { is_superuser: Some(false), ..any() }, &["Ada", "bob", "dan"]),
            (UserFilter { roles: Some(vec![given]), ..any() }, &["carol"]),
            (UserFilter { attributes: room(json!({ "number": 12 })), ..any() }, &["Ada"]),
            (UserFilter { attributes: room(json!({ "keys": ["b"] })), ..any() }, &["Ada"]),
            (UserFilter { attributes: room(json!({ "number": 12, "keys": "c" })), ..any() }, &[]),
            (UserFilter { date_joined: Between { from: None, before: Some(yesterday) }, ..any() }, &["carol"]),
            (UserFilter { last_updated: Between { from: Some(now), before: None }, is_active: Some(false), ..any() }, &["eve"]),
            (UserFilter { last_login: Between { from: Some(yesterday), before: None }, ..any() }, &["dan"]),
            (UserFilter { has_logged_in: Some(true), ..any() }, &["dan"]),
        ];
        for (filter, expected) in asked {
            assert_eq!(found(&world, filter.clone()).await, expected, "{filter:?}");
        }
    }

    async fn every_order_goes_both_ways_by_page(world: TestStore) {
        five(&world).await;
        for (by, expected) in [
            (UserOrder::Username, ["Ada", "bob", "carol", "dan", "eve"]),
            (UserOrder::Name, ["Ada", "carol", "eve", "bob", "dan"]),
            (UserOrder::Email, ["Ada", "bob", "carol", "dan", "eve"]),
            (UserOrder::Pk, ["dan", "carol", "bob", "Ada", "eve"]),
        ] {
            for descending in [false, true] {
                let sort = Sort { by, descending };
                let ask = move |tx: &mut countersign_store::Tx<'_>, request: &ListRequest| {
                    users::browse(tx, &UserFilter::default(), sort, request)
                };
                let (by_cursor, by_number) = pages(&world, 2, ask).await;
                let mut expected = expected.map(str::to_owned).to_vec();
                if descending { expected.reverse(); }
                for shown in [by_cursor, by_number] {
                    let shown: Vec<String> = shown.into_iter().map(|user| user.username).collect();
                    assert_eq!(shown, expected, "{sort:?}");
                }
            }
        }
        for by in [UserOrder::DateJoined, UserOrder::LastUpdated, UserOrder::LastLogin] {
            let active = UserFilter { is_active: Some(true), user_types: Some(vec![UserType::Internal]), ..UserFilter::default() };
            let ask = move |tx: &mut countersign_store::Tx<'_>, request: &ListRequest| {
                users::browse(tx, &active, Sort::descending(by), request)
            };
            let (by_cursor, by_number) = pages(&world, 1, ask).await;
            assert_eq!((by_cursor.len(), by_number.len()), (3, 3), "{by:?}");
            if by == UserOrder::LastLogin { assert_eq!(by_cursor[0].username, "dan"); }
            if by == UserOrder::DateJoined { assert_eq!(by_cursor[2].username, "carol"); }
        }
    }

    async fn a_count_alone_loads_nobody(world: TestStore) {
        five(&world).await;
        let request = ListRequest::first(0).counted();
        let ask = request.clone();
        let listed = world.read(move |tx| users::browse(tx, &UserFilter::default(), Sort::default(), &ask)).await.unwrap();
        assert_eq!((names(&listed), listed.count), (vec![], Some(Count::Exact(5))));
        let smiths = search("smith");
        let listed = world.read(move |tx| users::browse(tx, &smiths, Sort::default(), &request)).await.unwrap();
        assert_eq!(listed.count, Some(Count::Exact(2)));
    }

    async fn a_name_that_thousands_have_is_found_in_the_order_of_words(world: TestStore) {
        let now = world.now();
        for part in 0..6_u32 {
            world.write(move |tx| {
                let people: Vec<User> = (0..1_000_u32).map(|number| {
                    let number = part * 1_000 + number;
                    let mut user = samples::user(0, &format!("u{:05}", number * 7 % 6_000), now);
                    user.id = countersign_model::UserId(RawId::from_u128(u128::from(number) + 1));
                    user.pk = i64::from(number) + 1;
                    user.name = if number % 2 == 0 { "Anna Ann" } else { "Annika" }.to_owned();
                    user.email = String::new();
                    user.is_active = number % 1_000 != 0;
                    user
                }).collect();
                users::create_batch(tx, &people)
            }).await.unwrap();
        }
        let ask = |filter: UserFilter| move |tx: &mut countersign_store::Tx<'_>, request: &ListRequest| {
            users::browse(tx, &filter, Sort::default(), request)
        };
        let (by_cursor, _) = pages(&world, 900, ask(search("ann"))).await;
        assert_eq!(by_cursor.len(), 6_000, "each once, although half of them have two such words");
        assert!(by_cursor[..3_000].iter().all(|user| user.name == "Anna Ann"));
        assert!(by_cursor[..3_000].is_sorted_by_key(|user| user.username.clone()));
        assert!(by_cursor[3_000..].is_sorted_by_key(|user| user.username.clone()));
        let suspended = UserFilter { is_active: Some(false), ..search("ann") };
        let (by_cursor, _) = pages(&world, 100, ask(suspended)).await;
        assert_eq!(by_cursor.len(), 6, "few fit, and then the list is short");
        let request = ListRequest::first(10).counted();
        let filter = search("ann");
        let listed = world.read(move |tx| users::browse(tx, &filter, Sort::default(), &request)).await.unwrap();
        assert_eq!(listed.count, Some(Count::AtLeast(250)), "so many rows were looked at");
        for (text, expected) in [("ann u00", "u00000"), ("annika", "u00001"), ("anna nobody", "")] {
            let found = world.read(move |tx| users::propose(tx, text, 5)).await.unwrap();
            let first = found.first().map_or("", |user| user.username.as_str());
            assert_eq!((first, found.len() <= 5), (expected, true), "{text}");
        }
        let listed = world.read(move |tx| users::browse(tx, &UserFilter::default(), Sort::descending(UserOrder::LastLogin), &ListRequest::first(2).counted())).await.unwrap();
        assert_eq!((names(&listed), listed.count), (vec!["u00000", "u00001"], Some(Count::Exact(6_000))));
        let dense = UserFilter { is_active: Some(true), ..UserFilter::default() };
        let (by_cursor, by_number) = pages(&world, 1_000, ask(dense)).await;
        assert_eq!((by_cursor.len(), by_number.len()), (5_994, 5_994));
    }

    async fn a_distant_page_of_what_hardly_anybody_meets_is_refused_without_looking_at_everybody(world: TestStore) {
        let now = world.now();
        for part in 0..11_u32 {
            world.write(move |tx| {
                let crowd: Vec<User> = (part * 1_000..(part + 1) * 1_000).map(|number| User {
                    id: countersign_model::UserId(RawId::from_u128(u128::from(number) + 1)),
                    pk: i64::from(number) + 1,
                    name: "Jo".to_owned(),
                    email: String::new(),
                    last_login: (number % 5_000 == 4_999).then_some(now),
                    ..samples::user(0, &format!("{number:05}"), now)
                }).collect();
                users::create_batch(tx, &crowd)
            }).await.unwrap();
        }
        let at = |filter: UserFilter, skip| {
            let request = ListRequest { start: Start::Skip(skip), limit: 1, count: true };
            world.read(move |tx| users::browse(tx, &filter, Sort::default(), &request))
        };
        let seen = UserFilter { has_logged_in: Some(true), ..UserFilter::default() };
        for filter in [seen.clone(), UserFilter { search: Some("jo".to_owned()), ..seen }] {
            for (skip, expected) in [(0, Some("04999")), (1, Some("09999")), (2, None)] {
                let page = at(filter.clone(), skip).await.unwrap();
                assert_eq!(page.items.first().map(|user| user.username.as_str()), expected, "{filter:?}");
                assert!(page.next.is_some(), "there may be more: {filter:?}");
            }
        }
        let everybody = UserFilter { has_logged_in: Some(false), ..UserFilter::default() };
        let distant = at(everybody, 10_500).await.unwrap();
        assert_eq!(names(&distant), ["10502"], "what nearly everybody meets has no end before the last");
    }

    async fn paths_are_told_once_each(world: TestStore) {
        assert_eq!(world.read(|tx| users::paths(tx, 10)).await.unwrap(), Vec::<String>::new());
        five(&world).await;
        assert_eq!(world.read(|tx| users::paths(tx, 10)).await.unwrap(), ["staff/it", "staffing", "users"]);
        assert_eq!(world.read(|tx| users::paths(tx, 2)).await.unwrap().len(), 2);
    }

    async fn groups_are_listed_searched_and_filtered(world: TestStore) {
        let people = five(&world).await;
        let ada = people[1].id;
        world.write(move |tx| {
            let admins = Group { is_superuser: true, ..samples::group(1, "Site Admins", &[]) };
            groups::create(tx, &admins)?;
            for (number, name) in ["Engineering", "Sales Europe", "Sales Asia"].iter().enumerate() {
                let group = samples::group(u8::try_from(number).unwrap() + 2, name, &[admins.id]);
                groups::create(tx, &group)?;
                if number > 0 { groups::add_member(tx, group.id, ada)?; }
            }
            Ok::<_, StoreError>(())
        }).await.unwrap();
        let ask = async |filter: groups::GroupFilter| {
            let request = ListRequest::first(10).counted();
            let listed = world.read(move |tx| groups::browse(tx, &filter, Sort::default(), &request)).await.unwrap();
            assert_eq!(listed.count, Some(Count::Exact(listed.items.len() as u64)));
            listed.items.into_iter().map(|group| group.name).collect::<Vec<_>>()
        };
        let any = groups::GroupFilter::default;
        assert_eq!(ask(any()).await, ["Engineering", "Sales Asia", "Sales Europe", "Site Admins"]);
        assert_eq!(ask(groups::GroupFilter { search: Some("sal eu".to_owned()), ..any() }).await, ["Sales Europe"]);
        assert_eq!(ask(groups::GroupFilter { is_superuser: Some(true), ..any() }).await, ["Site Admins"]);
        assert_eq!(ask(groups::GroupFilter { members: Some(vec![ada]), ..any() }).await, ["Sales Asia", "Sales Europe"]);
        assert_eq!(ask(groups::GroupFilter { member_names: Some(vec!["ADA".to_owned()]), ..any() }).await.len(), 2);
        assert_eq!(ask(groups::GroupFilter { member_names: Some(vec!["bob".to_owned()]), ..any() }).await.len(), 0);
        let by_name = |descending| move |tx: &mut countersign_store::Tx<'_>, request: &ListRequest| {
            groups::browse(tx, &groups::GroupFilter::default(), Sort { by: groups::GroupOrder::Name, descending }, request)
        };
        for descending in [false, true] {
            let (by_cursor, by_number) = pages(&world, 3, by_name(descending)).await;
            assert_eq!((by_cursor.len(), &by_cursor), (4, &by_number));
        }
        let mut renamed = samples::group(2, "Works", &[]);
        renamed.attributes.clear();
        world.write(move |tx| groups::update(tx, &renamed)).await.unwrap();
        assert_eq!(ask(groups::GroupFilter { search: Some("eng".to_owned()), ..any() }).await, Vec::<String>::new());
        assert_eq!(ask(groups::GroupFilter { search: Some("work".to_owned()), ..any() }).await, ["Works"]);
    }

    async fn events_are_found_by_all_that_is_known_of_them(world: TestStore) {
        let people = five(&world).await;
        let (ada, start) = (people[1].clone(), world.now());
        let application = samples::application(1, "wiki", None).id;
        let group = samples::group(1, "staff", &[]).id;
        world.write(move |tx| {
            let mut trail = Vec::new();
            for number in 0..40_u8 {
                let mut event = samples::event(number, start.plus(Span::from_mins(i64::from(number))));
                event.action = match number % 4 {
                    0 => EventAction::Login,
                    1 => EventAction::LoginFailed,
                    2 => EventAction::AuthorizeApplication,
                    _ => EventAction::ModelUpdated,
                };
                if number % 4 == 2 {
                    event.context.insert("authorized_application".to_owned(), json!({ "pk": application.to_string() }));
                }
                if number % 4 == 3 {
                    let model = json!({ "app": "authentik_core", "model_name": "group", "pk": group.to_string() });
                    event.context.insert("model".to_owned(), model);
                }
                event.client_ip = Some(format!("192.0.2.{}", number % 2));
                event.user = Some(EventUser { pk: if number < 20 { ada.pk } else { 99 }, ..EventUser::default() });
                trail.push(event);
            }
            events::create_batch(tx, &trail)
        }).await.unwrap();
        let any = events::EventFilter::default;
        let text = |text: &str| Some(text.to_owned());
        let asked: Vec<(events::EventFilter, usize)> = vec![
            (any(), 40),
            (events::EventFilter { action: Some(EventAction::Login), ..any() }, 10),
            (events::EventFilter { actions: vec![EventAction::Login, EventAction::LoginFailed], ..any() }, 20),
            (events::EventFilter { actions: EventAction::ALL.to_vec(), ..any() }, 40),
            (events::EventFilter { action: Some(EventAction::Login), actions: vec![EventAction::Logout], ..any() }, 0),
            (events::EventFilter { user_pk: Some(4), ..any() }, 20),
            (events::EventFilter { user_pk: Some(4), action: Some(EventAction::Login), ..any() }, 5),
            (events::EventFilter { client_ip: text("192.0.2.1"), ..any() }, 20),
            (events::EventFilter { object: Some(group.raw()), ..any() }, 10),
            (events::EventFilter { object: Some(application.raw()), ..any() }, 0),
            (events::EventFilter { object: Some(application.raw()), action: Some(EventAction::AuthorizeApplication), ..any() }, 10),
            (events::EventFilter { model: text("authentik_core.group"), ..any() }, 10),
            (events::EventFilter { model: text("authentik_core.user"), ..any() }, 0),
            (events::EventFilter { app: text("countersign_tests"), ..any() }, 40),
            (events::EventFilter { since: Some(start.plus(Span::from_mins(10))), ..any() }, 30),
            (events::EventFilter { until: Some(start.plus(Span::from_mins(10))), ..any() }, 10),
            (events::EventFilter { search: text("192.0.2.0"), ..any() }, 20),
            (events::EventFilter { search: text("lovelace"), ..any() }, 20),
            (events::EventFilter { search: text("nobody"), ..any() }, 0),
            (events::EventFilter { search: text("model_updated"), ..any() }, 10),
            (events::EventFilter { search: Some(group.to_string()), ..any() }, 10),
        ];
        for (filter, expected) in asked {
            let ask = filter.clone();
            let request = ListRequest::first(0).counted();
            let listed = world.read(move |tx| events::browse(tx, &ask, &request)).await.unwrap();
            assert_eq!(listed.count, Some(Count::Exact(expected as u64)), "{filter:?}");
            let ask = filter.clone();
            let (by_cursor, by_number) = pages(&world, 7, move |tx, request| events::browse(tx, &ask, request)).await;
            assert_eq!((by_cursor.len(), by_number.len()), (expected, expected), "{filter:?}");
            assert!(by_cursor.is_sorted_by_key(|event| std::cmp::Reverse(event.created)), "{filter:?}");
        }
    }

    async fn events_are_counted_for_charts(world: TestStore) {
        let start = Timestamp::from_secs(1_798_761_600);
        let (wiki, mail) = (samples::application(1, "wiki", None).id, samples::application(2, "mail", None).id);
        world.write(move |tx| {
            for number in 0..24_u8 {
                let mut event = samples::event(number, start.plus(Span::from_mins(10 * i64::from(number))));
                event.user = Some(EventUser { pk: i64::from(number % 3), ..EventUser::default() });
                if number % 2 == 0 {
                    let application = if number % 8 == 0 { mail } else { wiki };
                    event.action = EventAction::AuthorizeApplication;
                    event.context.insert("authorized_application".to_owned(), json!({ "pk": application.to_string() }));
                }
                events::create(tx, &event)?;
            }
            Ok::<_, StoreError>(())
        }).await.unwrap();
        let any = events::EventFilter::default();
        let hours = world.read(move |tx| events::volume(tx, &any, Span::from_hours(1))).await.unwrap();
        let expected: Vec<_> = (0..4).map(|hour| (start.plus(Span::from_hours(hour)), 6)).collect();
        assert_eq!(hours, expected);
        let logins = events::EventFilter { action: Some(EventAction::Login), ..Default::default() };
        let late = events::EventFilter { since: Some(start.plus(Span::from_hours(2))), ..logins.clone() };
        let numbers = world.read(move |tx| {
            Ok::<_, StoreError>((
                events::volume_by_action(tx, &late, Span::from_hours(1))?,
                events::by_action(tx, &events::EventFilter::default())?,
                events::top_users(tx, &logins, 2)?,
                events::top_applications(tx, &events::EventFilter::default(), 5)?,
            ))
        }).await.unwrap();
        assert_eq!(numbers.0.len(), 2);
        assert!(numbers.0.iter().all(|(action, _, number)| *action == EventAction::Login && *number == 3));
        assert_eq!(numbers.1, [(EventAction::AuthorizeApplication, 12), (EventAction::Login, 12)]);
        assert_eq!(numbers.2, [(0, 4), (1, 4)]);
        assert_eq!(numbers.3.iter().map(|top| (top.application, top.events, top.users)).collect::<Vec<_>>(), [(wiki, 9, 3), (mail, 3, 3)]);
    }

    async fn charts_say_the_same_before_and_after_events_are_counted(world: TestStore) {
        let begin = Timestamp::from_secs(1_798_761_600);
        let write = |from: u8, to: u8| move |tx: &mut countersign_store::Tx<'_>| {
            for number in from..to {
                let mut event = samples::event(number, begin.plus(Span::from_mins(37 * i64::from(number))));
                if number % 3 == 0 {
                    let application = samples::application(1 + number % 2, "a", None).id;
                    event.action = EventAction::AuthorizeApplication;
                    event.context.insert("authorized_application".to_owned(), json!({ "pk": application.to_string() }));
                }
                events::create(tx, &event)?;
            }
            Ok::<_, StoreError>(())
        };
        let asked = [(None, None), (Some(61), None), (Some(90), Some(1_000)), (Some(65), Some(110)), (None, Some(3_000))];
        let read = move |tx: &mut countersign_store::Tx<'_>| {
            let at = |minutes: Option<i64>| minutes.map(|minutes| begin.plus(Span::from_mins(minutes)));
            let mut numbers = Vec::new();
            for (since, until) in asked {
                let filter = events::EventFilter { since: at(since), until: at(until), ..Default::default() };
                let logins = events::EventFilter { action: Some(EventAction::Login), ..filter.clone() };
                numbers.push(format!(
                    "{:?} {:?} {:?} {:?}",
                    events::volume_by_action(tx, &filter, Span::from_hours(1))?,
                    events::volume(tx, &logins, Span::from_days(1))?,
                    events::volume(tx, &filter, Span::from_mins(30))?,
                    events::by_action(tx, &filter)?,
                ));
            }
            for ranking in events::Ranking::ALL {
                numbers.push(format!("{:?}", events::ranked_applications(tx, ranking, 8)?));
            }
            Ok::<_, StoreError>(numbers)
        };
        let count = async || {
            let tally = world.read(events::tally).await.unwrap();
            let again = tally.clone();
            let kept = world.write(move |tx| events::keep(tx, &tally)).await.unwrap();
            assert_eq!(world.write(move |tx| events::keep(tx, &again)).await, Ok(false), "nothing is counted twice");
            for ranking in events::Ranking::ALL {
                if let Some(ranks) = world.read(move |tx| events::rank(tx, ranking)).await.unwrap() {
                    world.write(move |tx| events::keep_ranks(tx, ranking, &ranks)).await.unwrap();
                }
            }
            kept
        };
        world.clock.advance(begin.plus(Span::from_mins(37 * 100)).since(world.now()));
        world.write(write(0, 100)).await.unwrap();
        let before = world.read(read).await.unwrap();
        assert!(count().await);
        assert_eq!(world.read(read).await.unwrap(), before);
        // Half of them are counted, and half are new.
        world.write(write(100, 200)).await.unwrap();
        world.clock.advance(begin.plus(Span::from_mins(37 * 200)).since(world.now()));
        let mixed = world.read(read).await.unwrap();
        assert_ne!(mixed, before);
        assert!(count().await);
        assert_eq!(world.read(read).await.unwrap(), mixed);
        assert!(!count().await);
    }

    async fn what_people_hold_is_listed_by_whose_it_is(world: TestStore) {
        let people = five(&world).await;
        let (ada, bob, now) = (people[1].id, people[2].id, world.now());
        world.write(move |tx| {
            for number in 1..=6_u8 {
                let user = if number <= 4 { ada } else { bob };
                let provider = samples::provider(number % 2).id;
                let lives = now.plus(Span::from_hours(i64::from(number)));
                let session = countersign_model::Session { expires: lives, ..samples::session(number, user, now) };
                sessions::create(tx, &session)?;
                tokens::create(tx, &samples::token(number, user, now))?;
                let mut grant = samples::grant(number, provider, user, now);
                grant.refresh_generation = i32::from(number % 3 == 0);
                grants::create(tx, &grant)?;
                codes::create(tx, &samples::code(number, &grant, now))?;
            }
            let consent = |number: u8, user: countersign_model::UserId| countersign_model::Consent {
                id: countersign_model::ConsentId(RawId::from_u128(user.raw().as_u128() * 10 + u128::from(number))),
                user,
                application: samples::application(number, "a", None).id,
                permissions: String::new(),
                expires: None,
            };
            consents::put(tx, &consent(1, ada))?;
            consents::put(tx, &consent(2, ada))?;
            consents::put(tx, &consent(1, bob))
        }).await.unwrap();
        let dead = samples::session(1, ada, now).key;
        world.write(move |tx| sessions::end(tx, &dead)).await.unwrap();
        let provider = samples::provider(1).id;
        let application = samples::application(1, "a", None).id;
        let counted = ListRequest::first(0).counted();
        let numbers = world.read(move |tx| {
            let search = |text: &str| Some(text.to_owned());
            Ok::<_, StoreError>([
                sessions::browse(tx, &sessions::SessionFilter::default(), &counted)?.count,
                sessions::browse(tx, &sessions::SessionFilter { user: Some(ada), ..Default::default() }, &counted)?.count,
                sessions::browse(tx, &sessions::SessionFilter { search: search("smith"), ..Default::default() }, &counted)?.count,
                sessions::browse(tx, &sessions::SessionFilter { search: search("nobody"), ..Default::default() }, &counted)?.count,
                tokens::browse(tx, &tokens::TokenFilter::default(), &counted)?.count,
                tokens::browse(tx, &tokens::TokenFilter { user: Some(bob), ..Default::default() }, &counted)?.count,
                tokens::browse(tx, &tokens::TokenFilter { search: search("TOKEN-3"), ..Default::default() }, &counted)?.count,
                tokens::browse(tx, &tokens::TokenFilter { search: search("lovelace"), ..Default::default() }, &counted)?.count,
                tokens::browse(tx, &tokens::TokenFilter { intents: Some(vec![]), ..Default::default() }, &counted)?.count,
                grants::browse(tx, &grants::GrantFilter { user: Some(ada), ..Default::default() }, &counted)?.count,
                grants::browse(tx, &grants::GrantFilter { provider: Some(provider), is_refreshable: Some(true), ..Default::default() }, &counted)?.count,
                codes::browse(tx, &codes::CodeFilter { user: Some(ada), provider: Some(provider) }, &counted)?.count,
                consents::browse(tx, &consents::ConsentFilter { application: Some(application), ..Default::default() }, &counted)?.count,
                consents::browse(tx, &consents::ConsentFilter { user: Some(ada), ..Default::default() }, &counted)?.count,
            ].map(|count| count.unwrap().number()))
        }).await.unwrap();
        assert_eq!(numbers, [5, 3, 2, 0, 6, 2, 1, 4, 0, 4, 1, 2, 2, 2]);
        let (by_cursor, by_number) = pages(&world, 2, |tx, request| sessions::browse(tx, &Default::default(), request)).await;
        assert!(by_cursor.len() == 5 && by_cursor.is_sorted_by_key(|session| std::cmp::Reverse(session.expires)));
        assert_eq!(by_number.len(), 5);
        let (by_cursor, by_number) = pages(&world, 4, |tx, request| tokens::browse(tx, &Default::default(), request)).await;
        assert_eq!((by_cursor.len(), by_number.len()), (6, 6));
        let (by_cursor, by_number) = pages(&world, 4, |tx, request| grants::browse(tx, &Default::default(), request)).await;
        assert_eq!((by_cursor.len(), by_number.len()), (6, 6));
        let (by_cursor, by_number) = pages(&world, 2, |tx, request| consents::browse(tx, &Default::default(), request)).await;
        assert_eq!((by_cursor.len(), by_number.len()), (3, 3));
        let (by_cursor, by_number) = pages(&world, 4, |tx, request| codes::browse(tx, &Default::default(), request)).await;
        assert_eq!((by_cursor.len(), by_number.len()), (6, 6));
    }

    async fn thousands_of_members_stand_in_the_order_of_their_names(world: TestStore) {
        let now = world.now();
        let group = samples::group(1, "everybody", &[]).id;
        world.write(move |tx| {
            let crowd: Vec<User> = (0..1_500_u32).map(|number| User {
                id: countersign_model::UserId(RawId::from_u128(u128::from(number * 7 % 1_500) + 1)),
                pk: i64::from(number) + 1,
                email: String::new(),
                is_active: number % 500 != 0,
                path: format!("crowd/{}", number % 3),
                ..samples::user(0, &format!("u{number:04}"), now)
            }).collect();
            users::create_batch(tx, &crowd)?;
            groups::create(tx, &samples::group(1, "everybody", &[]))?;
            groups::set_members(tx, group, &crowd.iter().map(|user| user.id).collect::<Vec<_>>())
        }).await.unwrap();
        let renamed = world.read(|tx| users::by_username(tx, "u0700")).await.unwrap().unwrap();
        let renamed = User { username: "a first".to_owned(), ..renamed };
        world.write(move |tx| users::update(tx, &renamed)).await.unwrap();
        let ask = |filter: UserFilter| move |tx: &mut countersign_store::Tx<'_>, request: &ListRequest| {
            users::browse(tx, &filter, Sort::descending(UserOrder::Pk), request)
        };
        let members = UserFilter { groups: Some(vec![group]), ..UserFilter::default() };
        let (by_cursor, by_number) = pages(&world, 400, ask(members.clone())).await;
        for members in [&by_cursor, &by_number] {
            assert_eq!((members.len(), members[0].username.as_str()), (1_500, "a first"));
            assert!(members.is_sorted_by_key(|user| user.username.clone()));
        }
        let suspended = UserFilter { is_active: Some(false), ..members.clone() };
        let (by_cursor, by_number) = pages(&world, 2, ask(suspended)).await;
        assert_eq!((by_cursor.len(), by_number.len()), (3, 3));
        let below = UserFilter { path: Some("crowd".to_owned()), ..UserFilter::default() };
        let (by_cursor, by_number) = pages(&world, 700, ask(below.clone())).await;
        assert_eq!((by_cursor.len(), by_number.len()), (1_500, 1_500));
        assert!(by_cursor.is_sorted_by_key(|user| (user.path.clone(), user.username.clone())));
        let both = UserFilter { has_logged_in: Some(false), ..below };
        let (by_cursor, by_number) = pages(&world, 700, ask(both)).await;
        assert_eq!((by_cursor.len(), by_number.len()), (1_500, 1_500));
        let request = ListRequest::first(1).counted();
        let listed = world.read(move |tx| users::browse(tx, &members, Sort::default(), &request)).await.unwrap();
        assert_eq!(listed.count, Some(Count::AtLeast(1_000)));
    }
}
