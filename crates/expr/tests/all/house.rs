//! A small house for expressions: a request with a user, a flow plan that can be written to, a host.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock, Mutex};

use countersign_expr::{
    EvalError, Evaluator, EvaluatorOptions, Host, HostError, HostObject, Limits, Outcome, Program, Value,
};
use countersign_types::{Clock, Timestamp};

pub(crate) struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_800_000_000)
    }
}

pub(crate) static EVALUATOR: LazyLock<Evaluator> =
    LazyLock::new(|| Evaluator::new(EvaluatorOptions::default(), Arc::new(StoppedClock)));

/// What happened to the house while expressions ran.
#[derive(Default)]
pub(crate) struct Diary {
    pub(crate) messages: Vec<String>,
    pub(crate) asked: Vec<String>,
    pub(crate) pending: Option<Value>,
}

pub(crate) type Shared = Arc<Mutex<Diary>>;

pub(crate) struct User {
    pub(crate) name: &'static str,
    pub(crate) groups: &'static [&'static str],
    pub(crate) diary: Shared,
}

impl HostObject for User {
    fn type_name(&self) -> &str {
        "User"
    }

    fn identity(&self) -> Option<String> {
        Some(self.name.to_owned())
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        self.diary.lock().unwrap().asked.push(name.to_owned());
        Ok(Some(match name {
            "username" | "name" => Value::from(self.name),
            "email" => Value::from(format!("{}@example.org", self.name)),
            "is_active" => Value::Bool(true),
            "uid" => Value::from("3f5c"),
            "last_login" => Value::DateTime(Timestamp::from_secs(1_799_990_000)),
            "attributes" => Value::dict([("locale", Value::from("ko")), ("nothing", Value::None)]),
            "groups" => Value::object(Groups(self.groups)),
            "password" => return Err(HostError::Denied("no".to_owned())),
            _ => return Ok(None),
        }))
    }

    fn call(
        &self,
        method: &str,
        args: Vec<Value>,
        _kwargs: Vec<(String, Value)>,
    ) -> Result<Value, HostError> {
        match method {
            "has_usable_password" => Ok(Value::Bool(true)),
            "echo" => Ok(args.into_iter().next().unwrap_or_default()),
            _ => Err(HostError::NoSuchMethod(method.to_owned())),
        }
    }
}

struct Group(&'static str);

impl HostObject for Group {
    fn type_name(&self) -> &str {
        "Group"
    }

    fn eager(&self) -> Vec<(&'static str, Value)> {
        vec![("name", self.0.into())]
    }

    fn attr(&self, _name: &str) -> Result<Option<Value>, HostError> {
        Ok(None)
    }
}

struct Groups(&'static [&'static str]);

impl HostObject for Groups {
    fn type_name(&self) -> &str {
        "Groups"
    }

    fn attr(&self, _name: &str) -> Result<Option<Value>, HostError> {
        Ok(None)
    }

    fn call(&self, method: &str, _: Vec<Value>, kwargs: Vec<(String, Value)>) -> Result<Value, HostError> {
        let wanted = kwargs.iter().find(|(name, _)| name == "name").map(|(_, value)| value.clone());
        let groups =
            self.0.iter().filter(|name| wanted.as_ref().is_none_or(|wanted| wanted.as_str() == Some(name)));
        match method {
            "all" | "filter" => Ok(Value::list(groups.map(|name| Value::object(Group(name))))),
            _ => Err(HostError::NoSuchMethod(method.to_owned())),
        }
    }
}

/// `request`, or anything else with fixed attributes.
pub(crate) struct Fixed(pub(crate) &'static str, pub(crate) Vec<(&'static str, Value)>);

impl HostObject for Fixed {
    fn type_name(&self) -> &str {
        self.0
    }

    fn attr(&self, name: &str) -> Result<Option<Value>, HostError> {
        Ok(self.1.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()))
    }
}

/// The context of a flow plan: a dictionary that belongs to the house.
pub(crate) struct PlanContext(pub(crate) Shared);

impl HostObject for PlanContext {
    fn type_name(&self) -> &str {
        "PlanContext"
    }

    fn attr(&self, _name: &str) -> Result<Option<Value>, HostError> {
        Ok(None)
    }

    fn get_item(&self, key: &Value) -> Result<Value, HostError> {
        let pending = self.0.lock().unwrap().pending.clone();
        let known = (key.as_str() == Some("pending_user")).then_some(pending).flatten();
        known.ok_or_else(|| HostError::Key(key.as_str().unwrap_or_default().to_owned()))
    }

    fn contains(&self, key: &Value) -> Result<bool, HostError> {
        Ok(self.get_item(key).is_ok())
    }

    fn set_item(&self, key: Value, value: Value) -> Result<(), HostError> {
        if key.as_str() != Some("pending_user") {
            return Err(HostError::Key("unknown key".to_owned()));
        }
        self.0.lock().unwrap().pending = Some(value);
        Ok(())
    }

