// Shows the widget of a captcha, whichever it is, and puts its answer into the form.
const place = document.getElementById("captcha");
const field = place?.parentElement.querySelector("input[data-captcha]");
const { siteKey: sitekey, script, endpoint, interactive, sends } = place?.dataset ?? {};
const seen = interactive === "true";
let waits;

function answered(token) {
  field.value = token;
  if (sends === "true" || waits) {
    const button = waits;
    waits = undefined;
    field.form.requestSubmit(button);
  }
}

// Neither its script nor its widget came: a network or a blocker is in the way.
function unreachable() {
  place.parentElement.querySelector("[data-unreachable]").hidden = false;
}

function expired() {
  field.value = "";
}

const options = {
  sitekey,
  callback: answered,
  "expired-callback": expired,
  "error-callback": expired,
  ...(seen ? {} : { size: "invisible" }),
};

// How each widget is shown, and how one that works unseen is begun.
const widgets = {
  turnstile: (api) => ({ id: api.render(place, { sitekey, callback: answered, "expired-callback": expired }) }),
  hcaptcha: (api) => {
    const id = api.render(place, options);
    return { id, begin: () => api.execute(id) };
  },
  grecaptcha: (api) => {
    const id = api.render(place, options);
    return { id, begin: () => api.execute(id) };
  },
};

function show() {
  if (customElements.get("cap-widget")) {
    const widget = document.createElement("cap-widget");
    widget.setAttribute("data-cap-api-endpoint", endpoint);
    widget.addEventListener("solve", (event) => answered(event.detail.token));
    widget.addEventListener("reset", expired);
    place.append(widget);
    return;
  }
  const name = Object.keys(widgets).find((name) => typeof window[name]?.render === "function");
  if (!name) return unreachable();
  const { begin } = widgets[name](window[name]);
  if (seen || !begin) return;
  if (sends === "true") begin();
  // With other questions on the page the answer is worked out when they are sent.
  else
    field.form.addEventListener("submit", (event) => {
      if (field.value) return;
      event.preventDefault();
      waits = event.submitter;
      begin();
    });
}

if (place && field) {
  const loaded = document.createElement("script");
  loaded.src = script;
  loaded.async = true;
  loaded.addEventListener("load", () => {
    if (typeof window.grecaptcha?.ready === "function" && !window.grecaptcha.render) window.grecaptcha.ready(show);
    else setTimeout(show);
  });
  loaded.addEventListener("error", unreachable);
  document.head.append(loaded);
}
