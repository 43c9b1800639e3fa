//! `/application/o/<slug>/jwks/` (RFC 7517 §5): the keys of a client, those to come and those that still
//! count included. A client that signs with its secret publishes none. No trip when warm.

use actix_web::{HttpRequest, HttpResponse, web::Path};
use countersign_types::Timestamp;
use countersign_web::WebError;

use crate::{
    call::Call,
    client::{Client, Signing},
    cors,
    documents::{Document, Shelf},
};

/// The shelf of key sets, told by its type from that of discovery documents.
#[derive(Default)]
struct KeySets(Shelf);

pub(crate) async fn get(
    request: HttpRequest,
    call: Call,
    slug: Path<String>,
) -> Result<HttpResponse, WebError> {
    let client = call.client_by_slug(&slug)?;
    let call = call.with_key_of(&client).await?;
    let shelf = call.snapshot.memo::<KeySets, WebError>(client.id.raw(), || Ok(KeySets::default()))?;
    let document = shelf.0.get("", call.now, || {
        let keys = client.verifying_keys(&call.app, &call.snapshot, call.now)?;
        Ok::<_, WebError>(Document::new(keys.jwks_json(), next_retirement(&call, &client)))
    })?;
    let mut response = document.send(&request, "application/jwk-set+json");
    cors::allow(&call, Some(&client), &request, &mut response);
    Ok(response)
}

/// When the next key stops to count.
fn next_retirement(call: &Call, client: &Client) -> Option<Timestamp> {
    let Signing::Pair(id, _) = &client.signing else { return None };
    let versions = call.snapshot.key_pair(*id).map(|pair| pair.versions.as_slice()).unwrap_or_default();
    versions.iter().filter_map(|version| version.retires).filter(|retires| *retires > call.now).min()
}
