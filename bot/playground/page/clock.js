// The top bar: the clock with the buttons that move it, the app's connection, the button of the traffic inspector.

import { post } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { ago, shortDay, time } from "./dates.js";
import { whileBusy } from "./form.js";
import { toggleInspector } from "./inspector.js";
import { excerpt } from "./mrkdwn.js";
import { emit, now, subscribe, state, applyClock } from "./state.js";
import { menuButton, updatePersonTimes } from "./sidebar.js";

const UTC = { tz: "UTC", tz_offset: 0 };
const NO_TRAVEL = "You can't move time in this playground.";
let parts = null;

const city = (zone) => (zone ?? "").split("/").at(-1).replaceAll("_", " ");

let clockQueue = Promise.resolve();

/** Moves the clock; a press during a move is queued. */
function moveClock(button, body) {
  clockQueue = clockQueue.then(() => whileBusy(button, async () => {
    const answer = await post("/ui/clock", body);
    applyClock(answer);
    emit("notice", describeSent(answer.sent));
  }));
}

function describeSent(sent) {
  const when = `It's now ${shortDay(now(), UTC)}, ${time(now(), UTC)} UTC.`;
  if (!sent.length) return `${when} No new messages from ${state.app.name}.`;
  const [first, ...rest] = sent;
  const others = rest.length ? ` ${rest.length} more: ${[...new Set(rest.map(({ to }) => to))].join(", ")}.` : "";
  return `${when} ${state.app.name} to ${first.to}: “${excerpt(first.text, 90)}”${others}`;
}

const clockButton = (label, body) => {
  const button = h("button", { type: "button", class: "bar-button", on: { click: () => moveClock(button, body) } }, label);
  return button;
};

const setText = (node, text) => { if (node.textContent !== text) node.textContent = text; };

function drawClock() {
  if (!state.me) return;
  const epoch = now();
  setText(parts.utc, `${shortDay(epoch, UTC)}, ${time(epoch, UTC)} UTC`);
  setText(parts.local, `${time(epoch, state.me)} ${city(state.me.tz)}`);
  const due = state.nextDue;
  const when = due ? `${shortDay(due, state.me)}, ${time(due, state.me)}` : "";
  setText(parts.due, due ? `Next: ${state.nextWords ? `${state.nextWords}, ` : ""}${when}` : "Next: nothing due");
  parts.due.title = parts.due.textContent;
  parts.next.disabled = !state.canTravel || !due;
  parts.next.title = !state.canTravel ? NO_TRAVEL : due ? `${when} (${ago(due, epoch, state.me)})` : "Nothing is due: no reminders or end dates are coming up.";
  updatePersonTimes();
}

function updateButtons() {
  for (const button of [parts.hour, parts.day]) {
    button.disabled = !state.canTravel;
    button.title = state.canTravel ? "" : NO_TRAVEL;
  }
  drawClock();
}

function drawConnection() {
  const text = !state.streaming ? "Playground not responding, reconnecting…" : state.connected ? "App connected" : "App not connected";
  if (parts.connection.dataset.words === text) return;
  parts.connection.dataset.words = text;
  parts.connection.classList.toggle("off", !state.streaming || !state.connected);
  fill(parts.connection, h("span", { class: "dot", "aria-hidden": "true" }), text);
}

export function startTopbar(root) {
  parts = {
    utc: h("strong", { class: "utc" }), local: h("span", { class: "local" }), due: h("span", { class: "due", id: "due" }),
    hour: clockButton("+1 hour", { seconds: 3600 }), day: clockButton("+1 day", { seconds: 86400 }), next: clockButton("To the next reminder", { next: true }),
    connection: h("span", { class: "connection", role: "status" }),
  };
  parts.next.setAttribute("aria-describedby", "due");
  const traffic = h("button", { type: "button", class: "bar-button", "aria-expanded": "false", "aria-controls": "inspector", on: { click: () => toggleInspector(traffic) } }, icon("traffic"), "Traffic");
  root.append(
    menuButton(),
    h("div", { class: "clock", role: "group", "aria-label": "The playground's clock" },
      parts.hour, parts.day, parts.next,
      h("div", { class: "clock-face" }, parts.utc, parts.local), parts.due),
    parts.connection, traffic);
  subscribe("person people clock", updateButtons);
  subscribe("person people connected", drawConnection);
  setInterval(drawClock, 1000);
  return () => { traffic.click(); traffic.focus(); };
}
