"""What words and blocks cost, against writing the finished payload as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from bot.rendering import renderer_for_language
from bot.slack.views.memberships import members_message
from bot.slack.views.notifications import NotificationContext, notification_message
from collab.event_log import build_event_line
from collab.events import InvitationSent
from collab.memberships.member_actions import MemberListActions
from collab.memberships.queries import MemberList, MemberRow
from collab.open_items import InvitationView, build_invitation_view
from storage.database import Database
from tests.bench.company import AT, TEAM, core, found, invitations
from tests.bench.measure import Row, interleaved, ms
from tests.bench.place import Place

ROWS = 50


def measure(place: Place, rounds: int = 1000) -> Iterator[Row]:
    """The invitation's message, and a list of members."""
    words, card, line = renderer_for_language("en"), *invited(place)
    scene = NotificationContext(AT, card.person, card, line)
    yield beside_json(
        "rendering the invitation's message",
        lambda: notification_message(words, "invitation", scene),
        rounds,
    )
    members = [
        MemberRow(card.person, "admin", None, is_removable=True) for _ in range(ROWS)
    ]
    found = MemberList(card.resource, members, (), ROWS, None)
    yield beside_json(
        f"rendering a list of {ROWS} members with menus",
        lambda: members_message(words, found, card.inviter.id, MemberListActions(), 0),
        rounds // 4,
    )


def invited(place: Place) -> tuple[InvitationView, Any]:
    """An invitation with its event, as the courier reads them."""
    with closing(Database.open(place.seeded("SQLite", found))) as database:
        collab = core(database)
        recorded = collab.execute(next(invitations()), AT).recorded[-1]
        assert isinstance(recorded.event, InvitationSent)
        with collab.read(TEAM) as facts:
            invitation = facts.invitations.get_invitation(recorded.event.invitation)
            assert invitation is not None
            return build_invitation_view(
                facts, invitation, collab.context(facts, AT)
            ), build_event_line(facts, recorded)


def beside_json(what: str, render: Callable[[], Any], rounds: int) -> Row:
    """A row with both times."""
    finished = render()
    ours, plain = interleaved(max(rounds, 1), render, lambda: json.dumps(finished))
    figures = f"{ours / plain:.1f} × ({ms(ours)} against {ms(plain)}, {len(json.dumps(finished)):,} bytes)"
    return Row(what, "json.dumps of the finished payload", figures)
