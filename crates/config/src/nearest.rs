//! The nearest known name to a misspelt one.

/// Names longer than this are not misspelt, they are something else.
const MAX_CHARS: usize = 80;

/// The candidate with the fewest edits, if they are few for its length.
pub(crate) fn nearest(name: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    if name.len() > MAX_CHARS {
        return None;
    }
    let wanted = name.to_ascii_lowercase();
    candidates
        .map(|candidate| (edits(&wanted, &candidate.to_ascii_lowercase()), candidate))
        .min_by_key(|(edits, _)| *edits)
        .filter(|(edits, candidate)| *edits <= (candidate.len() / 4).max(2))
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, replacements and swaps of neighbours between two texts (optimal string alignment).
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    let mut previous = None;
    for (row, own) in left.chars().enumerate() {
        let mut current = vec![row + 1];
        let mut other_previous = None;
        for (column, other) in right.iter().copied().enumerate() {
            let cell = |cells: &[usize], index: usize| cells.get(index).copied().unwrap_or(usize::MAX - 1);
            let mut least = (cell(&above, column + 1) + 1)
                .min(cell(&current, column) + 1)
                .min(cell(&above, column) + usize::from(own != other));
            if previous == Some(other) && other_previous == Some(own) && column > 0 {
                least = least.min(cell(&before, column - 1) + 1);
            }
            current.push(least);
            other_previous = Some(other);
        }
        previous = Some(own);
        before = std::mem::replace(&mut above, current);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{edits, nearest};

    #[test]
    fn edits_are_counted() {
        for (left, right, count) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("htpt", "http", 1)]
        {
            assert_eq!(edits(left, right), count, "{left} {right}");
        }
    }

    #[test]
    fn only_a_near_name_is_suggested() {
        let names = || ["listen.http", "listen.https", "email.host"].into_iter().map(str::to_owned);
        assert_eq!(nearest("listen.htpt", names()).as_deref(), Some("listen.http"));
        assert_eq!(nearest("LISTEN.HTTP", names()).as_deref(), Some("listen.http"));
        assert_eq!(nearest("colour", names()), None);
        assert_eq!(nearest(&"x".repeat(1_000_000), names()), None);
    }
}
