//! Modules that expressions import, generators, and other Python that administrators are used to.

use countersign_expr::{EvalError, Limit, Limits, Program, Value};
use serde_json::json;

use crate::house::{NAMES, evaluate, raised, value};

fn json_of(source: &str) -> serde_json::Value {
    value(source).to_json().unwrap()
}

#[test]
fn digests_are_those_of_python() {
    for (source, expected) in [
        ("import hashlib\nreturn hashlib.md5(b'a').hexdigest()", "0cc175b9c0f1b6a831c399e269772661"),
        (
            "import hashlib as h\nreturn h.sha1('a'.encode()).hexdigest()",
            "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8",
        ),
        (
            "from hashlib import sha256\nd = sha256(b'a')\nd.update('é'.encode('utf-8'))\nreturn d.hexdigest()[:8]",
            "561951c2",
        ),
        ("import hashlib\nreturn hashlib.new('sha512', b'').hexdigest()[:8]", "cf83e135"),
        ("import hashlib\nreturn hashlib.sha384(b'').digest().hex()[:8]", "38b060a7"),
    ] {
        assert_eq!(value(source), Value::from(expected), "{source}");
    }
    assert_eq!(raised("import hashlib\nreturn hashlib.md5('text').hexdigest()").1, "TypeError");
    assert_eq!(raised("import hashlib\nreturn hashlib.new('rot13', b'').hexdigest()").1, "ValueError");
}

#[test]
fn addresses_are_taken_apart_and_put_together() {
    for (source, expected) in [
        ("from urllib.parse import quote\nreturn quote('a b/é&')", "a%20b/%C3%A9%26"),
        ("import urllib.parse\nreturn urllib.parse.quote_plus('a b/c')", "a+b%2Fc"),
        ("from urllib import parse\nreturn parse.unquote('a%20b%2')", "a b%2"),
        ("from urllib.parse import urlencode as e\nreturn e({'a': 1, 'b': 'x y'})", "a=1&b=x+y"),
        (
            "from urllib.parse import (\n    urlparse,\n    urljoin,\n)\nreturn urlparse('https://u:p@Example.com:8443/x?y=z#f').hostname",
            "example.com",
        ),
        (
            "from urllib.parse import urljoin\nreturn urljoin('https://example.com/a/b', '../c')",
            "https://example.com/c",
        ),
        ("from urllib.parse import urlsplit\nreturn urlsplit('/a?b').geturl()", "/a?b"),
    ] {
        assert_eq!(value(source), Value::from(expected), "{source}");
    }
    let source = "from urllib.parse import urlparse, parse_qs\nu = urlparse('https://example.com:8443/x?a=1&a=2&b=%20')\n\
                  return [u.scheme, u.netloc, u.path, u.port, parse_qs(u.query), u.username]";
    let expected = json!(["https", "example.com:8443", "/x", 8443, { "a": ["1", "2"], "b": [" "] }, null]);
    assert_eq!(json_of(source), expected);
}

#[test]
fn identifiers_are_made_and_compared() {
    let source = "import uuid\nreturn [uuid.uuid5(uuid.NAMESPACE_DNS, 'python.org'), str(uuid.UUID('{' + 'A' * 32 + '}')), \
                  uuid.UUID('a' * 32) == uuid.UUID('A' * 32), uuid.uuid3(uuid.NAMESPACE_DNS, 'python.org').version]";
    let expected =
        json!(["886313e1-3b8a-5372-9b90-0c9aee199e5d", "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa", true, 3]);
    assert_eq!(json_of(source), expected);
    assert_eq!(raised("import uuid\nreturn uuid.UUID('no')").1, "ValueError");
}

#[test]
fn a_mapping_yields_its_values() {
    let source = "for group in user.groups.all():\n    yield group.name";
    assert_eq!(json_of(source), json!(["admins", "staff"]));
    assert_eq!(json_of("if False:\n    yield 1"), json!([]));
    assert_eq!(json_of("yield 1\nif True:\n    return\nyield 2"), json!([1]));
    assert_eq!(json_of("yield from [1, 2]\nyield"), json!([1, 2, null]));
}

#[test]
fn a_function_inside_yields_as_often_as_it_is_called() {
    let source = "def names(prefix):\n    \"\"\"Words.\"\"\"\n    for g in user.groups.all():\n        if g.name == 'x':\n            return\n        \
                  yield prefix + g.name\ndef twice():\n    yield from names('a-')\n    for n in names('b-'): yield n\n\
                  return [list(twice()), ','.join(names('')), next(names('c'))]";
    let expected = json!([["a-admins", "a-staff", "b-admins", "b-staff"], "admins,staff", "cadmins"]);
    assert_eq!(json_of(source), expected);
    assert_eq!(
        json_of("def g(n):\n    if n:\n        yield n\n        yield from g(n - 1)\nreturn g(3)"),
        json!([3, 2, 1])
    );
}

#[test]
fn errors_name_the_line_that_was_written() {
    let source = "def g():\n    for x in [1]:\n        yield x\nlist(g())\nreturn missing";
    let (line, exception, _) = raised(source);
    assert_eq!((line, exception.as_str()), (5, "NameError"));
    let source = "from urllib.parse import (\n    quote,\n)\ndef g():\n    yield 1\n    raise ValueError('x')\nreturn g()";
    let (line, exception, _) = raised(source);
    assert_eq!((line, exception.as_str()), (6, "ValueError"));
}

