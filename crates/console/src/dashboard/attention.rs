//! What needs somebody: certificates that end, jobs that were given up, blueprints that do not apply, sign-in
//! that cannot work.

use countersign_model::{BlueprintInstance, BlueprintStatus};
use countersign_types::{TextArg, Timestamp};

use crate::{
    cx::ConsoleCx,
    parts::Task,
    system::{BLUEPRINTS, Certificate, JOBS, Standing},
};

/// What was looked at.
pub(super) struct Findings {
    pub(super) dead_jobs: u64,
    pub(super) blueprints: Vec<(BlueprintInstance, Standing)>,
    pub(super) certificates: Vec<Certificate>,
}

/// What there is to do, the worst first.
pub(super) fn tasks(cx: &ConsoleCx, findings: &Findings, now: Timestamp) -> Vec<Task> {
    let mut tasks = Vec::new();
    if findings.dead_jobs > 0 {
        let count = TextArg::Number(i64::try_from(findings.dead_jobs).unwrap_or(i64::MAX));
        tasks.push(Task {
            level: "danger",
            text: cx.t_args("console-attention-jobs", &[("count", count)]),
            href: format!("{JOBS}?state=dead"),
        });
    }
    for (instance, standing) in &findings.blueprints {
        let (level, key) = match standing {
            Standing::Known(BlueprintStatus::Error) => ("danger", "console-attention-blueprint-error"),
            Standing::Drifted => ("warning", "console-attention-blueprint-drift"),
            Standing::Known(_) | Standing::Off => continue,
        };
        tasks.push(Task { level, text: cx.t_with(key, "name", &instance.name), href: BLUEPRINTS.to_owned() });
    }
    for certificate in &findings.certificates {
        let (level, key) = match certificate.tone(now) {
            "danger" => ("danger", "console-attention-certificate-ended"),
            "warning" => ("warning", "console-attention-certificate-ends"),
            _ => continue,
        };
        let when = cx.localizer().relative(certificate.expires, now);
        let arguments = [("name", certificate.name.as_str().into()), ("when", when.into())];
        tasks.push(Task { level, text: cx.t_args(key, &arguments), href: certificate.href.clone() });
    }
    if !cx.snapshot.brands().iter().any(|brand| brand.default) {
        let (level, text) = ("warning", cx.t("console-attention-no-brand"));
        tasks.push(Task { level, text, href: "/if/admin/core/brands/".to_owned() });
    }
    tasks.sort_by_key(|task| task.level);
    tasks
}
