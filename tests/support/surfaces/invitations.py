"""Generate invitations: lists, cards, forms and results."""

from __future__ import annotations

from dataclasses import replace

from bot.rendering import RenderedText, Renderer
from bot.slack.views import (
    invitation_results,
    invitations,
    outsiders,
    pending,
    readdressing,
)
from collab.invitations.queries import InvitationList
from collab.outsiders import PowerForOutsiders
from collab.roles import CAPABILITIES
from tests.support.generators import MONDAY, ROLES, STATES, SampleGenerator
from tests.support.modal_generators import MAX_PAGE_ROWS, SurfaceIterator
from tests.support.surfaces.samples import (
    MAX_INVITATIONS,
    limit_to_one_offer,
    make_other_questions,
)


def generate_pending_lists(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    items = [
        *samples.make_invitations(min(many, MAX_INVITATIONS)),
        *make_other_questions(samples),
    ]
    for page in range(-(-len(items) // MAX_PAGE_ROWS) or 1):
        yield pending.pending_items_message(renderer, items, page)


def generate_sent_invitations(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for state in STATES:
        cards = [
            replace(c, invitation=replace(c.invitation, state=state))
            for c in samples.make_invitations(min(many, MAX_PAGE_ROWS))
        ]
        yield invitations.sent_invitations_message(
            renderer, InvitationList(cards, sent=True, next_page=1), 0, MONDAY
        )


def generate_revocation_previews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    card = samples.make_invitation(resource_count=limit_to_one_offer(many))
    for is_renewed in (False, True):
        yield invitations.revocation_preview_message(
            renderer, card, is_renewed=is_renewed
        )


def generate_outsider_questions(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    people = [
        replace(person, guest=number % 2 == 0, external=number % 2 == 1)
        for number, person in enumerate(samples.make_people(max(many, 1)))
    ]
    people[-1] = replace(people[-1], company=samples.make_name())
    resources = samples.make_resources(limit_to_one_offer(many))
    power = PowerForOutsiders(people, resources, "admin", CAPABILITIES)
    yield outsiders.outsider_question_view(renderer, power, "")


def generate_outsider_edits(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    person = replace(samples.make_person(), external=True, company=samples.make_name())
    resources = samples.make_resources(limit_to_one_offer(many))
    power = PowerForOutsiders([person], resources, "admin", CAPABILITIES)
    yield outsiders.outsider_edit_view(renderer, power, "")


def generate_outsider_successors(
    renderer: Renderer, samples: SampleGenerator, _many: int
) -> SurfaceIterator:
    person = replace(samples.make_person(), external=True, company=samples.make_name())
    power = PowerForOutsiders(
        [person], [samples.make_resource()], "admin", CAPABILITIES
    )
    yield outsiders.outsider_successor_view(renderer, power, "")


def generate_outsider_requests(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    request = samples.make_request()
    person = replace(request.person, external=True, company=samples.make_name())
    card = replace(request, person=person)
    yield outsiders.outsider_request_view(renderer, card)


def generate_decline_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield invitations.decline_invitation_view(
        renderer, samples.make_invitation(resource_count=limit_to_one_offer(many))
    )


def generate_edit_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield invitations.edit_invitation_view(
        renderer,
        samples.make_invitation(resource_count=limit_to_one_offer(many)),
        ROLES,
    )


def generate_readdress_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    card = samples.make_invitation(resource_count=limit_to_one_offer(many))
    yield readdressing.readdress_view(renderer, card)


def _render_invited_replies(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> list[RenderedText]:
    cards = [samples.make_invitation() for _ in range(max(1, many // 2))]
    return [
        renderer.render("replies/invited", card=card, replaced=False) for card in cards
    ]


def generate_invited_messages(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield invitation_results.invitation_results_message(
        renderer, _render_invited_replies(renderer, samples, many)
    )
