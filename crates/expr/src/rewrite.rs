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
//! del a[k]          _cs_del_item((a), (k))
//! a % b             _cs_mod((a), (b))
//! ```
//!
//! Generators ([`generators`](crate::generators)) and some imports ([`imports`](crate::imports)) are rewritten too.
//! Left as they are: slices, chained comparisons, assignments to several targets, augmented assignments.
//! The grammar is that of the parser the interpreter itself uses.

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_python_ast::visitor::{Visitor, walk_body, walk_expr, walk_interpolated_string_element, walk_stmt};
use ruff_python_ast::{
    CmpOp, Expr, ExprBinOp, ExprCompare, ExprContext, ExprSubscript, InterpolatedStringElement, Operator,
    Stmt, StmtAssign, StmtDelete, StmtFunctionDef, StmtReturn,
};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::CompileError;
use crate::generators::{self, YIELDED};
use crate::imports;
use crate::plain;
use crate::prelude::RESERVED;

const INDENT: &str = "    ";
/// Levels of the tree. The parser bounds those it descends, but makes a deep tree of a flat `a.b.c…`.
const MAX_DEPTH: usize = 150;

/// A rewritten body.
pub(crate) struct Body {
    /// The inside of a function, indented.
    pub(crate) text: String,
    /// Whether it yields: then it takes the list of what it yields.
    pub(crate) yields: bool,
    /// Lines of the text that the source has not, counted from one.
    pub(crate) added: Vec<u32>,
    /// Whether it is done at once.
    pub(crate) is_plain: bool,
}

/// The body as the inside of a function: rewritten and indented.
pub(crate) fn rewrite(source: &str) -> Result<Body, CompileError> {
    let source = dedent(&source.replace("\r\n", "\n").replace('\r', "\n"));
    let parsed = parse_unchecked(&source, ParseOptions::from(Mode::Module));
    if let Some(error) = parsed.errors().first() {
        return Err(syntax(&source, error.location.start(), error.error.to_string()));
    }
    refuse_reserved_names(&source, parsed.tokens())?;
    let mut rewriter = Rewriter {
        source: &source,
        tokens: parsed.tokens(),
        edits: Vec::new(),
        depth: 0,
        refused: None,
        generates: false,
    };
    let mut is_plain = false;
    if let Some(module) = parsed.syntax().as_module() {
        is_plain = plain::is_plain(&source, &module.body);
        rewriter.generates = generators::yields(&module.body);
        walk_body(&mut rewriter, &module.body);
    }
    if let Some((at, why)) = rewriter.refused {
        return Err(syntax(&source, at, why.to_owned()));
    }
    let yields = rewriter.generates;
    let (text, added) = indent(&source, parsed.tokens(), rewriter.edits);
    Ok(Body { text, yields, added, is_plain })
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
/// the order that most need at one offset.
struct Edit {
    range: TextRange,
    text: String,
    rank: Rank,
}

/// Which comes first at one offset.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The indent before whatever else begins its line.
    Indent,
    /// The order of the tree stands.
    Tree,
    /// Behind everything inside the statement.
    Closing,
    /// Behind the last statement of a function, the inner ones first: levels that are left to the deepest.
    Tail(usize),
}

struct Rewriter<'s> {
    source: &'s str,
    tokens: &'s Tokens,
    edits: Vec<Edit>,
    depth: usize,
    /// The first place where something cannot be run, and why.
    refused: Option<(TextSize, &'static str)>,
    /// Whether the function around is a generator.
    generates: bool,
}

