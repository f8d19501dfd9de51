// The stack of modals: shows the top one with its form and errors, submits and closes.

import { post } from "./api.js";
import { h, icon, refill, spinner } from "./dom.js";
import { oneBlock } from "./blocks.js";
import { complaints, filled, newForm, place, standing } from "./form.js";
import { plainText } from "./mrkdwn.js";
import { redrawn } from "./popup.js";
import { on, state, takeViews } from "./state.js";
import { homeToasts } from "./toast.js";
import { say } from "./words.js";

const forms = new Map();
const sending = new Set();
const closing = new Set();
let dialog = null;
let frame = null;
let shown = null;
let working = Promise.resolve();
let opener = null;

const top = () => state.views.at(-1) ?? null;
const viewOf = (id) => state.views.find((view) => view.id === id);
// An updated view can be submitted again, so its key includes the hash.
const nameOf = (view) => `${view.id}/${view.hash}`;

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

/** Returns the frame of a view, which is created once and updated in place while the view is open. */
function newFrame(id) {
  const title = h("h2", { id: "modal-title", dir: "auto" });
  const body = h("div", { class: "modal-body blocks" });
  const words = h("span", { class: "button-words" });
  const leave = h("button", { type: "button", class: "button", on: { click: () => close(id) } });
  const send = h("button", { type: "submit", class: "button primary submit" }, words);
  const form = h("form", { class: "modal-form", novalidate: true, on: { submit: (event) => { event.preventDefault(); submit(id); } } },
    h("div", { class: "modal-head" }, h("span", { class: "app-sign", "aria-hidden": "true" }), h("div", { class: "head-words" }, title, h("span", { class: "modal-app" }, state.app.name)),
      h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss", on: { click: () => close(id, true) } }, icon("close"))),
    body, h("div", { class: "dialog-actions" }, leave, send));
  return { id, form, title, body, words, leave, send };
}

const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };

function dress(view) {
  if (frame?.id !== view.id) frame = newFrame(view.id);
  put(frame.title, plainText(view.title));
  put(frame.leave, view.close ? plainText(view.close) : say(view.submit ? "Cancel" : "Close"));
  put(frame.words, view.submit ? plainText(view.submit) : "");
  frame.send.hidden = !view.submit;
  if (frame.form.parentNode !== dialog) dialog.replaceChildren(frame.form);
}

/** Keeps the height of an open form, so that its buttons do not move from under the pointer when fields go. */
function keepHeight(view, same) {
  if (!same || !view.submit) dialog.style.removeProperty("--kept-height");
  if (view.submit) dialog.style.setProperty("--kept-height", `${dialog.offsetHeight}px`);
}

// Open menus are restored only within the same view.
const draw = (view, complained) => (shown?.id === view.id ? redrawn(dialog, () => paint(view, complained)) : paint(view, complained));

function paint(view, complained = false) {
  const same = shown?.id === view.id;
  const focus = same ? mark() : null;
  const form = formOf(view);
  dress(view);
  form.forgetBut(standing(view));
  const where = place({ view_id: view.id }, form);
  const { error } = form;
  refill(frame.body, [
    ...(error ? [[error, () => h("p", { class: "form-error", role: "alert" }, error[0])]] : []),
    ...view.blocks.map((block) => [[state.users, block, form.complaintOf(block.block_id)], () => oneBlock(block, where, { errors: form.errors() })]),
  ]);
  dialog.setAttribute("aria-labelledby", "modal-title");
  shown = view;
  showSending();
  keepHeight(view, same);
  const { body } = frame;
  if (body.scrollHeight > body.clientHeight) { body.tabIndex = 0; body.setAttribute("role", "group"); body.setAttribute("aria-label", "Content"); }
  const wrong = dialog.querySelector("[aria-invalid]");
  if (!complained && focus && dialog.contains(document.activeElement)) return;
  const target = complained ? wrong?.matches("[role=group], [role=radiogroup]") ? wrong.querySelector("input") : wrong : focus && find(focus);
  (target ?? dialog.querySelector("[autofocus]") ?? (same ? null : dialog.querySelector(FIELDS)) ?? dialog.querySelector(".dialog-actions .primary:not([hidden]), .dialog-actions button"))?.focus();
}

function showSending() {
  const yes = Boolean(shown) && sending.has(nameOf(shown));
  dialog.toggleAttribute("data-busy", yes);
  dialog.setAttribute("aria-busy", String(yes));
  frame.send.setAttribute("aria-disabled", String(yes));
  frame.send.querySelector(".spinner")?.remove();
  if (yes) frame.send.append(spinner());
}

function complain(view, errors, error) {
  formOf(view).complain(errors, error);
  if (shown?.id === view.id) draw(shown, Object.keys(errors).length > 0);
}

/** Queues `work`, so that a press during a request is not lost. */
function inTurn(view, work) {
  working = working.then(work).catch((error) => { if (viewOf(view.id)) complain(view, {}, error.message); });
  return working;
}

function submit(id) {
  const view = viewOf(id);
  if (!view?.submit || sending.has(nameOf(view))) return;
  const form = formOf(view);
  const wrong = complaints(view, form);
  if (Object.keys(wrong).length) { complain(view, wrong); return; }
  const person = state.me.id;
  const sent = { as: person, view_id: id, values: filled(view, form) };
  sending.add(nameOf(view));
  showSending();
  inTurn(view, async () => {
    const answer = await post("/ui/submit", sent);
    if (answer.errors) complain(view, answer.errors);
    else takeViews(person, answer);
  }).finally(() => { sending.delete(nameOf(view)); if (frame) showSending(); });
}

/** Closes a view, or with `all` the whole stack, after the earlier requests are answered. */
function close(id, all = false) {
  const view = viewOf(id);
  if (!view || closing.has(id)) return;
  closing.add(id);
  const person = state.me.id;
  inTurn(view, async () => {
    if (viewOf(id)) takeViews(person, await post("/ui/close", { as: person, view_id: id, all }));
  }).finally(() => closing.delete(id));
}

/** Returns the control to focus if the opener was redrawn. */
function successor() {
  const again = opener?.action && document.querySelector(`main [data-action-id="${CSS.escape(opener.action)}"]`);
  if (again) return again;
  const box = document.querySelector("#composer");
  return box?.offsetParent ? box : document.querySelector(`#tab-${state.tab}`);
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
    frame = null;
    dialog.replaceChildren();
    dialog.removeAttribute("aria-labelledby");
    return;
  }
  if (!dialog.open) { opener = { node: document.activeElement, action: document.activeElement.dataset.actionId }; dialog.showModal(); }
  if (!shown || nameOf(shown) !== nameOf(view)) draw(view);
}

export function startModal() {
  dialog = h("dialog", { class: "modal" });
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    if (shown) close(shown.id);
  });
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); if (shown) close(shown.id); });
  document.body.append(dialog);
  on("views person", follow);
}
