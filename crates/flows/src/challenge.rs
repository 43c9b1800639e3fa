//! What a stage asks, as data. The page, the JSON executor and every later face render this and nothing
//! else.

use countersign_types::{FieldErrors, JsonObject, Text};
use serde_json::Value;

/// Codes among complaints that are good news, as clients of authentik's executor know them.
const NEWS: [&str; 1] = ["email-sent"];

/// One question to the person.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// Component name of the JSON face: `ak-stage-password`.
    pub component: &'static str,
    /// Heading; none for the flow's title.
    pub title: Option<Text>,
    /// What the page shows, in order.
    pub nodes: Vec<Node>,
    /// What the JSON face carries beyond the common fields.
    pub data: JsonObject,
    /// Whom the question is put to, once that is known.
    pub pending_user: Option<PendingUserView>,
    /// Complaints about the last answer. Filled in by the executor.
    pub errors: FieldErrors,
}

impl Challenge {
    /// A question without nodes yet.
    pub fn new(component: &'static str) -> Self {
        Self {
            component,
            title: None,
            nodes: Vec::new(),
            data: JsonObject::new(),
            pending_user: None,
            errors: FieldErrors(Vec::new()),
        }
    }

    /// With a heading of its own.
    #[must_use]
    pub fn titled(mut self, title: impl Into<Text>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Adds something to show.
    #[must_use]
    pub fn node(mut self, node: impl Into<Node>) -> Self {
        self.nodes.push(node.into());
        self
    }

    /// Adds a value to the JSON face.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.data.insert(key.to_owned(), value.into());
        self
    }

    /// Puts the question to somebody.
    #[must_use]
    pub fn to(mut self, user: Option<PendingUserView>) -> Self {
        self.pending_user = user;
        self
    }

    /// Takes out of the complaints what complains of nothing: codes by which programs learn what a page says in a
    /// notice. Whether that was all there was.
    pub fn drop_news(&mut self) -> bool {
        let before = self.errors.0.len();
        self.errors.0.retain(|error| !NEWS.contains(&error.code));
        self.errors.is_empty() && before > 0
    }

    /// The fields, in order.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.nodes.iter().filter_map(|node| if let Node::Field(field) = node { Some(field) } else { None })
    }

    /// The fields, to fill in what was typed before.
    pub fn fields_mut(&mut self) -> impl Iterator<Item = &mut Field> {
        self.nodes
            .iter_mut()
            .filter_map(|node| if let Node::Field(field) = node { Some(field) } else { None })
    }
}

/// Somebody as he is shown while signing in. Never says whether the account exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingUserView {
    /// Name as typed, or the user name.
    pub name: String,
    /// Picture: an URL of ours or a `data:` URI.
    pub avatar: String,
    /// Where "Not you?" leads: starts the flow anew.
    pub switch_url: Option<String>,
}

/// Something on the flow page.
#[derive(Clone, Debug)]
pub enum Node {
    /// Something to fill in.
    Field(Field),
    /// A paragraph.
    Paragraph(Text),
    /// A notice in a box.
    Notice(NoticeLevel, Text),
    /// A line between groups of fields, with words in it or none.
    Separator(Option<Text>),
    /// A code that is to be typed elsewhere.
    Code(String),
    /// What an application asks for.
    Permissions(Option<Text>, Vec<Permission>),
    /// The widget of a captcha.
    Captcha(CaptchaWidget),
    /// Sends the answer.
    Button(Button),
    /// Leads elsewhere.
    Link(Link),
    /// Leads to another house where people sign in.
    Source(SourceLink),
}

/// The widget of a captcha, whose script comes from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptchaWidget {
    /// Name under which its answer is sent.
    pub field: &'static str,
    /// Site key.
    pub site_key: String,
    /// Address of its script.
    pub script: String,
    /// Where it asks for puzzles, if the script does not know.
    pub endpoint: String,
    /// Whether it is seen.
    pub interactive: bool,
    /// Whether its answer is sent at once.
    pub sends: bool,
}

/// How loud a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeLevel {
    /// Worth knowing.
    Info,
    /// Worth heeding.
    Warning,
    /// Something is wrong.
    Danger,
    /// Something went well.
    Success,
}

/// A permission in a consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// Machine name: the scope.
    pub id: String,
    /// What it means, in the administrator's words.
    pub name: String,
}

/// Sends the answer, with a value of its own when a name is given.
#[derive(Clone, Debug)]
pub struct Button {
    /// What it does.
    pub label: Text,
    /// Name and value sent.
    pub value: Option<(&'static str, String)>,
    /// The one primary button.
    pub primary: bool,
    /// Whether what it does cannot be undone.
    pub danger: bool,
}

impl Button {
    /// The one primary button.
    pub fn primary(label: impl Into<Text>) -> Self {
        Self { label: label.into(), value: None, primary: true, danger: false }
    }

