"""Generate the pages of resources and people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.rendering import Renderer
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.slots import Slot
from bot.slack.page_values import PageTrail, PeopleScope
from bot.slack.views import pages, people_pages, person_pages
from collab.access_queries import ResourceDetail
from collab.home import OfferedActions
from collab.memberships.member_actions import MemberListActions, MembersWithActions
from collab.memberships.queries import MemberList, MemberRow
from collab.model import ChannelId, ChannelLink, PersonId
from collab.pages import OpenMatters, PersonPage, ResourcePage, RoleOfPerson
from collab.people_with_access import PAGE_SIZE, PeopleWithAccess, PersonWithAccess
from collab.roles import CAPABILITIES
from tests.support.generators import MONDAY, SampleGenerator
from tests.support.modal_generators import MAX_PAGE_ROWS, SurfaceIterator
from tests.support.surfaces.samples import VIEWER_ID

ALL_VERBS = pages.PageOffers(
    dict.fromkeys(VERB_BY_NAME, Slot.RESOURCE), is_paid_type=True, key="command:1"
)
NO_VERBS = pages.PageOffers({}, is_paid_type=False)


def make_page(samples: SampleGenerator, many: int, kind: str = "app") -> ResourcePage:
    """Return a page with lists of that length."""
    resource = samples.make_resource(kind)
    contents = samples.make_resources(many)
    detail = ResourceDetail(
        resource,
        samples.make_resource("company"),
        samples.make_resource("payment"),
        contents,
        "admin",
        CAPABILITIES,
        disabled=bool(many),
        lacks_payment=bool(many),
        shared=[(each, "manager") for each in samples.make_resources(many)],
        through=samples.make_resource("company"),
    )
    people = [
        MemberRow(
            person,
            "admin",
            MONDAY if n % 2 else None,
            True,
            samples.make_resource("company") if n % 2 else None,
        )
        for n, person in enumerate(samples.make_people(min(many, MAX_PAGE_ROWS)))
    ]
    cards = [
        samples.make_invitation(number, purpose=purpose)
        for number, purpose in enumerate(("pay", "own")[:many])
    ]
    links = [
        ChannelLink(ChannelId("C1"), resource.id, (), PersonId("P1"))
        for _ in range(many)
    ]
    return ResourcePage(
        detail,
        containers=[samples.make_resource("company", 2 + n) for n in range(2)],
        content_counts={each.id: 3 for each in contents},
        pays_for=samples.make_resources(many),
        members=MembersWithActions(
            MemberList(resource, people, [], 500 if many else 0, None),
            VIEWER_ID,
            MemberListActions(),
        ),
        open=OpenMatters(
            [card.invitation for card in cards],
            cards,
            links=links,
            stale_since=MONDAY,
        ),
        able=OfferedActions(),
    )


def _make_bare_page(page: ResourcePage) -> ResourcePage:
    detail = replace(
        page.detail,
        resource=replace(page.resource, about=None),
        payer=None,
        through=None,
        disabled=False,
    )
    return replace(page, detail=detail, containers=[], open=OpenMatters())


def _make_pages(
    samples: SampleGenerator, many: int
) -> Iterator[tuple[ResourcePage, pages.PageOffers]]:
    for kind in ("app", "company", "payment", "team"):
        page = make_page(samples, many, kind)
        yield page, ALL_VERBS
        yield _make_bare_page(page), NO_VERBS


def generate_resource_page_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for page, offers in _make_pages(samples, many):
        for trail in (("R1",), ("R2", "R1")):
            yield pages.resource_page_view(renderer, page, offers, PageTrail(trail))


def generate_resource_page_messages(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for page, offers in _make_pages(samples, many):
        yield pages.resource_page_message(renderer, page, offers)


def generate_gone_pages(
    renderer: Renderer, _samples: SampleGenerator, _many: int
) -> SurfaceIterator:
    yield pages.gone_page_view(renderer)


def _make_person_pages(samples: SampleGenerator, many: int) -> Iterator[PersonPage]:
    direct = [
        RoleOfPerson(
            each, "admin", until=MONDAY, is_removable=True, is_changeable=bool(n % 2)
        )
        for n, each in enumerate(samples.make_resources(many))
    ]
    derived = [
        RoleOfPerson(each, "admin", through=samples.make_resource("company"))
        for each in samples.make_resources(many)
    ]
    page = PersonPage(
        replace(samples.make_person(), external=True),
        [*direct, *derived],
        VIEWER_ID,
        OfferedActions(),
        shows_address=True,
    )
    yield page
    yield replace(page, person=replace(page.person, guest=True, active=False))
    yield replace(page, reader_id=page.person.id, roles=derived)


def generate_person_page_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for page in _make_person_pages(samples, many):
        for trail in (("P2",), ("R1", "P2")):
            yield person_pages.person_page_view(renderer, page, PageTrail(trail))


def generate_people_page_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    places = samples.make_resources(max(1, many))
    rows = [
        PersonWithAccess(
            replace(samples.make_person(), external=bool(n % 2)),
            [(each, "admin") for each in places],
        )
        for n in range(min(many, PAGE_SIZE))
    ]
    people = PeopleWithAccess(
        rows, many, many // 2, places, min(many, 20), VIEWER_ID, next_page=1
    )
    for scope in (PeopleScope(), PeopleScope(places[0].id, page=1)):
        for trail in ((scope.encode(),), ("R1", scope.encode())):
            yield people_pages.people_page_view(
                renderer, people, scope, PageTrail(trail)
            )
    bare = replace(people, rows=[], places=[], total=0, outsider_count=0)
    yield people_pages.people_page_view(renderer, bare, PeopleScope(), PageTrail(()))


def generate_person_page_messages(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for page in _make_person_pages(samples, many):
        yield person_pages.person_page_message(renderer, page)
