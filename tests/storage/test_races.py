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

from collab.access_requests import ApproveRequest, RequestAccess
from collab.billing.payment_methods import SetPaymentMethod
from collab.billing.transfers import TransferOwnership
from collab.channels import LinkChannel
from collab.confirmation import ConfirmedPreview, compute_digest
from collab.errors import Rejected
from collab.events import (
    DigestSent,
    InvitationAccepted,
    InvitationExpired,
    InvitationSent,
    MemberRemoved,
    RecordedEvent,
    RequestSent,
    TeamShared,
)
from collab.invitations.answers import AcceptInvitation
from collab.invitations.commands import InviteToResource, RevokeInvitation
from collab.memberships.commands import ChangeRole, LeaveResource, RemoveMember
from collab.memberships.offboarding import OffboardPerson
from collab.memberships.undo import UndoDeparture
from collab.model import ChannelId, Frequency, InvitationId, WorkspaceId
from collab.moves import MoveResource
from collab.notifications.failed import ListFailedDeliveries, RetryDelivery
from collab.people import UpdateProfile
from collab.removal_impact import PreviewRemoval
from collab.resources import CreateResource
from collab.settings import ChangeSettings
from collab.successions import ChooseSuccessor
from collab.teams import ShareWithTeam
from collab.unit_of_work import Unavailable
from storage.database import Database
from storage.tables import outbox
from storage.unit_of_work import StoredUnitOfWork, StoredUnitOfWorkFactory
from tests.support.builders import Scenario
from tests.support.oracle import OracleState

# Races of threads, each many times.
pytestmark = [pytest.mark.slow, pytest.mark.pooled]

TRIALS = 3
APART = 0.02  # seconds that the first waits for the other, which the lock holds back
TOGETHER = 1.0  # the same without the lock: they meet at once
Race = Callable[[Scenario], tuple[Any, Any]]


class Hesitant(StoredUnitOfWork):
    """Waits before the decision is stored until the other has decided too, unless the other is blocked."""

    meeting: threading.Barrier

    def append(self, recorded: Sequence[RecordedEvent], delivery: str | None) -> None:
        with suppress(threading.BrokenBarrierError):
            self.meeting.wait()
        super().append(recorded, delivery)


class HesitantUnits(StoredUnitOfWorkFactory):
    """Transactions that hesitate."""

    def __init__(self, database: Database) -> None:
        # Writers of one process would wait for their turn; the database alone must hold those of two apart.
        connections = copy(database.unit_of_work_factory._connections)
        connections._writer_queue = (
            connections._writer_queue if database.is_sqlite else None
        )
        super().__init__(connections)
        self.meeting = threading.Barrier(
            2, timeout=APART if self._connections.is_locking else TOGETHER
        )

    @contextmanager
    def write(self, workspace: WorkspaceId) -> Iterator[StoredUnitOfWork]:
        with super().write(workspace) as unit:
            hesitant = Hesitant(
                unit._connection, self._lock_workspace(unit._connection, workspace)
            )
            hesitant.meeting = self.meeting
            yield hesitant


_prefixes = count(1)


def ground(database: Database) -> Scenario:
    """A workspace of its own with Acme by Ada, in which Bo, Carl and Devi are known."""
    number = next(_prefixes)
    world = Scenario(
        database, workspace=WorkspaceId(f"TR{number}"), id_prefix=f"{number}X"
    )
    world.bus._policy = replace(world.policy, daily_invitations=3)
    world.create_company()
    return world.register_people("bo", "carl", "devi")


def race(world: Scenario, *actions: Any) -> list[str]:
    """Do all at once; the outcomes by name, sorted. An act is performed; anything else is called."""
    world.bus._units = HesitantUnits(world.database)
    gate = threading.Barrier(len(actions))
    outcomes: list[str] = []

    def run(action: Any) -> None:
        gate.wait()
        try:
            if callable(action):
                outcomes.append(action())
            else:
                world.bus.execute(action, world.at)
                outcomes.append("done")
        except (Rejected, Unavailable) as refused:
            outcomes.append(type(refused).__name__)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def holds(world: Scenario) -> bool:
    """Whether nothing is without those who must stay, but where a person is to be chosen."""
    so = OracleState()
    for recorded in world.list_recorded_events():
        so.apply_event(recorded)
    return all(
        so.has_required_role(thing) or so.has_open_succession(thing)
        for thing in so.resources
    )


