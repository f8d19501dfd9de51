// Block Kit's layout blocks, one function for each type: (block, place, options) → nodes.

import { h, freshId, icon } from "./dom.js";
import { control, isControl } from "./controls.js";
import { plainText, textNodes, wordsOf } from "./mrkdwn.js";
import { richText } from "./richtext.js";
import { say } from "./words.js";

const words = (object, tag = "div", extra = "") => h(tag, { class: `mrkdwn ${extra}`.trim(), dir: "auto" }, textNodes(object));

function unsupported(type) {
  return h("p", { class: "unsupported" }, "Unsupported block: ", h("code", {}, String(type)));
}

// Nothing is loaded from other sites: an image is shown as its alternative text.
function image(element, small = false) {
  return h("span", { class: small ? "image-note small" : "image-note" }, icon("picture"), h("span", { class: "hidden" }, "Image: "), h("span", { dir: "auto" }, element.alt_text || "image"));
}

function element(one, block, place, field = {}) {
  if (one.type === "image") return image(one);
  return isControl(one.type) ? control(one, place, { block, ...field }) : unsupported(one.type);
}

function section(block, place) {
  const name = wordsOf(block.text).slice(0, 120);
  return h("div", { class: "section" },
    h("div", { class: "section-words" }, block.text ? words(block.text) : null,
      block.fields ? h("div", { class: "fields" }, block.fields.map((field) => words(field))) : null),
    block.accessory ? h("div", { class: "accessory" }, element(block.accessory, block, place, { name })) : null);
}

function context(block) {
  return h("div", { class: "context" }, block.elements.map((one) => (one.type === "image" ? image(one, true) : words(one, "span"))));
}

function input(block, place, { errors = {} }) {
  const id = freshId("field");
  const label = freshId("label");
  const grouped = ["checkboxes", "radio_buttons"].includes(block.element.type);
  const hint = block.hint ? h("p", { class: "field-hint", id: freshId("hint"), dir: "auto" }, plainText(block.hint)) : null;
  const error = errors[block.block_id] ? h("p", { class: "field-error", id: freshId("error"), role: "alert" }, icon("warn"), h("span", {}, errors[block.block_id])) : null;
  const described = [error?.id, hint?.id].filter(Boolean).join(" ") || null;
  const field = { input: true, id, named: label, described, required: !block.optional };
  const inner = [plainText(block.label), block.optional ? h("span", { class: "optional" }, ` ${say("(optional)")}`) : null];
  const node = element(block.element, block, place, field);
  if (error) (node.matches("input, textarea, [role]") ? node : node.querySelector("input, textarea"))?.setAttribute("aria-invalid", "true");
  return h("div", { class: error ? "field field-wrong" : "field" },
    grouped ? h("span", { class: "field-label", id: label, dir: "auto" }, inner) : h("label", { class: "field-label", id: label, for: id, dir: "auto" }, inner),
    node, error, hint);
}

const BLOCKS = {
  header: (block) => h("h3", { class: "header", dir: "auto" }, plainText(block.text)),
  section,
  divider: () => h("hr"),
  context,
  actions: (block, place) => h("div", { class: "actions" }, block.elements.map((one) => element(one, block, place))),
  input,
  image: (block) => h("div", { class: "image" }, block.title ? h("div", { class: "image-title", dir: "auto" }, plainText(block.title)) : null, image(block)),
  rich_text: (block) => h("div", { class: "rich-text" }, richText(block)),
};

export function oneBlock(block, place, options = {}) {
  let inner;
  try {
    inner = Object.hasOwn(BLOCKS, block.type) ? BLOCKS[block.type](block, place, options) : unsupported(block.type);
  } catch {
    inner = unsupported(`${block.type} (malformed)`);
  }
  return h("div", { class: `block block-${block.type}`, data: { blockId: block.block_id } }, inner);
}

export const blocks = (list, place, options) => (list ?? []).map((block) => oneBlock(block, place, options));
