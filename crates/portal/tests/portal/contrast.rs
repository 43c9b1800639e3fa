//! Every pair of colour roles can be told apart (WCAG 2.2 §1.4.3 and §1.4.11), in light and in dark.

use std::collections::BTreeMap;

const CSS: &str = include_str!("../../../../static/css/app.css");

/// Words on a ground.
const WORDS: &[(&str, &[&str])] = &[
    ("text", &["surface", "raised", "sunken", "danger-soft", "warning-soft", "success-soft", "info-soft"]),
    ("muted", &["surface", "raised", "sunken"]),
    ("accent", &["surface", "raised", "info-soft"]),
    ("accent-strong", &["surface", "raised"]),
    ("danger", &["surface", "raised", "danger-soft"]),
    ("warning", &["surface", "raised", "warning-soft"]),
    ("success", &["surface", "raised", "success-soft"]),
    ("info", &["surface", "raised", "info-soft"]),
    ("on-accent", &["accent", "accent-strong"]),
    ("on-hue", &["hue-0", "hue-1", "hue-2", "hue-3", "hue-4", "hue-5"]),
];

/// Edges of widgets and rings around what has the focus.
const SHAPES: &[(&str, &[&str])] = &[
    ("edge", &["surface", "raised"]),
    ("focus", &["surface", "raised", "sunken"]),
    ("accent", &["surface", "raised"]),
];

type Roles = BTreeMap<String, String>;

/// The declarations of the block that begins with this selector.
fn block(selector: &str) -> Roles {
    let (_, rest) = CSS.split_once(selector).unwrap_or_else(|| panic!("no {selector}"));
    let (body, _) = rest.split_once('}').unwrap();
    body.split(';')
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect()
}

fn light() -> Roles {
    block("\n:root {")
}

fn dark(selector: &str) -> Roles {
    let mut roles = light();
    roles.extend(block(selector));
    roles
}

/// Relative luminance (WCAG 2.2).
fn luminance(roles: &Roles, role: &str) -> f64 {
    let color = roles.get(role).unwrap_or_else(|| panic!("no --{role}"));
    let hex = color.strip_prefix('#').unwrap_or_else(|| panic!("--{role}: {color} is no plain colour"));
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

fn contrast(roles: &Roles, one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(roles, one), luminance(roles, other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn too_faint(roles: &Roles) -> Vec<String> {
    let pairs = |table: &'static [(&str, &[&str])], least: f64| {
        table
            .iter()
            .flat_map(move |(front, grounds)| grounds.iter().map(move |ground| (*front, *ground, least)))
    };
    pairs(WORDS, 4.5)
        .chain(pairs(SHAPES, 3.0))
        .filter(|(front, ground, least)| contrast(roles, front, ground) < *least)
        .map(|(front, ground, _)| format!("{front} on {ground}: {:.2}", contrast(roles, front, ground)))
        .collect()
}

const BY_SYSTEM: &str = r#":root:where(:not([data-theme="light"])) {"#;
const BY_CHOICE: &str = r#":root:where([data-theme="dark"]) {"#;

#[test]
fn every_pair_of_roles_can_be_told_apart() {
    assert_eq!(too_faint(&light()), Vec::<String>::new(), "light");
    assert_eq!(too_faint(&dark(BY_SYSTEM)), Vec::<String>::new(), "dark");
}

#[test]
fn dark_is_the_same_by_system_and_by_choice() {
    assert_eq!(block(BY_SYSTEM), block(BY_CHOICE));
}

#[test]
fn rules_name_no_colour() {
    let (_, rules) = CSS.split_once("/* Ground. */").unwrap();
    for word in ["#", "rgb(", "hsl(", "white", "black"] {
        let found = rules.lines().find(|line| line.contains(word) && !line.contains("white-space"));
        assert_eq!(found, None, "{word}");
    }
}

#[test]
fn every_role_that_is_used_is_defined() {
    let known = light();
    for part in CSS.split("var(--").skip(1) {
        let name = part.split([')', ',']).next().unwrap();
        assert!(known.contains_key(name) || matches!(name, "tone" | "tone-soft"), "--{name}");
    }
}
