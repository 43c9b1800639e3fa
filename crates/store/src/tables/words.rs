//! The words by which objects are found: one row each, found by the beginning of the word.
//!
//! A search asks for every word of its text at the beginning of a word of the object. The rows only propose:
//! what they name is looked at again in its own row, so that a row too many does no harm.

use std::collections::{BTreeSet, HashSet};

use countersign_types::JsonObject;
use diesel::{prelude::*, sql_types::Text};
use serde_json::Value;

use crate::{
    ListRequest, StoreError, Tx,
    columns::{Guid, Id},
    conn::{execute, load},
    counters,
    list::{self, Position, compared},
    schema::search_words,
};

/// What a word belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A user: his names and his address.
    User = 1,
    /// A group: its name.
    Group = 2,
    /// A user: what stands in his attributes.
    UserAttribute = 3,
}

/// Letters of a word that count.
const LONGEST: usize = 64;
/// Words of one object.
const MOST: usize = 64;
/// Words of a search.
const MOST_TERMS: usize = 8;
/// Rows in one statement.
const CHUNK: usize = 500;
/// Behind the last letter there is.
const LAST: char = char::MAX;

/// The words of some texts. Writing without blanks is found from each of its letters on.
pub(crate) fn words<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for text in texts {
        for word in split(text) {
            let starts = word.char_indices().enumerate().filter(|(number, (_, letter))| {
                *number == 0 || (*number < 16 && is_written_without_blanks(*letter))
            });
            for (_, (start, _)) in starts {
                if words.len() < MOST {
                    words.extend(word.get(start..).map(str::to_owned));
                }
            }
        }
    }
    words
}

fn split(text: &str) -> Vec<String> {
    let folded = super::users::fold(text);
    let words = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word.chars().take(LONGEST).collect()).collect()
}

const fn is_written_without_blanks(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// The words in one text, each after a blank, for [`begins_with`].
pub(crate) fn joined(words: &BTreeSet<String>) -> String {
    words.iter().flat_map(|word| [" ", word]).collect()
}

/// The pattern of a joined text in which a word begins so.
pub(crate) fn begins_with(term: &str) -> String {
    // Words consist of letters and digits: there is no wildcard among them.
    format!("% {term}%")
}

/// What a search asks for, the longest word first; none when the text has no word at all.
pub(crate) fn terms(search: &str) -> Option<Vec<String>> {
    let mut terms = split(search);
    terms.sort_by_key(|term| std::cmp::Reverse(term.chars().count()));
    terms.dedup();
    terms.truncate(MOST_TERMS);
    if terms.is_empty() { None } else { Some(terms) }
}

/// What a search asks for as it is written: its parts between blanks that are more than one word, such as
/// addresses, as patterns of `LIKE` with the escape character `\\`.
pub(crate) fn phrases(search: &str) -> Vec<String> {
    let folded = super::users::fold(search);
    let parts = folded.split_whitespace().filter(|part| !part.chars().all(char::is_alphanumeric));
    parts.take(MOST_TERMS).map(containing).collect()
}

/// The pattern of texts in which this one stands.
pub(crate) fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// What stands in attributes, one word for each value, however deep: `=room.number=12`.
///
/// More than 256 values of one object are not found by.
pub(crate) fn attribute_words(attributes: &JsonObject) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for (name, value) in attributes {
        collect_values(name, value, &mut words);
    }
    words
}

fn collect_values(path: &str, value: &Value, words: &mut BTreeSet<String>) {
    if words.len() >= 256 {
        return;
    }
    match value {
        Value::Object(object) => {
            object.iter().for_each(|(name, value)| collect_values(&format!("{path}.{name}"), value, words));
        }
        Value::Array(values) => values.iter().for_each(|value| collect_values(path, value, words)),
        Value::String(text) => drop(words.insert(bounded(format!("={path}={text}")))),
        plain => drop(words.insert(bounded(format!("={path}={plain}")))),
    }
}

/// A long text is told from others that begin alike by a number at its end (FNV-1a).
fn bounded(text: String) -> String {
    if text.len() <= 128 {
        return text;
    }
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    let begin: String = text.chars().take(80).collect();
    format!("{begin}#{hash:016x}")
}

/// What an object is found by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Indexed {
    /// By what those that share a word are ordered.
    pub(crate) sort_key: String,
    pub(crate) words: BTreeSet<String>,
}

