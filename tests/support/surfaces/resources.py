"""Generate resources and previews of their changes."""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.views import pickers, resources
from collab.confirmation import DIGEST_LENGTH
from collab.impact import (
    DeletionPreview,
    DisablingPreview,
    MovePreview,
    RoleLoss,
    RoleShift,
)
from collab.resource_pickers import ResourceOption
from tests.support.generators import MONDAY, SampleGenerator
from tests.support.modal_generators import SurfaceIterator
from tests.support.surfaces.samples import MAX_INVITATIONS, VIEWER_ID


def generate_disable_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    agreed = MONDAY if many % 2 else None
    preview = DisablingPreview(
        samples.make_resource("project"),
        samples.make_resources(many),
        many + 1,
        [
            samples.make_invitation(n, purpose="handover", starts=MONDAY, agreed=agreed)
            for n in range(min(many, MAX_INVITATIONS))
        ],
    )
    yield resources.disabling_preview_message(renderer, preview)


def _make_deletion_preview(samples: SampleGenerator, many: int) -> DeletionPreview:
    losing = [
        RoleLoss(p, [(r, "admin") for r in samples.make_resources(3)], many)
        for p in samples.make_people(many and min(5 * many, 500))
    ]
    lists = (
        samples.make_resources(many),
        losing,
        samples.make_resources(many),
        samples.make_invitations(min(many, MAX_INVITATIONS)),
    )
    return DeletionPreview(
        samples.make_resource("company"),
        *lists,
        kept=samples.make_resources(many, "payment"),
    )


def generate_deletion_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    deleting = _make_deletion_preview(samples, many)
    for is_renewed in (False, True):
        yield resources.deletion_preview_message(
            renderer, deleting, VIEWER_ID, is_renewed=is_renewed
        )


def generate_renewed_deletion_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    deleting = _make_deletion_preview(samples, many)
    yield resources.renewed_deletion_view(renderer, deleting, VIEWER_ID)


def generate_move_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    people = samples.make_people(min(many, 50))
    shifts = [
        RoleShift(p, samples.make_resource(), *roles)
        for p in people
        for roles in (("admin", None), ("admin", "payer"))
    ]
    revoked = samples.make_invitations(min(many, MAX_INVITATIONS))
    for before, parent in (
        (None, samples.make_resource("company")),
        (samples.make_resource("company"), None),
        (samples.make_resource(), samples.make_resource()),
    ):
        preview = MovePreview(
            samples.make_resource(),
            before,
            parent,
            shifts,
            shifts,
            samples.make_resources(many),
            revoked,
        )
        yield resources.move_preview_message(renderer, preview, VIEWER_ID)


def generate_delete_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield resources.confirm_deletion_view(
        renderer, samples.make_resource("company"), many, "0" * DIGEST_LENGTH
    )


def generate_done_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield resources.result_view(
        renderer,
        "deleted.title",
        renderer.render(
            "replies/deleted",
            resource=samples.make_resource(),
            inside=many,
            retired=samples.make_resources(min(many, 20)),
        ),
    )


def generate_resource_options(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    groups = [samples.make_resource("company", n) for n in range(3)]
    options = [
        ResourceOption(r, groups[n % 3] if n % 4 else None)
        for n, r in enumerate(samples.make_resources(many))
    ]
    yield pickers.resource_options(renderer, options)
