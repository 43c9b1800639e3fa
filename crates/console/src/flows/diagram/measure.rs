//! How wide words are in a picture, roughly: no font is asked, so widths are a little more than they will be.

/// Words broken into lines of at most so many units (hundredths of the font size), the last cut with "…".
pub(super) fn lines(text: &str, room: u32, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for (word, begins) in text.split_whitespace().flat_map(|word| pieces(word, room)) {
        let width = width(&word);
        let gap = if line.is_empty() || !begins { 0 } else { SPACE };
        if used + gap + width > room && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if !line.is_empty() && begins {
            line.push(' ');
            used += gap;
        }
        line.push_str(&word);
        used += width;
        if lines.len() > most {
            break;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            while width(last) + 100 > room && last.pop().is_some() {}
            last.push('…');
        }
    }
    lines
}

/// Units between two words.
const SPACE: u32 = 34;

/// A word in pieces that fit, and whether a piece is the first: a long one is broken after a hyphen or the like
/// where that helps.
fn pieces(word: &str, room: u32) -> Vec<(String, bool)> {
    let word: String = word.chars().filter(|letter| !is_invisible(*letter)).collect();
    if width(&word) <= room {
        return if word.is_empty() { Vec::new() } else { vec![(word, true)] };
    }
    let mut pieces: Vec<(String, bool)> = Vec::new();
    for part in word.split_inclusive(['-', '_', '.', '/', '@', ':']) {
        let mut piece = String::new();
        let mut used = 0;
        for letter in part.chars() {
            if used + of(letter) > room {
                pieces.push((std::mem::take(&mut piece), pieces.is_empty()));
                used = 0;
            }
            used += of(letter);
            piece.push(letter);
        }
        pieces.push((piece, pieces.is_empty()));
    }
    pieces
}

/// Characters that turn the direction of writing or control something have no place in a picture.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn width(text: &str) -> u32 {
    text.chars().map(of).sum()
}

/// Hundredths of the font size.
fn of(letter: char) -> u32 {
    match letter {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | '.' | ',' | ':' | ';' | '\'' | '!' | '|' | '(' | ')'
        | ' ' => 34,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 92,
        'A'..='Z' => 70,
        '\0'..='\u{2ff}' => 57,
        '\u{300}'..='\u{36f}' => 0,
        '\u{1100}'.. => 104,
        _ => 64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_broken_and_long_texts_cut() {
        let broken = lines(&"x".repeat(80), 1_000, 2);
        assert_eq!(broken.len(), 2);
        assert!(broken[1].ends_with('…') && width(&broken[1]) <= 1_060, "{broken:?}");
        assert_eq!(lines("short words", 2_000, 2), ["short words"]);
        assert_eq!(lines("default-authentication identification", 1_300, 2).len(), 2);
        assert!(lines("", 1_000, 2).is_empty());
    }

    #[test]
    fn a_long_word_is_broken_after_a_hyphen() {
        let broken = lines("default-authentication-flow", 1_200, 2);
        assert_eq!(broken, ["default-authentication-", "flow"]);
    }

    #[test]
    fn wide_letters_take_their_room() {
        assert!(lines("계정을 만드는 단계의 이름", 600, 9).len() > 2);
    }

    #[test]
    fn letters_that_turn_the_direction_are_left_out() {
        assert_eq!(lines("a\u{202e}b\u{7}c", 2_000, 1), ["abc"]);
    }
}
