//! The threads: bounded, free again after every evaluation, and each with its own allowance.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
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
    assert!(outcome.elapsed < Limits::default().time, "the clock of one does not run on for the next");
}

/// Says that it was reached, and holds its thread until it is let go.
struct Gate {
    reached: tokio::sync::mpsc::UnboundedSender<()>,
    open: std::sync::mpsc::Receiver<()>,
}

impl Host for Gate {
    fn provides(&self, _function: &str) -> bool {
        true
    }

    fn call(&mut self, _: &str, _: Vec<Value>, _: Vec<(String, Value)>) -> Result<Value, HostError> {
        self.reached.send(()).unwrap();
        self.open.recv().unwrap();
        Ok(Value::Int(1))
    }
}

#[tokio::test]
async fn more_than_the_queue_holds_is_refused_at_once() {
    let evaluator = evaluator(1, 1);
    let (reached, mut is_reached) = tokio::sync::mpsc::unbounded_channel();
    let (let_go, open) = std::sync::mpsc::channel();
    let limits = Limits { time: Duration::from_secs(60), ..Limits::default() };
    let held = tokio::spawn({
        let evaluator = evaluator.clone();
        let program = Program::compile("return hold()", &[]).unwrap();
        async move { evaluator.evaluate(program, vec![], Box::new(Gate { reached, open }), limits).await }
    });
    is_reached.recv().await.unwrap();

    let quick = Program::compile("return 1", &[]).unwrap();
    let run = || evaluator.evaluate(quick.clone(), vec![], Box::new(NoHost), limits);
    let mut queued = pin!(run());
    assert!(poll_fn(|cx| Poll::Ready(queued.as_mut().poll(cx).is_pending())).await);
    assert_eq!(run().await.unwrap_err(), EvalError::Busy);
    assert_eq!(run().await.unwrap_err(), EvalError::Busy);

    let_go.send(()).unwrap();
    assert_eq!(held.await.unwrap().unwrap().value, Value::Int(1));
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
