//! Expressions as those who write them need them: in colours, with the names they may use beside them, and
//! tried out on somebody before anybody depends on them.
//!
//! Names no kind: what can be tried out follows from the family, which of its fields are expressions from the
//! descriptor, and what a property mapping is given from what its kind says.

pub(crate) mod highlight;
mod preview;
mod stand;
mod trial;

use actix_web::web::{ServiceConfig, get, post};
use countersign_authz::Permission;
use countersign_model::Family;
use countersign_policies::{Area, KNOWN_NAMES, Mapping, NameKind};
use countersign_registry::Viewed;
use countersign_resource::Descriptor;
use countersign_types::RawId;

use crate::{cx::ConsoleCx, nav::Module, routes::at, shell::with_parameter};

/// Trying out.
pub(crate) const MODULE: Module = Module { nav: &[], routes };

/// Where something is tried out: `?kind=<model>`, and `&object=<id>` when there is one.
const TEST: &str = "/if/admin/expressions/test/";

fn routes(config: &mut ServiceConfig) {
    at(config, TEST, [get().to(trial::ask), post().to(trial::run)]);
}

/// What stands beside an expression in a form.
pub(crate) struct Beside {
    /// Where the form is sent to be tried out.
    pub(crate) test: Option<String>,
    /// Names by what they are.
    pub(crate) names: Vec<Names>,
    purpose: Purpose,
}

/// What expressions of a kind are for.
#[derive(Clone, Copy)]
enum Purpose {
    Policy,
    Prompt,
    Mapping(Mapping),
}

/// Names of one sort.
pub(crate) struct Names {
    pub(crate) heading: String,
    /// How it is written, and what it means.
    pub(crate) names: Vec<(String, String)>,
}

impl Beside {
    /// For the form of a kind that has an expression, or may have one; none for other kinds.
    pub(crate) fn of(cx: &ConsoleCx, kind: &Descriptor, object: Option<RawId>) -> Option<Self> {
        let has_one = kind.fields.iter().any(|field| field.widget == "expression");
        let purpose = Purpose::of(cx, kind).filter(|purpose| has_one || purpose.area() == Area::Prompt)?;
        Some(Self { test: address(cx, kind, object), names: names(cx, purpose), purpose })
    }

    /// Where the form is sent to be seen as it would be asked.
    pub(crate) fn preview(&self) -> Option<&str> {
        self.test.as_deref().filter(|_| self.purpose.area() == Area::Prompt)
    }
}

/// Where an object of a kind is tried out, if it can be and the reader may.
pub(crate) fn address(cx: &ConsoleCx, kind: &Descriptor, object: Option<RawId>) -> Option<String> {
    Purpose::of(cx, kind)?;
    let may = match object {
        Some(id) => cx.may(Permission::change(kind.model).as_str(), Some(id)),
        None => cx.may(Permission::add(kind.model).as_str(), None),
    };
    let address = with_parameter(TEST, "kind", kind.model);
    let address = match object {
        Some(id) => with_parameter(&address, "object", &id.to_string()),
        None => address,
    };
    may.then_some(address)
}

/// Where an object is tried out: a policy, a prompt, or whatever has an expression.
pub(crate) fn trial_of(cx: &ConsoleCx, kind: &Descriptor, viewed: &Viewed) -> Option<String> {
    let purpose = Purpose::of(cx, kind)?;
    let has_one = !trial::expressions(kind, &viewed.document, None).is_empty();
    if has_one || purpose.area() != Area::Mapping { address(cx, kind, Some(viewed.id)) } else { None }
}

impl Purpose {
    fn of(cx: &ConsoleCx, kind: &Descriptor) -> Option<Self> {
        match kind.family?.parse::<Family>().ok()? {
            Family::Policy => Some(Self::Policy),
            Family::Prompt => Some(Self::Prompt),
            Family::PropertyMapping => cx.app.policies().expressions().mapping(kind.model).map(Self::Mapping),
            Family::Stage
            | Family::Source
            | Family::InitialPermissions
            | Family::NotificationTransport
            | Family::NotificationRule => None,
        }
    }

    const fn area(self) -> Area {
        match self {
            Self::Policy => Area::Policy,
            Self::Prompt => Area::Prompt,
            Self::Mapping(_) => Area::Mapping,
        }
    }

    const fn mapping(self) -> Option<Mapping> {
        match self {
            Self::Mapping(mapping) => Some(mapping),
            Self::Policy | Self::Prompt => None,
        }
    }
}

/// The names that expressions of a purpose may use, those of their kind first.
fn names(cx: &ConsoleCx, purpose: Purpose) -> Vec<Names> {
    let area = purpose.area();
    let sort = |kind: NameKind, heading: &str| Names {
        heading: cx.t(heading),
        names: KNOWN_NAMES
            .iter()
            .filter(|known| known.kind == kind && known.areas.contains(&area))
            .map(|known| (known.usage.to_owned(), cx.t(&known.key())))
            .collect(),
    };
    let given = purpose.mapping().map_or(&[][..], |mapping| mapping.given);
    vec![
        Names {
            heading: cx.t("expression-given"),
            names: given.iter().map(|given| (given.usage.to_owned(), cx.t(&given.key()))).collect(),
        },
        sort(NameKind::Variable, "expression-variables"),
        sort(NameKind::Function, "expression-functions"),
        sort(NameKind::Builtin, "expression-builtins"),
    ]
}

#[cfg(test)]
mod tests {
    use countersign_i18n::Catalogues;

    use super::*;

    #[test]
    fn every_name_is_explained_in_every_language() {
        let catalogues = Catalogues::load().unwrap();
        for language in ["en", "ko", "zh-Hans"] {
            let words = catalogues.localizer(catalogues.negotiate(&[language]));
            for known in KNOWN_NAMES {
                assert!(words.find(&known.key()).is_some(), "{language}: {}", known.name);
            }
        }
    }
}
