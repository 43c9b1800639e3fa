//! The rail's table: which pages there are, and under which heading they stand.

use actix_web::web::ServiceConfig;

/// A heading of the rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Section {
    Dashboards,
    Applications,
    Events,
    Customization,
    Flows,
    Directory,
    System,
}

impl Section {
    /// All, in the order of the rail.
    pub(crate) const ALL: [Self; 7] = [
        Self::Dashboards,
        Self::Applications,
        Self::Events,
        Self::Customization,
        Self::Flows,
        Self::Directory,
        Self::System,
    ];

    /// Key of its words.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Dashboards => "console-section-dashboards",
            Self::Applications => "console-section-applications",
            Self::Events => "console-section-events",
            Self::Customization => "console-section-customization",
            Self::Flows => "console-section-flows",
            Self::Directory => "console-section-directory",
            Self::System => "console-section-system",
        }
    }

    /// Its icon.
    pub(crate) const fn icon(self) -> &'static str {
        match self {
            Self::Dashboards => "chart",
            Self::Applications => "apps",
            Self::Events => "list",
            Self::Customization => "sliders",
            Self::Flows => "flow",
            Self::Directory => "people",
            Self::System => "gear",
        }
    }
}

/// A page of the rail.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NavEntry {
    /// Heading.
    pub(crate) section: Section,
    /// Place under the heading, smallest first.
    pub(crate) order: u8,
    /// Address, with a slash at both ends.
    pub(crate) path: &'static str,
    /// Key of its words.
    pub(crate) label: &'static str,
    /// Who sees it: a permission held for at least one object. Empty for everybody who may be here.
    pub(crate) permission: &'static str,
}

/// Pages that belong together.
#[derive(Clone, Copy)]
pub(crate) struct Module {
    /// What the rail shows of them.
    pub(crate) nav: &'static [NavEntry],
    /// Their routes. Use [`crate::routes::at`] so that addresses without their slash are redirected.
    pub(crate) routes: fn(&mut ServiceConfig),
}
