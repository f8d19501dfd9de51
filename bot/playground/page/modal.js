// The stack of modals: the top one shown, its form, its errors, and the way back.

import { post } from "./api.js";
import { h, refill, spinner } from "./dom.js";
import { oneBlock } from "./blocks.js";
import { complaints, filled, newForm, place, standing } from "./form.js";
import { plainText } from "./mrkdwn.js";
import { redrawn } from "./popup.js";
import { on, reload, state } from "./state.js";
import { homeToasts } from "./toast.js";

const forms = new Map();
let dialog = null;
let shown = null;
let busy = false;
let closing = null;
let working = Promise.resolve();
let opener = null;

const top = () => state.views.at(-1) ?? null;

function formOf(view) {
  if (!forms.has(view.id)) forms.set(view.id, newForm());
  return forms.get(view.id);
}

const mark = () => {
  const node = document.activeElement;
  if (!dialog.contains(node)) return null;
  return { block: node.closest("[data-block-id]")?.dataset.blockId, action: node.closest("[data-action-id]")?.dataset.actionId, value: node.value };
};

function find({ block, action, value } = {}) {
  const within = [...dialog.querySelectorAll("[data-block-id]")].find((node) => node.dataset.blockId === block);
  const nodes = [...(within?.querySelectorAll("[data-action-id]") ?? [])].filter((node) => node.dataset.actionId === action);
  return nodes[0]?.matches("[role=group], [role=radiogroup]") ? [...nodes[0].querySelectorAll("input")].find((one) => one.value === value) ?? nodes[0].querySelector("input") : nodes[0];
}

const FIELDS = ".modal-body input, .modal-body textarea";

function frame(view, depth) {
  return h("form", { class: "modal-form", novalidate: true, on: { submit: (event) => { event.preventDefault(); submit(); } } },
    h("div", { class: "modal-head" }, h("h2", { id: "modal-title", dir: "auto" }, plainText(view.title)), depth > 1 ? h("span", { class: "depth" }, `Step ${depth}`) : null),
    h("div", { class: "modal-body blocks" }),
    h("div", { class: "dialog-actions" },
      h("button", { type: "button", class: "button", on: { click: close } }, view.close ? plainText(view.close) : view.submit ? "Cancel" : "Close"),
      view.submit ? h("button", { type: "submit", class: "button primary submit" }, h("span", { class: "button-words" }, plainText(view.submit))) : null));
}

// What stands open belongs to the window that it was opened in.
const draw = (view, ...shows) => (shown?.id === view.id ? redrawn(dialog, () => paint(view, ...shows)) : paint(view, ...shows));

function paint(view, errors = {}, trouble = "") {
  const same = shown?.id === view.id;
  const focus = same ? mark() : null;
  const depth = state.views.length;
  refill(dialog, [[[view.id, view.title, view.close, view.submit, depth], () => frame(view, depth)]]);
  const body = dialog.querySelector(".modal-body");
  formOf(view).forgetBut(standing(view));
  const where = place({ view_id: view.id }, formOf(view));
  refill(body, [
    ...(trouble ? [[trouble, () => h("p", { class: "trouble", role: "alert" }, trouble)]] : []),
    ...view.blocks.map((block) => [[state.users, block, errors[block.block_id]], () => oneBlock(block, where, { errors })]),
  ]);
  dialog.setAttribute("aria-labelledby", "modal-title");
  shown = view;
  if (body.scrollHeight > body.clientHeight) { body.tabIndex = 0; body.setAttribute("role", "group"); body.setAttribute("aria-label", "Content"); }
  const wrong = dialog.querySelector("[aria-invalid]");
  const complained = Object.keys(errors).length > 0;
  if (!complained && focus && dialog.contains(document.activeElement)) return;
  const target = complained ? wrong?.matches("[role=group], [role=radiogroup]") ? wrong.querySelector("input") : wrong : focus && find(focus);
  (target ?? dialog.querySelector("[autofocus]") ?? (same ? null : dialog.querySelector(FIELDS)) ?? dialog.querySelector(".dialog-actions .primary, .dialog-actions button"))?.focus();
}

function wait(yes) {
  busy = yes;
  const button = dialog.querySelector(".submit");
  dialog.toggleAttribute("data-busy", yes);
  dialog.setAttribute("aria-busy", String(yes));
  if (!button) return;
  button.setAttribute("aria-disabled", String(yes));
  button.querySelector(".spinner")?.remove();
  if (yes) button.append(spinner());
}

async function submit() {
  const view = top();
  if (busy || !view?.submit) return;
  const form = formOf(view);
  const wrong = complaints(view, form);
  if (Object.keys(wrong).length) { draw(view, wrong); return; }
  await during(view, async () => {
    const answer = await post("/ui/submit", { as: state.me.id, view_id: view.id, values: filled(view, form) });
    if (answer.errors) { wait(false); draw(view, answer.errors); return; }
    // The stream may be a moment behind the answer; what is asked for now is true already.
    await reload();
  });
}

async function close() {
  const view = top();
  if (!view || closing === view.id) return;
  closing = view.id;
  // What was sent is answered first; it may have brought another view.
  await working;
  if (top()?.id === view.id) {
    await during(view, async () => {
      await post("/ui/close", { as: state.me.id, view_id: view.id });
      await reload();
    });
  }
  if (closing === view.id) closing = null;
}

function during(view, work) {
  working = done(view, work);
  return working;
}

async function done(view, work) {
  wait(true);
  try {
    await work();
  } catch (error) {
    wait(false);
    if (top()?.id === view.id) draw(view, {}, error.message);
  } finally {
    if (busy) wait(false);
  }
}

/** Where focus goes when what opened the modal was redrawn meanwhile. */
function successor() {
  const again = opener?.action && document.querySelector(`main [data-action-id="${CSS.escape(opener.action)}"]`);
  return again || document.querySelector(state.tab === "home" ? "#tab-home" : "#composer");
}

function follow() {
  const view = top();
  for (const id of forms.keys()) if (!state.views.some((one) => one.id === id)) forms.delete(id);
  if (!view) {
    if (dialog.open) {
      dialog.close();
      homeToasts();
      (opener?.node.isConnected ? opener.node : successor())?.focus();
    }
    shown = null;
    refill(dialog, []);
    dialog.removeAttribute("aria-labelledby");
    return;
  }
  if (!dialog.open) { opener = { node: document.activeElement, action: document.activeElement.dataset.actionId }; dialog.showModal(); }
  if (!shown || shown.id !== view.id || JSON.stringify(shown) !== JSON.stringify(view)) draw(view);
}

export function startModal() {
  dialog = h("dialog", { class: "modal" });
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    close();
  });
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
  document.body.append(dialog);
  on("views person", follow);
}
