//! Spans of time as administrators write them: `hours=1;minutes=30`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A span of time in whole microseconds, which may be negative.
///
/// Written as `key=value` pairs joined by `;` or `,` with the keys `weeks`, `days`, `hours`, `minutes`,
/// `seconds`, `milliseconds` and `microseconds`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(i64);

/// Why a text is not a span.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseSpanError {
    /// A part has no `=`.
    #[error("“{0}” is not of the form unit=number, for example minutes=30")]
    NotAPair(String),
    /// The unit is none of those known.
    #[error("“{0}” is not a unit of time (weeks, days, hours, minutes, seconds, milliseconds, microseconds)")]
    UnknownUnit(String),
    /// The value is not a whole number.
    #[error("“{0}” is not a whole number")]
    NotANumber(String),
    /// The sum leaves the range of the type.
    #[error("the span is too long")]
    OutOfRange,
}

/// Units from the largest to the smallest, with their length in microseconds.
const UNITS: [(&str, i64); 7] = [
    ("weeks", 604_800_000_000),
    ("days", 86_400_000_000),
    ("hours", 3_600_000_000),
    ("minutes", 60_000_000),
    ("seconds", 1_000_000),
    ("milliseconds", 1_000),
    ("microseconds", 1),
];

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// From microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// From whole minutes.
    pub const fn from_mins(mins: i64) -> Self {
        Self::from_secs(mins.saturating_mul(60))
    }

    /// From whole hours.
    pub const fn from_hours(hours: i64) -> Self {
        Self::from_mins(hours.saturating_mul(60))
    }

    /// From whole days of 24 hours.
    pub const fn from_days(days: i64) -> Self {
        Self::from_hours(days.saturating_mul(24))
    }

    /// Length in microseconds.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Length in whole seconds, rounded towards zero.
    pub const fn as_secs(self) -> i64 {
        self.0 / 1_000_000
    }

    /// Whether the span has no length.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// As a standard duration; a negative span is none.
    pub const fn to_std(self) -> std::time::Duration {
        let micros = if self.0 < 0 { 0 } else { self.0 };
        std::time::Duration::from_micros(micros.unsigned_abs())
    }
}

impl FromStr for Span {
    type Err = ParseSpanError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut total = 0_i64;
        for pair in text.split([';', ',']).map(str::trim).filter(|pair| !pair.is_empty()) {
            let (unit, value) =
                pair.split_once('=').ok_or_else(|| ParseSpanError::NotAPair(pair.to_owned()))?;
            let unit = unit.trim();
            let (_, micros) = UNITS
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(unit))
                .ok_or_else(|| ParseSpanError::UnknownUnit(unit.to_owned()))?;
            let value: i64 =
                value.trim().parse().map_err(|_| ParseSpanError::NotANumber(value.trim().to_owned()))?;
            total = value
                .checked_mul(*micros)
                .and_then(|part| total.checked_add(part))
                .ok_or(ParseSpanError::OutOfRange)?;
        }
        Ok(Self(total))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        if rest == 0 {
            return f.write_str("seconds=0");
        }
        let mut first = true;
        for (name, micros) in UNITS {
            // A week is written in days unless it comes out even, as people expect of "days=30".
            if name == "weeks" && rest % micros != 0 {
                continue;
            }
            let count = rest / micros;
            if count != 0 {
                if !first {
                    f.write_str(";")?;
                }
                write!(f, "{name}={count}")?;
                first = false;
                rest -= count * micros;
            }
        }
        Ok(())
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Span {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Span".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "duration", "x-widget": "duration" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_add_up() {
        assert_eq!("hours=1;minutes=30".parse(), Ok(Span::from_mins(90)));
        assert_eq!("minutes=-5".parse(), Ok(Span::from_mins(-5)));
        assert_eq!("weeks=4".parse(), Ok(Span::from_days(28)));
        assert_eq!("hours=1, minutes=1".parse(), Ok(Span::from_mins(61)));
    }

    #[test]
    fn what_is_written_reads_back() {
        for micros in [0, 1, -300_000_000, 5_400_000_000, 2_592_000_000_000, 2_419_200_000_000] {
            let span = Span::from_micros(micros);
            assert_eq!(span.to_string().parse(), Ok(span));
        }
    }

    #[test]
    fn nonsense_is_named() {
        assert_eq!("soon".parse::<Span>(), Err(ParseSpanError::NotAPair("soon".to_owned())));
        assert_eq!("moons=1".parse::<Span>(), Err(ParseSpanError::UnknownUnit("moons".to_owned())));
        assert_eq!("days=9223372036854775807".parse::<Span>(), Err(ParseSpanError::OutOfRange));
    }
}
