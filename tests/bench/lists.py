"""The first page of a long list against that of a short one, by the core's own questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any

from collab.event_log import ListEvents
from collab.events import MemberJoined, ResourceCreated, encode_event
from collab.invitations.queries import ListInvitations
from collab.memberships.queries import ListMembers
from collab.model import PersonId
from collab.resources import CreateResource
from collab.unit_of_work import Unavailable
from storage.database import Database
from tests.bench.bulk import PEOPLE, write
from tests.bench.company import AT, TEAM, caller, core, found
from tests.bench.measure import Row, at_most, by_turns, ms, percentile, without
from tests.bench.place import KINDS, Place

AIM = 1.6
LATER = AT + timedelta(days=1000)
ADA = caller("list")
MEMBERS = """INSERT INTO memberships (workspace, resource, person, role, since)
{numbers} SELECT :w, :acme, 'PB' || {i}, 'accountant', {since} FROM n"""
EVENTS = """INSERT INTO events (workspace, seq, at, actor, origin, name, resource, person, data)
{numbers} SELECT :w, :last + 1 + i, {since}, 'PB' || {i}, 'command', :joined, :acme, 'PB' || {i},
replace(:said, 'somebody', 'PB' || {i}) FROM n"""
INVITATIONS = """INSERT INTO invitations
(workspace, id, resource, person, inviter, role, state, sent, expires, due, marks, muted)
{numbers} SELECT :w, 'IB' || {i}, :asking, 'PB' || {i}, :ada, 'admin', 'pending', {since}, {later}, {later}, 0, false
FROM n"""
OFFERS = """INSERT INTO invitation_resources (workspace, invitation, resource, invitee, purpose, pending)
{numbers} SELECT :w, 'IB' || {i}, :asking, 'PB' || {i}, 'join', true FROM n"""

# What is asked, and where the answer keeps its lines.
LISTS: dict[str, tuple[Any, str]] = {
    "members, {0:,} are in": (ListMembers(ADA, "acme"), "members"),
    "members, {0:,} are asked": (ListMembers(ADA, "asking"), "pending"),
    "{0:,} events": (ListEvents(ADA, "acme"), "lines"),
    "{0:,} invitations sent": (ListInvitations(ADA, sent=True), "invitations"),
}


@dataclass(frozen=True)
class Sizes:
    """How many there are of everything, how often each page is read at most, and for how many seconds."""

    few: int = 1_000
    many: int = 1_000_000
    rounds: int = 300
    seconds: float = 3


@dataclass
class Page:
    """A work that reads a first page; `refused` says why there was none."""

    ask: Callable[[], Any]
    lines: str
    refused: str = ""

    def __call__(self) -> None:
        """Read it; there is something on it."""
        try:
            assert getattr(self.ask(), self.lines), "this page is empty"
        except Unavailable as failed:
            self.refused = failed.reason


def measure(place: Place, sizes: Sizes = Sizes()) -> Iterator[Row]:
    """Both databases, one after the other."""
    here = place.kinds()
    for kind in KINDS:
        if kind in here:
            yield from measured(place, kind, sizes)
        else:
            yield without(
                kind,
                f"the first page of a list, {kind}",
                f"of {sizes.few:,}",
                f"≤ {AIM} ×",
            )


def measured(place: Place, kind: str, sizes: Sizes) -> Iterator[Row]:
    """Each list on one kind of database, the short one and the long one in turn."""
    with ExitStack() as until_measured:
        few, many = (
            until_measured.enter_context(closing(filled(place, kind, n)))
            for n in (sizes.few, sizes.many)
        )
        for name, (question, lines) in LISTS.items():
            works = [
                Page(partial(core(database).query, question, AT), lines)
                for database in (few, many)
            ]
            times = by_turns(sizes.seconds, sizes.rounds, *works)
            yield page_row(
                f"first page of {name.format(sizes.many)}, {kind}",
                f"of {sizes.few:,}",
                works[1],
                *times,
            )


def page_row(
    what: str, beside: str, long: Page, few: list[float], many: list[float]
) -> Row:
    """The ratio of the medians, and the slowest of a hundred; a page that did not come misses the aim."""
    if long.refused:
        return Row(
            what,
            beside,
            f"{long.refused} after {ms(median(many))}",
            f"≤ {AIM} ×",
            met=False,
        )
    said = " against ".join(spread(times) for times in (many, few))
    return at_most(what, beside, median(many) / median(few), AIM, said)


def spread(times: list[float]) -> str:
    """The median and what one in a hundred takes at least, where there is more than one."""
    return (
        f"{ms(median(times))}, p99 {ms(percentile(times, 0.99))}"
        if len(times) > 1
        else f"{ms(times[0])} once"
    )


def filled(place: Place, kind: str, many: int) -> Database:
    """As many members of Acme as events about it, and as many whom Ada asked into another company."""
    database = Database.open(place.seeded(kind, found))
    outcome = core(database, "1").execute(
        CreateResource(caller("second"), "company", "Asking"), AT
    )
    with database.unit_of_work_factory.read(TEAM) as facts:
        assert ADA.account is not None
        acme, ada = (
            facts.resources.find_resource_by_id_or_slug("acme"),
            facts.people.find_person_by_account(ADA.account),
        )
        assert acme is not None
        assert ada is not None
    ids = {
        "acme": acme.id,
        "ada": ada.id,
        "asking": outcome.get_event(ResourceCreated).resource,
    }
    said = encode_event(
        MemberJoined(acme.id, PersonId("somebody"), "accountant", None, None)
    )
    values = {
        "said": said,
        "joined": MemberJoined.name,
        "last": outcome.recorded[-1].seq,
        **ids,
    }
    rows = [
        (statement, many)
        for statement in (PEOPLE, MEMBERS, EVENTS, INVITATIONS, OFFERS)
    ]
    write(
        database,
        kind,
        rows,
        moments={"since": AT, "later": LATER},
        **values,  # type: ignore[arg-type]
    )
    return database
