//! What expressions may see and do, and what they never see.

use crate::house::{HASH, House, request, with_context};
use countersign_model::{Application, ApplicationId, PolicyEngineMode};
use countersign_store::applications;
use serde_json::{Value as Json, json};

#[tokio::test]
async fn the_user_of_the_request_has_the_attributes_of_an_account() {
    let house = House::new();
    let staff = house.group("staff", &[]).await;
    let team = house.group("team", &[staff]).await;
    let alice = house.user("alice", &[team]).await;
    let asked = request(Some(&alice));
    for (body, expected) in [
        ("return request.user.username", json!("alice")),
        ("return request.user.name", json!("alice of the house")),
        ("return request.user.email", json!("alice@example.com")),
        ("return request.user.pk", json!(alice.user.pk)),
        ("return request.user.uuid", json!(alice.user.id.to_string())),
        ("return len(request.user.uid)", json!(64)),
        ("return request.user.is_active", json!(true)),
        ("return request.user.is_superuser", json!(false)),
        ("return request.user.is_authenticated", json!(true)),
        ("return request.user.type", json!("internal")),
        ("return request.user.path", json!("users")),
        ("return request.user.attributes.get('department')", json!("tests")),
        ("return request.user.attributes['department']", json!("tests")),
        ("return [g.name for g in request.user.groups.all()]", json!(["team"])),
        ("return [g.name for g in request.user.ak_groups.all()]", json!(["team"])),
        ("return [g.name for g in request.user.all_groups()]", json!(["staff", "team"])),
        ("return request.user.groups.filter(name='team').exists()", json!(true)),
        ("return request.user.groups.filter(name='staff').exists()", json!(false)),
        ("return request.user.groups.exclude(name='team').count()", json!(0)),
        ("return request.user.groups.first().parents.first().name", json!("staff")),
        ("return request.user.groups.first().attributes['of']", json!("team")),
        ("return request.user.group_attributes()['tags']", json!(["staff", "team"])),
        ("return request.user.group_attributes(request)['department']", json!("tests")),
        ("return request.user.has_usable_password()", json!(true)),
        ("return request.user.date_joined.year", json!(2023)),
        ("return request.user.last_login", Json::Null),
        ("return request.user.locale()", json!("ko")),
        ("return user.username", json!("alice")),
        ("return user == request.user", json!(true)),
    ] {
        assert_eq!(house.value(body, &asked).await, expected, "{body}");
    }
}

#[tokio::test]
async fn nobody_is_an_anonymous_user() {
    let house = House::new();
    for (body, expected) in [
        ("return request.user.is_authenticated", json!(false)),
        ("return request.user.is_superuser", json!(false)),
        ("return request.user.pk", json!(0)),
        ("return request.user.username", json!("")),
        ("return request.user.groups.all()", json!([])),
        ("return request.user.all_groups()", json!([])),
        ("return request.user.groups.filter(name='x').exists()", json!(false)),
        ("return request.user.attributes.get('x', 1)", json!(1)),
        ("return request.user.group_attributes()", json!({})),
        ("return request.user.has_usable_password()", json!(false)),
        ("return request.user.locale()", json!("en")),
        ("return ak_is_group_member(request.user, name='staff')", json!(false)),
    ] {
        assert_eq!(house.value(body, &request(None)).await, expected, "{body}");
    }
}

#[tokio::test]
async fn the_password_hash_does_not_exist_for_expressions() {
    let house = House::new();
    let alice = house.user("alice", &[]).await;
    let asked = with_context(request(Some(&alice)), json!({ "pending_user": { "$user": alice.user.id } }));
    for body in [
        "return request.user['password']",
        "return request.user.__dict__",
        "return vars(request.user)",
        "return ak_user_by(password__startswith='$argon2')",
    ] {
        let outcome = house.run(body, &asked).await;
        let shown = format!("{outcome:?}");
        assert!(outcome.is_err() && !shown.contains("argon2id"), "{body}: {shown}");
    }
    for body in [
        // Mappings that hand a password on get one that is nobody's.
        "return request.user.password",
        "return getattr(request.user, 'password', None)",
        "return context['pending_user'].password",
        "return pending_user.password",
        "return ak_user_by(username='alice').password",
        "return str(request.user) + repr(pending_user)",
        "return f'{request.user}'",
        "return [str(x) for x in context.items()]",
    ] {
        let shown = house.value(body, &asked).await.to_string();
        assert!(!shown.contains(HASH) && !shown.contains("argon2") && shown != "true", "{body}: {shown}");
    }
}