#[test]
fn a_generator_without_an_end_meets_the_limits() {
    for source in
        ["while True:\n    yield 'x' * 1000", "def g():\n    while True:\n        yield 1\nreturn next(g())"]
    {
        let stopped = evaluate(source);
        let met = matches!(stopped, Err(EvalError::LimitExceeded { limit: Limit::Time | Limit::Memory, .. }));
        assert!(met, "{source}: {stopped:?}");
    }
    for source in ["return (lambda: (yield 1))()", "async def f():\n    yield 1"] {
        assert!(Program::compile(source, &NAMES).is_err(), "{source}");
    }
}

#[test]
fn percent_signs_format_as_people_remember() {
    for (source, expected) in [
        ("return 'a %s b %d' % ('x', 7)", "a x b 7"),
        ("return '%(a)s-%(b)05d%%' % {'a': 'x', 'b': 42}", "x-00042%"),
        ("return '%.2f|%5s|%-5s|' % (1.005, 'ab', 'ab')", "1.00|   ab|ab   |"),
        ("return '%s' % None", "None"),
        ("return '%x' % 255", "ff"),
    ] {
        assert_eq!(value(source), Value::from(expected), "{source}");
    }
    assert_eq!(value("return 7 % 3"), Value::Int(1));
    assert_eq!(value("x = 7\nx %= 4\nreturn x"), Value::Int(3));
    assert_eq!(raised("return '%s %s' % 'x'").1, "TypeError");
    assert_eq!(raised("return '%s' % ('a', 'b')").1, "TypeError");
}

#[test]
fn entries_are_deleted() {
    assert_eq!(
        json_of("d = {'a': 1, 'b': 2}\ndel d['a']\nl = [1, 2, 3]\ndel l[0]\nreturn [d, l]"),
        json!([{ "b": 2 }, [2, 3]])
    );
    assert_eq!(raised("d = {}\ndel d['a']").1, "KeyError");
}

#[test]
fn words_of_django_are_known() {
    assert_eq!(
        value("from django.utils.html import escape\nreturn escape('<a href=\"x\">')"),
        Value::from("&lt;a href=&quot;x&quot;&gt;")
    );
    assert_eq!(
        value("from django.utils.translation import gettext as _\nreturn _('Hello')"),
        Value::from("Hello")
    );
    assert_eq!(value("from django.utils.timezone import now\nreturn now().year"), Value::Int(2027));
    assert_eq!(
        value(
            "from ipaddress import ip_address, ip_network\nreturn ip_address('10.1.1.1') in ip_network('10.0.0.0/8')"
        ),
        Value::Bool(true)
    );
}

#[test]
fn modules_that_are_not_there_are_missed_when_they_are_reached() {
    for module in ["os.path", "subprocess", "socket", "django.db", "authentik.core.tasks", "importlib"] {
        let (_, exception, _) = raised(&format!("from {module} import x\nreturn x"));
        assert!(
            ["ModuleNotFoundError", "ImportError"].contains(&exception.as_str()),
            "{module}: {exception}"
        );
    }
    assert_eq!(
        value("try:\n    import ldap3\nexcept ImportError:\n    return 'without'"),
        Value::from("without")
    );
    assert_eq!(raised("from urllib.parse import nothing").1, "AttributeError");
}

#[test]
fn what_nobody_can_reach_is_denied_and_can_be_handled() {
    // This house sends no requests: the function behind them is not there.
    let source = "import requests\ntry:\n    requests.get('https://example.com')\nexcept NameError:\n    return 'none'";
    assert_eq!(value(source), Value::from("none"));
    let source = "import requests\nreturn requests.get('https://example.com', verify=False)";
    assert_eq!(raised(source).1, "ValueError", "certificates are always verified");
}

#[test]
fn the_stand_ins_cannot_be_named_or_replaced() {
    for source in ["_cs_http('GET', 'x', {}, '', True, None)", "import hashlib as _cs_out", "_cs_yielded = 1"]
    {
        assert!(Program::compile(source, &NAMES).is_err(), "{source}");
    }
    let source = "import hashlib\nhashlib.md5 = lambda data: 'x'\nreturn 1";
    let changed = evaluate(source);
    assert!(changed.is_ok(), "{changed:?}");
    assert_eq!(
        value("import hashlib\nreturn len(hashlib.md5(b'').hexdigest())"),
        Value::Int(32),
        "one evaluation is not another"
    );
}

#[test]
fn hostile_arguments_of_modules_are_stopped() {
    for source in [
        "import hashlib\nh = hashlib.sha256()\nwhile True:\n    h.update(b'x' * 100000)\n    h.hexdigest()",
        "from urllib.parse import quote\nx = 'é' * 1000\nwhile True:\n    x = quote(x)",
        "return '%999999999s' % 'x'",
        "return '%.999999999f' % 1.5",
        "from urllib.parse import urlencode\nd = {}\ni = 0\nwhile True:\n    i += 1\n    d[str(i)] = 'x' * 1000\n    urlencode(d)",
    ] {
        let stopped = crate::house::evaluate_in(&Default::default(), source, Limits::default());
        assert!(stopped.is_err(), "{source}");
    }
}
