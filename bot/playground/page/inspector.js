// The inspector on the right: live traffic between Slack and the app, in both directions.

import { get } from "./api.js";
import { fill, freshId, h, icon } from "./dom.js";
import { formatDate } from "./dates.js";
import { fail, subscribe, state } from "./state.js";

const MAX_ROWS = 400;
const DIRECTIONS = { out: ["→", "to the app"], in: ["←", "from the app"] };

let root, list, filter, emptyNote;
let lastNumber = 0;
let rows = [];
let isFetching = false;
let isFetchQueued = false;

const toEpoch = (at) => (typeof at === "number" ? at : Date.parse(at) / 1000 || 0);

function buildRow(entry) {
  const [arrow, direction] = DIRECTIONS[entry.direction] ?? ["·", entry.direction];
  const bodyId = freshId("body");
  const button = h("button", { type: "button", class: "traffic-row", "aria-expanded": "false", "aria-controls": bodyId, on: { click: toggle } },
    h("span", { class: "traffic-time" }, formatDate(toEpoch(entry.at), "{time_secs}", { tz: state.me.tz, tz_offset: state.me.tz_offset }, 0)),
    h("span", { class: `way way-${entry.direction}` }, h("span", { "aria-hidden": "true" }, `${arrow} `), direction),
    h("span", { class: "traffic-kind" }, entry.kind), h("span", { class: "traffic-summary", dir: "auto" }, entry.summary));
  const pre = h("pre", { id: bodyId, hidden: true, tabindex: "0", "aria-label": `Content of ${entry.kind}` });
  function toggle() {
    pre.hidden = !pre.hidden;
    button.setAttribute("aria-expanded", String(!pre.hidden));
    if (!pre.textContent) pre.textContent = JSON.stringify(entry.body, null, 2) ?? "nothing";
  }
  return { text: `${direction} ${entry.kind} ${entry.summary} ${JSON.stringify(entry.body)}`.toLowerCase(), node: h("li", { data: { n: entry.n, direction: entry.direction, kind: entry.kind } }, button, pre) };
}

function applyFilter() {
  const query = filter.value.trim().toLowerCase();
  for (const { text, node } of rows) node.hidden = Boolean(query) && !text.includes(query);
  emptyNote.hidden = rows.some(({ node }) => !node.hidden);
}

async function fetchMore() {
  if (root.hidden || !state.me) return;
  if (isFetching) { isFetchQueued = true; return; }
  isFetching = true;
  try {
    const { traffic } = await get("/ui/traffic", { after: lastNumber });
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    const newRows = traffic.filter((entry) => entry.n > lastNumber).map(buildRow);
    lastNumber = traffic.at(-1)?.n ?? lastNumber;
    rows = [...rows, ...newRows];
    rows.splice(0, Math.max(0, rows.length - MAX_ROWS)).forEach(({ node }) => node.remove());
    list.append(...newRows.map(({ node }) => node));
    applyFilter();
    if (atEnd) list.scrollTop = list.scrollHeight;
  } catch (error) {
    fail(error);
  } finally {
    isFetching = false;
    if (isFetchQueued) { isFetchQueued = false; setTimeout(fetchMore, 100); }
  }
}

export function toggleInspector(button) {
  root.hidden = !root.hidden;
  document.body.classList.toggle("with-inspector", !root.hidden);
  button.setAttribute("aria-expanded", String(!root.hidden));
  if (!root.hidden) fetchMore();
}

export function startInspector(node, close) {
  root = node;
  list = h("ol", { class: "traffic" });
  filter = h("input", { type: "search", "aria-label": "Filter the traffic", placeholder: "Filter", on: { input: applyFilter } });
  emptyNote = h("p", { class: "quiet" }, "No traffic yet.");
  const clear = () => { rows = []; fill(list); applyFilter(); };
  root.append(
    h("div", { class: "inspector-head" }, h("h2", {}, "Traffic"), filter, h("button", { type: "button", class: "button small", on: { click: clear } }, "Clear"),
      h("button", { type: "button", class: "icon-button", "aria-label": "Close the traffic drawer", on: { click: close } }, icon("close"))),
    emptyNote, list);
  subscribe("traffic", fetchMore);
}
