"""The question whether the record of an address is the reader's own (OUT-04)."""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.views import Message, blocks
from bot.slack.views.controls import labelled_button
from bot.slack.views.resources import MAX_LISTED
from collab.model import PersonId
from collab.person_matches import MatchView

MATCHED = "person_matched"


def match_message(renderer: Renderer, match: MatchView) -> Message:
    """Return what would be joined, with the buttons that answer while it is open."""
    text = renderer.render(
        f"notices/{MATCHED}", match=match, shown=match.roles[:MAX_LISTED]
    )
    if not match.is_open:
        return blocks.build_message(text)
    other_id = match.other.id
    buttons = [
        labelled_button(renderer, "match_join", other_id, style="primary"),
        labelled_button(renderer, "match_reject", other_id),
    ]
    return blocks.build_message(text, blocks.actions_block("match", *buttons))


def joined_message(renderer: Renderer, other_id: PersonId, email: str) -> Message:
    """Return that a record was joined, with the button that takes it back."""
    text = renderer.render("replies/match_joined", email=email)
    button = labelled_button(renderer, "match_separate", other_id)
    return blocks.build_message(text, blocks.actions_block("match", button))
