// Block Kit's interactive elements, one function for each type: (element, surface, field) → node.

import { flat, freshId, h, icon } from "./dom.js";
import { plainText, safeUrl, textNodes, textOf } from "./mrkdwn.js";
import { filterOptions, picker } from "./picker.js";
import { openMenu } from "./popup.js";
import { SLACKBOT, labelOf, showConversation, state } from "./state.js";
import { translate } from "./words.js";

/** Stores the initial value unless the user has changed it; returns the current value. */
function initializeValue(surface, field, element, initial) {
  const { form } = surface;
  if (!form.has(field.block.block_id, element.action_id)) form.set(field.block.block_id, element.action_id, initial ?? null);
  return form.get(field.block.block_id, element.action_id);
}

function clearError(surface, block, node) {
  surface.form.clearError(block.block_id);
  const field = node.closest(".field-wrong");
  if (!field) return;
  field.classList.remove("field-wrong");
  field.querySelector("[role=alert]")?.remove();
  field.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
}

/** Stores a new value; sends it at once outside of input blocks and in those with dispatch_action. */
function storeValue(surface, field, element, value, node, isSent = true) {
  surface.form.set(field.block.block_id, element.action_id, value);
  clearError(surface, field.block, node);
  if (field.input && !field.block.dispatch_action) {
    surface.form.storeUnsent(field.block, element, value);
    return true;
  }
  if (!isSent) return true;
  return surface.act(field.block, element, value, node);
}

/** Returns whether a link opens the app's Home, which Slack's clients do without a browser. */
function isHomeLink(url) {
  if (!url?.startsWith("slack://app?")) return false;
  const query = new URL(url).searchParams;
  return query.get("id") === state.app.id && query.get("tab") === "home";
}

function button(element, surface, field) {
  const style = { primary: " primary", danger: " danger" }[element.style] ?? "";
  const attributes = { class: `button${style}`, "aria-label": element.accessibility_label, dir: "auto", data: { actionId: element.action_id, value: element.value } };
  const label = h("span", { class: "button-words" }, plainText(element.text));
  const press = async () => {
    const isSent = await surface.act(field.block, element, element.value ?? null, node);
    if (isSent && isHomeLink(element.url)) showConversation({ place: "home" });
    return isSent;
  };
  const url = element.confirm ? null : safeUrl(element.url);
  const node = url
    ? h("a", { ...attributes, href: url, target: "_blank", rel: "noopener noreferrer", on: { click: press } }, label)
    : h("button", { ...attributes, type: "button", on: { click: async () => { if (await press() && safeUrl(element.url)) open(element.url, "_blank", "noopener"); } } }, label);
  return node;
}

function overflow(element, surface, field) {
  const choose = (option) => () => {
    if (safeUrl(option.url)) open(option.url, "_blank", "noopener");
    surface.act(field.block, element, option.value, node);
  };
  const label = element.accessibility_label || "More actions";
  const items = () => element.options.map((option) => ({ label: plainText(option.text), description: textOf(option.description), choose: choose(option), data: { value: option.value } }));
  const node = h("button", { type: "button", class: "button overflow", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": label,
    data: { actionId: element.action_id }, on: { click: () => openMenu(node, items(), label) } }, icon("more"));
  return h("span", { class: "anchor" }, node);
}

const toOption = (option) => ({ value: option.value, label: textOf(option.text), description: textOf(option.description) });
const toGroups = (answer) => (answer.option_groups
  ? answer.option_groups.map((group) => ({ label: textOf(group.label), options: group.options.map(toOption) }))
  : [{ options: (answer.options ?? []).map(toOption) }]);
const people = () => [{ options: state.users.filter((user) => !user.deleted && user.id !== SLACKBOT).map((user) =>
  ({ value: user.id, label: user.real_name || user.name, extra: `${user.name} ${user.email ?? ""}`, description: user.title })) }];
const channels = () => [{ options: state.channels.filter((channel) => channel.kind !== "im" && !channel.archived).map((channel) => ({ value: channel.id, label: labelOf(channel) })) }];
const findOptions = (groups) => (ids) => ids.map((id) => groups().flatMap((group) => group.options).find((option) => option.value === id) ?? { value: id, label: id });

// A select's options and the key of its initial value, by the middle of its type's name.
const SOURCES = {
  static: (element) => ({ groups: () => toGroups(element), initial: [element.initial_option, element.initial_options].flat().filter(Boolean).map(toOption) }),
  external: (element) => ({ initial: [element.initial_option, element.initial_options].flat().filter(Boolean).map(toOption) }),
  users: (element) => ({ groups: people, initial: findOptions(people)([element.initial_user, element.initial_users].flat().filter(Boolean)) }),
  channels: (element) => ({ groups: channels, initial: findOptions(channels)([element.initial_channel, element.initial_channels].flat().filter(Boolean)) }),
  conversations: (element) => ({ groups: channels, initial: findOptions(channels)([element.initial_conversation, element.initial_conversations].flat().filter(Boolean)) }),
};

