"""Acts that race, on both databases; each with the negative control that shows what the workspace's lock prevents."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from collab.answers import Accept
from collab.billing import Pay
from collab.channels import LinkChannel
from collab.digests import DAILY
from collab.events import (
    ChannelDigested,
    InvitationAccepted,
    InvitationExpired,
    InvitationSent,
    MemberRemoved,
    PersonDigested,
    Recorded,
    RequestSent,
    TeamShared,
)
from collab.invitations import Invite, Revoke
from collab.membership import ChangeRole, Leave, Remove
from collab.people import ReadProfile
from collab.preferences import Set
from collab.refusals import Refused
from collab.requests import Ask, Grant
from collab.resources import Create, Move
from collab.service import Unavailable
from collab.successions import Choose
from collab.teams import ShareWith
from collab.transfers import TransferOwnership
from collab.undelivered import ListUndelivered, SendAgain
from collab.undo import Undo
from storage.database import Database
from storage.tables import outbox
from storage.unit import StoredUnit, StoredUnits
from tests.support.builders import World
from tests.support.oracle import Naive

pytestmark = pytest.mark.slow  # races of threads, each many times

TRIALS = 3
APART = 0.02  # seconds that the first waits for the other, which the lock holds back
TOGETHER = 1.0  # the same without the lock: they meet at once
Race = Callable[[World], tuple[Any, Any]]


class Hesitant(StoredUnit):
    """Waits between the decision and its keeping until the other has decided too, if nothing holds the other back."""

    meeting: threading.Barrier

    def record(self, recorded: Sequence[Recorded], delivery: str | None) -> None:
        with suppress(threading.BrokenBarrierError):
            self.meeting.wait()
        super().record(recorded, delivery)


class HesitantUnits(StoredUnits):
    """Transactions that hesitate."""

    def __init__(self, database: Database) -> None:
        # Writers of one process would wait for their turn; the database alone must hold those of two apart.
        connections = copy(database.units._connections)
        connections._turns = connections._turns if database.is_sqlite else None
        super().__init__(connections)
        self.meeting = threading.Barrier(2, timeout=APART if self._connections.locked else TOGETHER)

    @contextmanager
    def change(self, workspace: str) -> Iterator[StoredUnit]:
        with super().change(workspace) as unit:
            hesitant = Hesitant(unit._connection, self._locked(unit._connection, workspace))
            hesitant.meeting = self.meeting
            yield hesitant


_prefixes = count(1)


def ground(database: Database) -> World:
    """A workspace of its own with Acme by Ada, in which Bo, Carl and Devi are known."""
    number = next(_prefixes)
    world = World(database, workspace=f"TR{number}", prefix=f"{number}X")
    world.collab._policy = replace(world.policy, daily_invitations=3)
    world.company()
    return world.knows("bo", "carl", "devi")


def race(world: World, *actions: Any) -> list[str]:
    """Do all at once; the outcomes by name, sorted. An act is performed; anything else is called."""
    world.collab._units = HesitantUnits(world.database)
    gate = threading.Barrier(len(actions))
    outcomes: list[str] = []

    def run(action: Any) -> None:
        gate.wait()
        try:
            if callable(action):
                outcomes.append(action())
            else:
                world.collab.perform(action, world.at)
                outcomes.append("done")
        except (Refused, Unavailable) as refused:
            outcomes.append(type(refused).__name__)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def holds(world: World) -> bool:
    """Whether nothing is without those who must stay, but where somebody is to be chosen."""
    so = Naive()
    for recorded in world.history():
        so.learn(recorded)
    return all(so.stays(thing) or so.waits_for_somebody(thing) for thing in so.things)


def two_accepts(world: World) -> tuple[Any, Any]:
    invitation = world.invite("carl")
    first, second = (Accept(world.by("carl", "button", f"action:{n}"), invitation) for n in range(2))
    return first, second


def accept_against_revoke(world: World) -> tuple[Any, Any]:
    invitation = world.invite("carl")
    return Accept(world.by("carl"), invitation), Revoke(world.by("ada"), invitation)


def sweep(world: World, at: datetime) -> Callable[[], str]:
    """Do what is due in one transaction, without the repetition that mends one that failed."""
    return lambda: f"{world.collab._do_due(world.workspace, at)} due"


def accept_against_expiry(world: World) -> tuple[Any, Any]:
    invitation = world.invite("carl")
    expires = world.invitation(invitation).expires
    world.at = expires - timedelta(seconds=1)
    world.collab.pass_time(world.at)
    return Accept(world.by("carl"), invitation), sweep(world, expires)


def accept_against_the_end_of_its_inviter(world: World) -> tuple[Any, Any]:
    world.member("devi")
    return Accept(world.by("carl"), world.invite("carl", by="devi")), Remove(
        world.by("ada"), world.account("devi"), "acme"
    )


def two_of_a_team_answer(world: World) -> tuple[Any, Any]:
    world.do(Create(world.by("bo"), "team", "Crew"))
    world.member("carl", "unlimited", "crew", by="bo")
    world.member("ada", "limited", "crew", by="bo")
    world.do(Create(world.by("ada"), "app", "Shop", "acme"))
    invitation = world.do(ShareWith(world.by("ada"), "shop", "crew", "manager")).first(InvitationSent).invitation
    return Accept(world.by("bo"), invitation), Accept(world.by("carl"), invitation)


def two_sets_that_overlap(world: World) -> tuple[Any, Any]:
    world.member("devi", "owner")
    for title in ("One", "Two", "Three"):
        world.do(Create(world.by("ada"), "app", title, "acme"))
    carl = world.account("carl")
    first = Invite(world.by("ada"), carl, "developer", ("one", "two"))
    return first, Invite(world.by("devi"), carl, "developer", ("two", "three"))


def two_for_the_last_place_of_the_day(world: World) -> tuple[Any, Any]:
    for who in ("bo", "carl"):
        world.invite(who)
    by = world.by("ada")
    return Invite(by, world.account("devi"), "admin", "acme"), Invite(by, world.account("eve"), "admin", "acme")


def two_owners_leave(world: World) -> tuple[Any, Any]:
    world.member("carl", "owner")
    return Leave(world.by("ada"), "acme"), Leave(world.by("carl"), "acme")


def two_leave(kind: str, role: str) -> Race:
    """The two last who must stay, on something that stands in nothing."""

    def play(world: World) -> tuple[Any, Any]:
        world.do(Create(world.by("ada"), kind, "Thing"))
        world.member("carl", role, "thing")
        return Leave(world.by("ada"), "thing"), Leave(world.by("carl"), "thing")

    return play


def two_choose_who_follows(world: World) -> tuple[Any, Any]:
    """A project whose owner is gone; two who look after the workspace each choose somebody else."""
    world.do(Create(world.by("bo"), "project", "Site"))
    for who in ("carl", "devi"):
        world.member(who, "administrator", "site", by="bo")
    world.knows("ivy", "joe", admin=True).profile("bo", active=False)
    first, second = (Choose(world.by(by), world.account(who), "site") for by, who in (("ivy", "carl"), ("joe", "devi")))
    return first, second


def paid(world: World) -> None:
    """An app that stands in nothing, with Ada as its admin; Bo's card pays for it."""
    world.do(Create(world.by("ada"), "app", "Solo"))
    world.do(Create(world.by("bo"), "payment", "Card"))
    world.member("bo", "admin", "solo")
    world.do(Pay(world.by("bo"), "solo", "card"))
    world.leave("bo", "solo")


