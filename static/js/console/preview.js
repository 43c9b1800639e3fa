// A prompt as it would be asked, beside its form while that is filled in. Without a script "Try it out" shows it.

const place = document.querySelector("[data-preview]");
const form = document.querySelector("form[data-form]");

if (place && form) {
  let asked = 0;
  let timer;
  const look = async () => {
    const mine = ++asked;
    const response = await fetch(place.dataset.preview, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (mine !== asked) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = response.ok ? page.querySelector("[data-previewed]") : null;
    place.replaceChildren(...(fresh ? [fresh] : []));
    place.hidden = !fresh;
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 400);
  });
  look();
}