#[tokio::test]
async fn membership_includes_ancestors_and_unknown_conditions_are_errors() {
    let house = House::new();
    let staff = house.group("staff", &[]).await;
    let team = house.group("team", &[staff]).await;
    let alice = house.user("alice", &[team]).await;
    let asked = request(Some(&alice));
    for (body, expected) in [
        ("return ak_is_group_member(request.user, name='team')", true),
        ("return ak_is_group_member(request.user, name='staff')", true),
        ("return ak_is_group_member(request.user, name='Staff')", false),
        ("return ak_is_group_member(request.user, name__iexact='Staff')", true),
        ("return ak_is_group_member(request.user, name__in=['x', 'team'])", true),
        ("return ak_is_group_member(user=request.user, name='other')", false),
        ("return ak_is_group_member(request.user, name='team', is_superuser=True)", false),
    ] {
        assert_eq!(house.value(body, &asked).await, json!(expected), "{body}");
    }
    let by_pk = format!("return ak_is_group_member(request.user, pk='{staff}')");
    assert_eq!(house.value(&by_pk, &asked).await, json!(true));
    for body in [
        "return ak_is_group_member(request.user)",
        "return ak_is_group_member(request.user, nmae='team')",
        "return ak_is_group_member('alice', name='team')",
        "return ak_is_group_member(request, name='team')",
        "return ak_is_group_member()",
    ] {
        assert!(house.run(body, &asked).await.is_err(), "{body}");
    }
}

#[tokio::test]
async fn users_are_looked_up_by_name_address_and_key() {
    let house = House::new();
    let alice = house.user("alice", &[]).await;
    house.user("bob", &[]).await;
    let asked = request(None);
    let (pk, uuid) = (alice.user.pk, alice.user.id);
    for condition in [
        "username='alice'".to_owned(),
        "username__iexact='ALICE'".to_owned(),
        "email='alice@example.com'".to_owned(),
        "email__iexact='Alice@Example.com'".to_owned(),
        format!("pk={pk}"),
        format!("id='{pk}'"),
        format!("uuid='{uuid}'"),
        "username='alice', is_active=True".to_owned(),
    ] {
        let body = format!("return ak_user_by({condition}).username");
        assert_eq!(house.value(&body, &asked).await, json!("alice"), "{body}");
    }
    for condition in [
        "username='ALICE'",
        "username='nobody'",
        "email='nobody@example.com'",
        "pk=999999",
        "uuid='00000000-0000-0000-0000-000000000000'",
        "username='alice', is_active=False",
        "username='alice', email='bob@example.com'",
    ] {
        let body = format!("return ak_user_by({condition}) is None");
        assert_eq!(house.value(&body, &asked).await, json!(true), "{body}");
    }
    for condition in ["", "name='alice'", "email=''", "is_active=True", "'alice'", "usrname='alice'"] {
        let body = format!("return ak_user_by({condition})");
        assert!(house.run(&body, &asked).await.is_err(), "{body}");
    }
}

#[tokio::test]
async fn messages_reach_the_caller() {
    let house = House::new();
    let said =
        house.run("ak_message('one')\nak_message('two')\nak_logger.info('x', a=1)", &request(None)).await;
    assert_eq!(said.unwrap().messages, ["one", "two"]);
    let chatter =
        house.run("for i in range(100):\n    ak_message('x' * 5000)", &request(None)).await.unwrap();
    assert_eq!(chatter.messages.len(), 32);
    assert!(chatter.messages.iter().all(|message| message.len() == 1000));
    assert!(house.run("ak_message(1)", &request(None)).await.is_err());
}