/// Writes the rows of an object in the place of those that it had.
pub(crate) fn replace(
    tx: &mut Tx<'_>,
    kind: Kind,
    object: Id,
    old: &Indexed,
    new: &Indexed,
) -> Result<(), StoreError> {
    if old == new {
        return Ok(());
    }
    put(tx, kind, &[(object, new)])?;
    let moved = old.sort_key != new.sort_key;
    let gone: Vec<&String> = old.words.iter().filter(|word| moved || !new.words.contains(*word)).collect();
    if !gone.is_empty() {
        let target = search_words::table
            .filter(search_words::kind.eq(kind as i16))
            .filter(search_words::word.eq_any(gone))
            .filter(search_words::sort_key.eq(&old.sort_key))
            .filter(search_words::object_id.eq(object));
        execute!(tx, diesel::delete(target))?;
    }
    Ok(())
}

/// Writes the rows of objects; those that are there are no harm.
pub(crate) fn put(tx: &mut Tx<'_>, kind: Kind, objects: &[(Id, &Indexed)]) -> Result<(), StoreError> {
    let mut rows: Vec<(&str, &str, Id)> = objects
        .iter()
        .flat_map(|(object, indexed)| {
            indexed.words.iter().map(|word| (word.as_str(), indexed.sort_key.as_str(), *object))
        })
        .collect();
    // In the order of the key: of many rows each page is written once, and nobody waits crosswise.
    rows.sort_unstable();
    for part in rows.chunks(CHUNK) {
        let row = |(word, sort_key, object): &(&str, &str, Id)| {
            (
                search_words::kind.eq(kind as i16),
                search_words::word.eq((*word).to_owned()),
                search_words::sort_key.eq((*sort_key).to_owned()),
                search_words::object_id.eq(*object),
            )
        };
        let part: Vec<_> = part.iter().map(row).collect();
        execute!(tx, diesel::insert_into(search_words::table).values(&part).on_conflict_do_nothing())?;
    }
    Ok(())
}

/// Deletes the rows of an object.
pub(crate) fn forget(tx: &mut Tx<'_>, kind: Kind, object: Id, old: &Indexed) -> Result<(), StoreError> {
    replace(tx, kind, object, old, &Indexed { sort_key: old.sort_key.clone(), ..Indexed::default() })
}

/// The objects that have a word which begins so, in no order, each once; none when they are more than `most`.
pub(crate) fn few(
    tx: &mut Tx<'_>,
    kind: Kind,
    beginning: &str,
    most: usize,
) -> Result<Option<Vec<Id>>, StoreError> {
    let query = search_words::table
        .filter(search_words::kind.eq(kind as i16))
        .filter(search_words::word.ge(beginning))
        .filter(search_words::word.lt(format!("{beginning}{LAST}")))
        .select(search_words::object_id)
        .limit(most as i64 + 1);
    few_of(load!(tx, query)?, most)
}

/// Words of a search that are tried for a proposal.
const TRIED: usize = 2;
/// Rows of each that are looked at.
const PROPOSED: usize = 250;

/// Objects that a search may mean, the best first: all that have its rarer word, or the first of the many that
/// have its longest. One statement or two.
pub(crate) fn proposed(tx: &mut Tx<'_>, kind: Kind, terms: &[String]) -> Result<Vec<Id>, StoreError> {
    let mut proposed: Option<Vec<Place>> = None;
    for term in terms.iter().take(TRIED) {
        let (from, to) = beginning(term);
        let places = walk(tx, kind, (&from, &to), None, 0, PROPOSED as i64 + 1)?;
        let are_all = places.len() <= PROPOSED;
        if are_all || proposed.is_none() {
            proposed = Some(places);
        }
        if are_all {
            break;
        }
    }
    let mut seen = HashSet::new();
    let ids = proposed.unwrap_or_default().into_iter().map(|(_, _, id)| id);
    Ok(ids.filter(|id| seen.insert(*id)).collect())
}

/// How many objects have a word that begins so, as far as so many rows tell.
pub(crate) fn at_least(tx: &mut Tx<'_>, kind: Kind, term: &str) -> Result<u64, StoreError> {
    let (from, to) = beginning(term);
    let places = walk(tx, kind, (&from, &to), None, 0, PROPOSED as i64)?;
    Ok(places.into_iter().map(|(_, _, id)| id).collect::<HashSet<Id>>().len() as u64)
}

/// From where to where words begin so.
pub(crate) fn beginning(text: &str) -> (String, String) {
    (text.to_owned(), format!("{text}{LAST}"))
}

/// From where to where a word is this one: no word has a control character.
pub(crate) fn whole(word: &str) -> (String, String) {
    (word.to_owned(), format!("{word}\u{1}"))
}

fn few_of(mut found: Vec<Id>, most: usize) -> Result<Option<Vec<Id>>, StoreError> {
    if found.len() > most {
        return Ok(None);
    }
    found.sort_unstable();
    found.dedup();
    Ok(Some(found))
}

