// The page's state: one user's view of the workspace, updated by the server's stream.

import { get, post } from "./api.js";
import { stableJson } from "./dom.js";

export const state = {
  team: null, workspaces: [], app: null, me: null, users: [], channels: [], commands: [], shortcuts: [], home: null, views: [], canTravel: false,
  nextDue: null, nextWords: null, connected: false, streaming: true, channelNames: {}, openedAt: null, tries: [], place: null, tab: "messages", messages: [], unreadFrom: null, unreadByUser: {},
};

export const SLACKBOT = "USLACKBOT";
const MAX_RECENT_EVENTS = 200; // stored message events, for answers that are older than they are
const MAX_PRESS_MILLISECONDS = 30_000; // milliseconds after which a press without an end no longer delays drawing
const topics = new Map();
let stream = null;
let streamedPerson = null;
let generation = 0;
let requestedPerson = null; // the user to show next, until their state has arrived
let offset = 0;
let fetchTimer = null;
let wasLedToApp = false;
// The version of each part of the state; an older answer does not replace it.
let versions = {};
let recentEvents = [];
let pressing = null;
const pendingTopics = new Map();
const drawResolvers = [];
const lastPlaces = new Map();
const lastPeople = new Map(); // the user of each workspace who was shown last

export function subscribe(topic, listener) {
  for (const one of topic.split(" ")) topics.set(one, [...(topics.get(one) ?? []), listener]);
}

/** Notifies the listeners, but not between mouse down and mouse up: a redraw would replace the pressed control. */
export function emit(topic, detail) {
  if (pressing && !["failure", "notice", "compose"].includes(topic)) { pendingTopics.set(topic, detail ?? pendingTopics.get(topic)); return; }
  for (const listener of topics.get(topic) ?? []) listener(detail);
}

function release() {
  clearTimeout(pressing);
  pressing = null;
  const pending = [...pendingTopics];
  pendingTopics.clear();
  for (const [topic, detail] of pending) emit(topic, detail);
  for (const resolve of drawResolvers.splice(0)) resolve();
}

/** Resolves when all events are drawn. */
const whenDrawn = () => (pressing ? new Promise((resolve) => { drawResolvers.push(resolve); }) : Promise.resolve());

const scheduleRelease = (milliseconds) => { clearTimeout(pressing); pressing = setTimeout(release, milliseconds); };

// A press right after another replaces its timer, which would otherwise draw during the new press.
addEventListener("pointerdown", (event) => { if (event.button === 0) scheduleRelease(MAX_PRESS_MILLISECONDS); }, true);
// The click follows pointerup, so drawing continues shortly after it.
for (const end of ["pointerup", "pointercancel", "contextmenu"]) addEventListener(end, () => { if (pressing) scheduleRelease(20); }, true);
// Only the next move shows the end of a press on a scrollbar or outside of the page.
addEventListener("pointermove", (event) => { if (pressing && event.buttons === 0) release(); }, true);
addEventListener("blur", () => { if (pressing) release(); });

export const fail = (error) => emit("failure", error.message);
export const now = () => Date.now() / 1000 + offset;
const setClock = (epoch) => { offset = epoch - Date.now() / 1000; };
export const userOf = (id) => state.users.find((user) => user.id === id);
export const channelOf = (id) => state.channels.find((channel) => channel.id === id);
export const appChannel = () => state.channels.find((channel) => channel.kind === "im" && channel.with === state.app.user_id)
  ?? state.channels.find((channel) => channel.kind === "im");
export const isApp = (channel) => Boolean(channel) && channel.id === appChannel()?.id;
export const labelOf = (channel) => {
  if (channel.kind !== "im") return `#${channel.name}`;
  if (isApp(channel)) return state.app.name;
  const other = userOf(channel.with);
  return other?.real_name || other?.name || channel.name;
};

/** Returns whether this version of a part is new; from then on, older ones are not. */
function isNewer(part, version) {
  if (version < (versions[part] ?? 0)) return false;
  versions[part] = version;
  return true;
}

function applyState(answer) {
  const { version, next_due: nextDue, next_words: nextWords, can_travel: canTravel, now: epoch, channels, channel_names: names, home, views, ...rest } = answer;
  // Ephemeral messages are gone when a user opens Slack again.
  state.openedAt ??= epoch;
  if (isNewer("state", version)) {
    Object.assign(state, rest, { nextDue, nextWords, canTravel });
    setClock(epoch);
  }
  if (isNewer("home", version)) state.home = home;
  if (isNewer("views", version)) state.views = views ?? [];
  if (isNewer("channels", version)) {
    state.channels = channels;
    state.channelNames = names;
    for (const event of recentEvents) if (event.version > version) countUnread(event);
  }
}

function takeMessages({ version, messages }) {
  if (!isNewer("messages", version)) return;
  state.messages = messages;
  for (const event of recentEvents) if (event.version > version) applyToMessages(event);
}

