//! Functions with `yield`. The interpreter has none, so what they yield is gathered in a list:
//!
//! ```text
//! for g in groups:                  for g in groups:
//!     yield g.name                      _cs_yielded.append((g.name))
//!                                   return iter(_cs_yielded)          at the end, and for every `return`
//! ```
//! The body of the expression gets its list as a parameter; a function inside makes its own before its first statement.
//! What is yielded is all worked out before the first of it is used, so a generator without an end
//! meets the limits of the evaluation.

use ruff_python_ast::{
    Expr, Stmt,
    visitor::{Visitor, walk_expr, walk_stmt},
};

/// The list of what a function yields.
pub(crate) const YIELDED: &str = "_cs_yielded";

/// Whether the statements yield, those of functions inside them not counted.
pub(crate) fn yields(body: &[Stmt]) -> bool {
    let mut finder = Finder::default();
    body.iter().for_each(|stmt| finder.visit_stmt(stmt));
    finder.found
}

/// Whether the body of a lambda yields.
pub(crate) fn yields_itself(expr: &Expr) -> bool {
    let mut finder = Finder::default();
    finder.visit_expr(expr);
    finder.found
}

#[derive(Default)]
struct Finder {
    found: bool,
}

impl<'a> Visitor<'a> for Finder {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if !self.found && !matches!(stmt, Stmt::FunctionDef(_) | Stmt::ClassDef(_)) {
            walk_stmt(self, stmt);
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Yield(_) | Expr::YieldFrom(_) => self.found = true,
            Expr::Lambda(_) => {}
            _ if self.found => {}
            _ => walk_expr(self, expr),
        }
    }
}
