"""Generate the previews of handovers."""

from __future__ import annotations

from dataclasses import replace

from bot.rendering import Renderer
from bot.slack.handover_values import HandoverOffer
from bot.slack.views import handovers
from collab.handovers.preview import HandoverPreview, Readiness
from collab.model import Membership
from collab.roles import CAPABILITIES
from tests.support.generators import MONDAY, SampleGenerator
from tests.support.modal_generators import SurfaceIterator
from tests.support.surfaces.questions import VIEWER_ID, make_expected_changes
from tests.support.surfaces.samples import MAX_INVITATIONS, limit_to_one_offer


def generate_handover_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    person = samples.make_person()
    resources = samples.make_resources(limit_to_one_offer(many))
    ending = [
        (
            each,
            samples.make_resource(),
            Membership(resources[0].id, each.id, "developer", MONDAY, MONDAY),
        )
        for each in samples.make_people(min(many, 50))
    ]
    readiness = Readiness(
        samples.make_invitations(min(many, MAX_INVITATIONS)),
        lacks_method=True,
        ending=ending,
        disabled=samples.make_resources(many),
    )
    preview = HandoverPreview(
        person=person,
        handed_over=resources,
        paid=resources,
        role="owner",
        abilities=CAPABILITIES,
        is_owner=True,
        keeps="administrator",
        starts=MONDAY,
        readiness=readiness,
        changes=make_expected_changes(samples, many),
        effects=(),
    )
    resource_ids = tuple(each.id for each in resources)
    offer = HandoverOffer(person.id, resource_ids, "usual", MONDAY.date())
    for shown in (
        preview,
        replace(preview, readiness=Readiness(), changes=None, starts=None, keeps=""),
        replace(preview, is_owner=False, paid=()),
    ):
        yield handovers.handover_preview_message(renderer, shown, offer, VIEWER_ID)
