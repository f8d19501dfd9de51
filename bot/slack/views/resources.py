"""Resources as cards: one of them, and what a deletion takes along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.rendering import RenderedText, Renderer
from bot.slack.button_values import MoveTarget
from bot.slack.views import Block, Message, View, blocks
from collab.access_queries import ResourceDetail
from collab.limits import NAME_LIMIT
from collab.model import Person, Resource
from collab.open_items import InvitationView

MAX_LISTED = 100  # lines of a list; what there is more of is counted
MAX_CONTENTS = 20  # of what stands in a thing; `/collab mine` goes on
MAX_INVITATIONS, MAX_PEOPLE_LOSING, MAX_UNPAID = 40, 20, 50


@dataclass(frozen=True, slots=True)
class RoleLoss:
    """Somebody who loses roles: some of them, and how many more."""

    person: Person
    roles: Sequence[tuple[Resource, str]]
    more: int


@dataclass(frozen=True, slots=True)
class DeletionPreview:
    """What a deletion would take along: things inside, roles, payments, and invitations.

    What has invoices `retires` in its place; `kept` are the things inside that do.
    """

    resource: Resource
    inside: Sequence[Resource]
    losing: Sequence[RoleLoss]
    unpaid: Sequence[Resource]
    revoked: Sequence[InvitationView]
    retires: bool = False
    kept: Sequence[Resource] = ()


@dataclass(frozen=True, slots=True)
class DisablingPreview:
    """What disabling would stop: a thing, what stands in it, and how many people do something there."""

    resource: Resource
    inside: Sequence[Resource]
    people: int


@dataclass(frozen=True, slots=True)
class RoleShift:
    """Somebody's highest role on a resource before and after a move; nothing where they hold none."""

    person: Person
    resource: Resource
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class MovePreview:
    """What a move would change: the place, who gains and loses access, what is no longer paid for, and invitations."""

    resource: Resource
    before: Resource | None
    parent: Resource | None
    gaining: Sequence[RoleShift]
    losing: Sequence[RoleShift]
    unpaid: Sequence[Resource]
    revoked: Sequence[InvitationView]


def resource_message(
    renderer: Renderer, found: ResourceDetail, *, is_paid_type: bool
) -> Message:
    """One resource; `paid` when things like it are paid for."""
    listed: dict[str, Any] = {
        "inside": found.inside[:MAX_CONTENTS],
        "shared": found.shared[:MAX_CONTENTS],
    }
    said = renderer.render("replies/show", found=found, paid=is_paid_type, **listed)
    return blocks.build_message(said, _resource_controls(renderer, found))


def _resource_controls(renderer: Renderer, found: ResourceDetail) -> Block:
    """The way to all that one can do with a thing, and to the channels that hear of it for who may change it."""
    buttons = [more_actions_button(renderer, found.resource)]
    if found.lacks_payment:
        long = renderer.render_label("payment_open.long", what=found.resource.slug)
        buttons.append(
            blocks.button(
                "payment_open",
                renderer.render_label("payment_open"),
                found.resource.id,
                long,
            )
        )
    if "edit" in found.can:
        label, long = (
            renderer.render_label("channels_open"),
            renderer.render_label("channels_open.long"),
        )
        buttons.append(blocks.button("channels_open", label, found.resource.id, long))
    return blocks.actions_block("controls", *buttons)


def more_actions_button(renderer: Renderer, resource: Resource) -> Block:
    """The button behind which stands all that one can do with a thing."""
    long = renderer.render_label("more_here.long", what=resource.slug)
    return blocks.button(
        "more_open", renderer.render_label("more_here"), resource.id, long
    )


def deletion_preview_message(
    renderer: Renderer, deleting: DeletionPreview, me: str
) -> Message:
    """What a deletion would end, with the red button that does it."""
    most = {
        "inside": MAX_LISTED,
        "losing": MAX_PEOPLE_LOSING,
        "unpaid": MAX_UNPAID,
        "revoked": MAX_INVITATIONS,
        "kept": MAX_PEOPLE_LOSING,
    }
    shown: dict[str, Any] = {
        name: getattr(deleting, name)[:listed] for name, listed in most.items()
    }
    said = renderer.render("replies/delete_preview", deleting=deleting, me=me, **shown)
    return blocks.build_message(
        said,
        confirmation_controls(
            renderer, "delete", deleting.resource, deleting.resource.id
        ),
    )


def disabling_preview_message(
    renderer: Renderer, disabling: DisablingPreview
) -> Message:
    """What disabling would stop, with the red button that does it."""
    said = renderer.render(
        "replies/disable_preview",
        disabling=disabling,
        inside=disabling.inside[:MAX_LISTED],
    )
    return blocks.build_message(
        said,
        confirmation_controls(
            renderer, "disable", disabling.resource, disabling.resource.id
        ),
    )


def move_preview_message(renderer: Renderer, moving: MovePreview, me: str) -> Message:
    """What a move would change, with the button that does it."""
    most = {
        "gaining": MAX_PEOPLE_LOSING,
        "losing": MAX_PEOPLE_LOSING,
        "unpaid": MAX_UNPAID,
        "revoked": MAX_INVITATIONS,
    }
    shown: dict[str, Any] = {
        name: getattr(moving, name)[:listed] for name, listed in most.items()
    }
    said = renderer.render("replies/move_preview", moving=moving, me=me, **shown)
    container_id = moving.parent.id if moving.parent else None
    value = MoveTarget(moving.resource.id, container_id).encode()
    return blocks.build_message(
        said, confirmation_controls(renderer, "move", moving.resource, value)
    )


def confirm_deletion_view(renderer: Renderer, resource: Resource, inside: int) -> View:
    """The window that asks for the name of what has things inside."""
    said = renderer.render("modals/delete", resource=resource, inside=inside)
    name = blocks.input_block(
        "name",
        renderer.render_label("delete.name"),
        blocks.text_input("name", NAME_LIMIT),
    )
    return blocks.modal_view(
        "delete",
        renderer.render_label("delete.title"),
        [*blocks.paragraph_blocks(said.paragraphs), name],
        submit=renderer.render_label("delete"),
        close=renderer.render_label("cancel"),
        private_metadata=resource.id,
    )


def result_view(renderer: Renderer, said: RenderedText) -> View:
    """The window after it was sent in: what happened; those beneath it show what is no longer so, and close with it."""
    shown = blocks.modal_view(
        "done",
        renderer.render_label("done.title"),
        blocks.paragraph_blocks(said.paragraphs),
        close=renderer.render_label("close"),
    )
    return {**shown, "clear_on_close": True}


def confirmation_controls(
    renderer: Renderer, name: str, resource: Resource, value: str
) -> Block:
    """The red button that carries the verb, beside Cancel."""
    go = blocks.button(
        name,
        renderer.render_label(name),
        value,
        renderer.render_label(f"{name}.long", what=resource.slug),
        "danger",
    )
    stay = blocks.button(
        "cancel",
        renderer.render_label("cancel"),
        value,
        renderer.render_label("cancel.long"),
    )
    return blocks.actions_block("ending", go, stay)
