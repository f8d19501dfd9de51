"""Generate the answers to questions, and the messages of an offboarding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.rendering import Renderer
from bot.slack.views import access_losses, erasure, offboarding, what_if
from collab.access_loss import AccessLossPreview
from collab.erasure import StoredData
from collab.impact import RoleShift
from collab.memberships.offboarding_queries import (
    OffboardingPreview,
    OffboardingStatement,
    RoleToKeep,
)
from collab.model import NOBODY, Membership, PersonId
from collab.rehearsal import ExpectedChanges, PayerShift
from collab.roles import ROLE_MODEL
from tests.support.generators import MONDAY, SampleGenerator
from tests.support.modal_generators import SurfaceGenerator, SurfaceIterator

VIEWER_ID = PersonId(f"P{10:028}")
MAX_INVITATIONS = 40


def make_expected_changes(samples: SampleGenerator, many: int) -> ExpectedChanges:
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
    return ExpectedChanges(
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


def _generate_expected_changes(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    changes = make_expected_changes(samples, many)
    yield what_if.expected_changes_message(renderer, changes, VIEWER_ID)


def _generate_offboarding_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    person = samples.make_person()
    shifts = [
        RoleShift(person, resource, "admin", after)
        for resource in samples.make_resources(many)
        for after in (None, "developer")
    ]
    kept = [
        RoleToKeep(resource, "owner", people, people, is_last, may_transfer)
        for resource in samples.make_resources(min(many, 20))
        for people in ((), samples.make_people(2))
        for is_last, may_transfer in ((True, True), (True, False), (False, False))
    ]
    preview = OffboardingPreview(
        person,
        [(samples.make_resource("company"), shifts), (None, shifts)],
        kept,
        make_expected_changes(samples, many),
        MONDAY,
        person.id,
    )
    yield offboarding.offboarding_preview_message(renderer, preview)
    yield offboarding.offboarding_preview_message(
        renderer, replace(preview, changes=None, groups=())
    )


def _make_access_losses(samples: SampleGenerator, many: int) -> AccessLossPreview:
    resources = samples.make_resources(many)
    return AccessLossPreview(
        resource=samples.make_resource("company"),
        changes=make_expected_changes(samples, many),
        team=samples.make_resource("team"),
        person=samples.make_person(),
        role="collaborator",
        before="owner",
        keep=[each.id for each in resources[:50]],
        kept=[(each, "admin") for each in resources],
    )


def _generate_team_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    preview = _make_access_losses(samples, many)
    for changes in (preview.changes, ExpectedChanges()):
        for person in (preview.person, NOBODY):
            shown = replace(preview, changes=changes, person=person)
            yield access_losses.team_preview_message(renderer, shown, VIEWER_ID)


def _generate_role_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    preview = _make_access_losses(samples, many)
    for each in (preview, replace(preview, before=None, role="owner")):
        yield access_losses.role_preview_message(renderer, each, VIEWER_ID, ROLE_MODEL)


def make_statement(samples: SampleGenerator, many: int) -> OffboardingStatement:
    """Return the statement of an offboarding."""
    resources = samples.make_resources(many)
    return OffboardingStatement(
        samples.make_person(),
        samples.make_person(3),
        MONDAY,
        [(resource, "admin") for resource in resources],
        [(resource, samples.make_person(4)) for resource in resources],
        MONDAY,
    )


def _generate_stored_data(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    person = samples.make_person()
    held = [
        (resource, Membership(resource.id, person.id, "admin", MONDAY, None))
        for resource in samples.make_resources(many)
    ]
    invitations = [each.invitation for each in samples.make_invitations(min(many, 3))]
    for has_other_record in (False, True):
        stored = StoredData(
            person, held, invitations, invitations, many, has_other_record
        )
        yield erasure.stored_data_message(renderer, stored)


def _generate_offboarded_messages(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield offboarding.offboarded_message(renderer, make_statement(samples, many), 7)


def _generate_undone_messages(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    restored = [(resource, "admin") for resource in samples.make_resources(many)]
    yield offboarding.offboarding_undone_message(
        renderer, samples.make_person(), restored, many, many
    )


QUESTION_GENERATORS: Mapping[str, SurfaceGenerator] = {
    "access_losses.team_preview_message": _generate_team_previews,
    "access_losses.role_preview_message": _generate_role_previews,
    "erasure.stored_data_message": _generate_stored_data,
    "offboarding.offboarded_message": _generate_offboarded_messages,
    "offboarding.offboarding_preview_message": _generate_offboarding_previews,
    "offboarding.offboarding_undone_message": _generate_undone_messages,
    "what_if.expected_changes_message": _generate_expected_changes,
}
