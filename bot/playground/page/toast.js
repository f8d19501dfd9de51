// Toasts: short error messages above the conversation, announced to screen readers.

import { h, icon } from "./dom.js";
import { subscribe } from "./state.js";

const LIFETIME_MILLISECONDS = 8000;
let region = null;

function showToast(text, iconName) {
  // An open modal makes the rest of the page inert, so the toast is shown inside it.
  const host = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  if (region.parentNode !== host) host.append(region);
  const node = h("div", { class: "toast" }, iconName ? icon(iconName) : null, h("span", {}, text),
    h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss this notice", on: { click: () => node.remove() } }, icon("close")));
  region.append(node);
  while (region.children.length > 3) region.firstChild.remove();
  setTimeout(() => node.remove(), LIFETIME_MILLISECONDS);
}

export function returnToasts() {
  if (region && region.parentNode !== document.body) document.body.append(region);
}

export function startToasts() {
  region = h("div", { class: "toasts", role: "status", "aria-live": "polite" });
  document.body.append(region);
  subscribe("failure", (text) => showToast(text, "warn"));
  subscribe("notice", (text) => showToast(text));
  subscribe("person", () => region.replaceChildren());
}
