//! `authentik_stages_user_write.userwritestage`: what was collected becomes a user, or part of one.
//!
//! | who goes through the flow | what happens |
//! |---|---|
//! | an account, proved or signed in | it is changed |
//! | an account, only named | denied: naming somebody gives no right over his account |
//! | a name that is nobody's | denied, in the same words |
//! | nobody, somebody signed in | the one who is signed in is changed |
//! | nobody at all | a user is made if mode and designation allow it (CVE-2022-46145, CVE-2022-46172) |
//!
//! `always_create` makes a user in an enrolment flow whoever is signed in.

mod changes;
mod spec;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_flows::{
    EffectError, Outcome, PendingUser, Response, Stage, StageCx, StageError, StageKind, Step, keys,
};
use countersign_model::{
    ConfigObject, EventAction, FlowDesignation, GroupId, Subject, User, UserId, UserType,
};
use countersign_store::{StoreError, Tx, groups, sessions, users};
use countersign_types::{FieldErrors, Secret, Text};

use self::changes::Changes;
use crate::{invited, password_check, proof, trail};

pub use spec::{UserCreationMode, UserWriteStage};

/// Who says so in the audit trail.
const APP: &str = "countersign.stages.user_write";
/// Where users stand unless something else is said.
const DEFAULT_PATH: &str = "users";

impl StageKind for UserWriteStage {
    fn build(self, _: &ConfigObject) -> Result<Arc<dyn Stage>, StageError> {
        Ok(Arc::new(self))
    }
}

/// Whom to write.
enum Target {
    Existing(Arc<Subject>),
    New,
}

#[async_trait]
impl Stage for UserWriteStage {
    async fn enter(&self, cx: &mut StageCx<'_>) -> Result<Step, StageError> {
        let outcome = self.write(cx).await?;
        Ok(Step::Done(outcome))
    }

    async fn answer(&self, cx: &mut StageCx<'_>, _: &Response) -> Result<Outcome, StageError> {
        self.write(cx).await
    }
}

impl UserWriteStage {
    async fn write(&self, cx: &mut StageCx<'_>) -> Result<Outcome, StageError> {
        let mut data = cx.context.get(&keys::PROMPT_DATA).unwrap_or_default();
        let changes = match Changes::of(&data) {
            Ok(changes) => changes,
            Err(errors) => return Ok(denied(errors)),
        };
        let target = match self.target(cx) {
            Ok(target) => target,
            Err(message) => return Ok(Outcome::Deny(message)),
        };
        let hash = match changes.password.clone() {
            Some(password) => Some(cx.services.hashes.hash(password).await?),
            None => None,
        };
        // What was typed has done its work; the plan need not remember it.
        if data.remove("password").is_some() {
            cx.context.set(&keys::PROMPT_DATA, &data);
        }
        invited::redeem(cx);
        Ok(match target {
            Target::Existing(subject) => self.update(cx, &subject, changes, hash),
            Target::New => self.create(cx, &changes, hash),
        })
    }

    /// Whom to write, or why nobody.
    fn target(&self, cx: &StageCx<'_>) -> Result<Target, Text> {
        let nobody = || Text::key("stages-user-write-nobody");
        let is_enrolment = cx.flow.designation == FlowDesignation::Enrollment;
        if is_enrolment && self.user_creation_mode == UserCreationMode::AlwaysCreate {
            return Ok(Target::New);
        }
        match cx.context.get(&keys::PENDING_USER) {
            Some(PendingUser::Known { id }) => {
                let is_own = cx.session.is_some_and(|live| live.subject.user.id == id);
                let subject = cx.pending.as_ref().filter(|subject| subject.user.id == id);
                let subject = subject.filter(|_| is_own || proof::holds(cx.context, id));
                return subject.map(|subject| Target::Existing(Arc::clone(subject))).ok_or_else(nobody);
            }
            Some(PendingUser::Pretended { .. }) => return Err(nobody()),
            None => {}
        }
        if let Some(live) = cx.session {
            return Ok(Target::Existing(Arc::clone(&live.subject)));
        }
        let may_create = is_enrolment || cx.flow.designation == FlowDesignation::Authentication;
        if may_create && self.user_creation_mode != UserCreationMode::NeverCreate {
            return Ok(Target::New);
        }
        Err(nobody())
    }

