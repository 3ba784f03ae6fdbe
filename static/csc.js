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
for (const form of document.querySelectorAll("form[data-each-file]")) {
  form.addEventListener("submit", async (event) => {
    const input = form.querySelector("input[type=file]"), files = [...input.files], said = document.querySelector("[data-said]");
    if (files.length < 2 || !window.htmx) return;
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    for (const [number, file] of files.entries()) {
      said.textContent = `Reading ${file.name}, ${number + 1} of ${files.length} …`;
      const one = new DataTransfer();
      one.items.add(file);
      input.files = one.files;
      await window.htmx.ajax("POST", form.action, { source: form, target: "#read", swap: "beforeend" });
    }
    said.textContent = `${files.length} files were read. Look at each one below.`;
    input.value = "";
    button.disabled = false;
  });
}
