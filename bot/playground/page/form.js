// Values entered in a message or view, by block and action id; as in Slack they survive a redraw.

import { post } from "./api.js";
import { spinner } from "./dom.js";
import { confirmAction } from "./popup.js";
import { fail, state } from "./state.js";
import { translate } from "./words.js";

export function newForm() {
  const values = {};
  const unsent = new Map();
  const errorByBlock = new Map();
  let lastRequest = Promise.resolve();
  let errorCount = 0;
  return {
    values,
    error: null,
    /** Errors of the fields and of the form. Each is numbered, so that a repeated error is announced again. */
    setErrors(errors, text = "") {
      errorCount += 1;
      errorByBlock.clear();
      for (const [block, text] of Object.entries(errors)) errorByBlock.set(block, { text, number: errorCount, isCleared: false });
      this.error = text ? [text, errorCount] : null;
    },
    errorNumberOf: (block) => errorByBlock.get(block)?.number ?? null,
    /** Removes a field's error when its value changes. */
    clearError(block) { if (errorByBlock.has(block)) errorByBlock.get(block).isCleared = true; },
    errors: () => Object.fromEntries([...errorByBlock].filter(([, one]) => !one.isCleared).map(([block, { text }]) => [block, text])),
    /** Sends choices one after the other, so that none is lost during a request. */
    enqueue(work) { lastRequest = lastRequest.then(work); },
    /** Marks an input as changed; it is sent with the next action. */
    storeUnsent: (block, element, value) => unsent.set(`${block.block_id}/${element.action_id}`, { block_id: block.block_id, action_id: element.action_id, value }),
    takeUnsent() {
      const whileBusy = [...unsent.values()];
      unsent.clear();
      return whileBusy;
    },
    /** Removes the values of removed fields; a field that returns has its initial value. */
    removeValuesExcept(listFields) {
      const isPresent = (block, action) => listFields.some(([one, other]) => one === block && other === action);
      for (const [key, input] of unsent) if (!isPresent(input.block_id, input.action_id)) unsent.delete(key);
      for (const block of Object.keys(values)) {
        for (const action of Object.keys(values[block])) if (!isPresent(block, action)) delete values[block][action];
      }
    },
    has: (block, action) => Object.hasOwn(values, block) && Object.hasOwn(values[block], action),
    get: (block, action) => values[block]?.[action] ?? null,
    set(block, action, value) { (values[block] ??= {})[action] = value; },
  };
}

/** Marks a control as busy while `work` runs; it ignores presses during that time. */
export async function whileBusy(node, work) {
  if (node.getAttribute("aria-busy") === "true") return;
  node.setAttribute("aria-busy", "true");
  const indicator = spinner();
  (node.tagName === "INPUT" || node.tagName === "TEXTAREA" ? node.parentNode : node).append(indicator);
  try {
    await work();
  } catch (error) {
    fail(error);
  } finally {
    node.removeAttribute("aria-busy");
    indicator.remove();
  }
}

/** The message or view that contains blocks. `act` sends block_actions. */
export function blockSurface(container, form) {
  return {
    container, form,
    async act(block, element, value, node) {
      if (!await confirmAction(element.confirm)) return false;
      const send = (body) => post("/ui/act", { as: state.me.id, container, ...body });
      const sendAction = () => whileBusy(node, async () => {
        // Slack sends the state of the whole view, so earlier values must arrive first.
        for (const input of form.takeUnsent()) await send(input);
        await send({ block_id: block.block_id, action_id: element.action_id, value });
      });
      if (element.type === "button" || element.type === "overflow") sendAction();
      else form.enqueue(sendAction);
      return true;
    },
    suggest: (block, element, query) =>
      post("/ui/suggest", { as: state.me.id, container, block_id: block.block_id, action_id: element.action_id, query }),
  };
}

const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

function findError(block, element, value) {
  const isEmpty = value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
  if (isEmpty) return block.optional ? null : translate("Please complete this required field.");
  if (element.min_length && value.length < element.min_length) return `Enter at least ${element.min_length} characters.`;
  if (element.max_length && value.length > element.max_length) return `Enter at most ${element.max_length} characters.`;
  if (element.type === "email_text_input" && !ADDRESS.test(value)) return "This isn't a valid email address. Enter one like name@example.com.";
  if (element.type !== "number_input") return null;
  if (Number.isNaN(Number(value)) || (!element.is_decimal_allowed && !/^[-+]?\d+$/.test(value))) return element.is_decimal_allowed ? "Enter a number." : "Enter a whole number.";
  if (element.min_value != null && Number(value) < Number(element.min_value)) return `Enter a number of at least ${element.min_value}.`;
  if (element.max_value != null && Number(value) > Number(element.max_value)) return `Enter a number of at most ${element.max_value}.`;
  return null;
}

const listElements = (block) => [block.element, block.accessory, ...(block.elements ?? [])].filter((element) => element?.action_id);

/** Returns the present fields of a view as [block id, action id]. */
export const listFields = (view) => (view.blocks ?? []).flatMap((block) => listElements(block).map((element) => [block.block_id, element.action_id]));

/** Returns the values of the view's present fields; an update may have removed some. */
export function collectValues(view, form) {
  const values = {};
  for (const [block, action] of listFields(view)) if (form.has(block, action)) (values[block] ??= {})[action] = form.get(block, action);
  return values;
}

/** Returns Slack's own errors, which are shown without a request: {block_id: message}. */
export function findErrors(view, form) {
  const errors = (view.blocks ?? []).filter((block) => block.type === "input").map((block) =>
    [block.block_id, findError(block, block.element, form.get(block.block_id, block.element.action_id))]);
  return Object.fromEntries(errors.filter(([, text]) => text));
}