/** Applies the playground's time and what is due next. */
export function applyClock({ now: epoch, next_due: nextDue, next_words: nextWords }) {
  setClock(epoch);
  Object.assign(state, { nextDue, nextWords });
  emit("clock");
}

/** Applies an answer's open modals, unless a newer version arrived or the user changed. */
export function applyViews(person, { version, views }) {
  if (person !== state.me.id || !isNewer("views", version)) return;
  state.views = views;
  emit("views");
}

function forgetVersions() {
  versions = {};
  recentEvents = [];
}

const hasChannel = (id) => state.channels.some((channel) => channel.id === id);

function findConversation(place) {
  const wanted = decodeURIComponent(place ?? "").replace(/^#/, "").toLowerCase();
  if (wanted && wanted === state.app.name.toLowerCase()) return appChannel();
  return state.channels.find((channel) => channel.id.toLowerCase() === wanted || (channel.kind !== "im" && channel.name.toLowerCase() === wanted));
}

/**
 * Returns the conversation to show: the requested one, else the app's with unread messages, else the previous one, else an
 * unread one. A user who was led to the app's messages did not choose them, so the next user gets their own previous one.
 */
function chooseConversation(person, wanted, before, wasApp) {
  const direct = appChannel();
  const requested = findConversation(wanted);
  const previous = wasLedToApp ? channelOf(lastPlaces.get(person)) : null;
  wasLedToApp = !requested && Boolean(direct?.unread);
  return requested ?? (direct?.unread ? direct : null) ?? previous ?? (wasApp ? direct : null) ?? (hasChannel(before) ? channelOf(before) : null)
    ?? state.channels.find((channel) => channel.unread && !channel.archived) ?? state.channels.find((channel) => !channel.archived) ?? direct;
}

/** Shows a user's conversation (an id, a channel's name or "home"); both are optional. Resolves to true when it is drawn. */
export async function showConversation({ person = requestedPerson ?? state.me?.id, place = null, replace = false } = {}) {
  const requestGeneration = ++generation;
  const changed = person !== state.me?.id;
  requestedPerson = changed ? person : null;
  try {
    const before = state.place;
    const wasApp = state.app ? isApp(channelOf(before)) : false;
    if (changed) {
      const answer = await get("/ui/state", { as: person });
      if (requestGeneration !== generation) return false;
      requestedPerson = null;
      closeStream();
      forgetVersions();
      applyState(answer);
    }
    const wantsHome = place === "home" && state.app.home_enabled;
    const channel = wantsHome ? appChannel() : chooseConversation(person, place, before, wasApp);
    const messages = await fetchMessages(person, channel?.id);
    if (requestGeneration !== generation) return false;
    // Within the same conversation, the mark of its unread messages stays.
    const unreadFrom = !changed && before === channel?.id ? state.unreadFrom : null;
    if (before !== channel?.id) versions.messages = 0;
    Object.assign(state, { tab: wantsHome ? "home" : "messages", place: channel?.id ?? null, unreadFrom });
    takeMessages(messages);
    // Before the place is this person's, events would mark the previous person's place as read.
    if (streamedPerson !== person) openStream(person);
    lastPlaces.set(person, state.place);
    lastPeople.set(state.team.id, person);
    markUnread(channel);
    updateAddress(replace);
    if (changed) emit("person");
    emit("place");
    emit("views");
    if (wantsHome) post("/ui/home", { as: person }).catch(fail);
    else markRead();
    fetchOtherUsers();
    await whenDrawn();
    return requestGeneration === generation;
  } catch (error) {
    if (requestGeneration !== generation) return false;
    requestedPerson = null;
    fail(error);
    return false;
  }
}

/** Shows another workspace, as the user who was shown there last. */
export const showWorkspace = (workspace) => showConversation({ person: lastPeople.get(workspace.id) ?? workspace.person });

function updateAddress(replace) {
  const hash = `#${state.me.id}/${state.tab === "home" ? "home" : state.place}`;
  if (location.hash === hash) return;
  history[replace ? "replaceState" : "pushState"](null, "", hash);
}

function markUnread(channel) {
  const unseenMessages = state.messages.filter((message) => message.user !== state.me.id && !message.ephemeral && (channel?.kind === "im" || !isFolded(message)));
  if (channel?.unread) state.unreadFrom = unseenMessages.slice(-channel.unread)[0]?.ts ?? null;
}

/** Marks the shown messages of the open conversation as read on the server, if it is visible. */
export function markRead() {
  const channel = channelOf(state.place);
  const lastMessage = state.messages.at(-1);
  if (!channel || !lastMessage || state.tab === "home" || document.visibilityState === "hidden" || !channel.unread) return;
  channel.unread = 0;
  emit("channels");
  post("/ui/read", { as: state.me.id, channel: channel.id, ts: lastMessage.ts }).catch(fail);
}

const NO_MESSAGES = { version: 0, messages: [] };
const fetchMessages = async (person, channel) => (channel ? get("/ui/messages", { as: person, channel }) : NO_MESSAGES);

/** Fetches the whole state: after the stream opened, and after events that do not carry it. */
export async function reload() {
  const requestGeneration = generation;
  const person = state.me.id;
  const { place } = state;
  const [answer, messages] = await Promise.all([get("/ui/state", { as: person }), fetchMessages(person, hasChannel(place) ? place : null)]);
  if (requestGeneration !== generation || person !== state.me.id) return;
  if (place !== state.place) { await reload(); return; }
  const before = stableJson([state.users, state.app, state.workspaces]);
  applyState(answer);
  takeMessages(messages);
  if (stableJson([state.users, state.app, state.workspaces]) !== before) emit("people");
  for (const topic of ["channels", "messages", "views", "home", "clock", "connected", "tries"]) emit(topic);
  markRead();
}

function closeStream() {
  stream?.close();
  stream = null;
  streamedPerson = null;
}

function openStream(person) {
  closeStream();
  streamedPerson = person;
  const newStream = new EventSource(`/ui/stream?${new URLSearchParams({ as: person })}`);
  stream = newStream;
  newStream.onopen = () => {
    state.streaming = true;
    emit("connected");
    if (stream !== newStream) return;
    // Earlier events are not in the stream, and a restarted playground counts versions anew.
    forgetVersions();
    reload().catch(fail);
  };
  newStream.onerror = () => {
    state.streaming = false;
    emit("connected");
    if (newStream.readyState === EventSource.CLOSED) setTimeout(() => { if (stream === newStream) openStream(person); }, 2000);
  };
  newStream.onmessage = (event) => { if (stream === newStream) handleEvent(JSON.parse(event.data)); };
}

const compareMessages = (a, b) => (Number(a.ts) - Number(b.ts)) || (a.ts < b.ts ? -1 : 1);

function storeMessage(message) {
  if (message.channel !== state.place) return false;
  const at = state.messages.findIndex((one) => one.ts === message.ts);
  if (at >= 0) state.messages[at] = message;
  else state.messages = [...state.messages, message].sort(compareMessages);
  return at < 0;
}

function countUnread({ message, unread }) {
  const channel = message && channelOf(message.channel);
  if (channel && unread !== undefined) channel.unread = unread;
}

/** Returns whether a message appears in its thread alone. */
export const isFolded = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts && !message.broadcast;

function applyToMessages(event) {
  if (event.type !== "deleted") { storeMessage(event.message); return; }
  if (event.channel === state.place) state.messages = state.messages.filter((message) => message.ts !== event.ts);
}

function handleMessageEvent(event) {
  recentEvents = [...recentEvents.slice(-MAX_RECENT_EVENTS), event];
  if (event.version > (versions.channels ?? 0)) countUnread(event);
  if (event.version > (versions.messages ?? 0)) applyToMessages(event);
}

const eventHandlers = {
  message(event) {
    const { message } = event;
    if (!channelOf(message.channel)) { reload().catch(fail); return; }
    handleMessageEvent(event);
    emit("channels");
    if (message.channel === state.place) emit("messages", message);
    markRead();
  },
  updated(event) { handleMessageEvent(event); emit("messages"); },
  deleted(event) { handleMessageEvent(event); emit("messages"); },
  views(event) { applyViews(state.me.id, event); },
  home({ version, home }) { if (isNewer("home", version)) { state.home = home; emit("home"); } },
  channels({ version, channels, channel_names: names }) {
    if (!isNewer("channels", version)) return;
    state.channels = channels;
    state.channelNames = names;
    emit("channels");
    // A change of the user in progress chooses the place itself.
    if (!requestedPerson && state.place && !hasChannel(state.place)) showConversation({ replace: true });
  },
  users() { reload().catch(fail); },
  clock(event) { applyClock(event); },
  connected({ connected }) { state.connected = connected; emit("connected"); },
  tries({ version, tries }) { if (isNewer("state", version)) { state.tries = tries; emit("tries"); } },
  mail() { emit("mail"); },
  traffic() { emit("traffic"); fetchOtherUsers(); },
};

const handleEvent = (event) => eventHandlers[event.type]?.(event);

/** Fetches the other users' unread counts and what is due next; one request for a burst of events. */
function fetchOtherUsers() {
  clearTimeout(fetchTimer);
  fetchTimer = setTimeout(async () => {
    try {
      const { unread, next_due: nextDue, next_words: nextWords } = await get("/ui/others");
      Object.assign(state, { nextDue, nextWords, unreadByUser: { ...unread, [state.me?.id]: 0 } });
    } catch { return; }
    emit("unread");
    emit("clock");
  }, 700);
}

export const people = () => state.users.filter((user) => !user.is_bot && user.id !== SLACKBOT && (!user.deleted || user.id === state.me?.id));
