use askama::Template;
use countersign_flows::{Autocomplete, Choice, Comfort, NoticeLevel, Permission};
use countersign_i18n::Catalogues;
use countersign_types::Text;

use super::*;

#[derive(Template)]
#[template(
    source = "{% import \"components/field.html\" as fields %}{% call fields::field(field) %}{% endcall %}",
    ext = "html"
)]
struct OneField<'a> {
    field: &'a FieldView,
}

#[derive(Template)]
#[template(
    source = "{% import \"components/sources.html\" as sources %}{% call sources::row(row) %}{% endcall %}",
    ext = "html"
)]
struct Row<'a> {
    row: &'a [SourceView],
}

fn words(language: &str) -> Localizer {
    let catalogues = Catalogues::load().unwrap();
    let locale = catalogues.negotiate(&[language]);
    catalogues.localizer(locale)
}

fn view(challenge: &Challenge) -> ChallengeView {
    ChallengeView::of(challenge, &words("en"))
}

fn field(kind: FieldKind) -> Field {
    let mut field = Field::new("answer", kind, Text::literal("Answer"));
    field.help = Some(Text::literal("Help"));
    field.placeholder = Some(Text::literal("Example"));
    field.value = "b".to_owned();
    field
}

fn html(field: Field, errors: FieldErrors) -> String {
    let mut challenge = Challenge::new("test").node(field);
    challenge.errors = errors;
    let view = view(&challenge);
    let Some(NodeView::Field(field)) = view.nodes.first() else { panic!("a field") };
    OneField { field }.render().unwrap()
}

fn choices() -> Vec<Choice> {
    ["a", "b"].map(|value| Choice { value: value.to_owned(), label: format!("Choice {value}") }).to_vec()
}

