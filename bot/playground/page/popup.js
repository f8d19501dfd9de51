// Popups: positioned at their control, menus with arrow keys, and confirmation dialogs.

import { flat, freshId, h } from "./dom.js";
import { homeToasts } from "./toast.js";
import { plainText, textNodes } from "./mrkdwn.js";
import { say } from "./words.js";

/** Shows `surface` in the top layer beside `anchor`, above it if there is more room; returns a function that hides it. */
export function float(surface, anchor, { alignEnd = false, matchWidth = false } = {}) {
  surface.setAttribute("popover", "manual");
  surface.showPopover();
  const place = () => {
    const box = anchor.getBoundingClientRect();
    if (matchWidth) surface.style.minWidth = `${box.width}px`;
    const below = innerHeight - box.bottom;
    const above = below < 220 && box.top > below;
    surface.style.maxHeight = `${Math.max(120, Math.min(320, (above ? box.top : below) - 16))}px`;
    const left = alignEnd ? box.right - surface.offsetWidth : box.left;
    surface.style.left = `${Math.max(8, Math.min(left, innerWidth - surface.offsetWidth - 8))}px`;
    surface.style.top = above ? "auto" : `${box.bottom + 4}px`;
    surface.style.bottom = above ? `${innerHeight - box.top + 4}px` : "auto";
  };
  place();
  addEventListener("resize", place);
  addEventListener("scroll", place, true);
  return () => {
    removeEventListener("resize", place);
    removeEventListener("scroll", place, true);
    if (surface.matches(":popover-open")) surface.hidePopover();
  };
}

/** Opens a menu beside `anchor`, with items {label, description, choose}; focus returns when it closes. */
export function openMenu(anchor, items, label, alignEnd = true) {
  const menu = h("div", { class: "popup menu", role: "menu", "aria-label": label, id: freshId("menu") });
  const close = (refocus = true) => {
    hide();
    menu.remove();
    document.removeEventListener("pointerdown", outside, true);
    anchor.setAttribute("aria-expanded", "false");
    anchor.removeAttribute("aria-controls");
    if (refocus) anchor.focus();
  };
  const outside = (event) => { if (!menu.contains(event.target)) { close(false); if (anchor.contains(event.target)) event.preventDefault(); } };
  const entries = items.map((item) => h("button", { type: "button", role: "menuitem", tabindex: "-1", data: item.data ?? {},
    on: { click: () => { close(); item.choose(); } } },
  h("span", { dir: "auto" }, item.label), item.description ? h("span", { class: "menu-description", dir: "auto" }, item.description) : null));
  menu.append(...entries);
  menu.addEventListener("keydown", (event) => {
    const at = entries.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 + entries.length, Home: 0, End: entries.length - 1 }[event.key];
    if (next !== undefined) { event.preventDefault(); entries[next % entries.length].focus(); }
    else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); }
    else if (event.key === "Tab") close();
  });
  anchor.parentNode.append(menu);
  anchor.setAttribute("aria-expanded", "true");
  anchor.setAttribute("aria-controls", menu.id);
  const hide = float(menu, anchor, { alignEnd });
  document.addEventListener("pointerdown", outside, true);
  entries[0]?.focus();
}

/** Redraws the content of `root`; a menu or list that was open in it is opened again, with its present items. */
export function redrawn(root, draw) {
  const open = root.querySelector("[data-action-id][aria-expanded=true]");
  const ts = open?.closest("article")?.dataset.ts;
  draw();
  if (!open || open.isConnected) return;
  const within = ts ? root.querySelector(`[data-ts="${ts}"]`) : root;
  const controls = within?.querySelectorAll("[data-action-id]") ?? [];
  // Only a closed menu is pressed, not a button that replaced it.
  [...controls].find((node) => node.dataset.actionId === open.dataset.actionId && node.ariaExpanded === "false")?.click();
}

/** Shows a Block Kit `confirm` object; resolves to true if the user confirms. */
export function confirmed(question) {
  if (!question) return Promise.resolve(true);
  return new Promise((resolve) => {
    const title = freshId("confirm");
    const words = freshId("confirm-text");
    const before = document.activeElement;
    const answer = (yes) => { dialog.close(); dialog.remove(); homeToasts(); before?.focus?.(); resolve(yes); };
    const dialog = h("dialog", { class: "confirm", role: "alertdialog", "aria-labelledby": title, "aria-describedby": words },
      h("h2", { id: title, dir: "auto" }, plainText(question.title)),
      h("div", { id: words, class: "mrkdwn", dir: "auto" }, textNodes(question.text)),
      h("div", { class: "dialog-actions" }, flat([
        h("button", { type: "button", class: "button", on: { click: () => answer(false) } }, plainText(question.deny ?? { text: say("Cancel") })),
        h("button", { type: "button", class: `button ${question.style === "danger" ? "danger-solid" : "primary"}`, on: { click: () => answer(true) } },
          plainText(question.confirm ?? { text: say("Yes") })),
      ])));
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); answer(false); }
    });
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    document.body.append(dialog);
    dialog.showModal();
  });
}
