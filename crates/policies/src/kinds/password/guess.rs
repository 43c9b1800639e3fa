//! How easily a password is guessed, after zxcvbn.

use countersign_model::Subject;
use countersign_types::JsonObject;
use serde_json::Value;
use zxcvbn::feedback::{Suggestion, Warning};

/// Characters that are judged: more make a password no easier to guess, and judging dearer.
const JUDGED: usize = 100;
/// Words about the person that are held against a password.
const MOST_WORDS: usize = 30;
/// Shorter parts of names say nothing.
const SHORTEST: usize = 3;

/// What the person is told where nothing better is known; the catalogues have all of these in every language.
const EASY: &str = "This password is too easy to guess.";

/// Whether a password scores no more than `threshold`, and then what makes it weak.
pub(super) fn weakness(password: &str, words: &[String], threshold: u32) -> Option<Vec<&'static str>> {
    let judged: String = password.chars().take(JUDGED).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let entropy = zxcvbn::zxcvbn(&judged, &words);
    if u32::from(u8::from(entropy.score())) > threshold {
        return None;
    }
    let mut said = vec![EASY];
    if let Some(feedback) = entropy.feedback() {
        said.extend(feedback.warning().map(why));
        said.extend(feedback.suggestions().iter().map(|suggestion| advice(*suggestion)));
    }
    Some(said)
}

/// Words that somebody who knows the person would try first.
pub(super) fn words_about(subject: Option<&Subject>, context: &JsonObject) -> Vec<String> {
    let mut known: Vec<String> = Vec::new();
    if let Some(Subject { user, .. }) = subject {
        known.extend([user.username.clone(), user.name.clone(), user.email.clone()]);
    }
    let typed = context.get("prompt_data").and_then(Value::as_object);
    for field in ["username", "name", "email"] {
        known.extend(typed.and_then(|typed| typed.get(field)).and_then(Value::as_str).map(str::to_owned));
    }
    let parts: Vec<String> = known
        .iter()
        .flat_map(|words| words.split(|letter: char| !letter.is_alphanumeric()))
        .filter(|word| word.chars().count() >= SHORTEST)
        .map(str::to_owned)
        .collect();
    known.extend(parts);
    known.retain(|word| word.chars().count() >= SHORTEST && word.len() <= 254);
    known.truncate(MOST_WORDS);
    known
}

const fn why(warning: Warning) -> &'static str {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess => "Straight rows of keys are easy to guess.",
        Warning::ShortKeyboardPatternsAreEasyToGuess => "Short patterns on the keyboard are easy to guess.",
        Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            "Repetitions are easy to guess."
        }
        Warning::ThisIsATop10Password
        | Warning::ThisIsATop100Password
        | Warning::ThisIsACommonPassword
        | Warning::ThisIsSimilarToACommonlyUsedPassword => "Many people use a password like this one.",
        Warning::SequencesLikeAbcAreEasyToGuess => "Sequences such as abc or 6543 are easy to guess.",
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => {
            "Years and dates are easy to guess."
        }
        Warning::AWordByItselfIsEasyToGuess => "A single word is easy to guess.",
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
        | Warning::CommonNamesAndSurnamesAreEasyToGuess => "Names are easy to guess.",
    }
}

const fn advice(suggestion: Suggestion) -> &'static str {
    match suggestion {
        Suggestion::UseAFewWordsAvoidCommonPhrases
        | Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters
        | Suggestion::AddAnotherWordOrTwo => "Use several words that do not usually stand together.",
        Suggestion::CapitalizationDoesntHelpVeryMuch
        | Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => "Capital letters do not help much.",
        Suggestion::ReversedWordsArentMuchHarderToGuess => "Words spelt backwards do not help much.",
        Suggestion::PredictableSubstitutionsDontHelpVeryMuch => {
            "Replacing letters with similar signs, such as @ for a, does not help much."
        }
        Suggestion::UseALongerKeyboardPatternWithMoreTurns => "Avoid patterns on the keyboard.",
        Suggestion::AvoidRepeatedWordsAndCharacters => "Avoid repetitions.",
        Suggestion::AvoidSequences => "Avoid sequences.",
        Suggestion::AvoidRecentYears
        | Suggestion::AvoidYearsThatAreAssociatedWithYou
        | Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => "Avoid years and dates.",
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn what_many_people_use_is_weak_and_what_nobody_guesses_is_not() {
        let said = weakness("password1", &[], 2).unwrap();
        assert_eq!(said[..2], [EASY, "Many people use a password like this one."]);
        assert!(weakness("plum orbit walnut cathedral", &[], 2).is_none());
        assert!(weakness("plum orbit walnut cathedral", &[], 4).is_some(), "a threshold that nothing passes");
    }

    #[test]
    fn ones_own_name_is_held_against_a_password() {
        let context = serde_json::json!({ "prompt_data": { "name": "Tjorvenka Uxbrizzle", "email": "tu@example.com" } });
        let words = words_about(None, context.as_object().unwrap());
        assert!(words.contains(&"Uxbrizzle".to_owned()), "{words:?}");
        assert!(weakness("tjorvenkauxbrizzle", &[], 2).is_none());
        assert!(weakness("tjorvenkauxbrizzle", &words, 2).is_some());
    }

    #[test]
    fn a_password_made_to_be_hard_to_judge_is_judged_in_time() {
        let begun = Instant::now();
        for hostile in
            ["aA1!".repeat(5_000), "\u{1F600}".repeat(5_000), "qwertyuiop".repeat(5_000), "0".repeat(50_000)]
        {
            weakness(&hostile, &[], 2);
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    }
}
