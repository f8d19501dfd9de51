"""Generate Home, the overview and help."""

from __future__ import annotations

from bot.rendering import Renderer
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.verb import MenuGroup
from bot.slack.routes import ACTION_HANDLERS
from bot.slack.views import help as help_cards
from bot.slack.views import home, onboarding
from collab import events
from collab.first_steps import FirstSteps
from collab.home import (
    MAX_HELPERS,
    MAX_SHOWN_FAILURES,
    RECENT_EVENT_COUNT,
    GettingStarted,
    HomeResource,
    HomeView,
    KeysToRotate,
    OfferedActions,
)
from collab.model import ChannelId, ResourceId, WorkspaceId
from collab.open_items import AccessRequestView, InvitationView
from collab.pending import Overview
from tests.support.generators import MONDAY, SampleGenerator
from tests.support.modal_generators import (
    MAX_PAGE_ROWS,
    SurfaceIterator,
    make_failed_deliveries,
)
from tests.support.surfaces.samples import MAX_INVITATIONS, make_other_questions


def generate_home_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    row_count = min(many, MAX_PAGE_ROWS)
    outer = samples.make_resource("company", 9)
    rows = [
        HomeResource(
            r,
            "developer",
            bool(n % 2),
            r if n % 3 == 1 else outer,
            via=None if n % 2 else outer,
        )
        for n, r in enumerate(samples.make_resources(row_count))
    ]
    lines = [
        samples.make_event_line(
            events.ResourceRenamed(
                ResourceId("R1"), samples.make_name(), samples.make_name()
            )
        )
        for _ in range(RECENT_EVENT_COUNT if many else 0)
    ]
    pending_items = (
        [
            *samples.make_invitations(max(0, row_count - 3)),
            *make_other_questions(samples),
        ][-row_count:]
        if row_count
        else []
    )
    sent: list[InvitationView | AccessRequestView] = (
        [samples.make_request(), *samples.make_invitations(row_count - 1)]
        if row_count
        else []
    )
    undelivered = make_failed_deliveries(samples, min(many, MAX_SHOWN_FAILURES))
    full = HomeView(
        pending_items=pending_items,
        pending_count=500 if row_count else 0,
        resources=rows,
        resource_count=500 if row_count else 0,
        sent=sent,
        lines=lines,
        pages=(3, 4, 5),
        more=(True, True, True),
        failures=undelivered,
        has_more_failures=bool(many),
        keys=KeysToRotate(samples.make_resources(many), MONDAY if many % 2 else None),
        resource_counts=dict.fromkeys(
            ("company", "project", "app", "database", "team"), many
        ),
        unanswered_count=many,
    )
    yield home.home_view(renderer, full, MONDAY, ACTION_HANDLERS)
    for steps in (FirstSteps(), FirstSteps(outer), FirstSteps(outer, True)):
        begun = HomeView(resources=rows, resource_count=len(rows), steps=steps)
        yield home.home_view(renderer, begun, MONDAY, ACTION_HANDLERS)
    invited = HomeView(pending_items=pending_items, pending_count=len(pending_items))
    yield home.home_view(renderer, invited, MONDAY, ACTION_HANDLERS)
    for empty, founds in ((True, True), (True, False), (False, True), (False, False)):
        start = GettingStarted(
            empty, founds, samples.make_people(min(many, MAX_HELPERS))
        )
        for routes in (ACTION_HANDLERS, ()):
            yield home.home_view(
                renderer,
                HomeView(failures=undelivered, lines=lines, start=start),
                MONDAY,
                routes,
            )


def generate_overviews(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield help_cards.overview_message(
        renderer,
        Overview(
            samples.make_invitations(min(many, MAX_INVITATIONS)),
            [(r, "owner") for r in samples.make_resources(many)],
        ),
    )


def generate_help(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for actions in (
        OfferedActions(),
        OfferedActions(admin=True),
        OfferedActions(creates=False, invites=False),
        OfferedActions(creates=False, invites=False, external=True),
    ):
        yield help_cards.help_message(renderer, actions)
        yield help_cards.help_message(
            renderer, actions, help_cards.build_home_url(WorkspaceId("T1"), "A1")
        )


def generate_welcome(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for home_url in ("", help_cards.build_home_url(WorkspaceId("T1"), "A1")):
        yield onboarding.welcome_message(renderer, home_url)


def generate_channel_offers(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield onboarding.channel_offer_message(
        renderer, ChannelId("C1"), has_linkable=bool(many)
    )


def generate_all_commands(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    verbs = list(VERB_BY_NAME.values())
    for group in MenuGroup:
        yield help_cards.all_commands_view(renderer, verbs, group)


def generate_verb_help(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for verb in VERB_BY_NAME.values():
        yield help_cards.verb_message(renderer, verb)
