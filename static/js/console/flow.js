// Stages put in order by dragging. Without a script, the arrows do the same one step at a time.

const form = document.querySelector("[data-flow-order]");

for (const list of document.querySelectorAll("[data-flow-stages]")) {
  let held = null;
  let before = "";
  const order = () => [...list.children].map((item) => item.id).join();
  for (const item of list.children) item.draggable = true;
  list.addEventListener("dragstart", (event) => {
    if (event.target.closest?.("form")) return event.preventDefault();
    held = event.target.closest("[data-flow-stages] > *");
    before = order();
    held?.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-flow-stages] > *");
    if (!held || !over || over.parentElement !== list) return;
    event.preventDefault();
    const { top, height } = over.getBoundingClientRect();
    if (over !== held) over[event.clientY < top + height / 2 ? "before" : "after"](held);
  });
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", () => {
    held?.classList.remove("dragged");
    held = null;
    if (order() === before) return;
    // The keys of all stages go along only when all of them are put in order.
    for (const key of list.querySelectorAll("input[name=key]")) key.disabled = false;
    form.submit();
  });
}
