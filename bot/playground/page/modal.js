// The stack of modals: shows the top one with its form and errors, submits and closes.

import { post } from "./api.js";
import { h, icon, updateChildren, spinner } from "./dom.js";
import { buildBlock } from "./blocks.js";
import { findErrors, collectValues, newForm, blockSurface, listFields } from "./form.js";
import { plainText } from "./mrkdwn.js";
import { redrawKeepingMenu } from "./popup.js";
import { subscribe, state, applyViews } from "./state.js";
import { returnToasts } from "./toast.js";
import { translate } from "./words.js";

const formById = new Map();
const sending = new Set();
const closing = new Set();
let dialog = null;
let frame = null;
let shownView = null;
let requestQueue = Promise.resolve();
let opener = null;

const topView = () => state.views.at(-1) ?? null;
const viewOf = (id) => state.views.find((view) => view.id === id);
// An updated view can be submitted again, so its key includes the hash.
const versionKey = (view) => `${view.id}/${view.hash}`;

function formOf(view) {
  if (!formById.has(view.id)) formById.set(view.id, newForm());
  return formById.get(view.id);
}

const describeFocus = () => {
  const node = document.activeElement;
  if (!dialog.contains(node)) return null;
  return { block: node.closest("[data-block-id]")?.dataset.blockId, action: node.closest("[data-action-id]")?.dataset.actionId, value: node.value };
};

function findControl({ block, action, value } = {}) {
  const within = [...dialog.querySelectorAll("[data-block-id]")].find((node) => node.dataset.blockId === block);
  const nodes = [...(within?.querySelectorAll("[data-action-id]") ?? [])].filter((node) => node.dataset.actionId === action);
  return nodes[0]?.matches("[role=group], [role=radiogroup]") ? [...nodes[0].querySelectorAll("input")].find((one) => one.value === value) ?? nodes[0].querySelector("input") : nodes[0];
}

const FIELDS = ".modal-body input, .modal-body textarea";

