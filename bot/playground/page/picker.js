// The page's select: a combobox with a filtered list, single or multiple, with fixed or loaded options.

import { fill, freshId, h, icon } from "./dom.js";
import { float } from "./popup.js";

const PAUSE = 200;

/**
 * Options are {value, label, description}; `load(query)` returns groups of {label, options}, or a promise of them.
 * `changed(options)` may return a promise of false to revert the choice.
 */
export function picker({ id, name, described, placeholder, multiple = false, most = 100, least = 0, asks = false, load, chosen = [], changed, required, actionId, large }) {
  let selected = [...chosen];
  let shown = [];
  let active = -1;
  let hide = null;
  let timer = null;
  let asked = 0;

  const listId = freshId("options");
  const input = h("input", { id, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list", "aria-expanded": "false",
    "aria-controls": listId, "aria-label": name, "aria-describedby": described, "aria-required": required ? "true" : null, placeholder, dir: "auto", data: { actionId } });
  const chips = h("ul", { class: "chips", "aria-label": "Chosen" });
  const list = h("div", { role: "listbox", id: listId, "aria-label": name || placeholder || "Options", "aria-multiselectable": multiple ? "true" : null });
  const hint = h("p", { class: "popup-hint" });
  const popup = h("div", { class: "popup options" }, list, hint);
  const box = h("div", { class: `picker-box${multiple ? " many" : ""}` }, multiple ? chips : null, input, icon("down"));
  const root = h("div", { class: `picker${large ? " large" : ""}` }, box, popup);

  const has = (option) => selected.some((one) => one.value === option.value);

  function showChosen() {
    if (!multiple) { input.value = selected[0]?.label ?? ""; return; }
    fill(chips, selected.map((option) => h("li", { class: "chip" }, h("bdi", {}, option.label),
      h("button", { type: "button", "aria-label": `Remove ${option.label}`, on: { click: () => { choose(option); input.focus(); } } }, icon("close")))));
    chips.hidden = !selected.length;
    input.placeholder = selected.length ? "" : placeholder ?? "";
  }

  function point(at) {
    active = at;
    [...list.querySelectorAll("[role=option]")].forEach((node, index) => node.classList.toggle("active", index === at));
    const node = shown[at]?.node;
    if (node) { input.setAttribute("aria-activedescendant", node.id); node.scrollIntoView({ block: "nearest" }); }
    else input.removeAttribute("aria-activedescendant");
  }

  function offer(groups, query) {
    shown = [];
    const nodes = groups.map((group) => {
      const options = group.options.map((option) => {
        const at = shown.length;
        const node = h("div", { role: "option", id: freshId("option"), "aria-selected": String(has(option)), data: { value: option.value },
          on: { mousedown: (event) => event.preventDefault(), click: () => choose(option), mousemove: () => { if (active !== at) point(at); } } },
        h("span", { dir: "auto" }, option.label), option.description ? h("span", { class: "menu-description", dir: "auto" }, option.description) : null);
        shown.push({ option, node });
        return node;
      });
      if (!group.label || !options.length) return options;
      return h("div", { role: "group", "aria-label": group.label }, h("div", { class: "group-label", role: "presentation", "aria-hidden": "true" }, group.label), options);
    });
    fill(list, nodes);
    list.hidden = !shown.length;
    hint.textContent = shown.length ? "" : "Nothing fits.";
    point(query && shown.length ? 0 : shown.findIndex(({ option }) => has(option)));
  }

  function say(text) {
    fill(list);
    shown = [];
    list.hidden = true;
    hint.textContent = text;
    point(-1);
  }

  function search(query) {
    clearTimeout(timer);
    const mine = ++asked;
    if (query.length < least) { say(`Type at least ${least} character${least === 1 ? "" : "s"}.`); return; }
    const ask = async () => {
      try {
        const groups = await load(query);
        if (mine === asked && hide) offer(groups, query);
      } catch (error) {
        if (mine === asked && hide) say(error.message);
      }
    };
    if (!asks) { ask(); return; }
    say("Looking…");
    timer = setTimeout(ask, query ? PAUSE : 0);
  }

  function open(query = "") {
    if (!hide) {
      hide = float(popup, box, { matchWidth: true });
      input.setAttribute("aria-expanded", "true");
    }
    search(query);
  }

  function close() {
    clearTimeout(timer);
    asked += 1;
    hide?.();
    hide = null;
    fill(list);
    shown = [];
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  async function choose(option) {
    const before = selected;
    if (!multiple) selected = [option];
    else if (has(option)) selected = selected.filter((one) => one.value !== option.value);
    else if (selected.length < most) selected = [...selected, option];
    if (multiple) input.value = "";
    close();
    showChosen();
    if (before === selected) return;
    if (await changed(selected) === false) { selected = before; showChosen(); }
  }

  function leave() {
    close();
    if (multiple) { input.value = ""; return; }
    if (!input.value && selected.length && !required) { selected = []; changed(selected); }
    showChosen();
  }

  input.addEventListener("input", () => open(input.value));
  input.addEventListener("focus", () => { if (!multiple) input.select(); });
  input.addEventListener("click", () => { if (!hide) open(); });
  box.addEventListener("mousedown", (event) => { if (event.target !== input && !event.target.closest("button")) { event.preventDefault(); input.focus(); if (hide) close(); else open(); } });
  input.addEventListener("blur", leave);
  input.addEventListener("keydown", (event) => {
    const { key } = event;
    if ((key === "ArrowDown" || key === "ArrowUp") && !hide) { event.preventDefault(); open(); return; }
    if (key === "Backspace" && multiple && !input.value && selected.length) choose(selected.at(-1));
    if (!hide) return;
    if (key === "ArrowDown") { event.preventDefault(); point((active + 1) % Math.max(1, shown.length)); }
    else if (key === "ArrowUp") { event.preventDefault(); point((active - 1 + shown.length) % Math.max(1, shown.length)); }
    else if (key === "Enter") { event.preventDefault(); if (shown[active]) choose(shown[active].option); }
    else if (key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); showChosen(); }
  });
  showChosen();
  return root;
}

/** Returns a `load` for fixed options, which filters by the typed text. */
export function among(groups) {
  return (query) => {
    const wanted = query.trim().toLowerCase();
    return groups().map((group) => ({ ...group, options: group.options.filter((option) => `${option.label} ${option.extra ?? ""}`.toLowerCase().includes(wanted)) }));
  };
}
