//! Lists in the order of an index that knows who fits one condition, as many do.
//!
//! Of a list that goes on from its first rows or from behind a page, the same number of rows is looked at for every
//! page, however many there are. Who asks for a page by its number passes over what stands before it:
//!
//! ```text
//! every row of the index fits   -> the page is a window of the index, passed over without being looked at
//! rows must meet more           -> they are looked at from the first on, as far as the page is worth it
//! ```

use std::collections::{HashMap, HashSet};

use countersign_model::User;

use super::{ask::Asked, ordered, rows, source::Source};
use crate::{
    Count, ListRequest, Listed, Start, StoreError, Tx,
    columns::{Id, entities},
    list::FEW,
    tables::{
        users::UserRow,
        words::{self, Place},
    },
};

/// Rows that are looked at for one page, however few of them fit.
const STEP: i64 = 250;
/// Rows that are looked at in one statement for a page by its number.
const AT_ONCE: i64 = 1_000;

/// Some rows of the index.
struct Stretch {
    places: Vec<Place>,
    /// The last of them.
    last: Option<Place>,
    /// Whether no row follows.
    is_end: bool,
}

/// What was found for a page.
#[derive(Default)]
struct Found {
    places: Vec<Place>,
    /// The rows of these places, as far as looking at them has brought them along.
    rows: HashMap<Id, UserRow>,
    /// Where to go on when not all was looked at.
    rest: Option<Place>,
}

/// A page, with the count if it is asked for.
pub(super) fn page(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    source: &Source,
    request: &ListRequest,
) -> Result<Listed<User>, StoreError> {
    let has_more_conditions = asked.conditions > 1;
    let found = match request.start {
        Start::Skip(_) if has_more_conditions => passing(tx, asked, source, request)?,
        Start::Skip(_) => window(tx, asked, source, request)?,
        Start::First | Start::After(_) if has_more_conditions => fitting(tx, asked, source, request)?,
        Start::First | Start::After(_) => following(tx, asked, source, request)?,
    };
    let Found { places, rows: mut known, rest } = found;
    let is_from_first = !matches!(request.start, Start::After(_));
    let seen = places.len();
    let passed = usize::try_from(request.skipped()).unwrap_or(usize::MAX);
    let passed = if has_more_conditions { passed.min(seen) } else { 0 };
    let listed = request.page(places.into_iter().skip(passed).collect(), words::cursor);
    let ids: Vec<Id> = listed.items.iter().map(|(_, _, id)| *id).collect();
    let is_cut = request.is_cut(has_more_conditions && listed.next.is_none() && rest.is_some());
    let next = listed.next.or_else(|| rest.as_ref().map(words::cursor));
    let count = match request.count {
        false => None,
        true if has_more_conditions && is_from_first && next.is_none() => Some(Count::Exact(seen as u64)),
        true if has_more_conditions && is_from_first => Some(Count::AtLeast(seen as u64)),
        true => Some(count(tx, asked, source)?),
    };
    let items = if ids.iter().all(|id| known.contains_key(id)) {
        entities(ids.iter().filter_map(|id| known.remove(id)).collect())?
    } else {
        rows(tx, &ids)?
    };
    Ok(Listed { items, next, count, is_cut })
}

/// What follows the page before and meets every condition. The index tells all the places at once; their rows lie
/// anywhere, and no more of them are looked at than two pages have, where these fill one.
fn fitting(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    source: &Source,
    request: &ListRequest,
) -> Result<Found, StoreError> {
    let after = words::place(request);
    let Stretch { mut places, last, is_end } = stretch(tx, source, after.as_ref(), 0, STEP)?;
    let remaining = places.split_off(places.len().min(request.shown().saturating_mul(2)));
    let mut found = Found::default();
    for places in [places, remaining] {
        found.look_at(tx, asked, source, places)?;
        if found.places.len() > request.shown() {
            return Ok(found);
        }
    }
    found.rest = last.filter(|_| !is_end);
    Ok(found)
}

/// What follows the page before, where every row of the index fits.
fn following(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    source: &Source,
    request: &ListRequest,
) -> Result<Found, StoreError> {
    let mut after = words::place(request);
    let mut step = request.fetched();
    let mut found = Found::default();
    let mut looked_at = 0;
    while looked_at < STEP {
        let Stretch { places, last, is_end } = stretch(tx, source, after.as_ref(), 0, step)?;
        if after.is_some() && matches!(source, Source::Word(_)) {
            found.look_at(tx, asked, source, places)?;
        } else {
            found.places.extend(each_once(places));
        }
        if is_end || found.places.len() > request.shown() {
            return Ok(found);
        }
        after = last;
        looked_at += step;
        // One row more than is shown was not enough where somebody has two of them.
        step = STEP;
    }
    found.rest = after;
    Ok(found)
}

