// Marks the page as scripted, starts the components that ask for it, and again for what htmx swaps in.
import { initAll } from "./vendor/govuk-frontend-6.3.0/govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
document.addEventListener("htmx:after:swap", (event) => initAll({ scope: event.target }));
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
const offline = document.querySelector("[data-offline]");
if (offline) {
  document.addEventListener("htmx:error", () => { offline.hidden = false; });
  document.addEventListener("htmx:after:request", (event) => { offline.hidden = event.detail.ctx.response.status < 500; });
}