    fn set_attr(&self, name: &str, value: Value) -> Result<(), HostError> {
        if name != "pending" {
            return Err(HostError::Attribute(format!("no attribute '{name}'")));
        }
        self.0.lock().unwrap().pending = Some(value);
        Ok(())
    }
}

pub(crate) struct House(pub(crate) Shared);

impl Host for House {
    fn provides(&self, function: &str) -> bool {
        let known = ["ak_message", "ak_is_group_member", "ak_user_by", "ak_call_policy", "slow", "broken"];
        known.contains(&function)
    }

    fn call(
        &mut self,
        function: &str,
        args: Vec<Value>,
        kwargs: Vec<(String, Value)>,
    ) -> Result<Value, HostError> {
        match function {
            "ak_message" => {
                let text = args.first().and_then(Value::as_str).ok_or(HostError::Type("text".to_owned()))?;
                self.0.lock().unwrap().messages.push(text.to_owned());
                Ok(Value::None)
            }
            "ak_is_group_member" => {
                let user =
                    args.first().and_then(Value::as_object).ok_or(HostError::Type("user".to_owned()))?;
                let groups = user.attr("groups")?.unwrap_or_default();
                let groups = groups.as_object().unwrap().call("filter", vec![], kwargs)?;
                Ok(Value::Bool(groups.is_truthy()))
            }
            "ak_user_by" => {
                let known = kwargs.contains(&("username".to_owned(), "ada".into()));
                Ok(if known { ada(&self.0) } else { Value::None })
            }
            "ak_call_policy" => {
                let source = args.first().and_then(Value::as_str).unwrap_or_default();
                let program = Program::compile(source, &[]).unwrap();
                let host = Box::new(Self(Arc::clone(&self.0)));
                match EVALUATOR.evaluate_blocking(program, vec![], host, Limits::default()) {
                    Ok(outcome) => Ok(outcome.value),
                    Err(error) => Err(HostError::Value(error.to_string())),
                }
            }
            "slow" => {
                std::thread::sleep(std::time::Duration::from_millis(500));
                Ok(Value::None)
            }
            _ => Err(HostError::Unavailable("the database is away".to_owned())),
        }
    }
}

pub(crate) fn ada(diary: &Shared) -> Value {
    Value::object(User { name: "ada", groups: &["admins", "staff"], diary: Arc::clone(diary) })
}

pub(crate) const NAMES: [&str; 5] = ["request", "context", "user", "ak_client_ip", "ak_is_sso_flow"];

/// Everything an expression of the house starts with.
pub(crate) fn variables(diary: &Shared) -> Vec<(String, Value)> {
    let user = ada(diary);
    let plan =
        Value::object(Fixed("FlowPlan", vec![("context", Value::object(PlanContext(Arc::clone(diary))))]));
    let context = Value::dict([
        (
            "prompt_data",
            Value::dict([("username", Value::from("grace")), ("email", Value::from("g@example.org"))]),
        ),
        ("geoip", Value::dict([("country", Value::from("KR"))])),
        ("numbers", Value::list([3.into(), 1.into(), 2.into()])),
        ("flow_plan", plan),
    ]);
    let request = Fixed("PolicyRequest", vec![("user", user.clone()), ("context", context.clone())]);
    [
        ("request", Value::object(request)),
        ("context", context),
        ("user", user),
        ("ak_client_ip", Value::Ip(IpAddr::V4(Ipv4Addr::new(10, 1, 2, 3)))),
        ("ak_is_sso_flow", Value::Bool(false)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

pub(crate) fn evaluate_in(diary: &Shared, source: &str, limits: Limits) -> Result<Outcome, EvalError> {
    let program = Program::compile(source, &NAMES).unwrap_or_else(|error| panic!("{source}\n{error}"));
    // A hostile test beside this one may raise the alarm just now.
    for _ in 0..20 {
        let host = Box::new(House(Arc::clone(diary)));
        match EVALUATOR.evaluate_blocking(program.clone(), variables(diary), host, limits) {
            Err(EvalError::Busy) => {}
            result => return result,
        }
    }
    Err(EvalError::Busy)
}

pub(crate) fn evaluate(source: &str) -> Result<Value, EvalError> {
    evaluate_in(&Shared::default(), source, Limits::default()).map(|outcome| outcome.value)
}

/// The value of an expression that must have one.
pub(crate) fn value(source: &str) -> Value {
    evaluate(source).unwrap_or_else(|error| panic!("{source}\n{error}"))
}

/// The exception of an expression that must raise one, with its line.
pub(crate) fn raised(source: &str) -> (u32, String, String) {
    match evaluate(source) {
        Err(EvalError::Raised { line, exception, message }) => (line.unwrap_or(0), exception, message),
        other => panic!("{source}\n{other:?}"),
    }
}