#[tokio::test]
async fn facts_of_the_request_are_variables() {
    let house = House::new();
    let mut asked = request(None);
    asked.is_sso = true;
    for (body, expected) in [
        ("return ak_is_sso_flow", json!(true)),
        ("return str(ak_client_ip)", json!("10.1.2.3")),
        ("return ak_client_ip in ip_network('10.0.0.0/8')", json!(true)),
        ("return ak_client_ip.is_private", json!(true)),
        ("return request.http_request.get_host()", json!("auth.example.com")),
        ("return http_request.is_secure()", json!(true)),
        ("return http_request.build_absolute_uri('/x')", json!("https://auth.example.com/x")),
        ("return http_request.headers['User-Agent']", json!("Browser")),
        ("return request.obj", Json::Null),
        ("return request.debug", json!(false)),
    ] {
        assert_eq!(house.value(body, &asked).await, expected, "{body}");
    }
    assert!(house.run("return http_request.build_absolute_uri('//evil.example')", &asked).await.is_ok());
}

#[tokio::test]
async fn the_context_reads_like_a_dictionary() {
    let house = House::new();
    let context = json!({
        "prompt_data": { "username": "u", "nested": { "a": [1, 2] } }, "empty": {}, "is-restored": true,
        "goauthentik.io:x": 7, "ak_message": "mine", "class": 1
    });
    let asked = with_context(request(None), context);
    for (body, expected) in [
        ("return context['prompt_data']['username']", json!("u")),
        ("return request.context['prompt_data'].get('username')", json!("u")),
        ("return context.get('prompt_data', {}).get('missing', 3)", json!(3)),
        ("return context.get('missing')", Json::Null),
        ("return 'prompt_data' in context", json!(true)),
        ("return 'missing' in request.context", json!(false)),
        ("return 'username' not in context.get('prompt_data', {})", json!(false)),
        ("return prompt_data['nested']['a'][1]", json!(2)),
        ("return sorted(context['prompt_data'].keys())", json!(["nested", "username"])),
        (
            "return {k: v for k, v in context['prompt_data'].items() if k == 'username'}",
            json!({ "username": "u" }),
        ),
        ("return is_restored", json!(true)),
        ("return goauthentik_io_x", json!(7)),
        ("return bool(context['empty'])", json!(false)),
        ("return context['prompt_data']", json!({ "username": "u", "nested": { "a": [1, 2] } })),
        ("return {'data': prompt_data}", json!({ "data": { "username": "u", "nested": { "a": [1, 2] } } })),
        ("return bool(request.context.get('is_restored', True))", json!(true)),
    ] {
        assert_eq!(house.value(body, &asked).await, expected, "{body}");
    }
    assert!(house.run("return context['missing']", &asked).await.is_err());
    let said = house.run("ak_message('hello')", &asked).await.unwrap();
    assert_eq!(said.messages, ["hello"], "a context value does not stand in for a function");
}

#[tokio::test]
async fn marks_of_the_context_become_objects() {
    let house = House::new();
    let alice = house.user("alice", &[]).await;
    let context = json!({
        "pending_user": { "$user": alice.user.id },
        "ghost": { "$user": crate::house::id("ghost") },
        "pretended": { "$pretended": "typed" },
    });
    let asked = with_context(request(None), context);
    for (body, expected) in [
        ("return context['pending_user'].username", json!("alice")),
        ("return pending_user.email", json!("alice@example.com")),
        ("return request.context.get('pending_user').pk", json!(alice.user.pk)),
        ("return context['pretended'].username", json!("typed")),
        ("return pretended.is_authenticated", json!(false)),
        ("return pretended.pk", json!(0)),
        ("return pretended.groups.all()", json!([])),
    ] {
        assert_eq!(house.value(body, &asked).await, expected, "{body}");
    }
    assert!(house.run("return ghost.username", &asked).await.is_err(), "an account that is gone");
}

#[tokio::test]
async fn a_typed_mark_does_not_become_a_user() {
    let house = House::new();
    let admin = house.user("admin", &[]).await;
    let context = json!({ "prompt_data": { "friend": { "$user": admin.user.id } } });
    let asked = with_context(request(None), context);
    let body = "return context['prompt_data']['friend'].get('username')";
    assert_eq!(house.value(body, &asked).await, Json::Null);
    let forged = "context['flow_plan'].context['pending_user'] = context['prompt_data']['friend']";
    assert!(house.run(forged, &asked).await.is_err());
    let forged = format!("context['flow_plan'].context['pending_user'] = {{'$user': '{}'}}", admin.user.id);
    assert!(house.run(&forged, &asked).await.is_err());
    assert!(asked.changes.snapshot().is_empty());
}

