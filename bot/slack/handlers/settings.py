"""Settings: what holds for the workspace and for oneself, typed or in a window."""

from __future__ import annotations

from typing import Any

from bot.slack.commands.parse_state import NOTHING_WORD
from bot.slack.commands.slots import Slot
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    FieldError,
    Services,
    ViewSubmission,
)
from bot.slack.routing import ActionRoute, CommandRoute, SubmissionRoute
from bot.slack.views import Message, View
from bot.slack.views.settings import (
    COMPANY_CREATORS,
    QUIET_HOURS,
    WORKSPACE,
    WORKSPACE_FIELDS,
    personal_settings_view,
    settings_message,
    settings_saved_view,
    workspace_settings_view,
)
from collab import errors
from collab.bus import Outcome
from collab.events import Event, PersonSet, WorkspaceSet
from collab.settings import (
    NOTIFICATIONS_SETTING,
    ChangeSettings,
    SettingChange,
    SettingsView,
    ShowSettings,
)

DEFAULT_VALUES = {
    QUIET_HOURS: NOTHING_WORD,
    COMPANY_CREATORS: "everybody",
}  # what is chosen in the window to have the usual


def show_or_change_settings(services: Services, asked: CommandRequest) -> Message:
    """Show what holds, or change it."""
    setting, value = asked.get(Slot.SETTING), asked.get(Slot.VALUE)
    if setting is None:
        return settings_message(
            services.renderer, services.bus.query(ShowSettings(asked.caller), asked.at)
        )
    if value is None:
        raise asked.line.missing_word_error(Slot.VALUE)
    act = ChangeSettings(
        asked.caller,
        setting.casefold(),
        None if value.casefold() == NOTHING_WORD else value,
    )
    changed = _list_setting_events(services.execute(act, asked.at))
    return (
        services.build_reply("set", changed=changed)
        if changed
        else services.build_reply("unchanged")
    )


def open_settings_form(services: Services, request: ActionRequest) -> None:
    """A button that opens one of the windows: one's own, unless it names the workspace's."""
    found: SettingsView = services.bus.query(ShowSettings(request.caller), request.at)
    if request.value != WORKSPACE:
        request.open_view(personal_settings_view(services.renderer, found))
    elif found.may_set:
        request.open_view(workspace_settings_view(services.renderer, found))
    else:
        raise errors.NotWorkspaceAdmin


def submit_personal_settings(services: Services, submission: ViewSubmission) -> View:
    """One's own window sent in."""
    return _execute_settings_change(
        services,
        submission,
        [(NOTIFICATIONS_SETTING, submission.values.get(NOTIFICATIONS_SETTING))],
    )


def submit_workspace_settings(services: Services, submission: ViewSubmission) -> View:
    """The workspace's window sent in: all of it counts, or nothing."""
    typed = {name: submission.values.get(name, "").strip() for name in WORKSPACE_FIELDS}
    changes = [
        (name, value if value != DEFAULT_VALUES.get(name, "") else None)
        for name, value in typed.items()
    ]
    return _execute_settings_change(services, submission, changes)


def _execute_settings_change(
    services: Services, submission: ViewSubmission, changes: list[SettingChange]
) -> View:
    (setting, value), *also = changes
    try:
        outcome = services.execute(
            ChangeSettings(submission.caller, setting, value, tuple(also)),
            submission.at,
        )
    except errors.BadSetting as bad:
        renderer = services.renderer.render(
            "modals/wrong_setting", "plain", setting=bad.setting
        )
        raise FieldError(bad.setting, renderer.text) from None
    return settings_saved_view(services.renderer, _list_setting_events(outcome))


def _list_setting_events(outcome: Outcome[Any]) -> list[Event]:
    return [
        r.event
        for r in outcome.recorded
        if isinstance(r.event, WorkspaceSet | PersonSet)
    ]


ROUTES = (
    CommandRoute("settings", show_or_change_settings),
    ActionRoute("settings_open", open_settings_form),
    SubmissionRoute("settings_mine", submit_personal_settings),
    SubmissionRoute("settings_workspace", submit_workspace_settings),
)
