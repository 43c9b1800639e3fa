//! Rows as tests need them: complete, and different only in what the test is about.

use countersign_model::{
    Application, ApplicationId, AuthorizationCode, BoundTo, Brand, BrandId, ConfigObject, ConfigObjectId,
    DeniedAction, Event, EventAction, EventId, Family, Flow, FlowAuthentication, FlowDesignation, FlowId,
    FlowLayout, FlowStageBinding, FlowStageBindingId, Grant, GrantId, Group, GroupId, InvalidResponseAction,
    Job, JobId, PolicyBinding, PolicyBindingId, PolicyEngineMode, Provider, ProviderId, Session, SessionId,
    StoredPlan, Token, TokenId, TokenIntent, User, UserId, UserType,
};
use countersign_types::{Digest, JsonObject, RawId, Span, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

/// A digest that is nobody's SHA-256, told apart by a number.
pub fn digest(number: u8) -> Digest {
    Digest([number; 32])
}

/// A person of the organization.
pub fn user(number: u8, username: &str, now: Timestamp) -> User {
    User {
        id: UserId(Uuid::from_u128(0x1000 + u128::from(number))),
        pk: i64::from(number),
        username: username.to_owned(),
        name: format!("{username} of the tests"),
        email: format!("{username}@example.org"),
        is_active: true,
        password: None,
        password_change_date: None,
        last_login: None,
        date_joined: now,
        last_updated: now,
        path: "users".to_owned(),
        user_type: UserType::Internal,
        attributes: JsonObject::new(),
    }
}

/// A group without rights.
pub fn group(number: u8, name: &str, parents: &[GroupId]) -> Group {
    Group {
        id: GroupId(Uuid::from_u128(0x2000 + u128::from(number))),
        name: name.to_owned(),
        is_superuser: false,
        attributes: JsonObject::new(),
        parents: parents.to_vec(),
    }
}

/// A look of the pages at a domain, which changes nothing yet.
pub fn brand(number: u8, domain: &str) -> Brand {
    Brand {
        id: BrandId(Uuid::from_u128(0xc000 + u128::from(number))),
        domain: domain.to_owned(),
        default: false,
        branding_title: "Countersign".to_owned(),
        branding_logo: String::new(),
        branding_favicon: String::new(),
        branding_custom_css: String::new(),
        branding_default_flow_background: String::new(),
        flow_authentication: None,
        flow_invalidation: None,
        flow_recovery: None,
        flow_unenrollment: None,
        flow_user_settings: None,
        flow_device_code: None,
        default_application: None,
        client_certificates: Vec::new(),
        attributes: JsonObject::new(),
    }
}

/// What must hold before something is let through.
pub fn policy_binding(number: u8, target: RawId, bound_to: BoundTo) -> PolicyBinding {
    PolicyBinding {
        id: PolicyBindingId(Uuid::from_u128(0xe000 + u128::from(number))),
        target,
        bound_to,
        enabled: true,
        negate: false,
        order: 0,
        timeout: 30,
        failure_result: false,
        expires: None,
    }
}

/// A flow for signing in.
pub fn flow(number: u8, slug: &str) -> Flow {
    Flow {
        id: FlowId(Uuid::from_u128(0x3000 + u128::from(number))),
        name: slug.to_owned(),
        slug: slug.parse().expect("a slug"),
        title: "Welcome".to_owned(),
        designation: FlowDesignation::Authentication,
        authentication: FlowAuthentication::None,
        denied_action: DeniedAction::MessageContinue,
        layout: FlowLayout::Stacked,
        background: String::new(),
        compatibility_mode: false,
        policy_engine_mode: PolicyEngineMode::Any,
    }
}

/// A stage of some kind.
pub fn stage(number: u8, name: &str) -> ConfigObject {
    ConfigObject {
        id: ConfigObjectId(Uuid::from_u128(0x4000 + u128::from(number))),
        family: Family::Stage,
        kind: "authentik_stages_dummy.dummystage".to_owned(),
        name: name.to_owned(),
        managed: None,
        config: json!({ "throw_error": false }),
    }
}

/// A stage's place in a flow.
pub fn stage_binding(number: u8, flow: FlowId, stage: ConfigObjectId, order: i32) -> FlowStageBinding {
    FlowStageBinding {
        id: FlowStageBindingId(Uuid::from_u128(0x5000 + u128::from(number))),
        target: flow,
        stage,
        order,
        evaluate_on_plan: false,
        re_evaluate_policies: true,
        invalid_response_action: InvalidResponseAction::Retry,
        policy_engine_mode: PolicyEngineMode::Any,
    }
}

/// An OAuth provider with a client identifier of its own.
pub fn provider(number: u8) -> Provider {
    Provider {
        id: ProviderId(Uuid::from_u128(0x6000 + u128::from(number))),
        pk: i64::from(number),
        kind: "authentik_providers_oauth2.oauth2provider".to_owned(),
        name: format!("provider-{number}"),
        client_id: Some(format!("client-{number}")),
        authentication_flow: None,
        authorization_flow: None,
        invalidation_flow: None,
        property_mappings: Vec::new(),
        config: json!({}),
    }
}

/// An application that a provider signs people in to.
pub fn application(number: u8, slug: &str, provider: Option<ProviderId>) -> Application {
    Application {
        id: ApplicationId(Uuid::from_u128(0x7000 + u128::from(number))),
        name: slug.to_owned(),
        slug: slug.parse().expect("a slug"),
        group: String::new(),
        provider,
        meta_launch_url: String::new(),
        meta_icon: String::new(),
        meta_description: String::new(),
        meta_publisher: String::new(),
        meta_hide: false,
        open_in_new_tab: false,
        policy_engine_mode: PolicyEngineMode::Any,
    }
}

/// A session that lives for an hour.
pub fn session(number: u8, user: UserId, now: Timestamp) -> Session {
    Session {
        key: digest(number),
        id: SessionId(Uuid::from_u128(0x8000 + u128::from(number))),
        user,
        created: now,
        authenticated_at: now,
        last_used: now,
        expires: now.plus(Span::from_hours(1)),
        auth_method: "password".to_owned(),
        auth_method_args: JsonObject::new(),
        last_ip: "192.0.2.1".to_owned(),
        last_user_agent: "test".to_owned(),
        impersonator: None,
        binding: None,
    }
}

/// A plan that lives for an hour.
pub fn plan(number: u8, step: i32, now: Timestamp) -> StoredPlan {
    StoredPlan {
        key: digest(number),
        plan_id: Uuid::from_u128(0x9000 + u128::from(number)),
        step,
        state: vec![number],
        expires: now.plus(Span::from_hours(1)),
    }
}

/// A grant that lives for an hour and has no refresh token.
pub fn grant(number: u8, provider: ProviderId, user: UserId, now: Timestamp) -> Grant {
    Grant {
        id: GrantId(Uuid::from_u128(0xa000 + u128::from(number))),
        provider,
        user,
        session: None,
        scope: "openid".to_owned(),
        auth_time: now,
        nonce: None,
        auth_method: "password".to_owned(),
        created: now,
        refresh_generation: 0,
        refresh_key: None,
        expires: now.plus(Span::from_hours(1)),
        revoked: None,
    }
}

/// A code that lives for a minute.
pub fn code(number: u8, grant: &Grant, now: Timestamp) -> AuthorizationCode {
    AuthorizationCode {
        key: digest(number),
        grant: grant.id,
        provider: grant.provider,
        redirect_uri: "https://app.example.org/callback".to_owned(),
        code_challenge: None,
        expires: now.plus(Span::from_mins(1)),
        consumed: None,
    }
}

/// A recovery token that lives for an hour.
pub fn token(number: u8, user: UserId, now: Timestamp) -> Token {
    Token {
        id: TokenId(Uuid::from_u128(0xb000 + u128::from(number))),
        identifier: format!("token-{number}"),
        key: digest(number),
        intent: TokenIntent::Recovery,
        user,
        description: String::new(),
        expires: Some(now.plus(Span::from_hours(1))),
        managed: None,
        created: now,
        last_used: None,
        permissions: None,
    }
}

/// An event that is kept for a day.
pub fn event(number: u8, now: Timestamp) -> Event {
    Event {
        // Identifiers of events sort by time.
        id: EventId(Uuid::from_u128(
            (u128::from(now.as_micros().unsigned_abs() / 1000) << 80) + u128::from(number),
        )),
        action: EventAction::Login,
        app: "countersign_tests".to_owned(),
        user: None,
        context: JsonObject::new(),
        client_ip: None,
        created: now,
        expires: now.plus(Span::from_days(1)),
    }
}

/// A job that is due.
pub fn job(number: u8, kind: &str, now: Timestamp) -> Job {
    Job::queued(JobId(Uuid::from_u128(0xd000 + u128::from(number))), kind, Value::Null, now)
}
