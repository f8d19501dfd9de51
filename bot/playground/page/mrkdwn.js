// Parses Slack's mrkdwn and plain_text objects into DOM nodes, never into markup.

import { h } from "./dom.js";
import { timeNode } from "./dates.js";
import { emoji, withEmoji } from "./emoji.js";
import { now, state, userOf } from "./state.js";
import { translate } from "./words.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
export const unescape = (text) => text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);

const SAFE_SCHEME = /^(?:https?:\/\/|mailto:)/i;

export const safeUrl = (url) => (SAFE_SCHEME.test(url ?? "") ? url : null);

export function link(url, label) {
  const safe = safeUrl(url);
  if (!safe) return document.createTextNode(label || url);
  return h("a", { href: safe, target: "_blank", rel: "noopener noreferrer" }, label || url.replace(/^mailto:/i, ""));
}

export function mention(id, label) {
  const user = userOf(id);
  const name = user ? user.real_name || user.name : label || id;
  return h("span", { class: id === state.me?.id ? "mention mention-me" : "mention", dir: "auto", title: user?.title || null }, `@${name}`);
}

/** Returns a channel's mention, with its name if the user may see it. */
export function channelMention(id) {
  const name = state.channelNames[id];
  return h("span", { class: "mention", dir: "auto" }, name ? `#${name}` : translate("private channel"));
}

const broadcast = (name) => h("span", { class: "mention mention-me" }, `@${name}`);

