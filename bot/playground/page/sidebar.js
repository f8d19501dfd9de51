// The sidebar: the workspace, the acting user, and the conversations.

import { post } from "./api.js";
import { avatar, fill, h, icon, updateChildren } from "./dom.js";
import { time } from "./dates.js";
import { buildTutorialCard } from "./hints.js";
import { startMailboxes } from "./mailbox.js";
import { openMenu } from "./popup.js";
import { startWorkspaces } from "./workspaces.js";
import { fail, showConversation, isApp, labelOf, now, subscribe, people, state } from "./state.js";

let root = null;
const parts = { team: null, people: null, accounts: null, rooms: null, none: null, direct: null, places: null, card: null };

const firstName = (user) => (user.real_name || user.name).split(/\s+/)[0];
const describeStatus = (user) => (user.foreign ? "another workspace" : user.deleted ? "deactivated" : user.guest ? "guest" : user.admin ? "workspace admin" : "");
const personLabel = (user) => [firstName(user), describeStatus(user)].filter(Boolean).join(", ");

function personOption(user) {
  const unread = user.id === state.me.id ? 0 : state.unreadByUser[user.id] ?? 0;
  const noteId = `about-${user.id}`;
  const tag = user.foreign ? "external" : user.deleted ? "off" : user.guest ? "guest" : user.admin ? "admin" : "";
  return h("label", { class: "person", title: [user.real_name || user.name, user.title, describeStatus(user), user.tz].filter(Boolean).join(" · ") },
    h("input", { type: "radio", name: "act-as", value: user.id, checked: user.id === state.me.id, "aria-label": personLabel(user), "aria-describedby": noteId, data: { person: user.name },
      on: { change: () => showConversation({ person: user.id }) } }),
    avatar(user, "small"),
    h("span", { class: "person-words" }, h("bdi", { class: "person-name" }, firstName(user)),
      h("span", { class: "person-note", id: noteId }, h("span", { data: { zoneOf: user.id } }, time(now(), user)), tag ? ` ${tag}` : "",
        unread ? h("span", { class: "hidden" }, `, ${unread} unread from ${state.app.name}`) : null)),
    unread ? h("span", { class: "badge", "aria-hidden": "true" }, unread) : null);
}

// Actions of Slack's administration, so that a demo can show their effects.
function openAccountMenu() {
  const isCurrent = state.users.filter((user) => !user.is_bot && !user.foreign);
  openMenu(parts.accounts, isCurrent.map((user) => ({
    label: user.deleted ? `Reactivate ${firstName(user)}` : `Deactivate ${firstName(user)}`,
    description: user.deleted ? "Deactivated" : [user.title, user.admin ? "workspace admin" : ""].filter(Boolean).join(" · "),
    choose: () => post("/ui/account", { person: user.id, deleted: !user.deleted }).catch(fail),
  })), "Accounts", false);
}

function drawPeople() {
  const focused = parts.people.contains(document.activeElement) ? document.activeElement.value : null;
  updateChildren(parts.people, people().map((user) => [[user, user.id === state.me.id, state.unreadByUser[user.id]], () => personOption(user)]));
  if (focused && !parts.people.contains(document.activeElement)) parts.people.querySelector(`input[value="${CSS.escape(focused)}"]`)?.focus();
}

function conversationEntry(channel) {
  const isCurrent = channel.id === state.place;
  const label = labelOf(channel);
  const name = channel.unread ? `${label}, ${channel.unread} unread` : channel.archived ? `${label}, archived` : label;
  const symbol = isApp(channel) ? h("span", { class: "app-sign", "aria-hidden": "true" }) : channel.kind === "im" ? null
    : h("span", { class: "hash", "aria-hidden": "true" }, channel.kind === "private" ? icon("lock") : "#");
  return h("li", {}, h("button", { type: "button", class: `place${channel.unread ? " unread" : ""}${channel.archived ? " archived" : ""}`, "aria-label": name, title: label,
    "aria-current": isCurrent ? "page" : null, data: { channel: channel.id },
    on: { click: (event) => showConversation({ place: channel.id }).then(() => { if (event.detail) document.querySelector("#composer")?.focus(); }) } },
  symbol, h("bdi", { class: "place-name" }, channel.kind === "im" ? label : channel.name),
  channel.shared ? h("span", { class: "tag" }, "shared") : null,
  channel.unread ? h("span", { class: "badge", "aria-hidden": "true" }, channel.unread) : null));
}

