"""Notices as cards: what a person or a channel hears of an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup

from bot.cards import Message, blocks
from bot.cards.copies import COPIES, copy_message
from bot.cards.digests import digest_message
from bot.cards.record import EVERYTHING
from bot.cards.undelivered import again_button, reader_facts
from bot.words import Audience, Words
from collab.notices import DIGEST
from collab.people import Person
from collab.record import EventLine
from collab.resources import Resource
from collab.subjects import OpenInvitation, Subject

UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True, slots=True)
class Scene:
    """What the words of a delivery are about, read at one moment; `rotate` are the things whose keys are to be new.

    `together` are the first of the facts that a digest tells. `places` are the old and the new place of what was moved,
    by the event's field, as far as the reader may know them. `recipient` is whom a failed message was for.
    """

    at: datetime
    viewer: Person | None
    subject: Subject | None
    line: EventLine | None
    rotate: tuple[Resource, ...] = ()
    together: tuple[EventLine, ...] = ()
    places: Mapping[str, Resource] = field(default_factory=dict)
    recipient: Person | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One notice of a digest: when it happened, and the words of its own message."""

    at: datetime
    words: Markup


def told(at: datetime, message: Message) -> Told:
    """A notice as it stands in a digest."""
    return Told(at, Markup(message["text"]))  # noqa: S704 - a template made it


def notice_message(words: Words, message: str, scene: Scene, payload: Mapping[str, Any] | None = None) -> Message:
    """The message of that name, for a person, or for a channel when there is no viewer."""
    line = scene.line
    if message == UNDELIVERABLE:
        return _undeliverable(words, scene, payload or {})
    if message in COPIES and scene.subject:
        at = line.recorded.at if line else scene.at
        return copy_message(words, message, scene.subject, scene.viewer, at)
    if line is None:
        raise LookupError(message)
    if message == DIGEST:
        return digest_message(words, line, scene.together)
    audience: Audience = "person" if scene.viewer else "channel"
    card = scene.subject if isinstance(scene.subject, OpenInvitation) else None
    facts = {"actor": line.actor, "person": line.person, "resource": line.resource, "event": line.recorded.event}
    told = {"card": card, "subject": scene.subject, "viewer": scene.viewer, "rotate": scene.rotate, "team": line.team}
    told |= {"before": scene.places.get("before"), "parent": scene.places.get("parent")}
    return blocks.message(words.say(f"notices/{message}", audience, line=line, **facts, **told))


def own_digest_message(words: Words, told: Sequence[Told]) -> Message:
    """What was kept for somebody, in one message; what is too long here stands whole in the list of all events."""
    said = words.say("notices/own_digest", told=told)
    heading, *rows = said.paragraphs
    more = blocks.button("events_page", words.label("home.events"), EVERYTHING, words.label("home.events.long"))
    shown = [*blocks.section(heading), *(blocks.row(row) for row in rows), blocks.actions("digest", more)]
    return {"text": blocks.cut(said.text, blocks.TOP), "blocks": shown}


def _undeliverable(words: Words, scene: Scene, payload: Mapping[str, Any]) -> Message:
    found: Any = scene.line or scene.subject
    resource, recipient = (found and found.resource) or None, scene.recipient or (found and found.person) or None
    told: dict[str, Any] = {name: str(payload.get(name) or "") for name in ("problem", "target", "message")}
    is_reader = bool(recipient and scene.viewer and recipient.id == scene.viewer.id)
    workspace = scene.line.recorded.workspace if scene.line else str((scene.viewer and scene.viewer.team) or "")
    whose = reader_facts(recipient, workspace, mine=is_reader)
    said = words.say("notices/undeliverable", resource=resource, **told, **whose)
    number = payload.get("delivery")  # what was written before it carried its number has no way to send it again
    return blocks.message(said, *([blocks.actions("lost", again_button(words, int(number)))] if number else []))
