//! What expressions reach beyond the request: other policies, events, people, other machines. And what they do not.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use countersign_model::{BoundTo, EventAction, PolicyEngineMode::Any};
use countersign_outbound::{Outbound, Rules};
use countersign_policies::{PolicyError, Reach, Says, Surroundings, TokenMint, TokenOrder};
use countersign_store::{Snapshot, users};
use serde_json::{Value as Json, json};

use crate::house::{House, id, request, with_context};

/// A machine inside the house that says what it was asked.
fn machine() -> (u16, Arc<AtomicUsize>) {
    machine_after(|| {})
}

/// The same, which answers once this has returned.
fn machine_after(wait: impl Fn() + Send + Sync + 'static) -> (u16, Arc<AtomicUsize>) {
    let wait = Arc::new(wait);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (counted, wait) = (Arc::clone(&counted), Arc::clone(&wait));
            std::thread::spawn(move || {
                let mut head = [0; 4096];
                let count = stream.read(&mut head).unwrap_or(0);
                let seen = String::from_utf8_lossy(&head[..count]).replace("\r\n", "|").replace('"', "'");
                counted.fetch_add(1, Ordering::SeqCst);
                wait();
                let body = format!("{{\"seen\": \"{seen}\"}}");
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                drop(stream.write_all(answer.as_bytes()));
            });
        }
    });
    (port, asked)
}

fn outbound(port: u16, networks: &[&str]) -> Reach {
    let rules = Rules {
        hosts: vec![format!("http://127.0.0.1:{port}").parse().unwrap()],
        networks: networks.iter().map(|network| network.parse().unwrap()).collect(),
    };
    Reach { outbound: Some(Outbound::new(rules).unwrap()), ..Reach::default() }
}

fn house(reach: Reach) -> House {
    House::reaching(reach, Surroundings::bare)
}

async fn refusal(house: &House, body: &str) -> String {
    match house.run(body, &request(None)).await {
        Err(PolicyError::Expression { problem, .. }) => problem,
        other => panic!("{body}: {other:?}"),
    }
}

#[tokio::test]
async fn a_policy_asks_another_and_hands_on_what_it_says() {
    let house = House::new();
    house.expression("office", "ak_message('From ' + place)\nreturn place == 'office'").await;
    house
        .policy(
            "fixed",
            "authentik_policies_dummy.dummypolicy",
            json!({ "result": true, "wait_min": 0, "wait_max": 0 }),
        )
        .await;
    let asked = request(None);
    for (body, expected) in [
        ("return ak_call_policy('office', place='office').passing", json!(true)),
        ("return ak_call_policy(name='office', place='home').passing", json!(false)),
        ("return ak_call_policy('office', place='home').messages", json!(["From home"])),
        ("return ak_call_policy('fixed').passing", json!(true)),
        ("return ak_call_policy('office').passing", json!(false)),
    ] {
        assert_eq!(house.value(body, &asked).await, expected, "{body}");
    }
    let handing =
        house.expression("handing", "return ak_call_policy('office', place=context['place'])").await;
    house.bind(id("door"), BoundTo::Policy(handing), |_| {}).await;
    let at = |place: &str| with_context(request(None), json!({ "place": place }));
    assert!(house.passes(id("door"), Any, &at("office")).await);
    assert!(!house.passes(id("door"), Any, &at("home")).await, "a result that does not pass is not true");
    assert!(refusal(&house, "return ak_call_policy('nobody').passing").await.contains("there is no policy"));
}

#[tokio::test]
async fn what_an_asked_policy_leaves_in_the_plan_stays() {
    let house = House::new();
    house.expression("writer", "flow_plan.context['seen'] = 1\nreturn True").await;
    let asked = request(None);
    let seen = house.value("ak_call_policy('writer')\nreturn flow_plan.context['seen']", &asked).await;
    assert_eq!((seen, asked.changes.get("seen")), (json!(1), Some(json!(1))));
}

