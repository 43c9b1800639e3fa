//! Expressions that want more than they may have. Each must end, in time, with the thread free again.

use std::time::{Duration, Instant};

use countersign_expr::{CompileError, EvalError, Limit, Limits, Program, Value};

use crate::house::{NAMES, Shared, evaluate, evaluate_in, raised, value};

/// Far beyond any limit, and far below what these would take without one; a busy machine does not come near it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The limit an expression ran into, and that it did so before anybody lost patience.
fn stopped_by(source: &str) -> Limit {
    let started = Instant::now();
    let result = evaluate(source);
    let elapsed = started.elapsed();
    assert!(elapsed < PATIENCE, "{source}\ntook {elapsed:?}");
    match result {
        Err(EvalError::LimitExceeded { limit, .. }) => limit,
        other => panic!("{source}\n{other:?}"),
    }
}

#[test]
fn an_endless_loop_ends() {
    assert_eq!(stopped_by("while True:\n    pass"), Limit::Time);
    assert_eq!(stopped_by("x = 0\nfor i in range(10**12):\n    x += i\nreturn x"), Limit::Time);
    assert_eq!(stopped_by("return sum(range(10**12))"), Limit::Time);
}

#[test]
fn a_limit_cannot_be_caught() {
    for handler in ["except BaseException", "except Exception", "except", "except TimeoutError"] {
        let source = format!(
            "while True:\n    try:\n        while True:\n            pass\n    {handler}:\n        pass"
        );
        assert_eq!(stopped_by(&source), Limit::Time);
    }
    let source = "try:\n    while True:\n        pass\nfinally:\n    while True:\n        pass";
    assert_eq!(stopped_by(source), Limit::Time);
    let source = "try:\n    x = 'a' * 10**10\nexcept BaseException:\n    return True";
    assert_eq!(stopped_by(source), Limit::Memory);
}

#[test]
fn a_huge_value_is_refused_before_it_exists() {
    for source in [
        "return 'a' * 10**10",
        "return [0] * 10**10",
        "return 10**10**10",
        "return 1 << 10**11",
        "return 'a'.ljust(10**10)",
        "return list(range(10**9))",
        "x = 'ab' * 10**6\nreturn x.replace('a', x)",
    ] {
        assert_eq!(stopped_by(source), Limit::Memory, "{source}");
    }
}

#[test]
fn a_value_cannot_grow_step_by_step() {
    for source in [
        "x = []\nwhile True:\n    x.append('y' * 1000000)",
        "x = 'a'\nwhile True:\n    x += x",
        "x = [1]\nwhile True:\n    x = x + x",
        "x = {}\ni = 0\nwhile True:\n    x[i] = 'x' * 10000\n    i += 1",
    ] {
        // With time enough for a slow machine: it is the memory that ends.
        let limits = Limits { time: PATIENCE, ..Limits::default() };
        let stopped = evaluate_in(&Shared::default(), source, limits);
        assert!(
            matches!(stopped, Err(EvalError::LimitExceeded { limit: Limit::Memory, .. })),
            "{source}: {stopped:?}"
        );
    }
}

#[test]
fn what_grows_inside_one_instruction_costs_at_most_the_thread() {
    for source in [
        "return f\"{1:>10000000000}\"",
        "import json\nx = ['\\\\' * 100000]\nwhile True:\n    x = [json.dumps(x)]",
        "return len(list(zip(*[range(10**9)] * 8)))",
        "return sorted(range(10**9))",
        "return ''.join(str(i) for i in range(10**9))",
        "return int('9' * 4000) ** 2000 ** 3",
        "x = 9 ** 3000000\nwhile True:\n    x = x * x",
        "return len(str(7 ** 5000000))",
    ] {
        let started = Instant::now();
        let result = evaluate(source);
        assert!(result.is_err(), "{source}: {result:?}");
        assert!(started.elapsed() < PATIENCE, "{source}: {:?}", started.elapsed());
    }
    assert_eq!(value("return 1"), Value::Int(1));
}

#[test]
fn recursion_ends() {
    assert_eq!(stopped_by("def f(n):\n    return f(n + 1)\nreturn f(0)"), Limit::Recursion);
    assert_eq!(value("def f(n):\n    return 0 if n == 0 else 1 + f(n - 1)\nreturn f(50)"), Value::Int(50));
    let source = "class A:\n    def __str__(self):\n        return str(self)\nreturn str(A())";
    assert_eq!(stopped_by(source), Limit::Recursion);
}

