"""Settings: the workspace's, set by those who look after it, and everybody's own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collab import errors
from collab.command import Command, Query
from collab.context import Context
from collab.events import Event, PersonSet, WorkspaceSet
from collab.limits import SETTINGS, Policy
from collab.model import NotificationPreference
from collab.people import check_profile

NOTIFICATIONS_SETTING = "notices"
SettingChange = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class ChangeSettings(Command):
    """Give a setting another value, or, without one, its usual one again; `also` are others, all of them or none."""

    setting: str
    value: str | None
    also: tuple[SettingChange, ...] = ()

    def decide(self, context: Context) -> list[Event]:
        """An admin changes what holds in the workspace (INV-08, INV-13), and everybody what holds for themselves."""
        changes = dict([(self.setting, self.value), *self.also])
        known = (*SETTINGS, NOTIFICATIONS_SETTING)
        for unknown in (setting for setting in changes if setting not in known):
            raise errors.UnknownSetting(unknown, known)
        mine = (
            changes.pop(NOTIFICATIONS_SETTING, None)
            if NOTIFICATIONS_SETTING in changes
            else context.actor.notices
        )
        return [
            *(_change_workspace_settings(context, changes) if changes else []),
            *_change_own_setting(context, mine),
        ]


@dataclass(frozen=True, slots=True)
class SettingsView:
    """What holds, what of it the workspace set itself, and whether the asker may change it.

    `usual` is what holds where the workspace sets nothing; `notices` is the asker's own choice.
    """

    policy: Policy
    workspace_values: Mapping[str, str]
    may_set: bool
    default_policy: Policy
    notices: str


@dataclass(frozen=True, slots=True)
class ShowSettings(Query[SettingsView]):
    """What holds for the workspace and for the asker."""

    def answer(self, context: Context) -> SettingsView:
        """Everybody may see what holds."""
        return SettingsView(
            context.policy,
            _get_workspace_settings(context),
            context.actor.admin,
            context.default_policy,
            context.actor.notices,
        )


def _change_own_setting(context: Context, typed: str | None) -> list[Event]:
    value = (typed or NotificationPreference.IMMEDIATE).strip().lower()
    if value not in tuple(NotificationPreference):
        raise errors.BadSetting(NOTIFICATIONS_SETTING, NotificationPreference.DAILY)
    before = context.actor.notices
    if value == before:
        return []
    return [PersonSet(context.actor.id, NOTIFICATIONS_SETTING, value, before)]


def _change_workspace_settings(
    context: Context, changes: Mapping[str, str | None]
) -> list[Event]:
    if not context.actor.admin:
        check_profile(context)
        raise errors.NotWorkspaceAdmin
    _check_values(changes)
    before = _get_workspace_settings(context)
    now = {
        name: value
        for name, value in {**before, **changes}.items()
        if value is not None
    }
    _check_reminders_within_lifetime(context, now, tuple(changes))
    changed = [name for name, value in changes.items() if before.get(name) != value]
    return [
        WorkspaceSet(name, changes[name], before.get(name), json.dumps(now))
        for name in changed
    ]


def _check_values(changes: Mapping[str, str | None]) -> None:
    for name, value in changes.items():
        try:
            if value is not None:
                SETTINGS[name].parse(value)
        except ValueError:
            raise errors.BadSetting(name, SETTINGS[name].example) from None


def _check_reminders_within_lifetime(
    context: Context, now: Mapping[str, str], changed: Sequence[str]
) -> None:
    """Reminders lie within the life; where they do not, the one of the two that was changed is at fault."""
    policy = context.default_policy.with_settings(now)
    blamed = next((name for name in ("reminders", "lifetime") if name in changed), None)
    if blamed and any(mark >= policy.lifetime for mark in policy.reminders):
        raise errors.BadSetting(blamed, SETTINGS[blamed].example)


def _get_workspace_settings(context: Context) -> Mapping[str, str]:
    workspace = context.repositories.get_workspace()
    return workspace.settings if workspace else {}
