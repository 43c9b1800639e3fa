//! Rewriting a body before it is compiled, line by line, so that every line keeps its number.
//!
//! The interpreter cannot subscript, search or assign to objects of the host. These forms are rewritten to
//! helpers of the [`prelude`](crate::prelude) that ask the object when it is one and do the plain thing
//! otherwise:
//!
//! ```text
//! a[k]              _cs_get((a), (k))
//! k in a            _cs_in((k), (a))
//! k not in a        (not _cs_in((k), (a)))
//! a[k] = v          _cs_set_item((a), (k), (v))
//! a.name = v        _cs_set_attr((a), "name", (v))
//! setattr           _cs_set_attr
//! ```
//!
//! Left as they are: slices, chained comparisons, assignments to several targets, augmented assignments.
//! The grammar is that of the parser the interpreter itself uses.

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_python_ast::visitor::{Visitor, walk_body, walk_expr, walk_interpolated_string_element, walk_stmt};
use ruff_python_ast::{
    CmpOp, Expr, ExprCompare, ExprContext, ExprSubscript, InterpolatedStringElement, Stmt, StmtAssign,
};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::CompileError;
use crate::prelude::RESERVED;

const INDENT: &str = "    ";
/// Levels of the tree. The parser bounds those it descends, but makes a deep tree of a flat `a.b.c…`.
const MAX_DEPTH: usize = 150;

/// The body as the inside of a function: rewritten and indented.
pub(crate) fn rewrite(source: &str) -> Result<String, CompileError> {
    let source = dedent(&source.replace("\r\n", "\n").replace('\r', "\n"));
    let parsed = parse_unchecked(&source, ParseOptions::from(Mode::Module));
    if let Some(error) = parsed.errors().first() {
        return Err(syntax(&source, error.location.start(), error.error.to_string()));
    }
    refuse_reserved_names(&source, parsed.tokens())?;
    let mut rewriter =
        Rewriter { source: &source, tokens: parsed.tokens(), edits: Vec::new(), depth: 0, too_deep: None };
    if let Some(module) = parsed.syntax().as_module() {
        walk_body(&mut rewriter, &module.body);
    }
    if let Some(at) = rewriter.too_deep {
        return Err(syntax(&source, at, "nested too deeply".to_owned()));
    }
    Ok(indent(&source, parsed.tokens(), rewriter.edits))
}

fn syntax(source: &str, at: TextSize, message: String) -> CompileError {
    let before = source.get(..at.to_usize()).unwrap_or(source);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    CompileError::Syntax { line: u32::try_from(line).unwrap_or(u32::MAX), message }
}

/// Takes away the white space all lines begin with: bodies out of indented documents.
fn dedent(source: &str) -> String {
    let white = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let lines = || source.lines().filter(|line| !line.trim().is_empty());
    let Some(first) = lines().next() else { return source.to_owned() };
    let prefix = first.get(..lines().map(white).min().unwrap_or(0)).unwrap_or_default();
    if prefix.is_empty() || !lines().all(|line| line.starts_with(prefix)) {
        return source.to_owned();
    }
    let lines: Vec<&str> = source.split('\n').map(|line| line.strip_prefix(prefix).unwrap_or(line)).collect();
    lines.join("\n")
}

fn refuse_reserved_names(source: &str, tokens: &Tokens) -> Result<(), CompileError> {
    for token in tokens.iter().filter(|token| token.kind() == TokenKind::Name) {
        let name = source.get(token.range().to_std_range()).unwrap_or_default();
        if name.starts_with(RESERVED) {
            return Err(syntax(
                source,
                token.start(),
                format!("names that begin with {RESERVED} are reserved"),
            ));
        }
    }
    Ok(())
}

/// Puts text in the place of a range. Edits are kept in the order of the tree, outer before inner, which is
/// the order they need at one offset.
struct Edit {
    range: TextRange,
    text: String,
}

struct Rewriter<'s> {
    source: &'s str,
    tokens: &'s Tokens,
    edits: Vec<Edit>,
    depth: usize,
    /// Where the tree was left because it goes deeper than [`MAX_DEPTH`].
    too_deep: Option<TextSize>,
}

