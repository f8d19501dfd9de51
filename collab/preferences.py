"""Settings: the workspace's, set by those who look after it, and everybody's own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collab import refusals
from collab.events import Event, PersonSet, WorkspaceSet
from collab.people import Caller, check_profile
from collab.policy import SETTABLE, Policy
from collab.telling import CHOICES

if TYPE_CHECKING:
    from collab.case import Case

NOTICES = "notices"
Change = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Set:
    """Give a setting another value, or, without one, its usual one again; `also` are others, all of them or none."""

    by: Caller
    setting: str
    value: str | None
    also: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class ShowSettings:
    """What holds for the workspace and for the asker."""

    by: Caller


@dataclass(frozen=True, slots=True)
class SettingsShown:
    """What holds, what of it the workspace set itself, and whether the asker may change it.

    `usual` is what holds where the workspace sets nothing; `notices` is the asker's own choice.
    """

    policy: Policy
    own: Mapping[str, str]
    may_set: bool
    usual: Policy
    notices: str


def set_(act: Set, case: Case) -> list[Event]:
    """An admin changes what holds in the workspace (INV-08, INV-13), and everybody what holds for themselves."""
    changes = dict([(act.setting, act.value), *act.also])
    known = (*SETTABLE, NOTICES)
    for unknown in (setting for setting in changes if setting not in known):
        raise refusals.UnknownSetting(unknown, known)
    mine = changes.pop(NOTICES, None) if NOTICES in changes else case.actor.notices
    return [*(_set_here(case, changes) if changes else []), *_set_mine(case, mine)]


def show_settings(ask: ShowSettings, case: Case) -> SettingsShown:  # noqa: ARG001 - every question has this form
    """Everybody may see what holds."""
    return SettingsShown(case.policy, _own(case), case.actor.admin, case.usual, case.actor.notices)


def _set_mine(case: Case, typed: str | None) -> list[Event]:
    value, before = (typed or CHOICES[0]).strip().lower(), case.actor.notices
    if value not in CHOICES:
        raise refusals.BadSetting(NOTICES, CHOICES[1])
    return [] if value == before else [PersonSet(case.actor.id, NOTICES, value, before)]


def _set_here(case: Case, changes: Mapping[str, str | None]) -> list[Event]:
    if not case.actor.admin:
        check_profile(case)
        raise refusals.NotWorkspaceAdmin
    _check_each(changes)
    before = _own(case)
    now = {name: value for name, value in {**before, **changes}.items() if value is not None}
    _check_together(case, now, tuple(changes))
    changed = [name for name, value in changes.items() if before.get(name) != value]
    return [WorkspaceSet(name, changes[name], before.get(name), json.dumps(now)) for name in changed]


def _check_each(changes: Mapping[str, str | None]) -> None:
    for name, value in changes.items():
        try:
            if value is not None:
                SETTABLE[name].read(value)
        except ValueError:
            raise refusals.BadSetting(name, SETTABLE[name].example) from None


def _check_together(case: Case, now: Mapping[str, str], changed: Sequence[str]) -> None:
    """Reminders lie within the life; where they do not, the one of the two that was changed is at fault."""
    policy = case.usual.with_settings(now)
    blamed = next((name for name in ("reminders", "lifetime") if name in changed), None)
    if blamed and any(mark >= policy.lifetime for mark in policy.reminders):
        raise refusals.BadSetting(blamed, SETTABLE[blamed].example)


def _own(case: Case) -> Mapping[str, str]:
    workspace = case.facts.workspace()
    return workspace.settings if workspace else {}
