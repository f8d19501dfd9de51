"""Settings: what holds for the workspace and for oneself, typed or in a window."""

from __future__ import annotations

from bot.cards import Message, View
from bot.cards.settings import (
    COMPANIES,
    FIELDS,
    QUIET,
    WORKSPACE,
    mine_view,
    set_view,
    settings_message,
    workspace_view,
)
from bot.listeners.road import Click, Command, Desk, Submission, WrongField
from bot.names import NOTHING
from bot.verbs import Slot
from collab import refusals
from collab.events import Event, PersonSet, WorkspaceSet
from collab.preferences import NOTICES, Change, Set, SettingsShown, ShowSettings
from collab.service import Outcome

USUAL = {QUIET: NOTHING, COMPANIES: "everybody"}  # what is chosen in the window to have the usual


def settings(desk: Desk, asked: Command) -> Message:
    """Show what holds, or change it."""
    setting, value = asked.get(Slot.SETTING), asked.get(Slot.VALUE)
    if setting is None:
        return settings_message(desk.words, desk.collab.ask(ShowSettings(asked.by), asked.at))
    if value is None:
        raise asked.line.missing(Slot.VALUE)
    act = Set(asked.by, setting.casefold(), None if value.casefold() == NOTHING else value)
    changed = _changed(desk.perform(act, asked.at))
    return desk.tell("set", changed=changed) if changed else desk.tell("unchanged")


def press_open(desk: Desk, click: Click) -> None:
    """A button that opens one of the windows: one's own, unless it names the workspace's."""
    found: SettingsShown = desk.collab.ask(ShowSettings(click.by), click.at)
    if click.value != WORKSPACE:
        click.open_view(mine_view(desk.words, found))
    elif found.may_set:
        click.open_view(workspace_view(desk.words, found))
    else:
        raise refusals.NotWorkspaceAdmin


def submit_mine(desk: Desk, sent: Submission) -> View:
    """One's own window sent in."""
    return _submit(desk, sent, [(NOTICES, sent.values.get(NOTICES))])


def submit_workspace(desk: Desk, sent: Submission) -> View:
    """The workspace's window sent in: all of it counts, or nothing."""
    typed = {name: sent.values.get(name, "").strip() for name in FIELDS}
    changes = [(name, value if value != USUAL.get(name, "") else None) for name, value in typed.items()]
    return _submit(desk, sent, changes)


def _submit(desk: Desk, sent: Submission, changes: list[Change]) -> View:
    (setting, value), *also = changes
    try:
        outcome = desk.perform(Set(sent.by, setting, value, tuple(also)), sent.at)
    except refusals.BadSetting as bad:
        words = desk.words.say("modals/wrong_setting", "plain", setting=bad.setting)
        raise WrongField(bad.setting, words.text) from None
    return set_view(desk.words, _changed(outcome))


def _changed(outcome: Outcome) -> list[Event]:
    return [r.event for r in outcome.recorded if isinstance(r.event, WorkspaceSet | PersonSet)]
