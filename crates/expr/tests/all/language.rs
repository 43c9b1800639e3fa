//! Shapes of policies and mappings.

use countersign_expr::{CompileError, EvalError, Limits, LogLevel, Program, Value};

use crate::house::{NAMES, Shared, evaluate, evaluate_in, raised, value};

fn truth(source: &str) -> bool {
    value(source) == Value::Bool(true)
}

#[test]
fn a_mapping_returns_a_dictionary_of_attributes() {
    let claims = value(
        "return {\n    \"name\": request.user.name,\n    \"email\": request.user.email,\n    \
         \"email_verified\": True,\n    \"groups\": [group.name for group in request.user.groups.all()],\n}",
    );
    let expected = serde_json::json!({
        "name": "ada", "email": "ada@example.org", "email_verified": true, "groups": ["admins", "staff"],
    });
    assert_eq!(claims.to_json().unwrap(), expected);
}

#[test]
fn a_body_without_a_return_returns_none() {
    assert_eq!(value("x = 1"), Value::None);
    assert_eq!(value(""), Value::None);
    assert_eq!(value("# nothing to see"), Value::None);
}

#[test]
fn membership_of_a_group_decides() {
    assert!(truth("return ak_is_group_member(request.user, name=\"admins\")"));
    assert!(!truth("return ak_is_group_member(user, name=\"guests\")"));
}

#[test]
fn a_policy_tells_the_person_why() {
    let diary = Shared::default();
    let source = "if not regex_match(request.user.email, r\"@example\\.com$\"):\n    \
                  ak_message(f\"Only staff, not {request.user.username}.\")\n    return False\nreturn True";
    let outcome = evaluate_in(&diary, source, Limits::default()).unwrap();
    assert_eq!(outcome.value, Value::Bool(false));
    assert_eq!(diary.lock().unwrap().messages, ["Only staff, not ada."]);
}

#[test]
fn only_what_is_asked_for_is_read() {
    let diary = Shared::default();
    evaluate_in(&diary, "return request.user.username", Limits::default()).unwrap();
    assert_eq!(diary.lock().unwrap().asked, ["username"]);
}

#[test]
fn the_context_is_a_dictionary() {
    assert_eq!(value("return request.context.get(\"missing\", 5)"), Value::Int(5));
    assert!(truth("return \"prompt_data\" in context and \"x\" not in request.context"));
    assert_eq!(value("return context[\"geoip\"][\"country\"]"), Value::from("KR"));
    assert_eq!(value("return context[\"prompt_data\"].get(\"username\").upper()"), Value::from("GRACE"));
    assert_eq!(value("context[\"new\"] = 1\ncontext[\"new\"] += 1\nreturn context[\"new\"]"), Value::Int(2));
}

#[test]
fn names_are_split_and_joined() {
    let source = "given, _, family = \"Ada Augusta Lovelace\".partition(\" \")\n\
                  parts = \"ada.lovelace@x.org\".rsplit(\"@\", 1)\nparts.reverse()\n\
                  return {\"given\": given, \"family\": family, \"parts\": \",\".join(parts)}";
    let expected = Value::dict([
        ("given", Value::from("Ada")),
        ("family", Value::from("Augusta Lovelace")),
        ("parts", Value::from("x.org,ada.lovelace")),
    ]);
    assert_eq!(value(source), expected);
}

#[test]
fn comprehensions_filter_and_sort() {
    assert_eq!(
        value("return sorted([n * 2 for n in context[\"numbers\"] if n != 2], reverse=True)"),
        Value::list([6.into(), 2.into()])
    );
    assert_eq!(
        value("return {k: v for k, v in {\"a\": 1, \"b\": 2}.items() if v > 1}"),
        Value::dict([("b", 2)].map(|(k, v)| (k, Value::Int(v))))
    );
    assert!(truth("return any(group.name == \"staff\" for group in user.groups.all())"));
    assert_eq!(
        value("rows = [{\"k\": 2}, {\"k\": 1}]\nreturn sorted(rows, key=lambda row: row[\"k\"])[0][\"k\"]"),
        Value::Int(1)
    );
    assert_eq!(
        value("return sorted(user.groups.all(), key=lambda g: g.name, reverse=True)[0].name"),
        Value::from("staff")
    );
}

