//! Where the objects of a model or family have their pages.

use std::sync::Arc;

use countersign_registry::{INVITATION, REPUTATION, Registry};

use crate::nav::{NavEntry, Section};

/// An address, and what stands there.
#[derive(Debug)]
pub(crate) struct Place {
    /// Address of the list, with a slash at both ends.
    pub(crate) path: String,
    /// Key of its words in the plural; none for the plural of its only kind.
    pub(crate) label: Option<&'static str>,
    /// The heading of the rail that is open.
    pub(crate) at: &'static str,
    /// Models, in the order of registration.
    pub(crate) models: Vec<&'static str>,
    /// Columns beside the name, unless somebody chose others.
    pub(crate) columns: &'static [&'static str],
}

impl Place {
    /// The computed columns: name, and key of its words.
    pub(crate) fn computed(&self) -> &'static [(&'static str, &'static str)] {
        let only = || COMPUTED.iter().find(|(model, _)| self.models.as_slice() == [*model]);
        only().map_or(&[], |(_, columns)| columns)
    }

    /// Key of the words of a computed column; none for what is none.
    pub(crate) fn computed_label(&self, name: &str) -> Option<&'static str> {
        self.computed().iter().find(|(known, _)| *known == name).map(|(_, label)| *label)
    }

    /// The address without what all have in common.
    pub(crate) fn name(&self) -> &str {
        self.path.trim_start_matches("/if/admin/").trim_end_matches('/')
    }
}

/// A line of the table.
struct Known {
    target: Target,
    path: &'static str,
    label: &'static str,
    nav: Option<(Section, u8)>,
    columns: &'static [&'static str],
}

