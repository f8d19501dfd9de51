"""One human is one person, however they were met and whichever team their account was named with (PER-02)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collab import refusals
from collab.answers import Mute
from collab.events import (
    Event,
    InvitationRevoked,
    InvitationSent,
    MemberJoined,
    PersonMerged,
    PersonProfiled,
    PersonRecognised,
    Recorded,
)
from collab.invitations import Invite
from collab.people import Account, Address, Caller, Install, Meet, Person, ReadProfile
from collab.requests import Ask
from collab.resources import Create
from storage.database import Database
from tests.support.builders import World

ORGANISATION = "E0GRID"
COLLEAGUE, PARTNER = "T0GRID", "T0PARTNER"
_NUMBERS = count(1)


@dataclass(frozen=True)
class Human:
    """Where an account belongs: the teams that its profiles may name, and what they say besides.

    A press names the workspace where the account is of its organisation; the tests of the Slack adapter show that.
    """

    teams: tuple[str, ...]
    profile: dict[str, Any]
    home: bool


def humans(workspace: str) -> dict[str, Human]:
    """Somebody of this workspace, of it and of another of its organisation, of that one alone, and a partner."""
    both, other = (workspace, COLLEAGUE), (COLLEAGUE,)
    return {
        "member": Human((workspace,), {}, home=True),
        "member of two": Human((workspace, COLLEAGUE, ORGANISATION), {"teams": both}, home=True),
        "named by the organisation": Human((workspace, ORGANISATION), {"team": ORGANISATION}, home=True),
        "colleague": Human((COLLEAGUE, ORGANISATION), {"team": COLLEAGUE, "teams": other}, home=False),
        "partner": Human((PARTNER, "E0PARTNER"), {"team": PARTNER, "stranger": True}, home=False),
        "partner with our team": Human((PARTNER,), {"stranger": True}, home=False),
    }


def world_of(database: Database) -> World:
    """A workspace of its own, which belongs to an organisation and has the company Acme with three apps."""
    number = next(_NUMBERS)
    world = World(database, workspace=f"T{number:05}", prefix=f"{number:05}")
    world.do(Install(world.nobody("cli"), "Acme HQ", "UBOT", ORGANISATION))
    world.company()
    for app in APPS:
        world.do(Create(world.by("ada"), "app", app, "acme"))
    return world


APPS = ("one", "two", "three")


@dataclass
class Meeting:
    """Somebody with the user id UEVE is met in a world, time and again."""

    world: World
    human: Human

    def account(self, team: str | None = None) -> Account:
        return Account(team or self.world.workspace, "UEVE")

    def mention(self, _number: int) -> None:
        self.world.do(Meet(self.world.by("ada"), self.account()))

    def invite(self, number: int) -> None:
        self._tries(Invite(self.world.by("ada"), self.account(), "developer", APPS[number % 3]))

    def invite_by_address(self, number: int) -> None:
        if self.human.home:  # nobody here has verified the address of somebody else's member
            self._tries(Invite(self.world.by("ada"), Address("Eve@Example.com"), "developer", APPS[number % 3]))

    def open_home(self, _number: int) -> None:
        self.world.do(Meet(self.world.nobody("event"), self.account()))

    def press(self, number: int) -> None:
        self._tries(Mute(self._by(number), "I0NONE"))

    def accept(self, number: int) -> None:
        team = self._by(number).account
        assert team
        for invitation in self.world.waiting(f"eve@{team.team}"):
            self.world.accept(f"eve@{team.team}", invitation)

    def read_profile(self, _number: int) -> None:
        said = {"team": self.world.workspace, **self.human.profile}
        account = self.account(said.pop("team"))
        usual = {
            "title": "Eve",
            "email": "eve@example.com",
            "tz": "UTC",
            "locale": None,
            "guest": False,
            "active": True,
        }
        self.world.do(ReadProfile(self.world.nobody("slack"), account, **{"bot": False, **usual, **said}))

    def user_change(self, number: int) -> None:
        """A changed profile of somebody known names whichever of their teams it likes."""
        self.read_profile(number)
        team = self.human.teams[number % len(self.human.teams)]
        kept = {"stranger"} if self.human.home else {"stranger", "teams"}
        said = {key: value for key, value in self.human.profile.items() if key in kept}
        self.world.profile(f"eve@{team}", title="Eve M.", **said)

    def _by(self, number: int) -> Caller:
        partner = self.human.profile.get("stranger")
        team = self.human.teams[number % len(self.human.teams)] if partner else self.world.workspace
        return Caller(self.world.workspace, self.account(team), "button")

    def _tries(self, act: Any) -> None:
        try:
            self.world.do(act)
        except (refusals.UnknownInvitation, refusals.AlreadyHolds):
            return


STEPS = (
    Meeting.mention, Meeting.invite, Meeting.invite_by_address, Meeting.open_home, Meeting.press, Meeting.accept,
    Meeting.read_profile, Meeting.user_change,
)  # fmt: skip
ORDERS = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 5)), min_size=1, max_size=9)


def check_one_person(database: Database, kind: str, order: list[tuple[Any, int]]) -> None:
    """Meet somebody in some order; they are one person with every role that they accepted."""
    world = world_of(database)
    meeting = Meeting(world, humans(world.workspace)[kind])
    for step, number in order:
        step(meeting, number)
    meeting.read_profile(0)
    meeting.accept(1)

    with database.units.look(world.workspace) as facts:
        (person,) = facts.people_by_user("UEVE")
        by_address = facts.person_by_address("eve@example.com")
        assert facts.pending_for(person.id) == []
    merged = {event.person for event in world.happened(PersonMerged)}
    recognised = {e.person for e in world.happened(PersonRecognised) if e.user == "UEVE" or e.email}
    assert recognised - merged == {person.id}
    assert by_address == (person if meeting.human.home else None)
    assert (person.team == world.workspace) is meeting.human.home
    invited = {r for e in world.happened(InvitationSent) for r in (e.resource, *e.also)}
    held = [e.resource for e in world.happened(MemberJoined) if e.person == person.id]
    assert sorted(held) == sorted(invited)
    assert {world.account(who).user for app in APPS for who in world.members(app)} <= {"UADA", "UEVE"}


@pytest.mark.rule("PER-02")
@pytest.mark.rule("INV-03")
@pytest.mark.parametrize("kind", list(humans("T1")))
def test_whoever_is_met_in_any_order_is_one_person(sqlite_database: Database, kind: str) -> None:
    @settings(max_examples=12)
    @given(ORDERS)
    def met(order: list[tuple[Any, int]]) -> None:
        check_one_person(sqlite_database, kind, order)

    met()


@pytest.mark.postgres
@pytest.mark.rule("PER-02")
@pytest.mark.parametrize("kind", list(humans("T1")))
def test_whoever_is_met_is_one_person_on_postgresql(postgres_database: Database, kind: str) -> None:
    steps = [Meeting.invite, Meeting.press, Meeting.invite_by_address, Meeting.user_change, Meeting.invite]
    check_one_person(postgres_database, kind, [(step, number) for number, step in enumerate(steps)])


@pytest.mark.rule("PER-02")
def test_a_member_is_not_reached_by_an_account_of_another_team(acme: World) -> None:
    acme.knows("carl")
    invitation = acme.invite("carl")
    for _ in range(2):
        with pytest.raises(refusals.NotYours):
            acme.accept("carl@T0OTHER", invitation)
        acme.profile("carl")
    assert acme.invitation(invitation).state == "pending"
    assert acme.accept("carl", invitation).first(MemberJoined)


@pytest.mark.rule("PER-02")
@pytest.mark.parametrize("team", ["T0OTHER", "E0GRID"])
def test_a_profile_never_takes_a_member_away_from_the_workspace(acme: World, team: str) -> None:
    acme.profile(f"ada@{team}", title="Ada L.", admin=True)
    assert acme.members() == {"ada": "owner"}
    assert acme.make("app", "Shop", "acme") == "shop"
    assert not acme.happened(PersonMerged)


@pytest.mark.rule("PER-02")
def test_whom_the_workspace_does_not_know_as_its_own_does_nothing_else_whatever_team_they_name(acme: World) -> None:
    acme.profile("eve", stranger=True)
    with pytest.raises(refusals.ForeignActor):
        acme.do(Ask(acme.by("eve"), "admin", "acme"))
    with pytest.raises(refusals.ForeignActor):
        acme.do(Create(acme.by("eve"), "company", "Mine"))


def record_apart(world: World, *teams: str) -> list[str]:
    """Record one account once for each team, as older versions did; answer the ids."""
    ids = [world.new_id("P") for _ in teams]
    record(world, *(PersonRecognised(new, team, "UEVE", None) for new, team in zip(ids, teams, strict=True)))
    return ids


def record(world: World, *events: Event) -> None:
    """Record events that no action decides on."""
    with world.database.units.change(world.workspace) as unit:
        first = unit.last_seq + 1
        unit.record(
            [Recorded(world.workspace, first + n, world.at, None, "test", each) for n, each in enumerate(events)], None
        )


def give(world: World, person: str, resource: str, role: str) -> None:
    """Let somebody hold a role, by the record alone."""
    record(world, MemberJoined(world.thing(resource).id, person, role, None, None))


@pytest.mark.rule("PER-02")
@pytest.mark.parametrize("by", ["a profile", "an installation"])
@pytest.mark.parametrize("order", [0, 1])
def test_records_that_older_versions_made_of_one_account_become_one(acme: World, by: str, order: int) -> None:
    for app in ("Shop", "Blog"):
        acme.make("app", app, "acme")
    ids = record_apart(acme, "T2", "T1")
    give(acme, ids[order], "shop", "developer")
    give(acme, ids[1 - order], "shop", "admin")
    give(acme, ids[order], "blog", "manager")
    if by == "a profile":
        acme.profile("eve@T2")
        acme.profile("eve@T2")
    else:
        acme.do(Install(acme.nobody("cli"), "Acme HQ", "UBOT"))
    assert len(acme.happened(PersonMerged)) == 1
    assert (acme.members("shop")["eve"], acme.members("blog")["eve"]) == ("admin", "manager")
    assert acme.id_of("eve") == acme.id_of("eve@T2")
    acme.remove("eve", what="blog")
    assert "eve" not in acme.members("blog")


@pytest.mark.rule("INV-05")
def test_the_platforms_own_account_is_invited_to_nothing(acme: World) -> None:
    with pytest.raises(refusals.NotAPerson) as refused:
        acme.do(Invite(acme.by("ada"), Account(acme.workspace, "USLACKBOT"), "admin", "acme"))
    assert refused.value.reason == "bot"


ZED = "zed@example.com"
FOREIGN = [kind for kind, human in humans("T1").items() if not human.home]


def named_by(world: World, email: str) -> Person | None:
    """Return whom an address names."""
    with world.database.units.look(world.workspace) as facts:
        return facts.person_by_address(email)


def profile_foreigner(world: World, kind: str, email: str) -> None:
    """Read the profile of Eve, who is of another workspace and shows an address as hers."""
    said = {"team": world.workspace, **humans(world.workspace)[kind].profile}
    world.profile(f"eve@{said.pop('team')}", email=email, **said)


@pytest.mark.rule("PER-02")
@pytest.mark.rule("INV-14")
@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize("order", list(permutations(("invitation", "foreigner", "member"))), ids="-".join)
def test_an_address_never_names_an_account_of_another_workspace(
    database: Database, kind: str, order: tuple[str, ...]
) -> None:
    world = world_of(database)
    steps: dict[str, Callable[[], object]] = {
        "invitation": lambda: world.invite(ZED, "developer", "one"),
        "foreigner": lambda: profile_foreigner(world, kind, ZED.upper()),
        "member": lambda: world.profile("zed"),
    }
    for step in order:
        steps[step]()
    eve = world.id_of("eve")
    invitation = world.invite(ZED, "owner")
    assert eve not in {event.person for event in world.happened(InvitationSent)}
    assert world.waiting("eve") == []
    with pytest.raises((refusals.NotYours, refusals.UnknownInvitation)):
        world.accept("eve", invitation)
    profile_foreigner(world, kind, ZED)
    assert (person := named_by(world, ZED)) is None or person.id != eve

    assert len(world.waiting("zed")) == 2
    world.accept("zed", invitation)
    assert world.members() == {"ada": "owner", "zed": "owner"}
    assert eve not in {end for event in world.happened(PersonMerged) for end in (event.person, event.into)}


@pytest.mark.rule("PER-02")
@pytest.mark.rule("INV-14")
@pytest.mark.parametrize("kind", FOREIGN)
def test_an_address_is_invited_apart_from_a_foreigner_who_shows_it(database: Database, kind: str) -> None:
    world = world_of(database)
    profile_foreigner(world, kind, ZED)
    invitation = world.invite(ZED, "owner")
    assert world.invitation(invitation).person != world.id_of("eve")
    world.profile("zed")
    assert world.waiting("zed") == [invitation]


@pytest.mark.rule("PER-02")
@pytest.mark.parametrize("order", list(permutations(("old", "new", "eve"))), ids="-".join)
@pytest.mark.parametrize("gone", [{"new"}, {"new", "old"}], ids=["one gone", "both gone"])
def test_of_members_with_one_address_an_active_one_is_named(
    database: Database, order: tuple[str, ...], gone: set[str]
) -> None:
    world = world_of(database)
    for name in order:
        if name == "eve":
            profile_foreigner(world, "partner", ZED)
        else:
            world.profile(name, email=ZED, active=name not in gone)
    named = named_by(world, ZED)
    assert named
    assert named.id == world.id_of("old" if gone == {"new"} else min(("old", "new"), key=order.index))
    if len(gone) == 2:
        with pytest.raises(refusals.NotAPerson):
            world.invite(ZED)
    else:
        assert world.invitation(world.invite(ZED)).person == named.id


@pytest.mark.rule("PER-02")
def test_a_record_of_an_address_that_was_left_behind_is_merged_when_the_profile_is_read(acme: World) -> None:
    acme.profile("zed", email="old@example.com")
    invitation = acme.invite(ZED)
    profile = ("Zed", ZED, "UTC", "en-US")
    record(acme, PersonProfiled(acme.id_of("zed"), acme.workspace, *profile, bot=False, guest=False, active=True))
    assert acme.waiting("zed") == []
    acme.profile("zed")
    assert acme.waiting("zed") == [invitation]


UNREACHABLE = [{"active": False}, {"bot": True}]
OLD = "old@example.com"


def merge_with_first_profile(world: World, said: dict[str, Any]) -> str:
    """Invite an address; the first profile that has it is of somebody who can't answer."""
    invitation = world.invite(ZED)
    world.profile("zed", **said)
    return invitation


