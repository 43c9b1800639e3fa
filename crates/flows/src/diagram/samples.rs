//! Flows to draw, for tests of this and higher crates.

use countersign_model::{
    BoundTo, ConfigObjectId, DeniedAction, FlowAuthentication, FlowId, FlowStageBindingId,
    InvalidResponseAction, PolicyBindingId, PolicyEngineMode,
};
use uuid::Uuid;

use super::{Check, Diagram, DiagramStep, Guard};

/// A policy, group or user that is asked.
pub fn check(name: &str, asked: BoundTo, negate: bool) -> Check {
    Check {
        binding: PolicyBindingId(Uuid::nil()),
        asked,
        name: name.to_owned(),
        negate,
        enabled: true,
        order: 0,
        timeout: 30,
        failure_result: false,
    }
}

/// What guards a flow or a step: any of these.
pub fn guard(checks: Vec<Check>) -> Guard {
    Guard { target: Uuid::nil(), mode: PolicyEngineMode::Any, checks }
}

/// A step without links to other flows.
pub fn step(name: &str, checks: Vec<Check>) -> DiagramStep {
    DiagramStep {
        binding: FlowStageBindingId(Uuid::nil()),
        order: 10,
        stage: ConfigObjectId(Uuid::nil()),
        name: name.to_owned(),
        model: "authentik_stages_dummy.dummystage".to_owned(),
        guard: guard(checks),
        evaluate_on_plan: false,
        re_evaluate: true,
        invalid_response: InvalidResponseAction::Retry,
        links: Vec::new(),
    }
}

/// A flow that is open to everybody whom its guard lets through.
pub fn diagram(guard: Guard, steps: Vec<DiagramStep>) -> Diagram {
    Diagram {
        flow: FlowId(Uuid::nil()),
        slug: "welcome".to_owned(),
        name: "Welcome".to_owned(),
        authentication: FlowAuthentication::None,
        guard,
        denied: DeniedAction::MessageContinue,
        steps,
    }
}