#[tokio::test]
async fn policies_that_ask_each_other_for_ever_are_stopped() {
    let house = House::new();
    for (name, body) in [
        ("self", "return ak_call_policy('self').passing"),
        ("ping", "return not ak_call_policy('pong').passing and False"),
        ("pong", "return ak_call_policy('ping').passing"),
        ("many", "return any([ak_call_policy('many').passing for _ in range(100)])"),
        ("bomb", "while True:\n    ak_call_policy('bomb')"),
        ("sleeper", "return ak_call_policy('slow').passing"),
    ] {
        house.expression(name, body).await;
        let policy = id(name);
        house
            .bind(
                id(&format!("door {name}")),
                BoundTo::Policy(countersign_model::ConfigObjectId(policy)),
                |_| {},
            )
            .await;
    }
    house
        .policy(
            "slow",
            "authentik_policies_dummy.dummypolicy",
            json!({ "result": true, "wait_min": 60, "wait_max": 60 }),
        )
        .await;
    for name in ["self", "pong", "many", "bomb", "sleeper"] {
        let begun = Instant::now();
        assert!(!house.passes(id(&format!("door {name}")), Any, &request(None)).await, "{name} granted");
        assert!(begun.elapsed() < Duration::from_secs(60), "{name} waited for the one who sleeps");
        assert_eq!(house.value("return 1", &request(None)).await, json!(1), "{name} hurt the next");
    }
}

#[tokio::test]
async fn events_are_recorded_when_the_expression_has_come_to_an_end() {
    let house = House::new();
    let alice = house.user("alice", &[]).await;
    let asked = request(Some(&alice));
    house
        .value(
            "return ak_create_event('badge_missing', door=3, password='secret', who=user.username)",
            &asked,
        )
        .await;
    let events = house.events().await;
    assert_eq!(events.len(), 1);
    assert_eq!(
        (events[0].action, events[0].context["name"].as_str()),
        (EventAction::Custom, Some("badge_missing"))
    );
    assert_eq!((&events[0].context["door"], &events[0].context["who"]), (&json!(3), &json!("alice")));
    assert_ne!(events[0].context["password"], json!("secret"), "secrets are redacted as everywhere");
    assert_eq!(events[0].user.as_ref().map(|user| user.username.as_str()), Some("alice"));
    assert!(house.run("ak_create_event('x')\nreturn 1 / 0", &asked).await.is_err());
    let source = countersign_policies::Source::new("trial", "ak_create_event('x')\nreturn 1");
    house.policies.expressions().try_out(&source, asked.clone()).await.outcome.unwrap();
    assert_eq!(house.events().await.len(), 1, "neither failures nor trials leave any");
}

#[tokio::test]
async fn an_expression_cannot_flood_the_trail() {
    let house = House::new();
    for body in [
        "while True:\n    ak_create_event('x')",
        "while True:\n    try:\n        ak_create_event('x')\n    except Exception:\n        pass",
        "for i in range(50):\n    ak_create_event('x' * 100000, big='y' * 100000)",
    ] {
        assert!(house.run(body, &request(None)).await.is_err(), "{body}");
    }
    assert_eq!(house.events().await.len(), 0);
}

#[tokio::test]
async fn people_and_groups_are_found_as_django_would() {
    let house = House::new();
    let staff = house.group("staff", &[]).await;
    house.group("guests", &[]).await;
    for name in ["alice", "bob", "carol"] {
        house.user(name, &[staff]).await;
    }
    let bob = house.user("dave", &[]).await.user.id;
    house
        .store
        .write(move |tx| {
            let mut user = users::by_id(tx, bob)?.unwrap();
            (user.is_active, user.email) = (false, "ALICE@example.com".to_owned());
            users::update(tx, &user)
        })
        .await
        .unwrap();
    for (body, expected) in [
        ("return User.objects.filter(username='alice').exists()", json!(true)),
        ("return User.objects.filter(email__iexact='alice@EXAMPLE.com').count()", json!(2)),
        ("return User.objects.filter(email__iexact='alice@example.com').exclude(pk=1).count()", json!(1)),
        ("return User.objects.filter(email='alice@example.com', is_active=True).exists()", json!(true)),
        ("return User.objects.filter(username='nobody').first()", Json::Null),
        (
            "return [u.username for u in User.objects.filter(is_active=True).all()]",
            json!(["alice", "bob", "carol"]),
        ),
        ("return User.objects.filter(username__startswith='b').first().name", json!("bob of the house")),
        (
            "return User.objects.exclude(username='alice').filter(attributes__department='tests').count()",
            json!(3),
        ),
        ("return User.objects.filter(attributes__settings__locale__iexact='KO').count()", json!(4)),
        ("return User.objects.filter(attributes__missing='x').exists()", json!(false)),
        ("return User.objects.get(username='bob').email", json!("bob@example.com")),
        ("return User.objects.all()[0].username", json!("alice")),
        ("return Group.objects.filter(name='staff').exists()", json!(true)),
        ("return Group.objects.filter(name__in=['staff', 'x']).first().attributes['of']", json!("staff")),
        ("return Group.objects.count()", json!(2)),
        ("return ak_is_group_member(User.objects.get(username='alice'), name='staff')", json!(true)),
        (
            "return [UserTypes.INTERNAL, USER_ATTRIBUTE_CHANGE_EMAIL]",
            json!(["internal", "goauthentik.io/user/can-change-email"]),
        ),
    ] {
        let body = format!(
            "from authentik.core.models import (\n    Group, User, UserTypes,\n    USER_ATTRIBUTE_CHANGE_EMAIL,\n)\n{body}"
        );
        assert_eq!(house.value(&body, &request(None)).await, expected, "{body}");
    }
}

