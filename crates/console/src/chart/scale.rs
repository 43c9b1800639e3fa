//! Axes that end at numbers people count in.

/// The end of an axis that has room for `max`: 2, 4, 6, 8 or 10 times a power of ten, so that its half is a
/// whole number too.
pub(crate) fn ceiling(max: u64) -> u64 {
    let mut power = 1_u64;
    loop {
        let fits = [2_u64, 4, 6, 8, 10].into_iter().map(|step| step.saturating_mul(power));
        if let Some(end) = fits.into_iter().find(|end| *end >= max) {
            return end;
        }
        let Some(next) = power.checked_mul(10) else { return u64::MAX };
        power = next;
    }
}

/// `value` on an axis of `length` units that ends at `end`; what is there at all is seen.
pub(crate) fn scaled(value: u64, end: u64, length: u64) -> u64 {
    let exact = u128::from(value) * u128::from(length) / u128::from(end.max(1));
    let within = u64::try_from(exact).unwrap_or(length).min(length);
    if value > 0 { within.max(1) } else { 0 }
}

/// A number with its thousands apart, as English, Korean and Chinese write it.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers_with_whole_halves() {
        for (max, end) in
            [(0, 2), (1, 2), (2, 2), (3, 4), (7, 8), (9, 10), (11, 20), (79, 80), (1_234, 2_000)]
        {
            assert_eq!(ceiling(max), end, "{max}");
            assert_eq!(end % 2, 0);
        }
        assert!(ceiling(u64::MAX) >= u64::MAX / 2, "no overflow");
    }

    #[test]
    fn what_is_there_is_seen_and_what_is_not_is_not() {
        assert_eq!(scaled(0, 1_000_000, 100), 0);
        assert_eq!(scaled(1, 1_000_000, 100), 1);
        assert_eq!(scaled(50, 100, 100), 50);
        assert_eq!(scaled(u64::MAX, 2, 100), 100);
    }

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
