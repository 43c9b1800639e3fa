//! The `Accept-Language` header (RFC 9110 §12.5.4), from anyone, of any length.

/// How much of the header is looked at. Browsers send well under 200 bytes.
const MAX_BYTES: usize = 1024;
/// How many ranges are kept.
const MAX_RANGES: usize = 16;
/// The longest range worth looking at (RFC 5646 §4.4.1 asks for 35).
const MAX_RANGE_BYTES: usize = 35;

/// The language ranges of a header, best first; equal weights stay in their order.
///
/// Ranges of weight 0, the wildcard, and whatever does not parse are left out: a header never fails.
pub fn parse_accept_language(header: &str) -> Vec<String> {
    let header = header.get(..header.floor_char_boundary(MAX_BYTES)).unwrap_or_default();
    let mut ranges: Vec<(u16, &str)> = header.split(',').filter_map(weighted).take(MAX_RANGES).collect();
    ranges.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    ranges.into_iter().map(|(_, range)| range.to_owned()).collect()
}

/// One element of the list with its weight in thousandths.
fn weighted(element: &str) -> Option<(u16, &str)> {
    let mut parts = element.split(';').map(str::trim);
    let range = parts.next().filter(|range| is_range(range))?;
    let weight = match parts.next() {
        None => 1000,
        Some(parameter) => {
            let (name, value) = parameter.split_once('=')?;
            if !name.trim().eq_ignore_ascii_case("q") {
                return None;
            }
            qvalue(value.trim())?
        }
    };
    (weight > 0 && parts.next().is_none()).then_some((weight, range))
}

fn is_range(range: &str) -> bool {
    !range.is_empty()
        && range.len() <= MAX_RANGE_BYTES
        && range.starts_with(|first: char| first.is_ascii_alphabetic())
        && range.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'*'))
}

/// `qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )`, in thousandths.
fn qvalue(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::parse_accept_language;

    #[test]
    fn weights_decide_and_ties_keep_their_order() {
        assert_eq!(parse_accept_language("en;q=0.5, ko-KR, zh;q=0.8,ko;q=0.8"), ["ko-KR", "zh", "ko", "en"]);
        assert_eq!(parse_accept_language("fr;q=0.001,de;q=1.000,en;q=0."), ["de", "fr"]);
    }

    #[test]
    fn what_is_refused_or_means_anything_is_left_out() {
        assert_eq!(parse_accept_language("en;q=0, *, ko"), ["ko"]);
    }

    #[test]
    fn hostile_headers_are_survived() {
        for header in [
            "",
            ",,,;;;===",
            "en;q=",
            "en;q=2",
            "en;q=-1",
            "en;q=0.1234",
            "en;q=NaN",
            "en;x=1",
            "en;q=1;q=1",
            "한국어",
            "../../etc/passwd",
            "\u{0}en",
            "-en",
        ] {
            assert!(parse_accept_language(header).is_empty(), "{header:?}");
        }
        assert_eq!(parse_accept_language(&"en,".repeat(1_000_000)).len(), 16);
        assert_eq!(parse_accept_language(&"é".repeat(5000)).len(), 0);
        assert_eq!(parse_accept_language(&"a".repeat(5000)).len(), 0);
    }
}
