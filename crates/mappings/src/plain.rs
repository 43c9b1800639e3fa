//! Mappings that are an expression and nothing else.

use countersign_model::Family;
use countersign_policies::{
    Expressions, Given, Mapping, MappingKind, Returns, Shape,
    given::{CONNECTION, CREATING, GROUP, GROUP_ID, INFO, PROPERTIES, PROVIDER, SOURCE},
};
use countersign_resource::ConfigKind;
use countersign_types::{Expression, FieldErrors};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const PACKET: Given = Given::new("packet", "packet[\"Reply-Message\"] = \"Welcome\"", Shape::Filled);
const DEFINE_ATTRIBUTE: Given = Given::new(
    "define_attribute",
    "define_attribute(vendor_code=9, vendor_name=\"Cisco\", attribute_name=\"Cisco-AVPair\", attribute_code=1, \
     attribute_type=\"string\")",
    Shape::Function,
);
const LDAP: Given = Given::new(
    "ldap",
    "list_flatten(ldap.get(\"mail\"))",
    Shape::Value("{\"uid\": [\"ada\"], \"sn\": [\"Lovelace\"], \"mail\": [\"ada@example.com\"]}"),
);
const DN: Given =
    Given::new("dn", "dn.split(\",\")[0]", Shape::Value("\"uid=ada,ou=people,dc=example,dc=com\""));
const PRINCIPAL: Given =
    Given::new("principal", "principal.rsplit(\"@\", 1)[0]", Shape::Value("\"ada@EXAMPLE.COM\""));
const PRINCIPAL_OBJ: Given =
    Given::new("principal_obj", "principal_obj.name", Shape::Object("{\"name\": \"ada@EXAMPLE.COM\"}"));
const CLIENT: Given =
    Given::new("client", "client.source.slug", Shape::Object("{\"source\": {\"slug\": \"company\"}}"));
const TOKEN: Given = Given::new(
    "token",
    "token.get(\"token_type\")",
    Shape::Value("{\"access_token\": \"secret\", \"token_type\": \"Bearer\"}"),
)
.explained_as("source_token");
const PROFILE: Given = Given::new("profile", "profile.get(\"picture\")", Shape::Value("{\"picture\": \"\"}"));
const ASSERTION: Given = Given::new("assertion", "assertion.tag", Shape::Object("{\"tag\": \"Assertion\"}"));
const NAME_ID: Given =
    Given::new("name_id", "name_id.text", Shape::Object("{\"text\": \"ada@example.com\"}"));
const ROOT: Given = Given::new("root", "root.tag", Shape::Object("{\"tag\": \"Response\"}"));
const DATA: Given = Given::new(
    "data",
    "data.get(\"displayName\")",
    Shape::Value("{\"userName\": \"ada\", \"displayName\": \"Ada Lovelace\"}"),
);

