// Toasts: short error messages above the conversation, announced to screen readers.

import { h, icon } from "./dom.js";
import { on } from "./state.js";

const LIFETIME = 8000;
let region = null;

function toast(text, sign) {
  // An open modal makes the rest of the page inert, so the toast is shown inside it.
  const host = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  if (region.parentNode !== host) host.append(region);
  const note = h("div", { class: "toast" }, sign ? icon(sign) : null, h("span", {}, text),
    h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss this notice", on: { click: () => note.remove() } }, icon("close")));
  region.append(note);
  while (region.children.length > 3) region.firstChild.remove();
  setTimeout(() => note.remove(), LIFETIME);
}

export function homeToasts() {
  if (region && region.parentNode !== document.body) document.body.append(region);
}

export function startToasts() {
  region = h("div", { class: "toasts", role: "status", "aria-live": "polite" });
  document.body.append(region);
  on("failure", (text) => toast(text, "warn"));
  on("notice", (text) => toast(text));
  on("person", () => region.replaceChildren());
}
