// What has been filled in, per message or view, by block and action: it outlives a redraw, as in Slack.

import { post } from "./api.js";
import { spinner } from "./dom.js";
import { confirmed } from "./popup.js";
import { fail, state } from "./state.js";

export function newForm() {
  const values = {};
  return {
    values,
    has: (block, action) => Object.hasOwn(values, block) && Object.hasOwn(values[block], action),
    get: (block, action) => values[block]?.[action] ?? null,
    set(block, action, value) { (values[block] ??= {})[action] = value; },
  };
}

/** Marks a control as waiting while `promise` runs; a second press meanwhile does nothing. */
export async function waiting(node, work) {
  if (node.getAttribute("aria-busy") === "true") return;
  node.setAttribute("aria-busy", "true");
  const sign = spinner();
  (node.tagName === "INPUT" || node.tagName === "TEXTAREA" ? node.parentNode : node).append(sign);
  try {
    await work();
  } catch (error) {
    fail(error);
  } finally {
    node.removeAttribute("aria-busy");
    sign.remove();
  }
}

/** Where blocks live: a message or a view. `act` sends block_actions, with the form as it stands now. */
export function place(container, form) {
  return {
    container, form,
    async act(block, element, value, node) {
      if (!await confirmed(element.confirm)) return false;
      waiting(node, () => post("/ui/act", { as: state.me.id, container, block_id: block.block_id, action_id: element.action_id, value, values: form.values }));
      return true;
    },
    suggest: (block, element, query) =>
      post("/ui/suggest", { as: state.me.id, container, block_id: block.block_id, action_id: element.action_id, query }),
  };
}

const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

function complaint(block, element, value) {
  const empty = value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
  if (empty) return block.optional ? null : "Please complete this required field.";
  if (element.min_length && value.length < element.min_length) return `This needs at least ${element.min_length} characters.`;
  if (element.max_length && value.length > element.max_length) return `This may have at most ${element.max_length} characters.`;
  if (element.type === "email_text_input" && !ADDRESS.test(value)) return "This is not an e-mail address. Write one such as name@example.com.";
  if (element.type !== "number_input") return null;
  if (Number.isNaN(Number(value)) || (!element.is_decimal_allowed && !/^[-+]?\d+$/.test(value))) return element.is_decimal_allowed ? "Write a number." : "Write a whole number.";
  if (element.min_value != null && Number(value) < Number(element.min_value)) return `Write a number from ${element.min_value} on.`;
  if (element.max_value != null && Number(value) > Number(element.max_value)) return `Write a number up to ${element.max_value}.`;
  return null;
}

/** What Slack itself refuses before it asks the app: {block_id: sentence}. */
export function complaints(view, form) {
  const found = (view.blocks ?? []).filter((block) => block.type === "input").map((block) =>
    [block.block_id, complaint(block, block.element, form.get(block.block_id, block.element.action_id))]);
  return Object.fromEntries(found.filter(([, text]) => text));
}
