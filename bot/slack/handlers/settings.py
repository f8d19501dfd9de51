"""Handlers of settings: of the workspace and of a person, by a line or by a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.slack.commands.parse_state import NOTHING_WORD
from bot.slack.commands.slots import Slot
from bot.slack.commands.verbs.workspace import SETTINGS
from bot.slack.event_details import select_events
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    Services,
    ViewSubmission,
)
from bot.slack.routing import ActionRoute, CommandRoute, SubmissionRoute
from bot.slack.views import Message, View, blocks
from bot.slack.views.forms import command_answer_view
from bot.slack.views.settings import (
    COMPANY_CREATORS,
    DAILY_INVITATIONS,
    LIFETIME,
    PERSONAL,
    QUIET_HOURS,
    WORKSPACE,
    WORKSPACE_FIELDS,
    personal_settings_view,
    settings_message,
    workspace_settings_view,
)
from collab import errors
from collab.bus import Outcome, ReadAfter
from collab.context import Context
from collab.events import PersonSet, WorkspaceSet
from collab.mail_delivery import AllowMail
from collab.model import NOBODY, Person, PersonId
from collab.settings import (
    OWN_SETTINGS,
    ChangeSettings,
    ShowSettings,
    check_setting_name,
)

# The options of the form that stand for the installation's value; elsewhere an empty
# field does.
DEFAULT_VALUES = {
    LIFETIME: NOTHING_WORD,
    QUIET_HOURS: NOTHING_WORD,
    DAILY_INVITATIONS: NOTHING_WORD,
    COMPANY_CREATORS: "everybody",
}


def show_or_change_settings(
    services: Services, request: CommandRequest
) -> Message | None:
    """Show the settings, or change one; without a value, open the form that has it."""
    setting, value = request.get(Slot.SETTING), request.get(Slot.VALUE)
    if setting is None:
        settings = services.bus.query(ShowSettings(request.caller), request.at)
        return settings_message(services.renderer, settings)
    name = setting.casefold()
    if value is None:
        check_setting_name(name)
        form = PERSONAL if name in OWN_SETTINGS else WORKSPACE
        request.open_view(_build_form(services, request, form))
        return None
    new_value = None if value.casefold() == NOTHING_WORD else value
    return _change_settings(services, request, {name: new_value})


def open_settings_form(services: Services, request: ActionRequest) -> None:
    """Open the form that the button names: the workspace's or one's own settings."""
    request.open_view(_build_form(services, request, request.value))


def allow_mail(services: Services, request: ActionRequest) -> Message:
    """Let an address get mails again, and show the settings as they are then."""
    person_id = PersonId(request.value)
    outcome = services.execute(
        AllowMail(request.caller, person_id), request.at, _make_person_reader(person_id)
    )
    text = services.render_reply("mail_allowed", person=outcome.view)
    settings = services.bus.query(ShowSettings(request.caller), request.at)
    return blocks.prepend_text(text, settings_message(services.renderer, settings))


def _make_person_reader(person_id: PersonId) -> ReadAfter[Person]:
    def read(context: Context, _outcome: Outcome[Any]) -> Person:
        return context.people.get_person(person_id) or NOBODY

    return read


def submit_personal_settings(services: Services, submission: ViewSubmission) -> View:
    """Change one's own settings."""
    changes = {
        name: value
        for name in OWN_SETTINGS
        if (value := submission.fields.get(name)) is not None
    }
    return _submit_changes(services, submission, changes)


def submit_workspace_settings(services: Services, submission: ViewSubmission) -> View:
    """Change the workspace's settings: all of them, or none if one is rejected."""
    changes: dict[str, str | None] = {}
    for name in WORKSPACE_FIELDS:
        value = submission.fields.get(name, "").strip()
        is_default = value == DEFAULT_VALUES.get(name, "")
        changes[name] = None if is_default else value
    return _submit_changes(services, submission, changes)


def _build_form(
    services: Services, request: CommandRequest | ActionRequest, form: str
) -> View:
    settings = services.bus.query(ShowSettings(request.caller), request.at)
    if form != WORKSPACE:
        return personal_settings_view(services.renderer, settings)
    if not settings.may_set:
        raise errors.NotWorkspaceAdmin
    return workspace_settings_view(services.renderer, settings)


def _submit_changes(
    services: Services,
    submission: ViewSubmission,
    changes: Mapping[str, str | None],
) -> View:
    answer = _change_settings(services, submission, changes)
    has_changes = services.progress.has_changed
    return command_answer_view(
        services.renderer, SETTINGS, answer, has_changes=has_changes
    )


def _change_settings(
    services: Services,
    request: CommandRequest | ViewSubmission,
    changes: Mapping[str, str | None],
) -> Message:
    """Change settings; reply with those that are not as before."""
    outcome = services.execute(ChangeSettings(request.caller, changes), request.at)
    changed = [
        *select_events(outcome.recorded, WorkspaceSet),
        *select_events(outcome.recorded, PersonSet),
    ]
    if not changed:
        return services.build_reply("unchanged")
    return services.build_reply("set", changed=changed)


ROUTES = (
    CommandRoute("settings", show_or_change_settings),
    ActionRoute("settings_open", open_settings_form),
    ActionRoute("mail_allow", allow_mail, "verb.settings"),
    SubmissionRoute("settings_mine", submit_personal_settings),
    SubmissionRoute("settings_workspace", submit_workspace_settings),
)