impl Rewriter<'_> {
    fn replace(&mut self, range: TextRange, text: impl Into<String>) {
        self.edits.push(Edit { range, text: text.into() });
    }

    fn insert(&mut self, at: TextSize, text: &str) {
        self.replace(TextRange::empty(at), text);
    }

    /// The first token of a kind between two nodes.
    fn between(&self, from: TextSize, to: TextSize, kind: TokenKind) -> Option<TextRange> {
        let mut tokens = self.tokens.iter().skip_while(|token| token.start() < from);
        let mut within = tokens.by_ref().take_while(|token| token.end() <= to);
        within.find(|token| token.kind() == kind).map(|token| token.range())
    }

    /// `a[k]` as a load.
    fn load(&mut self, node: &ExprSubscript) {
        let Some(open) = self.between(node.value.end(), node.slice.start(), TokenKind::Lsqb) else { return };
        self.insert(node.start(), "_cs_get((");
        self.replace(open, "), (");
        self.replace(last_byte(node.range()), "))");
    }

    /// `k in a` and `k not in a`.
    fn membership(&mut self, node: &ExprCompare) {
        let (&[op], [holder]) = (&*node.ops, &*node.comparators) else { return };
        let (first, before, after) = match op {
            CmpOp::In => (TokenKind::In, "_cs_in((", "))"),
            CmpOp::NotIn => (TokenKind::Not, "(not _cs_in((", ")))"),
            _ => return,
        };
        let (from, to) = (node.left.end(), holder.start());
        let Some(first) = self.between(from, to, first) else { return };
        let Some(last) = self.between(from, to, TokenKind::In) else { return };
        let operator = first.cover(last);
        if self.has_line_break(operator) {
            return;
        }
        self.insert(node.start(), before);
        self.replace(operator, "), (");
        self.insert(node.end(), after);
    }

    /// `a[k] = v` and `a.name = v`.
    fn assignment(&mut self, node: &StmtAssign) {
        let [target] = &*node.targets else { return };
        // A parenthesised target begins after its statement.
        if target.start() != node.start() {
            return;
        }
        let Some(equals) = self.between(target.end(), node.value.start(), TokenKind::Equal) else { return };
        match target {
            Expr::Subscript(target) if !is_slice(&target.slice) => {
                let (from, to) = (target.value.end(), target.slice.start());
                let Some(open) = self.between(from, to, TokenKind::Lsqb) else { return };
                self.insert(target.start(), "_cs_set_item((");
                self.replace(open, "), (");
                self.replace(last_byte(target.range()), ")");
            }
            Expr::Attribute(target) => {
                let (from, to) = (target.value.end(), target.attr.start());
                let Some(dot) = self.between(from, to, TokenKind::Dot) else { return };
                if self.has_line_break(dot.cover(target.attr.range())) {
                    return;
                }
                self.insert(target.start(), "_cs_set_attr((");
                self.replace(dot.cover(target.attr.range()), format!("), \"{}\"", target.attr.as_str()));
            }
            _ => return,
        }
        self.replace(equals, ", (");
        self.insert(node.end(), "))");
    }

    /// Goes one level down the tree, unless that is too deep.
    fn descend(&mut self, at: TextSize, walk: impl FnOnce(&mut Self)) {
        if self.depth >= MAX_DEPTH {
            self.too_deep.get_or_insert(at);
            return;
        }
        self.depth += 1;
        walk(self);
        self.depth -= 1;
    }

    fn has_line_break(&self, range: TextRange) -> bool {
        self.source.get(range.to_std_range()).is_none_or(|text| text.contains('\n'))
    }
}

impl<'a> Visitor<'a> for Rewriter<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Stmt::Assign(node) = stmt {
            self.assignment(node);
        }
        self.descend(stmt.start(), |rewriter| walk_stmt(rewriter, stmt));
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Subscript(node) if node.ctx == ExprContext::Load && !is_slice(&node.slice) => {
                self.load(node);
            }
            Expr::Compare(node) => self.membership(node),
            Expr::Name(node) if node.ctx == ExprContext::Load && node.id.as_str() == "setattr" => {
                self.replace(node.range(), "_cs_set_attr");
            }
            _ => {}
        }
        self.descend(expr.start(), |rewriter| walk_expr(rewriter, expr));
    }

    /// Annotations are not evaluated.
    fn visit_annotation(&mut self, _expr: &'a Expr) {}

    /// `f"{expression=}"` shows its own text.
    fn visit_interpolated_string_element(&mut self, element: &'a InterpolatedStringElement) {
        let shown =
            matches!(element, InterpolatedStringElement::Interpolation(inner) if inner.debug_text.is_some());
        if !shown {
            walk_interpolated_string_element(self, element);
        }
    }
}

