// Popups: positioned at their control, menus with arrow keys, and confirmation dialogs.

import { flat, freshId, h } from "./dom.js";
import { returnToasts } from "./toast.js";
import { plainText, textNodes } from "./mrkdwn.js";
import { translate } from "./words.js";

/** Shows `surface` in the top layer beside `anchor`, above it if there is more room; returns a function that hides it. */
export function openPopover(surface, anchor, { alignEnd = false, matchWidth = false } = {}) {
  surface.setAttribute("popover", "manual");
  surface.showPopover();
  const position = () => {
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
  position();
  addEventListener("resize", position);
  addEventListener("scroll", position, true);
  return () => {
    removeEventListener("resize", position);
    removeEventListener("scroll", position, true);
    if (surface.matches(":popover-open")) surface.hidePopover();
  };
}

/** Opens a menu beside `anchor`, with items {label, description, choose}; focus returns when it closes. */
export function openMenu(anchor, items, label, alignEnd = true) {
  const menu = h("div", { class: "popup menu", role: "menu", "aria-label": label, id: freshId("menu") });
  const close = (refocus = true) => {
    hide();
    menu.remove();
    document.removeEventListener("pointerdown", closeOutside, true);
    anchor.setAttribute("aria-expanded", "false");
    anchor.removeAttribute("aria-controls");
    if (refocus) anchor.focus();
  };
  const closeOutside = (event) => { if (!menu.contains(event.target)) { close(false); if (anchor.contains(event.target)) event.preventDefault(); } };
  const entries = items.map((item) => h("button", { type: "button", role: "menuitem", tabindex: "-1", data: item.data ?? {},
    on: { click: () => { close(); item.choose(); } } },
  h("span", { dir: "auto" }, item.label), item.description ? h("span", { class: "menu-description", dir: "auto" }, item.description) : null));
  menu.append(...entries);
  menu.addEventListener("keydown", (event) => {
    const index = entries.indexOf(document.activeElement);
    const next = { ArrowDown: index + 1, ArrowUp: index - 1 + entries.length, Home: 0, End: entries.length - 1 }[event.key];
    if (next !== undefined) { event.preventDefault(); entries[next % entries.length].focus(); }
    else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); }
    else if (event.key === "Tab") close();
  });
  anchor.parentNode.append(menu);
  anchor.setAttribute("aria-expanded", "true");
  anchor.setAttribute("aria-controls", menu.id);
  const hide = openPopover(menu, anchor, { alignEnd });
  document.addEventListener("pointerdown", closeOutside, true);
  entries[0]?.focus();
}

/** Redraws the content of `root`; a menu or list that was open in it is opened again, with its present items. */
export function redrawKeepingMenu(root, draw) {
  const opener = root.querySelector("[data-action-id][aria-expanded=true]");
  const ts = opener?.closest("article")?.dataset.ts;
  draw();
  if (!opener || opener.isConnected) return;
  const parent = ts ? root.querySelector(`[data-ts="${ts}"]`) : root;
  const controls = parent?.querySelectorAll("[data-action-id]") ?? [];
  // Only a closed menu is pressed, not a button that replaced it.
  [...controls].find((node) => node.dataset.actionId === opener.dataset.actionId && node.ariaExpanded === "false")?.click();
}

/** Shows a Block Kit `confirm` object; resolves to true if the user confirms. */
export function confirmAction(question) {
  if (!question) return Promise.resolve(true);
  return new Promise((resolve) => {
    const titleId = freshId("confirm");
    const textId = freshId("confirm-text");
    const before = document.activeElement;
    const answer = (isConfirmed) => { dialog.close(); dialog.remove(); returnToasts(); before?.focus?.(); resolve(isConfirmed); };
    const dialog = h("dialog", { class: "confirm", role: "alertdialog", "aria-labelledby": titleId, "aria-describedby": textId },
      h("h2", { id: titleId, dir: "auto" }, plainText(question.title)),
      h("div", { id: textId, class: "mrkdwn", dir: "auto" }, textNodes(question.text)),
      h("div", { class: "dialog-actions" }, flat([
        h("button", { type: "button", class: "button", on: { click: () => answer(false) } }, plainText(question.deny ?? { text: translate("Cancel") })),
        h("button", { type: "button", class: `button ${question.style === "danger" ? "danger-solid" : "primary"}`, on: { click: () => answer(true) } },
          plainText(question.confirm ?? { text: translate("Yes") })),
      ])));
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); answer(false); }
    });
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    document.body.append(dialog);
    dialog.showModal();
  });
}
