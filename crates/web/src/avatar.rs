//! Pictures of people and things: their own, or initials on one of a few hues chosen by the name.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A picture to stand beside a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Avatar {
    /// Initials, shown when there is no picture.
    pub initials: String,
    /// Which of the hues of the style sheet.
    pub hue: usize,
    /// Address of a picture.
    pub picture: Option<String>,
}

/// The hues `--hue-0` to `--hue-5` of the style sheet, for pictures that stand outside of pages.
const HUES: [&str; 6] = ["#0b5d75", "#7a3b69", "#8a4513", "#2f6135", "#4a4a9c", "#93344a"];

impl Avatar {
    /// For a name, without a picture.
    pub fn of(name: &str) -> Self {
        Self { initials: initials(name), hue: hue(name), picture: None }
    }

    /// With a picture, if its address is one that a page may load.
    pub fn with_picture(mut self, address: &str) -> Self {
        self.picture = picture_address(address);
        self
    }

    /// The picture, or the initials as one, for the JSON face.
    pub fn data_uri(&self) -> String {
        if let Some(picture) = &self.picture {
            return picture.clone();
        }
        let color = HUES.get(self.hue).copied().unwrap_or_default();
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 64 64\"><rect width=\"64\" height=\"64\" \
             fill=\"{color}\"/><text x=\"32\" y=\"32\" fill=\"#fff\" font-family=\"sans-serif\" font-size=\"26\" \
             text-anchor=\"middle\" dominant-baseline=\"central\">{}</text></svg>",
            self.initials
        );
        format!("data:image/svg+xml,{}", utf8_percent_encode(&svg, NON_ALPHANUMERIC))
    }
}

/// The address of a picture that our policy lets a page load.
pub fn picture_address(address: &str) -> Option<String> {
    let is_ours = address.starts_with('/') && !address.starts_with("//");
    let is_known = is_ours || address.starts_with("https://") || address.starts_with("data:image/");
    is_known.then(|| address.to_owned())
}

/// First letters of the first and the last word; letters and digits only, so that they are safe anywhere.
fn initials(name: &str) -> String {
    let name = name.split('@').next().unwrap_or(name);
    let first = |word: &str| word.chars().find(|character| character.is_alphanumeric());
    let mut letters =
        name.split(|c: char| c.is_whitespace() || matches!(c, '.' | '_' | '-')).filter_map(first);
    let start = letters.next();
    let end = letters.next_back();
    let letters: String = start.into_iter().chain(end).flat_map(char::to_uppercase).take(2).collect();
    if letters.is_empty() { "?".to_owned() } else { letters }
}

/// FNV-1a, which is the same in every release.
fn hue(name: &str) -> usize {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    name.bytes().fold(0x811c_9dc5, step) as usize % HUES.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        for (name, expected) in [
            ("Ada Lovelace", "AL"),
            ("Johann Sebastian Bach", "JB"),
            ("alice", "A"),
            ("alice.smith@example.com", "AS"),
            ("김민지", "김"),
            ("<script>", "S"),
            ("", "?"),
            ("  ", "?"),
            ("ß", "SS"),
        ] {
            assert_eq!(Avatar::of(name).initials, expected, "{name}");
        }
    }

    #[test]
    fn a_picture_cannot_be_a_script() {
        for address in [
            "javascript:alert(1)",
            "//evil.example/x.png",
            "http://x/y.png",
            "data:text/html,x",
            "fa://fa-user",
            "",
        ] {
            assert_eq!(picture_address(address), None, "{address}");
        }
        for address in ["/static/x.svg", "https://cdn.example/x.png", "data:image/png;base64,AA=="] {
            assert!(picture_address(address).is_some(), "{address}");
        }
    }

    #[test]
    fn initials_as_a_picture_are_one_data_uri() {
        let uri = Avatar::of("Ada Lovelace").data_uri();
        assert!(
            uri.starts_with("data:image/svg+xml,%3Csvg") && !uri.contains('<') && !uri.contains('"'),
            "{uri}"
        );
    }

    #[test]
    fn the_hues_are_those_of_the_style_sheet() {
        let css = include_str!("../../../static/css/app.css");
        for (index, color) in HUES.iter().enumerate() {
            assert!(css.contains(&format!("--hue-{index}: {color};")), "--hue-{index}");
        }
    }
}