def detach_against_the_last_admin(world: World) -> tuple[Any, Any]:
    paid(world)
    return Pay(world.by("bo"), "solo", None), Leave(world.by("ada"), "solo")


def detach_against_a_demotion(world: World) -> tuple[Any, Any]:
    paid(world)
    return Pay(world.by("bo"), "solo", None), ChangeRole(world.by("bo"), world.account("ada"), "manager", "solo")


def move_out_against_the_last_admin(world: World) -> tuple[Any, Any]:
    world.do(Create(world.by("ada"), "app", "Shop", "acme"))
    world.member("carl", "admin", "shop")
    return Move(world.by("ada"), "shop", None), Leave(world.by("carl"), "shop")


def handed_over(world: World) -> None:
    """A project in Ada's company, of which Carl is the direct owner."""
    world.do(Create(world.by("ada"), "project", "Site", "acme"))
    world.accept("carl", offered(world, "ada", "carl", "site"))


def offered(world: World, by: str, who: str, what: str) -> str:
    sent = world.do(TransferOwnership(world.by(by), world.account(who), what)).first(InvitationSent)
    return str(sent.invitation)


def two_take_a_project_over(world: World) -> tuple[Any, Any]:
    handed_over(world)
    by_company, by_owner = (offered(world, by, who, "site") for by, who in (("ada", "bo"), ("carl", "devi")))
    return Accept(world.by("bo"), by_company), Accept(world.by("devi"), by_owner)


def migrate_out_against_the_direct_owner(world: World) -> tuple[Any, Any]:
    handed_over(world)
    return Move(world.by("ada"), "site", None), Leave(world.by("carl"), "site")


def move_out_against_the_direct_holder(world: World) -> tuple[Any, Any]:
    world.do(Create(world.by("ada"), "payment", "Card", "acme"))
    world.member("carl", "holder", "card")
    return Move(world.by("ada"), "card", None), Leave(world.by("carl"), "card")


