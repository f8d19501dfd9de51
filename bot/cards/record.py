"""The record as a card: what happened, newest first."""

from __future__ import annotations

from bot.cards import Message, View, blocks
from bot.cards.invitations import page_button
from bot.words import Words
from collab.record import EventList

# The sources that people may look for; `resource` is what is made, renamed, moved and deleted.
SOURCES = ("invitation", "member", "request", "succession", "resource", "team", "billing", "invoice", "channel", "keys")
EVERYTHING = "[null, null, null, null, [], 0]"  # a question for events that chooses nothing


def events_message(words: Words, found: EventList, *, older: bool, next_value: str | None) -> Message:
    """A page of events; `next_value` is what the button to the next page carries."""
    said = words.say("replies/events", list=found, older=older)
    end = [page_button(words, "events_page", "next", next_value)] if next_value else []
    return blocks.message(said, *end)


def filter_view(words: Words) -> View:
    """The window that looks for events: of what, by whom, of which sort, since when."""
    what = blocks.single_external_select("events_what", words.label("invite.what.choose"), None)
    who = blocks.users_select("who", words.label("events.who.choose"))
    sources = [(words.label(f"source.{source}"), source) for source in SOURCES]
    only = blocks.select("only", words.label("events.only.choose"), sources, "")
    since = blocks.date_picker("since", words.label("events.since.choose"))
    fields = {"what": what, "who": who, "only": only, "since": since}
    asked = [blocks.field(name, words.label(f"events.{name}"), e, optional=True) for name, e in fields.items()]
    title, submit, close = (words.label(label) for label in ("events.title", "events.submit", "cancel"))
    return blocks.modal("events_filter", title, asked, submit=submit, close=close)


def found_view(words: Words, found: Message) -> View:
    """The window with what was found."""
    return blocks.modal("shown", words.label("events.title"), found["blocks"], close=words.label("close"))
