//! Users and groups.

use countersign_model::Group;
use countersign_store::{
    ConflictRule, StoreError, grants, groups, on_both_databases, sessions,
    testing::samples,
    tokens, users,
    users::{IdentifierField, LetterCase, UserFilter},
};
use countersign_types::{PageRequest, Secret};
use serde_json::json;

const ALL_FIELDS: [IdentifierField; 3] =
    [IdentifierField::Username, IdentifierField::Email, IdentifierField::Upn];

on_both_databases! {
    async fn a_user_comes_back_as_written(world: TestStore) {
        let now = world.now();
        let mut ada = samples::user(1, "Ada", now);
        ada.password = Some(Secret::from("$argon2id$…"));
        ada.attributes.insert("settings".to_owned(), json!({ "locale": "ko" }));
        let (id, written) = (ada.id, ada.clone());
        world.write(move |tx| users::create(tx, &ada)).await.unwrap();
        let read = world.read(move |tx| users::by_id(tx, id)).await.unwrap().unwrap();
        assert_eq!(format!("{read:?}"), format!("{written:?}"));
        assert_eq!(read.password.unwrap().expose(), "$argon2id$…");
        let mut changed = written;
        changed.password = None;
        changed.name = "Ada L.".to_owned();
        world.write(move |tx| users::update(tx, &changed)).await.unwrap();
        let read = world.read(move |tx| users::by_id(tx, id)).await.unwrap().unwrap();
        assert!(read.password.is_none(), "an update writes what is absent, too");
        assert_eq!(read.name, "Ada L.");
    }

    async fn names_that_differ_in_case_only_are_the_same_name(world: TestStore) {
        let now = world.now();
        let (first, second) = (samples::user(1, "Ångström", now), samples::user(2, "A\u{30a}NGSTRÖM", now));
        world.write(move |tx| users::create(tx, &first)).await.unwrap();
        let error = world.write(move |tx| users::create(tx, &second)).await.unwrap_err();
        let conflict = error.conflict().unwrap();
        assert_eq!((conflict.table.as_str(), conflict.column.as_str()), ("users", "username_lower"));
        assert_eq!(conflict.rule, ConflictRule::Unique);
        assert!(world.read(|tx| users::by_username(tx, "ångström")).await.unwrap().is_some());
    }

    async fn a_taken_name_of_two_columns_is_named_alike(world: TestStore) {
        let (one, two) = (samples::stage(1, "same"), samples::stage(2, "same"));
        world.write(move |tx| countersign_store::config_objects::create(tx, &one)).await.unwrap();
        let error = world.write(move |tx| countersign_store::config_objects::create(tx, &two)).await.unwrap_err();
        let conflict = error.conflict().unwrap();
        assert_eq!((conflict.table.as_str(), conflict.column.as_str()), ("config_objects", "family, name"));
    }

    async fn people_sign_in_by_any_name_of_theirs(world: TestStore) {
        let now = world.now();
        let mut ada = samples::user(1, "ada", now);
        ada.attributes.insert("upn".to_owned(), json!("ada@corp.example"));
        world.write(move |tx| users::create(tx, &ada)).await.unwrap();
        let who = async |fields: &'static [IdentifierField], value: &'static str, letters| {
            let found = world.read(move |tx| users::by_identifier(tx, fields, value, letters)).await.unwrap();
            found.map(|user| user.username)
        };
        for value in ["ada", "ADA", "Ada@Example.org", "ADA@corp.example"] {
            assert_eq!(who(&ALL_FIELDS, value, LetterCase::Ignored).await.as_deref(), Some("ada"), "{value}");
        }
        assert_eq!(who(&ALL_FIELDS, "ADA", LetterCase::Matters).await, None);
        assert_eq!(who(&ALL_FIELDS[..1], "ada@example.org", LetterCase::Ignored).await, None);
        assert_eq!(who(&ALL_FIELDS, "", LetterCase::Ignored).await, None);
        assert_eq!(who(&ALL_FIELDS, "%", LetterCase::Ignored).await, None);
    }

    async fn an_address_that_two_share_names_nobody(world: TestStore) {
        let now = world.now();
        let (ada, mut eve) = (samples::user(1, "ada", now), samples::user(2, "eve", now));
        eve.email = "ADA@example.org".to_owned();
        world.write(move |tx| { users::create(tx, &ada)?; users::create(tx, &eve) }).await.unwrap();
        let found = world
            .read(|tx| users::by_identifier(tx, &ALL_FIELDS, "ada@example.org", LetterCase::Ignored))
            .await
            .unwrap();
        assert!(found.is_none());
    }

    async fn a_name_goes_before_somebody_elses_address(world: TestStore) {
        let now = world.now();
        let (ada, mut eve) = (samples::user(1, "ada@example.org", now), samples::user(2, "eve", now));
        eve.email = "ada@example.org".to_owned();
        world.write(move |tx| { users::create(tx, &eve)?; users::create(tx, &ada) }).await.unwrap();
        let found = world
            .read(|tx| users::by_identifier(tx, &ALL_FIELDS, "ada@example.org", LetterCase::Ignored))
            .await
            .unwrap();
        assert_eq!(found.unwrap().username, "ada@example.org");
    }

    async fn a_crowd_that_takes_somebodys_name_as_its_address_does_not_lock_him_out(world: TestStore) {
        let now = world.now();
        world.write(move |tx| {
            for number in 0..100 {
                let mut eve = samples::user(number, &format!("eve-{number}"), now);
                eve.email = "victim".to_owned();
                users::create(tx, &eve)?;
            }
            users::create(tx, &samples::user(200, "victim", now))
        }).await.unwrap();
        let found = world
            .read(|tx| users::by_identifier(tx, &ALL_FIELDS, "victim", LetterCase::Ignored))
            .await
            .unwrap();
        assert_eq!(found.unwrap().username, "victim");
    }

    async fn a_list_goes_on_where_it_ended(world: TestStore) {
        let now = world.now();
        world.write(move |tx| {
            for (number, name) in ["eve", "Ada", "bob", "carol", "dan"].iter().enumerate() {
                let mut user = samples::user(u8::try_from(number).unwrap(), name, now);
                user.path = if number < 2 { "staff/it" } else { "staffing" }.to_owned();
                users::create(tx, &user)?;
            }
            Ok::<_, StoreError>(())
        }).await.unwrap();
        let mut names = Vec::new();
        let mut page = PageRequest::first(2);
        loop {
            let request = page.clone();
            let part = world.read(move |tx| users::list(tx, &UserFilter::default(), &request)).await.unwrap();
            names.extend(part.items.into_iter().map(|user| user.username));
            let Some(next) = part.next else { break };
            page.after = Some(next);
        }
        assert_eq!(names, ["Ada", "bob", "carol", "dan", "eve"]);
        let staff = UserFilter { path: Some("staff".to_owned()), ..UserFilter::default() };
        let part = world.read(move |tx| users::list(tx, &staff, &PageRequest::first(9))).await.unwrap();
        assert_eq!(part.items.len(), 2);
        let search = UserFilter { search: Some("Exam".to_owned()), is_active: Some(true), ..UserFilter::default() };
        let first = world.read(move |tx| users::first_by(tx, &search)).await.unwrap().unwrap();
        assert_eq!(first.username, "eve", "all have the same domain; the first by key is taken");
        let nobody = UserFilter { search: Some("%".to_owned()), ..UserFilter::default() };
        assert!(world.read(move |tx| users::first_by(tx, &nobody)).await.unwrap().is_none());
    }

    async fn a_subject_has_the_ancestors_of_his_groups(world: TestStore) {
        let ada = samples::user(1, "ada", world.now());
        let id = ada.id;
        let admins = Group { is_superuser: true, ..samples::group(1, "admins", &[]) };
        let staff = samples::group(2, "staff", &[]);
        let it = samples::group(3, "it", &[admins.id, staff.id]);
        let other = samples::group(4, "other", &[staff.id]);
        let direct = it.id;
        world.write(move |tx| {
            users::create(tx, &ada)?;
            for group in [&admins, &staff, &it, &other] {
                groups::create(tx, group)?;
            }
            groups::add_member(tx, it.id, id)
        }).await.unwrap();
        let before = world.trips();
        let subject = world.subject(id).await.unwrap().unwrap();
        let names: Vec<_> = subject.groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(names, ["admins", "it", "staff"]);
        assert_eq!(subject.direct_groups, [direct]);
        assert!(subject.is_superuser());
        assert_eq!(subject.groups[1].parents.len(), 2);
        world.subject(id).await.unwrap().unwrap();
        assert_eq!((world.trips() - before).reads, 1, "warm after the first time");
        world.write(move |tx| groups::remove_member(tx, direct, id)).await.unwrap();
        assert!(world.subject(id).await.unwrap().unwrap().groups.is_empty());
    }

    async fn a_group_never_becomes_its_own_ancestor(world: TestStore) {
        let one = samples::group(1, "one", &[]);
        let two = samples::group(2, "two", &[one.id]);
        let three = samples::group(3, "three", &[two.id]);
        let (first, last) = (one.id, three.id);
        world.write(move |tx| {
            groups::create(tx, &one)?;
            groups::create(tx, &two)?;
            groups::create(tx, &three)
        }).await.unwrap();
        for parent in [last, first] {
            let closing = samples::group(1, "one", &[parent]);
            let error = world.write(move |tx| groups::update(tx, &closing)).await.unwrap_err();
            assert_eq!(error.conflict().unwrap().rule, ConflictRule::Cycle);
        }
        let untouched = world.read(move |tx| groups::by_id(tx, first)).await.unwrap().unwrap();
        assert!(untouched.parents.is_empty());
        // Even who swallows the error closes nothing.
        let swallowed: Result<(), StoreError> = world.write(move |tx| {
            let _ = groups::update(tx, &samples::group(1, "one", &[last]));
            Ok(())
        }).await;
        assert!(swallowed.is_err());
    }

    async fn the_groups_of_a_user_are_set_as_a_whole(world: TestStore) {
        let ada = samples::user(1, "ada", world.now());
        let id = ada.id;
        let (one, two) = (samples::group(1, "one", &[]), samples::group(2, "two", &[]));
        let (first, second) = (one.id, two.id);
        world.write(move |tx| {
            users::create(tx, &ada)?;
            groups::create(tx, &one)?;
            groups::create(tx, &two)?;
            groups::set_groups_of(tx, id, &[first])?;
            groups::set_groups_of(tx, id, &[second, second])?;
            groups::set_members(tx, first, &[id])
        }).await.unwrap();
        assert_eq!(world.read(move |tx| groups::direct_of(tx, id)).await.unwrap(), [first, second]);
        assert_eq!(world.read(move |tx| groups::members(tx, second, None, 10)).await.unwrap(), [id]);
        let page = world.read(|tx| groups::list(tx, Some("TW"), &PageRequest::first(10))).await.unwrap();
        assert_eq!(page.items.into_iter().map(|group| group.name).collect::<Vec<_>>(), ["two"]);
        assert_eq!(world.write(move |tx| groups::delete(tx, first)).await, Ok(true));
        assert_eq!(world.read(move |tx| groups::direct_of(tx, id)).await.unwrap(), [second]);
    }

    async fn a_deleted_user_leaves_nothing_that_opens_a_door(world: TestStore) {
        let now = world.now();
        let ada = samples::user(1, "ada", now);
        let id = ada.id;
        let grant = samples::grant(1, samples::provider(1).id, id, now);
        let granted = grant.id;
        world.write(move |tx| {
            users::create(tx, &ada)?;
            sessions::create(tx, &samples::session(1, id, now))?;
            tokens::create(tx, &samples::token(1, id, now))?;
            grants::create(tx, &grant)
        }).await.unwrap();
        world.subject(id).await.unwrap().unwrap();
        assert_eq!(world.write(move |tx| users::delete(tx, id)).await, Ok(true));
        assert!(world.subject(id).await.unwrap().is_none());
        assert!(world.read(|tx| sessions::by_key(tx, &samples::digest(1))).await.unwrap().is_none());
        assert!(world.read(|tx| tokens::by_key(tx, &samples::digest(1))).await.unwrap().is_none());
        assert!(world.read(move |tx| grants::live(tx, granted)).await.unwrap().is_none());
        assert_eq!(world.write(move |tx| users::delete(tx, id)).await, Ok(false));
    }

    async fn a_better_hash_does_not_undo_a_new_password(world: TestStore) {
        let mut ada = samples::user(1, "ada", world.now());
        ada.password = Some(Secret::from("old"));
        let id = ada.id;
        world.write(move |tx| users::create(tx, &ada)).await.unwrap();
        assert_eq!(world.write(move |tx| users::set_password(tx, id, Some("new"))).await, Ok(true));
        assert_eq!(world.write(move |tx| users::upgrade_password(tx, id, "old", "old, better")).await, Ok(false));
        assert_eq!(world.write(move |tx| users::upgrade_password(tx, id, "new", "new, better")).await, Ok(true));
    }
}