#[tokio::test]
async fn assignments_to_the_plan_stay() {
    let house = House::new();
    let alice = house.user("alice", &[]).await;
    let context = json!({ "prompt_data": { "email": "new@example.com", "username": "" } });
    let asked = with_context(request(None), context);
    let body = "
plan = request.context['flow_plan']
plan.context['pending_user'] = ak_user_by(username='alice')
context['flow_plan'].context['redirect'] = '/x'
flow_plan.context['nested'] = {'a': [1, {'b': None}]}
request.context['prompt_data']['username'] = request.context['prompt_data']['email'].split('@')[0]
context['mine_alone'] = 1
return context['mine_alone'] == 1 and flow_plan.context['redirect'] == '/x'
";
    assert_eq!(house.value(body, &asked).await, json!(true));
    let changes = asked.changes.take();
    assert_eq!(changes["pending_user"], json!({ "$user": alice.user.id }));
    assert_eq!(changes["redirect"], "/x");
    assert_eq!(changes["nested"], json!({ "a": [1, { "b": null }] }));
    assert_eq!(changes["prompt_data"], json!({ "email": "new@example.com", "username": "new" }));
    assert_eq!(changes.len(), 4, "{changes:?}");
}

#[tokio::test]
async fn a_plan_cannot_be_flooded() {
    let house = House::new();
    let asked = request(None);
    let body = "
for i in range(50):
    flow_plan.context['k' + str(i)] = 'x' * 10000
";
    assert!(house.run(body, &asked).await.is_err());
    assert!(asked.changes.snapshot().len() < 10);
}

#[tokio::test]
async fn what_a_failed_expression_assigned_does_not_stay() {
    let house = House::new();
    let asked = request(None);
    assert!(house.run("flow_plan.context['redirect'] = '/x'\nreturn 1 / 0", &asked).await.is_err());
    assert!(asked.changes.snapshot().is_empty());
}

#[tokio::test]
async fn the_next_expression_sees_what_the_last_one_left() {
    let house = House::new();
    let asked = request(None);
    house.run("flow_plan.context['step'] = {'n': 1}", &asked).await.unwrap();
    assert_eq!(house.value("return context['step']['n'] + step['n']", &asked).await, json!(2));
    assert_eq!(asked.changes.take(), crate::house::object(json!({ "step": { "n": 1 } })));
}

#[tokio::test]
async fn the_callers_variables_come_before_the_context() {
    let house = House::new();
    let asked = with_context(request(None), json!({ "provider": "from the context" }));
    let source = countersign_policies::Source::new("mapping", "return [provider, provider_x]");
    let given = vec![("provider".to_owned(), "mine".into()), ("provider_x".to_owned(), 1_i64.into())];
    let evaluated = house.policies.expressions().evaluate(&source, given, &asked).await.unwrap();
    assert_eq!(evaluated.value.to_json().unwrap(), json!(["mine", 1]));
    let skipped = house.run("raise SkipObject", &asked).await;
    assert!(matches!(skipped, Err(countersign_policies::PolicyError::Skipped)));
}

#[tokio::test]
async fn the_application_of_the_context_is_an_object() {
    let house = House::new();
    let application = Application {
        id: ApplicationId(crate::house::id("demo")),
        name: "Demo".to_owned(),
        slug: "demo".parse().unwrap(),
        group: "Tests".to_owned(),
        provider: None,
        meta_launch_url: String::new(),
        meta_icon: String::new(),
        meta_description: "A demonstration".to_owned(),
        meta_publisher: String::new(),
        meta_hide: false,
        open_in_new_tab: false,
        policy_engine_mode: PolicyEngineMode::Any,
    };
    let mark = json!({ "$application": application.id });
    house.store.write(move |tx| applications::create(tx, &application)).await.unwrap();
    let asked = with_context(request(None), json!({ "application": mark, "gone": { "$application": "x" } }));
    for (body, expected) in [
        ("return context['application'].slug", json!("demo")),
        ("return application.name", json!("Demo")),
        ("return application.meta_description", json!("A demonstration")),
        ("return application.pk", mark["$application"].clone()),
        ("return hasattr(application, 'provider')", json!(false)),
    ] {
        assert_eq!(house.value(body, &asked).await, expected, "{body}");
    }
    house.run("flow_plan.context['next'] = application", &asked).await.unwrap();
    assert_eq!(asked.changes.get("next"), Some(mark));
}
