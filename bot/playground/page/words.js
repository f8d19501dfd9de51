// Slack's own labels of messages and modals, in the user's language.

import { state } from "./state.js";

const TRANSLATIONS = {
  de: {
    "Only visible to you": "Nur für dich sichtbar",
    "(edited)": "(bearbeitet)",
    "(optional)": "(optional)",
    "New": "Neu",
    "1 reply": "1 Antwort",
    "replies": "Antworten",
    "replied to a thread:": "hat auf einen Thread geantwortet:",
    "private channel": "privater Channel",
    "Cancel": "Abbrechen",
    "Close": "Schließen",
    "Yes": "Ja",
    "Select": "Auswählen",
    "No results.": "Keine Ergebnisse.",
    "Looking…": "Suche läuft …",
    "Type to search": "Tippen, um zu suchen",
    "Please complete this required field.": "Bitte fülle dieses Pflichtfeld aus.",
    "Sending messages to this app has been turned off.": "Nachrichten an diese App wurden deaktiviert.",
    "This channel is archived: nobody can write here.": "Dieser Channel ist archiviert: Hier kann niemand schreiben.",
  },
};

/** Returns Slack's label in the user's language. */
export const translate = (text) => TRANSLATIONS[(state.me?.locale ?? "en").split("-")[0]]?.[text] ?? text;
