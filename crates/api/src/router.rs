//! From a path to a row of the table: a tree by segments, names before braces.

use std::collections::{BTreeMap, HashMap};

use percent_encoding::percent_decode_str;

use crate::{Endpoint, endpoint::Method};

/// The tree.
#[derive(Debug, Default)]
pub(crate) struct Router {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    names: HashMap<String, Node>,
    braces: Option<Box<Node>>,
    /// Rows that end here, by their place in the table.
    rows: BTreeMap<Method, usize>,
}

/// What stands at a path.
#[derive(Debug)]
pub(crate) struct Found<'r> {
    /// Rows by method.
    pub(crate) rows: &'r BTreeMap<Method, usize>,
    /// What stands in the braces, in order.
    pub(crate) values: Vec<String>,
    /// Whether the slash at the end is missing.
    pub(crate) lacks_slash: bool,
}

/// Segments of a path at most: ours are shorter.
const MAX_SEGMENTS: usize = 12;

impl Router {
    /// The tree of a table. Rows without a handler are answered elsewhere.
    pub(crate) fn of(table: &[Endpoint]) -> Self {
        let mut router = Self::default();
        for (at, endpoint) in table.iter().enumerate().filter(|(_, endpoint)| endpoint.handler.is_some()) {
            let mut node = &mut router.root;
            for segment in endpoint.path.trim_end_matches('/').split('/') {
                node = match segment.starts_with('{') {
                    true => node.braces.get_or_insert_default(),
                    false => node.names.entry(segment.to_owned()).or_default(),
                };
            }
            node.rows.insert(endpoint.method, at);
        }
        router
    }

    /// What stands at a path below `/api/v3/`.
    pub(crate) fn find(&self, path: &str) -> Option<Found<'_>> {
        let (path, lacks_slash) = match path.strip_suffix('/') {
            Some(path) => (path, false),
            None => (path, true),
        };
        let segments: Vec<String> = path.split('/').map(decode).collect::<Option<_>>()?;
        if segments.len() > MAX_SEGMENTS {
            return None;
        }
        let mut values = Vec::new();
        let node = self.root.descend(&segments, &mut values)?;
        Some(Found { rows: &node.rows, values, lacks_slash })
    }
}

impl Node {
    fn descend(&self, segments: &[String], values: &mut Vec<String>) -> Option<&Self> {
        let Some((segment, rest)) = segments.split_first() else {
            return (!self.rows.is_empty()).then_some(self);
        };
        if let Some(found) = self.names.get(segment).and_then(|node| node.descend(rest, values)) {
            return Some(found);
        }
        let node = self.braces.as_ref().filter(|_| !segment.is_empty())?;
        values.push(segment.clone());
        let found = node.descend(rest, values);
        if found.is_none() {
            values.pop();
        }
        found
    }
}

/// A segment as it is meant; none for what no key can hold.
fn decode(segment: &str) -> Option<String> {
    let text = percent_decode_str(segment).decode_utf8().ok()?;
    (!text.contains(char::is_control)).then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Access, Answer};

    fn router() -> Router {
        let row = |method, path| {
            Endpoint::new(method, path, "x", Access::Anyone, |_| async { Ok(Answer::empty()) })
        };
        Router::of(&[
            row(Method::Get, "core/users/"),
            row(Method::Get, "core/users/{id}/"),
            row(Method::Delete, "core/users/{id}/"),
            row(Method::Get, "core/users/me/"),
            row(Method::Post, "core/users/{id}/recovery/"),
        ])
    }

    fn rows(path: &str) -> Option<(Vec<usize>, Vec<String>)> {
        router().find(path).map(|found| (found.rows.values().copied().collect(), found.values))
    }

    #[test]
    fn names_go_before_braces() {
        assert_eq!(rows("core/users/"), Some((vec![0], vec![])));
        assert_eq!(rows("core/users/7/"), Some((vec![1, 2], vec!["7".to_owned()])));
        assert_eq!(rows("core/users/me/"), Some((vec![3], vec![])));
        assert_eq!(rows("core/users/me/recovery/"), Some((vec![4], vec!["me".to_owned()])));
    }

    #[test]
    fn keys_are_decoded_once() {
        assert_eq!(rows("core/users/a%2Fb/").unwrap().1, ["a/b"]);
        assert_eq!(rows("core/users/a%252Fb/").unwrap().1, ["a%2Fb"]);
        assert_eq!(rows("core/users/%00/"), None);
        assert_eq!(rows("core/users/%ff/"), None);
    }

    #[test]
    fn strange_paths_lead_nowhere() {
        for path in ["", "/", "core/", "core//", "core/users//", "core/users/7/x/", "core/users/7//recovery/"]
        {
            assert_eq!(rows(path), None, "{path}");
        }
        assert!(router().find("core/users").unwrap().lacks_slash);
        assert_eq!(rows(&"a/".repeat(10_000)), None);
    }
}