impl Found {
    /// Takes those of some places whose rows fit, everybody once.
    fn look_at(
        &mut self,
        tx: &mut Tx<'_>,
        asked: &Asked<'_>,
        source: &Source,
        places: Vec<Place>,
    ) -> Result<(), StoreError> {
        if places.is_empty() {
            return Ok(());
        }
        let ids: Vec<Id> = places.iter().map(|(_, _, id)| *id).collect();
        let rows = ordered::fitting_rows(tx, asked, &ids)?;
        let stands =
            |place: &Place| rows.get(&place.2).is_some_and(|(words, _)| stands_at(source, place, words));
        self.places.extend(places.into_iter().filter(stands));
        self.rows.extend(rows.into_iter().map(|(id, (_, row))| (id, row)));
        Ok(())
    }
}

/// The rows of a page by its number, where every row fits.
fn window(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    source: &Source,
    request: &ListRequest,
) -> Result<Found, StoreError> {
    let shown = i64::try_from(request.shown()).unwrap_or(i64::MAX);
    let look = look(tx, asked, source, None, request.skipped(), shown)?;
    Ok(Found { places: look.places, rest: look.last.filter(|_| !look.is_end), ..Found::default() })
}

/// Everything that fits from the first row to the end of a page by its number.
fn passing(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    source: &Source,
    request: &ListRequest,
) -> Result<Found, StoreError> {
    let most = request.bounds().pop().unwrap_or_default();
    let wanted = usize::try_from(request.skipped()).unwrap_or(usize::MAX).saturating_add(request.shown());
    let (mut places, mut after, mut looked_at, mut step) = (Vec::new(), None, 0, STEP);
    while looked_at < most {
        let look = look(tx, asked, source, after.as_ref(), 0, step)?;
        places.extend(look.places);
        if look.is_end || places.len() > wanted {
            return Ok(Found { places, ..Found::default() });
        }
        after = look.last;
        looked_at += step;
        step = AT_ONCE;
    }
    Ok(Found { places, rest: after, ..Found::default() })
}

/// So many rows of the index.
fn stretch(
    tx: &mut Tx<'_>,
    source: &Source,
    after: Option<&Place>,
    skip: i64,
    rows: i64,
) -> Result<Stretch, StoreError> {
    let mut places = source.walk(tx, after, skip, rows.saturating_add(1))?;
    let wanted = usize::try_from(rows).unwrap_or(usize::MAX);
    let is_end = places.len() <= wanted;
    places.truncate(wanted);
    let last = places.last().cloned();
    Ok(Stretch { places, last, is_end })
}

/// Those of so many rows that fit, in order, everybody once.
fn look(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    source: &Source,
    after: Option<&Place>,
    skip: i64,
    rows: i64,
) -> Result<Stretch, StoreError> {
    let Stretch { places, last, is_end } = stretch(tx, source, after, skip, rows)?;
    let is_first_look = after.is_none() && skip == 0;
    let is_later_word = matches!(source, Source::Word(_)) && !is_first_look;
    let places = if asked.conditions > 1 || is_later_word {
        let ids: Vec<Id> = places.iter().map(|(_, _, id)| *id).collect();
        let words = ordered::fitting(tx, asked, &ids)?;
        let stands = |place: &Place| words.get(&place.2).is_some_and(|words| stands_at(source, place, words));
        places.into_iter().filter(stands).collect()
    } else {
        each_once(places)
    };
    Ok(Stretch { places, last, is_end })
}

/// Whether somebody with these words stands at this place. Of several words that begin as was asked, he stands
/// where the first of them does.
fn stands_at(source: &Source, place: &Place, words: &str) -> bool {
    let Source::Word(term) = source else { return true };
    words.split(' ').find(|word| word.starts_with(term.as_str())) == Some(place.0.as_str())
}

fn each_once(places: Vec<Place>) -> Vec<Place> {
    let mut seen = HashSet::new();
    places.into_iter().filter(|(_, _, id)| seen.insert(*id)).collect()
}

/// How many fit, as many do.
pub(super) fn count(tx: &mut Tx<'_>, asked: &Asked<'_>, source: &Source) -> Result<Count, StoreError> {
    if asked.conditions == 1 && !matches!(source, Source::Word(_)) {
        // Every row is somebody else, and there are more than few.
        return Ok(Count::AtLeast(FEW as u64));
    }
    Ok(Count::AtLeast(look(tx, asked, source, None, 0, STEP)?.places.len() as u64))
}
