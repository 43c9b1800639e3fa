//! The countries of ISO 3166-1, by their codes of two letters and their usual names in English.

/// Code and name of each, a line each, by name.
const TABLE: &str = include_str!("countries.tsv");

/// Codes and names of all, by name.
pub fn countries() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.lines().filter_map(|line| line.split_once('\t'))
}

/// The name of a country; none for a code that ISO 3166-1 does not have.
pub fn country_name(code: &str) -> Option<&'static str> {
    countries().find(|(known, _)| *known == code).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_country_is_there_once() {
        let codes: HashSet<&str> = countries().map(|(code, _)| code).collect();
        let names: HashSet<&str> = countries().map(|(_, name)| name).collect();
        assert_eq!((codes.len(), names.len(), countries().count()), (249, 249, 249));
        assert!(
            codes
                .iter()
                .all(|code| code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_uppercase()))
        );
        for (code, name) in [("KR", Some("South Korea")), ("DE", Some("Germany")), ("ZZ", None), ("de", None)]
        {
            assert_eq!(country_name(code), name);
        }
    }
}