#[test]
fn a_source_that_nests_does_not_overflow_the_compiler() {
    let deep = |open: &str, close: &str, times: usize| {
        format!("return {}1{}", open.repeat(times), close.repeat(times))
    };
    for source in [
        deep("(", ")", 20_000),
        deep("[", "]", 20_000),
        deep("f(", ")", 15_000),
        deep("not ", "", 10_000),
        deep("-", "", 30_000),
        deep("lambda: ", "", 7_000),
        deep("", "[0]", 15_000),
        deep("", ".a", 30_000),
        deep("", "+1", 30_000),
        deep("1 if 1 else ", "", 5_000),
        deep("1 ** ", "", 10_000),
        deep("f'{", "}'", 5_000),
        format!("{}pass", (0..3000).map(|n| format!("{}if x:\n", " ".repeat(n % 200))).collect::<String>()),
        (0..250).map(|n| format!("{}if x:\n", " ".repeat(n))).collect::<String>() + &" ".repeat(250) + "pass",
        (0..5000).map(|_| "x = ").collect::<String>() + "1",
        format!("if 1: pass\n{}", "elif 1: pass\n".repeat(4000)),
        format!("return 1{}", " in x".repeat(10_000)),
    ] {
        // Refused or not: it comes back.
        if let Ok(program) = Program::compile(&source, &[]) {
            drop(program);
        }
    }
    let refused = Program::compile(&deep("(", ")", 20_000), &[]).unwrap_err();
    assert!(matches!(refused, CompileError::Syntax { line: 1, .. }), "{refused}");
    assert!(matches!(Program::compile(&"x".repeat(70_000), &[]), Err(CompileError::TooLong { .. })));
}

#[test]
fn a_regular_expression_cannot_backtrack_forever() {
    let source = "return regex_match('a' * 5000 + '!', r'^(a+)+$')";
    assert_eq!(value(source), Value::Bool(false));
    for source in [
        "import re\nreturn bool(re.search(r'^(a+)+$', 'a' * 5000 + '!'))",
        "import re\nreturn bool(re.search(r'^(a|a)*\\1?$', 'a' * 40 + '!'))",
        "import re\nreturn bool(re.search(r'(?=(a+)+$)(x+x+)+y', 'a' * 40 + 'x' * 40 + '!'))",
    ] {
        let started = Instant::now();
        let result = evaluate(source);
        assert!(!matches!(result, Ok(Value::Bool(true))), "{source}");
        assert!(started.elapsed() < PATIENCE, "{source}: {:?}", started.elapsed());
    }
}

#[test]
fn thousands_of_host_calls_are_cut() {
    assert_eq!(stopped_by("for i in range(5000):\n    ak_message('x')"), Limit::HostCalls);
    assert_eq!(
        stopped_by("while True:\n    try:\n        user.email\n    except BaseException:\n        pass"),
        Limit::HostCalls
    );
    assert_eq!(stopped_by("while True:\n    hasattr(user, 'x')"), Limit::HostCalls);
}

#[test]
fn a_slow_host_counts_against_the_time() {
    assert_eq!(stopped_by("try:\n    slow()\nexcept BaseException:\n    pass\nreturn True"), Limit::Time);
}

#[test]
fn a_host_that_is_away_cannot_be_caught() {
    let error =
        evaluate("x = 1\ntry:\n    broken()\nexcept BaseException:\n    pass\nreturn True").unwrap_err();
    assert_eq!(error, EvalError::Unavailable { line: Some(3), message: "the database is away".to_owned() });
}

#[test]
fn a_huge_result_is_refused() {
    assert_eq!(stopped_by("return 'a' * 1000000"), Limit::ResultSize);
    assert_eq!(stopped_by("return list(range(100000))"), Limit::ResultSize);
    assert_eq!(stopped_by("x = []\nx.append(x)\nreturn x"), Limit::ResultSize);
    assert_eq!(stopped_by("x = 1\nfor i in range(90):\n    x = [x]\nreturn x"), Limit::ResultSize);
}

