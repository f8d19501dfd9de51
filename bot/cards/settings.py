"""Settings as cards: what holds, and the windows in which it is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.cards import Block, Message, View, blocks
from bot.names import NOTHING
from bot.words import Words
from collab.events import Event
from collab.policy import written
from collab.preferences import NOTICES, SettingsShown
from collab.telling import CHOICES

TYPED = 40  # characters of a number or of a few lengths of time
MINE, WORKSPACE = "mine", "workspace"
LIFETIME, REMINDERS, QUIET, DAILY, COMPANIES = "lifetime", "reminders", "quiet-hours", "daily-invitations", "companies"
FIELDS = (LIFETIME, REMINDERS, QUIET, DAILY, COMPANIES)


def settings_message(words: Words, found: SettingsShown) -> Message:
    """What holds, with the ways to the windows that the reader may use."""
    said = words.say(
        "replies/settings", policy=found.policy, own=found.own, may_set=found.may_set, notices=found.notices
    )
    names = (MINE, WORKSPACE) if found.may_set else (MINE,)
    return blocks.message(said, blocks.actions("settings", *(_opens(words, name) for name in names)))


def mine_view(words: Words, found: SettingsShown) -> View:
    """The window for oneself; it leads to the workspace's for those who may change that."""
    options = [(words.label(f"{NOTICES}.{c}"), c, words.label(f"{NOTICES}.{c}.about")) for c in CHOICES]
    asked = blocks.field(NOTICES, words.label(NOTICES), blocks.radio(NOTICES, options, found.notices))
    said = words.say("modals/settings_mine", may_set=found.may_set)
    more = [blocks.actions("settings", _opens(words, WORKSPACE))] if found.may_set else []
    return _window(words, "settings_mine", [asked, *blocks.paragraphs(said.paragraphs), *more])


def workspace_view(words: Words, found: SettingsShown) -> View:
    """The window for the workspace: a field says what was set here; one that is empty leaves it as installed."""
    policy, usual, own = found.policy, found.usual, found.own
    asked = [
        _typed(words, LIFETIME, own.get(LIFETIME, ""), written(usual.lifetime)),
        _typed(words, REMINDERS, own.get(REMINDERS, ""), ",".join(map(written, usual.reminders)) or "off"),
        _chosen(words, QUIET, ("on", "off", NOTHING), _switched(own, on=policy.quiet_hours)),
        _typed(words, DAILY, own.get(DAILY, ""), str(usual.daily_invitations)),
        _chosen(words, COMPANIES, ("everybody", "admins"), "admins" if policy.reserved else "everybody"),
    ]
    said = words.say("modals/settings_workspace")
    return _window(words, "settings_workspace", [*blocks.paragraphs(said.paragraphs), *asked])


def set_view(words: Words, changed: Sequence[Event]) -> View:
    """The window after it was sent in."""
    said = words.say("replies/set", changed=changed) if changed else words.say("replies/unchanged")
    title = words.label("done.title" if changed else "wrong.title")
    return blocks.modal("done", title, blocks.paragraphs(said.paragraphs), close=words.label("close"))


def _window(words: Words, name: str, shown: Sequence[Block]) -> View:
    title, submit, close = (words.label(label) for label in (f"{name}.title", "save", "cancel"))
    return blocks.modal(name, title, shown, submit=submit, close=close)


def _opens(words: Words, whose: str) -> Block:
    label = f"settings_{whose}"
    return blocks.button(f"settings_open:{whose}", words.label(label), whose, words.label(f"{label}.long"))


def _typed(words: Words, name: str, own: str, usual: str) -> Block:
    element = blocks.text_input(name, TYPED, initial=blocks.cut(own, TYPED), placeholder=usual)
    return blocks.field(name, words.label(name), element, hint=words.label(f"{name}.hint"), optional=True)


def _chosen(words: Words, name: str, values: Sequence[str], chosen: str) -> Block:
    options = [(words.label(f"{name}.{value}"), value) for value in values]
    return blocks.field(name, words.label(name), blocks.radio(name, options, chosen))


def _switched(own: Mapping[str, str], *, on: bool) -> str:
    if QUIET not in own:
        return NOTHING
    return "on" if on else "off"
