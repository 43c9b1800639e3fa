// Conveniences over what works without: select all rows, copy, lists that follow what is typed, forms that are sent
// when a filter changes.

const selectable = (root) => {
  for (const table of root.querySelectorAll("table[data-select]")) {
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
};
selectable(document);

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

// Of many tabs on a narrow screen, the one that is shown.
const tab = document.querySelector(".tabs [aria-current]");
if (tab) {
  const tabs = tab.parentElement;
  tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - tab.offsetWidth) / 2;
}

for (const filter of document.querySelectorAll("select[data-send]")) {
  filter.addEventListener("change", () => filter.form.requestSubmit());
}

// What is found follows what is typed, and so does the address.
for (const field of document.querySelectorAll('form[data-live] input[type="search"]')) {
  const places = (root) => [...root.querySelectorAll("[data-found]")];
  let asked = 0;
  let timer;
  const look = async () => {
    const mine = ++asked;
    const address = new URL(field.form.action);
    address.search = new URLSearchParams([...new FormData(field.form)].filter(([, value]) => value));
    const response = await fetch(address, { headers: { accept: "text/html" } });
    if (!response.ok || mine !== asked) return;
    const fresh = places(new DOMParser().parseFromString(await response.text(), "text/html"));
    const shown = places(document);
    if (mine !== asked || fresh.length !== shown.length) return;
    shown.forEach((place, index) => place.replaceWith(fresh[index]));
    fresh.forEach(selectable);
    history.replaceState(null, "", address);
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 200);
  });
}