#[tokio::test]
async fn queries_give_no_answer_about_a_part_and_no_secret() {
    let house = House::new();
    house
        .store
        .write(|tx| {
            let batch: Vec<_> =
                (0..600).map(|number| crate::house::somebody(tx, &format!("user{number:04}"))).collect();
            users::create_batch(tx, &batch.into_iter().collect::<Result<Vec<_>, _>>()?)
        })
        .await
        .unwrap();
    let import = "from authentik.core.models import User\n";
    for body in [
        "return User.objects.filter(username__contains='9').exists()",
        "return User.objects.count()",
        "return User.objects.filter(password__startswith='$argon').exists()",
        "return User.objects.filter(attributes__='x').exists()",
        "return User.objects.filter(groups__name='x').exists()",
        "User.objects.filter(username='user0001').delete()",
        "User.objects.filter(username='user0001').update(is_superuser=True)",
        "User.objects.create(username='eve')",
        "return User.objects.get(is_active=True)",
        "return User._meta",
        "while True:\n    User.objects.filter(username='user0001').exists()",
    ] {
        refusal(&house, &format!("{import}{body}")).await;
    }
    assert_eq!(
        house
            .value(
                &format!("{import}return User.objects.filter(username='user0599').count()"),
                &request(None)
            )
            .await,
        json!(1)
    );
}

#[tokio::test]
async fn authenticators_are_looked_for_where_there_are_kinds_of_them() {
    let devices: Vec<(&'static str, countersign_policies::HasDevice)> = vec![
        ("totp", |tx, user| Ok(users::by_id(tx, user)?.is_some_and(|user| user.username == "alice"))),
        ("webauthn", |_, _| Ok(false)),
    ];
    let house = house(Reach { devices, ..Reach::default() });
    let (alice, bob) = (house.user("alice", &[]).await, house.user("bob", &[]).await);
    for (user, body, expected) in [
        (&alice, "return ak_user_has_authenticator(user)", true),
        (&alice, "return ak_user_has_authenticator(request.user, 'TOTP')", true),
        (&alice, "return ak_user_has_authenticator(user, device_type='webauthn')", false),
        (&alice, "return ak_user_has_authenticator(user, 'nonsense')", false),
        (&bob, "return ak_user_has_authenticator(user)", false),
    ] {
        assert_eq!(house.value(body, &request(Some(user))).await, json!(expected), "{body}");
    }
    assert_eq!(house.value("return ak_user_has_authenticator(user)", &request(None)).await, json!(false));
    refusal(&house, "return ak_user_has_authenticator('alice')").await;
}

pub(crate) struct Mint;

impl TokenMint for Mint {
    fn mint(&self, _: &Arc<Snapshot>, order: TokenOrder<'_>) -> Result<String, String> {
        if order.provider != "app" {
            return Err(format!("there is no provider '{}'", order.provider));
        }
        Ok(match order.says {
            Says::User { subject, scopes } => {
                format!("{} {} {}", subject.user.username, scopes.join("+"), order.validity)
            }
            Says::Claims { claims, subject } => {
                let about = subject.map(|subject| subject.user.username.as_str()).unwrap_or_default();
                format!("{} {about} {}", Json::Object(claims), order.validity)
            }
        })
    }
}

