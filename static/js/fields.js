// What scripts add to fields of flow pages: showing a password, and keeping a name on this device.
const KEPT = "countersign.name";

for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  const [show, hide] = [button.textContent, button.dataset.hide];
  const reveal = (shown) => {
    field.type = shown ? "text" : "password";
    button.textContent = shown ? hide : show;
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    reveal(field.type === "password");
    field.focus();
  });
  // Browsers keep for suggestions what was sent as any other text.
  field.form.addEventListener("submit", () => reveal(false));
}

for (const label of document.querySelectorAll("[data-remember]")) {
  const field = document.getElementById(label.dataset.remember);
  const box = label.querySelector("input");
  let kept;
  try {
    kept = localStorage.getItem(KEPT);
  } catch {
    // The browser keeps nothing, so nothing is offered.
    continue;
  }
  label.hidden = false;
  box.checked = Boolean(kept);
  if (kept && !field.value) {
    field.value = kept;
    field.form.querySelector('input[type="password"]')?.focus();
  }
  field.form.addEventListener("submit", () => {
    if (box.checked) localStorage.setItem(KEPT, field.value);
    else localStorage.removeItem(KEPT);
  });
}
