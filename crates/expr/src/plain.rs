//! Whether a body is so plain that it is done at once, on the thread that asks.
//!
//! The interpreter looks at clock and memory between instructions, never inside one. So here is listed what takes no
//! longer, and holds no more, than what it is given: looking up, comparing, calling what answers from memory. A loop goes
//! over what is there, once, and makes nothing larger. Everything else goes to the threads of the
//! [`Evaluator`](crate::Evaluator), where one that does not come back can be given up.

use ruff_python_ast::{Comprehension, ExceptHandler, Expr, Operator, Stmt, UnaryOp};

/// Longest plain body, in bytes.
const MAX_SOURCE: usize = 4 * 1024;
/// Places where something is put together, in a whole body, and is of use afterwards: each may double what there is, so
/// that many of them make more of a small value than fits into the machine.
const MAX_JOINTS: u8 = 6;

/// Functions that are done at once.
const FUNCTIONS: &[&str] = &[
    "SkipObject",
    "ak_is_group_member",
    "ak_message",
    "ak_obj_attr",
    "all",
    "any",
    "bool",
    "delete_none_values",
    "hasattr",
    "ip_address",
    "ip_network",
    "isinstance",
    "len",
    "list_flatten",
    "regex_match",
    "slugify",
];

/// Methods, of whatever object.
const METHODS: &[&str] = &[
    "all",
    "all_groups",
    "count",
    "debug",
    "endswith",
    "error",
    "exclude",
    "exists",
    "filter",
    "first",
    "get",
    "get_host",
    "group_attributes",
    "has_usable_password",
    "info",
    "is_secure",
    "items",
    "keys",
    "locale",
    "lower",
    "lstrip",
    "partition",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "startswith",
    "strip",
    "upper",
    "values",
    "warning",
];

/// Whether the body is plain.
pub(crate) fn is_plain(source: &str, body: &[Stmt]) -> bool {
    source.len() <= MAX_SOURCE && Look::default().block(body)
}

#[derive(Default)]
struct Look {
    joints: u8,
    is_inside_loop: bool,
    /// What is put together here is returned, so that nothing is made of it.
    is_returned: bool,
}

impl Look {
    fn block(&mut self, body: &[Stmt]) -> bool {
        body.iter().all(|stmt| self.stmt(stmt))
    }

    fn stmt(&mut self, stmt: &Stmt) -> bool {
        match stmt {
            Stmt::Return(node) => {
                self.is_returned = true;
                let is_plain = node.value.as_deref().is_none_or(|value| self.expr(value));
                self.is_returned = false;
                is_plain
            }
            Stmt::Expr(node) => self.expr(&node.value),
            Stmt::Assign(node) => self.exprs_assigned(&node.targets) && self.expr(&node.value),
            Stmt::If(node) => {
                self.expr(&node.test)
                    && self.block(&node.body)
                    && node.elif_else_clauses.iter().all(|clause| {
                        clause.test.as_ref().is_none_or(|test| self.expr(test)) && self.block(&clause.body)
                    })
            }
            Stmt::For(node) => {
                !node.is_async
                    && node.orelse.is_empty()
                    && self.expr(&node.iter)
                    && self.inside_loop(|look| look.expr(&node.target) && look.block(&node.body))
            }
            Stmt::Try(node) => {
                let handlers = node.handlers.iter().all(|ExceptHandler::ExceptHandler(handler)| {
                    handler.type_.as_deref().is_none_or(|class| self.expr(class)) && self.block(&handler.body)
                });
                handlers && self.block(&node.body) && self.block(&node.orelse) && self.block(&node.finalbody)
            }
            Stmt::Raise(node) => node.cause.is_none() && node.exc.as_deref().is_none_or(|exc| self.expr(exc)),
            Stmt::Pass(_) | Stmt::Continue(_) | Stmt::Break(_) => true,
            _ => false,
        }
    }

    /// One loop, and none inside another.
    fn inside_loop(&mut self, look: impl FnOnce(&mut Self) -> bool) -> bool {
        if self.is_inside_loop {
            return false;
        }
        self.is_inside_loop = true;
        let is_plain = look(self);
        self.is_inside_loop = false;
        is_plain
    }

    /// Something is put together of others: a few times, and not again and again.
    fn joint(&mut self) -> bool {
        self.joints += 1;
        !self.is_inside_loop && self.joints <= MAX_JOINTS
    }

    /// What is written into something else makes that larger.
    fn exprs_assigned(&mut self, targets: &[Expr]) -> bool {
        let [target] = targets else { return false };
        let is_plain = match target {
            Expr::Name(_) | Expr::Tuple(_) => true,
            _ => self.joint(),
        };
        is_plain && self.expr(target)
    }

