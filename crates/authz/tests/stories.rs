//! Who may do what, as stories and as attacks.

use std::sync::Arc;

use countersign_authz::{Actor, Identity, Permission, Rights, Visible};
use countersign_model::{
    EventUser, Group, GroupId, Role, RoleId, RolePermission, Subject, User, UserId, UserType,
};
use countersign_types::{JsonObject, RawId, Timestamp};

const EVERY: Option<RawId> = None;
const USER: &str = "authentik_core.user";

const fn id(number: u128) -> RawId {
    RawId::from_u128(number)
}

fn user(username: &str) -> User {
    let now = Timestamp::from_secs(1_800_000_000);
    User {
        id: UserId(id(1)),
        pk: 1,
        username: username.to_owned(),
        name: username.to_owned(),
        email: format!("{username}@example.org"),
        is_active: true,
        password: None,
        password_change_date: None,
        last_login: None,
        date_joined: now,
        last_updated: now,
        path: "users".to_owned(),
        user_type: UserType::Internal,
        attributes: JsonObject::new(),
    }
}

fn subject(username: &str, roles: &[u128]) -> Subject {
    let roles = roles.iter().map(|role| RoleId(id(*role))).collect();
    Subject { user: user(username), direct_groups: Vec::new(), groups: Vec::new(), roles }
}

fn administrator() -> Subject {
    let group = Group {
        id: GroupId(id(7)),
        name: "admins".to_owned(),
        is_superuser: true,
        attributes: JsonObject::new(),
        parents: Vec::new(),
    };
    Subject { groups: vec![Arc::new(group)], ..subject("root", &[]) }
}

fn role(number: u128, permissions: &[(&str, Option<u128>)]) -> Arc<Role> {
    let permissions = permissions
        .iter()
        .map(|(name, object)| RolePermission { permission: (*name).to_owned(), object: object.map(id) })
        .collect();
    Arc::new(Role { id: RoleId(id(number)), name: number.to_string(), managed: None, permissions })
}

fn with(permissions: &[(&str, Option<u128>)]) -> Actor {
    Actor::user(Arc::new(subject("ada", &[1])), &[role(1, permissions)])
}

fn rights(permissions: &[(&str, Option<u128>)]) -> Rights {
    Rights::of(&subject("target", &[1]), &[role(1, permissions)])
}

fn view() -> Permission {
    Permission::view(USER)
}

#[test]
fn nobody_may_do_anything_by_default() {
    let actor = with(&[]);
    assert!(!actor.may(&view(), EVERY) && !actor.may(&view(), Some(id(5))));
    assert!(!actor.may_somewhere(&view()));
    assert_eq!(actor.visible(&view()), Visible::None);
}

#[test]
fn countersign_itself_may_do_everything() {
    assert!(Actor::System.may(&Permission::delete(USER), EVERY));
    assert!(Actor::System.holds_at_least(&Rights::unlimited()));
    assert!(Actor::System.event_user().is_none());
}

#[test]
fn a_permission_for_all_objects_is_one_for_each() {
    let actor = with(&[("authentik_core.view_user", None)]);
    assert!(actor.may(&view(), EVERY) && actor.may(&view(), Some(id(5))));
    assert_eq!(actor.visible(&view()), Visible::All);
    assert!(!actor.may(&Permission::change(USER), Some(id(5))), "seeing is not changing");
}

#[test]
fn a_permission_for_one_object_is_not_one_for_others() {
    let actor = with(&[("authentik_core.view_user", Some(5)), ("authentik_core.view_user", Some(3))]);
    assert!(actor.may(&view(), Some(id(5))));
    assert!(!actor.may(&view(), Some(id(6))));
    assert!(!actor.may(&view(), EVERY));
    assert!(actor.may_somewhere(&view()));
    assert_eq!(actor.visible(&view()), Visible::Only([id(3), id(5)].into()));
    assert!(actor.visible(&view()).contains(id(3)) && !actor.visible(&view()).contains(id(4)));
}

#[test]
fn a_role_that_somebody_does_not_have_gives_him_nothing() {
    let roles = [role(1, &[]), role(2, &[("authentik_core.view_user", None)])];
    let actor = Actor::user(Arc::new(subject("ada", &[1])), &roles);
    assert!(!actor.may(&view(), EVERY));
}

#[test]
fn members_of_superuser_groups_may_do_everything() {
    let actor = Actor::user(Arc::new(administrator()), &[]);
    assert!(actor.may(&Permission::named("authentik_core.impersonate"), Some(id(9))));
    assert!(actor.is_superuser());
    assert_eq!(actor.visible(&view()), Visible::All);
}