def two_accepts(world: Scenario) -> tuple[Any, Any]:
    invitation = world.send_invitation("carl")
    first, second = (
        AcceptInvitation(world.caller_for("carl", "button", f"action:{n}"), invitation)
        for n in range(2)
    )
    return first, second


def two_who_offboard_each_other(world: Scenario) -> tuple[Any, Any]:
    world.execute(CreateResource(world.caller_for("ada"), "team", "Crew"))
    world.add_member("bo", "unlimited", "crew")
    return (
        OffboardPerson(world.caller_for("ada"), world.account_of("bo")),
        OffboardPerson(world.caller_for("bo"), world.account_of("ada")),
    )


def offboarding_against_a_leave(world: Scenario) -> tuple[Any, Any]:
    world.execute(CreateResource(world.caller_for("ada"), "team", "Crew"))
    world.add_member("bo", "unlimited", "crew")
    return (
        OffboardPerson(world.caller_for("ada"), world.account_of("bo")),
        LeaveResource(world.caller_for("ada"), "crew"),
    )


def accept_against_revoke(world: Scenario) -> tuple[Any, Any]:
    invitation = world.send_invitation("carl")
    return AcceptInvitation(world.caller_for("carl"), invitation), RevokeInvitation(
        world.caller_for("ada"), invitation
    )


def sweep(world: Scenario, at: datetime) -> Callable[[], str]:
    """Do what is due in one transaction, without the repetition that mends one that failed."""
    return lambda: (
        f"{world.bus.due_work_runner().run_batch_once(world.workspace, at)} due"
    )


def accept_against_expiry(world: Scenario) -> tuple[Any, Any]:
    invitation = world.send_invitation("carl")
    expires = world.get_invitation(invitation).expires
    world.at = expires - timedelta(seconds=1)
    world.bus.run_due(world.at)
    return AcceptInvitation(world.caller_for("carl"), invitation), sweep(world, expires)


def accept_against_the_end_of_its_inviter(world: Scenario) -> tuple[Any, Any]:
    world.add_member("devi")
    return AcceptInvitation(
        world.caller_for("carl"), world.send_invitation("carl", by="devi")
    ), RemoveMember(world.caller_for("ada"), world.account_of("devi"), "acme")


def two_of_a_team_answer(world: Scenario) -> tuple[Any, Any]:
    world.execute(CreateResource(world.caller_for("bo"), "team", "Crew"))
    world.add_member("carl", "unlimited", "crew", by="bo")
    world.add_member("ada", "limited", "crew", by="bo")
    world.execute(CreateResource(world.caller_for("ada"), "app", "Shop", "acme"))
    invitation = (
        world.execute(ShareWithTeam(world.caller_for("ada"), "shop", "crew", "manager"))
        .get_event(InvitationSent)
        .invitation
    )
    return AcceptInvitation(world.caller_for("bo"), invitation), AcceptInvitation(
        world.caller_for("carl"), invitation
    )


def two_sets_that_overlap(world: Scenario) -> tuple[Any, Any]:
    world.add_member("devi", "owner")
    for title in ("One", "Two", "Three"):
        world.execute(CreateResource(world.caller_for("ada"), "app", title, "acme"))
    carl = world.account_of("carl")
    first = InviteToResource(world.caller_for("ada"), carl, "developer", ("one", "two"))
    return first, InviteToResource(
        world.caller_for("devi"), carl, "developer", ("two", "three")
    )


def two_for_the_last_place_of_the_day(world: Scenario) -> tuple[Any, Any]:
    for who in ("bo", "carl"):
        world.send_invitation(who)
    by = world.caller_for("ada")
    return InviteToResource(
        by, world.account_of("devi"), "admin", "acme"
    ), InviteToResource(by, world.account_of("eve"), "admin", "acme")