function drawConversations() {
  const focused = parts.places.contains(document.activeElement) ? document.activeElement.dataset.channel : null;
  const rooms = state.channels.filter((channel) => channel.kind !== "im").sort((a, b) => Number(a.archived) - Number(b.archived) || a.name.localeCompare(b.name));
  const direct = state.channels.filter((channel) => channel.kind === "im");
  const toPiece = (channel) => [[state.users, channel, channel.id === state.place], () => conversationEntry(channel)];
  updateChildren(parts.rooms, rooms.map(toPiece));
  updateChildren(parts.direct, direct.map(toPiece));
  fill(parts.none, rooms.length ? null : h("p", { class: "quiet" }, `${firstName(state.me)} isn't in any channel here.`));
  if (focused && !parts.places.contains(document.activeElement)) parts.places.querySelector(`[data-channel="${CSS.escape(focused)}"]`)?.focus();
}

function drawTutorialCard() {
  updateChildren(parts.card, [[[state.me.id, state.tries], () => h("div", {}, buildTutorialCard())]]);
}

const NARROW = "(max-width: 640px)";

/** Returns the button that shows and hides the sidebar on narrow screens. */
export function menuButton() {
  const button = h("button", { type: "button", class: "bar-button menu-button", "aria-expanded": "false", "aria-controls": "sidebar", on: { click: () => show(button.ariaExpanded !== "true") } }, "Menu");
  function show(isShown) {
    document.body.classList.toggle("with-sidebar", isShown);
    button.setAttribute("aria-expanded", String(isShown));
    if (isShown) root.querySelector("input:checked, button")?.focus();
  }
  addEventListener("keydown", (event) => { if (event.key === "Escape" && button.ariaExpanded === "true") { show(false); button.focus(); } });
  subscribe("place", () => { if (matchMedia(NARROW).matches) show(false); });
  return button;
}

export function updatePersonTimes() {
  for (const node of root?.querySelectorAll("[data-zone-of]") ?? []) {
    const user = state.users.find((one) => one.id === node.dataset.zoneOf);
    const text = user ? time(now(), user) : "";
    if (node.textContent !== text) node.textContent = text;
  }
}

export function startSidebar(node) {
  root = node;
  parts.team = h("div", { class: "team" });
  parts.people = h("div", { class: "people" });
  parts.accounts = h("button", { type: "button", class: "accounts", "aria-haspopup": "menu", "aria-expanded": "false", on: { click: openAccountMenu } }, "Accounts…");
  parts.rooms = h("ul", { "aria-labelledby": "rooms" });
  parts.none = h("div", {});
  parts.direct = h("ul", { "aria-labelledby": "direct" });
  parts.places = h("div", { class: "places" }, h("h2", { id: "rooms" }, "Channels"), parts.rooms, parts.none, h("h2", { id: "direct" }, "Apps and direct messages"), parts.direct, startMailboxes());
  parts.card = h("div", {});
  const choice = h("fieldset", { class: "act-as" }, h("legend", {}, "Act as"), parts.people, h("div", { class: "anchor" }, parts.accounts));
  root.append(parts.team, ...startWorkspaces(), choice, parts.places, parts.card);
  subscribe("person", () => {
    fill(parts.team, h("h1", { dir: "auto" }, state.team.name), h("span", { class: "team-note" }, "Playground"));
    drawTutorialCard();
  });
  subscribe("tries", drawTutorialCard);
  subscribe("person people unread", drawPeople);
  subscribe("person people channels place", drawConversations);
  subscribe("clock", updatePersonTimes);
}