function select(element, surface, field) {
  const [, isMultiple, source] = /^(multi_)?(\w+)_select$/.exec(element.type);
  const { groups, initial } = SOURCES[source](element);
  const isExternal = source === "external";
  const values = (options) => (isMultiple ? options.map((option) => option.value) : options[0]?.value ?? null);
  // Labels are stored beside the values, as loaded options may be gone at the next redraw.
  const labels = (surface.form.labels ??= new Map());
  initial.forEach((option) => labels.set(option.value, option));
  const standing = [initializeValue(surface, field, element, values(initial))].flat().filter((value) => value !== null);
  const listOptions = () => (groups ? groups().flatMap((group) => group.options) : []);
  const node = picker({
    id: field.id, describedBy: field.describedBy, required: field.required, multiple: Boolean(isMultiple), maxSelected: element.max_selected_items ?? 100,
    name: field.labelId ? null : textOf(element.placeholder) || field.name || "Select", placeholder: textOf(element.placeholder) || translate(isExternal ? "Type to search" : "Select"),
    isExternal: isExternal, minQueryLength: isExternal ? element.min_query_length ?? 3 : 0, actionId: element.action_id, large: field.input,
    load: isExternal ? async (query) => toGroups(await surface.suggest(field.block, element, query)) : filterOptions(groups),
    initial: standing.map((value) => listOptions().find((option) => option.value === value) ?? labels.get(value) ?? { value, label: value }),
    onChange: (options) => {
      const before = surface.form.get(field.block.block_id, element.action_id);
      options.forEach((option) => labels.set(option.value, option));
      return Promise.resolve(storeValue(surface, field, element, values(options), node.querySelector("input"))).then((isAccepted) => {
        if (isAccepted === false) surface.form.set(field.block.block_id, element.action_id, before);
        return isAccepted;
      });
    },
  });
  return node;
}

function labelAttributes(field, fallback) {
  return { id: field.id, "aria-label": field.labelId ? null : field.name || fallback, "aria-describedby": field.describedBy, "aria-required": field.required ? "true" : null };
}

function dateInput(element, surface, field) {
  const type = { datepicker: "date", timepicker: "time" }[element.type];
  const value = initializeValue(surface, field, element, element.initial_date ?? element.initial_time);
  const node = h("input", { type, ...labelAttributes(field, textOf(element.placeholder) || (type === "date" ? "Date" : "Time")), value: value ?? "", data: { actionId: element.action_id },
    on: { change: () => storeValue(surface, field, element, node.value || null, node) } });
  return h("span", { class: "with-spinner" }, node);
}

function choiceGroup(element, surface, field) {
  const isMultiple = element.type === "checkboxes";
  const initial = isMultiple ? (element.initial_options ?? []).map((option) => option.value) : element.initial_option?.value;
  const standing = [initializeValue(surface, field, element, initial ?? (isMultiple ? [] : null))].flat();
  const group = freshId("choice");
  const read = () => { const checked = [...node.querySelectorAll("input:checked")].map((input) => input.value); return isMultiple ? checked : checked[0] ?? null; };
  const node = h("div", { class: "choices", role: isMultiple ? "group" : "radiogroup", "aria-label": field.labelId ? null : field.name || "Choose", "aria-labelledby": field.labelId,
    "aria-describedby": field.describedBy, "aria-required": field.required && !isMultiple ? "true" : null, data: { actionId: element.action_id } },
  element.options.map((option, index) => {
    const noteId = option.description ? freshId("note") : null;
    return h("label", { class: "choice" },
      h("input", { type: isMultiple ? "checkbox" : "radio", name: group, value: option.value, checked: standing.includes(option.value), id: index === 0 ? field.id : null, "aria-describedby": noteId,
        on: { change: () => storeValue(surface, field, element, read(), node) } }),
      h("span", { class: "choice-words", dir: "auto" }, textNodes(option.text), noteId ? h("span", { class: "menu-description", id: noteId }, textNodes(option.description)) : null));
  }));
  return node;
}

const COUNTER_LIMIT = 50; // remaining characters at which the counter appears

const INPUT_TYPES = { email_text_input: "email", number_input: "number", url_text_input: "url" };

function textInput(element, surface, field) {
  const value = initializeValue(surface, field, element, element.initial_value) ?? "";
  const maxLength = element.max_length;
  const counter = maxLength ? h("span", { class: "counter", id: freshId("counter") }) : null;
  // As in Slack: the number of remaining characters, once there are few.
  const updateCounter = () => {
    const remaining = maxLength - [...node.value].length;
    if (counter) counter.textContent = remaining <= Math.min(COUNTER_LIMIT, maxLength / 4) ? String(remaining) : "";
  };
  const sendTriggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const attributes = { ...labelAttributes(field, textOf(element.placeholder) || "Text"), placeholder: textOf(element.placeholder) || null, dir: "auto", value, data: { actionId: element.action_id } };
  if (counter) attributes["aria-describedby"] = flat([field.describedBy, counter.id]).join(" ");
  const node = element.multiline
    ? h("textarea", { ...attributes, rows: "4" })
    : h("input", { ...attributes, type: INPUT_TYPES[element.type] ?? "text", inputmode: element.type === "number_input" ? (element.is_decimal_allowed ? "decimal" : "numeric") : null,
      step: element.type === "number_input" ? (element.is_decimal_allowed ? "any" : "1") : null, autocomplete: "off" });
  if (element.focus_on_load) node.setAttribute("autofocus", "");
  node.addEventListener("input", () => { storeValue(surface, field, element, node.value || null, node, sendTriggers.includes("on_character_entered")); updateCounter(); });
  node.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !element.multiline && sendTriggers.includes("on_enter_pressed") && field.block.dispatch_action) {
      event.preventDefault();
      event.stopPropagation();
      storeValue(surface, field, element, node.value || null, node);
    }
  });
  updateCounter();
  return h("span", { class: "text-field with-spinner" }, node, counter);
}

const CONTROLS = {
  button, overflow, datepicker: dateInput, timepicker: dateInput, checkboxes: choiceGroup, radio_buttons: choiceGroup,
  plain_text_input: textInput, email_text_input: textInput, number_input: textInput, url_text_input: textInput,
  ...Object.fromEntries(Object.keys(SOURCES).flatMap((source) => [[`${source}_select`, select], [`multi_${source}_select`, select]])),
};

export const isControl = (type) => Object.hasOwn(CONTROLS, type);
export const control = (element, surface, field) => CONTROLS[element.type](element, surface, field);
