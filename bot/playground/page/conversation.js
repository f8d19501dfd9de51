// The middle column: a conversation's header, the app's tabs, and either the Home tab or messages with the composer.

import { fill, h, refill } from "./dom.js";
import { oneBlock } from "./blocks.js";
import { startComposer } from "./composer.js";
import { refresh } from "./dates.js";
import { newForm, place } from "./form.js";
import { startMessages } from "./messages.js";
import { redrawn } from "./popup.js";
import { channelOf, go, isApp, labelOf, now, on, state } from "./state.js";

let parts = null;
let homeForm = { id: null, form: newForm() };

const TABS = [["home", "Home"], ["messages", "Messages"]];

function tabs() {
  const move = (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    show(state.tab === "home" ? "messages" : "home", true);
  };
  return h("div", { class: "tabs", role: "tablist", "aria-label": state.app.name, on: { keydown: move } }, TABS.map(([id, label]) =>
    h("button", { type: "button", role: "tab", id: `tab-${id}`, "aria-selected": String(state.tab === id), "aria-controls": `panel-${id}`, tabindex: state.tab === id ? "0" : "-1",
      on: { click: () => show(id, true) } }, label)));
}

async function show(tab, focus) {
  await go({ place: tab === "home" ? "home" : state.place });
  if (focus) document.querySelector(`#tab-${tab}`)?.focus();
}

function head(channel) {
  const members = channel?.members?.length ?? 0;
  const about = !channel ? "" : isApp(channel) ? state.app.description : channel.topic;
  fill(parts.head,
    h("div", { class: "head-words" }, h("h2", { dir: "auto" }, channel ? labelOf(channel) : "No conversation", channel && isApp(channel) ? h("span", { class: "tag" }, "APP") : null),
      about ? h("p", { class: "topic", dir: "auto", title: about }, about) : null),
    channel && channel.kind !== "im" ? h("span", { class: "members" }, `${members} ${members === 1 ? "member" : "members"}`) : null);
  refill(parts.tabs, channel && isApp(channel) && state.app.home_enabled ? [[[state.app.name, state.tab], tabs]] : []);
}

function panels() {
  const tabbed = isApp(channelOf(state.place)) && state.app.home_enabled;
  for (const [id, panel] of [["home", parts.home], ["messages", parts.messages]]) {
    panel.hidden = state.tab !== id;
    panel.id = `panel-${id}`;
    if (tabbed) { panel.setAttribute("role", "tabpanel"); panel.setAttribute("aria-labelledby", `tab-${id}`); }
    else { panel.removeAttribute("role"); panel.removeAttribute("aria-labelledby"); }
  }
}

function drawHome() {
  if (state.tab !== "home") return;
  const view = state.home;
  const name = state.me.real_name || state.me.name;
  if (!view) { refill(parts.home, [[name, () => h("p", { class: "empty" }, `${state.app.name} has not made a home for ${name} yet.`)]]); return; }
  if (homeForm.id !== view.id) homeForm = { id: view.id, form: newForm() };
  const action = parts.home.contains(document.activeElement) ? document.activeElement.dataset.actionId : null;
  refill(parts.home, [[view.id, () => h("div", { class: "home blocks" })]]);
  const where = place({ view_id: view.id }, homeForm.form);
  redrawn(parts.home, () => refill(parts.home.firstChild, view.blocks.map((block) => [[state.users, block], () => oneBlock(block, where)])));
  if (action && !parts.home.contains(document.activeElement)) parts.home.querySelector(`[data-action-id="${CSS.escape(action)}"]`)?.focus();
}

export function startConversation(root) {
  parts = {
    head: h("div", { class: "head" }), tabs: h("div", { class: "tabs-frame" }),
    home: h("div", { class: "home-frame", tabindex: "0", "aria-live": "polite" }), messages: h("div", { class: "messages-frame" }),
  };
  parts.messages.append(startMessages(), startComposer());
  root.append(parts.head, parts.tabs, parts.home, parts.messages);
  on("person place", () => {
    const channel = channelOf(state.place);
    head(channel);
    panels();
    drawHome();
    document.title = `${channel ? labelOf(channel) : "Collab"} · ${state.me.real_name || state.me.name} · Playground`;
  });
  on("people channels", () => head(channelOf(state.place)));
  on("home people", drawHome);
  on("clock", () => refresh(parts.home, state.me, now()));
}
