// Block Kit's interactive elements, one function for each type: (element, place, field) → node.

import { flat, freshId, h, icon } from "./dom.js";
import { plainText, safeUrl, textNodes, wordsOf } from "./mrkdwn.js";
import { among, picker } from "./picker.js";
import { openMenu } from "./popup.js";
import { SLACKBOT, labelOf, state } from "./state.js";
import { say } from "./words.js";

/** Stores the initial value unless the user has changed it; returns the current value. */
function begin(place, field, element, initial) {
  const { form } = place;
  if (!form.has(field.block.block_id, element.action_id)) form.set(field.block.block_id, element.action_id, initial ?? null);
  return form.get(field.block.block_id, element.action_id);
}

function clearError(place, block, node) {
  place.form.clearError(block.block_id);
  const field = node.closest(".field-wrong");
  if (!field) return;
  field.classList.remove("field-wrong");
  field.querySelector("[role=alert]")?.remove();
  field.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
}

/** Stores a new value; sends it at once outside of input blocks and in those with dispatch_action. */
function keep(place, field, element, value, node, speak = true) {
  place.form.set(field.block.block_id, element.action_id, value);
  clearError(place, field.block, node);
  if (field.input && !field.block.dispatch_action) {
    place.form.later(field.block, element, value);
    return true;
  }
  if (!speak) return true;
  return place.act(field.block, element, value, node);
}

function button(element, place, field) {
  const style = { primary: " primary", danger: " danger" }[element.style] ?? "";
  const attributes = { class: `button${style}`, "aria-label": element.accessibility_label, dir: "auto", data: { actionId: element.action_id, value: element.value } };
  const words = h("span", { class: "button-words" }, plainText(element.text));
  const press = () => place.act(field.block, element, element.value ?? null, node);
  const url = element.confirm ? null : safeUrl(element.url);
  const node = url
    ? h("a", { ...attributes, href: url, target: "_blank", rel: "noopener noreferrer", on: { click: press } }, words)
    : h("button", { ...attributes, type: "button", on: { click: async () => { if (await press() && safeUrl(element.url)) open(element.url, "_blank", "noopener"); } } }, words);
  return node;
}

function overflow(element, place, field) {
  const choose = (option) => () => {
    if (safeUrl(option.url)) open(option.url, "_blank", "noopener");
    place.act(field.block, element, option.value, node);
  };
  const label = element.accessibility_label || "More actions";
  const items = () => element.options.map((option) => ({ label: plainText(option.text), description: wordsOf(option.description), choose: choose(option), data: { value: option.value } }));
  const node = h("button", { type: "button", class: "button overflow", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": label,
    data: { actionId: element.action_id }, on: { click: () => openMenu(node, items(), label) } }, icon("more"));
  return h("span", { class: "anchor" }, node);
}

const shown = (option) => ({ value: option.value, label: wordsOf(option.text), description: wordsOf(option.description) });
const groupsOf = (answer) => (answer.option_groups
  ? answer.option_groups.map((group) => ({ label: wordsOf(group.label), options: group.options.map(shown) }))
  : [{ options: (answer.options ?? []).map(shown) }]);
const people = () => [{ options: state.users.filter((user) => !user.deleted && user.id !== SLACKBOT).map((user) =>
  ({ value: user.id, label: user.real_name || user.name, extra: `${user.name} ${user.email ?? ""}`, description: user.title })) }];
const channels = () => [{ options: state.channels.filter((channel) => channel.kind !== "im" && !channel.archived).map((channel) => ({ value: channel.id, label: labelOf(channel) })) }];
const pick = (groups) => (ids) => ids.map((id) => groups().flatMap((group) => group.options).find((option) => option.value === id) ?? { value: id, label: id });

// A select's options and the key of its initial value, by the middle of its type's name.
const SOURCES = {
  static: (element) => ({ groups: () => groupsOf(element), initial: [element.initial_option, element.initial_options].flat().filter(Boolean).map(shown) }),
  external: (element) => ({ initial: [element.initial_option, element.initial_options].flat().filter(Boolean).map(shown) }),
  users: (element) => ({ groups: people, initial: pick(people)([element.initial_user, element.initial_users].flat().filter(Boolean)) }),
  channels: (element) => ({ groups: channels, initial: pick(channels)([element.initial_channel, element.initial_channels].flat().filter(Boolean)) }),
  conversations: (element) => ({ groups: channels, initial: pick(channels)([element.initial_conversation, element.initial_conversations].flat().filter(Boolean)) }),
};