#[test]
fn exceptions_are_handled() {
    let source = "try:\n    value = context[\"missing\"]\nexcept KeyError as error:\n    value = \"none\"\n\
                  finally:\n    done = True\nreturn value";
    assert_eq!(value(source), Value::from("none"));
    assert_eq!(value("try:\n    return user.nothing\nexcept:\n    return 1"), Value::Int(1));
    assert_eq!(value("try:\n    return user.password\nexcept PermissionError:\n    return 1"), Value::Int(1));
}

#[test]
fn helpers_are_defined_inside() {
    let source = "def initials(name, *rest, sep=\".\"):\n    return sep.join(part[0] for part in [name, *rest])\n\
                  return initials(\"ada\", \"lovelace\")";
    assert_eq!(value(source), Value::from("a.l"));
}

#[test]
fn attributes_can_be_asked_for() {
    assert!(truth("return hasattr(user, \"email\") and not hasattr(user, \"phone\")"));
    assert_eq!(value("return getattr(user, \"phone\", \"none\")"), Value::from("none"));
    assert_eq!(value("return user.attributes.get(\"locale\", \"en\")"), Value::from("ko"));
    assert_eq!(
        value("return delete_none_values(user.attributes)"),
        Value::dict([("locale", "ko".into())] as [(&str, Value); 1])
    );
}

#[test]
fn an_address_is_in_a_network() {
    assert!(truth("return ak_client_ip in ip_network(\"10.0.0.0/8\")"));
    assert!(truth("return ak_client_ip not in ip_network(\"192.168.0.0/255.255.0.0\")"));
    assert!(truth("return ip_address(\"2001:db8::7\") in ip_network(\"2001:db8::/64\")"));
    assert!(truth("return not ip_address(\"::1\") in ip_network(\"0.0.0.0/0\")"));
    assert!(truth("return ak_client_ip.is_private and not ip_address(\"8.8.8.8\").is_private"));
    assert!(truth("return ak_client_ip == ip_address(\"10.1.2.3\") and ak_client_ip.version == 4"));
    assert_eq!(value("return f\"from {ak_client_ip}\""), Value::from("from 10.1.2.3"));
    assert_eq!(value("return ak_client_ip"), Value::from("10.1.2.3"));
    assert_eq!(raised("return ip_network(\"10.0.0.1/8\")").1, "ValueError");
    assert_eq!(raised("return ip_address(\"10.0.0.256\")").1, "ValueError");
    assert_eq!(raised("return \"10.0.0.1\" in ip_network(\"10.0.0.0/8\")").1, "TypeError");
}

#[test]
fn the_pure_functions_are_there() {
    assert_eq!(value("return regex_replace(user.email, r\"@.*$\", \"\")"), Value::from("ada"));
    assert_eq!(value("return slugify(\"Grace Hopper!\")"), Value::from("grace-hopper"));
    assert_eq!(
        value("return [list_flatten([4, 5]), list_flatten([]), list_flatten(\"x\")]"),
        Value::list([4.into(), Value::None, "x".into()])
    );
    assert_eq!(raised("return regex_match(1, \"x\")").1, "TypeError");
    assert_eq!(raised("return regex_match(\"x\", \"(\")").1, "ValueError");
}

#[test]
fn modules_of_the_standard_library_can_be_imported() {
    assert_eq!(value("import json\nreturn json.loads(json.dumps({\"a\": [1]}))[\"a\"][0]"), Value::Int(1));
    assert_eq!(value("import re\nreturn re.sub(r\"\\s+\", \"-\", \"a  b\")"), Value::from("a-b"));
    assert_eq!(value("from math import (floor, ceil)\nreturn floor(1.5) + ceil(1.5)"), Value::Int(3));
    assert_eq!(value("import base64\nreturn base64.b64encode(b\"x\").decode()"), Value::from("eA=="));
    let (line, exception, message) = raised("x = 1\nimport ldap3\nreturn x");
    assert_eq!((line, exception.as_str()), (2, "ModuleNotFoundError"));
    assert!(message.contains("ldap3"), "{message}");
}

#[test]
fn the_time_of_day_is_the_clock_of_the_house() {
    let source = "from datetime import datetime, timezone, timedelta\n\
                  age = datetime.now(timezone.utc) - user.last_login\nreturn age < timedelta(days=1)";
    assert!(truth(source));
    assert_eq!(value("import datetime\nreturn datetime.date.today().isoformat()"), Value::from("2027-01-15"));
    assert!(truth("return user.last_login.year == 2027"));
}

