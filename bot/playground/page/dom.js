// Builds all DOM nodes of the page, so that data never becomes markup.

/** Returns an element with attributes, `on` listeners, `data` attributes and children (nodes, text, nested lists; null is skipped). */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    else if (name === "data") for (const [key, datum] of Object.entries(value)) { if (datum != null) node.dataset[key] = datum; }
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...flat(children));
  return node;
}

export function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");
}

export function fill(node, ...children) {
  node.replaceChildren(...flat(children));
  return node;
}

/** Makes `nodes` the children; unchanged nodes are not moved: they keep focus, and screen readers announce only new ones. */
export function setChildren(parent, nodes) {
  const kept = new Set(nodes);
  [...parent.childNodes].filter((node) => !kept.has(node)).forEach((node) => node.remove());
  nodes.forEach((node, index) => { if (parent.childNodes[index] !== node) parent.insertBefore(node, parent.childNodes[index] ?? null); });
}

/** Returns a value as text that does not depend on the order of its keys. */
export function stableJson(value) {
  if (Array.isArray(value)) return `[${value.map(stableJson)}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${stableJson(value[key])}`)}}`;
}

const piecesByParent = new WeakMap();

/** Fills a node with pieces [content, create]; a piece with unchanged content stays, with its open menu and a click in progress. */
export function updateChildren(parent, newPieces) {
  const oldNodes = piecesByParent.get(parent) ?? new Map();
  const newNodes = new Map();
  setChildren(parent, newPieces.map(([content, create]) => {
    const name = stableJson(content);
    const node = oldNodes.get(name)?.shift() ?? create();
    newNodes.set(name, [...(newNodes.get(name) ?? []), node]);
    return node;
  }));
  piecesByParent.set(parent, newNodes);
}

const SHAPES = {
  send: "M3 11 L21 3 L14 21 L11 13 Z",
  bolt: "M13 2 L5 14 H11 L10 22 L19 9 H13 Z",
  more: "M5 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z M12 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z M19 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z",
  down: "M6 9 L12 15 L18 9 L16.6 7.6 L12 12.2 L7.4 7.6 Z",
  close: "M6.4 5 L12 10.6 L17.6 5 L19 6.4 L13.4 12 L19 17.6 L17.6 19 L12 13.4 L6.4 19 L5 17.6 L10.6 12 L5 6.4 Z",
  lock: "M7 10V8a5 5 0 0 1 10 0v2h1a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1z M9 10h6V8a3 3 0 0 0-6 0z",
  eye: "M12 5c5 0 8.5 4 10 7-1.5 3-5 7-10 7S3.5 15 2 12c1.5-3 5-7 10-7z M12 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
  picture: "M4 4h16a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1z M5 16l4-5 3 3.5 3-4 4 5.5z",
  file: "M6 2h8l5 5v14a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1z M13 4v4h4z M8 12h8v1.6H8z M8 16h8v1.6H8z",
  traffic: "M7 3 L12 8 H8.5 V21 H5.5 V8 H2 Z M17 21 L12 16 H15.5 V3 H18.5 V16 H22 Z",
  warn: "M12 3 L22 20 H2 Z M11 9 V14 H13 V9 Z M11 16 V18 H13 V16 Z",
};

/** Returns a decorative icon; the text beside it carries the meaning. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[name]);
  path.setAttribute("fill-rule", "evenodd");
  svg.append(path);
  return svg;
}

let count = 0;
export const freshId = (prefix) => `${prefix}-${++count}`;

/** Returns black or white, whichever has more contrast with the colour. */
export function contrastColor(color) {
  const channels = /^#?([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(color ?? "");
  if (!channels) return "#fff";
  const [r, g, b] = channels.slice(1).map((hex) => parseInt(hex, 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? "#fff" : "#000";
}

export function avatar(user, size = "medium") {
  const node = h("span", { class: `avatar avatar-${size}`, "aria-hidden": "true" }, user.initials || initials(user.real_name || user.name));
  node.style.background = /^#[\da-f]{6}$/i.test(user.color ?? "") ? user.color : "#5a6472";
  node.style.color = contrastColor(user.color ?? "#5a6472");
  return node;
}

function initials(name = "?") {
  return name.split(/\s+/).map((word) => [...word][0] ?? "").slice(0, 2).join("").toUpperCase();
}

export function spinner() {
  return h("span", { class: "spinner", "aria-hidden": "true" });
}