fn last_byte(range: TextRange) -> TextRange {
    TextRange::new(range.end() - TextSize::from(1), range.end())
}

fn is_slice(index: &Expr) -> bool {
    match index {
        Expr::Slice(_) | Expr::Starred(_) => true,
        Expr::Tuple(tuple) => tuple.elts.iter().any(|index| index.is_slice_expr() || index.is_starred_expr()),
        _ => false,
    }
}

/// Applies the edits and indents every line that does not begin inside a string.
fn indent(source: &str, tokens: &Tokens, mut edits: Vec<Edit>) -> String {
    let text = [TokenKind::String, TokenKind::FStringMiddle, TokenKind::TStringMiddle];
    // Line breaks inside text are no beginnings of lines.
    let inside: Vec<TextRange> =
        tokens.iter().filter(|token| text.contains(&token.kind())).map(|token| token.range()).collect();
    let mut line_start = 0;
    for line in source.split_inclusive('\n') {
        let at = TextSize::try_from(line_start).unwrap_or_default();
        let index = inside.partition_point(|range| range.end() <= at);
        let in_text = inside.get(index).is_some_and(|range| range.start() < at);
        if !in_text && !line.trim().is_empty() {
            edits.push(Edit { range: TextRange::empty(at), text: INDENT.to_owned() });
        }
        line_start += line.len();
    }
    // An indent comes before whatever else begins its line; otherwise the order of the tree stands.
    edits.sort_by_key(|edit| (edit.range.start(), edit.text != INDENT));
    let mut result = String::with_capacity(source.len() * 2);
    let mut copied = 0;
    for edit in edits {
        let (start, end) = (edit.range.start().to_usize(), edit.range.end().to_usize());
        result.push_str(source.get(copied..start).unwrap_or_default());
        result.push_str(&edit.text);
        copied = copied.max(end);
    }
    result.push_str(source.get(copied..).unwrap_or_default());
    result
}

#[cfg(test)]
mod tests {
    use super::rewrite;

    #[test]
    fn forms_that_host_objects_need_become_helpers() {
        for (given, expected) in [
            ("return a[\"k\"]", "    return _cs_get((a), (\"k\"))"),
            ("return a[b][c, d]", "    return _cs_get((_cs_get((a), (b))), (c, d))"),
            ("return (a)[([1])]", "    return _cs_get(((a)), (([1])))"),
            ("return not x in y[0]", "    return not _cs_in((x), (_cs_get((y), (0))))"),
            ("return x not in (y)", "    return (not _cs_in((x), ((y))))"),
            ("a[\"k\"] = 1, 2", "    _cs_set_item((a), (\"k\"), (1, 2))"),
            ("a.b[0].c = d in e", "    _cs_set_attr((_cs_get((a.b), (0))), \"c\", (_cs_in((d), (e))))"),
            ("return a[1:2]", "    return a[1:2]"),
            ("a[k] += 1", "    a[k] += 1"),
            ("a[b[0]] += 1", "    a[_cs_get((b), (0))] += 1"),
            ("(a[k]) = 1", "    (a[k]) = 1"),
            ("return f\"{a['k']} {b[0]=}\"", "    return f\"{_cs_get((a), ('k'))} {b[0]=}\""),
            ("def f(x: dict[str, int]): return x", "    def f(x: dict[str, int]): return x"),
            ("return [x for x in y if x in z]", "    return [x for x in y if _cs_in((x), (z))]"),
        ] {
            assert_eq!(rewrite(given).unwrap().replace(' ', ""), expected.replace(' ', ""));
        }
    }

    #[test]
    fn text_over_several_lines_keeps_its_white_space() {
        let given = "x = \"\"\"one\n  two\n\"\"\"\nreturn x";
        assert_eq!(rewrite(given).unwrap(), "    x = \"\"\"one\n  two\n\"\"\"\n    return x");
    }

    #[test]
    fn a_body_out_of_an_indented_document_is_taken_as_it_is_meant() {
        assert_eq!(
            rewrite("  if x:\n    return 1\n\n  return 2").unwrap(),
            rewrite("if x:\n  return 1\n\nreturn 2").unwrap()
        );
    }

    #[test]
    fn reserved_names_are_refused() {
        assert_eq!(rewrite("x = 1\n_cs_out = x").unwrap_err().line(), Some(2));
    }
}
