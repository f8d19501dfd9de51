// The first look: three things to try, in an empty conversation and on a card in the sidebar.

import { h, icon } from "./dom.js";
import { emit, go, state } from "./state.js";

const DISMISSED = "collab-playground-hints-dismissed";
const COMMANDS = ["/collab help", "/collab invite @carl admin acme"];

const tryIt = (text) => h("button", { type: "button", class: "try", title: "Put this in the message box", on: { click: () => emit("compose", text) } }, h("code", {}, text));

function steps() {
  const carl = state.users.find((user) => user.name === "carl");
  const act = !carl ? "act as the person you invited" : h("button", { type: "button", class: "try", on: { click: () => go({ person: carl.id, place: state.app.name }) } }, "act as Carl");
  const accept = [h("strong", {}, "Accept"), "."];
  return h("ol", { class: "steps" },
    h("li", {}, "Ask what it can do: ", tryIt(COMMANDS[0])),
    h("li", {}, "Invite Carl: ", tryIt(COMMANDS[1])),
    carl?.id === state.me.id ? h("li", {}, "Now that you are Carl, press ", accept) : h("li", {}, "Then ", act, " and press ", accept));
}

export function emptyHint() {
  return h("div", { class: "empty" },
    h("p", { class: "empty-title" }, "Nothing here yet"),
    h("p", {}, `This is a small Slack with ${state.app.name} in it. You can be anyone on the left, and move time along the top.`),
    steps());
}

const dismissed = () => { try { return localStorage.getItem(DISMISSED) === "yes"; } catch { return false; } };

export function card() {
  if (dismissed()) return null;
  const node = h("section", { class: "card", "aria-label": "Things to try" },
    h("div", { class: "card-head" }, h("h2", {}, "Things to try"),
      h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss things to try", on: { click: dismiss } }, icon("close"))),
    steps());
  function dismiss() {
    try { localStorage.setItem(DISMISSED, "yes"); } catch { /* a private window forgets, and that is fine */ }
    node.remove();
    document.querySelector("#sidebar button")?.focus();
  }
  return node;
}
