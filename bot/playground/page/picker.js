// The page's select: a combobox with a filtered list, single or multiple, with fixed or loaded options.

import { fill, freshId, h, icon } from "./dom.js";
import { openPopover } from "./popup.js";
import { translate } from "./words.js";

const TYPING_PAUSE_MILLISECONDS = 200;

/**
 * Options are {value, label, description}; `load(query)` returns groups of {label, options}, or a promise of them.
 * `changed(options)` may return a promise of false to revert the choice.
 */
export function picker({ id, name, describedBy, placeholder, multiple = false, maxSelected = 100, minQueryLength = 0, isExternal = false, load, initial = [], onChange, required, actionId, large }) {
  let selected = [...initial];
  let shown = [];
  let highlighted = -1;
  let hideList = null;
  let timer = null;
  let lastRequest = 0;

  const listId = freshId("options");
  const input = h("input", { id, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list", "aria-expanded": "false",
    "aria-controls": listId, "aria-label": name, "aria-describedby": describedBy, "aria-required": required ? "true" : null, placeholder, dir: "auto", data: { actionId } });
  const chips = h("ul", { class: "chips", "aria-label": "Chosen" });
  const list = h("div", { role: "listbox", id: listId, "aria-label": name || placeholder || "Options", "aria-multiselectable": multiple ? "true" : null });
  const hint = h("p", { class: "popup-hint" });
  const popup = h("div", { class: "popup options" }, list, hint);
  const box = h("div", { class: `picker-box${multiple ? " many" : ""}` }, multiple ? chips : null, input, icon("down"));
  const root = h("div", { class: `picker${large ? " large" : ""}` }, box, popup);

  const isSelected = (option) => selected.some((one) => one.value === option.value);

  function showChosen() {
    if (!multiple) { input.value = selected[0]?.label ?? ""; return; }
    fill(chips, selected.map((option) => h("li", { class: "chip" }, h("bdi", {}, option.label),
      h("button", { type: "button", "aria-label": `Remove ${option.label}`, on: { click: () => { choose(option); input.focus(); } } }, icon("close")))));
    chips.hidden = !selected.length;
    input.placeholder = selected.length ? "" : placeholder ?? "";
  }

  function highlight(at) {
    highlighted = at;
    [...list.querySelectorAll("[role=option]")].forEach((node, index) => node.classList.toggle("active", index === at));
    const node = shown[at]?.node;
    if (node) { input.setAttribute("aria-activedescendant", node.id); node.scrollIntoView({ block: "nearest" }); }
    else input.removeAttribute("aria-activedescendant");
  }

  function showOptions(groups, query) {
    shown = [];
    const nodes = groups.map((group) => {
      const options = group.options.map((option) => {
        const at = shown.length;
        const node = h("div", { role: "option", id: freshId("option"), "aria-selected": String(isSelected(option)), data: { value: option.value },
          on: { mousedown: (event) => event.preventDefault(), click: () => choose(option), mousemove: () => { if (highlighted !== at) highlight(at); } } },
        h("span", { dir: "auto" }, option.label), option.description ? h("span", { class: "menu-description", dir: "auto" }, option.description) : null);
        shown.push({ option, node });
        return node;
      });
      if (!group.label || !options.length) return options;
      return h("div", { role: "group", "aria-label": group.label }, h("div", { class: "group-label", role: "presentation", "aria-hidden": "true" }, group.label), options);
    });
    fill(list, nodes);
    list.hidden = !shown.length;
    hint.textContent = shown.length ? "" : translate("No results.");
    highlight(query && shown.length ? 0 : shown.findIndex(({ option }) => isSelected(option)));
  }

  function showHint(text) {
    fill(list);
    shown = [];
    list.hidden = true;
    hint.textContent = text;
    highlight(-1);
  }

  function search(query) {
    clearTimeout(timer);
    const request = ++lastRequest;
    if (query.length < minQueryLength) { showHint(`Type at least ${minQueryLength} character${minQueryLength === 1 ? "" : "s"}.`); return; }
    const loadOptions = async () => {
      try {
        const groups = await load(query);
        if (request === lastRequest && hideList) showOptions(groups, query);
      } catch (error) {
        if (request === lastRequest && hideList) showHint(error.message);
      }
    };
    if (!isExternal) { loadOptions(); return; }
    showHint(translate("Looking…"));
    timer = setTimeout(loadOptions, query ? TYPING_PAUSE_MILLISECONDS : 0);
  }

  function openList(query = "") {
    if (!hideList) {
      hideList = openPopover(popup, box, { matchWidth: true });
      input.setAttribute("aria-expanded", "true");
    }
    search(query);
  }

  function closeList() {
    clearTimeout(timer);
    lastRequest += 1;
    hideList?.();
    hideList = null;
    fill(list);
    shown = [];
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  async function choose(option) {
    const before = selected;
    if (!multiple) selected = [option];
    else if (isSelected(option)) selected = selected.filter((one) => one.value !== option.value);
    else if (selected.length < maxSelected) selected = [...selected, option];
    if (multiple) input.value = "";
    closeList();
    showChosen();
    if (before === selected) return;
    if (await onChange(selected) === false) { selected = before; showChosen(); }
  }

  function onBlur() {
    closeList();
    if (multiple) { input.value = ""; return; }
    if (!input.value && selected.length && !required) { selected = []; onChange(selected); }
    showChosen();
  }

  input.addEventListener("input", () => openList(input.value));
  input.addEventListener("focus", () => { if (!multiple) input.select(); });
  input.addEventListener("click", () => { if (!hideList) openList(); });
  box.addEventListener("mousedown", (event) => { if (event.target !== input && !event.target.closest("button")) { event.preventDefault(); input.focus(); if (hideList) closeList(); else openList(); } });
  input.addEventListener("blur", onBlur);
  input.addEventListener("keydown", (event) => {
    const { key } = event;
    if ((key === "ArrowDown" || key === "ArrowUp") && !hideList) { event.preventDefault(); openList(); return; }
    if (key === "Backspace" && multiple && !input.value && selected.length) choose(selected.at(-1));
    if (!hideList) return;
    if (key === "ArrowDown") { event.preventDefault(); highlight((highlighted + 1) % Math.max(1, shown.length)); }
    else if (key === "ArrowUp") { event.preventDefault(); highlight((highlighted - 1 + shown.length) % Math.max(1, shown.length)); }
    else if (key === "Enter") { event.preventDefault(); if (shown[highlighted]) choose(shown[highlighted].option); }
    else if (key === "Escape") { event.preventDefault(); event.stopPropagation(); closeList(); showChosen(); }
  });
  showChosen();
  return root;
}

/** Returns a `load` for fixed options, which filters by the typed text. */
export function filterOptions(groups) {
  return (query) => {
    const text = query.trim().toLowerCase();
    return groups().map((group) => ({ ...group, options: group.options.filter((option) => `${option.label} ${option.extra ?? ""}`.toLowerCase().includes(text)) }));
  };
}
