// What the page knows: one person's view of the workspace, kept true by the server's stream.

import { get, post } from "./api.js";

export const state = {
  team: null, app: null, me: null, users: [], channels: [], commands: [], shortcuts: [], home: null, views: [], canTravel: false,
  nextDue: null, connected: false, streaming: true, place: null, tab: "messages", messages: [], unreadFrom: null, waiting: {},
};

export const SLACKBOT = "USLACKBOT";
const topics = new Map();
let stream = null;
let generation = 0;
let offset = 0;
let asking = null;
let fetched = false;
let heard = 0;
const lastPlaces = new Map();

export function on(topic, listener) {
  for (const one of topic.split(" ")) topics.set(one, [...(topics.get(one) ?? []), listener]);
}

export function emit(topic, detail) {
  for (const listener of topics.get(topic) ?? []) listener(detail);
}

export const fail = (error) => emit("failure", error.message);
export const now = () => Date.now() / 1000 + offset;
export const setClock = (epoch) => { offset = epoch - Date.now() / 1000; };
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

function take(fresh) {
  const { next_due: nextDue, can_travel: canTravel, now: moment, ...rest } = fresh;
  Object.assign(state, rest, { nextDue, canTravel });
  state.views = fresh.views ?? [];
  setClock(moment);
}

const inThisPlace = (id) => state.channels.some((channel) => channel.id === id);

