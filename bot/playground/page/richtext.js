// Slack's rich_text block: sections, lists, quotes and preformatted text.

import { h } from "./dom.js";
import { timeNode } from "./dates.js";
import { emoji, withEmoji } from "./emoji.js";
import { channelMention, emojiNode, link, mention } from "./mrkdwn.js";
import { now, state } from "./state.js";

const STYLES = [["code", "code"], ["strike", "del"], ["italic", "em"], ["bold", "strong"]];

const applyStyles = (node, style = {}) => STYLES.reduce((styled, [name, tag]) => (style[name] ? h(tag, {}, styled) : styled), node);

const emojiFromCode = (code) => {
  const points = (code ?? "").split("-").map((hex) => parseInt(hex, 16));
  return points.every((point) => point > 0 && point <= 0x10ffff) ? String.fromCodePoint(...points) : null;
};

const INLINE_ELEMENTS = {
  text: (piece) => document.createTextNode(withEmoji(piece.text ?? "")),
  link: (piece) => link(piece.url, piece.text),
  user: (piece) => mention(piece.user_id),
  usergroup: () => h("span", { class: "mention" }, "@group"),
  channel: (piece) => channelMention(piece.channel_id),
  broadcast: (piece) => h("span", { class: "mention mention-me" }, `@${piece.range}`),
  color: (piece) => h("code", {}, piece.value),
  emoji: (piece) => {
    const character = emojiFromCode(piece.unicode) ?? emoji(piece.name);
    return character ? emojiNode(character, piece.name) : document.createTextNode(`:${piece.name}:`);
  },
  date: (piece) => timeNode(piece.timestamp, piece.format, state.me, now(), piece.fallback),
};

const renderPieces = (elements = []) => elements.map((piece) => (INLINE_ELEMENTS[piece.type] ? applyStyles(INLINE_ELEMENTS[piece.type](piece), piece.style) : null));

function buildList(element) {
  const node = h(element.style === "ordered" ? "ol" : "ul", element.style === "ordered" && element.offset ? { start: element.offset + 1 } : {},
    element.elements.map((item) => h("li", { dir: "auto" }, renderPieces(item.elements))));
  node.style.marginInlineStart = `${1.4 * (1 + (element.indent ?? 0))}em`;
  return node;
}

const ELEMENTS = {
  rich_text_section: (element) => h("div", { class: "mrkdwn", dir: "auto" }, renderPieces(element.elements)),
  rich_text_list: buildList,
  rich_text_quote: (element) => h("blockquote", { class: "mrkdwn", dir: "auto" }, renderPieces(element.elements)),
  rich_text_preformatted: (element) => h("pre", {}, renderPieces(element.elements)),
};

export const richText = (block) => (block.elements ?? []).map((element) => ELEMENTS[element.type]?.(element));