def undo_against_a_new_owner(world: World) -> tuple[Any, Any]:
    handed_over(world)
    seq = world.leave("carl", "site").recorded[0].seq
    return Undo(world.by("carl"), seq), Accept(world.by("bo"), offered(world, "ada", "bo", "site"))


def one_owner_at_most(world: World) -> bool:
    """Whether the rules hold, and no project has two direct owners."""
    so = Naive()
    for recorded in world.history():
        so.learn(recorded)
    owned = [thing for thing, _, role, _ in so.roles if role == "owner" and so.kind(thing) == "project"]
    return holds(world) and len(owned) == len(set(owned))


def leave_against_deactivation(world: World) -> tuple[Any, Any]:
    world.member("carl", "owner")
    said = ("Ada", None, "UTC", None, False, False, False)
    return Leave(world.by("carl"), "acme"), ReadProfile(world.nobody("slack"), world.account("ada"), *said)


def two_grants(world: World) -> tuple[Any, Any]:
    world.member("devi", "owner")
    world.member("carl", "accountant")
    request = world.do(Ask(world.by("carl"), "admin", "acme")).first(RequestSent).request
    return Grant(world.by("ada"), request), Grant(world.by("devi"), request)


def two_undos(world: World) -> tuple[Any, Any]:
    world.member("carl")
    seq = world.remove("carl").recorded[0].seq
    return Undo(world.by("ada"), seq), Undo(world.by("ada"), seq)


def undo_against_a_new_yes(world: World) -> tuple[Any, Any]:
    world.member("carl")
    seq = world.remove("carl").recorded[0].seq
    return Undo(world.by("ada"), seq), Accept(world.by("carl"), world.invite("carl"))


def two_sweeps_for_one_digest(world: World) -> tuple[Any, Any]:
    world.do(LinkChannel(world.by("ada"), "CACME", "acme", (), DAILY))
    world.member("carl")
    tomorrow = world.at + timedelta(days=1)
    return (sweep(world, tomorrow),) * 2


def channel_told_once(world: World) -> bool:
    mine = select(outbox.c.id).where(outbox.c.workspace == world.workspace, outbox.c.message == "digest")
    with world.database.engine.begin() as connection:
        told = len(connection.execute(mine).all())
    return [e.many for e in world.happened(ChannelDigested)] == [1] and told == 1


def two_sweeps_over_a_digest(world: World) -> tuple[Any, Any]:
    world.member("carl")
    world.do(Set(world.by("ada"), "notices", "digest"))
    world.leave("carl")
    world.at += timedelta(days=1)
    return (sweep(world, world.at),) * 2


def two_who_send_it_again(world: World) -> tuple[Any, Any]:
    invitation = world.invite("p@example.com")
    while claimed := world.database.outbox.claim(100, timedelta(seconds=60)):
        for delivery in claimed:
            if delivery.about == invitation and delivery.message == "invitation":
                world.database.outbox.dead(delivery, "no_account")
            else:
                world.database.outbox.sent(delivery)
    [lost] = world.collab.ask(ListUndelivered(world.by("ada")), world.at)
    again = SendAgain(world.by("ada"), lost.delivery.id)
    return again, again


def told_once(world: World) -> bool:
    return len(world.happened(PersonDigested)) == 1


def answered_once(world: World) -> bool:
    return len(world.happened(InvitationAccepted)) + len(world.happened(InvitationExpired)) == 1


def shared_once(world: World) -> bool:
    return len(world.happened(TeamShared)) == 1


def nobody_joined_by_somebody_gone(world: World) -> bool:
    """A yes after the removal would come after it in the record."""
    names = [type(r.event) for r in world.history() if type(r.event) in {InvitationAccepted, MemberRemoved}]
    return names[-1] is MemberRemoved


def nothing_waits_twice(world: World) -> bool:
    waiting = [place for i in world.waiting("carl") for place in world.invitation(i).resources]
    return len(waiting) == len(set(waiting)) > 0


def three_were_sent(world: World) -> bool:
    return len(world.happened(InvitationSent)) == 3


@dataclass(frozen=True)
class Contest:
    """Two acts, the outcomes that they may have between them, and what must be so when both are over."""

    play: Race
    outcomes: tuple[str, ...]
    sound: Callable[[World], bool] = holds


