//! Links that let somebody in once who cannot sign in himself.

use countersign_authz::Permission;
use countersign_crypto::new_token;
use countersign_mail::{Letter, Look, Outbox, Person, Topic};
use countersign_model::{ConfigObject, EventAction, Token, TokenId, TokenIntent, UserId};
use countersign_store::{Tx, tokens, users};
use countersign_types::{Secret, Span, Text};
use serde_json::Value;

use super::{account, event};
use crate::{ResourceError, WriteCx};

/// The longest that a link may live.
const LONGEST: Span = Span::from_days(7);

/// Makes a link for an account and takes the place of earlier ones; the path below our own address, which is
/// shown once. It lives at most a week.
pub fn recovery_link(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    user: UserId,
    lifetime: Span,
) -> Result<Secret<String>, ResourceError> {
    let permission = Permission::named("authentik_core.reset_user_password");
    let target = account(tx, cx, user, &permission)?;
    if !target.is_active {
        return Err(ResourceError::field("user", "inactive", "resource-error-user-inactive"));
    }
    tokens::delete_of_user(tx, user, TokenIntent::Recovery)?;
    let (token, key) = new_token(tx.rng());
    let id = TokenId::random(tx.rng());
    let row = Token {
        id,
        identifier: format!("recovery-{id}"),
        key,
        intent: TokenIntent::Recovery,
        user,
        description: "Recovery link".to_owned(),
        expires: Some(tx.now().plus(lifetime.min(LONGEST))),
        managed: None,
        created: tx.now(),
        last_used: None,
        permissions: None,
    };
    tokens::create(tx, &row)?;
    let made = event(cx, EventAction::SecretRotate, &target).with("what", "recovery_link");
    countersign_events::record(tx, made)?;
    Ok(Secret::new(format!("/recovery/use-token/{}/", token.expose())))
}

/// How a recovery link goes out by mail.
pub struct RecoveryMail {
    /// Takes the letter.
    pub outbox: Outbox,
    /// Looks of the house; its address is where the link leads.
    pub look: Look,
    /// The e-mail stage whose template, subject and mail server are used; none for ours.
    pub stage: Option<ConfigObject>,
    /// How long the link lives.
    pub lifetime: Span,
    /// Language of readers who chose none.
    pub language: String,
}

/// Makes a link as [`recovery_link`] does and sends it to the account's own address. Nobody else sees it.
pub fn mail_recovery_link(
    tx: &mut Tx<'_>,
    cx: WriteCx<'_>,
    user: UserId,
    mail: &RecoveryMail,
) -> Result<(), ResourceError> {
    let path = recovery_link(tx, cx, user, mail.lifetime)?;
    let user = users::by_id(tx, user)?.ok_or(ResourceError::NotFound)?;
    let reader = Person::of(&user).or_reading(Some(&mail.language));
    if !reader.is_reachable() {
        return Err(ResourceError::field("email", "required", "resource-error-user-no-address"));
    }
    let setting = |name: &str| {
        let value = mail.stage.as_ref().and_then(|stage| stage.config.get(name)).and_then(Value::as_str);
        value.filter(|value| !value.is_empty()).map(ToOwned::to_owned)
    };
    let template = setting("template").unwrap_or_else(|| Topic::PasswordReset.template().to_owned());
    let letter = Letter::from_template(template, reader, mail.look.clone());
    let letter = match setting("subject") {
        Some(subject) => letter.titled(Text::literal(subject)),
        None => letter,
    };
    let letter = letter
        .with("url", format!("{}{}", mail.look.home, path.expose()))
        .until(tx.now().plus(mail.lifetime.min(LONGEST)))
        .via(mail.stage.as_ref().map(|stage| stage.id));
    mail.outbox.post(tx, &letter)?;
    Ok(())
}
