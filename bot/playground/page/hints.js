// The tutorial: the steps to try, in an empty channel and on a card in the sidebar, marked when done.

import { h, icon } from "./dom.js";
import { channelOf, emit, showConversation, isApp, state } from "./state.js";

const DISMISSED = "collab-playground-hints-dismissed";

const findUser = (name) => state.users.find((user) => user.name === name);

async function fillComposer(task, text) {
  if (await showConversation({ person: findUser(task.person).id, place: task.channel })) emit("compose", text);
}

/** Renders a step's Markdown; the user of the step can press its command, which fills the message box. */
function renderWords(task, canDo) {
  return task.words.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((piece) => {
    if (piece.startsWith("**")) return h("strong", {}, piece.slice(2, -2));
    if (!piece.startsWith("`")) return piece;
    const line = piece.slice(1, -1);
    if (!canDo) return h("code", {}, line);
    return h("button", { type: "button", class: "try", title: "Copy to the message box", on: { click: () => fillComposer(task, line) } }, h("code", {}, line));
  });
}

function buildStep(task) {
  const person = findUser(task.person);
  const canDo = person?.id === state.me.id;
  const firstName = person ? (person.real_name || person.name).split(/\s+/)[0] : "";
  return h("li", { class: task.done ? "done" : null, data: { thing: task.name } },
    task.done ? h("span", { class: "hidden" }, "Done: ") : null, renderWords(task, canDo && !task.done), task.words.endsWith("`") ? null : ".",
    canDo || task.done || !person ? null : [" ", h("button", { type: "button", class: "try", on: { click: () => showConversation({ person: person.id, place: task.channel ?? state.app.name }) } }, `Act as ${firstName}`)]);
}

// Guests and users of another workspace can do none of the steps.
const hasTasks = () => !state.me.guest && !state.me.foreign && state.tries.length > 0;

const taskList = () => h("ol", { class: "steps" }, state.tries.map(buildStep));

export function emptyHint() {
  const name = state.me.real_name || state.me.name;
  if (isApp(channelOf(state.place))) {
    return h("div", { class: "empty" }, h("p", { class: "empty-title" }, "Nothing here yet"), h("p", {}, `Messages from ${state.app.name} to ${name} will show up here.`));
  }
  return h("div", { class: "empty" },
    h("p", { class: "empty-title" }, "Nothing here yet"),
    h("p", {}, `This is a small Slack workspace with ${state.app.name} in it. Choose who you are on the left, and move time forward at the top.`),
    hasTasks() ? taskList() : null);
}

const isDismissed = () => { try { return localStorage.getItem(DISMISSED) === "yes"; } catch { return false; } };

export function buildTutorialCard() {
  if (isDismissed() || !hasTasks()) return null;
  const node = h("section", { class: "card", "aria-label": "Things to try" },
    h("div", { class: "card-head" }, h("h2", {}, "Things to try"),
      h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss things to try", on: { click: dismiss } }, icon("close"))),
    taskList());
  function dismiss() {
    try { localStorage.setItem(DISMISSED, "yes"); } catch { /* a private window has no storage; the card appears again */ }
    node.remove();
    document.querySelector("#sidebar button")?.focus();
  }
  return node;
}
