//! Dates, moments and spans in words. The words and their order stand in the catalogues.

use countersign_types::{Span, TextArg, Timestamp};

use crate::Localizer;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Mean lengths in the Gregorian calendar; good enough for "2 months ago".
const MONTH: i64 = 2_629_746;
const YEAR: i64 = 31_556_952;

/// How far a reader's clock is ahead of UTC, in whole minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UtcOffset(i16);

impl UtcOffset {
    /// No offset.
    pub const UTC: Self = Self(0);

    /// From minutes ahead of UTC; `None` beyond the 14 hours that exist.
    pub const fn from_minutes(minutes: i16) -> Option<Self> {
        if minutes.unsigned_abs() <= 14 * 60 { Some(Self(minutes)) } else { None }
    }

    /// `UTC` or `UTC+09:00`.
    fn label(self) -> String {
        let (hours, minutes) = (self.0.unsigned_abs() / 60, self.0.unsigned_abs() % 60);
        match self.0 {
            0 => "UTC".to_owned(),
            1.. => format!("UTC+{hours:02}:{minutes:02}"),
            _ => format!("UTC-{hours:02}:{minutes:02}"),
        }
    }
}

impl Localizer {
    /// A calendar day: `22 November 2026`.
    pub fn date(&self, at: Timestamp, offset: UtcOffset) -> String {
        let civil = shifted(at, offset).to_civil();
        self.t_args(
            "time-date",
            &[("year", number(civil.year)), ("month", number(civil.month)), ("day", number(civil.day))],
        )
    }

    /// A moment to the minute, with its zone: `22 November 2026, 06:13 UTC`.
    pub fn date_time(&self, at: Timestamp, offset: UtcOffset) -> String {
        let civil = shifted(at, offset).to_civil();
        let clock = format!("{:02}:{:02}", civil.hour, civil.minute);
        self.t_args(
            "time-date-time",
            &[
                ("date", self.date(at, offset).into()),
                ("clock", clock.into()),
                ("zone", offset.label().into()),
            ],
        )
    }

    /// How long before or after `now` a moment is: `3 minutes ago`, `in 2 days`, `just now`.
    pub fn relative(&self, then: Timestamp, now: Timestamp) -> String {
        let away = then.since(now).as_secs();
        let (unit, count) = match away.unsigned_abs().cast_signed() {
            ..MINUTE => return self.t("time-now"),
            seconds @ ..HOUR => ("minutes", seconds / MINUTE),
            seconds @ ..DAY => ("hours", seconds / HOUR),
            seconds @ ..MONTH => ("days", seconds / DAY),
            seconds @ ..YEAR => ("months", seconds / MONTH),
            seconds => ("years", seconds / YEAR),
        };
        let tense = if away < 0 { "ago" } else { "ahead" };
        self.t_args(&format!("time-{unit}-{tense}"), &[("count", number(count))])
    }

    /// Relative under a day, the date beyond: what lists show. Put `date_time` beside it, for the hover.
    pub fn moment(&self, then: Timestamp, now: Timestamp, offset: UtcOffset) -> String {
        if then.since(now).as_secs().abs() < DAY { self.relative(then, now) } else { self.date(then, offset) }
    }

    /// A length of time in one unit, rounded up: `15 minutes`, `90 minutes`, `4 hours`.
    pub fn span(&self, span: Span) -> String {
        let seconds = span.as_secs().max(0);
        let fits = |length: i64| seconds >= 2 * length || (seconds > 0 && seconds % length == 0);
        let (unit, length) = [("days", DAY), ("hours", HOUR), ("minutes", MINUTE)]
            .into_iter()
            .find(|(_, length)| fits(*length))
            .unwrap_or(("seconds", 1));
        let count = seconds.saturating_add(length - 1) / length;
        self.t_args(&format!("time-{unit}"), &[("count", number(count))])
    }
}

fn shifted(at: Timestamp, offset: UtcOffset) -> Timestamp {
    at.plus(Span::from_mins(offset.0.into()))
}

fn number(value: i64) -> TextArg {
    TextArg::Number(value)
}
