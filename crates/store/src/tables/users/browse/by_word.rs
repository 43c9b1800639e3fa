//! Searches for a word that many users have: in the order of words, and among those that share one, of names.

use std::collections::HashMap;

use countersign_model::{User, UserId};

use super::{ask::Asked, ordered};
use crate::{
    ListRequest, Listed, StoreError, Tx,
    columns::Id,
    tables::{
        users::indexed::own_words,
        words::{self, Kind, Place},
    },
};

/// Rows of words looked at in one step, and steps for one page.
const STEP: i64 = 500;
const STEPS: usize = 8;

/// A page.
pub(super) fn page(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    request: &ListRequest,
) -> Result<Listed<User>, StoreError> {
    let Some(term) = asked.terms.first() else { return Ok(Listed::nothing()) };
    let mut after = words::place(request);
    let mut skip = request.skipped();
    let mut found: Vec<(Place, User)> = Vec::new();
    for _ in 0..STEPS {
        let places = words::walk(tx, Kind::User, term, after.as_ref(), skip, STEP)?;
        let is_end = (places.len() as i64) < STEP;
        after = places.last().cloned().or(after);
        skip = 0;
        found.extend(fitting(tx, asked, places, term)?);
        if is_end || found.len() > request.shown() {
            return Ok(cut(found, request, None));
        }
    }
    Ok(cut(found, request, after.as_ref()))
}

fn cut(found: Vec<(Place, User)>, request: &ListRequest, rest: Option<&Place>) -> Listed<User> {
    let listed = request.page(found, |(place, _)| words::cursor(place));
    let next = listed.next.or_else(|| rest.map(words::cursor));
    Listed { items: listed.items.into_iter().map(|(_, user)| user).collect(), next, count: None }
}

/// The users of some rows that fit, each at the first of his words only.
fn fitting(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    places: Vec<Place>,
    term: &str,
) -> Result<Vec<(Place, User)>, StoreError> {
    let ids: Vec<Id> = places.iter().map(|(_, _, id)| *id).collect();
    let users = ordered::fitting(tx, asked, &ids)?;
    let mut by_id: HashMap<UserId, User> = users.into_iter().map(|user| (user.id, user)).collect();
    let at_first_word = |place: Place| {
        let id = UserId(place.2.0);
        let is_first = first_word(by_id.get(&id)?, term)? == place.0;
        is_first.then(|| by_id.remove(&id)).flatten().map(|user| (place, user))
    };
    Ok(places.into_iter().filter_map(at_first_word).collect())
}

/// The first word of a user that begins so.
fn first_word(user: &User, term: &str) -> Option<String> {
    own_words(user).into_iter().find(|word| word.starts_with(term))
}