impl Rewriter<'_> {
    fn replace(&mut self, range: TextRange, text: impl Into<String>) {
        self.edits.push(Edit { range, text: text.into(), rank: Rank::Tree });
    }

    fn close(&mut self, at: TextSize, text: &str, rank: Rank) {
        self.edits.push(Edit { range: TextRange::empty(at), text: text.to_owned(), rank });
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
            self.refuse(at, "nested too deeply");
            return;
        }
        self.depth += 1;
        walk(self);
        self.depth -= 1;
    }

    fn refuse(&mut self, at: TextSize, why: &'static str) {
        self.refused.get_or_insert((at, why));
    }

    /// `import` of a module that the prelude stands in for. Line breaks in brackets are kept.
    fn stand_in(&mut self, range: TextRange, assignments: Option<String>) {
        let Some(assignments) = assignments else { return };
        let text = self.source.get(range.to_std_range()).unwrap_or_default();
        let breaks = "\n".repeat(text.matches('\n').count());
        self.replace(range, format!("{assignments}{breaks}"));
    }

    /// `del a[k]`.
    fn deletion(&mut self, node: &StmtDelete) {
        let [Expr::Subscript(target)] = &*node.targets else {
            return self.refuse(node.start(), "only single entries can be deleted: del a[k]");
        };
        let Some(open) = self.between(target.value.end(), target.slice.start(), TokenKind::Lsqb) else {
            return;
        };
        self.replace(TextRange::new(node.start(), target.start()), "_cs_del_item((");
        self.replace(open, "), (");
        self.replace(last_byte(target.range()), "))");
    }

    /// `a % b`.
    fn remainder(&mut self, node: &ExprBinOp) {
        let Some(sign) = self.between(node.left.end(), node.right.start(), TokenKind::Percent) else {
            return;
        };
        self.insert(node.start(), "_cs_mod((");
        self.replace(sign, "), (");
        self.insert(node.end(), "))");
    }

    /// `yield x`, `yield` and `yield from x`.
    fn yielding(&mut self, range: TextRange, value: Option<&Expr>, all: bool) {
        let method = if all { "extend" } else { "append" };
        match value {
            Some(value) => {
                let words = TextRange::new(range.start(), value.start());
                if self.has_line_break(words) {
                    return self.refuse(range.start(), "a line break cannot follow yield");
                }
                // Brackets of the value itself stand before it.
                let given = self.source.get(words.to_std_range()).unwrap_or_default();
                let kept = given.trim_start_matches("yield").trim_start();
                let kept = if all { kept.trim_start_matches("from").trim_start() } else { kept }.to_owned();
                self.replace(words, format!("{YIELDED}.{method}(({kept}"));
                self.insert(range.end(), "))");
            }
            None => self.replace(range, format!("{YIELDED}.append(None)")),
        }
    }

    /// `return` of a generator: what it would return is nobody's to see.
    fn end_of_generator(&mut self, node: &StmtReturn) {
        let keyword = TextRange::at(node.start(), TextSize::of("return"));
        if node.value.is_some() {
            self.replace(keyword, format!("return iter(({YIELDED}, ("));
            self.close(node.end(), "))[0])", Rank::Closing);
        } else {
            self.replace(keyword, format!("return iter({YIELDED})"));
        }
    }

    /// A function inside the body: one that yields makes its list at its beginning and gives it back at its end.
    fn function(&mut self, node: &StmtFunctionDef) {
        if !generators::yields(&node.body) {
            return;
        }
        if node.is_async {
            return self.refuse(node.start(), "asynchronous functions cannot yield");
        }
        let (Some(first), Some(last)) = (node.body.first(), node.body.last()) else { return };
        let break_ =
            self.white_before(first.start()).map_or("; ".to_owned(), |white| format!("\n{white}{INDENT}"));
        self.insert(first.start(), &format!("{YIELDED} = []{break_}"));
        let rank = Rank::Tail(MAX_DEPTH.saturating_sub(self.depth));
        self.close(last.end(), &format!("{break_}return iter({YIELDED})"), rank);
    }

    /// The white space before what begins its line; none when something else stands there.
    fn white_before(&self, at: TextSize) -> Option<&str> {
        let before = self.source.get(..at.to_usize())?;
        let line = before.rsplit('\n').next()?;
        line.trim().is_empty().then_some(line)
    }

    fn has_line_break(&self, range: TextRange) -> bool {
        self.source.get(range.to_std_range()).is_none_or(|text| text.contains('\n'))
    }
}

