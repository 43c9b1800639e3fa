//! Lists in the order of an index that knows who fits one condition, as many do.
//!
//! Of a list that goes on from its first rows or from behind a page, the same number of rows is looked at for every
//! page, however many there are. Who asks for a page by its number passes over what stands before it:
//!
//! ```text
//! every row of the index fits   -> the page is a window of the index, passed over without being looked at
//! rows must meet more           -> they are looked at from the first on, as far as the page is worth it
//! ```

use std::collections::HashSet;

use countersign_model::User;

use super::{ask::Asked, ordered, rows, source::Source};
use crate::{
    Count, ListRequest, Listed, Start, StoreError, Tx,
    columns::Id,
    list::FEW,
    tables::words::{self, Place},
};

/// Rows that are looked at for one page, however few of them fit.
const STEP: i64 = 250;
/// Rows that are looked at in one statement for a page by its number.
const AT_ONCE: i64 = 1_000;

/// What a look at some rows of the index found.
struct Look {
    /// Those that fit, in order, everybody once.
    found: Vec<Place>,
    /// The last row looked at.
    last: Option<Place>,
    /// Whether no row follows.
    is_end: bool,
}

/// A page, with the count if it is asked for.
pub(super) fn page(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    source: &Source,
    request: &ListRequest,
) -> Result<Listed<User>, StoreError> {
    let (found, rest) = match request.start {
        Start::Skip(_) if asked.conditions > 1 => passing(tx, asked, source, request)?,
        Start::Skip(_) => window(tx, asked, source, request)?,
        Start::First | Start::After(_) => following(tx, asked, source, request)?,
    };
    let is_from_first = !matches!(request.start, Start::After(_));
    let seen = found.len();
    let passed = usize::try_from(request.skipped()).unwrap_or(usize::MAX);
    let passed = if asked.conditions > 1 { passed.min(seen) } else { 0 };
    let listed = request.page(found.into_iter().skip(passed).collect(), words::cursor);
    let ids: Vec<Id> = listed.items.iter().map(|(_, _, id)| *id).collect();
    let is_cut = request.is_cut(asked.conditions > 1 && listed.next.is_none() && rest.is_some());
    let next = listed.next.or_else(|| rest.as_ref().map(words::cursor));
    let count = match request.count {
        false => None,
        true if asked.conditions > 1 && is_from_first && next.is_none() => Some(Count::Exact(seen as u64)),
        true if asked.conditions > 1 && is_from_first => Some(Count::AtLeast(seen as u64)),
        true => Some(count(tx, asked, source)?),
    };
    Ok(Listed { items: rows(tx, &ids)?, next, count, is_cut })
}

/// What follows the page before, and where to go on when not all was looked at.
fn following(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    source: &Source,
    request: &ListRequest,
) -> Result<(Vec<Place>, Option<Place>), StoreError> {
    let mut after = words::place(request);
    let mut step = if asked.conditions > 1 { STEP } else { request.fetched() };
    let mut found = Vec::new();
    let mut looked_at = 0;
    while looked_at < STEP {
        let look = look(tx, asked, source, after.as_ref(), 0, step)?;
        found.extend(look.found);
        if look.is_end || found.len() > request.shown() {
            return Ok((found, None));
        }
        after = look.last;
        looked_at += step;
        // One row more than is shown was not enough where somebody has two of them.
        step = STEP;
    }
    Ok((found, after))
}

/// The rows of a page by its number, where every row fits.
fn window(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    source: &Source,
    request: &ListRequest,
) -> Result<(Vec<Place>, Option<Place>), StoreError> {
    let shown = i64::try_from(request.shown()).unwrap_or(i64::MAX);
    let look = look(tx, asked, source, None, request.skipped(), shown)?;
    Ok((look.found, look.last.filter(|_| !look.is_end)))
}

/// Everything that fits from the first row to the end of a page by its number.
fn passing(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    source: &Source,
    request: &ListRequest,
) -> Result<(Vec<Place>, Option<Place>), StoreError> {
    let most = request.bounds().pop().unwrap_or_default();
    let wanted = usize::try_from(request.skipped()).unwrap_or(usize::MAX).saturating_add(request.shown());
    let (mut found, mut after, mut looked_at, mut step) = (Vec::new(), None, 0, STEP);
    while looked_at < most {
        let look = look(tx, asked, source, after.as_ref(), 0, step)?;
        found.extend(look.found);
        if look.is_end || found.len() > wanted {
            return Ok((found, None));
        }
        after = look.last;
        looked_at += step;
        step = AT_ONCE;
    }
    Ok((found, after))
}

/// Looks at so many rows.
fn look(
    tx: &mut Tx<'_>,
    asked: &Asked<'_>,
    source: &Source,
    after: Option<&Place>,
    skip: i64,
    rows: i64,
) -> Result<Look, StoreError> {
    let mut places = source.walk(tx, after, skip, rows.saturating_add(1))?;
    let shown = usize::try_from(rows).unwrap_or(usize::MAX);
    let is_end = places.len() <= shown;
    places.truncate(shown);
    let last = places.last().cloned();
    let is_first_look = after.is_none() && skip == 0;
    let found = match source {
        // Somebody may have several words that begin so, and stands where the first of them does.
        Source::Word(term) if asked.conditions > 1 || !is_first_look => {
            let ids: Vec<Id> = places.iter().map(|(_, _, id)| *id).collect();
            let fitting = ordered::fitting(tx, asked, &ids)?;
            let is_first = |place: &Place| {
                let words = fitting.get(&place.2)?;
                words.split(' ').find(|word| word.starts_with(term.as_str())).filter(|word| *word == place.0)
            };
            places.into_iter().filter(|place| is_first(place).is_some()).collect()
        }
        _ if asked.conditions > 1 => {
            let ids: Vec<Id> = places.iter().map(|(_, _, id)| *id).collect();
            let fitting = ordered::fitting(tx, asked, &ids)?;
            places.into_iter().filter(|(_, _, id)| fitting.contains_key(id)).collect()
        }
        _ => each_once(places),
    };
    Ok(Look { found, last, is_end })
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
    Ok(Count::AtLeast(look(tx, asked, source, None, 0, STEP)?.found.len() as u64))
}
