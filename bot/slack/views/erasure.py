"""Build the message with what is stored about a person."""

from __future__ import annotations

from bot.i18n import list_languages
from bot.rendering import Audience, RenderedText, Renderer
from bot.slack.views import Message, blocks
from bot.slack.views.controls import confirm_dialog, labelled_button
from collab.erasure import StoredData

MAX_SHOWN = 20


def render_stored_data(
    renderer: Renderer, stored: StoredData, audience: Audience = "person"
) -> RenderedText:
    """Return what is stored about a person as text."""
    return renderer.render(
        "replies/stored",
        audience,
        person=stored.person,
        language=_name_language(renderer, stored.person.locale or ""),
        memberships=stored.memberships[:MAX_SHOWN],
        more=max(0, len(stored.memberships) - MAX_SHOWN),
        received=len(stored.received),
        sent=len(stored.sent),
        event_count=stored.event_count,
        has_other_record=stored.has_other_record,
    )


def stored_data_message(renderer: Renderer, stored: StoredData) -> Message:
    """Return what is stored about a person, with the button that erases it."""
    text = render_stored_data(renderer, stored)
    effect = renderer.render_label("erase.effect")
    button = {
        **labelled_button(renderer, "erase", stored.person.id, style="danger"),
        "confirm": confirm_dialog(renderer, "erase", effect),
    }
    return blocks.build_message(text, blocks.actions_block("erasing", button))


def _name_language(renderer: Renderer, locale: str) -> str:
    """Return the name of a locale's language, or the locale if texts aren't in it."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    if language not in list_languages():
        return locale
    return renderer.render_label(f"language.{language}")
