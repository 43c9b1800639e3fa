//! The static rules: counted in characters of the NFC form, as NIST SP 800-63B §3.1.1.2 counts them.

use unicode_normalization::UnicodeNormalization;

use super::PasswordPolicy;

/// How many characters of each kind a password has.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    all: u32,
    digits: u32,
    uppercase: u32,
    lowercase: u32,
    symbols: u32,
}

/// Whether the password keeps every rule.
pub(super) fn keeps(policy: &PasswordPolicy, password: &str) -> bool {
    let counts = count(password, &policy.symbol_charset);
    counts.all >= policy.length_min
        && counts.digits >= policy.amount_digits
        && counts.uppercase >= policy.amount_uppercase
        && counts.lowercase >= policy.amount_lowercase
        && counts.symbols >= policy.amount_symbols
}

fn count(password: &str, symbols: &str) -> Counts {
    let mut counts = Counts::default();
    for character in password.nfc() {
        counts.all += 1;
        counts.digits += u32::from(character.is_numeric());
        counts.uppercase += u32::from(character.is_uppercase());
        counts.lowercase += u32::from(character.is_lowercase());
        counts.symbols += u32::from(symbols.contains(character));
    }
    counts
}

#[cfg(test)]
mod tests {
    use countersign_resource::ConfigKind;

    use super::*;

    fn policy(rules: serde_json::Value) -> PasswordPolicy {
        serde_json::from_value(rules).unwrap()
    }

    #[test]
    fn length_is_of_characters_not_bytes() {
        let policy = policy(serde_json::json!({ "length_min": 8 }));
        assert!(!keeps(&policy, "비밀번호"), "twelve bytes are four characters");
        assert!(keeps(&policy, "비밀번호비밀번호"));
    }

    #[test]
    fn composed_and_decomposed_forms_count_the_same() {
        let symbols = "!";
        assert_eq!(count("e\u{301}!", symbols), count("é!", symbols));
        assert_eq!(count("é!", symbols).all, 2);
    }

    #[test]
    fn each_kind_of_character_is_counted() {
        let policy = policy(serde_json::json!({
            "amount_digits": 1, "amount_uppercase": 1, "amount_lowercase": 1, "amount_symbols": 1
        }));
        assert!(keeps(&policy, "aB3!"));
        for lacking in ["aB!!", "ab3!", "AB3!", "aB33"] {
            assert!(!keeps(&policy, lacking), "{lacking}");
        }
    }

    #[test]
    fn a_threshold_that_no_score_has_is_refused() {
        let errors = policy(serde_json::json!({ "zxcvbn_score_threshold": 5 })).validate().unwrap_err();
        assert_eq!(errors.about("zxcvbn_score_threshold").count(), 1);
        assert!(policy(serde_json::json!({})).validate().is_ok());
    }
}