def two_owners_leave(world: Scenario) -> tuple[Any, Any]:
    world.add_member("carl", "owner")
    return LeaveResource(world.caller_for("ada"), "acme"), LeaveResource(
        world.caller_for("carl"), "acme"
    )


def two_leave(kind: str, role: str) -> Race:
    """The two last who must stay, on something that stands in nothing."""

    def play(world: Scenario) -> tuple[Any, Any]:
        world.execute(CreateResource(world.caller_for("ada"), kind, "Thing"))
        world.add_member("carl", role, "thing")
        return LeaveResource(world.caller_for("ada"), "thing"), LeaveResource(
            world.caller_for("carl"), "thing"
        )

    return play


def two_choose_who_follows(world: Scenario) -> tuple[Any, Any]:
    """A project whose owner is gone; two who look after the workspace each choose another person."""
    world.execute(CreateResource(world.caller_for("bo"), "project", "Site"))
    for who in ("carl", "devi"):
        world.add_member(who, "administrator", "site", by="bo")
    world.register_people("ivy", "joe", admin=True).read_profile("bo", active=False)
    first, second = (
        ChooseSuccessor(world.caller_for(by), world.account_of(who), "site")
        for by, who in (("ivy", "carl"), ("joe", "devi"))
    )
    return first, second


def paid(world: Scenario) -> None:
    """An app that stands in nothing, with Ada as its admin; Bo's card pays for it."""
    world.execute(CreateResource(world.caller_for("ada"), "app", "Solo"))
    world.execute(CreateResource(world.caller_for("bo"), "payment", "Card"))
    world.add_member("bo", "admin", "solo")
    world.execute(SetPaymentMethod(world.caller_for("bo"), "solo", "card"))
    world.leave_resource("bo", "solo")


def detach_against_the_last_admin(world: Scenario) -> tuple[Any, Any]:
    paid(world)
    return SetPaymentMethod(world.caller_for("bo"), "solo", None), LeaveResource(
        world.caller_for("ada"), "solo"
    )


def detach_against_a_demotion(world: Scenario) -> tuple[Any, Any]:
    paid(world)
    return SetPaymentMethod(world.caller_for("bo"), "solo", None), ChangeRole(
        world.caller_for("bo"), world.account_of("ada"), "manager", "solo"
    )


def move_out_against_the_last_admin(world: Scenario) -> tuple[Any, Any]:
    world.execute(CreateResource(world.caller_for("ada"), "app", "Shop", "acme"))
    world.add_member("carl", "admin", "shop")
    return MoveResource(world.caller_for("ada"), "shop", None), LeaveResource(
        world.caller_for("carl"), "shop"
    )


def handed_over(world: Scenario) -> None:
    """A project in Ada's company, of which Carl is the direct owner."""
    world.execute(CreateResource(world.caller_for("ada"), "project", "Site", "acme"))
    world.accept_invitation("carl", offered(world, "ada", "carl", "site"))


def offered(world: Scenario, by: str, who: str, what: str) -> InvitationId:
    sent = world.execute(
        TransferOwnership(world.caller_for(by), world.account_of(who), what)
    ).get_event(InvitationSent)
    return InvitationId(sent.invitation)


def two_take_a_project_over(world: Scenario) -> tuple[Any, Any]:
    handed_over(world)
    by_company, by_owner = (
        offered(world, by, who, "site") for by, who in (("ada", "bo"), ("carl", "devi"))
    )
    return AcceptInvitation(world.caller_for("bo"), by_company), AcceptInvitation(
        world.caller_for("devi"), by_owner
    )


def migrate_out_against_the_direct_owner(world: Scenario) -> tuple[Any, Any]:
    handed_over(world)
    return MoveResource(world.caller_for("ada"), "site", None), LeaveResource(
        world.caller_for("carl"), "site"
    )


