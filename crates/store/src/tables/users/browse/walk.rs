//! Lists in the order of an index that knows who fits one condition, as many do.

use std::collections::{HashMap, HashSet};

use countersign_model::{User, UserId};

use super::{ask::Asked, ordered, rows, source::Source};
use crate::{
    Count, ListRequest, Listed, Start, StoreError, Tx,
    columns::Id,
    list::{FEW, LOOKED_AT},
    tables::{
        users::indexed::own_words,
        words::{self, Place},
    },
};

/// Rows of the index in the first step, when not all of them fit.
const FIRST: i64 = 200;

/// A page.
pub(super) fn page(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    source: &Source,
    request: &ListRequest,
) -> Result<Listed<User>, StoreError> {
    let mut after = words::place(request);
    // Where every row fits, rows to pass over are passed over in the index.
    let mut skip = if asked.conditions > 1 { 0 } else { request.skipped() };
    let mut unwanted = request.skipped().saturating_sub(skip);
    let mut step = request.fetched();
    if asked.conditions > 1 {
        step = step.max(FIRST);
    }
    let mut looked_at = 0;
    let mut found: Vec<(Place, User)> = Vec::new();
    while is_patient(request, looked_at) {
        let places = source.walk(tx, after.as_ref(), skip, step)?;
        let is_end = (places.len() as i64) < step;
        after = places.last().cloned().or(after);
        looked_at += step;
        let rest = if asked.conditions > 1 { LOOKED_AT - FIRST } else { (step * 4).min(LOOKED_AT) };
        (skip, step) = (0, rest);
        let mut fitting = fitting(tx, asked, source, places)?;
        let passed = unwanted.min(fitting.len() as i64);
        unwanted -= passed;
        found.extend(fitting.drain(usize::try_from(passed).unwrap_or(usize::MAX)..));
        if is_end || found.len() > request.shown() {
            return Ok(cut(found, request, None));
        }
    }
    Ok(cut(found, request, after.as_ref()))
}

/// Who passes over rows counts those that fit, and so wants them all.
fn is_patient(request: &ListRequest, looked_at: i64) -> bool {
    looked_at < LOOKED_AT || matches!(request.start, Start::Skip(_))
}

fn cut(found: Vec<(Place, User)>, request: &ListRequest, rest: Option<&Place>) -> Listed<User> {
    let listed = request.page(found, |(place, _)| words::cursor(place));
    let next = listed.next.or_else(|| rest.map(words::cursor));
    Listed { items: listed.items.into_iter().map(|(_, user)| user).collect(), next, count: None }
}

/// The users of some rows that fit, in the order of the rows, each once.
fn fitting(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    source: &Source,
    places: Vec<Place>,
) -> Result<Vec<(Place, User)>, StoreError> {
    let ids: Vec<Id> = places.iter().map(|(_, _, id)| *id).collect();
    let users = if asked.conditions > 1 { ordered::fitting(tx, asked, &ids)? } else { rows(tx, &ids)? };
    let mut by_id: HashMap<UserId, User> = users.into_iter().map(|user| (user.id, user)).collect();
    let at_first_row = |place: Place| {
        let id = UserId(place.2.0);
        let is_first = match source {
            Source::Word(term) => first_word(by_id.get(&id)?, term)? == place.0,
            _ => true,
        };
        is_first.then(|| by_id.remove(&id)).flatten().map(|user| (place, user))
    };
    Ok(places.into_iter().filter_map(at_first_row).collect())
}

/// The first word of a user that begins so.
fn first_word(user: &User, term: &str) -> Option<String> {
    own_words(user).into_iter().find(|word| word.starts_with(term))
}

/// How many fit.
pub(super) fn count(tx: &mut Tx<'_>, asked: &Asked<'_>, source: &Source) -> Result<Count, StoreError> {
    let places = source.walk(tx, None, 0, FEW as i64)?;
    let number = if asked.conditions > 1 {
        fitting(tx, asked, source, places)?.len()
    } else {
        places.into_iter().map(|(_, _, id)| id).collect::<HashSet<Id>>().len()
    };
    Ok(Count::AtLeast(number as u64))
}