LAST = ("LastHolder done",)
OWNED_AGAIN = ("NothingToUndo done", "done done")
RACES = {
    "two accepts": Contest(two_accepts, ("AlreadyAnswered done",), answered_once),
    "accept against revoke": Contest(accept_against_revoke, ("AlreadyAnswered done",)),
    "accept against expiry": Contest(accept_against_expiry, ("0 due done", "1 due AlreadyAnswered"), answered_once),
    "accept against the end of its inviter": Contest(
        accept_against_the_end_of_its_inviter, ("done done", "AlreadyAnswered done"), nobody_joined_by_somebody_gone
    ),
    "two of a team answering": Contest(two_of_a_team_answer, ("AlreadyAnswered done",), shared_once),
    "two invitations over sets that overlap": Contest(two_sets_that_overlap, ("done done",), nothing_waits_twice),
    "two for the last place of the day": Contest(
        two_for_the_last_place_of_the_day, ("TooManyToday done",), three_were_sent
    ),
    "two last owners leaving": Contest(two_owners_leave, LAST),
    "two last unlimited members leaving": Contest(two_leave("team", "unlimited"), LAST),
    "two last holders leaving": Contest(two_leave("payment", "holder"), LAST),
    "two last admins leaving": Contest(two_leave("app", "admin"), LAST),
    "two choosing who follows": Contest(two_choose_who_follows, ("NobodyMissing done", "UnknownResource done")),
    "detach against the last admin leaving": Contest(detach_against_the_last_admin, LAST),
    "detach against a demotion": Contest(detach_against_a_demotion, (*LAST, "UnknownResource done")),
    "move out against the last admin leaving": Contest(move_out_against_the_last_admin, LAST),
    "two taking a project over": Contest(
        two_take_a_project_over, ("AlreadyAnswered done", "done done"), one_owner_at_most
    ),
    "migrate out against the direct owner leaving": Contest(
        migrate_out_against_the_direct_owner, (*LAST, "done done"), one_owner_at_most
    ),
    "move out against the direct holder leaving": Contest(move_out_against_the_direct_holder, (*LAST, "done done")),
    "undo against a new owner": Contest(undo_against_a_new_owner, OWNED_AGAIN, one_owner_at_most),
    "leave against deactivation": Contest(leave_against_deactivation, (*LAST, "done done")),
    "two grants": Contest(two_grants, ("RequestAnswered done",)),
    "two undos": Contest(two_undos, ("AlreadyUndone done",)),
    "two sweeps for one digest": Contest(two_sweeps_for_one_digest, ("0 due 1 due",), channel_told_once),
    "two sweeps over a digest": Contest(two_sweeps_over_a_digest, ("0 due 1 due",), told_once),
    "two who send it again": Contest(two_who_send_it_again, ("NothingToSend done",)),
    "undo against a new yes": Contest(undo_against_a_new_yes, ("AlreadyHolds done", "AlreadyUndone done")),
}


def trial(database: Database, contest: Contest) -> str:
    """How one race ends."""
    world = ground(database)
    outcome = " ".join(race(world, *contest.play(world)))
    return outcome if contest.sound(world) else f"{outcome}, and what must hold does not"


@pytest.mark.rule("INV-03")
@pytest.mark.rule("INV-04")
@pytest.mark.rule("EVT-06")
@pytest.mark.rule("INV-13")
@pytest.mark.rule("MEM-08")
@pytest.mark.rule("MEM-09")
@pytest.mark.rule("MEM-11")
@pytest.mark.rule("MEM-12")
@pytest.mark.rule("RES-05")
@pytest.mark.parametrize("name", RACES)
def test_what_races_ends_as_if_one_came_after_the_other(database: Database, name: str) -> None:
    contest = RACES[name]
    outcomes = Counter(trial(database, contest) for _ in range(TRIALS))
    assert set(outcomes) <= set(contest.outcomes), outcomes


@pytest.mark.parametrize("backend", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
@pytest.mark.parametrize("name", RACES)
def test_without_the_lock_the_same_race_breaks(request: pytest.FixtureRequest, backend: str, name: str) -> None:
    contest = RACES[name]
    with closing(Database.open(request.getfixturevalue(f"{backend}_url"), locked=False)) as unlocked:
        outcomes = Counter(trial(unlocked, contest) for _ in range(TRIALS))
    assert not set(outcomes) <= set(contest.outcomes), outcomes


@pytest.mark.rule("INV-03")
def test_two_who_invite_the_same_person_at_once_leave_one_pending(database: Database) -> None:
    world = ground(database)
    world.member("devi", "owner")
    first, second = (Invite(world.by(w), world.account("carl"), "admin", "acme") for w in ("ada", "devi"))
    assert race(world, first, second) == ["done", "done"]
    assert len(world.waiting("carl")) == 1


def test_two_starts_at_once_install_the_workspace_once(database: Database) -> None:
    worlds: list[World] = []
    threads = [threading.Thread(target=lambda: worlds.append(World(database, workspace="TNEW"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(worlds) == 3
    assert [type(r.event).__name__ for r in worlds[0].history()] == ["WorkspaceInstalled"]
