"""Settings as cards: what holds, and the windows in which it is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.rendering import Renderer
from bot.slack.commands.parse_state import NOTHING_WORD
from bot.slack.views import Block, Message, View, blocks
from collab.events import Event
from collab.limits import format_duration
from collab.notifications.personal import NOTIFICATION_PREFERENCES
from collab.settings import NOTIFICATIONS_SETTING, SettingsView

MAX_INPUT = 300  # characters of a number or of a few lengths of time
PERSONAL, WORKSPACE = "mine", "workspace"
LIFETIME, REMINDERS, QUIET_HOURS, DAILY_INVITATIONS, COMPANY_CREATORS = (
    "lifetime",
    "reminders",
    "quiet-hours",
    "daily-invitations",
    "companies",
)
WORKSPACE_FIELDS = (
    LIFETIME,
    REMINDERS,
    QUIET_HOURS,
    DAILY_INVITATIONS,
    COMPANY_CREATORS,
)


def settings_message(renderer: Renderer, found: SettingsView) -> Message:
    """What holds, with the ways to the windows that the reader may use."""
    said = renderer.render(
        "replies/settings",
        policy=found.policy,
        own=found.workspace_values,
        may_set=found.may_set,
        notices=found.notices,
    )
    names = (PERSONAL, WORKSPACE) if found.may_set else (PERSONAL,)
    return blocks.build_message(
        said,
        blocks.actions_block(
            "settings", *(_open_button(renderer, name) for name in names)
        ),
    )


def personal_settings_view(renderer: Renderer, found: SettingsView) -> View:
    """The window for oneself; it leads to the workspace's for those who may change that."""
    options = [
        (
            renderer.render_label(f"{NOTIFICATIONS_SETTING}.{c}"),
            c,
            renderer.render_label(f"{NOTIFICATIONS_SETTING}.{c}.about"),
        )
        for c in NOTIFICATION_PREFERENCES
    ]
    asked = blocks.input_block(
        NOTIFICATIONS_SETTING,
        renderer.render_label(NOTIFICATIONS_SETTING),
        blocks.radio_buttons(NOTIFICATIONS_SETTING, options, found.notices),
    )
    said = renderer.render("modals/settings_mine", may_set=found.may_set)
    more = (
        [blocks.actions_block("settings", _open_button(renderer, WORKSPACE))]
        if found.may_set
        else []
    )
    return _settings_view(
        renderer,
        "settings_mine",
        [asked, *blocks.paragraph_blocks(said.paragraphs), *more],
    )


def workspace_settings_view(renderer: Renderer, found: SettingsView) -> View:
    """The window for the workspace: a field says what was set here; one that is empty leaves it as installed."""
    policy, usual, own = found.policy, found.default_policy, found.workspace_values
    asked = [
        _text_field(
            renderer, LIFETIME, own.get(LIFETIME, ""), format_duration(usual.lifetime)
        ),
        _text_field(
            renderer,
            REMINDERS,
            own.get(REMINDERS, ""),
            ",".join(map(format_duration, usual.reminders)) or "off",
        ),
        _radio_field(
            renderer,
            QUIET_HOURS,
            ("on", "off", NOTHING_WORD),
            _quiet_hours_value(own, on=policy.quiet_hours),
        ),
        _text_field(
            renderer,
            DAILY_INVITATIONS,
            own.get(DAILY_INVITATIONS, ""),
            str(usual.daily_invitations),
        ),
        _radio_field(
            renderer,
            COMPANY_CREATORS,
            ("everybody", "admins"),
            "admins" if policy.reserved else "everybody",
        ),
    ]
    said = renderer.render("modals/settings_workspace")
    return _settings_view(
        renderer,
        "settings_workspace",
        [*blocks.paragraph_blocks(said.paragraphs), *asked],
    )


def settings_saved_view(renderer: Renderer, changed: Sequence[Event]) -> View:
    """The window after it was sent in."""
    said = (
        renderer.render("replies/set", changed=changed)
        if changed
        else renderer.render("replies/unchanged")
    )
    title = renderer.render_label("done.title" if changed else "wrong.title")
    return blocks.modal_view(
        "done",
        title,
        blocks.paragraph_blocks(said.paragraphs),
        close=renderer.render_label("close"),
    )


def _settings_view(renderer: Renderer, name: str, shown: Sequence[Block]) -> View:
    title, submit, close = (
        renderer.render_label(label) for label in (f"{name}.title", "save", "cancel")
    )
    return blocks.modal_view(name, title, shown, submit=submit, close=close)


def _open_button(renderer: Renderer, whose: str) -> Block:
    label = f"settings_{whose}"
    return blocks.button(
        f"settings_open:{whose}",
        renderer.render_label(label),
        whose,
        renderer.render_label(f"{label}.long"),
    )


def _text_field(renderer: Renderer, name: str, own: str, usual: str) -> Block:
    element = blocks.text_input(
        name, MAX_INPUT, initial=blocks.truncate(own, MAX_INPUT), placeholder=usual
    )
    return blocks.input_block(
        name,
        renderer.render_label(name),
        element,
        hint=renderer.render_label(f"{name}.hint"),
        optional=True,
    )


def _radio_field(
    renderer: Renderer, name: str, values: Sequence[str], chosen: str
) -> Block:
    options = [(renderer.render_label(f"{name}.{value}"), value) for value in values]
    return blocks.input_block(
        name, renderer.render_label(name), blocks.radio_buttons(name, options, chosen)
    )


def _quiet_hours_value(own: Mapping[str, str], *, on: bool) -> str:
    if QUIET_HOURS not in own:
        return NOTHING_WORD
    return "on" if on else "off"
