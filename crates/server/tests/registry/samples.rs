//! A document of every kind, and a change to it. A kind without one fails the test.

use countersign_model::UserId;
use countersign_registry::Actor;
use countersign_testkit::TestApp;
use countersign_types::{JsonObject, RawId};
use serde_json::{Value, json};

use crate::{Hands, object};

/// Part of every secret here.
pub(crate) const CANARY: &str = "canary";
/// A blueprint that does nothing.
const BLUEPRINT: &str = "version: 1\nentries: []\n";

/// What samples refer to.
pub(crate) struct Samples {
    flow: RawId,
    stage: RawId,
    prompt: RawId,
    policy: RawId,
    group: RawId,
    user: RawId,
    application: RawId,
    role: RawId,
}

impl Samples {
    pub(crate) async fn gather(hands: &Hands<'_>) -> Self {
        let make = |model: &'static str, document: Value| async move {
            hands.make(model, object(document)).await.id
        };
        Self {
            flow: make(
                "authentik_flows.flow",
                json!({"name": "f", "slug": "sample", "title": "F", "designation": "enrollment"}),
            )
            .await,
            stage: make("authentik_stages_dummy.dummystage", json!({"name": "sample"})).await,
            prompt: make(
                "authentik_stages_prompt.prompt",
                json!({"name": "sample", "field_key": "username", "label": "Name", "type": "username"}),
            )
            .await,
            policy: make("authentik_policies_dummy.dummypolicy", json!({"name": "sample"})).await,
            group: make("authentik_core.group", json!({"name": "sample"})).await,
            user: make("authentik_core.user", json!({"username": "sample"})).await,
            application: make("authentik_core.application", json!({"name": "S", "slug": "sample"})).await,
            role: make("authentik_rbac.role", json!({"name": "sample"})).await,
        }
    }

    /// A user without any permission.
    pub(crate) async fn nobody(&self, app: &TestApp) -> Actor {
        let subject = app.store().subject(UserId(self.user)).await.unwrap().unwrap();
        Actor::user(subject, &[])
    }

    /// A document and a change to it.
    pub(crate) fn of(&self, model: &str) -> (JsonObject, JsonObject) {
        let (flow, stage, prompt, policy) = (self.flow, self.stage, self.prompt, self.policy);
        let (group, user, application) = (self.group, self.user, self.application);
        let name = "canopy";
        let secret = "canary-0123456789-0123456789-0123456789";
        let (document, patch) = match model {
            "authentik_core.user" => (
                json!({
                    "username": name, "groups": [group], "attributes": {"a": 1},
                    "password_hash": format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA${secret}"),
                }),
                json!({"email": "c@x.test", "groups": []}),
            ),
            "authentik_core.group" => (json!({"name": name, "parents": [group]}), json!({"parents": []})),
            "authentik_rbac.role" => (
                json!({"name": name, "permissions": [{"permission": "authentik_core.view_user", "object": user}]}),
                json!({"permissions": [{"permission": "authentik_core.impersonate"}]}),
            ),
            "authentik_rbac.initialpermissions" => (
                json!({"name": name, "role": self.role, "permissions": ["authentik_core.view_user"]}),
                json!({"permissions": ["authentik_core.change_user"]}),
            ),
            "authentik_flows.flow" => (
                json!({"name": name, "slug": name, "title": "C", "designation": "recovery"}),
                json!({"layout": "sidebar_left"}),
            ),
            "authentik_flows.flowstagebinding" => {
                (json!({"target": flow, "stage": stage, "order": 7}), json!({"order": 8}))
            }
            "authentik_policies.policybinding" => (
                json!({"target": flow, "policy": policy, "order": 7}),
                json!({"negate": true, "policy": null, "user": user}),
            ),
            "authentik_core.application" => (
                json!({"name": name, "slug": name, "meta_launch_url": "https://x.test/"}),
                json!({"group": "Tools"}),
            ),
            "authentik_brands.brand" => (
                json!({"domain": "c.test", "flow_recovery": flow, "default_application": application}),
                json!({"branding_title": "C"}),
            ),
            "authentik_core.token" => (
                json!({"identifier": name, "user": user, "key": secret, "expiring": false}),
                json!({"description": "Mine"}),
            ),
            "authentik_crypto.certificatekeypair" => (json!({"name": name}), json!({"name": "canopies"})),
            "authentik_blueprints.blueprintinstance" => (
                json!({"name": name, "content": BLUEPRINT, "enabled": false, "context": {"a": 1}}),
                json!({"context": {}}),
            ),
            "authentik_stages_identification.identificationstage" => (
                json!({"name": name, "user_fields": ["email"], "enrollment_flow": flow}),
                json!({"user_fields": ["username"]}),
            ),
            "authentik_stages_password.passwordstage" => (
                json!({"name": name, "backends": ["authentik.core.auth.InbuiltBackend"]}),
                json!({"failed_attempts_before_cancel": 7}),
            ),
            "authentik_stages_prompt.prompt" => (
                json!({"name": name, "field_key": "email", "label": "Mail", "type": "email"}),
                json!({"order": 5}),
            ),
            "authentik_stages_prompt.promptstage" => {
                (json!({"name": name, "fields": [prompt]}), json!({"validation_policies": [policy]}))
            }
            "authentik_stages_user_write.userwritestage" => {
                (json!({"name": name, "create_users_group": group}), json!({"user_path_template": "people"}))
            }
            "authentik_stages_user_login.userloginstage" => {
                (json!({"name": name}), json!({"session_duration": "hours=3"}))
            }
            "authentik_stages_consent.consentstage" => (json!({"name": name}), json!({"mode": "permanent"})),
            "authentik_stages_redirect.redirectstage" => (
                json!({"name": name, "mode": "static", "target_static": "https://x.test/"}),
                json!({"target_static": "https://y.test/"}),
            ),
            "authentik_stages_email.emailstage" => (
                json!({"name": name, "use_global_settings": false, "host": "mail.test", "username": "c", "password": secret,
                    "from_address": "c@x.test"}),
                json!({"subject": "C"}),
            ),
            "authentik_stages_deny.denystage" => (json!({"name": name}), json!({"deny_message": "No."})),
            "authentik_stages_dummy.dummystage" => (json!({"name": name}), json!({"throw_error": true})),
            "authentik_stages_user_logout.userlogoutstage" => {
                (json!({"name": name}), json!({"name": "canopies"}))
            }
            "authentik_stages_captcha.captchastage" => (
                json!({"name": name, "public_key": "site", "private_key": secret}),
                json!({"interactive": true, "score_min_threshold": 0.7}),
            ),
            "authentik_stages_mtls.mutualtlsstage" => (
                json!({"name": name, "mode": "optional", "cert_attribute": "email", "user_attribute": "email"}),
                json!({"mode": "required", "cert_attribute": "common_name"}),
            ),
            "authentik_stages_invitation.invitationstage" => {
                (json!({"name": name}), json!({"continue_flow_without_invitation": true}))
            }
            "authentik_stages_invitation.invitation" => {
                (json!({"name": name, "flow": flow, "fixed_data": {"a": 1}}), json!({"single_use": true}))
            }
            "authentik_stages_user_delete.userdeletestage" => {
                (json!({"name": name}), json!({"name": "canopies"}))
            }
            "authentik_stages_account_lockdown.accountlockdownstage" => {
                (json!({"name": name, "self_service_completion_flow": flow}), json!({"revoke_tokens": false}))
            }
            "countersign_stages_email_proof.emailproofstage" => (
                json!({"name": name, "letter": "code", "code_length": 8}),
                json!({"address": "prompt", "bind_to_browser": false}),
            ),
            "countersign_stages_setup.initialsetupstage" => {
                (json!({"name": name, "mode": "guard"}), json!({"mode": "finish"}))
            }
            "authentik_policies_expression.expressionpolicy" => {
                (json!({"name": name, "expression": "return True"}), json!({"expression": "return False"}))
            }
            "authentik_policies_password.passwordpolicy" => (json!({"name": name}), json!({"length_min": 9})),
            "authentik_policies_expiry.passwordexpirypolicy" => {
                (json!({"name": name, "days": 90}), json!({"deny_only": true}))
            }
            "authentik_policies_unique_password.uniquepasswordpolicy" => {
                (json!({"name": name}), json!({"num_historical_passwords": 5}))
            }
            "authentik_policies_reputation.reputationpolicy" => {
                (json!({"name": name}), json!({"threshold": -3}))
            }
            "authentik_policies_geoip.geoippolicy" => {
                (json!({"name": name, "countries": ["DE"]}), json!({"check_impossible_travel": true}))
            }
            "authentik_events.notificationtransport" => (
                json!({"name": name, "mode": "webhook", "webhook_url": "https://chat.example.com/hook"}),
                json!({"send_once": true}),
            ),
            "authentik_events.notificationrule" => {
                (json!({"name": name, "severity": "warning"}), json!({"destination_event_user": true}))
            }
            "authentik_events.notificationwebhookmapping" => (
                json!({"name": name, "expression": "return {}"}),
                json!({"expression": "return {\"a\": notification.body}"}),
            ),
            "authentik_policies_event_matcher.eventmatcherpolicy" => (
                json!({"name": name, "action": "login_failed"}),
                json!({"query": "context.tree = \"beech\""}),
            ),
            "authentik_policies_dummy.dummypolicy" => (json!({"name": name}), json!({"result": true})),
            "authentik_providers_oauth2.scopemapping" => (
                json!({"name": name, "scope_name": "canopy", "expression": "return {}"}),
                json!({"description": "Trees"}),
            ),
            "authentik_providers_saml.samlpropertymapping" => (
                json!({"name": name, "saml_name": "urn:canopy", "expression": "return user.name"}),
                json!({"friendly_name": "canopy"}),
            ),
            "authentik_providers_rac.racpropertymapping" => (
                json!({"name": name, "static_settings": {"resize-method": "display-update"}}),
                json!({"expression": "return {}", "static_settings": {}}),
            ),
            "authentik_providers_scim.scimmapping"
            | "authentik_providers_radius.radiusproviderpropertymapping"
            | "authentik_providers_google_workspace.googleworkspaceprovidermapping"
            | "authentik_providers_microsoft_entra.microsoftentraprovidermapping"
            | "authentik_sources_ldap.ldapsourcepropertymapping"
            | "authentik_sources_kerberos.kerberossourcepropertymapping"
            | "authentik_sources_oauth.oauthsourcepropertymapping"
            | "authentik_sources_plex.plexsourcepropertymapping"
            | "authentik_sources_saml.samlsourcepropertymapping"
            | "authentik_sources_scim.scimsourcepropertymapping"
            | "authentik_sources_telegram.telegramsourcepropertymapping" => (
                json!({"name": name, "expression": "return {}"}),
                json!({"expression": "return {\"name\": \"c\"}"}),
            ),
            "authentik_providers_oauth2.oauth2provider" => (
                json!({
                    "name": name, "authorization_flow": flow, "client_id": name, "client_secret": secret,
                    "redirect_uris": [{"matching_mode": "strict", "url": "https://x.test/back"}],
                }),
                json!({"access_token_validity": "minutes=7"}),
            ),
            other => panic!("{other} has no sample"),
        };
        (object(document), object(patch))
    }
}
