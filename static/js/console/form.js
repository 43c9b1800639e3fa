// Conveniences of forms: more rows for lists of objects, names suggested while typing, a colour to look at, a
// warning before what was filled in is lost. Everything works without.

for (const list of document.querySelectorAll("[data-entries] > .entries")) {
  const renumber = (row, index) => {
    for (const element of row.querySelectorAll("[name], [id], [for]")) {
      for (const attribute of ["name", "id", "for", "aria-describedby"]) {
        const value = element.getAttribute(attribute);
        if (value) element.setAttribute(attribute, value.replace(/([.-])\d+([.-])/, `$1${index}$2`));
      }
    }
  };
  list.addEventListener("input", (event) => {
    const row = event.target.closest(".entry");
    if (row !== list.lastElementChild || !event.target.value) return;
    const next = row.cloneNode(true);
    for (const field of next.querySelectorAll("input")) field.value = "";
    for (const wrong of next.querySelectorAll(".error")) wrong.remove();
    list.append(next);
    renumber(next, list.children.length - 1);
  });
}

// A new object's slug follows its name until somebody writes one.
for (const form of document.querySelectorAll("form.form")) {
  const field = (name) => form.querySelector(`input[name="${name}"], input[name$=".${name}"]`);
  const [name, slug] = [field("name"), field("slug")];
  if (!name || !slug || name.value || slug.value) continue;
  let follows = true;
  slug.addEventListener("input", () => (follows = slug.value === ""));
  name.addEventListener("input", () => {
    if (!follows) return;
    const plain = name.value.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    slug.value = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 50);
  });
}

for (const field of document.querySelectorAll("[data-color]")) {
  const picker = Object.assign(document.createElement("input"), { type: "color", className: "input", tabIndex: -1 });
  picker.setAttribute("aria-hidden", "true");
  const show = () => /^#[0-9a-f]{6}$/i.test(field.value) && (picker.value = field.value);
  show();
  field.addEventListener("input", show);
  picker.addEventListener("input", () => (field.value = picker.value));
  field.after(picker);
}

// Suggestions for references to one of many objects; in a text area, for the line that is written.
for (const field of document.querySelectorAll("[data-suggest]")) {
  const isList = field.localName === "textarea";
  const box = field.parentElement;
  const list = Object.assign(document.createElement("ul"), { hidden: true, id: `${field.id}-list` });
  list.setAttribute("role", "listbox");
  box.append(list);
  // A text area is no combobox to those who listen: it says that it has suggestions.
  if (isList) field.setAttribute("aria-haspopup", "listbox");
  else field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  let at = -1;
  let asked = 0;
  let timer;
  const line = () => {
    const start = isList ? field.value.lastIndexOf("\n", field.selectionStart - 1) + 1 : 0;
    const end = isList ? field.value.indexOf("\n", field.selectionStart) : -1;
    return [start, end < 0 ? field.value.length : end];
  };
  const close = () => {
    list.hidden = true;
    at = -1;
    if (!isList) field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (name) => {
    const [start, end] = line();
    field.setRangeText(isList ? `${name}\n` : name, start, end, "end");
    close();
  };
  const mark = (index) => {
    const options = [...list.children];
    at = (index + options.length) % options.length;
    options.forEach((option, number) => option.setAttribute("aria-selected", String(number === at)));
    field.setAttribute("aria-activedescendant", options[at].id);
  };
  const ask = async () => {
    const mine = ++asked;
    const query = field.value.slice(...line()).trim();
    const address = `/if/admin/search/?target=${encodeURIComponent(field.dataset.suggest)}&q=${encodeURIComponent(query)}`;
    const response = await fetch(address, { headers: { accept: "application/json" } });
    if (!response.ok || mine !== asked) return;
    const { results } = await response.json();
    list.replaceChildren(...results.map(({ name }, index) => {
      const option = Object.assign(document.createElement("li"), { textContent: name, id: `${list.id}-${index}` });
      option.setAttribute("role", "option");
      option.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        choose(name);
      });
      return option;
    }));
    list.hidden = results.length === 0;
    if (!isList) field.setAttribute("aria-expanded", String(!list.hidden));
    at = -1;
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 150);
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") mark(at + 1);
    else if (event.key === "ArrowUp") mark(at - 1);
    else if (event.key === "Enter" && at >= 0) choose(list.children[at].textContent);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  field.addEventListener("blur", close);
  close();
}

for (const form of document.querySelectorAll("form[data-form]")) {
  let isChanged = false;
  form.addEventListener("input", () => (isChanged = true));
  form.addEventListener("submit", () => (isChanged = false));
  addEventListener("beforeunload", (event) => isChanged && event.preventDefault());
}
