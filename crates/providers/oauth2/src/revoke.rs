//! `POST /application/o/revoke/` (RFC 7009): ends the grant that a token of the client came from, and with it
//! every token of that grant. About tokens of others, and what never was one, the answer is the same: 200.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, PRAGMA},
};
use countersign_model::{Grant, GrantId, UserId};
use countersign_oauth2::TokenQuery;
use countersign_store::{Change, StoreError, Tx, grants};
use countersign_types::Timestamp;
use countersign_web::{BoundedForm, WebError};

use crate::{
    authenticate::{self, PublicClients},
    call::Call,
    client::Client,
    cors,
    respond::Refusal,
    tokens::{RefreshToken, TokenFault, Verified, verify_access},
};

pub(crate) async fn post(
    request: HttpRequest,
    call: Call,
    form: Result<BoundedForm, WebError>,
) -> HttpResponse {
    let mut response = match serve(&request, &call, form).await {
        Ok(()) => HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((PRAGMA, "no-cache"))
            .finish(),
        Err(refusal) => refusal.respond(&call.facts),
    };
    cors::allow(&call, None, &request, &mut response);
    response
}

async fn serve(
    request: &HttpRequest,
    call: &Call,
    form: Result<BoundedForm, WebError>,
) -> Result<(), Refusal> {
    let form = authenticate::form(form)?;
    let client = authenticate::client(call, request, &form, PublicClients::Named)?;
    let query = TokenQuery::parse(&form)?;
    let ending = match RefreshToken::parse(query.token.expose(), call.sealer()) {
        Some(token) => Ending::Family(token.grant),
        None => match verify_access(call, query.token.expose()).await {
            Ok(verified) if verified.client.id == client.id => Ending::of(&verified),
            Err(TokenFault::Fault(fault)) => return Err(fault.into()),
            Ok(_) | Err(TokenFault::Dead) => return Ok(()),
        },
    };
    call.app.store().write(move |tx| ending.write(tx, &client)).await?;
    Ok(())
}

/// What ends.
enum Ending {
    /// What a refresh token renews.
    Family(GrantId),
    /// What an access token came from.
    Access { grant: GrantId, user: UserId, is_machine: bool, expires: Timestamp },
}

impl Ending {
    fn of(verified: &Verified) -> Self {
        Self::Access {
            grant: verified.grant,
            user: verified.subject.user.id,
            is_machine: verified.claims.auth_time.is_none(),
            expires: Timestamp::from_secs(verified.claims.exp),
        }
    }

    fn write(&self, tx: &mut Tx<'_>, client: &Arc<Client>) -> Result<(), StoreError> {
        let (Self::Family(id) | Self::Access { grant: id, .. }) = *self;
        match grants::by_id(tx, id)? {
            Some(grant) if grant.provider == client.id => grants::revoke(tx, id).map(drop),
            Some(_) => Ok(()),
            None => self.name_the_dead(tx, client),
        }
    }

    /// A token of client credentials has no grant: one that is revoked from the start takes its name, so that
    /// every process hears of it, those that start later too.
    fn name_the_dead(&self, tx: &mut Tx<'_>, client: &Client) -> Result<(), StoreError> {
        let Self::Access { grant, user, is_machine: true, expires } = *self else { return Ok(()) };
        let now = tx.now();
        grants::create(
            tx,
            &Grant {
                id: grant,
                provider: client.id,
                user,
                session: None,
                scope: String::new(),
                auth_time: now,
                nonce: None,
                auth_method: String::new(),
                created: now,
                refresh_generation: 0,
                refresh_key: None,
                expires,
                revoked: Some(now),
            },
        )?;
        tx.change(Change::Grant(grant));
        Ok(())
    }
}