/// Every kind, and what its widget must say.
fn kinds() -> Vec<(FieldKind, &'static str)> {
    vec![
        (FieldKind::Text, r#"type="text" value="b""#),
        (FieldKind::TextArea, "<textarea"),
        (FieldKind::ReadOnly, " readonly>"),
        (FieldKind::TextAreaReadOnly, " readonly>"),
        (FieldKind::Username, r#"autocapitalize="none" autocorrect="off" spellcheck="false""#),
        (FieldKind::Email, r#"type="email" value="b" inputmode="email""#),
        (FieldKind::Password, r#"type="password""#),
        (FieldKind::Number, r#"type="number""#),
        (FieldKind::Checkbox, r#"type="checkbox" value="true""#),
        (FieldKind::Radio(choices()), r#"type="radio" name="answer" value="b" checked"#),
        (FieldKind::Select(choices()), r#"<option value="b" selected>Choice b</option>"#),
        (FieldKind::Date, r#"type="date""#),
        (FieldKind::DateTime, r#"type="datetime-local""#),
        (FieldKind::File, r#"type="file""#),
        (FieldKind::Code, r#"class="input code""#),
        (FieldKind::Hidden, r#"<input type="hidden" name="answer" value="b">"#),
    ]
}

#[test]
fn every_kind_of_field_has_its_widget() {
    for (kind, expected) in kinds() {
        let html = html(field(kind.clone()), FieldErrors::default());
        assert!(html.contains(expected), "{kind:?}: {html}");
        assert!(html.contains(r#"name="answer""#), "{kind:?}: {html}");
        if kind != FieldKind::Hidden {
            assert!(html.contains("Answer") && html.contains("Help"), "{kind:?}: {html}");
            assert!(html.contains("aria-describedby=\"field-0-help\""), "{kind:?}: {html}");
        }
    }
}

#[test]
fn every_field_shows_its_complaint_in_its_own_place() {
    for (kind, _) in kinds().into_iter().filter(|(kind, _)| *kind != FieldKind::Hidden) {
        let html = html(field(kind.clone()), FieldErrors::one("answer", "invalid", Text::literal("Wrong")));
        for expected in [
            r#"aria-invalid="true""#,
            r#"aria-describedby="field-0-help field-0-error""#,
            r#"<p class="error" id="field-0-error">"#,
            "<span>Wrong</span>",
            "autofocus",
        ] {
            assert!(html.contains(expected), "{kind:?}: {expected}: {html}");
        }
    }
}

#[test]
fn what_a_script_adds_is_hidden_until_it_comes() {
    for (kind, comfort, mark) in [
        (FieldKind::Password, Comfort::Reveal, r#"data-reveal="field-0""#),
        (FieldKind::Username, Comfort::Remember, r#"data-remember="field-0""#),
    ] {
        let plain = field(kind);
        let html_with = html(Field { comfort: Some(comfort), ..plain.clone() }, FieldErrors::default());
        let at = html_with.find(mark).unwrap_or_else(|| panic!("{html_with}"));
        assert!(html_with[at..].split('>').next().unwrap().ends_with(" hidden"), "{html_with}");
        assert!(!html(plain, FieldErrors::default()).contains(mark));
    }
}

#[test]
fn a_password_is_never_sent_back() {
    for kind in [FieldKind::Password, FieldKind::File, FieldKind::Code] {
        let mut secret = field(kind);
        secret.value = "hunter2".to_owned();
        assert!(!html(secret, FieldErrors::default()).contains("hunter2"));
    }
}

#[test]
fn words_of_administrators_are_no_html() {
    let mut hostile = field(FieldKind::Select(vec![Choice {
        value: "\"><script>".to_owned(),
        label: "<img src=x>".to_owned(),
    }]));
    hostile.label = Text::literal("</label><script>alert(1)</script>");
    hostile.value = "\" autofocus onfocus=\"alert(1)".to_owned();
    let html = html(hostile, FieldErrors::default());
    assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("onfocus=\""), "{html}");
}

#[test]
fn digits_get_a_keypad_and_printed_codes_do_not() {
    let mut code = field(FieldKind::Code);
    assert!(!html(code.clone(), FieldErrors::default()).contains("numeric"));
    code.autocomplete = Autocomplete::OneTimeCode;
    let html = html(code, FieldErrors::default());
    assert!(
        html.contains(r#"inputmode="numeric""#) && html.contains(r#"autocomplete="one-time-code""#),
        "{html}"
    );
}

#[test]
fn what_need_not_be_filled_in_says_so() {
    let mut optional = field(FieldKind::Text);
    optional.required = false;
    let html = html(optional, FieldErrors::default());
    assert!(html.contains("(optional)") && !html.contains(" required"), "{html}");
}

#[test]
fn the_enter_key_presses_the_primary_button() {
    let challenge = Challenge::new("test")
        .node(Button::secondary(Text::literal("No"), "choice", "no"))
        .node(Button::primary(Text::literal("Yes")))
        .node(Button::primary(Text::literal("Certainly")));
    let view = view(&challenge);
    let [NodeView::Actions(actions)] = view.nodes.as_slice() else { panic!("one row of buttons") };
    assert!(matches!(&actions[0], ActionView::Send(label, true) if label == "Yes"));
    assert!(matches!(&actions[1], ActionView::Choose { primary: false, .. }));
    assert!(matches!(&actions[2], ActionView::Send(_, false)), "there is one primary button");
}

#[test]
fn a_question_without_a_button_gets_one() {
    let asked = view(&Challenge::new("test").node(field(FieldKind::Text)).node(Node::Separator(None)));
    assert!(matches!(
        asked.nodes.as_slice(),
        [NodeView::Field(_), NodeView::Actions(_), NodeView::Separator(_)]
    ));
    let told = view(&Challenge::new("test").node(Node::Paragraph(Text::literal("Hello"))));
    assert!(matches!(told.nodes.as_slice(), [NodeView::Paragraph(_), NodeView::Actions(_)]));
    let way = Link { label: Text::literal("Go"), href: "/".to_owned(), role: LinkRole::Prominent };
    let led = view(&Challenge::new("test").node(way));
    assert!(matches!(led.nodes.as_slice(), [NodeView::Actions(actions)] if actions.len() == 1));
}

#[test]
fn sources_stand_in_a_row_and_always_say_their_name() {
    let source = |name: &str, icon: bool, promoted, is_labelled| SourceLink {
        label: Text::literal(name),
        icon: icon.then(|| "/media/icon.svg".to_owned()),
        href: format!("/source/{name}/"),
        promoted,
        is_labelled,
    };
    let asked = Challenge::new("test")
        .node(source("big", true, true, true))
        .node(source("bare", true, false, false))
        .node(source("wordy", false, false, false));
    let shown = view(&asked);
    let [NodeView::Sources(row)] = shown.nodes.as_slice() else {
        panic!("a row, and no button that sends nothing")
    };
    let bare: Vec<bool> = row.iter().map(|source| source.is_bare).collect();
    assert_eq!(bare, [false, true, false], "without an icon there are words");
    let html = Row { row }.render().unwrap();
    assert!(html.contains(r#"<li class="promoted"><a class="button" href="/source/big/">"#), "{html}");
    assert!(html.contains(r#"<img src="/media/icon.svg" alt="bare">"#), "{html}");
    assert!(html.contains(r#"<img src="/media/icon.svg" alt=""><span>big</span>"#), "{html}");
    let beside = view(&asked.node(field(FieldKind::Text)));
    assert!(matches!(
        beside.nodes.as_slice(),
        [NodeView::Sources(_), NodeView::Field(_), NodeView::Actions(_)]
    ));
}

#[test]
fn secondary_ways_stand_below_the_form() {
    let way = Link { label: Text::literal("Sign up"), href: "/up".to_owned(), role: LinkRole::Secondary };
    let challenge = Challenge::new("test").node(way).node(Button::primary("action-sign-in"));
    assert_eq!(view(&challenge).ways, [("Sign up".to_owned(), "/up".to_owned())]);
}

#[test]
fn the_summary_links_to_the_fields() {
    let mut challenge = Challenge::new("test").node(field(FieldKind::Text)).node(Field::new(
        "other",
        FieldKind::Text,
        "field-required",
    ));
    challenge.errors.push("other", "required", "field-required");
    challenge.errors.push("", "invalid", Text::literal("Nobody knows why."));
    challenge.errors.push("nowhere", "invalid", Text::literal("Nobody knows why."));
    let summary = view(&challenge).summary.unwrap();
    assert_eq!(summary.heading, "One field needs your attention");
    assert_eq!(summary.general, ["Nobody knows why."]);
    assert_eq!(summary.fields[0].0, "field-1");
}

#[test]
fn one_field_says_what_is_wrong_once() {
    let mut challenge = Challenge::new("test").node(field(FieldKind::Password));
    challenge.errors.push("answer", "invalid", "field-password-wrong");
    assert!(view(&challenge).summary.is_none());
}

#[test]
fn the_page_begins_at_one_field_only() {
    let focused = |name: &str| {
        let mut field = Field::new(name, FieldKind::Text, "field-required");
        field.autofocus = true;
        field
    };
    let mut challenge = Challenge::new("test").node(focused("a")).node(focused("b"));
    let begins = |view: &ChallengeView| -> Vec<bool> {
        let field =
            |node: &NodeView| if let NodeView::Field(field) = node { Some(field.autofocus) } else { None };
        view.nodes.iter().filter_map(field).collect()
    };
    assert_eq!(begins(&view(&challenge)), [true, false]);
    challenge.errors.push("b", "invalid", "field-invalid");
    assert_eq!(begins(&view(&challenge)), [false, true]);
}

#[test]
fn a_password_manager_is_told_whose_password_it_is() {
    let user = PendingUserView { name: "alice".to_owned(), avatar: String::new(), switch_url: None };
    let asked = Challenge::new("test").to(Some(user));
    assert_eq!(view(&asked).username_hint, None);
    assert_eq!(view(&asked.node(field(FieldKind::Password))).username_hint.as_deref(), Some("alice"));
}

#[test]
fn every_node_is_shown_in_every_language() {
    for language in ["en", "ko", "zh-Hans"] {
        let words = words(language);
        let permission = |id: &str, name: &str| Permission { id: id.to_owned(), name: name.to_owned() };
        let challenge = Challenge::new("test")
            .node(Node::Paragraph("error-expired-text".into()))
            .node(Node::Notice(NoticeLevel::Warning, "error-stale-text".into()))
            .node(Node::Separator(Some("word-or".into())))
            .node(Node::Permissions(None, vec![permission("email", ""), permission("profile", "Your name")]))
            .node(field(FieldKind::Text));
        let view = ChallengeView::of(&challenge, &words);
        assert_eq!(view.nodes.len(), 6, "{language}");
        let list = view.nodes.iter().find_map(|node| match node {
            NodeView::Permissions(_, list) => Some(list.join(" ")),
            _ => None,
        });
        assert_eq!(list.as_deref(), Some("email Your name"));
    }
}