function named(place) {
  const wanted = decodeURIComponent(place ?? "").replace(/^#/, "").toLowerCase();
  if (wanted && wanted === state.app.name.toLowerCase()) return appChannel();
  return state.channels.find((channel) => channel.id.toLowerCase() === wanted || (channel.kind !== "im" && channel.name.toLowerCase() === wanted));
}

/**
 * Where a person lands: where they asked to go, else what waits from the app, else the same place as before, else something
 * unread. Who was fetched into the app's messages did not choose that place, so the next person goes back to their own.
 */
function landing(person, wanted, before, wasApp) {
  const direct = appChannel();
  const asked = named(wanted);
  const back = fetched ? channelOf(lastPlaces.get(person)) : null;
  fetched = !asked && Boolean(direct?.unread);
  return asked ?? (direct?.unread ? direct : null) ?? back ?? (wasApp ? direct : null) ?? (inThisPlace(before) ? channelOf(before) : null)
    ?? state.channels.find((channel) => channel.unread && !channel.archived) ?? state.channels.find((channel) => !channel.archived) ?? direct;
}

/** Goes to a person and a place (an id, a channel's name or "home"); either may be left out. */
export async function go({ person = state.me?.id, place = null, replace = false } = {}) {
  const mine = ++generation;
  const changed = person !== state.me?.id;
  try {
    const before = state.place;
    const wasApp = state.app ? isApp(channelOf(before)) : false;
    if (changed) {
      const fresh = await get("/ui/state", { as: person });
      if (mine !== generation) return;
      take(fresh);
      listen(person);
    }
    const wantsHome = place === "home" && state.app.home_enabled;
    const channel = wantsHome ? appChannel() : landing(person, place, before, wasApp);
    const messages = await steady(() => messagesIn(person, channel?.id));
    if (mine !== generation) return;
    // Whoever is there already has not left, so what was new when they came is still marked.
    const unreadFrom = !changed && before === channel?.id ? state.unreadFrom : null;
    Object.assign(state, { tab: wantsHome ? "home" : "messages", place: channel?.id ?? null, messages, unreadFrom });
    lastPlaces.set(person, state.place);
    markUnread(channel);
    remember(replace);
    if (changed) emit("person");
    emit("place");
    emit("views");
    if (wantsHome) post("/ui/home", { as: person }).catch(fail);
    else seen();
    askOthers();
  } catch (error) {
    if (mine === generation) fail(error);
  }
}

function remember(replace) {
  const hash = `#${state.me.id}/${state.tab === "home" ? "home" : state.place}`;
  if (location.hash === hash) return;
  history[replace ? "replaceState" : "pushState"](null, "", hash);
}

function markUnread(channel) {
  const theirs = state.messages.filter((message) => message.user !== state.me.id && !message.ephemeral);
  if (channel?.unread) state.unreadFrom = theirs.slice(-channel.unread)[0]?.ts ?? null;
}

/** Tells the server that the open conversation has been read, if it can be seen. */
export function seen() {
  const channel = channelOf(state.place);
  if (!channel || state.tab === "home" || document.visibilityState === "hidden" || !channel.unread) return;
  channel.unread = 0;
  emit("channels");
  post("/ui/read", { as: state.me.id, channel: channel.id }).catch(fail);
}

const messagesIn = async (person, channel) => (channel ? (await get("/ui/messages", { as: person, channel })).messages : []);

/** Asks again if the stream told something meanwhile: the answer may be older than what was heard. */
async function steady(ask) {
  for (let tries = 0; ; tries += 1) {
    const before = heard;
    const answer = await ask();
    if (before === heard || tries === 3) return answer;
  }
}

/** Fetches everything again: once the stream stands, and when an answer told less than the page needs. */
export async function reload() {
  const mine = generation;
  const person = state.me.id;
  const { place } = state;
  const [fresh, messages] = await steady(() => Promise.all([get("/ui/state", { as: person }), messagesIn(person, inThisPlace(place) ? place : null)]));
  if (mine !== generation) return;
  if (place !== state.place) { await reload(); return; }
  const before = JSON.stringify([state.users, state.app]);
  take(fresh);
  state.messages = messages;
  if (JSON.stringify([state.users, state.app]) !== before) emit("people");
  for (const topic of ["channels", "messages", "views", "home", "clock", "connected"]) emit(topic);
  seen();
}

function listen(person) {
  stream?.close();
  const opened = new EventSource(`/ui/stream?${new URLSearchParams({ as: person })}`);
  stream = opened;
  opened.onopen = () => {
    state.streaming = true;
    emit("connected");
    // What happened before the stream stood was told to nobody.
    if (stream === opened) reload().catch(fail);
  };
  opened.onerror = () => {
    state.streaming = false;
    emit("connected");
    if (opened.readyState === EventSource.CLOSED) setTimeout(() => { if (stream === opened) listen(person); }, 2000);
  };
  opened.onmessage = (event) => { if (stream === opened) hear(JSON.parse(event.data)); };
}

const order = (a, b) => (Number(a.ts) - Number(b.ts)) || (a.ts < b.ts ? -1 : 1);

function keep(message) {
  if (message.channel !== state.place) return false;
  const at = state.messages.findIndex((one) => one.ts === message.ts);
  if (at >= 0) state.messages[at] = message;
  else state.messages = [...state.messages, message].sort(order);
  return at < 0;
}

const hearing = {
  message({ message, unread }) {
    const channel = channelOf(message.channel);
    if (!channel) { reload().catch(fail); return; }
    channel.unread = unread ?? channel.unread;
    keep(message);
    emit("channels");
    if (message.channel === state.place) emit("messages", message);
    seen();
  },
  updated({ message }) { keep(message); emit("messages"); },
  deleted({ channel, ts }) {
    if (channel !== state.place) return;
    state.messages = state.messages.filter((message) => message.ts !== ts);
    emit("messages");
  },
  views({ views }) { state.views = views ?? []; emit("views"); },
  home({ home }) { state.home = home; emit("home"); },
  channels({ channels }) {
    state.channels = channels;
    emit("channels");
    if (state.place && !inThisPlace(state.place)) go({ replace: true });
  },
  users() { reload().catch(fail); },
  clock({ now: moment, next_due: due }) { setClock(moment); state.nextDue = due; emit("clock"); },
  connected({ connected }) { state.connected = connected; emit("connected"); },
  traffic() { emit("traffic"); askOthers(); },
};

function hear(event) {
  if (!["traffic", "clock", "connected"].includes(event.type)) heard += 1;
  hearing[event.type]?.(event);
}

const SHOWN = 12;

/** Asks what waits for the other people and when time next brings something, so that a demo shows where to go; bursts are asked once. */
function askOthers() {
  clearTimeout(asking);
  asking = setTimeout(async () => {
    const others = people().filter((user) => user.id !== state.me?.id).slice(0, SHOWN);
    const answers = await Promise.allSettled(others.map((user) => get("/ui/state", { as: user.id })));
    answers.forEach((answer, index) => {
      if (answer.status !== "fulfilled") return;
      const { channels, app, next_due: due } = answer.value;
      state.nextDue = due;
      state.waiting[others[index].id] = channels.filter((one) => one.kind === "im" && one.with === app.user_id).reduce((sum, one) => sum + one.unread, 0);
    });
    state.waiting[state.me?.id] = 0;
    emit("waiting");
    emit("clock");
  }, 700);
}

export const people = () => state.users.filter((user) => !user.is_bot && user.id !== SLACKBOT && (!user.deleted || user.id === state.me?.id));
