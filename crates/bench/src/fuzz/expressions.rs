//! The compiler of expressions, and the evaluation of what it takes.

use countersign_blueprints::Library;
use countersign_policies::{PolicyError, Source};
use serde_yaml_ng::Value as Yaml;

use super::{Outcome, Target};
use crate::{Fault, engine::House};

const WORDS: &[&str] = &[
    "return ",
    "yield ",
    "yield from ",
    "if ",
    "else:\n    ",
    "elif True:\n    ",
    "for x in ",
    "while True:\n    ",
    "try:\n    pass\nexcept:\n    ",
    "def f(*a, **k):\n    ",
    "class C:\n    ",
    "lambda x: ",
    "[x for x in ",
    "{k: v for k, v in ",
    "raise SkipObject",
    "import re",
    "from urllib.parse import quote",
    "from authentik.core.models import User",
    "User.objects.filter(username='x').exists()",
    "request",
    "user",
    "context",
    "http_request.headers",
    "flow_plan.context['x'] = ",
    "ak_message('x')",
    "ak_user_by(username='x')",
    "ak_call_policy('x')",
    "ak_is_group_member(user, name='x')",
    "ak_client_ip",
    "regex_match(user.email, '(a+)+$')",
    "slugify('x')",
    "ip_network('10.0.0.0/8')",
    "list_flatten([1])",
    " in ",
    " not in ",
    " is None",
    " and ",
    " or ",
    " not ",
    "**",
    "<<",
    "//",
    " % ",
    "*",
    "@",
    ":=",
    "...",
    "f'{x}'",
    "f'{x!r:>{y}}'",
    "b'x'",
    "'''",
    "\"\"\"",
    "\\\n",
    "__class__",
    "__import__('os')",
    "globals()",
    "eval('1')",
    "exec('1')",
    "open('/etc/passwd')",
    "_cs_out",
    "del x[0]",
    "global x",
    "async def f():\n    ",
    "await x",
    "with x as y:\n    ",
    "match x:\n    case 1:\n        pass",
    "assert x",
    "print(1)",
    "range(10 ** 9)",
    "'x' * 10 ** 9",
    "sorted(x, key=lambda y: y)",
    "getattr(x, 'y')",
    "(((((((((((((((((((((((((",
];

/// Expressions of our own beside those of the blueprints.
const OURS: &[&str] = &[
    "return True",
    "for group in user.groups.all():\n    yield group.name",
    "import json\nreturn json.loads('{\"a\": [1, 2]}')['a'][0] == 1",
    "x = {}\nx['a'] = [n for n in range(3) if n % 2]\nreturn '%s and %05.2f' % (x, 1.5)",
    "def twice(x):\n    return x + x\nreturn twice(user.username)[1:-1]",
    "try:\n    return user.nothing\nexcept AttributeError as error:\n    return str(error)",
    "from authentik.core.models import User\nreturn User.objects.filter(email__iexact='x').exclude(pk=1).exists()",
];

/// The compiler, and a house to evaluate in.
pub(super) struct Compiler(House);

impl Compiler {
    pub(super) async fn open() -> Result<Self, Fault> {
        House::open().await.map(Self)
    }
}

/// The expressions below a node of a blueprint.
fn collect(node: &Yaml, found: &mut Vec<String>) {
    match node {
        Yaml::Tagged(tagged) => collect(&tagged.value, found),
        Yaml::Sequence(items) => items.iter().for_each(|item| collect(item, found)),
        Yaml::Mapping(members) => {
            for (name, value) in members {
                match (name.as_str(), value.as_str()) {
                    (Some("expression"), Some(text)) => found.push(text.to_owned()),
                    _ => collect(value, found),
                }
            }
        }
        _ => {}
    }
}

#[async_trait::async_trait(?Send)]
impl Target for Compiler {
    fn corpus(&self) -> Vec<String> {
        let mut found: Vec<String> = OURS.iter().map(|text| (*text).to_owned()).collect();
        for source in Library::embedded().sources() {
            if let Ok(document) = serde_yaml_ng::from_str(&source.text) {
                collect(&document, &mut found);
            }
        }
        found
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }

    async fn take(&self, input: &str) -> Outcome {
        match self.0.ask(&Source::new("fuzz", input)).await {
            Ok(()) => Outcome::Accepted,
            Err(PolicyError::Expression { problem, .. }) => {
                // What the interpreter or the compiler say of themselves.
                let is_ours =
                    ["the interpreter failed", "the compiler failed", "was dropped", "was not given"];
                match is_ours.iter().any(|words| problem.contains(words)) {
                    true => Outcome::Finding(problem),
                    false => Outcome::Refused,
                }
            }
            Err(PolicyError::Skipped) => Outcome::Accepted,
            Err(error) => Outcome::Finding(error.to_string()),
        }
    }
}
