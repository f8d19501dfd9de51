"""Handlers of settings: of the workspace and of a person, by a line or by a form."""

from __future__ import annotations

from collections.abc import Sequence

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
from collab.events import Event, PersonSet, WorkspaceSet
from collab.settings import (
    NOTIFICATIONS_SETTING,
    ChangeSettings,
    SettingChange,
    ShowSettings,
)

# The options of the form that stand for the installation's value; elsewhere an empty
# field does.
DEFAULT_VALUES = {QUIET_HOURS: NOTHING_WORD, COMPANY_CREATORS: "everybody"}


def show_or_change_settings(services: Services, request: CommandRequest) -> Message:
    """Show the settings, or change one."""
    setting, value = request.get(Slot.SETTING), request.get(Slot.VALUE)
    if setting is None:
        settings = services.bus.query(ShowSettings(request.caller), request.at)
        return settings_message(services.renderer, settings)
    if value is None:
        raise request.line.missing_word_error(Slot.VALUE)
    new_value = None if value.casefold() == NOTHING_WORD else value
    command = ChangeSettings(request.caller, setting.casefold(), new_value)
    changes = _execute_change(services, request, command)
    if not changes:
        return services.build_reply("unchanged")
    return services.build_reply("set", changed=changes)


def open_settings_form(services: Services, request: ActionRequest) -> None:
    """Open the form that the button names: the workspace's or one's own settings."""
    settings = services.bus.query(ShowSettings(request.caller), request.at)
    if request.value != WORKSPACE:
        request.open_view(personal_settings_view(services.renderer, settings))
        return
    if not settings.may_set:
        raise errors.NotWorkspaceAdmin
    request.open_view(workspace_settings_view(services.renderer, settings))


def submit_personal_settings(services: Services, submission: ViewSubmission) -> View:
    """Change one's own settings."""
    value = submission.values.get(NOTIFICATIONS_SETTING)
    return _submit_changes(services, submission, [(NOTIFICATIONS_SETTING, value)])


def submit_workspace_settings(services: Services, submission: ViewSubmission) -> View:
    """Change the workspace's settings: all of them, or none if one is rejected."""
    changes: list[SettingChange] = []
    for name in WORKSPACE_FIELDS:
        value = submission.values.get(name, "").strip()
        is_default = value == DEFAULT_VALUES.get(name, "")
        changes.append((name, None if is_default else value))
    return _submit_changes(services, submission, changes)


def _submit_changes(
    services: Services, submission: ViewSubmission, changes: list[SettingChange]
) -> View:
    (setting, value), *others = changes
    command = ChangeSettings(submission.caller, setting, value, tuple(others))
    try:
        events = _execute_change(services, submission, command)
    except errors.BadSetting as bad:
        text = services.renderer.render(
            "modals/wrong_setting", "plain", setting=bad.setting
        ).text
        raise FieldError(bad.setting, text) from None
    return settings_saved_view(services.renderer, events)


def _execute_change(
    services: Services,
    request: CommandRequest | ViewSubmission,
    command: ChangeSettings,
) -> Sequence[Event]:
    """Return what was changed; nothing if all settings are as before."""
    outcome = services.execute(command, request.at)
    return [
        recorded.event
        for recorded in outcome.recorded
        if isinstance(recorded.event, WorkspaceSet | PersonSet)
    ]


ROUTES = (
    CommandRoute("settings", show_or_change_settings),
    ActionRoute("settings_open", open_settings_form),
    SubmissionRoute("settings_mine", submit_personal_settings),
    SubmissionRoute("settings_workspace", submit_workspace_settings),
)