enum Target {
    Model(&'static str),
    Family(&'static str),
}

use Target::{Family, Model};

/// Columns of what is known of the objects of a model and set by nobody: name among the computed attributes, key of
/// its words. They stand behind the place's own.
const COMPUTED: &[(&str, &[(&str, &str)])] = &[
    (
        "authentik_crypto.certificatekeypair",
        &[("cert_subject", "console-certificate-subject"), ("cert_expiry", "console-expires")],
    ),
    (INVITATION, &[("mailed", "console-invitation-mailed")]),
];

const TABLE: &[Known] = &[
    Known {
        target: Model("authentik_core.application"),
        path: "/if/admin/core/applications/",
        label: "console-nav-applications",
        nav: Some((Section::Applications, 10)),
        columns: &["slug", "group", "provider"],
    },
    Known {
        target: Family("provider"),
        path: "/if/admin/core/providers/",
        label: "console-nav-providers",
        nav: Some((Section::Applications, 20)),
        columns: &["kind", "authorization_flow"],
    },
    Known {
        target: Family("source"),
        path: "/if/admin/core/sources/",
        label: "console-nav-sources",
        nav: Some((Section::Directory, 50)),
        columns: &["kind"],
    },
    Known {
        target: Family("notificationrule"),
        path: "/if/admin/events/rules/",
        label: "console-nav-notification-rules",
        nav: Some((Section::Events, 20)),
        columns: &["severity", "destination_group", "transports"],
    },
    Known {
        target: Family("notificationtransport"),
        path: "/if/admin/events/transports/",
        label: "console-nav-notification-transports",
        nav: Some((Section::Events, 30)),
        columns: &["mode", "send_once"],
    },
    Known {
        target: Family("policy"),
        path: "/if/admin/policy/policies/",
        label: "console-nav-policies",
        nav: Some((Section::Customization, 10)),
        columns: &["kind"],
    },
    Known {
        target: Model(REPUTATION),
        path: "/if/admin/policy/reputation/",
        label: "console-nav-reputations",
        nav: Some((Section::Customization, 15)),
        columns: &["ip", "score", "updated", "expires"],
    },
    Known {
        target: Family("propertymapping"),
        path: "/if/admin/core/property-mappings/",
        label: "console-nav-property-mappings",
        nav: Some((Section::Customization, 20)),
        columns: &["kind", "managed"],
    },
    Known {
        target: Model("authentik_blueprints.blueprintinstance"),
        path: "/if/admin/blueprints/instances/",
        label: "console-nav-blueprints",
        nav: Some((Section::Customization, 30)),
        columns: &["path", "enabled"],
    },
    Known {
        target: Model("authentik_flows.flow"),
        path: "/if/admin/flow/flows/",
        label: "console-nav-flows",
        nav: Some((Section::Flows, 10)),
        columns: &["slug", "designation", "title"],
    },
    Known {
        target: Family("stage"),
        path: "/if/admin/flow/stages/",
        label: "console-nav-stages",
        nav: Some((Section::Flows, 20)),
        columns: &["kind"],
    },
    Known {
        target: Family("prompt"),
        path: "/if/admin/flow/stages/prompts/",
        label: "console-nav-prompts",
        nav: Some((Section::Flows, 30)),
        columns: &["field_key", "label", "type", "required"],
    },
    Known {
        target: Model(INVITATION),
        path: "/if/admin/flow/stages/invitations/",
        label: "console-nav-invitations",
        nav: Some((Section::Flows, 40)),
        columns: &["flow", "expires", "single_use", "mailed"],
    },
    Known {
        target: Model("authentik_core.user"),
        path: "/if/admin/identity/users/",
        label: "console-nav-users",
        nav: Some((Section::Directory, 10)),
        columns: &["email", "type", "is_active", "last_login"],
    },
    Known {
        target: Model("authentik_core.group"),
        path: "/if/admin/identity/groups/",
        label: "console-nav-groups",
        nav: Some((Section::Directory, 20)),
        columns: &["parents", "is_superuser"],
    },
    Known {
        target: Model("authentik_rbac.role"),
        path: "/if/admin/identity/roles/",
        label: "console-nav-roles",
        nav: Some((Section::Directory, 30)),
        columns: &[],
    },
    Known {
        target: Model("authentik_rbac.initialpermissions"),
        path: "/if/admin/identity/initial-permissions/",
        label: "console-nav-initial-permissions",
        nav: Some((Section::Directory, 35)),
        columns: &["role", "permissions"],
    },
    Known {
        target: Model("authentik_core.token"),
        path: "/if/admin/core/tokens/",
        label: "console-nav-tokens",
        nav: Some((Section::Directory, 40)),
        columns: &["user", "intent", "expires"],
    },
    Known {
        target: Model("authentik_brands.brand"),
        path: "/if/admin/core/brands/",
        label: "console-nav-brands",
        nav: Some((Section::System, 10)),
        columns: &["branding_title", "default"],
    },
    Known {
        target: Model("authentik_crypto.certificatekeypair"),
        path: "/if/admin/crypto/certificates/",
        label: "console-nav-certificates",
        nav: Some((Section::System, 20)),
        columns: &["algorithm", "cert_subject", "cert_expiry"],
    },
    Known {
        target: Model("authentik_flows.flowstagebinding"),
        path: "/if/admin/flow/bindings/",
        label: "console-nav-flow-bindings",
        nav: None,
        columns: &["target", "stage", "order"],
    },
    Known {
        target: Model("authentik_policies.policybinding"),
        path: "/if/admin/policy/bindings/",
        label: "console-nav-policy-bindings",
        nav: None,
        columns: &["target", "policy", "group", "user", "order"],
    },
];

/// Address of the list in which the objects of a model stand.
pub fn place_of(registry: &Registry, model: &str) -> Option<String> {
    Places::of(registry).of_model(model).map(|place| place.path.clone())
}

/// Every place.
#[derive(Debug)]
pub(crate) struct Places(Vec<Arc<Place>>);

impl Places {
    /// Those of the table that the binary has kinds for, and one for every kind that is not in it.
    pub(crate) fn of(registry: &Registry) -> Self {
        let mut places = Vec::new();
        for known in TABLE {
            let models: Vec<&'static str> = registry
                .resources()
                .map(|resource| resource.descriptor())
                .filter(|descriptor| match known.target {
                    Model(model) => descriptor.model == model,
                    Family(family) => descriptor.family == Some(family),
                })
                .map(|descriptor| descriptor.model)
                .collect();
            if !models.is_empty() {
                let (path, columns) = (known.path.to_owned(), known.columns);
                places.push(Place { path, label: Some(known.label), at: known.path, models, columns });
            }
        }
        for resource in registry.resources() {
            let model = resource.descriptor().model;
            if !places.iter().any(|place| place.models.contains(&model)) {
                let path = format!("/if/admin/objects/{model}/");
                places.push(Place { path, label: None, at: "", models: vec![model], columns: &[] });
            }
        }
        Self(places.into_iter().map(Arc::new).collect())
    }

    /// Where the objects of a model have their pages.
    pub(crate) fn of_model(&self, model: &str) -> Option<&Arc<Place>> {
        self.0.iter().find(|place| place.models.contains(&model))
    }

    /// The place of this address.
    pub(crate) fn at(&self, path: &str) -> Option<&Arc<Place>> {
        self.0.iter().find(|place| place.path == path)
    }

    /// The place of a request, by what [`Places::pattern`] found in its path.
    pub(crate) fn named(&self, name: &str) -> Option<&Arc<Place>> {
        self.0.iter().find(|place| place.name() == name)
    }

    /// A pattern of all their names, the longest first, so that none hides another below it.
    pub(crate) fn pattern(&self) -> String {
        let mut names: Vec<_> = self.0.iter().map(|place| place.name()).collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.matches('/').count()));
        names.iter().map(|name| name.replace('.', "\\.")).collect::<Vec<_>>().join("|")
    }

    /// The entries of the rail.
    pub(crate) fn nav(&self) -> impl Iterator<Item = NavEntry> {
        TABLE.iter().filter(|known| self.at(known.path).is_some()).filter_map(|known| {
            let (section, order) = known.nav?;
            Some(NavEntry { section, order, path: known.path, label: known.label, permission: "" })
        })
    }
}
