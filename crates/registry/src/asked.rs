//! What a list query asks, taken apart for kinds whose lists the database makes.

use countersign_model::UserId;
use countersign_store::{
    ListRequest, Sort, Tx,
    users::{self, Between},
};
use countersign_types::{JsonObject, RawId, Timestamp};
use serde_json::Value;

use crate::{Filter, FilterOp, ListQuery, ResourceError, Visible};

impl Filter {
    /// The only value, where exactly one is asked for.
    pub(crate) fn one(&self) -> Option<&str> {
        match (self.op, self.values.as_slice()) {
            (FilterOp::Is | FilterOp::In, [value]) => Some(value),
            _ => None,
        }
    }

    /// The values one of which is asked for.
    pub(crate) fn any(&self) -> Option<&[String]> {
        matches!(self.op, FilterOp::Is | FilterOp::In).then_some(self.values.as_slice())
    }

    /// The values one of which is asked for, as something else; those that are nothing of the sort name nothing.
    pub(crate) fn any_as<T: std::str::FromStr>(&self) -> Option<Vec<T>> {
        Some(self.any()?.iter().filter_map(|value| value.parse().ok()).collect())
    }

    /// A switch.
    pub(crate) fn switch(&self) -> Option<bool> {
        self.one().map(|value| value == "true")
    }

    /// That this cannot be asked.
    pub(crate) fn unknown(&self) -> ResourceError {
        ResourceError::UnknownAttribute(self.field.clone())
    }

    /// Narrows a span of time. Whether the filter is of that sort.
    pub(crate) fn narrow(&self, span: &mut Between) -> bool {
        let Some(moment) = self.values.first().and_then(|value| Timestamp::parse(value)) else {
            return false;
        };
        // What is before the next microsecond is not after the moment itself.
        let next = Some(Timestamp::from_micros(moment.as_micros().saturating_add(1)));
        match self.op {
            FilterOp::AtLeast => span.from = Some(moment),
            FilterOp::AtMost => span.before = next,
            FilterOp::Is => *span = Between { from: Some(moment), before: next },
            _ => return false,
        }
        true
    }

    /// Puts what is asked of a map (`attributes`, `attributes.room.number`) into one that must be contained.
    pub(crate) fn within(&self, map: &str, wanted: &mut JsonObject) -> bool {
        let Some(value) = self.one() else { return false };
        if self.field == map {
            let Ok(Value::Object(asked)) = serde_json::from_str(value) else { return false };
            wanted.extend(asked);
            return true;
        }
        let Some(path) = self.field.strip_prefix(map).and_then(|rest| rest.strip_prefix('.')) else {
            return false;
        };
        let value = match serde_json::from_str(value) {
            Ok(plain @ (Value::Bool(_) | Value::Number(_) | Value::Null)) => plain,
            _ => Value::from(value),
        };
        let mut steps = path.rsplit('.');
        let Some(last) = steps.next() else { return false };
        let innermost = JsonObject::from_iter([(last.to_owned(), value)]);
        let whole = steps
            .fold(innermost, |inner, step| JsonObject::from_iter([(step.to_owned(), Value::Object(inner))]));
        wanted.extend(whole);
        true
    }
}

impl ListQuery {
    /// The part that is asked for, as the store takes it.
    pub(crate) fn request(&self) -> ListRequest {
        ListRequest { start: self.start.clone(), limit: self.limit, count: self.count }
    }

    /// The most important attribute to order by; the kind's own when none is given.
    pub(crate) fn sort<C>(
        &self,
        own: Sort<C>,
        by: impl Fn(&str) -> Option<C>,
    ) -> Result<Sort<C>, ResourceError> {
        let Some(order) = self.order.first() else { return Ok(own) };
        let by = by(&order.field).ok_or_else(|| ResourceError::UnknownAttribute(order.field.clone()))?;
        Ok(Sort { by, descending: order.descending })
    }
}

/// The only identifier that is asked for.
pub(crate) fn one_id(filter: &Filter) -> Result<RawId, ResourceError> {
    filter.one().and_then(|id| id.parse().ok()).ok_or_else(|| filter.unknown())
}

/// The user of the only name that is asked for; somebody who is nobody when there is none.
pub(crate) fn owner_named(tx: &mut Tx<'_>, filter: &Filter) -> Result<UserId, ResourceError> {
    let found = users::by_username(tx, filter.one().ok_or_else(|| filter.unknown())?)?;
    Ok(found.map_or(UserId(RawId::nil()), |user| user.id))
}

/// What may be seen, beside what identifiers are asked for.
pub(crate) fn narrowed(visible: &Visible, asked: Option<Vec<RawId>>) -> Option<Vec<RawId>> {
    match (visible, asked) {
        (Visible::All, asked) => asked,
        (visible, Some(asked)) => Some(asked.into_iter().filter(|id| visible.contains(*id)).collect()),
        (Visible::Only(ids), None) => Some(ids.to_vec()),
        (Visible::None, None) => Some(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn attributes_are_asked_by_path_or_as_a_whole() {
        let mut wanted = JsonObject::new();
        assert!(Filter::is("attributes.room.number", "5").within("attributes", &mut wanted));
        assert!(Filter::is("attributes", r#"{"team": "red"}"#).within("attributes", &mut wanted));
        assert_eq!(Value::Object(wanted), json!({"room": {"number": 5}, "team": "red"}));
        assert!(!Filter::is("attributes", "team").within("attributes", &mut JsonObject::new()));
        assert!(!Filter::is("name", "x").within("attributes", &mut JsonObject::new()));
    }
}
