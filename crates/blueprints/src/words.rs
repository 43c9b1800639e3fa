//! Complaints of the registry in words, for people who read a terminal.

use countersign_i18n::Catalogues;
use countersign_registry::ResourceError;
use countersign_types::{FieldErrors, Text};

use crate::Problem;

/// The complaints about a document, each at its field: `place` says in which part of the entry a dotted path stands,
/// and on which line.
pub(crate) fn problems(errors: &FieldErrors, place: impl Fn(&str) -> (&'static str, usize)) -> Vec<Problem> {
    let catalogues = Catalogues::load().ok();
    let words = |text: &Text| match (text, &catalogues) {
        (Text::Literal(words) | Text::Template(words, _), _) => words.clone(),
        (Text::Key(..), Some(catalogues)) => catalogues.localizer(catalogues.negotiate(&["en"])).text(text),
        (Text::Key(key, _), None) => key.to_string(),
    };
    let problem = |error: &countersign_types::FieldError| {
        let mut problem = Problem::new(words(&error.message));
        if !error.path.is_empty() {
            problem = problem.at(&error.path);
        }
        let (part, line) = place(&error.path);
        problem.at(part).on_line(line)
    };
    errors.0.iter().map(problem).collect()
}

/// Any other error of the registry, at no field.
pub(crate) fn problem(error: &ResourceError) -> Problem {
    Problem::new(error.to_string())
}
