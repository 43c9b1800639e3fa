//! Codes: six to eight digits that follow from the token of a message's link, so that whoever has the link can show
//! the code, and nothing but a code of authentication of it is kept.

use countersign_crypto::Sealer;
use countersign_model::ConfigObjectId;
use countersign_types::Digest;

/// Longest text that is looked at: eight digits with a space after each, and then some.
const MAX_TYPED: usize = 64;
/// What a code is made of.
const MADE: &str = "email-proof-code";
/// What is kept of it.
const KEPT: &str = "email-proof-code-kept";

/// The code of a message, by the token of its link.
pub(super) fn of(sealer: &Sealer, stage: ConfigObjectId, token: &str, digits: u32) -> String {
    let mac = sealer.mac(MADE, format!("{stage}\0{token}").as_bytes());
    // 128 bits, of which no code gets a share that could be told from another's.
    let number = mac.iter().take(16).fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
    let width = usize::try_from(digits).unwrap_or(0);
    format!("{:0width$}", number % 10_u128.saturating_pow(digits))
}

/// What is kept of a code.
pub(super) fn kept(sealer: &Sealer, stage: ConfigObjectId, code: &str) -> Digest {
    Digest(sealer.mac(KEPT, format!("{stage}\0{code}").as_bytes()))
}

/// Whether a code is the one of which that was kept. Constant time.
pub(super) fn is_kept(sealer: &Sealer, stage: ConfigObjectId, code: &str, kept: &Digest) -> bool {
    sealer.verify_mac(KEPT, format!("{stage}\0{code}").as_bytes(), kept.as_bytes())
}

/// The digits that somebody typed, if they are so many: spaces and hyphens between them do not matter, nor does their
/// width.
pub(super) fn typed(text: &str, digits: u32) -> Option<String> {
    if text.len() > MAX_TYPED {
        return None;
    }
    let mut code = String::new();
    for letter in text.chars() {
        match letter {
            '0'..='9' => code.push(letter),
            '０'..='９' => code.push(char::from_digit(u32::from(letter) - u32::from('０'), 10)?),
            '-' => {}
            _ if letter.is_whitespace() => {}
            _ => return None,
        }
    }
    (code.len() == usize::try_from(digits).ok()?).then_some(code)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Arc};

    use countersign_crypto::{MasterKey, SystemRng};
    use countersign_types::Secret;
    use uuid::Uuid;

    use super::*;

    const STAGE: ConfigObjectId = ConfigObjectId(Uuid::from_u128(1));
    const OTHER: ConfigObjectId = ConfigObjectId(Uuid::from_u128(2));

    fn sealer() -> Sealer {
        let master = MasterKey::from_secret(&Secret::from("a secret of the tests of codes")).unwrap();
        Sealer::new(master, &[], Arc::new(SystemRng))
    }

    #[test]
    fn a_code_follows_from_its_token_and_stage() {
        let sealer = sealer();
        for digits in 6..=8 {
            let code = of(&sealer, STAGE, "token", digits);
            assert_eq!(code.len(), digits as usize);
            assert!(code.bytes().all(|byte| byte.is_ascii_digit()));
            assert_eq!(code, of(&sealer, STAGE, "token", digits));
        }
        let codes: BTreeSet<String> =
            (0..200).map(|number| of(&sealer, STAGE, &format!("token {number}"), 8)).collect();
        assert!(codes.len() > 195, "{codes:?}");
        assert_ne!(of(&sealer, STAGE, "token", 8), of(&sealer, OTHER, "token", 8));
    }

    #[test]
    fn a_code_of_another_stage_is_none() {
        let sealer = sealer();
        let kept = kept(&sealer, STAGE, "123456");
        assert!(is_kept(&sealer, STAGE, "123456", &kept));
        assert!(!is_kept(&sealer, STAGE, "123457", &kept));
        assert!(!is_kept(&sealer, OTHER, "123456", &kept));
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for text in ["123456", " 123 456\t", "123-456", "１２３４５６", "1 2 3 4 5 6 "] {
            assert_eq!(typed(text, 6).as_deref(), Some("123456"), "{text}");
        }
        let long = "1".repeat(5000);
        for text in ["", "12345", "1234567", "12345a", "123456;", "१२३४५६", &long] {
            assert_eq!(typed(text, 6), None, "{text}");
        }
    }
}
