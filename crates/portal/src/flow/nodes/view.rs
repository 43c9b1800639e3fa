//! The parts of a flow page, in words.

use countersign_flows::CaptchaWidget;
use countersign_web::Avatar;

use super::FieldView;

/// A challenge, in words.
pub(crate) struct ChallengeView {
    /// What the form holds, in order.
    pub(crate) nodes: Vec<NodeView>,
    /// Secondary ways, below the form.
    pub(crate) ways: Vec<(String, String)>,
    /// What is wrong, on top.
    pub(crate) summary: Option<Summary>,
    /// Whom the question is put to.
    pub(crate) person: Option<Person>,
    /// The user name that belongs to the password asked for, for password managers.
    pub(crate) username_hint: Option<String>,
    /// Whether a file may be chosen.
    pub(crate) is_multipart: bool,
    /// Whether a script adds something to a field.
    pub(crate) has_comforts: bool,
}

/// Something in the form.
pub(crate) enum NodeView {
    Field(Box<FieldView>),
    Paragraph(String),
    Notice(Said),
    Code(String),
    Separator(Option<String>),
    Permissions(Option<String>, Vec<String>),
    Captcha(Box<CaptchaView>),
    Actions(Vec<ActionView>),
    Sources(Vec<SourceView>),
}

/// Leads to another house where people sign in.
pub(crate) struct SourceView {
    pub(crate) label: String,
    pub(crate) icon: Option<String>,
    pub(crate) href: String,
    pub(crate) promoted: bool,
    /// Whether the icon stands alone, and says its words to those who listen.
    pub(crate) is_bare: bool,
}

/// The widget of a captcha.
pub(crate) struct CaptchaView {
    pub(crate) widget: CaptchaWidget,
    /// What is wrong with the last answer.
    pub(crate) errors: String,
}

/// A button, or a link that looks like one.
pub(crate) enum ActionView {
    Send(String, bool),
    Destroy(String),
    Choose { label: String, name: &'static str, value: String, primary: bool },
    Go(String, String),
}

/// A notice.
pub(crate) struct Said {
    pub(crate) level: &'static str,
    pub(crate) text: String,
}

/// Somebody above the question.
pub(crate) struct Person {
    pub(crate) avatar: Avatar,
    pub(crate) name: String,
    pub(crate) switch_url: Option<String>,
}

/// What is wrong with an answer.
pub(crate) struct Summary {
    /// How many fields; empty when it is about none.
    pub(crate) heading: String,
    /// Complaints about no field in particular.
    pub(crate) general: Vec<String>,
    /// Identifier and label of each field, and the complaint.
    pub(crate) fields: Vec<(String, String, String)>,
}