def move_out_against_the_direct_holder(world: Scenario) -> tuple[Any, Any]:
    world.execute(CreateResource(world.caller_for("ada"), "payment", "Card", "acme"))
    world.add_member("carl", "holder", "card")
    return MoveResource(world.caller_for("ada"), "card", None), LeaveResource(
        world.caller_for("carl"), "card"
    )


def undo_against_a_new_owner(world: Scenario) -> tuple[Any, Any]:
    handed_over(world)
    seq = world.leave_resource("carl", "site").recorded[0].seq
    return UndoDeparture(world.caller_for("carl"), seq), AcceptInvitation(
        world.caller_for("bo"), offered(world, "ada", "bo", "site")
    )


def one_owner_at_most(world: Scenario) -> bool:
    """Whether the rules hold, and no project has two direct owners."""
    so = OracleState()
    for recorded in world.list_recorded_events():
        so.apply_event(recorded)
    owned = [
        thing
        for thing, _, role, _ in so.roles
        if role == "owner" and so.kind_of(thing) == "project"
    ]
    return holds(world) and len(owned) == len(set(owned))


def leave_against_deactivation(world: Scenario) -> tuple[Any, Any]:
    world.add_member("carl", "owner")
    said = ("Ada", None, "UTC", None, False, False, False)
    return LeaveResource(world.caller_for("carl"), "acme"), UpdateProfile(
        world.system_caller("slack"), world.account_of("ada"), *said
    )


def two_grants(world: Scenario) -> tuple[Any, Any]:
    world.add_member("devi", "owner")
    world.add_member("carl", "accountant")
    request = (
        world.execute(RequestAccess(world.caller_for("carl"), "admin", "acme"))
        .get_event(RequestSent)
        .request
    )
    return ApproveRequest(world.caller_for("ada"), request), ApproveRequest(
        world.caller_for("devi"), request
    )


def two_undos(world: Scenario) -> tuple[Any, Any]:
    world.add_member("carl")
    seq = world.remove_member("carl").recorded[0].seq
    return UndoDeparture(world.caller_for("ada"), seq), UndoDeparture(
        world.caller_for("ada"), seq
    )


def confirmed_removal_against_a_new_role(world: Scenario) -> tuple[Any, Any]:
    world.execute(CreateResource(world.caller_for("ada"), "app", "Shop", "acme"))
    world.add_member("devi", "developer", "shop")
    ada, devi = world.caller_for("ada"), world.account_of("devi")
    query = PreviewRemoval(ada, devi, "shop")
    digest = compute_digest(world.bus.query(query, world.at))

    def confirm() -> str:
        command = RemoveMember(ada, devi, "shop")
        confirmed = ConfirmedPreview(query, digest)
        world.bus.execute(command, world.at, confirmed=confirmed)
        return "done"

    return confirm, ChangeRole(ada, devi, "manager", "shop")


def undo_against_a_new_yes(world: Scenario) -> tuple[Any, Any]:
    world.add_member("carl")
    seq = world.remove_member("carl").recorded[0].seq
    return UndoDeparture(world.caller_for("ada"), seq), AcceptInvitation(
        world.caller_for("carl"), world.send_invitation("carl")
    )


def two_sweeps_for_one_digest(world: Scenario) -> tuple[Any, Any]:
    world.execute(
        LinkChannel(
            world.caller_for("ada"), ChannelId("CACME"), "acme", (), Frequency.DAILY
        )
    )
    world.add_member("carl")
    tomorrow = world.at + timedelta(days=1)
    return (sweep(world, tomorrow),) * 2


def channel_digest_sent_once(world: Scenario) -> bool:
    mine = select(outbox.c.id).where(
        outbox.c.workspace == world.workspace, outbox.c.message == "digest"
    )
    with world.database.engine.begin() as connection:
        digest_count = len(connection.execute(mine).all())
    item_counts = [e.item_count for e in world.events_of_type(DigestSent)]
    return item_counts == [1] and digest_count == 1


def two_sweeps_over_a_digest(world: Scenario) -> tuple[Any, Any]:
    world.add_member("carl")
    world.execute(ChangeSettings(world.caller_for("ada"), {"notices": "digest"}))
    world.leave_resource("carl")
    world.at += timedelta(days=1)
    return (sweep(world, world.at),) * 2