#[test]
fn a_small_value_that_is_huge_when_copied_is_refused() {
    assert_eq!(
        stopped_by("x = 'lol' * 10\nfor i in range(40):\n    x = [x, x]\nreturn x"),
        Limit::ResultSize
    );
    assert_eq!(
        stopped_by("x = 'lol' * 10\nfor i in range(40):\n    x = {'a': x, 'b': x}\nreturn x"),
        Limit::ResultSize
    );
    let source = "x = 'a' * 100000\nreturn [x] * 1000";
    assert_eq!(stopped_by(source), Limit::ResultSize);
    let source = "class A: pass\na = A()\na.x = ['lol']\nfor i in range(40):\n    a.x = [a.x, a.x]\nreturn a";
    assert!(matches!(evaluate(source), Err(EvalError::NotAValue { .. })));
}

#[test]
fn huge_arguments_do_not_reach_the_host() {
    assert_eq!(raised("ak_message('a' * 10000000)").1, "ValueError");
}

#[test]
fn exceptions_do_not_carry_huge_messages_out() {
    assert_eq!(raised("raise ValueError('a' * 1000000)").2.len(), 1000);
}

#[test]
fn logs_are_bounded() {
    let outcome = evaluate_in(
        &Shared::default(),
        "for i in range(1000):\n    ak_logger.info('x' * 10000)",
        Limits::default(),
    )
    .unwrap();
    assert_eq!(outcome.logs.len(), 100);
    assert_eq!(outcome.logs[0].message.len(), 1000);
}

#[test]
fn there_is_no_operating_system() {
    for source in [
        "return open('/etc/passwd').read()",
        "import os\nreturn os.getenv('HOME')",
        "import os\nreturn os.environ['HOME']",
        "import os\nreturn os.listdir('/')",
        "import os\nos.system('id')",
        "from pathlib import Path\nreturn Path('/etc/passwd').read_text()",
        "from pathlib import Path\nPath('/tmp/x').write_text('x')",
        "import subprocess",
        "import socket",
        "import importlib",
        "return __import__('os')",
        "return eval('1')",
        "exec('x = 1')",
        "return compile('1', '', 'eval')",
        "return globals()",
        "return __builtins__",
        "return input()",
    ] {
        let (_, exception, _) = raised(source);
        let expected =
            ["PermissionError", "ModuleNotFoundError", "NameError", "AttributeError", "ImportError"];
        assert!(expected.contains(&exception.as_str()), "{source}: {exception}");
    }
}

#[test]
fn there_is_no_way_up_through_attributes() {
    for source in [
        "return ().__class__.__bases__[0].__subclasses__()",
        "return ''.__class__.__mro__",
        "return user.__class__.__init__.__globals__",
        "return user.__dict__",
        "return user._secret",
        "return type(user).__subclasses__()",
        "return (lambda: 0).__code__",
        "return ak_message.__self__",
        "return [].append.__self__",
        "def f(): pass\nreturn f.__globals__",
        "return '{0.__class__.__init__}'.format(user)",
        "return type(user)('x')",
    ] {
        match evaluate(source) {
            Err(EvalError::Raised { .. } | EvalError::NotAValue { .. }) => {}
            other => panic!("{source}: {other:?}"),
        }
    }
}

#[test]
fn the_wrapping_cannot_be_left_or_replaced() {
    for source in [
        "return 1\n)\ndef f():\n    pass",
        "global _cs_out\n_cs_out = lambda x, y: x",
        "return _cs_result_bytes",
        "def _cs_body(): pass",
        "import json as _cs_get",
    ] {
        assert!(Program::compile(source, &NAMES).is_err(), "{source}");
    }
    let source = "global type, isinstance, ip_address\ntype = 1\nreturn True";
    assert!(evaluate(source).is_err() || value(source) == Value::Bool(true));
}

#[test]
fn evaluations_inside_evaluations_end() {
    assert_eq!(value("return ak_call_policy('return 1 + 1')"), Value::Int(2));
    let mut source = "return 'deepest'".to_owned();
    for _ in 0..5 {
        source = format!("return ak_call_policy({source:?})");
    }
    let (_, exception, message) = raised(&source);
    assert_eq!(exception, "ValueError");
    assert!(message.contains("nested evaluations"), "{message}");
}

#[test]
fn a_function_nobody_provides_does_not_reach_the_host() {
    for source in ["return ak_delete_everything()", "return __import__('os')", "x = _private_thing\nx()"] {
        assert_eq!(raised(source).1, "NameError", "{source}");
    }
}
