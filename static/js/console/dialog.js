// A question before something is destroyed, asked where one stands. Without a script it is a page of its own.

const parse = async (response) => new DOMParser().parseFromString(await response.text(), "text/html");

const ask = async (link) => {
  const response = await fetch(link.href, { headers: { accept: "text/html" } });
  const main = response.ok ? (await parse(response)).getElementById("main") : null;
  // What cannot be deleted as things are, or whoever is no longer signed in, needs the page.
  if (!main?.querySelector("form.confirm")) return location.assign(link.href);
  const dialog = Object.assign(document.createElement("dialog"), { className: "question" });
  const heading = Object.assign(document.createElement("h2"), { id: "question" });
  heading.textContent = main.querySelector("h1").textContent;
  main.querySelector("header.title").remove();
  dialog.setAttribute("aria-labelledby", heading.id);
  dialog.append(heading, ...main.childNodes);
  const cancel = dialog.querySelector("form.confirm a");
  cancel.autofocus = true;
  cancel.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
};

if (window.HTMLDialogElement) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("#main > .title a.button.danger");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    ask(link).catch(() => location.assign(link.href));
  });
}