def two_who_send_it_again(world: Scenario) -> tuple[Any, Any]:
    invitation = world.send_invitation("p@example.com")
    while claimed := world.database.outbox.claim_deliveries(100, timedelta(seconds=60)):
        for delivery in claimed:
            if delivery.subject_id == invitation and delivery.message == "invitation":
                world.database.outbox.mark_failed(delivery, "no_account")
            else:
                world.database.outbox.mark_sent(delivery)
    [lost] = world.bus.query(ListFailedDeliveries(world.caller_for("ada")), world.at)
    again = RetryDelivery(world.caller_for("ada"), lost.delivery.id)
    return again, again


def person_digest_sent_once(world: Scenario) -> bool:
    return len(world.events_of_type(DigestSent)) == 1


def answered_once(world: Scenario) -> bool:
    return (
        len(world.events_of_type(InvitationAccepted))
        + len(world.events_of_type(InvitationExpired))
        == 1
    )


def shared_once(world: Scenario) -> bool:
    return len(world.events_of_type(TeamShared)) == 1


def nobody_joined_by_a_person_gone(world: Scenario) -> bool:
    """A yes after the removal would come after it in the event log."""
    names = [
        type(r.event)
        for r in world.list_recorded_events()
        if type(r.event) in {InvitationAccepted, MemberRemoved}
    ]
    return names[-1] is MemberRemoved


def nothing_waits_twice(world: Scenario) -> bool:
    waiting = [
        place
        for i in world.pending_invitation_ids("carl")
        for place in world.get_invitation(i).resources
    ]
    return len(waiting) == len(set(waiting)) > 0


def three_were_sent(world: Scenario) -> bool:
    return len(world.events_of_type(InvitationSent)) == 3


@dataclass(frozen=True)
class Contest:
    """Two acts, the outcomes that they may have between them, and what must be so when both are over."""

    play: Race
    outcomes: tuple[str, ...]
    sound: Callable[[Scenario], bool] = holds


LAST = ("LastHolder done",)
OWNED_AGAIN = ("NothingToUndo done", "done done")
RACES = {
    "two accepts": Contest(two_accepts, ("AlreadyAnswered done",), answered_once),
    "accept against revoke": Contest(accept_against_revoke, ("AlreadyAnswered done",)),
    "accept against expiry": Contest(
        accept_against_expiry, ("0 due done", "1 due AlreadyAnswered"), answered_once
    ),
    "accept against the end of its inviter": Contest(
        accept_against_the_end_of_its_inviter,
        ("done done", "AlreadyAnswered done"),
        nobody_joined_by_a_person_gone,
    ),
    "two of a team answering": Contest(
        two_of_a_team_answer, ("AlreadyAnswered done",), shared_once
    ),
    "two invitations over sets that overlap": Contest(
        two_sets_that_overlap, ("done done",), nothing_waits_twice
    ),
    "two for the last place of the day": Contest(
        two_for_the_last_place_of_the_day, ("TooManyToday done",), three_were_sent
    ),
    "two last owners leaving": Contest(two_owners_leave, LAST),
    "two last unlimited members leaving": Contest(two_leave("team", "unlimited"), LAST),
    "two last holders leaving": Contest(two_leave("payment", "holder"), LAST),
    "two last admins leaving": Contest(two_leave("app", "admin"), LAST),
    "two who offboard each other": Contest(
        two_who_offboard_each_other, ("NothingToOffboard done",)
    ),
    "an offboarding against a leave": Contest(
        offboarding_against_a_leave, (*LAST, "NothingToOffboard done")
    ),
    "two who choose a successor": Contest(
        two_choose_who_follows, ("NobodyMissing done", "UnknownResource done")
    ),
    "detach against the last admin leaving": Contest(
        detach_against_the_last_admin, LAST
    ),
    "detach against a demotion": Contest(
        detach_against_a_demotion, (*LAST, "UnknownResource done")
    ),
    "move out against the last admin leaving": Contest(
        move_out_against_the_last_admin, LAST
    ),
    "two taking a project over": Contest(
        two_take_a_project_over,
        ("AlreadyAnswered done", "done done"),
        one_owner_at_most,
    ),
    "migrate out against the direct owner leaving": Contest(
        migrate_out_against_the_direct_owner, (*LAST, "done done"), one_owner_at_most
    ),
    "move out against the direct holder leaving": Contest(
        move_out_against_the_direct_holder, (*LAST, "done done")
    ),
    "undo against a new owner": Contest(
        undo_against_a_new_owner, OWNED_AGAIN, one_owner_at_most
    ),
    "leave against deactivation": Contest(
        leave_against_deactivation, (*LAST, "done done")
    ),
    "two grants": Contest(two_grants, ("RequestAnswered done",)),
    "two undos": Contest(two_undos, ("AlreadyUndone done",)),
    "two sweeps for one digest": Contest(
        two_sweeps_for_one_digest, ("0 due 1 due",), channel_digest_sent_once
    ),
    "two sweeps over a digest": Contest(
        two_sweeps_over_a_digest, ("0 due 1 due",), person_digest_sent_once
    ),
    "two who send it again": Contest(two_who_send_it_again, ("NothingToSend done",)),
    "a confirmed removal against a new role": Contest(
        confirmed_removal_against_a_new_role,
        ("NotAMember done", "PreviewChanged done"),
    ),
    "undo against a new yes": Contest(
        undo_against_a_new_yes, ("AlreadyHolds done", "AlreadyUndone done")
    ),
}


