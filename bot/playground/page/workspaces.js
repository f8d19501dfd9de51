// The top of the sidebar: the workspace, the choice of another one, and the app's installation.

import { post } from "./api.js";
import { fill, h } from "./dom.js";
import { openMenu } from "./popup.js";
import { fail, showWorkspace, state, subscribe } from "./state.js";

const parts = { choice: null, notice: null, manage: null };

function buildChoice() {
  if (state.workspaces.length < 2) return null;
  const select = h("select", { id: "workspace", on: { change: () => showWorkspace(state.workspaces.find((one) => one.id === select.value)) } },
    state.workspaces.map((one) => h("option", { value: one.id, selected: one.id === state.team.id }, one.name)));
  return [h("label", { for: "workspace" }, "Workspace"), select];
}

function buildNotice() {
  const { app } = state;
  if (app.is_installed) return null;
  const text = app.can_change_access ? `${app.organisation} has taken ${app.name} from this workspace.` : `${app.name} isn't installed here.`;
  const link = app.install_url ? h("a", { href: app.install_url, target: "_blank", rel: "noopener" }, `Install ${app.name}`, h("span", { class: "hidden" }, " (opens a new tab)")) : null;
  return [h("p", {}, text), link];
}

function listChanges() {
  const { app, team } = state;
  const changes = [];
  const add = (label, change) => changes.push({ label, choose: () => post("/ui/installation", { as: state.me.id, change }).catch(fail) });
  if (app.can_change_access && app.is_installed) add(`Take ${app.name} from ${team.name}`, "revoke");
  if (app.can_change_access && !app.is_installed) add(`Give ${app.name} to ${team.name}`, "grant");
  if (app.can_uninstall) add(`Uninstall ${app.name} from ${app.organisation || team.name}`, "uninstall");
  return changes;
}

function draw() {
  // The choice stays while it is used with the keyboard.
  if (parts.choice.contains(document.activeElement)) document.activeElement.value = state.team.id;
  else fill(parts.choice, buildChoice());
  fill(parts.notice, buildNotice());
  parts.manage.parentNode.hidden = !listChanges().length;
}

/** Returns what stands below the workspace's name. */
export function startWorkspaces() {
  parts.choice = h("div", { class: "workspace-choice" });
  parts.notice = h("div", { class: "installation", role: "status" });
  parts.manage = h("button", { type: "button", class: "accounts", "aria-haspopup": "menu", "aria-expanded": "false",
    on: { click: () => openMenu(parts.manage, listChanges(), "Installation", false) } }, "Installation…");
  subscribe("person people", draw);
  return [parts.choice, parts.notice, h("div", { class: "anchor", hidden: true }, parts.manage)];
}