#[test]
fn suspended_administrator_can_do_nothing() {
    let mut suspended = administrator();
    suspended.user.is_active = false;
    let actor = Actor::user(Arc::new(suspended), &[]);
    assert!(!actor.may(&view(), EVERY) && !actor.is_superuser());
    assert!(!actor.holds_at_least(&Rights::default()));
    assert_eq!(actor.visible(&view()), Visible::None);
}

#[test]
fn suspended_administrator_still_counts_as_one_when_somebody_wants_to_take_him_over() {
    let mut suspended = administrator();
    suspended.user.is_active = false;
    let target = Rights::of(&suspended, &[]);
    assert!(!with(&[("authentik_core.reset_user_password", None)]).holds_at_least(&target));
}

#[test]
fn delegated_administrator_cannot_grant_what_he_does_not_hold() {
    let actor = with(&[("authentik_core.view_user", None), ("authentik_core.change_user", Some(5))]);
    assert!(actor.holds_at_least(&rights(&[])));
    assert!(actor.holds_at_least(&rights(&[("authentik_core.view_user", None)])));
    assert!(actor.holds_at_least(&rights(&[("authentik_core.view_user", Some(9))])), "all includes one");
    assert!(actor.holds_at_least(&rights(&[("authentik_core.change_user", Some(5))])));
    assert!(!actor.holds_at_least(&rights(&[("authentik_core.change_user", Some(6))])), "another object");
    assert!(!actor.holds_at_least(&rights(&[("authentik_core.change_user", None)])), "one is not all");
    assert!(!actor.holds_at_least(&rights(&[("authentik_core.delete_user", None)])));
}

#[test]
fn delegated_administrator_cannot_become_superuser() {
    let every_permission = with(&[("authentik_core.view_user", None), ("authentik_core.impersonate", None)]);
    assert!(!every_permission.holds_at_least(&Rights::of(&administrator(), &[])));
    assert!(!every_permission.is_superuser());
}

#[test]
fn scoped_token_of_an_administrator_is_limited_to_its_scope() {
    let scope: Rights = [Permission::view(USER)].into_iter().collect();
    let actor = Actor::User(Arc::new(Identity::new(Arc::new(administrator()), &[]).within(scope)));
    assert!(actor.may(&view(), Some(id(5))));
    assert!(!actor.may(&Permission::change(USER), Some(id(5))));
    assert!(!actor.is_superuser());
    assert!(actor.holds_at_least(&rights(&[("authentik_core.view_user", None)])));
    assert!(!actor.holds_at_least(&rights(&[("authentik_core.change_user", None)])));
}

#[test]
fn scoped_token_gives_nothing_that_its_owner_does_not_hold() {
    let scope = Rights::unlimited();
    let owner = Identity::new(Arc::new(subject("ada", &[])), &[]);
    let actor = Actor::User(Arc::new(owner.within(scope)));
    assert!(!actor.may(&view(), EVERY) && !actor.is_superuser());
}

#[test]
fn scope_and_rights_on_single_objects_meet_where_they_overlap() {
    let held = role(1, &[("authentik_core.view_user", Some(1)), ("authentik_core.view_user", Some(2))]);
    let scope = rights(&[("authentik_core.view_user", Some(2)), ("authentik_core.view_user", Some(3))]);
    let identity = Identity::new(Arc::new(subject("ada", &[1])), &[held]).within(scope);
    let actor = Actor::User(Arc::new(identity));
    assert_eq!(actor.visible(&view()), Visible::Only([id(2)].into()));
    assert!(!actor.may(&view(), Some(id(1))) && !actor.may(&view(), Some(id(3))));
}

#[test]
fn what_an_impersonator_does_is_written_down_under_his_own_name() {
    let root = EventUser { pk: 99, ..EventUser::of(&administrator().user) };
    let identity = Identity::new(Arc::new(subject("ada", &[])), &[]).used_by(root);
    let event = Actor::User(Arc::new(identity)).event_user().expect("a user");
    assert_eq!(event.username, "root");
    assert_eq!(event.on_behalf_of.expect("the user").username, "ada");
}

#[test]
fn an_impersonator_has_the_rights_of_whom_he_impersonates_and_no_others() {
    let root = EventUser::of(&administrator().user);
    let identity = Identity::new(Arc::new(subject("ada", &[])), &[]).used_by(root);
    assert!(!Actor::User(Arc::new(identity)).may(&view(), EVERY));
}
