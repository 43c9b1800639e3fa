// Keeps the inspector up to date while a run goes on in another tab.

const live = document.querySelector("[data-live]");
const EVERY = 2000;
let seen = null;

const look = async () => {
  const running = live.hasAttribute("data-running");
  if (running && document.visibilityState === "visible" && !new URLSearchParams(location.search).has("step")) {
    try {
      const response = await fetch(location.href, { headers: { accept: "text/html" } });
      if (response.ok) {
        const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-live]");
        if (fresh && fresh.innerHTML !== seen) {
          seen = fresh.innerHTML;
          live.replaceChildren(...fresh.childNodes);
          live.toggleAttribute("data-running", fresh.hasAttribute("data-running"));
        }
      }
    } catch {
      // The server is away; the next look may find it.
    }
  }
  setTimeout(look, EVERY);
};

if (live) setTimeout(look, EVERY);
