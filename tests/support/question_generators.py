"""Generate the answers to questions: what if, and what else changes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from bot.rendering import Renderer
from bot.slack.views import what_if
from collab.impact import RoleShift
from collab.rehearsal import ExpectedChanges, PayerShift
from tests.support.generators import SampleGenerator
from tests.support.modal_generators import SurfaceGenerator, SurfaceIterator

VIEWER_ID = f"P{10:028}"
MAX_INVITATIONS = 40


def _generate_expected_changes(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    shifts = [
        RoleShift(person, samples.make_resource(), *roles)
        for person in samples.make_people(min(many, 50))
        for roles in (("admin", None), ("admin", "payer"))
    ]
    payers = [
        PayerShift(resource, *methods)
        for resource in samples.make_resources(min(many, 30))
        for methods in (
            (samples.make_resource("payment"), samples.make_resource("payment")),
            (None, samples.make_resource("payment")),
            (samples.make_resource("payment"), None),
        )
    ]
    changes = ExpectedChanges(
        ended=[
            (resource, word)
            for word in what_if.END_WORDS
            for resource in samples.make_resources(many)
        ],
        losing=shifts,
        gaining=shifts,
        payers=payers,
        revoked=samples.make_invitations(min(many, MAX_INVITATIONS)),
        ended_request_count=many,
        rotate=samples.make_resources(many),
        uncompared_count=many,
    )
    yield what_if.expected_changes_message(renderer, changes, VIEWER_ID)


QUESTION_GENERATORS: Mapping[str, SurfaceGenerator] = {
    "what_if.expected_changes_message": _generate_expected_changes,
}
