//! Expressions that mean harm, or were written in a hurry. Each is stopped, and the next one is well.

use std::time::{Duration, Instant};

use crate::house::{House, id, request};
use countersign_model::{BoundTo, PolicyEngineMode::Any};

/// Far beyond any limit, and far below what these would take without one; a busy machine does not come near it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks a hostile policy, then a good one of the same house.
async fn is_stopped(name: &str, body: &str) {
    let house = House::new();
    let hostile = house.expression("hostile", body).await;
    let good = house.expression("good", "return ak_user_by(username='alice').is_active").await;
    house.user("alice", &[]).await;
    house.bind(id("guarded"), BoundTo::Policy(hostile), |_| {}).await;
    house.bind(id("healthy"), BoundTo::Policy(good), |_| {}).await;
    for _ in 0..2 {
        let begun = Instant::now();
        assert!(!house.passes(id("guarded"), Any, &request(None)).await, "{name} granted");
        assert!(begun.elapsed() < PATIENCE, "{name} took {:?}", begun.elapsed());
        assert!(house.passes(id("healthy"), Any, &request(None)).await, "{name} hurt the next evaluation");
    }
}

#[tokio::test]
async fn endless_loops_are_stopped() {
    is_stopped("loop", "while True:\n    pass\nreturn True").await;
    is_stopped("caught", "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass").await;
}

#[tokio::test]
async fn memory_hogs_are_stopped() {
    is_stopped("at once", "x = 'a' * 10 ** 10\nreturn True").await;
    is_stopped("slowly", "x = []\nwhile True:\n    x.append('y' * 1000000)\nreturn True").await;
    is_stopped("numbers", "x = 10 ** 10 ** 10\nreturn True").await;
    is_stopped("result", "x = 'a'\nfor i in range(60):\n    x = [x, x]\nreturn x").await;
}

#[tokio::test]
async fn endless_recursion_is_stopped() {
    is_stopped("recursion", "def f():\n    return f()\nreturn f()").await;
    is_stopped("nesting", &format!("return {}1{}", "(".repeat(5000), ")".repeat(5000))).await;
}

#[tokio::test]
async fn thousands_of_lookups_are_stopped() {
    let body = "
for i in range(100000):
    ak_user_by(username='user' + str(i))
return True
";
    is_stopped("lookups", body).await;
    let house = House::new();
    let before = house.store.trips();
    assert!(house.run(body, &request(None)).await.is_err());
    let reads = house.store.trips().reads - before.reads;
    assert!(reads <= 250, "{reads} reads");
    let caught = "
for i in range(100000):
    try:
        ak_user_by(username='user' + str(i))
    except BaseException:
        pass
return True
";
    is_stopped("caught", caught).await;
}

#[tokio::test]
async fn chatter_is_stopped() {
    is_stopped("messages", "while True:\n    ak_message('x' * 1000)").await;
    is_stopped("logs", "while True:\n    ak_logger.info('x' * 1000)").await;
}

#[tokio::test]
async fn there_is_no_way_out() {
    for (name, body) in [
        ("files", "return open('/etc/passwd').read() != ''"),
        ("environment", "import os\nreturn len(os.getenv('PATH')) > 0"),
        ("processes", "import subprocess\nreturn True"),
        ("sockets", "import socket\nreturn True"),
        ("evaluation", "return eval('True')"),
        ("import", "return bool(__import__('os'))"),
        ("classes", "return bool(request.__class__.__mro__)"),
        ("globals", "return bool(request.user.all_groups.__globals__)"),
        ("writing", "request.user.is_superuser = True\nreturn True"),
        ("deleting", "request.user.delete()\nreturn True"),
        ("saving", "request.user.save()\nreturn True"),
    ] {
        is_stopped(name, body).await;
    }
}

#[tokio::test]
async fn an_expression_that_fails_half_way_leaves_its_words_behind() {
    let house = House::new();
    let policy = house.expression("half", "ak_message('granted!')\nreturn 1 / 0").await;
    house.bind(id("flow"), BoundTo::Policy(policy), |_| {}).await;
    let result = house.ask(id("flow"), Any, &request(None)).await;
    assert!(!result.passing);
    assert_eq!(result.messages, Vec::<String>::new(), "what a failed policy said is not shown");
    let snapshot = house.store.snapshot().await.unwrap();
    let listed = house.policies.evaluate_list(&snapshot, &[policy], Any, &request(None)).await;
    assert!(!listed.passing);
}
