"""Build the previews of what an action changes on a resource."""

from __future__ import annotations

from bot.rendering import RenderedText, Renderer
from bot.slack.button_values import MoveTarget, ShownPreview
from bot.slack.commands.slots import Slot
from bot.slack.forms.fields import Control, Field
from bot.slack.views import Message, View, blocks
from bot.slack.views.controls import (
    add_changed_line,
    confirmation_controls,
    preview_message,
)
from bot.slack.views.fields import form_view
from collab.confirmation import compute_digest
from collab.impact import DeletionPreview, DisablingPreview, MovePreview
from collab.limits import NAME_LIMIT
from collab.model import PersonId, Resource

# Lines of a list; a template counts the rest.
DONE = "done"  # the callback id of a modal that only says what was done
MAX_LISTED = 100
MAX_INVITATIONS = 40
MAX_PEOPLE_LOSING = 20
MAX_UNPAID = 50


def deletion_preview_message(
    renderer: Renderer,
    preview: DeletionPreview,
    viewer_id: PersonId,
    *,
    is_renewed: bool = False,
) -> Message:
    """Return what a deletion would end, with the button that confirms it."""
    resource = preview.resource
    text = _render_deletion_preview(renderer, preview, viewer_id)
    controls = confirmation_controls(renderer, "delete", resource, resource.id, preview)
    return preview_message(renderer, text, controls, is_renewed=is_renewed)


def _render_deletion_preview(
    renderer: Renderer, preview: DeletionPreview, viewer_id: PersonId
) -> RenderedText:
    return renderer.render(
        "replies/delete_preview",
        deleting=preview,
        me=viewer_id,
        inside=preview.inside[:MAX_LISTED],
        losing=preview.losing[:MAX_PEOPLE_LOSING],
        unpaid=preview.unpaid[:MAX_UNPAID],
        revoked=preview.revoked[:MAX_INVITATIONS],
        kept=preview.kept[:MAX_PEOPLE_LOSING],
    )


def disabling_preview_message(
    renderer: Renderer, preview: DisablingPreview, *, is_renewed: bool = False
) -> Message:
    """Return what disabling would affect, with the button that confirms it."""
    text = renderer.render(
        "replies/disable_preview",
        disabling=preview,
        inside=preview.inside[:MAX_LISTED],
        handovers=preview.handovers[:MAX_INVITATIONS],
    )
    resource = preview.resource
    controls = confirmation_controls(
        renderer, "disable", resource, resource.id, preview
    )
    return preview_message(renderer, text, controls, is_renewed=is_renewed)


def move_preview_message(
    renderer: Renderer,
    preview: MovePreview,
    viewer_id: PersonId,
    *,
    is_renewed: bool = False,
) -> Message:
    """Return what a move would change, with the button that confirms it."""
    text = renderer.render(
        "replies/move_preview",
        moving=preview,
        me=viewer_id,
        gaining=preview.gaining[:MAX_PEOPLE_LOSING],
        losing=preview.losing[:MAX_PEOPLE_LOSING],
        unpaid=preview.unpaid[:MAX_UNPAID],
        revoked=preview.revoked[:MAX_INVITATIONS],
    )
    resource, parent = preview.resource, preview.parent
    target = MoveTarget(resource.id, parent.id if parent else None).encode()
    controls = confirmation_controls(renderer, "move", resource, target, preview)
    return preview_message(renderer, text, controls, is_renewed=is_renewed)


def confirm_deletion_view(
    renderer: Renderer, resource: Resource, content_count: int, digest: str
) -> View:
    """Return the form that deletes a resource with contents, once its name is typed.

    `digest` is that of the preview that led to it.
    """
    text = renderer.render("modals/delete", resource=resource, inside=content_count)
    return _deletion_view(renderer, resource, text, digest)


def renewed_deletion_view(
    renderer: Renderer, preview: DeletionPreview, viewer_id: PersonId
) -> View:
    """Return the same form with all that it ends, which has changed since."""
    text = _render_deletion_preview(renderer, preview, viewer_id)
    text = add_changed_line(renderer, text)
    return _deletion_view(renderer, preview.resource, text, compute_digest(preview))


def _deletion_view(
    renderer: Renderer, resource: Resource, text: RenderedText, digest: str
) -> View:
    return form_view(
        renderer,
        "delete",
        [text, Field(Slot.NAME, Control.TEXT, "delete.name", limit=NAME_LIMIT)],
        submit="delete",
        private_metadata=ShownPreview(digest, resource.id).encode(),
    )


def result_view(
    renderer: Renderer,
    title_key: str,
    text: RenderedText,
    *,
    callback_id: str = DONE,
) -> View:
    """Return the modal that says what a submission did.

    Closing it closes the modals below it, which are no longer up to date. Above a page,
    `DONE` is not shown; another `callback_id` is.
    """
    view = blocks.modal_view(
        callback_id,
        renderer.render_label(title_key),
        blocks.paragraph_blocks(text.paragraphs),
        close=renderer.render_label("close"),
    )
    return {**view, "clear_on_close": True}
