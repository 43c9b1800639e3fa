//! Words with places, as titles of flows have them: `Continue to %(app)s`.

use std::borrow::Cow;

use countersign_types::TextArg;

/// Puts the arguments in their places. What is no place, or has no argument, stays as it is; what an argument
/// says is never read as a place.
pub(crate) fn fill(words: &str, args: &[(Cow<'static, str>, TextArg)]) -> String {
    let mut text = String::with_capacity(words.len());
    let mut rest = words;
    while let Some((before, after)) = rest.split_once("%(") {
        text.push_str(before);
        let place = after.split_once(")s");
        let value = place.and_then(|(name, _)| args.iter().find(|(known, _)| known == name));
        if let (Some((_, behind)), Some((_, value))) = (place, value) {
            match value {
                TextArg::Words(words) => text.push_str(words),
                TextArg::Number(number) => text.push_str(&number.to_string()),
            }
            rest = behind;
        } else {
            text.push_str("%(");
            rest = after;
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_and_the_rest_is_left_alone() {
        let args = |name: &str| [(Cow::Borrowed("app"), TextArg::from(name))];
        for (words, app, expected) in [
            ("To %(app)s", "Mail", "To Mail"),
            ("%(app)s, then %(app)s", "Mail", "Mail, then Mail"),
            ("100 % of %(app)s (%(user)s)", "Mail", "100 % of Mail (%(user)s)"),
            ("%(%(app)s", "Mail", "%(Mail"),
            ("%(app", "Mail", "%(app"),
            ("", "Mail", ""),
            ("To %(app)s", "%(app)s %(", "To %(app)s %("),
        ] {
            assert_eq!(fill(words, &args(app)), expected, "{words}");
        }
    }
}
