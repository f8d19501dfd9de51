"""Generate event lists, live messages and notifications."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.rendering import Renderer
from bot.slack.views import claims, event_log, person_matches
from bot.slack.views.gathered import gathered_message
from bot.slack.views.live_messages import LIVE_MESSAGE_CONTROLS, live_message
from bot.slack.views.notifications import NotificationContext, notification_message
from collab import events
from collab.event_log import EventList
from collab.events import EVENTS
from collab.model import NotificationTopic
from collab.notifications.gathering import MAX_TOPICS
from collab.notifications.messages import (
    DELIVERY_FAILED,
    MEMBERS,
    PERSONAL_DIGEST,
    PROFILE,
    REFRESH,
    REFRESH_OLDER,
    SIGN_IN,
)
from collab.notifications.routing import NOTIFICATION_ROUTES
from collab.person_matches import MatchView
from tests.support.generators import MONDAY, STATES, SampleGenerator
from tests.support.modal_generators import MAX_PAGE_ROWS, SurfaceIterator
from tests.support.surfaces.questions import make_statement
from tests.support.surfaces.samples import MAX_INVITATIONS, limit_to_one_offer

FOR_PEOPLE_ALONE = {
    "invitation_claimed",
    "invitation_declined",
    "person_matched",
    "request_declined",
}
HANDOVER_MESSAGES = {
    message
    for kind in (
        events.HandoverAgreed,
        events.HandoverDone,
        events.HandoverFailed,
        events.HandoverTakenBack,
    )
    for _, message in NOTIFICATION_ROUTES[kind]
} | {"handover_reopened"}


def generate_event_lists(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    lines = [
        samples.make_event_line(samples.build_instance(kind, is_minimal=bare))
        for kind in EVENTS.values()
        for bare in (True, False)
    ]
    for shown in (samples.make_resource(number=99), None):
        for first in range(0, len(lines), MAX_PAGE_ROWS):
            event_list = EventList(
                shown, lines[first : first + MAX_PAGE_ROWS] if many else [], 7
            )
            yield event_log.events_message(
                renderer, event_list, is_older_page=bool(first), next_value="x"
            )


def generate_live_messages(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for name in LIVE_MESSAGE_CONTROLS:
        for subject in _make_subjects(samples, name, many):
            for viewer in (samples.make_person(), None):
                yield live_message(renderer, name, subject, viewer, MONDAY)


def _make_subjects(samples: SampleGenerator, name: str, many: int) -> Iterator[Any]:
    if name == "request":
        yield from map(
            samples.make_request,
            ("pending", "granted", "declined", "withdrawn", "left", "unseen", "time"),
        )
    elif name == "succession":
        yield from (
            samples.make_succession(state, min(many, MAX_INVITATIONS))
            for state in ("pending", "settled", "closed")
        )
    elif name == "member_ends_soon":
        yield from (
            samples.make_expiring_membership(),
            samples.make_expiring_membership(None),
        )
    else:
        variants: tuple[dict[str, Any], ...] = (
            {},
            {"team": "R4"},
            {"purpose": "pay", "lasts": None},
            {"purpose": "own", "lasts": None},
        )
        handovers = [
            {"purpose": purpose, "lasts": None, "starts": starts, "agreed": agreed}
            for purpose in ("handover", "takeback")
            for starts, agreed in ((MONDAY, MONDAY), (MONDAY, None), (None, None))
        ]
        if name in HANDOVER_MESSAGES:
            variants = ()
        for state in (*STATES, "failed", "taken_back"):
            for more in (*(variants if state == "pending" else ()), *handovers):
                yield samples.make_invitation(
                    resource_count=limit_to_one_offer(many), state=state, **more
                )


def generate_notifications(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    stale_resources = tuple(samples.make_resources(many))
    for kind, rows in NOTIFICATION_ROUTES.items():
        for message in sorted(
            {m for _, m in rows}
            - {PROFILE, MEMBERS, REFRESH, REFRESH_OLDER, SIGN_IN, PERSONAL_DIGEST}
        ):
            for bare in (True, False):
                event_line = samples.make_event_line(
                    samples.build_instance(kind, is_minimal=bare)
                )
                subject_name = next(
                    (
                        name
                        for name in ("request", "succession")
                        if message.startswith(name)
                    ),
                    message,
                )
                subject = next(_make_subjects(samples, subject_name, many))
                for viewer in (samples.make_person(), None):
                    if viewer or message not in FOR_PEOPLE_ALONE:
                        yield notification_message(
                            renderer,
                            message,
                            NotificationContext(
                                MONDAY,
                                viewer,
                                subject,
                                event_line,
                                stale_resources,
                                statement=make_statement(samples, many),
                                match=make_match(samples, many),
                                claimant=samples.make_person(),
                            ),
                        )
    for problem in (
        "not_in_channel",
        "is_archived",
        "users_not_found",
        samples.make_name(),
    ):
        for target in ("channel:C1", "person:P2"):
            payload = {
                "problem": problem,
                "target": target,
                "message": "member_joined",
                "delivery": 7,
            }
            event_line = samples.make_event_line(
                samples.build_instance(events.MemberJoined)
            )
            yield notification_message(
                renderer,
                DELIVERY_FAILED,
                NotificationContext(MONDAY, samples.make_person(), None, event_line),
                payload,
            )


def make_match(samples: SampleGenerator, many: int) -> MatchView:
    """Return what may be joined with an account: it is asked about, or was joined."""
    roles = [(resource, "admin") for resource in samples.make_resources(many)]
    other = replace(samples.make_person(), user=None, email="nina@client.example")
    return MatchView(other, roles, many, is_open=bool(many % 2))


def generate_match_messages(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for is_open in (True, False):
        match = replace(make_match(samples, many), is_open=is_open)
        yield person_matches.match_message(renderer, match)


def generate_joined_messages(
    renderer: Renderer, samples: SampleGenerator, _many: int
) -> SurfaceIterator:
    other = samples.make_person()
    yield person_matches.joined_message(renderer, other.id, "nina@client.example")


def generate_claim_messages(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for state in ("pending", "accepted"):
        card = samples.make_invitation(
            resource_count=limit_to_one_offer(many), state=state
        )
        yield claims.claim_message(renderer, card, samples.make_person(), MONDAY)


def generate_gathered_messages(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    resources = samples.make_resources(min(max(many, 1), MAX_TOPICS))
    for viewer in (samples.make_person(), None):
        for kind in (events.MemberEnded, events.MemberWarned):
            contexts = [
                NotificationContext(
                    MONDAY,
                    viewer,
                    replace(samples.make_expiring_membership(), resource=resource),
                    replace(
                        samples.make_event_line(samples.build_instance(kind)),
                        resource=resource,
                    ),
                    topic=NotificationTopic(number, resource.id),
                )
                for number, resource in enumerate(resources)
            ]
            for _, message in NOTIFICATION_ROUTES[kind]:
                if message not in {REFRESH, REFRESH_OLDER}:
                    yield gathered_message(renderer, message, contexts)
