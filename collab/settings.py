"""Settings: the workspace's, changed by its admins, and everybody's own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collab import errors
from collab.command import Command, Query
from collab.context import Context
from collab.events import Event, PersonSet, WorkspaceSet
from collab.limits import SETTINGS, Policy
from collab.model import NotificationPreference, Person
from collab.notifications.ways import CHAT, WAYS, can_choose_way
from collab.people import check_profile

NOTIFICATIONS_SETTING = "notices"
REACH_SETTING = "reach"
OWN_SETTINGS = (NOTIFICATIONS_SETTING, REACH_SETTING)
LANGUAGE_SETTING = "language"
LANGUAGE = re.compile("[a-z]{2}")
SETTING_NAMES = (*SETTINGS, *OWN_SETTINGS)


@dataclass(frozen=True, slots=True)
class ChangeSettings(Command):
    """Change settings by name, all of them or none; None means the default value."""

    changes: Mapping[str, str | None]

    def decide(self, context: Context) -> list[Event]:
        """Reject unknown settings, and the workspace's unless by an admin (INV-08)."""
        for name in self.changes:
            check_setting_name(name)
        changes = dict(self.changes)
        own = {name: changes.pop(name) for name in OWN_SETTINGS if name in changes}
        happened = _change_workspace_settings(context, changes) if changes else []
        for name, value in own.items():
            happened += CHANGE_BY_SETTING[name](context, value)
        return happened


@dataclass(frozen=True, slots=True)
class ChooseLanguage(Command):
    """Choose the language of mails and pages; that of an account is the platform's."""

    language: str

    def decide(self, context: Context) -> list[Event]:
        """Change the language of a person known by an address alone (PER-01).

        What is no language changes nothing.
        """
        actor = context.actor
        if actor.user or not actor.id or self.language == actor.locale:
            return []
        if not LANGUAGE.fullmatch(self.language):
            return []
        before = actor.locale or ""
        return [PersonSet(actor.id, LANGUAGE_SETTING, self.language, before)]


@dataclass(frozen=True, slots=True)
class SettingsView:
    """The settings that apply.

    `workspace_values` are those that the workspace changed, `default_policy` are the
    installation's. `notices` and `reach` are the actor's own. `stopped` are those whose
    addresses get no more mails, for who may change that.
    """

    policy: Policy
    workspace_values: Mapping[str, str]
    may_set: bool
    default_policy: Policy
    notices: str
    reach: str = CHAT
    may_choose_reach: bool = False
    stopped: Sequence[Person] = ()


@dataclass(frozen=True, slots=True)
class ShowSettings(Query[SettingsView]):
    """Show the settings of the workspace and of the actor."""

    def answer(self, context: Context) -> SettingsView:
        """Return the settings; everybody may view them."""
        return SettingsView(
            context.policy,
            _get_workspace_settings(context),
            context.actor.admin,
            context.default_policy,
            context.actor.notices,
            context.actor.reach,
            can_choose_way(context, context.actor),
            context.people.list_people_without_mail() if context.actor.admin else (),
        )


def check_setting_name(name: str) -> None:
    """Reject the name of no setting."""
    if name not in SETTING_NAMES:
        raise errors.UnknownSetting(name, SETTING_NAMES)


def _change_reach(context: Context, typed: str | None) -> list[Event]:
    """Change how the actor gets what needs no answer (OUT-05)."""
    value = (typed or CHAT).strip().lower()
    is_possible = value == CHAT or can_choose_way(context, context.actor)
    if value not in WAYS or not is_possible:
        raise errors.BadSetting(REACH_SETTING, CHAT)
    before = context.actor.reach
    if value == before:
        return []
    return [PersonSet(context.actor.id, REACH_SETTING, value, before)]


def _change_notices(context: Context, typed: str | None) -> list[Event]:
    value = (typed or NotificationPreference.IMMEDIATE).strip().lower()
    if value not in tuple(NotificationPreference):
        raise errors.BadSetting(NOTIFICATIONS_SETTING, NotificationPreference.DAILY)
    before = context.actor.notices
    if value == before:
        return []
    return [PersonSet(context.actor.id, NOTIFICATIONS_SETTING, value, before)]


CHANGE_BY_SETTING = {
    NOTIFICATIONS_SETTING: _change_notices,
    REACH_SETTING: _change_reach,
}


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
    """Reject reminders after the expiry; the setting that was changed is at fault."""
    policy = context.default_policy.with_settings(now)
    changed_name = next(
        (name for name in ("reminders", "lifetime") if name in changed), None
    )
    if changed_name and any(mark >= policy.lifetime for mark in policy.reminders):
        raise errors.BadSetting(changed_name, SETTINGS[changed_name].example)


def _get_workspace_settings(context: Context) -> Mapping[str, str]:
    workspace = context.repositories.get_workspace()
    return workspace.settings if workspace else {}
