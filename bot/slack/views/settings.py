"""Build the views of settings: the present values, and the forms that change them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rendering import Renderer
from bot.slack.commands.parse_state import NOTHING_WORD
from bot.slack.views import Block, Message, View, blocks
from bot.slack.views.controls import labelled_button
from collab.events import Event
from collab.limits import format_duration
from collab.model import NotificationPreference
from collab.settings import NOTIFICATIONS_SETTING, SettingsView

MAX_VALUE_TEXT = 300  # characters of a number or of a few durations
PERSONAL, WORKSPACE = "mine", "workspace"
LIFETIME = "lifetime"
REMINDERS = "reminders"
QUIET_HOURS = "quiet-hours"
DAILY_INVITATIONS = "daily-invitations"
COMPANY_CREATORS = "companies"
WORKSPACE_FIELDS = (
    LIFETIME,
    REMINDERS,
    QUIET_HOURS,
    DAILY_INVITATIONS,
    COMPANY_CREATORS,
)


def settings_message(renderer: Renderer, settings: SettingsView) -> Message:
    """Return the settings, with buttons to the forms that the reader may use."""
    text = renderer.render(
        "replies/settings",
        policy=settings.policy,
        own=settings.workspace_values,
        may_set=settings.may_set,
        notices=settings.notices,
    )
    names = (PERSONAL, WORKSPACE) if settings.may_set else (PERSONAL,)
    buttons = [_open_button(renderer, name) for name in names]
    return blocks.build_message(text, blocks.actions_block("settings", *buttons))


def personal_settings_view(renderer: Renderer, settings: SettingsView) -> View:
    """Return the form of personal settings; an admin's leads to the workspace's."""
    name = NOTIFICATIONS_SETTING
    options = [
        (
            renderer.render_label(f"{name}.{preference}"),
            preference,
            renderer.render_label(f"{name}.{preference}.about"),
        )
        for preference in NotificationPreference
    ]
    element = blocks.radio_buttons(name, options, settings.notices)
    text = renderer.render("modals/settings_mine", may_set=settings.may_set)
    shown = [
        blocks.input_block(name, renderer.render_label(name), element),
        *blocks.paragraph_blocks(text.paragraphs),
    ]
    if settings.may_set:
        button = _open_button(renderer, WORKSPACE)
        shown.append(blocks.actions_block("settings", button))
    return _settings_view(renderer, "settings_mine", shown)


def workspace_settings_view(renderer: Renderer, settings: SettingsView) -> View:
    """Return the form of the workspace's settings.

    A field has the workspace's own value; an empty one means that of the installation,
    its placeholder.
    """
    default = settings.default_policy
    reminders = ",".join(map(format_duration, default.reminders)) or "off"
    creators = "admins" if settings.policy.reserved else "everybody"
    placeholders = {
        LIFETIME: format_duration(default.lifetime),
        REMINDERS: reminders,
        DAILY_INVITATIONS: str(default.daily_invitations),
    }
    lifetime, reminder_times, daily_invitations = (
        _text_field(
            renderer, name, settings.workspace_values.get(name, ""), placeholder
        )
        for name, placeholder in placeholders.items()
    )
    quiet_hours = _radio_field(
        renderer,
        QUIET_HOURS,
        ("on", "off", NOTHING_WORD),
        selected=_quiet_hours_value(settings),
    )
    company_creators = _radio_field(
        renderer, COMPANY_CREATORS, ("everybody", "admins"), selected=creators
    )
    text = renderer.render("modals/settings_workspace")
    return _settings_view(
        renderer,
        "settings_workspace",
        [
            *blocks.paragraph_blocks(text.paragraphs),
            lifetime,
            reminder_times,
            quiet_hours,
            daily_invitations,
            company_creators,
        ],
    )


def settings_saved_view(renderer: Renderer, changes: Sequence[Event]) -> View:
    """Return the view in place of a submitted form: what was changed."""
    text = renderer.render("replies/unchanged")
    title_key = "wrong.title"
    if changes:
        text = renderer.render("replies/set", changed=changes)
        title_key = "done.title"
    return blocks.modal_view(
        "done",
        renderer.render_label(title_key),
        blocks.paragraph_blocks(text.paragraphs),
        close=renderer.render_label("close"),
    )


def _settings_view(renderer: Renderer, name: str, shown: Sequence[Block]) -> View:
    return blocks.modal_view(
        name,
        renderer.render_label(f"{name}.title"),
        shown,
        submit=renderer.render_label("save"),
        close=renderer.render_label("cancel"),
    )


def _open_button(renderer: Renderer, name: str) -> Block:
    action_id = f"settings_open:{name}"
    return labelled_button(renderer, action_id, name, label=f"settings_{name}")


def _text_field(renderer: Renderer, name: str, value: str, placeholder: str) -> Block:
    initial = blocks.truncate(value, MAX_VALUE_TEXT)
    element = blocks.text_input(
        name, MAX_VALUE_TEXT, initial=initial, placeholder=placeholder
    )
    return blocks.input_block(
        name,
        renderer.render_label(name),
        element,
        hint=renderer.render_label(f"{name}.hint"),
        optional=True,
    )


def _radio_field(
    renderer: Renderer, name: str, values: Sequence[str], *, selected: str
) -> Block:
    options = [(renderer.render_label(f"{name}.{value}"), value) for value in values]
    element = blocks.radio_buttons(name, options, selected)
    return blocks.input_block(name, renderer.render_label(name), element)


def _quiet_hours_value(settings: SettingsView) -> str:
    if QUIET_HOURS not in settings.workspace_values:
        return NOTHING_WORD
    return "on" if settings.policy.quiet_hours else "off"