function parseAngleBrackets(inner) {
  const separator = inner.indexOf("|");
  const target = separator < 0 ? inner : inner.slice(0, separator);
  const label = separator < 0 ? "" : unescape(inner.slice(separator + 1));
  if (/^@[UW]\w+$/.test(target)) return mention(target.slice(1), label);
  if (/^#[CG]\w+$/.test(target)) return channelMention(target.slice(1));
  if (/^!(?:channel|here|everyone)$/.test(target)) return broadcast(target.slice(1));
  if (/^!subteam\^\w+$/.test(target)) return h("span", { class: "mention" }, label || "@group");
  const date = /^!date\^(\d{1,11})\^([^^]*)(?:\^(.+))?$/.exec(target);
  if (date) {
    const node = timeNode(Number(date[1]), unescape(date[2]), state.me, now(), label);
    return safeUrl(date[3]) ? h("a", { href: unescape(date[3]), target: "_blank", rel: "noopener noreferrer" }, node) : node;
  }
  if (SAFE_SCHEME.test(target)) return link(unescape(target), label);
  return null;
}

const MARKS = { "*": "strong", _: "em", "~": "del" };
const MAX_DEPTH = 8;
const WORD = /[\p{L}\p{N}]/u;
const BARE_URL = /https?:\/\/[^\s<>|]*[^\s<>|.,;:!?'")\]*_~]/iy;
const EMOJI_CODE = /:([a-z0-9_+-]+):/y;

/**
 * Returns the index of the mark that closes the run at `start`, outside of code and angle brackets; -1 if none.
 * `unclosedUntil` has up to where there is none, so that a line of many marks is scanned only once.
 */
function findClosingMark(text, start, unclosedUntil) {
  const mark = text[start];
  if (start < (unclosedUntil[mark] ?? 0) || WORD.test(text[start - 1] ?? " ") || /\s/.test(text[start + 1] ?? " ") || text[start + 1] === mark) return -1;
  let at = start + 1;
  for (; at < text.length && text[at] !== "\n"; at += 1) {
    if (text[at] === "<") { const end = text.indexOf(">", at); if (end > 0) at = end; }
    else if (text[at] === "`") { const end = text.indexOf("`", at + 1); if (end > 0) at = end; }
    else if (text[at] === mark && !/\s/.test(text[at - 1]) && !WORD.test(text[at + 1] ?? " ") && text[at + 1] !== mark) return at;
  }
  unclosedUntil[mark] = at;
  return -1;
}

function matchAt(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function parseInline(text, verbatim, depth = 0) {
  const nodes = [];
  const unclosedUntil = {};
  let plain = "";
  const flush = () => { if (plain) nodes.push(document.createTextNode(unescape(plain))); plain = ""; };
  const add = (node, next) => { flush(); nodes.push(node); return next; };
  for (let at = 0; at < text.length;) {
    const character = text[at];
    if (character === "<") {
      const end = text.indexOf(">", at);
      const node = end > at ? parseAngleBrackets(text.slice(at + 1, end)) : null;
      if (node) { at = add(node, end + 1); continue; }
    } else if (character === "`") {
      const end = text.indexOf("`", at + 1);
      const inside = end > at + 1 ? text.slice(at + 1, end) : "";
      if (inside && !inside.includes("\n")) { at = add(h("code", {}, codeText(inside)), end + 1); continue; }
    } else if (MARKS[character] && depth < MAX_DEPTH) {
      const end = findClosingMark(text, at, unclosedUntil);
      if (end > at) { at = add(h(MARKS[character], {}, parseInline(text.slice(at + 1, end), verbatim, depth + 1)), end + 1); continue; }
    } else if (character === ":") {
      const match = matchAt(EMOJI_CODE, text, at);
      const picture = match && emoji(match[1]);
      if (picture) { at = add(emojiNode(picture, match[1]), at + match[0].length); continue; }
    } else if (!verbatim && (character === "h" || character === "H") && !WORD.test(text[at - 1] ?? " ")) {
      const match = matchAt(BARE_URL, text, at);
      if (match) { at = add(link(unescape(match[0])), at + match[0].length); continue; }
    }
    plain += character;
    at += 1;
  }
  flush();
  return nodes;
}

export const emojiNode = (picture, name) => h("span", { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " ") }, picture);

/** Renders code, in which Slack shows links as addresses and does not interpret marks. */
function codeText(text) {
  return unescape(text.replace(/<((?:https?:|mailto:)[^|>]*)(?:\|[^>]*)?>/g, "$1"));
}

function parseLines(text, verbatim) {
  const nodes = [];
  let lines = [];
  let isQuote = false;
  const flush = () => {
    if (lines.length) nodes.push(...(isQuote ? [h("blockquote", { dir: "auto" }, parseInline(lines.join("\n"), verbatim))] : parseInline(lines.join("\n"), verbatim)));
    lines = [];
  };
  for (const line of text.split("\n")) {
    const quote = /^(?:>|&gt;)\s?(.*)$/.exec(line);
    if (Boolean(quote) !== isQuote) { flush(); isQuote = Boolean(quote); }
    lines.push(quote ? quote[1] : line);
  }
  flush();
  return nodes;
}

export function mrkdwn(text, { verbatim = false } = {}) {
  return (text ?? "").split(/```([^]*?)```/).flatMap((piece, index, all) => {
    if (index % 2) return [h("pre", {}, codeText(piece.replace(/^\n|\n$/g, "")))];
    let markup = piece;
    // A pre block is on its own lines, so the line breaks around it would show twice.
    if (index > 0) markup = markup.replace(/^\n/, "");
    if (index < all.length - 1) markup = markup.replace(/\n$/, "");
    return markup ? parseLines(markup, verbatim) : [];
  });
}

/** Renders a text object of either type, or a string as mrkdwn. */
export function textNodes(object) {
  if (!object) return [];
  if (typeof object === "string") return mrkdwn(object);
  return object.type === "mrkdwn" ? mrkdwn(object.text, object) : [plainText(object)];
}

export const plainText = (object) => (object?.emoji === false ? object.text : withEmoji(object?.text ?? ""));

/** Returns the beginning of a text without its marks. */
export function excerpt(text, maxLength) {
  const plain = h("span", {}, mrkdwn(text)).textContent.replace(/\s+/g, " ").trim();
  return plain.length > maxLength ? `${[...plain].slice(0, maxLength).join("")}…` : plain;
}

export function textOf(object) {
  return object ? h("span", {}, textNodes(object)).textContent.trim() : "";
}
