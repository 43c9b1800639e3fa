//! The threads: bounded, free again after every evaluation, and each with its own allowance.

use std::sync::Arc;
use std::time::Duration;

use countersign_expr::{
    EvalError, Evaluator, EvaluatorOptions, Host, HostError, Limit, Limits, NoHost, Program, Value,
};

use crate::house::StoppedClock;

fn evaluator(threads: usize, queue: usize) -> Evaluator {
    let options = EvaluatorOptions { threads, queue, ..EvaluatorOptions::default() };
    Evaluator::new(options, Arc::new(StoppedClock))
}

#[tokio::test]
async fn a_thread_is_free_again_after_an_endless_loop() {
    let evaluator = evaluator(1, 8);
    let endless = Program::compile("while True:\n    pass", &[]).unwrap();
    let quick = Program::compile("return 1", &[]).unwrap();
    for _ in 0..2 {
        let result = evaluator.evaluate(endless.clone(), vec![], Box::new(NoHost), Limits::default()).await;
        assert!(matches!(result, Err(EvalError::LimitExceeded { limit: Limit::Time, .. })));
    }
    let outcome = evaluator.evaluate(quick, vec![], Box::new(NoHost), Limits::default()).await.unwrap();
    assert_eq!(outcome.value, Value::Int(1));
    assert!(outcome.elapsed < Duration::from_millis(100));
}

#[tokio::test]
async fn more_than_the_queue_holds_is_refused_at_once() {
    let evaluator = evaluator(1, 1);
    let endless = Program::compile("while True:\n    pass", &[]).unwrap();
    let run = || evaluator.evaluate(endless.clone(), vec![], Box::new(NoHost), Limits::default());
    let (one, two, three, four) = tokio::join!(run(), run(), run(), run());
    let busy =
        [one, two, three, four].into_iter().filter(|result| *result.as_ref().unwrap_err() == EvalError::Busy);
    assert!((2..=3).contains(&busy.count()));
}

#[tokio::test]
async fn concurrent_evaluations_have_an_allowance_each() {
    let evaluator = evaluator(4, 16);
    let large =
        Program::compile("x = ['a' * 10000000, 'b' * 10000000, 'c' * 10000000, 'd' * 10000000]\nn = 0\nwhile n < 20000:\n    n += 1\nreturn len(x)", &[])
            .unwrap();
    let run = || {
        let limits = Limits { time: Duration::from_secs(5), ..Limits::default() };
        evaluator.evaluate(large.clone(), vec![], Box::new(NoHost), limits)
    };
    let (one, two, three, four) = tokio::join!(run(), run(), run(), run());
    for result in [one, two, three, four] {
        assert_eq!(result.unwrap().value, Value::Int(4));
    }
}

struct Panicking;

impl Host for Panicking {
    fn provides(&self, _function: &str) -> bool {
        true
    }

    fn call(&mut self, _: &str, _: Vec<Value>, _: Vec<(String, Value)>) -> Result<Value, HostError> {
        panic!("a fault of the host");
    }
}

#[tokio::test]
async fn a_host_that_panics_costs_one_evaluation_and_no_thread() {
    let evaluator = evaluator(1, 8);
    for _ in 0..3 {
        let program = Program::compile("return anything()", &[]).unwrap();
        let result = evaluator.evaluate(program, vec![], Box::new(Panicking), Limits::default()).await;
        assert!(matches!(result.unwrap_err(), EvalError::Internal { .. }));
    }
}

#[tokio::test]
async fn a_variable_that_is_not_given_is_a_fault_of_ours() {
    let program = Program::compile("return x", &["x"]).unwrap();
    let result = evaluator(1, 8).evaluate(program, vec![], Box::new(NoHost), Limits::default()).await;
    assert!(matches!(result.unwrap_err(), EvalError::Internal { .. }));
}