#[tokio::test]
async fn nobody_makes_tokens_in_the_name_of_others() {
    let house = house(Reach { mint: Some(Arc::new(Mint)), ..Reach::default() });
    let (alice, _) = (house.user("alice", &[]).await, house.user("root", &[]).await);
    let asked = request(Some(&alice));
    let made = house.value("return ak_create_jwt(user, 'app', ['openid', 'email'])", &asked).await;
    assert_eq!(made, json!("alice openid+email minutes=1"));
    let made = house
        .value("return ak_create_jwt(request.user, {'name': 'app'}, 'openid', validity='days=300')", &asked)
        .await;
    assert_eq!(made, json!("alice openid days=1"), "no token lives for long");
    for body in [
        "return ak_create_jwt(ak_user_by(username='root'), 'app', ['openid'])",
        "from authentik.core.models import User\nreturn ak_create_jwt(User.objects.get(username='root'), 'app', ['openid'])",
        "context['pending_user'] = ak_user_by(username='root')\nreturn ak_create_jwt(context['pending_user'], 'app', ['openid'])",
        "return ak_create_jwt(user, 'app', ['goauthentik.io/api'])",
        "return ak_create_jwt(user, 'app', 'openid goauthentik.io/api')",
        "return ak_create_jwt(user, 'other', ['openid'])",
        "return ak_create_jwt('alice', 'app', ['openid'])",
    ] {
        assert!(house.run(body, &asked).await.is_err(), "{body}");
    }
    assert!(
        house.run("return ak_create_jwt(user, 'app', ['openid'])", &request(None)).await.is_err(),
        "nobody"
    );
}

#[tokio::test]
async fn a_token_with_claims_of_ones_own_is_no_sign_in() {
    let house = house(Reach { mint: Some(Arc::new(Mint)), ..Reach::default() });
    let alice = house.user("alice", &[]).await;
    let asked = request(Some(&alice));
    let made = house
        .value(
            "return ak_create_jwt_raw('app', room={'name': user.username}, aud='other', iss='x', exp=1)",
            &asked,
        )
        .await;
    let expected = "{\"room\":{\"name\":\"alice\"}} alice minutes=1";
    assert_eq!(made, json!(expected), "what the provider says itself is not the expression's");
    let made = house.value("return ak_create_jwt_raw('app', 'days=300')", &request(None)).await;
    assert_eq!(made, json!("{}  days=1"), "no token lives for long");
    for body in [
        "return ak_create_jwt_raw('app', nonce='n')",
        "return ak_create_jwt_raw('app', events={'http://schemas.openid.net/event/backchannel-logout': {}})",
        "return ak_create_jwt_raw('app', sid='s')",
        "return ak_create_jwt_raw('app', at_hash='h')",
        "return ak_create_jwt_raw('app', text='x' * 10000)",
        "return ak_create_jwt_raw('app', validity=7)",
        "return ak_create_jwt_raw('app', user=user)",
        "return ak_create_jwt_raw('other')",
        "return ak_create_jwt_raw()",
    ] {
        assert!(house.run(body, &asked).await.is_err(), "{body}");
    }
    let without = House::new();
    assert!(without.run("return ak_create_jwt_raw('app')", &asked).await.is_err(), "nobody makes any");
}

#[tokio::test]
async fn requests_go_where_the_administrator_allows() {
    let (port, _) = machine();
    let house = house(outbound(port, &["127.0.0.0/8"]));
    let body = format!(
        "import requests\nr = requests.post('http://127.0.0.1:{port}/x', json={{'a': 1}}, params={{'q': 'a b'}}, \
         headers={{'X-Own': 'yes'}}, auth=('u', 'p'), timeout=3)\nr.raise_for_status()\n\
         return [r.status_code, r.ok, r.headers['Content-Type'], r.json()['seen']]"
    );
    let answer = house.value(&body, &request(None)).await;
    assert_eq!((&answer[0], &answer[1], &answer[2]), (&json!(200), &json!(true), &json!("application/json")));
    let seen = answer[3].as_str().unwrap().to_lowercase();
    for part in [
        "post /x?q=a+b http/1.1|",
        "x-own: yes",
        "authorization: basic dtpw",
        "content-type: application/json",
    ] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
    let session = format!(
        "import requests\ns = requests.Session()\nreturn s.get('http://127.0.0.1:{port}/').status_code"
    );
    assert_eq!(house.value(&session, &request(None)).await, json!(200));
}

#[tokio::test]
async fn ssrf_by_an_expression_reaches_nothing() {
    let (port, asked) = machine();
    let closed = house(outbound(port, &[]));
    let without = House::new();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://2130706433:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "https://example.com/".to_owned(),
    ] {
        for house in [&closed, &without] {
            let problem =
                refusal(house, &format!("import requests\nreturn requests.get('{url}').status_code")).await;
            assert!(
                problem.contains("PermissionError") || problem.contains("ValueError"),
                "{url}: {problem}"
            );
        }
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    let caught = "import requests\ntry:\n    requests.get('http://169.254.169.254/')\nexcept requests.exceptions.RequestException:\n    return 'caught'";
    assert_eq!(closed.value(caught, &request(None)).await, json!("caught"));
}

