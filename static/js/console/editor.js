// Text areas for expressions: tab and indentation, pairs of brackets, line numbers, and colours behind the text.
// Escape and then Tab leaves the field, so that nobody is caught in it.

const KEYWORDS = new Set(("and as assert async await break class continue def del elif else except finally for from global " +
  "if import in is lambda nonlocal not or pass raise return try while with yield").split(" "));
const CONSTANTS = new Set(["True", "False", "None"]);
const TOKEN = /(#[^\n]*)|([rbfuRBFU]{0,2}(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))|(\b\d[\w.]*)|([A-Za-z_]\w*)/g;

const colour = (text) => {
  const out = document.createDocumentFragment();
  let at = 0;
  const add = (kind, piece) => {
    if (!kind) return out.append(piece);
    out.append(Object.assign(document.createElement("span"), { className: kind, textContent: piece }));
  };
  for (const found of text.matchAll(TOKEN)) {
    if (found.index > at) add("", text.slice(at, found.index));
    const [all, comment, string, number, word] = found;
    add(comment ? "comment" : string ? "string" : number || CONSTANTS.has(word) ? "number" : KEYWORDS.has(word) ? "keyword" : "", all);
    at = found.index + all.length;
  }
  add("", `${text.slice(at)}\n`);
  return out;
};

const insert = (area, text, from = area.selectionStart, to = area.selectionEnd) => {
  area.setSelectionRange(from, to);
  // Keeps what the browser can undo.
  if (!document.execCommand("insertText", false, text)) area.setRangeText(text, from, to, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
};

const keys = (area) => {
  let leaving = false;
  area.addEventListener("keydown", (event) => {
    const { selectionStart: from, selectionEnd: to, value } = area;
    const line = value.slice(value.lastIndexOf("\n", from - 1) + 1, from);
    if (event.key === "Escape") {
      leaving = true;
      return;
    }
    if (event.key === "Tab" && !leaving && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      const start = from - line.length;
      const block = value.slice(start, to);
      if (event.shiftKey) {
        const outdented = block.replace(/^ {1,4}/gm, "");
        if (outdented !== block) insert(area, outdented, start, to);
      } else if (value.slice(from, to).includes("\n")) {
        insert(area, block.replace(/^(?=.)/gm, "    "), start, to);
        area.setSelectionRange(start, area.selectionEnd);
      } else {
        insert(area, " ".repeat(4 - (line.length % 4)));
      }
    } else if (event.key === "Enter" && !event.isComposing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const deeper = /[:([{]\s*$/.test(line) ? "    " : "";
      insert(area, `\n${line.match(/^\s*/)[0]}${deeper}`);
    }
    leaving = false;
  });
};

for (const area of document.querySelectorAll("textarea[data-editor=expression]")) {
  const editor = Object.assign(document.createElement("div"), { className: "editor" });
  const numbers = Object.assign(document.createElement("pre"), { className: "editor-numbers" });
  const shown = Object.assign(document.createElement("pre"), { className: "editor-shown python" });
  for (const part of [numbers, shown]) part.setAttribute("aria-hidden", "true");
  area.before(editor);
  editor.append(numbers, shown, area);
  const draw = () => {
    shown.replaceChildren(colour(area.value));
    const lines = area.value.split("\n").length;
    numbers.textContent = Array.from({ length: lines }, (_, index) => index + 1).join("\n");
    area.rows = Math.min(Math.max(lines + 1, 10), 30);
  };
  const follow = () => {
    numbers.scrollTop = shown.scrollTop = area.scrollTop;
    shown.scrollLeft = area.scrollLeft;
  };
  area.wrap = "off";
  area.addEventListener("input", draw);
  area.addEventListener("scroll", follow);
  keys(area);
  draw();
}
