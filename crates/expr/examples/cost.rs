//! Prints what an evaluation costs: `cargo run -p countersign-expr --example cost`.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "an example prints and may fail")]

use std::sync::Arc;
use std::time::Instant;

use countersign_expr::{Evaluator, EvaluatorOptions, HostError, HostObject, Limits, NoHost, Program, Value};
use countersign_types::{Clock, Timestamp};

#[global_allocator]
static ALLOCATOR: countersign_alloc::CountingAllocator = countersign_alloc::CountingAllocator;

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(0)
    }
}

struct User;

impl HostObject for User {
    fn type_name(&self) -> &str {
        "User"
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        Ok(Some(Value::from(name)))
    }
}

const BODIES: [(&str, &str); 5] = [
    ("nothing", "return True"),
    ("one attribute", "return user.email"),
    ("address in network", "return ak_client_ip in ip_network(\"10.0.0.0/8\")"),
    ("regular expression", "return regex_match(user.email, \"^[a-z]+$\")"),
    (
        "mapping of claims",
        "return {\"name\": user.name, \"email\": user.email, \"email_verified\": True, \"nickname\": user.username}",
    ),
];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let evaluator = Evaluator::new(EvaluatorOptions::default(), Arc::new(StoppedClock));
    for (what, body) in BODIES {
        let started = Instant::now();
        let program = Program::compile(body, &["user", "ak_client_ip"]).unwrap();
        let compiled = started.elapsed();
        let rounds: u32 = 5000;
        let mut inside = std::time::Duration::ZERO;
        let started = Instant::now();
        for _ in 0..rounds {
            let variables = vec![
                ("user".to_owned(), Value::object(User)),
                ("ak_client_ip".to_owned(), Value::Ip([10, 0, 0, 1].into())),
            ];
            let outcome = evaluator
                .evaluate(program.clone(), variables, Box::new(NoHost), Limits::default())
                .await
                .unwrap();
            inside += outcome.elapsed;
        }
        let all = started.elapsed() / rounds;
        println!(
            "{what:20} compiled in {compiled:>8.1?}  evaluated in {:>6.1?}  with the way to the thread {all:>6.1?}",
            inside / rounds
        );
    }
}
