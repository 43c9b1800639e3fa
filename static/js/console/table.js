// Conveniences over what works without: select all rows, copy, lists that are sorted by dragging, forms that
// are sent when a filter changes.

for (const table of document.querySelectorAll("table[data-select]")) {
  const head = table.querySelector("thead .tick");
  const boxes = () => [...table.querySelectorAll("tbody .tick input")];
  const all = document.createElement("input");
  all.type = "checkbox";
  all.setAttribute("aria-label", table.dataset.select);
  head.replaceChildren(all);
  all.addEventListener("change", () => boxes().forEach((box) => (box.checked = all.checked)));
  let last = null;
  table.addEventListener("click", (event) => {
    const box = event.target.closest("tbody .tick input");
    if (!box) return;
    const list = boxes();
    if (event.shiftKey && last) {
      const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
      list.slice(from, to + 1).forEach((other) => (other.checked = box.checked));
    }
    last = box;
    all.checked = list.every((other) => other.checked);
    all.indeterminate = !all.checked && list.some((other) => other.checked);
  });
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  const words = button.textContent;
  const text = button.parentElement.querySelector("pre");
  if (!text || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = button.dataset.done;
    setTimeout(() => (button.textContent = words), 2000);
  });
}

for (const filter of document.querySelectorAll("select[data-send]")) {
  filter.addEventListener("change", () => filter.form.requestSubmit());
}

// <form><ol class="ordered" data-order><li><input type="hidden" name="key" …>…: sent in the new order.
for (const list of document.querySelectorAll("[data-order]")) {
  let held = null;
  for (const item of list.children) item.draggable = true;
  list.addEventListener("dragstart", (event) => {
    held = event.target.closest("[data-order] > *");
    held?.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-order] > *");
    if (!held || !over || over.parentElement !== list) return;
    event.preventDefault();
    const { top, height } = over.getBoundingClientRect();
    if (over !== held) over[event.clientY < top + height / 2 ? "before" : "after"](held);
  });
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", () => {
    held?.classList.remove("dragged");
    held = null;
    list.closest("form")?.requestSubmit();
  });
}
