//! Values in the interpreter's own types, and the objects of one evaluation by number.

use std::collections::HashMap;
use std::sync::Arc;

use countersign_types::Timestamp;
use indexmap::IndexMap;
use monty_types::{DictPairs, MontyClassInstance, MontyClassType, MontyDateTime, MontyObject, MontyUuid};

use crate::json::{MAX_DEPTH, ValueError};
use crate::prelude::HOST_MARK;
use crate::{HostObject, Value, builtins};

/// Number of the object behind `ak_logger`.
const LOGGER: u128 = 1 << 64;
const OBJECTS: u128 = 2 << 64;
const TYPES: u128 = 3 << 64;
/// Classes of the prelude that leave as their text.
const TEXTUAL: [&str; 3] = ["ip_address", "ip_network", "UUID"];

/// What an identity that the interpreter names stands for.
pub(crate) enum Known {
    Logger,
    Object(Arc<dyn HostObject>),
}

/// The objects an evaluation has seen. Numbers are given in order of appearance and say nothing.
#[derive(Default)]
pub(crate) struct Objects {
    seen: Vec<Arc<dyn HostObject>>,
    by_pointer: HashMap<usize, usize>,
    types: Vec<String>,
}

impl Objects {
    pub(crate) fn find(&self, id: MontyUuid) -> Option<Known> {
        let number = u128::from_be_bytes(*id.as_bytes());
        if number == LOGGER {
            return Some(Known::Logger);
        }
        let index = usize::try_from(number.checked_sub(OBJECTS)?).ok()?;
        self.seen.get(index).cloned().map(Known::Object)
    }

    pub(crate) fn logger(&mut self) -> MontyObject {
        let class_type = self.class("Logger");
        let attrs = mark("logger".to_owned()).into_iter().collect();
        let instance_id = MontyUuid::from_u128(LOGGER);
        MontyObject::ClassInstance(Box::new(MontyClassInstance { class_type, instance_id, attrs }))
    }

    /// A variable. An address comes as a tuple, which the program makes an `ip_address` of; a tuple
    /// therefore comes as a list.
    pub(crate) fn variable(&mut self, value: Value) -> MontyObject {
        match value {
            Value::Ip(address) => {
                let parts = builtins::address_parts(address);
                MontyObject::Tuple(parts.into_iter().map(|part| self.enter(part)).collect())
            }
            Value::Tuple(items) => self.enter(Value::List(items)),
            other => self.enter(other),
        }
    }

    /// A value on its way in.
    pub(crate) fn enter(&mut self, value: Value) -> MontyObject {
        match value {
            Value::None => MontyObject::None,
            Value::Bool(value) => MontyObject::Bool(value),
            Value::Int(value) => MontyObject::Int(value),
            Value::Float(value) => MontyObject::Float(value),
            Value::Str(text) => MontyObject::String(text),
            Value::List(items) => MontyObject::List(items.into_iter().map(|item| self.enter(item)).collect()),
            Value::Tuple(items) => {
                MontyObject::Tuple(items.into_iter().map(|item| self.enter(item)).collect())
            }
            Value::Dict(entries) => {
                let entries =
                    entries.into_iter().map(|(key, item)| (MontyObject::String(key), self.enter(item)));
                MontyObject::Dict(entries.collect())
            }
            Value::DateTime(moment) => {
                let zone = Some(0);
                date_time(moment, zone).map_or(MontyObject::None, MontyObject::DateTime)
            }
            Value::Ip(address) => MontyObject::String(address.to_canonical().to_string()),
            Value::Object(object) => self.enter_object(&object),
        }
    }

    fn enter_object(&mut self, object: &Arc<dyn HostObject>) -> MontyObject {
        let pointer = Arc::as_ptr(object).cast::<()>().addr();
        let index = match self.by_pointer.get(&pointer) {
            Some(index) => *index,
            None => {
                let index = self.seen.len();
                self.seen.push(Arc::clone(object));
                self.by_pointer.insert(pointer, index);
                index
            }
        };
        // The interpreter compares objects by class and eager attributes, so the mark tells them apart.
        let identity = object.identity().unwrap_or_else(|| format!("#{index}"));
        let mut attrs: Vec<(MontyObject, MontyObject)> = mark(identity).into_iter().collect();
        for (name, value) in object.eager() {
            attrs.push((MontyObject::String(name.to_owned()), self.enter(value)));
        }
        let class_type = self.class(object.type_name());
        let instance_id = MontyUuid::from_u128(OBJECTS | number(index));
        MontyObject::ClassInstance(Box::new(MontyClassInstance {
            class_type,
            instance_id,
            attrs: attrs.into(),
        }))
    }

    fn class(&mut self, name: &str) -> MontyClassType {
        let index = self.types.iter().position(|known| known == name).unwrap_or_else(|| {
            self.types.push(name.to_owned());
            self.types.len() - 1
        });
        MontyClassType {
            name: name.to_owned(),
            id: MontyUuid::from_u128(TYPES | number(index)),
            host_defined: true,
            is_dataclass: false,
            attrs: DictPairs::default(),
        }
    }

    /// A value on its way out, of at most `bytes` bytes.
    pub(crate) fn leave(&self, object: MontyObject, bytes: usize) -> Result<Value, ValueError> {
        if object.deep_host_size() > bytes.saturating_mul(8) {
            return Err(ValueError::TooLarge);
        }
        self.leave_within(object, MAX_DEPTH)
    }

