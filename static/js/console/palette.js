// The command palette: Ctrl/Cmd-K finds any page or object. Without a script the same stands at /if/admin/search/.

const opener = document.querySelector("[data-palette]");

if (opener && window.HTMLDialogElement) {
  const dialog = document.createElement("dialog");
  dialog.className = "palette";
  dialog.setAttribute("aria-label", opener.dataset.label);
  const input = Object.assign(document.createElement("input"), {
    type: "search", autocomplete: "off", spellcheck: false, placeholder: opener.dataset.label,
  });
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-label", opener.dataset.label);
  input.setAttribute("aria-expanded", "true");
  input.setAttribute("aria-controls", "palette-found");
  const found = Object.assign(document.createElement("ul"), { id: "palette-found" });
  found.setAttribute("role", "listbox");
  const nothing = Object.assign(document.createElement("p"), { textContent: opener.dataset.none, hidden: true });
  nothing.setAttribute("role", "status");
  dialog.append(input, found, nothing);
  document.body.append(dialog);

  let at = 0;
  let asked = 0;
  let shownFor = null;
  const mark = (index) => {
    const options = [...found.children];
    at = options.length ? (index + options.length) % options.length : 0;
    options.forEach((option, number) => option.setAttribute("aria-selected", String(number === at)));
    options[at]?.scrollIntoView({ block: "nearest" });
    if (options[at]) input.setAttribute("aria-activedescendant", options[at].id);
  };
  const show = (items) => {
    found.replaceChildren(...items.map((item, index) => {
      const option = Object.assign(document.createElement("li"), { id: `palette-${index}` });
      option.setAttribute("role", "option");
      const link = Object.assign(document.createElement("a"), { href: item.href, tabIndex: -1 });
      const kind = Object.assign(document.createElement("small"), { textContent: item.kind });
      link.append(Object.assign(document.createElement("span"), { textContent: item.name }), kind);
      option.append(link);
      return option;
    }));
    nothing.hidden = items.length > 0;
    mark(0);
  };
  const ask = async () => {
    const mine = ++asked;
    const query = input.value;
    const address = `${opener.pathname}?format=json&q=${encodeURIComponent(query)}`;
    const response = await fetch(address, { headers: { accept: "application/json" } });
    if (!response.ok) return;
    const { results } = await response.json();
    if (mine !== asked) return;
    shownFor = query;
    show(results);
  };
  let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  });
  // Whoever types and presses Enter at once means what he typed, not what is still shown.
  const go = async () => {
    clearTimeout(timer);
    if (shownFor !== input.value) await ask();
    found.children[at]?.querySelector("a").click();
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") mark(at + 1);
    else if (event.key === "ArrowUp") mark(at - 1);
    else if (event.key === "Enter") go();
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  const open = () => {
    dialog.showModal();
    input.select();
    ask();
  };
  opener.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (!dialog.open) open();
    }
  });
}