    fn update(
        &self,
        cx: &mut StageCx<'_>,
        subject: &Subject,
        changes: Changes,
        hash: Option<Secret<String>>,
    ) -> Outcome {
        let id = subject.user.id;
        let added = added_groups(cx);
        let own_session = cx.session.filter(|live| live.subject.user.id == id).map(|live| live.session.key);
        let mut after = subject.clone();
        changes.apply(&mut after.user);
        if hash.is_some() {
            after.user.password.clone_from(&hash);
            after.user.password_change_date = Some(cx.now);
        }
        let event = trail::draft(cx, EventAction::UserWrite, APP)
            .with("created", false)
            .with("changed", changes.names());
        let password_event = trail::draft(cx, EventAction::PasswordSet, APP);
        let (notices, occasion) = (cx.services.mail.notices(), trail::occasion(cx));
        cx.effect(move |tx| {
            let user = users::by_id(tx, id)?.filter(|user| user.is_active);
            let Some(mut user) = user else {
                return Err(EffectError::Deny(Text::key("stages-user-write-nobody")));
            };
            let before = user.clone();
            changes.apply(&mut user);
            user.last_updated = tx.now();
            if let Some(hash) = &hash {
                user.password = Some(hash.clone());
                user.password_change_date = Some(tx.now());
            }
            users::update(tx, &user).map_err(taken)?;
            join(tx, id, &added)?;
            if hash.is_some() {
                // Whoever knew the old password loses what he got by it.
                sessions::delete_of_user(tx, id, own_session.as_ref())?;
                password_check::reopen(tx, id)?;
                countersign_events::record(tx, password_event.clone().by(&user))?;
            }
            notices.changed(tx, &before, &user, &occasion)?;
            Ok(countersign_events::record(tx, event.clone().by(&user))?)
        });
        cx.set_pending(Arc::new(after));
        Outcome::Next
    }

    fn create(&self, cx: &mut StageCx<'_>, changes: &Changes, hash: Option<Secret<String>>) -> Outcome {
        let Some(username) = changes.username.clone() else {
            return Outcome::Deny(Text::key("stages-user-write-no-username"));
        };
        let user_type = match cx.context.get(&keys::USER_TYPE) {
            None => self.user_type,
            Some(text) => match text.parse() {
                Ok(user_type) if user_type != UserType::InternalServiceAccount => user_type,
                _ => return Outcome::Deny(Text::key("stages-user-write-nobody")),
            },
        };
        let has_password = hash.is_some();
        let mut user = User {
            id: UserId::random(&*cx.services.rng),
            // Handed out in the transaction that writes the user.
            pk: 0,
            username: username.clone(),
            name: String::new(),
            email: String::new(),
            is_active: !self.create_users_as_inactive,
            password: hash,
            password_change_date: has_password.then_some(cx.now),
            last_login: None,
            date_joined: cx.now,
            last_updated: cx.now,
            path: self.path(cx, &username),
            user_type,
            attributes: countersign_types::JsonObject::new(),
        };
        changes.apply(&mut user);
        let mut joined = added_groups(cx);
        joined.extend(self.create_users_group.map(|group| GroupId(group.id())));
        let event = trail::draft(cx, EventAction::UserWrite, APP)
            .with("created", true)
            .with("changed", changes.names());
        let row = user.clone();
        cx.effect(move |tx| {
            let user = User { pk: users::next_pk(tx)?, ..row.clone() };
            users::create(tx, &user).map_err(taken)?;
            join(tx, user.id, &joined)?;
            Ok(countersign_events::record(tx, event.clone().by(&user))?)
        });
        proof::forget(cx.context);
        proof::record(cx.context, user.id);
        if has_password {
            cx.context.set(&keys::AUTH_METHOD, &"password".to_owned());
        }
        cx.set_pending(Arc::new(Subject {
            user,
            direct_groups: Vec::new(),
            groups: Vec::new(),
            roles: Vec::new(),
        }));
        Outcome::Next
    }

    /// Path of a new user.
    fn path(&self, cx: &StageCx<'_>, username: &str) -> String {
        let path = cx
            .context
            .get(&keys::USER_PATH)
            .unwrap_or_else(|| self.user_path_template.replace("%(username)s", &username.replace('/', "_")));
        let path = path.trim_matches('/');
        if path.is_empty() { DEFAULT_PATH.to_owned() } else { path.to_owned() }
    }
}

/// Groups that stages and policies of this plan add, never the person.
fn added_groups(cx: &StageCx<'_>) -> Vec<GroupId> {
    cx.context.get(&keys::GROUPS).unwrap_or_default().into_iter().map(GroupId).collect()
}

fn join(tx: &mut Tx<'_>, user: UserId, joined: &[GroupId]) -> Result<(), StoreError> {
    for group in joined {
        if groups::by_id(tx, *group)?.is_some() {
            groups::add_member(tx, *group, user)?;
        }
    }
    Ok(())
}

/// A name that somebody else took in the meantime can be mended.
fn taken(error: StoreError) -> EffectError {
    if error.conflict().is_some_and(|conflict| conflict.column.contains("username")) {
        return EffectError::Retry(FieldErrors::one("username", "unique", "field-name-taken"));
    }
    EffectError::Store(error)
}

/// Answers that are no user: a prompt asks what it should not, or something else wrote into the plan.
fn denied(errors: FieldErrors) -> Outcome {
    let message = errors.0.into_iter().next().map(|error| error.message);
    Outcome::Deny(message.unwrap_or_else(|| Text::key("stages-user-write-nobody")))
}