    /// A list or the like that holds something else than itself.
    fn display<'a>(&mut self, items: impl IntoIterator<Item = &'a Expr>) -> bool {
        let items: Vec<&Expr> = items.into_iter().collect();
        let holds_nothing_else = items.iter().all(|item| item.is_literal_expr());
        (holds_nothing_else || self.is_returned || self.joint()) && self.exprs(items)
    }

    fn exprs<'a>(&mut self, exprs: impl IntoIterator<Item = &'a Expr>) -> bool {
        exprs.into_iter().all(|expr| self.expr(expr))
    }

    fn expr(&mut self, expr: &Expr) -> bool {
        match expr {
            Expr::Name(_)
            | Expr::NumberLiteral(_)
            | Expr::StringLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_) => true,
            Expr::Attribute(node) => self.expr(&node.value),
            Expr::Subscript(node) => self.expr(&node.value) && self.expr(&node.slice),
            Expr::BoolOp(node) => self.exprs(&node.values),
            Expr::UnaryOp(node) => {
                matches!(node.op, UnaryOp::Not | UnaryOp::USub) && self.expr(&node.operand)
            }
            Expr::BinOp(node) => {
                node.op == Operator::Add && self.joint() && self.expr(&node.left) && self.expr(&node.right)
            }
            Expr::Compare(node) => self.expr(&node.left) && self.exprs(&node.comparators),
            Expr::If(node) => self.expr(&node.test) && self.expr(&node.body) && self.expr(&node.orelse),
            Expr::List(node) => self.display(&node.elts),
            Expr::Tuple(node) => node.ctx.is_store() && self.exprs(&node.elts) || self.display(&node.elts),
            Expr::Set(node) => self.display(&node.elts),
            Expr::Dict(node) => {
                let keys = node.items.iter().all(|item| item.key.as_ref().is_some_and(|key| self.expr(key)));
                keys && self.display(node.items.iter().map(|item| &item.value))
            }
            Expr::ListComp(node) => self.comprehension(&node.generators, |look| look.expr(&node.elt)),
            Expr::SetComp(node) => self.comprehension(&node.generators, |look| look.expr(&node.elt)),
            Expr::Generator(node) => self.comprehension(&node.generators, |look| look.expr(&node.elt)),
            Expr::Call(node) => {
                let known = match &*node.func {
                    // A text of a text may be twice as long: its quotes are quoted.
                    Expr::Name(name) if name.id == "str" => self.joint(),
                    Expr::Name(name) => FUNCTIONS.contains(&name.id.as_str()),
                    Expr::Attribute(method) => {
                        METHODS.contains(&method.attr.as_str()) && self.expr(&method.value)
                    }
                    _ => false,
                };
                let arguments = &node.arguments;
                known
                    && self.exprs(&arguments.args)
                    && arguments.keywords.iter().all(|one| one.arg.is_some() && self.expr(&one.value))
            }
            _ => false,
        }
    }

    fn comprehension(
        &mut self,
        generators: &[Comprehension],
        element: impl FnOnce(&mut Self) -> bool,
    ) -> bool {
        let [only] = generators else { return false };
        !only.is_async
            && self.expr(&only.iter)
            && self.inside_loop(|look| look.expr(&only.target) && look.exprs(&only.ifs) && element(look))
    }
}

#[cfg(test)]
mod tests {
    use ruff_python_parser::parse_module;

    use super::*;

    fn plain(source: &str) -> bool {
        let parsed = parse_module(&format!("{source}\n")).unwrap();
        is_plain(source, &parsed.syntax().body)
    }

    #[test]
    fn what_policies_and_mappings_mostly_say_is_plain() {
        for source in [
            "True",
            "x = request.user.email\nif x.endswith('@example.com') and not ak_is_sso_flow:\n    ak_message('no')\nelse:\n    pass",
            "{'name': request.user.name, 'groups': [group.name for group in request.user.groups.all()]}",
            "flow_plan = request.context.get('flow_plan')\nnot hasattr(flow_plan.context.get('pending_user'), 'backend')",
            "for group in user.groups.all():\n    if group.name == 'staff':\n        break",
            "any(group.name in ['x', 'y'] for group in user.all_groups())",
            "ak_client_ip in ip_network('10.0.0.0/8')",
            "context['flow_plan'].context['pending_user'] = user",
            "try:\n    user.username\nexcept:\n    ''",
            "user.name + ' of the house'",
        ] {
            assert!(plain(source), "{source}");
        }
    }

    #[test]
    fn a_body_that_could_hold_its_thread_up_is_not_plain() {
        for source in [
            "while True:\n    pass",
            "9 ** 9 ** 9",
            "'x' * 1000000000",
            "1 << 1000000000",
            "sum(range(1000000000))",
            "'x'.ljust(1000000000)",
            "'{:1000000000}'.format(1)",
            "f'{1:1000000000}'",
            "'%1000000000d' % 1",
            "int('9' * 5000)",
            "sorted(x)",
            "x = [1]\nfor a in x:\n    x = x + x",
            "x = 'a'\nx = x + x\nx = x + x\nx = x + x\nx = x + x\nx = x + x\nx = x + x\nx = x + x",
            "for a in x:\n    for b in x:\n        pass",
            "[a for a in x for b in x]",
            "[[b for b in x] for a in x]",
            "def f():\n    f()\nf()",
            "(lambda: 1)()",
            "x.join(x)",
            "x += x",
            "[*x, *x]",
            "{**x}",
            "ak_user_by(username='a')",
            "ak_call_policy('x').passing",
            "import requests\nrequests.get('https://x.example')",
            "import re",
            "from authentik.core.models import User",
            "f = len\nf(x)()",
            "x.get('a')()",
            "x = x.split()\nfor a in x:\n    x = [x, x]",
            "x = 'a'\nfor a in y:\n    x = str(x.split())",
            "x = {}\nfor a in y:\n    x['a'] = x",
            "x = []\nx.append(x)",
        ] {
            assert!(!plain(source), "{source}");
        }
        for step in ["x = [x, x]", "x = {'a': x, 'b': x}", "x = (x, x)", "x = str(x.split())", "x['a'] = y"] {
            assert!(plain(step), "{step}");
            assert!(!plain(&[step; 7].join("\n")), "{step} seven times");
        }
        assert!(!plain(&format!("'{}'", "x".repeat(MAX_SOURCE))));
    }
}
