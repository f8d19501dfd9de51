// Block Kit's layout blocks, one function for each type: (block, surface, options) → nodes.

import { h, freshId, icon } from "./dom.js";
import { control, isControl } from "./controls.js";
import { plainText, textNodes, textOf } from "./mrkdwn.js";
import { richText } from "./richtext.js";
import { translate } from "./words.js";

const textNode = (object, tag = "div", extra = "") => h(tag, { class: `mrkdwn ${extra}`.trim(), dir: "auto" }, textNodes(object));

function unsupported(type) {
  return h("p", { class: "unsupported" }, "Unsupported block: ", h("code", {}, String(type)));
}

// Nothing is loaded from other sites: an image is shown as its alternative text.
function image(buildElement, small = false) {
  return h("span", { class: small ? "image-note small" : "image-note" }, icon("picture"), h("span", { class: "hidden" }, "Image: "), h("span", { dir: "auto" }, buildElement.alt_text || "image"));
}

function buildElement(element, block, surface, field = {}) {
  if (element.type === "image") return image(element);
  return isControl(element.type) ? control(element, surface, { block, ...field }) : unsupported(element.type);
}

function section(block, surface) {
  const name = textOf(block.text).slice(0, 120);
  return h("div", { class: "section" },
    h("div", { class: "section-words" }, block.text ? textNode(block.text) : null,
      block.fields ? h("div", { class: "fields" }, block.fields.map((field) => textNode(field))) : null),
    block.accessory ? h("div", { class: "accessory" }, buildElement(block.accessory, block, surface, { name })) : null);
}

function context(block) {
  return h("div", { class: "context" }, block.elements.map((element) => (element.type === "image" ? image(element, true) : textNode(element, "span"))));
}

function input(block, surface, { errors = {} }) {
  const id = freshId("field");
  const label = freshId("label");
  const isGroup = ["checkboxes", "radio_buttons"].includes(block.element.type);
  const hint = block.hint ? h("p", { class: "field-hint", id: freshId("hint"), dir: "auto" }, plainText(block.hint)) : null;
  const error = errors[block.block_id] ? h("p", { class: "field-error", id: freshId("error"), role: "alert" }, icon("warn"), h("span", {}, errors[block.block_id])) : null;
  const describedBy = [error?.id, hint?.id].filter(Boolean).join(" ") || null;
  const field = { input: true, id, labelId: label, describedBy, required: !block.optional };
  const content = [plainText(block.label), block.optional ? h("span", { class: "optional" }, ` ${translate("(optional)")}`) : null];
  const node = buildElement(block.element, block, surface, field);
  if (error) (node.matches("input, textarea, [role]") ? node : node.querySelector("input, textarea"))?.setAttribute("aria-invalid", "true");
  return h("div", { class: error ? "field field-wrong" : "field" },
    isGroup ? h("span", { class: "field-label", id: label, dir: "auto" }, content) : h("label", { class: "field-label", id: label, for: id, dir: "auto" }, content),
    node, error, hint);
}

const BLOCKS = {
  header: (block) => h("h3", { class: "header", dir: "auto" }, plainText(block.text)),
  section,
  divider: () => h("hr"),
  context,
  actions: (block, surface) => h("div", { class: "actions" }, block.elements.map((element) => buildElement(element, block, surface))),
  input,
  image: (block) => h("div", { class: "image" }, block.title ? h("div", { class: "image-title", dir: "auto" }, plainText(block.title)) : null, image(block)),
  rich_text: (block) => h("div", { class: "rich-text" }, richText(block)),
};

export function buildBlock(block, surface, options = {}) {
  let content;
  try {
    content = Object.hasOwn(BLOCKS, block.type) ? BLOCKS[block.type](block, surface, options) : unsupported(block.type);
  } catch {
    content = unsupported(`${block.type} (malformed)`);
  }
  return h("div", { class: `block block-${block.type}`, data: { blockId: block.block_id } }, content);
}

export const buildBlocks = (blocks, surface, options) => (blocks ?? []).map((block) => buildBlock(block, surface, options));
