"""The workspace's own settings: set by those who look after it, in force for everybody in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collab import refusals
from collab.events import Event, WorkspaceSet
from collab.people import Caller
from collab.policy import SETTABLE, Policy

if TYPE_CHECKING:
    from collab.case import Case


@dataclass(frozen=True, slots=True)
class Set:
    """Give a setting of the workspace another value, or, without one, the installation's own again."""

    by: Caller
    setting: str
    value: str | None


@dataclass(frozen=True, slots=True)
class ShowSettings:
    """What holds for the workspace."""

    by: Caller


@dataclass(frozen=True, slots=True)
class SettingsShown:
    """What holds, what of it the workspace set itself, and whether the asker may change it."""

    policy: Policy
    own: Mapping[str, str]
    may_set: bool


def set_(act: Set, case: Case) -> list[Event]:
    """An admin of the workspace changes what holds in it (INV-08, INV-13)."""
    known = SETTABLE.get(act.setting)
    if known is None:
        raise refusals.UnknownSetting(act.setting, tuple(SETTABLE))
    if not case.actor.admin:
        raise refusals.NotWorkspaceAdmin
    now = dict(_own(case))
    before, value = now.pop(act.setting, None), act.value
    if value is not None:
        now[act.setting] = value
    try:
        policy = case.usual.with_settings(now)
    except ValueError:
        raise refusals.BadSetting(act.setting, known.example) from None
    if any(mark >= policy.lifetime for mark in policy.reminders):
        raise refusals.BadSetting(act.setting, known.example)
    if before == value:
        return []
    return [WorkspaceSet(act.setting, value, before, json.dumps(now))]


def show_settings(ask: ShowSettings, case: Case) -> SettingsShown:  # noqa: ARG001 - every question has this form
    """Everybody may see what holds."""
    return SettingsShown(case.policy, _own(case), case.actor.admin)


def _own(case: Case) -> Mapping[str, str]:
    workspace = case.facts.workspace()
    return workspace.settings if workspace else {}