    fn leave_within(&self, object: MontyObject, depth: usize) -> Result<Value, ValueError> {
        let depth = depth.checked_sub(1).ok_or(ValueError::TooDeep)?;
        let all = |items: Vec<MontyObject>| -> Result<Vec<Value>, ValueError> {
            items.into_iter().map(|item| self.leave_within(item, depth)).collect()
        };
        Ok(match object {
            MontyObject::None => Value::None,
            MontyObject::Bool(value) => Value::Bool(value),
            MontyObject::Int(value) => Value::Int(value),
            MontyObject::Float(value) => Value::Float(value),
            MontyObject::String(text) => Value::Str(text),
            MontyObject::List(items) | MontyObject::Set(items) | MontyObject::FrozenSet(items) => {
                Value::List(all(items)?)
            }
            MontyObject::Tuple(items) => Value::Tuple(all(items)?),
            MontyObject::NamedTuple { values, .. } => Value::Tuple(all(values)?),
            MontyObject::Dict(entries) => {
                let entries =
                    entries.into_iter().map(|(name, item)| Ok((key(name)?, self.leave_within(item, depth)?)));
                Value::Dict(entries.collect::<Result<IndexMap<_, _>, ValueError>>()?)
            }
            MontyObject::DateTime(moment) => Value::DateTime(timestamp(&moment)),
            MontyObject::Date(date) => {
                Value::Str(format!("{:04}-{:02}-{:02}", date.year, date.month, date.day))
            }
            MontyObject::ClassInstance(instance) => return self.leave_instance(&instance),
            MontyObject::Cycle(..) => return Err(ValueError::TooDeep),
            other => return Err(ValueError::Unsupported { what: described(&other) }),
        })
    }

    fn leave_instance(&self, instance: &MontyClassInstance) -> Result<Value, ValueError> {
        let name = instance.class_type.name.as_str();
        if instance.class_type.host_defined {
            if let Some(Known::Object(object)) = self.find(instance.instance_id) {
                return Ok(Value::Object(object));
            }
        } else if TEXTUAL.contains(&name) {
            for (attribute, value) in &instance.attrs {
                if let (MontyObject::String(attribute), MontyObject::String(text)) = (attribute, value)
                    && attribute == "_text"
                {
                    return Ok(Value::Str(text.clone()));
                }
            }
        }
        Err(ValueError::Unsupported { what: format!("a {name}") })
    }
}

fn mark(identity: String) -> [(MontyObject, MontyObject); 1] {
    [(MontyObject::String(HOST_MARK.to_owned()), MontyObject::String(identity))]
}

fn number(index: usize) -> u128 {
    u128::try_from(index).unwrap_or(u128::MAX >> 64)
}

fn key(object: MontyObject) -> Result<String, ValueError> {
    match object {
        MontyObject::String(text) => Ok(text),
        MontyObject::Int(value) => Ok(value.to_string()),
        other => Err(ValueError::Unsupported { what: format!("a key that is {}", described(&other)) }),
    }
}

fn described(object: &MontyObject) -> String {
    match object {
        MontyObject::BigInt(_) => "an int of more than 64 bits".to_owned(),
        MontyObject::Repr(text) => text.chars().take(80).collect(),
        MontyObject::Type(_) => "a class".to_owned(),
        other => format!("a {}", other.type_name()),
    }
}

/// The moment in the interpreter's parts, `zone` seconds east of UTC; `None` outside years 1 to 9999.
pub(crate) fn date_time(moment: Timestamp, zone: Option<i32>) -> Option<MontyDateTime> {
    let shift = i64::from(zone.unwrap_or(0)).saturating_mul(1_000_000);
    let civil = Timestamp::from_micros(moment.as_micros().saturating_add(shift)).to_civil();
    if !(1..=9999).contains(&civil.year) {
        return None;
    }
    let small = |value: i64| u8::try_from(value).ok();
    Some(MontyDateTime {
        year: i32::try_from(civil.year).ok()?,
        month: small(civil.month)?,
        day: small(civil.day)?,
        hour: small(civil.hour)?,
        minute: small(civil.minute)?,
        second: small(civil.second)?,
        microsecond: u32::try_from(moment.as_micros().rem_euclid(1_000_000)).ok()?,
        offset_seconds: zone,
        timezone_name: None,
    })
}

/// The moment; one without a zone is taken as UTC.
fn timestamp(moment: &MontyDateTime) -> Timestamp {
    let (year, month) = (i64::from(moment.year), i64::from(moment.month));
    // Days since the epoch with years that begin in March, so that leap days come last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let day_of_year = (153 * month + 2) / 5 + i64::from(moment.day) - 1;
    let days =
        365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468;
    let seconds = days * 86_400
        + i64::from(moment.hour) * 3600
        + i64::from(moment.minute) * 60
        + i64::from(moment.second)
        - i64::from(moment.offset_seconds.unwrap_or(0));
    Timestamp::from_micros(seconds * 1_000_000 + i64::from(moment.microsecond))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_survive_the_way_in_and_out() {
        for micros in [0, 951_782_400_000_001, -62_135_596_800_000_000, 253_402_300_799_999_999] {
            for zone in [None, Some(0), Some(3600)] {
                let moment = Timestamp::from_micros(micros);
                if let Some(parts) = date_time(moment, zone) {
                    assert_eq!(timestamp(&parts), moment);
                }
            }
        }
    }
}
