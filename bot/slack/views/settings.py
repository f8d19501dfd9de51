"""Build the views of settings: the present values, and the forms that change them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rendering import Renderer
from bot.slack.button_values import BlockId
from bot.slack.commands.parse_state import NOTHING_WORD
from bot.slack.forms.fields import Control, Field
from bot.slack.forms.terms import length_label
from bot.slack.views import Block, Message, View, blocks
from bot.slack.views.controls import labelled_button
from bot.slack.views.fields import FormPart, form_view
from collab.limits import format_duration
from collab.model import NotificationPreference, Person
from collab.notifications.ways import WAYS
from collab.settings import NOTIFICATIONS_SETTING, REACH_SETTING, SettingsView

MAX_STOPPED_SHOWN = 20
MAX_VALUE_TEXT = 300  # characters of a few durations
PERSONAL, WORKSPACE = "mine", "workspace"
LIFETIME = "lifetime"
REMINDERS = "reminders"
QUIET_HOURS = "quiet-hours"
DAILY_INVITATIONS = "daily-invitations"
COMPANY_CREATORS = "companies"
USUAL_LIFETIMES = ("3d", "7d", "14d", "30d", "90d")
USUAL_LIMITS = ("10", "20", "50", "100", "500")
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
        reach=settings.reach if settings.may_choose_reach else "",
    )
    names = (PERSONAL, WORKSPACE) if settings.may_set else (PERSONAL,)
    buttons = [_open_button(renderer, name) for name in names]
    return blocks.build_message(
        text,
        blocks.actions_block("settings", *buttons),
        *_stopped_address_rows(renderer, settings.stopped),
    )


def _stopped_address_rows(renderer: Renderer, people: Sequence[Person]) -> list[Block]:
    """Return the addresses that get no more mails, each with a button, or nothing."""
    if not people:
        return []
    text = renderer.render(
        "replies/stopped_addresses", people=people, most=MAX_STOPPED_SHOWN
    )
    heading, *rows = text.paragraphs
    shown = [
        blocks.list_row(
            row,
            labelled_button(
                renderer, "mail_allow", person.id, whom=person.email or person.title
            ),
            BlockId("settings", person.id).encode(),
        )
        for row, person in zip(rows, people, strict=False)
    ]
    rest = blocks.paragraph_blocks(rows[MAX_STOPPED_SHOWN:])
    return [*blocks.paragraph_blocks([heading]), *shown[:MAX_STOPPED_SHOWN], *rest]


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
    parts: list[FormPart] = [
        Field(name, Control.RADIO_BUTTONS, name, settings.notices, options),
        *_list_reach_fields(renderer, settings),
        renderer.render("modals/settings_mine", may_set=settings.may_set),
    ]
    if settings.may_set:
        button = _open_button(renderer, WORKSPACE)
        parts.append(blocks.actions_block("settings", button))
    return form_view(renderer, "settings_mine", parts, submit="save")


def _list_reach_fields(renderer: Renderer, settings: SettingsView) -> list[FormPart]:
    """Return the field for how the reader gets messages, if there is a choice."""
    if not settings.may_choose_reach:
        return []
    return [_radio_field(renderer, REACH_SETTING, settings.reach, WAYS)]


def workspace_settings_view(renderer: Renderer, settings: SettingsView) -> View:
    """Return the form of the workspace's settings.

    A field has the workspace's own value, or the default, which is the installation's.
    """
    default = settings.default_policy
    lifetime = length_label(renderer, format_duration(default.lifetime))
    reminders = ",".join(map(format_duration, default.reminders)) or "off"
    quiet_hours = NOTHING_WORD
    if QUIET_HOURS in settings.workspace_values:
        quiet_hours = "on" if settings.policy.quiet_hours else "off"
    creators = "admins" if settings.policy.reserved else "everybody"
    return form_view(
        renderer,
        "settings_workspace",
        [
            renderer.render("modals/settings_workspace"),
            _select_field(
                renderer,
                settings,
                LIFETIME,
                [(length_label(renderer, each), each) for each in USUAL_LIFETIMES],
                lifetime,
            ),
            _text_field(settings, REMINDERS, reminders),
            _radio_field(
                renderer, QUIET_HOURS, quiet_hours, ("on", "off", NOTHING_WORD)
            ),
            _select_field(
                renderer,
                settings,
                DAILY_INVITATIONS,
                [(each, each) for each in USUAL_LIMITS],
                str(default.daily_invitations),
            ),
            _radio_field(renderer, COMPANY_CREATORS, creators, ("everybody", "admins")),
        ],
        submit="save",
    )


def _open_button(renderer: Renderer, name: str) -> Block:
    action_id = f"settings_open:{name}"
    return labelled_button(renderer, action_id, name, label=f"settings_{name}")


def _select_field(
    renderer: Renderer,
    settings: SettingsView,
    name: str,
    usual: Sequence[tuple[str, str]],
    default: str,
) -> Field:
    """Return a select of the default and usual values; of another own one, too."""
    selected = settings.workspace_values.get(name, NOTHING_WORD)
    unset = renderer.render_label("settings.default", value=default)
    options = [(unset, NOTHING_WORD), *usual]
    if selected not in [value for _, value in options]:
        options.append((selected, selected))
    return Field(name, Control.SELECT, name, selected, options)


def _text_field(settings: SettingsView, name: str, default: str) -> Field:
    return Field(
        name,
        Control.TEXT,
        name,
        settings.workspace_values.get(name, ""),
        hint_key=f"{name}.hint",
        placeholder=default,
        limit=MAX_VALUE_TEXT,
        is_optional=True,
    )


def _radio_field(
    renderer: Renderer, name: str, selected: str, values: Sequence[str]
) -> Field:
    options = [(renderer.render_label(f"{name}.{value}"), value) for value in values]
    return Field(name, Control.RADIO_BUTTONS, name, selected, options)