impl<'a> Visitor<'a> for Rewriter<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        let outer = self.generates;
        match stmt {
            Stmt::Assign(node) => self.assignment(node),
            Stmt::Delete(node) => self.deletion(node),
            Stmt::Import(node) => self.stand_in(node.range(), imports::import(node)),
            Stmt::ImportFrom(node) => self.stand_in(node.range(), imports::import_from(node)),
            Stmt::Return(node) if outer => self.end_of_generator(node),
            Stmt::FunctionDef(node) => {
                self.function(node);
                self.generates = generators::yields(&node.body);
            }
            _ => {}
        }
        self.descend(stmt.start(), |rewriter| walk_stmt(rewriter, stmt));
        self.generates = outer;
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Subscript(node) if node.ctx == ExprContext::Load && !is_slice(&node.slice) => {
                self.load(node);
            }
            Expr::Compare(node) => self.membership(node),
            Expr::BinOp(node) if node.op == Operator::Mod => self.remainder(node),
            Expr::Name(node) if node.ctx == ExprContext::Load && node.id.as_str() == "setattr" => {
                self.replace(node.range(), "_cs_set_attr");
            }
            Expr::Lambda(node) if generators::yields_itself(&node.body) => {
                self.refuse(node.start(), "a lambda cannot yield");
            }
            Expr::Yield(node) => self.yielding(node.range(), node.value.as_deref(), false),
            Expr::YieldFrom(node) => self.yielding(node.range(), Some(&node.value), true),
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
fn indent(source: &str, tokens: &Tokens, mut edits: Vec<Edit>) -> (String, Vec<u32>) {
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
            edits.push(Edit { range: TextRange::empty(at), text: INDENT.to_owned(), rank: Rank::Indent });
        }
        line_start += line.len();
    }
    edits.sort_by_key(|edit| (edit.range.start(), edit.rank));
    let mut result = String::with_capacity(source.len() * 2);
    let (mut copied, mut added, mut lines) = (0, Vec::new(), 1_u32);
    let breaks = |text: &str| u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX);
    for edit in edits {
        let (start, end) = (edit.range.start().to_usize(), edit.range.end().to_usize());
        let kept = source.get(copied..start).unwrap_or_default();
        result.push_str(kept);
        result.push_str(&edit.text);
        lines = lines.saturating_add(breaks(kept));
        let (new, old) = (breaks(&edit.text), breaks(source.get(copied.max(start)..end).unwrap_or_default()));
        // What stood on one line may now stand on two: errors in either are errors in the one.
        added.extend((1..=new.saturating_sub(old)).map(|more| lines.saturating_add(more)));
        lines = lines.saturating_add(new);
        copied = copied.max(end);
    }
    result.push_str(source.get(copied..).unwrap_or_default());
    (result, added)
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
            ("del a[\"k\"]", "    _cs_del_item((a), (\"k\"))"),
            ("return \"%s\" % (a, b)", "    return _cs_mod((\"%s\"), ((a, b)))"),
            ("import hashlib as h, uuid", "    h = _cs_hashlib; uuid = _cs_uuid_module"),
            ("import urllib.parse", "    urllib = _cs_urllib"),
            ("import re, hashlib", "    import re, hashlib"),
            ("from urllib import parse", "    parse = _cs_urllib_parse"),
            ("from ipaddress import ip_address", "    pass"),
            ("yield (a).b", "    _cs_yielded.append(((a).b))"),
            ("yield from a", "    _cs_yielded.extend((a))"),
            ("yield", "    _cs_yielded.append(None)"),
            (
                "yield a\nreturn b in c",
                "    _cs_yielded.append((a))\n    return iter((_cs_yielded, ( _cs_in((b), (c))))[0])",
            ),
            ("yield a\nreturn", "    _cs_yielded.append((a))\n    return iter(_cs_yielded)"),
            (
                "def f(): yield a",
                "    def f(): _cs_yielded = []; _cs_yielded.append((a)); return iter(_cs_yielded)",
            ),
            ("a[k] += 1", "    a[k] += 1"),
            ("a[b[0]] += 1", "    a[_cs_get((b), (0))] += 1"),
            ("(a[k]) = 1", "    (a[k]) = 1"),
            ("return f\"{a['k']} {b[0]=}\"", "    return f\"{_cs_get((a), ('k'))} {b[0]=}\""),
            ("def f(x: dict[str, int]): return x", "    def f(x: dict[str, int]): return x"),
            ("return [x for x in y if x in z]", "    return [x for x in y if _cs_in((x), (z))]"),
        ] {
            assert_eq!(rewrite(given).unwrap().text.replace(' ', ""), expected.replace(' ', ""));
        }
    }

    #[test]
    fn text_over_several_lines_keeps_its_white_space() {
        let given = "x = \"\"\"one\n  two\n\"\"\"\nreturn x";
        assert_eq!(rewrite(given).unwrap().text, "    x = \"\"\"one\n  two\n\"\"\"\n    return x");
    }

    #[test]
    fn a_body_out_of_an_indented_document_is_taken_as_it_is_meant() {
        assert_eq!(
            rewrite("  if x:\n    return 1\n\n  return 2").unwrap().text,
            rewrite("if x:\n  return 1\n\nreturn 2").unwrap().text
        );
    }

    #[test]
    fn a_generator_inside_is_given_lines_that_are_known() {
        let given = "def f():\n  for x in y:\n    yield x  # one\nreturn f()";
        let expected = "    def f():\n      _cs_yielded = []\n      for x in y:\n        _cs_yielded.append((x))\n      \
                        return iter(_cs_yielded)  # one\n    return f()";
        let body = rewrite(given).unwrap();
        assert_eq!((body.text.as_str(), body.added, body.yields), (expected, vec![3, 5], false));
    }

    #[test]
    fn an_import_over_several_lines_keeps_its_lines() {
        let body = rewrite("from authentik.core.models import (\n    User,\n    Group as G,\n)\nreturn User")
            .unwrap();
        let lines: Vec<&str> = body.text.lines().map(str::trim).collect();
        assert_eq!(
            lines,
            ["User = _cs_core_models.User; G = _cs_core_models.Group", "", "", "", "return User"]
        );
        assert_eq!(body.added, Vec::<u32>::new());
    }

    #[test]
    fn reserved_names_are_refused() {
        assert_eq!(rewrite("x = 1\n_cs_out = x").err().unwrap().line(), Some(2));
    }
}