def trial(database: Database, contest: Contest) -> str:
    """How one race ends."""
    world = ground(database)
    outcome = " ".join(race(world, *contest.play(world)))
    return (
        outcome if contest.sound(world) else f"{outcome}, and what must hold does not"
    )


@pytest.mark.rule("INV-03")
@pytest.mark.rule("INV-04")
@pytest.mark.rule("EVT-06")
@pytest.mark.rule("INV-13")
@pytest.mark.rule("MEM-08")
@pytest.mark.rule("MEM-09")
@pytest.mark.rule("MEM-11")
@pytest.mark.rule("MEM-12")
@pytest.mark.rule("RES-05")
@pytest.mark.rule("RES-06")
@pytest.mark.parametrize("name", RACES)
def test_what_races_ends_as_if_one_came_after_the_other(
    database: Database, name: str
) -> None:
    contest = RACES[name]
    outcomes = Counter(trial(database, contest) for _ in range(TRIALS))
    assert set(outcomes) <= set(contest.outcomes), outcomes


@pytest.mark.parametrize(
    "backend", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
@pytest.mark.parametrize("name", RACES)
def test_without_the_lock_the_same_race_breaks(
    request: pytest.FixtureRequest, backend: str, name: str
) -> None:
    contest = RACES[name]
    with closing(
        Database.open(request.getfixturevalue(f"{backend}_url"), is_locking=False)
    ) as unlocked:
        assert any(
            trial(unlocked, contest) not in contest.outcomes for _ in range(TRIALS)
        )


@pytest.mark.rule("INV-03")
def test_two_who_invite_the_same_person_at_once_leave_one_pending(
    database: Database,
) -> None:
    world = ground(database)
    world.add_member("devi", "owner")
    first, second = (
        InviteToResource(world.caller_for(w), world.account_of("carl"), "admin", "acme")
        for w in ("ada", "devi")
    )
    assert race(world, first, second) == ["done", "done"]
    assert len(world.pending_invitation_ids("carl")) == 1


def test_two_starts_at_once_install_the_workspace_once(database: Database) -> None:
    worlds: list[Scenario] = []
    threads = [
        threading.Thread(
            target=lambda: worlds.append(
                Scenario(database, workspace=WorkspaceId("TNEW"))
            )
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(worlds) == 3
    assert [type(r.event).__name__ for r in worlds[0].list_recorded_events()] == [
        "WorkspaceInstalled"
    ]
