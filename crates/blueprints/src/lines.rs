//! At which lines of a file its entries begin, for messages. Looks at the layout alone; what the YAML says is read
//! by [`crate::node`].

/// The lines, counted from 1, at which the items below `entries:` begin, sections joined. Empty when they are not
/// written one below the other.
pub(crate) fn of_entries(text: &str) -> Vec<usize> {
    let mut lines = (1..).zip(text.lines());
    let is_head = |line: &str| {
        let rest = line.strip_prefix("entries:").map(str::trim_start);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
    };
    let mut found = Vec::new();
    if lines.by_ref().all(|(_, line)| !is_head(line)) {
        return found;
    }
    // Where the dashes of the list in hand stand.
    let mut column = None;
    for (number, line) in lines {
        let rest = line.trim_start_matches(' ');
        let indent = line.len().saturating_sub(rest.len());
        if rest.trim_end().is_empty() || rest.starts_with('#') {
            continue;
        }
        let is_item = rest.trim_end() == "-" || rest.starts_with("- ");
        if indent == 0 && !is_item {
            break;
        }
        match column {
            Some(column) if indent > column => {}
            _ if is_item => {
                column = Some(indent);
                found.push(number);
            }
            // The name of a section.
            _ => column = None,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::of_entries;

    #[test]
    fn entries_are_found_however_they_are_indented() {
        for (text, wanted) in [
            (
                "version: 1\nentries:\n  - model: a\n    attrs:\n      list:\n        - x\n\n  # c\n  - model: b\n",
                vec![3, 9],
            ),
            (
                "entries: # all\n- model: a\n  text: |\n    - no item\n- model: b\nversion: 1\n- x\n",
                vec![2, 5],
            ),
            ("entries:\n  one:\n    - model: a\n    - model: b\n  two:\n  - model: c\n", vec![3, 4, 6]),
            ("entries:\n  -\n    model: a\n", vec![2]),
            ("entries: [{model: a}]\n", vec![]),
            ("version: 1\n", vec![]),
        ] {
            assert_eq!(of_entries(text), wanted, "{text}");
        }
    }
}