def merge_with_changed_address(world: World, said: dict[str, Any]) -> str:
    """Invite an address that somebody who can't answer has from now on."""
    world.profile("zed", email=OLD, **said)
    return merge_with_first_profile(world, said)


def merge_with_unchanged_profile(world: World, said: dict[str, Any]) -> str:
    """Invite an address whose record was left behind beside the account of somebody who can't answer."""
    world.profile("zed", **said)
    record(world, PersonRecognised("P0LEFT", None, None, OLD))
    invitation = world.invite(OLD)
    record(world, PersonMerged("P0LEFT", world.id_of("zed")))
    world.profile("zed", **said)
    return invitation


def merge_records_of_account(world: World, said: dict[str, Any]) -> str:
    """Invite an account that has a second record, whose profile says that it can't answer."""
    invitation, active = world.invite(f"zed@{COLLEAGUE}"), said.get("active", True)
    record(
        world,
        PersonRecognised("P0ZED", world.workspace, "UZED", None),
        PersonProfiled("P0ZED", world.workspace, "Zed", ZED, "UTC", "en-US", "bot" in said, False, active),
    )
    world.do(Install(world.nobody("cli"), "Acme HQ", "UBOT", ORGANISATION))
    return invitation


@pytest.mark.rule("INV-09")
@pytest.mark.parametrize("said", UNREACHABLE, ids=["deactivated", "bot"])
@pytest.mark.parametrize(
    "merge",
    [
        merge_with_first_profile, merge_with_changed_address, merge_with_unchanged_profile, merge_records_of_account,
    ],
)  # fmt: skip
def test_what_waits_for_a_record_of_somebody_who_cannot_answer_is_revoked(
    database: Database, merge: Any, said: dict[str, Any]
) -> None:
    world = world_of(database)
    invitation = merge(world, said)
    assert world.invitation(invitation).state == "revoked"
    (revoked,) = world.happened(InvitationRevoked)
    assert (revoked.invitation, revoked.person, revoked.why) == (invitation, world.id_of("zed"), "unreachable")
    world.profile("zed", **said)
    assert len(world.happened(InvitationRevoked)) == 1


@pytest.mark.rule("INV-03")
@pytest.mark.rule("INV-09")
def test_of_two_invitations_to_one_unreachable_person_each_is_revoked_once(acme: World) -> None:
    sent = {acme.invite("zed"), acme.invite(ZED)}
    acme.profile("zed", active=False)
    revoked = acme.happened(InvitationRevoked)
    assert {event.invitation for event in revoked} == sent
    assert sorted(event.why for event in revoked) == ["twin", "unreachable"]
