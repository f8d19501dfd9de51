// The middle column: a conversation's header, the app's tabs, and either the Home tab or messages with the composer.

import { fill, h, updateChildren } from "./dom.js";
import { buildBlock } from "./blocks.js";
import { startComposer } from "./composer.js";
import { refreshTimes } from "./dates.js";
import { newForm, blockSurface } from "./form.js";
import { startMessages } from "./messages.js";
import { redrawKeepingMenu } from "./popup.js";
import { channelOf, showConversation, isApp, labelOf, now, subscribe, state } from "./state.js";

let parts = null;
let homeForm = { id: null, form: newForm() };

const TABS = [["home", "Home"], ["messages", "Messages"]];

function buildTabs() {
  const onKeydown = (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    showTab(state.tab === "home" ? "messages" : "home", true);
  };
  return h("div", { class: "tabs", role: "tablist", "aria-label": state.app.name, on: { keydown: onKeydown } }, TABS.map(([id, label]) =>
    h("button", { type: "button", role: "tab", id: `tab-${id}`, "aria-selected": String(state.tab === id), "aria-controls": `panel-${id}`, tabindex: state.tab === id ? "0" : "-1",
      on: { click: () => showTab(id, true) } }, label)));
}

async function showTab(tab, focus) {
  await showConversation({ place: tab === "home" ? "home" : state.place });
  if (focus) document.querySelector(`#tab-${tab}`)?.focus();
}

function drawHeader(channel) {
  const memberCount = channel?.members?.length ?? 0;
  const description = !channel ? "" : isApp(channel) ? state.app.description : channel.topic;
  fill(parts.head,
    h("div", { class: "head-words" }, h("h2", { dir: "auto" }, channel ? labelOf(channel) : "No conversation", channel && isApp(channel) ? h("span", { class: "tag" }, "APP") : null),
      description ? h("p", { class: "topic", dir: "auto", title: description }, description) : null),
    channel && channel.kind !== "im" ? h("span", { class: "members" }, `${memberCount} ${memberCount === 1 ? "member" : "members"}`) : null);
  updateChildren(parts.tabs, channel && isApp(channel) && state.app.home_enabled ? [[[state.app.name, state.tab], buildTabs]] : []);
}

function updatePanels() {
  const hasTabs = isApp(channelOf(state.place)) && state.app.home_enabled;
  for (const [id, panel] of [["home", parts.home], ["messages", parts.messages]]) {
    panel.hidden = state.tab !== id;
    panel.id = `panel-${id}`;
    if (hasTabs) { panel.setAttribute("role", "tabpanel"); panel.setAttribute("aria-labelledby", `tab-${id}`); }
    else { panel.removeAttribute("role"); panel.removeAttribute("aria-labelledby"); }
  }
}

function drawHome() {
  if (state.tab !== "home") return;
  const view = state.home;
  const name = state.me.real_name || state.me.name;
  if (!view) { updateChildren(parts.home, [[name, () => h("p", { class: "empty" }, `${state.app.name} hasn't published a Home tab for ${name} yet.`)]]); return; }
  if (homeForm.id !== view.id) homeForm = { id: view.id, form: newForm() };
  const focused = parts.home.contains(document.activeElement) ? { ...document.activeElement.dataset } : null;
  updateChildren(parts.home, [[view.id, () => h("div", { class: "home blocks" })]]);
  const surface = blockSurface({ view_id: view.id }, homeForm.form);
  redrawKeepingMenu(parts.home, () => updateChildren(parts.home.firstChild, view.blocks.map((block) => [[state.users, block], () => buildBlock(block, surface)])));
  if (focused?.actionId && !parts.home.contains(document.activeElement)) findHomeControl(focused)?.focus();
}

/** Returns a control of Home by its action and value; one of the same action if that value is gone. */
function findHomeControl({ actionId, value }) {
  const controls = [...parts.home.querySelectorAll(`[data-action-id="${CSS.escape(actionId)}"]`)];
  return controls.find((control) => control.dataset.value === value) ?? controls[0];
}

export function startConversation(root) {
  parts = {
    head: h("div", { class: "head" }), tabs: h("div", { class: "tabs-frame" }),
    home: h("div", { class: "home-frame", tabindex: "0", "aria-live": "polite" }), messages: h("div", { class: "messages-frame" }),
  };
  parts.messages.append(startMessages(), startComposer());
  root.append(parts.head, parts.tabs, parts.home, parts.messages);
  subscribe("person place", () => {
    const channel = channelOf(state.place);
    drawHeader(channel);
    updatePanels();
    drawHome();
    document.title = `${channel ? labelOf(channel) : "Collab"} · ${state.me.real_name || state.me.name} · Playground`;
  });
  subscribe("people channels", () => drawHeader(channelOf(state.place)));
  subscribe("home people", drawHome);
  subscribe("clock", () => refreshTimes(parts.home, state.me, now()));
}
