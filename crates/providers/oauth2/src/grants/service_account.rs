//! The account as which an application acts for itself, made when it first does.

use std::sync::Arc;

use countersign_model::{ProviderId, Subject, User, UserId, UserType};
use countersign_oauth2::{ErrorCode, OAuthError};
use countersign_store::{StoreError, Tx, users};
use countersign_types::JsonObject;

use crate::{audit, call::Call, client::Client, respond::Refusal};

/// Somebody else has the name (RFC 9700 §4.15: a client must not pass for a user).
struct Taken;

/// The service account of a client. No trip when warm.
pub(super) async fn of(call: &Call, client: &Client) -> Result<Arc<Subject>, Refusal> {
    let store = call.app.store();
    if let Some(id) = call.state.service_account(client.id) {
        if let Some(subject) = store.subject(id).await? {
            return Ok(subject);
        }
        call.state.keep_service_account(client.id, None);
    }
    let wanted = Wanted::of(client);
    let made = store.write(move |tx| wanted.find_or_make(tx)).await?;
    let Ok(id) = made else {
        let message = "The name of the service account is taken by another account.";
        call.state.audit.note(audit::misconfigured(client, message)).await;
        return Err(OAuthError::new(ErrorCode::ServerError, "there is no service account").into());
    };
    call.state.keep_service_account(client.id, Some(id));
    let subject = store.subject(id).await?;
    subject.ok_or_else(|| OAuthError::new(ErrorCode::ServerError, "there is no service account").into())
}

struct Wanted {
    provider: ProviderId,
    username: String,
    name: String,
    path: String,
}

/// The attribute by which an account is known to be the client's own.
const MARK: &str = "goauthentik.io/providers/oauth2/client-credentials";

impl Wanted {
    fn of(client: &Client) -> Self {
        Self {
            provider: client.id,
            username: format!("ak-{}-client_credentials", client.name),
            name: client.application.name.clone(),
            path: format!("goauthentik.io/apps/{}", client.application.slug),
        }
    }

    fn find_or_make(&self, tx: &mut Tx<'_>) -> Result<Result<UserId, Taken>, StoreError> {
        if let Some(user) = users::by_username(tx, &self.username)? {
            let is_machine = user.user_type == UserType::ServiceAccount;
            let is_ours = user.attributes.get(MARK).and_then(|mark| mark.as_str())
                == Some(self.provider.to_string().as_str());
            return Ok(if is_machine && is_ours { Ok(user.id) } else { Err(Taken) });
        }
        let now = tx.now();
        let user = User {
            id: UserId::random(tx.rng()),
            pk: users::next_pk(tx)?,
            username: self.username.clone(),
            name: self.name.clone(),
            email: String::new(),
            is_active: true,
            password: None,
            password_change_date: None,
            last_login: None,
            date_joined: now,
            last_updated: now,
            path: self.path.clone(),
            user_type: UserType::ServiceAccount,
            attributes: JsonObject::from_iter([(MARK.to_owned(), self.provider.to_string().into())]),
        };
        users::create(tx, &user)?;
        Ok(Ok(user.id))
    }
}