/// One kind: what it is, what its expression sees, in words and by name, model, name, place in the API, form.
macro_rules! mapping {
    ($(#[$about:meta])* $kind:ident { $(#[$sees:meta])* [$($given:expr),*] }, $model:literal, $name:literal, $place:literal, $form:literal) => {
        $(#[$about])*
        #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
        pub struct $kind {
            $(#[$sees])*
            pub expression: Expression,
        }

        impl ConfigKind for $kind {
            const MODEL: &'static str = $model;
            const FAMILY: Family = Family::PropertyMapping;
            const COMPONENT: &'static str = concat!("ak-property-mapping-", $form, "-form");
            const VERBOSE_NAME: &'static str = $name;
            const API_PATH: &'static str = concat!("propertymappings/", $place);

            fn validate(&self) -> Result<(), FieldErrors> {
                Expressions::validate("expression", &self.expression)
            }
        }

        impl MappingKind for $kind {
            const MAPPING: Mapping = Mapping { given: &[$($given),*], returns: Returns::Dict };
        }
    };
}

mapping!(
    /// Attributes of users and groups, as a SCIM service is told them.
    ScimMapping {
        /// Python that returns a dictionary of SCIM attributes. Sees `request`, `user` or `group`, `provider` and
        /// `creating`.
        [GROUP, PROVIDER, CREATING]
    },
    "authentik_providers_scim.scimmapping",
    "SCIM Provider Mapping",
    "provider/scim",
    "provider-scim"
);
mapping!(
    /// Attributes of the answer that lets somebody in by RADIUS.
    RadiusMapping {
        /// Python that fills in attributes of the answer and returns them: `return packet`. Sees `request`, `user`, `packet` and
        /// `define_attribute`.
        [PACKET, DEFINE_ATTRIBUTE]
    },
    "authentik_providers_radius.radiusproviderpropertymapping",
    "RADIUS Provider Property Mapping",
    "provider/radius",
    "provider-radius"
);
mapping!(
    /// Attributes of users and groups, as Google Workspace is told them.
    GoogleWorkspaceMapping {
        /// Python that returns a dictionary of attributes. Sees `request`, `user` or `group`, `provider`, `connection` and
        /// `creating`.
        [GROUP, PROVIDER, CONNECTION, CREATING]
    },
    "authentik_providers_google_workspace.googleworkspaceprovidermapping",
    "Google Workspace Provider Mapping",
    "provider/google_workspace",
    "provider-google-workspace"
);
mapping!(
    /// Attributes of users and groups, as Microsoft Entra is told them.
    MicrosoftEntraMapping {
        /// Python that returns a dictionary of attributes. Sees `request`, `user` or `group`, `provider`, `connection` and
        /// `creating`.
        [GROUP, PROVIDER, CONNECTION, CREATING]
    },
    "authentik_providers_microsoft_entra.microsoftentraprovidermapping",
    "Microsoft Entra Provider Mapping",
    "provider/microsoft_entra",
    "provider-microsoft-entra"
);
mapping!(
    /// Attributes of users and groups, made of those of an LDAP directory.
    LdapSourceMapping {
        /// Python that returns a dictionary of attributes of the user or group. Sees `ldap`, `dn`, `source` and, for users,
        /// `properties` as they are so far or, for groups, `group_id`.
        [LDAP, DN, SOURCE, PROPERTIES, GROUP_ID]
    },
    "authentik_sources_ldap.ldapsourcepropertymapping",
    "LDAP Source Property Mapping",
    "source/ldap",
    "source-ldap"
);
mapping!(
    /// Attributes of users and groups, made of the principals of a Kerberos realm.
    KerberosSourceMapping {
        /// Python that returns a dictionary of attributes of the user or group. Sees `principal`, `principal_obj`, `source`
        /// and, for users, `properties` as they are so far or, for groups, `group_id`.
        [PRINCIPAL, PRINCIPAL_OBJ, SOURCE, PROPERTIES, GROUP_ID]
    },
    "authentik_sources_kerberos.kerberossourcepropertymapping",
    "Kerberos Source Property Mapping",
    "source/kerberos",
    "source-kerberos"
);
mapping!(
    /// Attributes of users and groups, made of what an OAuth 2.0 or OpenID provider tells.
    OAuthSourceMapping {
        /// Python that returns a dictionary of attributes of the user or group. Sees `info`, `client`, `token`, `profile`,
        /// `source` and, for users, `properties` as they are so far or, for groups, `group_id`.
        [INFO, CLIENT, TOKEN, PROFILE, SOURCE, PROPERTIES, GROUP_ID]
    },
    "authentik_sources_oauth.oauthsourcepropertymapping",
    "OAuth Source Property Mapping",
    "source/oauth",
    "source-oauth"
);
mapping!(
    /// Attributes of users and groups, made of what Plex tells.
    PlexSourceMapping {
        /// Python that returns a dictionary of attributes of the user or group. Sees `info`, `source` and, for users,
        /// `properties` as they are so far or, for groups, `group_id`.
        [INFO, SOURCE, PROPERTIES, GROUP_ID]
    },
    "authentik_sources_plex.plexsourcepropertymapping",
    "Plex Source Property Mapping",
    "source/plex",
    "source-plex"
);
mapping!(
    /// Attributes of users and groups, made of a SAML assertion.
    SamlSourceMapping {
        /// Python that returns a dictionary of attributes of the user or group. Sees `assertion`, `name_id`, `root`,
        /// `source` and, for users, `properties` as they are so far or, for groups, `group_id`.
        [ASSERTION, NAME_ID, ROOT, SOURCE, PROPERTIES, GROUP_ID]
    },
    "authentik_sources_saml.samlsourcepropertymapping",
    "SAML Source Property Mapping",
    "source/saml",
    "source-saml"
);
mapping!(
    /// Attributes of users and groups, made of those that a SCIM client sends.
    ScimSourceMapping {
        /// Python that returns a dictionary of attributes of the user or group. Sees `data`, `source` and, for users,
        /// `properties` as they are so far or, for groups, `group_id`.
        [DATA, SOURCE, PROPERTIES, GROUP_ID]
    },
    "authentik_sources_scim.scimsourcepropertymapping",
    "SCIM Source Property Mapping",
    "source/scim",
    "source-scim"
);
mapping!(
    /// Attributes of users, made of what Telegram tells.
    TelegramSourceMapping {
        /// Python that returns a dictionary of attributes of the user. Sees `info`, `source` and `properties` as they are so far.
        [INFO, SOURCE, PROPERTIES]
    },
    "authentik_sources_telegram.telegramsourcepropertymapping",
    "Telegram Source Property Mapping",
    "source/telegram",
    "source-telegram"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_that_does_not_compile_is_refused() {
        let mapping = |text: &str| ScimMapping { expression: Expression::from(text) };
        assert!(mapping("return {\"displayName\": group.name}").validate().is_ok());
        let errors = mapping("return {").validate().unwrap_err();
        assert_eq!(errors.about("expression").count(), 1);
    }
}
