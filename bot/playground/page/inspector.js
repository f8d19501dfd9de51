// The inspector on the right: live traffic between Slack and the app, in both directions.

import { get } from "./api.js";
import { fill, freshId, h, icon } from "./dom.js";
import { formatted } from "./dates.js";
import { fail, on, state } from "./state.js";

const MOST = 400;
const WAYS = { out: ["→", "to the app"], in: ["←", "from the app"] };

let root, list, filter, none;
let last = 0;
let rows = [];
let asking = false;
let again = false;

const moment = (at) => (typeof at === "number" ? at : Date.parse(at) / 1000 || 0);

function row(entry) {
  const [arrow, words] = WAYS[entry.direction] ?? ["·", entry.direction];
  const detail = freshId("body");
  const button = h("button", { type: "button", class: "traffic-row", "aria-expanded": "false", "aria-controls": detail, on: { click: toggle } },
    h("span", { class: "traffic-time" }, formatted(moment(entry.at), "{time_secs}", { tz: state.me.tz, tz_offset: state.me.tz_offset }, 0)),
    h("span", { class: `way way-${entry.direction}` }, h("span", { "aria-hidden": "true" }, `${arrow} `), words),
    h("span", { class: "traffic-kind" }, entry.kind), h("span", { class: "traffic-summary", dir: "auto" }, entry.summary));
  const pre = h("pre", { id: detail, hidden: true, tabindex: "0", "aria-label": `Content of ${entry.kind}` });
  function toggle() {
    pre.hidden = !pre.hidden;
    button.setAttribute("aria-expanded", String(!pre.hidden));
    if (!pre.textContent) pre.textContent = JSON.stringify(entry.body, null, 2) ?? "nothing";
  }
  return { text: `${words} ${entry.kind} ${entry.summary} ${JSON.stringify(entry.body)}`.toLowerCase(), node: h("li", { data: { n: entry.n, direction: entry.direction, kind: entry.kind } }, button, pre) };
}

function sift() {
  const wanted = filter.value.trim().toLowerCase();
  for (const { text, node } of rows) node.hidden = Boolean(wanted) && !text.includes(wanted);
  none.hidden = rows.some(({ node }) => !node.hidden);
}

async function fetchMore() {
  if (root.hidden || !state.me) return;
  if (asking) { again = true; return; }
  asking = true;
  try {
    const { traffic } = await get("/ui/traffic", { after: last });
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    const fresh = traffic.filter((entry) => entry.n > last).map(row);
    last = traffic.at(-1)?.n ?? last;
    rows = [...rows, ...fresh];
    rows.splice(0, Math.max(0, rows.length - MOST)).forEach(({ node }) => node.remove());
    list.append(...fresh.map(({ node }) => node));
    sift();
    if (atEnd) list.scrollTop = list.scrollHeight;
  } catch (error) {
    fail(error);
  } finally {
    asking = false;
    if (again) { again = false; setTimeout(fetchMore, 100); }
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
  filter = h("input", { type: "search", "aria-label": "Filter the traffic", placeholder: "Filter", on: { input: sift } });
  none = h("p", { class: "quiet" }, "Nothing to show yet.");
  const clear = () => { rows = []; fill(list); sift(); };
  root.append(
    h("div", { class: "inspector-head" }, h("h2", {}, "Traffic"), filter, h("button", { type: "button", class: "button small", on: { click: clear } }, "Clear"),
      h("button", { type: "button", class: "icon-button", "aria-label": "Close the traffic drawer", on: { click: close } }, icon("close"))),
    none, list);
  on("traffic", fetchMore);
}
