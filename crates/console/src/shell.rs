//! What stands around every page: the rail, the header with title and breadcrumb, the account.
//!
//! A page struct holds `cx: &ConsoleCx` and `frame: Frame`, and its template extends `console/shell.html`:
//!
//! ```text
//! let header = Header::new("/if/admin/core/brands/", title).crumb(words, href).action(words, href);
//! cx.show(&BrandPage { cx: &cx, frame: cx.frame(header), … })
//! ```

use askama::Template;
use countersign_web::{Avatar, encode_next};

use crate::{
    cx::ConsoleCx,
    kit::{Button, Link, Said},
    modules,
    nav::{NavEntry, Section},
};

/// What a page says about itself.
pub(crate) struct Header {
    at: &'static str,
    title: String,
    text: Option<String>,
    badge: Option<(String, &'static str)>,
    crumbs: Vec<Link>,
    action: Option<Button>,
    others: Vec<Button>,
    tabs: Vec<Tab>,
    scripts: Vec<&'static str>,
    notices: Vec<Said>,
}

/// One view of several of the same thing.
pub(crate) struct Tab {
    pub(crate) label: String,
    pub(crate) href: String,
    pub(crate) is_current: bool,
}

/// The surroundings, ready to be rendered.
pub(crate) struct Frame {
    pub(crate) title: String,
    pub(crate) text: Option<String>,
    pub(crate) badge: Option<(String, &'static str)>,
    pub(crate) crumbs: Vec<Link>,
    pub(crate) action: Option<Button>,
    pub(crate) others: Vec<Button>,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) notices: Vec<Said>,
    pub(crate) sections: Vec<SectionView>,
    pub(crate) is_folded: bool,
    pub(crate) stylesheet: String,
    pub(crate) scripts: Vec<String>,
    pub(crate) name: String,
    pub(crate) avatar: Avatar,
    /// This very page, for forms that lead back to it.
    pub(crate) here: String,
}

/// Everything before the content.
#[derive(Template)]
#[template(path = "console/before.html")]
pub(crate) struct Before<'b> {
    cx: &'b ConsoleCx,
    frame: &'b Frame,
}

/// A heading of the rail with its pages.
pub(crate) struct SectionView {
    pub(crate) label: String,
    pub(crate) icon: &'static str,
    pub(crate) is_open: bool,
    pub(crate) links: Vec<Tab>,
}

impl Header {
    /// A page that belongs to an address of the rail, with its title.
    pub(crate) fn new(at: &'static str, title: impl Into<String>) -> Self {
        Self {
            at,
            title: title.into(),
            text: None,
            badge: None,
            crumbs: Vec::new(),
            action: None,
            others: Vec::new(),
            tabs: Vec::new(),
            scripts: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// A line below the title.
    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into()).filter(|text| !text.is_empty());
        self
    }

    /// A word beside the title, in a colour.
    pub(crate) fn badge(mut self, text: impl Into<String>, tone: &'static str) -> Self {
        self.badge = Some((text.into(), tone));
        self
    }

    /// A step of the way here, from the top.
    pub(crate) fn crumb(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.crumbs.push(Link::new(label, href));
        self
    }

    /// The one primary action of the page.
    pub(crate) fn action(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.action = Some(Button::link(label, href));
        self
    }

    /// Another action.
    pub(crate) fn also(mut self, button: Button) -> Self {
        // What destroys stands behind what does not.
        let dangers =
            self.others.iter().rev().take_while(|other| other.is_danger && !button.is_danger).count();
        self.others.insert(self.others.len() - dangers, button);
        self
    }

    /// One of several views.
    pub(crate) fn tab(mut self, label: impl Into<String>, href: impl Into<String>, is_current: bool) -> Self {
        self.tabs.push(Tab { label: label.into(), href: href.into(), is_current });
        self
    }

    /// A module of `static/js/console/`, by its name without `.js`.
    pub(crate) fn script(mut self, name: &'static str) -> Self {
        self.scripts.push(name);
        self
    }

    /// Something to say above the content: level `info`, `success`, `warning` or `danger`.
    pub(crate) fn notice(mut self, level: &'static str, text: impl Into<String>) -> Self {
        self.notices.push(Said { level, text: text.into() });
        self
    }
}

impl Frame {
    /// Renders everything before the content.
    pub(crate) const fn before<'b>(&'b self, cx: &'b ConsoleCx) -> Before<'b> {
        Before { cx, frame: self }
    }

    pub(crate) fn new(cx: &ConsoleCx, header: Header) -> Self {
        let user = &cx.session.subject.user;
        let name = if user.name.trim().is_empty() { &user.username } else { &user.name };
        let assets = cx.app.assets();
        let scripts = ["palette", "table", "dialog", "time"].into_iter().chain(header.scripts);
        let mut notices = header.notices;
        notices.splice(0..0, done(cx));
        Self {
            title: header.title,
            text: header.text,
            badge: header.badge,
            crumbs: header.crumbs,
            action: header.action,
            others: header.others,
            tabs: header.tabs,
            notices,
            sections: sections(cx, header.at),
            is_folded: cx.folded.0,
            stylesheet: assets.url("css/console.css"),
            scripts: scripts.map(|name| assets.url(&format!("js/console/{name}.js"))).collect(),
            avatar: Avatar::of(name),
            name: name.clone(),
            here: cx.target().to_owned(),
        }
    }
}

/// What was just done, as `?done=` of the page that follows says it. Only words of ours are shown.
fn done(cx: &ConsoleCx) -> Option<Said> {
    let query = cx.target().split_once('?')?.1;
    let name = query.split('&').find_map(|pair| pair.strip_prefix("done="))?;
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    if name.is_empty() || name.len() > 40 || !name.bytes().all(is_word) {
        return None;
    }
    let key = format!("console-done-{name}");
    let text = cx.localizer().find(&key).or_else(|| {
        let english = cx.app.catalogues().localizer(countersign_i18n::Locale::default());
        english.find(&key)
    })?;
    Some(Said { level: "success", text })
}

/// The rail as this person sees it: headings without pages are left out.
fn sections(cx: &ConsoleCx, at: &str) -> Vec<SectionView> {
    let mut entries: Vec<NavEntry> = modules::visible(cx);
    entries.sort_by_key(|entry| (entry.section, entry.order));
    let view = |section: Section| {
        let links: Vec<Tab> = entries
            .iter()
            .filter(|entry| entry.section == section)
            .map(|entry| Tab {
                label: cx.t(entry.label),
                href: entry.path.to_owned(),
                is_current: entry.path == at,
            })
            .collect();
        let is_open = links.iter().any(|link| link.is_current);
        SectionView { label: cx.t(section.label()), icon: section.icon(), is_open, links }
    };
    Section::ALL.into_iter().map(view).filter(|section| !section.links.is_empty()).collect()
}

/// An address with one more parameter.
pub(crate) fn with_parameter(address: &str, name: &str, value: &str) -> String {
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}{name}={}", encode_next(value))
}