/// A row: word, what those that share it are ordered by, object.
pub(crate) type Place = (String, String, Id);

/// The counter that says in which form the words of all rows are written, and that form. Another form (other
/// words, other columns beside them) has another number, and all rows are written anew when it comes.
const FORM: (&str, i64) = ("search_words", 1);

/// Writes the words of everything that was written before there were searches.
pub(crate) fn fill(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let (counter, form) = FORM;
    let written = counters::get(tx, counter)?;
    if written >= form {
        return Ok(());
    }
    execute!(tx, diesel::delete(search_words::table))?;
    super::users::fill(tx)?;
    super::groups::fill(tx)?;
    counters::add(tx, counter, form - written)
}

/// Cursors of lists in the order of words, and what stands in them between two texts.
const CURSOR: char = 'w';
const SEPARATOR: char = '\u{1f}';

/// A place as its user hands it back.
pub(crate) fn cursor((word, sort_key, object): &Place) -> String {
    list::cursor(CURSOR, *object, &format_args!("{word}{SEPARATOR}{sort_key}"))
}

/// The place where a list is to go on.
pub(crate) fn place(request: &ListRequest) -> Option<Place> {
    let Position { value, id } = request.after::<String>(CURSOR)?;
    let (word, sort_key) = value.split_once(SEPARATOR)?;
    Some((word.to_owned(), sort_key.to_owned(), id))
}

/// The rows of words from one on up to, not including, another, in order, from behind a place on.
pub(crate) fn walk(
    tx: &mut Tx<'_>,
    kind: Kind,
    (from, to): (&str, &str),
    after: Option<&Place>,
    skip: i64,
    limit: i64,
) -> Result<Vec<Place>, StoreError> {
    load!(tx, {
        let mut query = search_words::table
            .filter(search_words::kind.eq(kind as i16))
            .filter(search_words::word.lt(to))
            .into_boxed();
        query = match after {
            None => query.filter(search_words::word.ge(from)),
            Some((word, sort_key, object)) => query.filter(compared!(
                "search_words.word, search_words.sort_key, search_words.object_id",
                ">",
                Text: word,
                Text: sort_key,
                Guid: *object
            )),
        };
        query
            .order((search_words::word.asc(), search_words::sort_key.asc(), search_words::object_id.asc()))
            .select((search_words::word, search_words::sort_key, search_words::object_id))
            .offset(skip)
            .limit(limit)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(texts: &[&str]) -> Vec<String> {
        words(texts.iter().copied()).into_iter().collect()
    }

    #[test]
    fn names_and_addresses_are_taken_apart_and_folded() {
        assert_eq!(of(&["Ada Lovelace", "ada.l@Example.org"]), ["ada", "example", "l", "lovelace", "org"]);
        assert_eq!(of(&["ÉLODIE", ""]), ["élodie"]);
        assert_eq!(joined(&words(["Ada Lovelace"])), " ada lovelace");
    }

    #[test]
    fn names_without_blanks_are_found_by_their_second_part() {
        assert_eq!(of(&["김철수"]), ["김철수", "수", "철수"]);
        assert_eq!(of(&["王小明"]), ["小明", "明", "王小明"]);
    }

    #[test]
    fn a_search_is_as_long_as_somebody_types_and_no_longer() {
        assert_eq!(terms(" ada  Lovelace "), Some(vec!["lovelace".to_owned(), "ada".to_owned()]));
        assert_eq!(terms("ada@example.org").map(|terms| terms.len()), Some(3));
        assert_eq!(terms("%%_ \\"), None);
        let long: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
        assert_eq!(terms(&long.join(" ")).map(|terms| terms.len()), Some(MOST_TERMS));
    }

    #[test]
    fn an_address_is_looked_for_as_a_whole_without_wildcards() {
        assert_eq!(phrases("ada Ada@Example.org"), ["%ada@example.org%"]);
        assert_eq!(phrases("50%_\\"), ["%50\\%\\_\\\\%"]);
    }

    #[test]
    fn attributes_are_found_by_path_and_value() {
        let attributes = json!({ "room": { "number": 12, "keys": ["a", "b"] }, "nothing": {}, "gone": null });
        let words = attribute_words(attributes.as_object().unwrap());
        let expected = ["=gone=null", "=room.keys=a", "=room.keys=b", "=room.number=12"];
        assert_eq!(words.into_iter().collect::<Vec<_>>(), expected);
        let long = bounded("é".repeat(500));
        assert!(long.len() < 200 && long != bounded("é".repeat(501)));
    }
}
