// The mailboxes of people who have no Slack account: entries in the sidebar, and a window with their mails.

import { get } from "./api.js";
import { fill, h, icon, updateChildren } from "./dom.js";
import { fail, subscribe } from "./state.js";

const parts = { list: null, dialog: null, title: null, mails: null };
const seenCounts = new Map();
let mailboxes = [];
let shownAddress = null;

const unseen = (box) => box.mails.length - (seenCounts.get(box.address) ?? 0);

function mailboxEntry(box) {
  const count = unseen(box);
  return h("li", {}, h("button", { type: "button", class: `place${count ? " unread" : ""}`, "aria-label": count ? `Mailbox of ${box.name}, ${count} new` : `Mailbox of ${box.name}`, title: box.address,
    data: { mailbox: box.address }, on: { click: () => open(box.address) } },
  h("span", { class: "hash", "aria-hidden": "true" }, "@"), h("bdi", { class: "place-name" }, box.name), count ? h("span", { class: "badge", "aria-hidden": "true" }, count) : null));
}

// Links open beside the playground; nothing in a mail can run.
const withLinksOutside = (html) => html.replace("<head>", '<head><base target="_blank">');

function mailFrame(mail) {
  const frame = h("iframe", { class: "mail-body", title: mail.subject, sandbox: "allow-same-origin allow-popups allow-popups-to-escape-sandbox", srcdoc: withLinksOutside(mail.html) });
  frame.addEventListener("load", () => {
    frame.style.height = `${frame.contentDocument.documentElement.scrollHeight + 8}px`;
    // A key that is pressed within the frame does not reach the window around it.
    frame.contentDocument.addEventListener("keydown", (event) => { if (event.key === "Escape") parts.dialog.close(); });
  });
  return frame;
}

const mailArticle = (mail) => h("article", { class: "mail" },
  h("h3", { dir: "auto" }, mail.subject), h("p", { class: "mail-head" }, `${mail.sender} · ${mail.date}`), mailFrame(mail));

function drawDialog() {
  const box = mailboxes.find((one) => one.address === shownAddress);
  if (!box) return;
  seenCounts.set(box.address, box.mails.length);
  fill(parts.title, `${box.name}'s mailbox`, h("span", { class: "mail-head" }, box.address));
  const mails = [...box.mails].reverse();
  updateChildren(parts.mails, mails.length ? mails.map((mail) => [mail.number, () => mailArticle(mail)])
    : [["empty", () => h("p", { class: "empty" }, `No mail yet. Invite ${box.address} in Slack.`)]]);
}

const drawList = () => updateChildren(parts.list, mailboxes.map((box) => [[box.address, box.name, unseen(box)], () => mailboxEntry(box)]));

function open(address) {
  shownAddress = address;
  drawDialog();
  drawList();
  if (!parts.dialog.open) parts.dialog.showModal();
}

async function refresh() {
  try {
    ({ mailboxes } = await get("/ui/mails"));
    if (parts.dialog.open) drawDialog();
    drawList();
  } catch (error) { fail(error); }
}

/** Returns the sidebar's list of mailboxes, with its heading. */
export function startMailboxes() {
  parts.list = h("ul", { "aria-labelledby": "outside" });
  parts.title = h("h2", { id: "mailbox-title", dir: "auto" });
  parts.mails = h("div", { class: "mails" });
  const close = h("button", { type: "button", class: "icon-button", "aria-label": "Close mailbox", on: { click: () => parts.dialog.close() } }, icon("close"));
  parts.dialog = h("dialog", { class: "mailbox", "aria-labelledby": "mailbox-title", on: { close: () => { shownAddress = null; } } },
    h("div", { class: "mailbox-top" }, parts.title, close), parts.mails);
  document.body.append(parts.dialog);
  subscribe("person mail", refresh);
  return h("div", { class: "outside" }, h("h2", { id: "outside" }, "Outside Slack"), parts.list);
}
