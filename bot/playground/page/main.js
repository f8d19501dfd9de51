// Starts the page's parts and follows the address, whose hash names user and conversation (#UADA/CACME).

import { startConversation } from "./conversation.js";
import { startInspector } from "./inspector.js";
import { startModal } from "./modal.js";
import { startSidebar } from "./sidebar.js";
import { showConversation, markRead, state } from "./state.js";
import { startToasts } from "./toast.js";
import { startTopbar } from "./clock.js";

const FIRST_USER = "UADA";

function parseAddress() {
  const [person, place] = location.hash.slice(1).split("/");
  return { person: person || state.me?.id || FIRST_USER, place: place || null, replace: true };
}

async function showAddress() {
  await showConversation(parseAddress());
  if (!state.me) setTimeout(() => { if (!state.me) showAddress(); }, 2000);
}

startToasts();
const toggleTraffic = startTopbar(document.getElementById("topbar"));
startSidebar(document.getElementById("sidebar"));
startConversation(document.getElementById("conversation"));
startInspector(document.getElementById("inspector"), toggleTraffic);
startModal();
addEventListener("hashchange", showAddress);
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  const composer = document.getElementById("composer");
  (composer?.offsetParent ? composer : document.querySelector(".log, .home-frame"))?.focus();
});
document.addEventListener("visibilitychange", () => { if (state.me) markRead(); });
await showAddress();