/** Returns the frame of a view, which is created once and updated in place while the view is open. */
function newFrame(id) {
  const title = h("h2", { id: "modal-title", dir: "auto" });
  const body = h("div", { class: "modal-body blocks" });
  const submitLabel = h("span", { class: "button-words" });
  const closeButton = h("button", { type: "button", class: "button", on: { click: () => close(id) } });
  const submitButton = h("button", { type: "submit", class: "button primary submit" }, submitLabel);
  const form = h("form", { class: "modal-form", novalidate: true, on: { submit: (event) => { event.preventDefault(); submit(id); } } },
    h("div", { class: "modal-head" }, h("span", { class: "app-sign", "aria-hidden": "true" }), h("div", { class: "head-words" }, title, h("span", { class: "modal-app" }, state.app.name)),
      h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss", on: { click: () => close(id, true) } }, icon("close"))),
    body, h("div", { class: "dialog-actions" }, closeButton, submitButton));
  return { id, form, title, body, submitLabel, closeButton, submitButton };
}

const setText = (node, text) => { if (node.textContent !== text) node.textContent = text; };

function updateFrame(view) {
  if (frame?.id !== view.id) frame = newFrame(view.id);
  setText(frame.title, plainText(view.title));
  setText(frame.closeButton, view.close ? plainText(view.close) : translate(view.submit ? "Cancel" : "Close"));
  setText(frame.submitLabel, view.submit ? plainText(view.submit) : "");
  frame.submitButton.hidden = !view.submit;
  if (frame.form.parentNode !== dialog) dialog.replaceChildren(frame.form);
}

/** Keeps the height of an open form, so that its buttons do not move from under the pointer when fields go. */
function keepHeight(view, isSameView) {
  if (!isSameView || !view.submit) dialog.style.removeProperty("--kept-height");
  if (view.submit) dialog.style.setProperty("--kept-height", `${dialog.offsetHeight}px`);
}

// Open menus are restored only within the same view.
const draw = (view, hasErrors) => (shownView?.id === view.id ? redrawKeepingMenu(dialog, () => drawContent(view, hasErrors)) : drawContent(view, hasErrors));

function drawContent(view, hasErrors = false) {
  const isSameView = shownView?.id === view.id;
  const focus = isSameView ? describeFocus() : null;
  const form = formOf(view);
  updateFrame(view);
  form.removeValuesExcept(listFields(view));
  const surface = blockSurface({ view_id: view.id }, form);
  const { error } = form;
  updateChildren(frame.body, [
    ...(error ? [[error, () => h("p", { class: "form-error", role: "alert" }, error[0])]] : []),
    ...view.blocks.map((block) => [[state.users, block, form.errorNumberOf(block.block_id)], () => buildBlock(block, surface, { errors: form.errors() })]),
  ]);
  dialog.setAttribute("aria-labelledby", "modal-title");
  shownView = view;
  showSending();
  keepHeight(view, isSameView);
  const { body } = frame;
  if (body.scrollHeight > body.clientHeight) { body.tabIndex = 0; body.setAttribute("role", "group"); body.setAttribute("aria-label", "Content"); }
  const invalid = dialog.querySelector("[aria-invalid]");
  if (!hasErrors && focus && dialog.contains(document.activeElement)) return;
  const target = hasErrors ? invalid?.matches("[role=group], [role=radiogroup]") ? invalid.querySelector("input") : invalid : focus && findControl(focus);
  (target ?? dialog.querySelector("[autofocus]") ?? (isSameView ? null : dialog.querySelector(FIELDS)) ?? dialog.querySelector(".dialog-actions .primary:not([hidden]), .dialog-actions button"))?.focus();
}

function showSending() {
  const isSending = Boolean(shownView) && sending.has(versionKey(shownView));
  dialog.toggleAttribute("data-busy", isSending);
  dialog.setAttribute("aria-busy", String(isSending));
  frame.submitButton.setAttribute("aria-disabled", String(isSending));
  frame.submitButton.querySelector(".spinner")?.remove();
  if (isSending) frame.submitButton.append(spinner());
}

function showErrors(view, errors, error) {
  formOf(view).setErrors(errors, error);
  if (shownView?.id === view.id) draw(shownView, Object.keys(errors).length > 0);
}

/** Queues `work`, so that a press during a request is not lost. */
function enqueue(view, work) {
  requestQueue = requestQueue.then(work).catch((error) => { if (viewOf(view.id)) showErrors(view, {}, error.message); });
  return requestQueue;
}

function submit(id) {
  const view = viewOf(id);
  if (!view?.submit || sending.has(versionKey(view))) return;
  const form = formOf(view);
  const invalid = findErrors(view, form);
  if (Object.keys(invalid).length) { showErrors(view, invalid); return; }
  const person = state.me.id;
  const request = { as: person, view_id: id, values: collectValues(view, form) };
  sending.add(versionKey(view));
  showSending();
  enqueue(view, async () => {
    const answer = await post("/ui/submit", request);
    if (answer.errors) showErrors(view, answer.errors);
    else applyViews(person, answer);
  }).finally(() => { sending.delete(versionKey(view)); if (frame) showSending(); });
}

/** Closes a view, or with `all` the whole stack, after the earlier requests are answered. */
function close(id, all = false) {
  const view = viewOf(id);
  if (!view || closing.has(id)) return;
  closing.add(id);
  const person = state.me.id;
  enqueue(view, async () => {
    if (viewOf(id)) applyViews(person, await post("/ui/close", { as: person, view_id: id, all }));
  }).finally(() => closing.delete(id));
}

/** Returns the control to focus if the opener was redrawn. */
function findFocusTarget() {
  const redrawnOpener = opener?.action && document.querySelector(`main [data-action-id="${CSS.escape(opener.action)}"]`);
  if (redrawnOpener) return redrawnOpener;
  const composer = document.querySelector("#composer");
  return composer?.offsetParent ? composer : document.querySelector(`#tab-${state.tab}`);
}

function showTopView() {
  const view = topView();
  for (const id of formById.keys()) if (!state.views.some((one) => one.id === id)) formById.delete(id);
  if (!view) {
    if (dialog.open) {
      dialog.close();
      returnToasts();
      (opener?.node.isConnected ? opener.node : findFocusTarget())?.focus();
    }
    shownView = null;
    frame = null;
    dialog.replaceChildren();
    dialog.removeAttribute("aria-labelledby");
    return;
  }
  if (!dialog.open) { opener = { node: document.activeElement, action: document.activeElement.dataset.actionId }; dialog.showModal(); }
  if (!shownView || versionKey(shownView) !== versionKey(view)) draw(view);
}

export function startModal() {
  dialog = h("dialog", { class: "modal" });
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    if (shownView) close(shownView.id);
  });
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); if (shownView) close(shownView.id); });
  document.body.append(dialog);
  subscribe("views person", showTopView);
}