#[tokio::test]
async fn a_slow_machine_holds_up_only_who_asks_it() {
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    // Who asks waits until the other end of the channel is gone.
    let (port, asked) = machine_after(move || assert!(gate.lock().unwrap().recv().is_err()));
    let limits = countersign_expr::Limits { waiting: Duration::from_secs(120), ..Default::default() };
    let reach = Reach { answer_time: Duration::from_secs(120), ..outbound(port, &["127.0.0.0/8"]) };
    let house = Arc::new(House::limited(limits, reach));
    let body = format!("import requests\nreturn requests.get('http://127.0.0.1:{port}/').status_code");
    let waiting: Vec<_> = (0..6)
        .map(|_| {
            let (house, body) = (Arc::clone(&house), body.clone());
            tokio::spawn(async move { house.value(&body, &request(None)).await })
        })
        .collect();
    // Two threads, and both have somebody who waits.
    while asked.load(Ordering::SeqCst) < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(house.value("import math\nreturn math.floor(1.5)", &request(None)).await, json!(1));
    assert!(waiting.iter().all(|answer| !answer.is_finished()), "nobody was answered before");
    drop(open);
    for answer in waiting {
        assert_eq!(answer.await.unwrap(), json!(200), "longer than an expression may compute, and allowed");
    }
}

#[tokio::test]
async fn waiting_ends_too() {
    let (port, asked) = machine_after(|| {
        loop {
            std::thread::park();
        }
    });
    let limits = countersign_expr::Limits { waiting: Duration::from_millis(600), ..Default::default() };
    let reach = Reach { answer_time: Duration::from_millis(250), ..outbound(port, &["127.0.0.0/8"]) };
    let house = House::limited(limits, reach);
    for body in [
        "requests.get(url)",
        "while True:\n    try:\n        requests.get(url)\n    except BaseException:\n        pass",
        "while True:\n    try:\n        requests.get(url, timeout=9999)\n    except requests.exceptions.RequestException:\n        pass",
    ] {
        refusal(&house, &format!("import requests\nurl = 'http://127.0.0.1:{port}/'\n{body}")).await;
    }
    assert!(asked.load(Ordering::SeqCst) < 12);
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_none() {
    let (port, asked) = machine();
    let house = house(Reach { answer_bytes: 1024, ..outbound(port, &["127.0.0.0/8"]) });
    let body = |text: &str| {
        format!(
            "import requests\ntry:\n    return len(requests.get('http://127.0.0.1:{port}/' + {text}).text) > 0\n\
             except requests.exceptions.RequestException as error:\n    return str(error)"
        )
    };
    assert_eq!(house.value(&body("'short'"), &request(None)).await, json!(true));
    let said = house.value(&body("'x' * 2000"), &request(None)).await;
    assert!(said.as_str().is_some_and(|said| !said.is_empty()), "{said}");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_random_identifier_is_another_every_time() {
    let house = House::new();
    let body = "import uuid\na, b = uuid.uuid4(), uuid.uuid4()\nreturn [a == b, a.version, len(str(a))]";
    assert_eq!(house.value(body, &request(None)).await, json!([false, 4, 36]));
}

#[tokio::test]
async fn names_are_looked_up_within_limits() {
    let house = house(Reach { outbound: Some(Outbound::new(Rules::default()).unwrap()), ..Reach::default() });
    let asked = request(None);
    assert_eq!(house.value("return resolve_dns('localhost', 4)", &asked).await, json!(["127.0.0.1"]));
    assert_eq!(house.value("return resolve_dns('127.0.0.1', ip_version=6)", &asked).await, json!([]));
    let name = house.value("return reverse_dns('127.0.0.1')", &asked).await;
    assert!(name.as_str().is_some_and(|name| !name.is_empty()), "{name}");
    for body in [
        "return resolve_dns('a b')",
        "return resolve_dns('x' * 1000)",
        "return resolve_dns('localhost', 5)",
        "return reverse_dns('nonsense')",
        "while True:\n    resolve_dns('localhost')",
    ] {
        refusal(&house, body).await;
    }
    let deaf = self::house(Reach {
        dns: false,
        outbound: Some(Outbound::new(Rules::default()).unwrap()),
        ..Reach::default()
    });
    assert!(refusal(&deaf, "return resolve_dns('localhost')").await.contains("PermissionError"));
}
