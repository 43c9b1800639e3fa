// Times in the reader's zone and language. Without a script they are in UTC, and say so.

// The language is the page's, in the region that the reader's browser names.
const page = document.documentElement.lang;
const language = navigator.languages.find((tag) => tag.split("-")[0] === page.split("-")[0]) ?? (page || undefined);
const format = (options) => new Intl.DateTimeFormat(language, options);
const exactly = format({ dateStyle: "long", timeStyle: "long" });
const shown = {
  day: format({ dateStyle: "long" }),
  moment: format({ dateStyle: "long", timeStyle: "short" }),
};
const clock = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const hour = format({ dateStyle: "medium", timeStyle: "short" });
const zone = format({ timeZoneName: "short" });
const nameOfZone = (at) => zone.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "";

const localise = (root) => {
  for (const time of root.querySelectorAll("time[data-shown]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    time.title = exactly.format(at);
    const how = shown[time.dataset.shown];
    if (how) time.textContent = how.format(at);
    time.removeAttribute("data-shown");
  }
  for (const tick of root.querySelectorAll(".ticks [data-at]")) tick.textContent = clock.format(new Date(tick.dataset.at));
  for (const bar of root.querySelectorAll(".plot g[data-at]")) {
    const title = bar.querySelector("title");
    const rest = title.textContent.indexOf(" · ");
    title.textContent = hour.format(new Date(bar.dataset.at)) + title.textContent.slice(rest);
  }
};
localise(document);

// What other modules put on the page later.
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) localise(node);
  }
}).observe(document.getElementById("main"), { childList: true, subtree: true });

const digits = (number) => String(number).padStart(2, "0");
const wall = (at) =>
  `${at.getFullYear()}-${digits(at.getMonth() + 1)}-${digits(at.getDate())}T` +
  `${digits(at.getHours())}:${digits(at.getMinutes())}:${digits(at.getSeconds())}`;

// A moment is filled in on the reader's clock and sent in UTC.
for (const field of document.querySelectorAll("input[data-utc]")) {
  const sent = Object.assign(document.createElement("input"), { type: "hidden", name: field.name, value: field.value });
  field.removeAttribute("name");
  field.after(sent);
  const kept = new Date(`${field.value}Z`);
  const words = field.parentElement.querySelector("[data-zone]");
  const say = (at) => (words.textContent = nameOfZone(at));
  if (Number.isNaN(kept.getTime())) say(new Date());
  else {
    field.value = wall(kept);
    say(kept);
  }
  field.addEventListener("input", () => {
    const at = new Date(field.value);
    const is = !Number.isNaN(at.getTime());
    sent.value = is ? at.toISOString().slice(0, 19) : "";
    if (is) say(at);
  });
}

// A day that is asked for is one of the reader's: it is sent with its beginning or end, and his zone.
for (const field of document.querySelectorAll("form[method=get] input[type=date]")) {
  field.form.addEventListener("formdata", ({ formData }) => {
    if (!field.value) return;
    const time = field.name === "until" ? "23:59:59" : "00:00:00";
    const ahead = -new Date(`${field.value}T${time}`).getTimezoneOffset();
    const away = Math.abs(ahead);
    const offset = `${ahead < 0 ? "-" : "+"}${digits(Math.floor(away / 60))}:${digits(away % 60)}`;
    formData.set(field.name, `${field.value}T${time}${offset}`);
  });
}
