// Starts the page's parts and follows the address, whose hash names user and conversation (#UADA/CACME).

import { startConversation } from "./conversation.js";
import { startInspector } from "./inspector.js";
import { startModal } from "./modal.js";
import { startSidebar } from "./sidebar.js";
import { go, seen, state } from "./state.js";
import { startToasts } from "./toast.js";
import { startTopbar } from "./clock.js";

const FIRST = "UADA";

function address() {
  const [person, place] = location.hash.slice(1).split("/");
  return { person: person || state.me?.id || FIRST, place: place || null, replace: true };
}

async function follow() {
  await go(address());
  if (!state.me) setTimeout(() => { if (!state.me) follow(); }, 2000);
}

startToasts();
const toggleTraffic = startTopbar(document.getElementById("topbar"));
startSidebar(document.getElementById("sidebar"));
startConversation(document.getElementById("conversation"));
startInspector(document.getElementById("inspector"), toggleTraffic);
startModal();
addEventListener("hashchange", follow);
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  const box = document.getElementById("composer");
  (box?.offsetParent ? box : document.querySelector(".log, .home-frame"))?.focus();
});
document.addEventListener("visibilitychange", () => { if (state.me) seen(); });
await follow();
