//! Time is a parameter: nobody below the binary reads the system clock.

use serde::{Deserialize, Serialize};

use crate::Span;

/// A moment in UTC, in whole microseconds since 1970-01-01T00:00:00Z. This is what rows hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds since the epoch, as protocols write them (`NumericDate`).
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down (`NumericDate`, RFC 7519 §2).
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This moment moved by a span; saturates at the ends of the range.
    #[must_use]
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.as_micros()))
    }

    /// This moment moved back by a span; saturates at the ends of the range.
    #[must_use]
    pub const fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.as_micros()))
    }

    /// How long after `earlier` this moment is; negative when it is before.
    pub const fn since(self, earlier: Self) -> Span {
        Span::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// Calendar date and time of day in UTC.
    pub const fn to_civil(self) -> Civil {
        let secs = self.as_secs();
        let (year, month, day) = civil_from_days(secs.div_euclid(86_400));
        let second_of_day = secs.rem_euclid(86_400);
        let (hour, minute, second) = (second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60);
        Civil { year, month, day, hour, minute, second }
    }

    /// A moment of the calendar; none when there is no such date or time of day.
    pub fn from_civil(civil: Civil) -> Option<Self> {
        let Civil { year, month, day, hour, minute, second } = civil;
        let in_day = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
        if !in_day || !(0..=9999).contains(&year) || !(1..=12).contains(&month) {
            return None;
        }
        let days = days_from_civil(year, month, day);
        let moment = Self::from_secs(days * 86_400 + hour * 3600 + minute * 60 + second);
        // A thirtieth of February comes back as another day.
        (moment.to_civil() == civil).then_some(moment)
    }

    /// Reads what forms and programs write: `2026-11-22`, `2026-11-22T06:13`, `2026-11-22T06:13:00.5Z`, and
    /// with an offset (RFC 3339). Without one UTC is meant.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, time) = match text.split_once(['T', 't', ' ']) {
            Some((date, time)) => (date, time),
            None => (text, "00:00"),
        };
        let [year, month, day] = digits(date, '-', [4, 2, 2])?;
        let at = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
        let (clock, zone) = time.split_at_checked(at)?;
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
        let [hour, minute, second] =
            digits(clock, ':', [2, 2, 2]).or_else(|| digits(clock, ':', [2, 2]).map(|[h, m]| [h, m, 0]))?;
        let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
        let micros: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok().filter(|_| is_fraction)?;
        let ahead = match zone.split_at_checked(1) {
            None => 0,
            Some(("Z" | "z", "")) => 0,
            Some((sign, offset)) => {
                let [hours, minutes] = digits(offset, ':', [2, 2])?;
                let ahead = (hours * 60 + minutes) * 60;
                if sign == "-" { -ahead } else { ahead }
            }
        };
        let moment = Self::from_civil(Civil { year, month, day, hour, minute, second })?;
        Some(moment.plus(Span::from_micros(micros)).minus(Span::from_secs(ahead)))
    }

    /// RFC 3339 in UTC with microseconds: `2026-11-22T06:13:00.000000Z`.
    pub fn to_rfc3339(self) -> String {
        let micros = self.0.rem_euclid(1_000_000);
        let Civil { year, month, day, hour, minute, second } = self.to_civil();
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
    }
}

/// A date of the proleptic Gregorian calendar with the time of day, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// Year; 0 is 1 BC.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: i64,
    /// Day of the month, 1 to 31.
    pub day: i64,
    /// Hour, 0 to 23.
    pub hour: i64,
    /// Minute, 0 to 59.
    pub minute: i64,
    /// Second, 0 to 59.
    pub second: i64,
}

/// Proleptic Gregorian date of a day count since 1970-01-01 (the well-known 400-year era method).
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// The way back.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Numbers of so many digits each, with a sign between them.
fn digits<const N: usize>(text: &str, between: char, lengths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(between);
    let mut numbers = [0; N];
    for (number, length) in numbers.iter_mut().zip(lengths) {
        let part = parts.next()?;
        let is_number = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = part.parse().ok().filter(|_| is_number)?;
    }
    parts.next().is_none().then_some(numbers)
}

/// Where "now" comes from. The binary passes the system clock, tests one that is moved by hand.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leap_day_is_written_as_rfc3339() {
        assert_eq!(Timestamp::from_secs(951_782_400).to_rfc3339(), "2000-02-29T00:00:00.000000Z");
    }

    #[test]
    fn what_is_written_is_read_again() {
        for secs in [0, 951_782_400, 951_868_799, 1_795_327_980, 4_102_444_800] {
            let moment = Timestamp::from_micros(secs * 1_000_000 + 123_456);
            assert_eq!(Timestamp::parse(&moment.to_rfc3339()), Some(moment));
        }
        let morning = Timestamp::parse("2026-11-22T06:13");
        assert_eq!(morning, Timestamp::parse("2026-11-22 15:13:00+09:00"));
        assert_eq!(morning, Timestamp::parse("2026-11-22T06:13:00Z"));
        assert_eq!(Timestamp::parse("1970-01-02"), Some(Timestamp::from_secs(86_400)));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "2026",
            "2026-13-01",
            "2026-02-30",
            "2026-11-22T24:00",
            "2026-11-22T06",
            "2026-11-22T06:13:00.Z",
            "2026-11-22T06:13+9",
            "+026-11-22",
            "2026-11-22Tnow",
            "２０２６-11-22",
            "2026-11-22T06:13ZZ",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn moments_before_the_epoch_round_down() {
        assert_eq!(Timestamp::from_micros(-1).as_secs(), -1);
        assert_eq!(Timestamp::from_micros(-1).to_rfc3339(), "1969-12-31T23:59:59.999999Z");
    }
}
