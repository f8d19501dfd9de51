"""Build the messages of an offboarding: its preview, its statement and its undo."""

from __future__ import annotations

from collections.abc import Sequence

from bot.rendering import Renderer
from bot.slack.button_values import ShownPreview
from bot.slack.views import Message, blocks
from bot.slack.views.controls import labelled_button, preview_message
from bot.slack.views.memberships import undoable_message
from bot.slack.views.resources import MAX_INVITATIONS, MAX_LISTED
from collab.confirmation import compute_digest
from collab.impact import RoleShift
from collab.memberships.offboarding_queries import (
    OffboardingPreview,
    OffboardingStatement,
)
from collab.model import Address, Person, Resource

MAX_KEPT = 20


def offboarding_preview_message(
    renderer: Renderer, preview: OffboardingPreview, *, is_renewed: bool = False
) -> Message:
    """Return what an offboarding would end, with the button that confirms it.

    There is no button if the reader may end nothing.
    """
    groups = _limit_groups(preview)
    shown = [shift for _, shifts in groups for shift in shifts]
    total = sum(len(shifts) for _, shifts in preview.groups)
    changes = preview.changes
    text = renderer.render(
        "replies/offboard_preview",
        preview=preview,
        groups=groups,
        shown=shown,
        more=total - len(shown),
        kept=preview.kept[:MAX_KEPT],
        revoked=changes.revoked[:MAX_INVITATIONS] if changes else (),
        rotate=changes.rotate[:MAX_LISTED] if changes else (),
    )
    if changes is None:
        return blocks.build_message(text)
    digest = compute_digest(preview.effects)
    who = preview.who.email if isinstance(preview.who, Address) else preview.who
    value = ShownPreview(digest, who).encode()
    confirm = labelled_button(renderer, "offboard", value, style="danger")
    cancel = labelled_button(renderer, "cancel", preview.person.id)
    controls = blocks.actions_block("ending", confirm, cancel)
    return preview_message(renderer, text, controls, is_renewed=is_renewed)


def offboarded_message(
    renderer: Renderer, statement: OffboardingStatement, seq: int
) -> Message:
    """Return the statement of what ended, with the button that undoes the event `seq`."""
    text = renderer.render("replies/offboarded", statement=statement, most=MAX_LISTED)
    return undoable_message(renderer, text, seq)


def offboarding_undone_message(
    renderer: Renderer,
    person: Person,
    restored: Sequence[tuple[Resource, str]],
    invitation_count: int,
    request_count: int,
) -> Message:
    """Return which roles a person has back, and how much is open again."""
    text = renderer.render(
        "replies/offboarding_undone",
        person=person,
        restored=restored,
        reopened=invitation_count,
        requests=request_count,
        most=MAX_LISTED,
    )
    return blocks.build_message(text)


def _limit_groups(
    preview: OffboardingPreview,
) -> list[tuple[Resource | None, Sequence[RoleShift]]]:
    """Return the first roles that end, in their groups."""
    groups: list[tuple[Resource | None, Sequence[RoleShift]]] = []
    left = MAX_LISTED
    for container, shifts in preview.groups:
        if left > 0:
            groups.append((container, shifts[:left]))
            left -= len(shifts)
    return groups