    /// The one primary button, of what cannot be undone.
    pub fn danger(label: impl Into<Text>) -> Self {
        Self { danger: true, ..Self::primary(label) }
    }

    /// A further button, sending a value.
    pub fn secondary(label: impl Into<Text>, name: &'static str, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: Some((name, value.into())), primary: false, danger: false }
    }
}

/// Where a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkRole {
    /// A secondary way, below the button.
    Secondary,
    /// A way that looks like a button.
    Prominent,
}

/// Leads elsewhere.
#[derive(Clone, Debug)]
pub struct Link {
    /// What it does.
    pub label: Text,
    /// Where it leads.
    pub href: String,
    /// Where it stands.
    pub role: LinkRole,
}

/// Leads to another house where people sign in.
#[derive(Clone, Debug)]
pub struct SourceLink {
    /// What it says.
    pub label: Text,
    /// Address of its icon.
    pub icon: Option<String>,
    /// Where it leads.
    pub href: String,
    /// Whether it stands out among others.
    pub promoted: bool,
    /// Whether the words stand beside the icon. Without an icon they always do.
    pub is_labelled: bool,
}

/// A choice of a drop-down list or of radio buttons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
}

/// Which widget a field is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// One line.
    Text,
    /// Several lines.
    TextArea,
    /// One line that cannot be changed.
    ReadOnly,
    /// Several lines that cannot be changed.
    TextAreaReadOnly,
    /// A user name.
    Username,
    /// An e-mail address.
    Email,
    /// A password.
    Password,
    /// A number.
    Number,
    /// A box to tick.
    Checkbox,
    /// One of several, all shown.
    Radio(Vec<Choice>),
    /// One of several, in a list.
    Select(Vec<Choice>),
    /// A day.
    Date,
    /// A day and time.
    DateTime,
    /// A file.
    File,
    /// A one-time code.
    Code,
    /// Not shown.
    Hidden,
}

/// Tokens of HTML's `autocomplete`, which password managers go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Autocomplete {
    /// Leave it to the browser.
    Unset,
    /// No filling in.
    Off,
    /// A user name (or an address used as one).
    Username,
    /// The password in force.
    CurrentPassword,
    /// A password being chosen.
    NewPassword,
    /// A one-time code.
    OneTimeCode,
    /// A person's name.
    Name,
    /// An e-mail address.
    Email,
}

impl Autocomplete {
    /// The attribute's value; none to leave it out.
    pub const fn token(self) -> Option<&'static str> {
        match self {
            Self::Unset => None,
            Self::Off => Some("off"),
            Self::Username => Some("username"),
            Self::CurrentPassword => Some("current-password"),
            Self::NewPassword => Some("new-password"),
            Self::OneTimeCode => Some("one-time-code"),
            Self::Name => Some("name"),
            Self::Email => Some("email"),
        }
    }
}

/// Something to fill in.
#[derive(Clone, Debug)]
pub struct Field {
    /// Name sent.
    pub name: String,
    /// Widget.
    pub kind: FieldKind,
    /// What it is.
    pub label: Text,
    /// Help below it.
    pub help: Option<Text>,
    /// Value to begin with; never of a password.
    pub value: String,
    /// Example inside it.
    pub placeholder: Option<Text>,
    /// Whether it must be filled in.
    pub required: bool,
    /// What password managers should do.
    pub autocomplete: Autocomplete,
    /// Whether the page begins here.
    pub autofocus: bool,
    /// At most so many characters.
    pub max_length: Option<u32>,
    /// What browsers with scripts offer beside it.
    pub comfort: Option<Comfort>,
}

/// What a script adds to a field. Nothing of it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comfort {
    /// Shows a password while it is typed.
    Reveal,
    /// Keeps what was typed on the device, for the next time.
    Remember,
}

impl Field {
    /// A required field of some kind.
    pub fn new(name: impl Into<String>, kind: FieldKind, label: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            kind,
            label: label.into(),
            help: None,
            value: String::new(),
            placeholder: None,
            required: true,
            autocomplete: Autocomplete::Unset,
            autofocus: false,
            max_length: None,
            comfort: None,
        }
    }
}

impl From<Field> for Node {
    fn from(field: Field) -> Self {
        Self::Field(field)
    }
}

impl From<Button> for Node {
    fn from(button: Button) -> Self {
        Self::Button(button)
    }
}

impl From<Link> for Node {
    fn from(link: Link) -> Self {
        Self::Link(link)
    }
}

impl From<SourceLink> for Node {
    fn from(link: SourceLink) -> Self {
        Self::Source(link)
    }
}
