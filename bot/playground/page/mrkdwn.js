// Parses Slack's mrkdwn and plain_text objects into DOM nodes, never into markup.

import { h } from "./dom.js";
import { timeNode } from "./dates.js";
import { emoji, withEmoji } from "./emoji.js";
import { now, state, userOf } from "./state.js";
import { say } from "./words.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
export const unescape = (text) => text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);

const SAFE = /^(?:https?:\/\/|mailto:)/i;

export const safeUrl = (url) => (SAFE.test(url ?? "") ? url : null);

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
  return h("span", { class: "mention", dir: "auto" }, name ? `#${name}` : say("private channel"));
}

const broadcast = (name) => h("span", { class: "mention mention-me" }, `@${name}`);

function angled(inner) {
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? "" : unescape(inner.slice(bar + 1));
  if (/^@[UW]\w+$/.test(target)) return mention(target.slice(1), label);
  if (/^#[CG]\w+$/.test(target)) return channelMention(target.slice(1));
  if (/^!(?:channel|here|everyone)$/.test(target)) return broadcast(target.slice(1));
  if (/^!subteam\^\w+$/.test(target)) return h("span", { class: "mention" }, label || "@group");
  const date = /^!date\^(\d{1,11})\^([^^]*)(?:\^(.+))?$/.exec(target);
  if (date) {
    const node = timeNode(Number(date[1]), unescape(date[2]), state.me, now(), label);
    return safeUrl(date[3]) ? h("a", { href: unescape(date[3]), target: "_blank", rel: "noopener noreferrer" }, node) : node;
  }
  if (SAFE.test(target)) return link(unescape(target), label);
  return null;
}

const MARKS = { "*": "strong", _: "em", "~": "del" };
const DEEPEST = 8;
const WORD = /[\p{L}\p{N}]/u;
const BARE = /https?:\/\/[^\s<>|]*[^\s<>|.,;:!?'")\]*_~]/iy;
const CODE = /:([a-z0-9_+-]+):/y;

/**
 * Returns the index of the mark that closes the run at `start`, outside of code and angle brackets; -1 if none.
 * `hopeless` stores up to where there is none, so that a line of many marks is scanned only once.
 */
function closing(text, start, hopeless) {
  const mark = text[start];
  if (start < (hopeless[mark] ?? 0) || WORD.test(text[start - 1] ?? " ") || /\s/.test(text[start + 1] ?? " ") || text[start + 1] === mark) return -1;
  let at = start + 1;
  for (; at < text.length && text[at] !== "\n"; at += 1) {
    if (text[at] === "<") { const end = text.indexOf(">", at); if (end > 0) at = end; }
    else if (text[at] === "`") { const end = text.indexOf("`", at + 1); if (end > 0) at = end; }
    else if (text[at] === mark && !/\s/.test(text[at - 1]) && !WORD.test(text[at + 1] ?? " ") && text[at + 1] !== mark) return at;
  }
  hopeless[mark] = at;
  return -1;
}

function sticky(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function inline(text, verbatim, depth = 0) {
  const nodes = [];
  const hopeless = {};
  let plain = "";
  const flush = () => { if (plain) nodes.push(document.createTextNode(unescape(plain))); plain = ""; };
  const add = (node, next) => { flush(); nodes.push(node); return next; };
  for (let at = 0; at < text.length;) {
    const sign = text[at];
    if (sign === "<") {
      const end = text.indexOf(">", at);
      const node = end > at ? angled(text.slice(at + 1, end)) : null;
      if (node) { at = add(node, end + 1); continue; }
    } else if (sign === "`") {
      const end = text.indexOf("`", at + 1);
      const inside = end > at + 1 ? text.slice(at + 1, end) : "";
      if (inside && !inside.includes("\n")) { at = add(h("code", {}, literal(inside)), end + 1); continue; }
    } else if (MARKS[sign] && depth < DEEPEST) {
      const end = closing(text, at, hopeless);
      if (end > at) { at = add(h(MARKS[sign], {}, inline(text.slice(at + 1, end), verbatim, depth + 1)), end + 1); continue; }
    } else if (sign === ":") {
      const found = sticky(CODE, text, at);
      const picture = found && emoji(found[1]);
      if (picture) { at = add(emojiNode(picture, found[1]), at + found[0].length); continue; }
    } else if (!verbatim && (sign === "h" || sign === "H") && !WORD.test(text[at - 1] ?? " ")) {
      const found = sticky(BARE, text, at);
      if (found) { at = add(link(unescape(found[0])), at + found[0].length); continue; }
    }
    plain += sign;
    at += 1;
  }
  flush();
  return nodes;
}

export const emojiNode = (picture, name) => h("span", { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " ") }, picture);

/** Renders code, in which Slack shows links as addresses and does not interpret marks. */
function literal(text) {
  return unescape(text.replace(/<((?:https?:|mailto:)[^|>]*)(?:\|[^>]*)?>/g, "$1"));
}

function paragraphs(text, verbatim) {
  const nodes = [];
  let run = [];
  let quoted = false;
  const flush = () => {
    if (run.length) nodes.push(...(quoted ? [h("blockquote", { dir: "auto" }, inline(run.join("\n"), verbatim))] : inline(run.join("\n"), verbatim)));
    run = [];
  };
  for (const line of text.split("\n")) {
    const quote = /^(?:>|&gt;)\s?(.*)$/.exec(line);
    if (Boolean(quote) !== quoted) { flush(); quoted = Boolean(quote); }
    run.push(quote ? quote[1] : line);
  }
  flush();
  return nodes;
}

export function mrkdwn(text, { verbatim = false } = {}) {
  return (text ?? "").split(/```([^]*?)```/).flatMap((piece, index, all) => {
    if (index % 2) return [h("pre", {}, literal(piece.replace(/^\n|\n$/g, "")))];
    let rest = piece;
    // A pre block is on its own lines, so the line breaks around it would show twice.
    if (index > 0) rest = rest.replace(/^\n/, "");
    if (index < all.length - 1) rest = rest.replace(/\n$/, "");
    return rest ? paragraphs(rest, verbatim) : [];
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
export function excerpt(text, most) {
  const words = h("span", {}, mrkdwn(text)).textContent.replace(/\s+/g, " ").trim();
  return words.length > most ? `${[...words].slice(0, most).join("")}…` : words;
}

export function wordsOf(object) {
  return object ? h("span", {}, textNodes(object)).textContent.trim() : "";
}
