"""What words and blocks cost, against writing the finished payload as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from bot.cards.membership import Allowed, members_message
from bot.cards.notices import Scene, notice_message
from bot.words import words_in
from collab.events import InvitationSent
from collab.lists import Member, MemberList
from collab.record import event_line
from collab.subjects import OpenInvitation, open_invitation
from storage.database import Database
from tests.bench.company import AT, TEAM, core, found, invitations
from tests.bench.measure import Row, interleaved, ms
from tests.bench.place import Place

ROWS = 50


def measure(place: Place, rounds: int = 1000) -> Iterator[Row]:
    """The invitation's message, and a list of members."""
    words, card, line = words_in("en"), *invited(place)
    scene = Scene(AT, card.person, card, line)
    yield beside_json(
        "rendering the invitation's message",
        lambda: notice_message(words, "invitation", scene),
        rounds,
    )
    members = [Member(card.person, "admin", None, removable=True) for _ in range(ROWS)]
    found = MemberList(card.resource, members, (), ROWS, None)
    yield beside_json(
        f"rendering a list of {ROWS} members with menus",
        lambda: members_message(words, found, card.inviter.id, Allowed(), 0),
        rounds // 4,
    )


def invited(place: Place) -> tuple[OpenInvitation, Any]:
    """An invitation with its event, as the courier reads them."""
    with closing(Database.open(place.seeded("SQLite", found))) as database:
        collab = core(database)
        recorded = collab.perform(next(invitations()), AT).recorded[-1]
        assert isinstance(recorded.event, InvitationSent)
        with collab.look(TEAM) as facts:
            invitation = facts.invitation(recorded.event.invitation)
            assert invitation is not None
            return open_invitation(facts, invitation, collab.case(facts, AT)), event_line(facts, recorded)


def beside_json(what: str, render: Callable[[], Any], rounds: int) -> Row:
    """A row with both times."""
    finished = render()
    ours, plain = interleaved(max(rounds, 1), render, lambda: json.dumps(finished))
    told = f"{ours / plain:.1f} × ({ms(ours)} against {ms(plain)}, {len(json.dumps(finished)):,} bytes)"
    return Row(what, "json.dumps of the finished payload", told)