#[test]
fn a_mapping_can_skip_an_object() {
    assert_eq!(evaluate("raise SkipObject"), Err(EvalError::Skipped));
    assert_eq!(
        evaluate("if user.is_active:\n    raise SkipObject(\"not this one\")"),
        Err(EvalError::Skipped)
    );
    assert_eq!(
        evaluate("try:\n    raise SkipObject\nexcept Exception:\n    return 1"),
        Err(EvalError::Skipped)
    );
}

#[test]
fn what_is_said_to_the_logger_is_kept() {
    let outcome = evaluate_in(
        &Shared::default(),
        "ak_logger.info(\"seen\", user=user.username)\nak_logger.warning(3)",
        Limits::default(),
    )
    .unwrap();
    let [first, second] = outcome.logs.as_slice() else { panic!("{:?}", outcome.logs) };
    assert_eq!((first.level, first.message.as_str()), (LogLevel::Info, "seen"));
    assert_eq!(first.fields, [("user".to_owned(), Value::from("ada"))]);
    assert_eq!((second.level, second.message.as_str()), (LogLevel::Warning, "3"));
}

#[test]
fn an_exception_names_the_line_of_the_body() {
    let source = "x = 1\n\ndef inner():\n    return {}[\"k\"]\n\nreturn inner()";
    let (line, exception, message) = raised(source);
    assert_eq!((line, exception.as_str(), message.as_str()), (4, "KeyError", "k"));
    assert_eq!(raised("return nobody_defined_this").1, "NameError");
    assert_eq!(raised("x = 0\nreturn 1 / x").0, 2);
    assert_eq!(raised("return user.nothing").2, "'User' object has no attribute 'nothing'");
    assert_eq!(raised("return user.nothing()").1, "AttributeError");
}

#[test]
fn a_name_nobody_defined_is_never_true() {
    for source in ["return ak_admin", "return not_a_function", "return print_it if print_it else 1"] {
        assert_eq!(raised(source).1, "NameError", "{source}");
    }
    for source in [
        "return ak_message",
        "return slugify",
        "return len",
        "return int",
        "return lambda: 1",
        "return ip_address",
        "import re\nreturn re",
        "return (n for n in [1])",
        "class A: pass\nreturn A()",
        "return [print]",
        "return 2**70",
        "return b\"x\"",
    ] {
        match evaluate(source) {
            Err(EvalError::NotAValue { .. }) => {}
            // Generators are lists in this interpreter.
            Ok(Value::List(_)) if source.contains("for n") => {}
            other => panic!("{source}: {other:?}"),
        }
    }
}

#[test]
fn bodies_come_with_any_line_endings_and_indents() {
    assert_eq!(value("if True:\r\n    return 1\r\nreturn 2"), Value::Int(1));
    assert_eq!(value("    if True:\n        return 1\n    return 2"), Value::Int(1));
    assert_eq!(value("if True:\n\treturn 1\nreturn 2"), Value::Int(1));
    assert_eq!(value("text = \"\"\"one\ntwo\"\"\"\nreturn text"), Value::from("one\ntwo"));
    assert_eq!(value("return (\n1\n+\n2\n)"), Value::Int(3));
}

#[test]
fn what_is_not_supported_says_so_when_it_is_saved() {
    for source in ["match 1:\n    case 1: pass", "class A(B): pass"] {
        let error = Program::compile(source, &NAMES).unwrap_err();
        assert_eq!(error.line(), Some(1), "{source}: {error}");
        assert!(error.to_string().contains("expressions do not support"), "{source}: {error}");
    }
    assert_eq!(Program::compile("x = 1\nreturn (", &[]).unwrap_err().line(), Some(2));
    assert_eq!(Program::compile("return 1\n  return 2", &[]).unwrap_err().line(), Some(2));
}

#[test]
fn what_is_not_supported_when_it_runs_says_so_too() {
    for (source, exception) in [
        ("return {'a': 1} | {'b': 2}", "TypeError"),
        (
            "return list(filter(lambda g: ak_is_group_member(user, name=g), ['admins']))",
            "NotImplementedError",
        ),
        ("return sorted([user, user], key=lambda u: u.email)", "AttributeError"),
        ("return locals()", "NameError"),
        ("from authentik.core.tasks import clean", "ModuleNotFoundError"),
    ] {
        assert_eq!(raised(source).1, exception, "{source}");
    }
}

#[test]
fn variables_are_identifiers() {
    for names in [&["a b"][..], &["_cs_out"], &["x", "x"], &["def"], &[""], &["x):\n    pass\ndef f(y"]] {
        assert!(
            matches!(Program::compile("return 1", names), Err(CompileError::BadName { .. })),
            "{names:?}"
        );
    }
}