function select(element, place, field) {
  const [, many, source] = /^(multi_)?(\w+)_select$/.exec(element.type);
  const { groups, initial } = SOURCES[source](element);
  const outside = source === "external";
  const values = (options) => (many ? options.map((option) => option.value) : options[0]?.value ?? null);
  // Labels are stored beside the values, as loaded options may be gone at the next redraw.
  const labels = (place.form.labels ??= new Map());
  initial.forEach((option) => labels.set(option.value, option));
  const standing = [begin(place, field, element, values(initial))].flat().filter((value) => value !== null);
  const known = () => (groups ? groups().flatMap((group) => group.options) : []);
  const node = picker({
    id: field.id, described: field.described, required: field.required, multiple: Boolean(many), most: element.max_selected_items ?? 100,
    name: field.named ? null : wordsOf(element.placeholder) || field.name || "Select", placeholder: wordsOf(element.placeholder) || say(outside ? "Type to search" : "Select"),
    asks: outside, least: outside ? element.min_query_length ?? 3 : 0, actionId: element.action_id, large: field.input,
    load: outside ? async (query) => groupsOf(await place.suggest(field.block, element, query)) : among(groups),
    chosen: standing.map((value) => known().find((option) => option.value === value) ?? labels.get(value) ?? { value, label: value }),
    changed: (options) => {
      const before = place.form.get(field.block.block_id, element.action_id);
      options.forEach((option) => labels.set(option.value, option));
      return Promise.resolve(keep(place, field, element, values(options), node.querySelector("input"))).then((went) => {
        if (went === false) place.form.set(field.block.block_id, element.action_id, before);
        return went;
      });
    },
  });
  return node;
}

function naming(field, fallback) {
  return { id: field.id, "aria-label": field.named ? null : field.name || fallback, "aria-describedby": field.described, "aria-required": field.required ? "true" : null };
}

function day(element, place, field) {
  const type = { datepicker: "date", timepicker: "time" }[element.type];
  const value = begin(place, field, element, element.initial_date ?? element.initial_time);
  const node = h("input", { type, ...naming(field, wordsOf(element.placeholder) || (type === "date" ? "Date" : "Time")), value: value ?? "", data: { actionId: element.action_id },
    on: { change: () => keep(place, field, element, node.value || null, node) } });
  return h("span", { class: "with-spinner" }, node);
}

function choices(element, place, field) {
  const many = element.type === "checkboxes";
  const initial = many ? (element.initial_options ?? []).map((option) => option.value) : element.initial_option?.value;
  const standing = [begin(place, field, element, initial ?? (many ? [] : null))].flat();
  const group = freshId("choice");
  const read = () => { const checked = [...node.querySelectorAll("input:checked")].map((input) => input.value); return many ? checked : checked[0] ?? null; };
  const node = h("div", { class: "choices", role: many ? "group" : "radiogroup", "aria-label": field.named ? null : field.name || "Choose", "aria-labelledby": field.named,
    "aria-describedby": field.described, "aria-required": field.required && !many ? "true" : null, data: { actionId: element.action_id } },
  element.options.map((option, index) => {
    const note = option.description ? freshId("note") : null;
    return h("label", { class: "choice" },
      h("input", { type: many ? "checkbox" : "radio", name: group, value: option.value, checked: standing.includes(option.value), id: index === 0 ? field.id : null, "aria-describedby": note,
        on: { change: () => keep(place, field, element, read(), node) } }),
      h("span", { class: "choice-words", dir: "auto" }, textNodes(option.text), note ? h("span", { class: "menu-description", id: note }, textNodes(option.description)) : null));
  }));
  return node;
}

const FEW = 50; // remaining characters at which the counter appears

const KINDS = { email_text_input: "email", number_input: "number", url_text_input: "url" };

function text(element, place, field) {
  const value = begin(place, field, element, element.initial_value) ?? "";
  const most = element.max_length;
  const counter = most ? h("span", { class: "counter", id: freshId("counter") }) : null;
  // As in Slack: the number of remaining characters, once there are few.
  const count = () => {
    const left = most - [...node.value].length;
    if (counter) counter.textContent = left <= Math.min(FEW, most / 4) ? String(left) : "";
  };
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const attributes = { ...naming(field, wordsOf(element.placeholder) || "Text"), placeholder: wordsOf(element.placeholder) || null, dir: "auto", value, data: { actionId: element.action_id } };
  if (counter) attributes["aria-describedby"] = flat([field.described, counter.id]).join(" ");
  const node = element.multiline
    ? h("textarea", { ...attributes, rows: "4" })
    : h("input", { ...attributes, type: KINDS[element.type] ?? "text", inputmode: element.type === "number_input" ? (element.is_decimal_allowed ? "decimal" : "numeric") : null,
      step: element.type === "number_input" ? (element.is_decimal_allowed ? "any" : "1") : null, autocomplete: "off" });
  if (element.focus_on_load) node.setAttribute("autofocus", "");
  node.addEventListener("input", () => { keep(place, field, element, node.value || null, node, triggers.includes("on_character_entered")); count(); });
  node.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !element.multiline && triggers.includes("on_enter_pressed") && field.block.dispatch_action) {
      event.preventDefault();
      event.stopPropagation();
      keep(place, field, element, node.value || null, node);
    }
  });
  count();
  return h("span", { class: "text-field with-spinner" }, node, counter);
}

const CONTROLS = {
  button, overflow, datepicker: day, timepicker: day, checkboxes: choices, radio_buttons: choices,
  plain_text_input: text, email_text_input: text, number_input: text, url_text_input: text,
  ...Object.fromEntries(Object.keys(SOURCES).flatMap((source) => [[`${source}_select`, select], [`multi_${source}_select`, select]])),
};

export const isControl = (type) => Object.hasOwn(CONTROLS, type);
export const control = (element, place, field) => CONTROLS[element.type](element, place, field);
