//! Which object is meant by identifiers.

use countersign_resource::without_secrets;
use countersign_store::Tx;
use countersign_types::{JsonObject, RawId};
use serde_json::Value;

use crate::{
    ResourceError,
    rows::{Indexed, Rows},
};

/// The first object to which all identifiers apply. An index is used where there is one; else all objects
/// of the kind are looked at, which only cold kinds can afford.
pub(crate) fn find<R: Rows>(
    rows: &R,
    tx: &mut Tx<'_>,
    identifiers: &JsonObject,
) -> Result<Option<RawId>, ResourceError> {
    if identifiers.is_empty() {
        return Ok(None);
    }
    if let Some(pk) = identifiers.get("pk") {
        return by_pk(rows, tx, pk);
    }
    for (name, value) in identifiers {
        match rows.by_key(tx, name, value)? {
            Indexed::No => {}
            Indexed::Yes(None) => return Ok(None),
            Indexed::Yes(Some(id)) => {
                let all = meets(rows, tx, id, identifiers)?;
                return Ok(all.then_some(id));
            }
        }
    }
    for id in rows.ids(tx)? {
        if meets(rows, tx, id, identifiers)? {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

fn by_pk<R: Rows>(rows: &R, tx: &mut Tx<'_>, pk: &Value) -> Result<Option<RawId>, ResourceError> {
    let Some(id) = pk.as_str().and_then(|text| text.parse::<RawId>().ok()) else {
        return match rows.by_key(tx, "pk", pk)? {
            Indexed::Yes(found) => Ok(found),
            Indexed::No => Ok(None),
        };
    };
    Ok(rows.get(tx, id)?.map(|_| id))
}

fn meets<R: Rows>(
    rows: &R,
    tx: &mut Tx<'_>,
    id: RawId,
    identifiers: &JsonObject,
) -> Result<bool, ResourceError> {
    let Some(stored) = rows.get(tx, id)? else { return Ok(false) };
    let document = without_secrets(&stored);
    Ok(identifiers.iter().all(|(name, wanted)| contains(document.get(name).unwrap_or(&Value::Null), wanted)))
}

/// Equality, and for maps containment.
fn contains(actual: &Value, wanted: &Value) -> bool {
    match (actual, wanted) {
        (Value::Object(actual), Value::Object(wanted)) => wanted
            .iter()
            .all(|(name, wanted)| actual.get(name).is_some_and(|actual| contains(actual, wanted))),
        (actual, wanted) => actual == wanted,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn maps_match_by_containment() {
        assert!(contains(&json!({"a": {"b": 1, "c": 2}}), &json!({"a": {"b": 1}})));
        assert!(!contains(&json!({"a": {"b": 1}}), &json!({"a": {"b": 2}})));
        assert!(!contains(&json!([1, 2]), &json!([1])));
    }
}
