"""Build the message about what a command would change."""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.views import Message, blocks
from bot.slack.views.resources import MAX_INVITATIONS, MAX_LISTED, MAX_UNPAID
from collab.model import Resource
from collab.rehearsal import ExpectedChanges

MAX_SHIFTS = 40  # lines about lower roles, and as many about higher ones
END_WORDS = ("deleted", "retired", "disabled")


def expected_changes_message(
    renderer: Renderer, changes: ExpectedChanges, viewer_id: str
) -> Message:
    """Return what would change, and nothing to press: it is only a question."""
    ended: dict[str, list[Resource]] = {word: [] for word in END_WORDS}
    for resource, word in changes.ended:
        ended[word].append(resource)
    text = renderer.render(
        "replies/what_if",
        changes=changes,
        me=viewer_id,
        deleted=ended["deleted"],
        retired=ended["retired"],
        disabled=ended["disabled"],
        losing=changes.losing[:MAX_SHIFTS],
        gaining=changes.gaining[:MAX_SHIFTS],
        payers=changes.payers[:MAX_UNPAID],
        revoked=changes.revoked[:MAX_INVITATIONS],
        rotate=changes.rotate[:MAX_LISTED],
        most=MAX_UNPAID,
    )
    return blocks.build_message(text)
