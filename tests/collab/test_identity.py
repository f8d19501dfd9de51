"""One human is one person, however they were met and whichever team their account was named with (PER-02)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from builders import World
from hypothesis import given, settings
from hypothesis import strategies as st

from collab import refusals
from collab.answers import Mute
from collab.events import InvitationSent, MemberJoined, PersonMerged, PersonRecognised, Recorded
from collab.invitations import Invite
from collab.people import Account, Address, Caller, Install, Meet, ReadProfile
from collab.requests import Ask
from collab.resources import Create
from storage.database import Database

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
        by, usual = self.world.nobody("slack"), {"tz": "UTC", "locale": None, "bot": False, "guest": False}
        self.world.do(ReadProfile(by, account, "Eve", "eve@example.com", **usual, active=True, **said))

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
    assert by_address == person
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
    with world.database.units.change(world.workspace) as unit:
        events = [PersonRecognised(new, team, "UEVE", None) for new, team in zip(ids, teams, strict=True)]
        first = unit.last_seq + 1
        unit.record(
            [Recorded(world.workspace, first + n, world.at, None, "test", each) for n, each in enumerate(events)], None
        )
    return ids


def give(world: World, person: str, resource: str, role: str) -> None:
    """Let somebody hold a role, by the record alone."""
    with world.database.units.change(world.workspace) as unit:
        joined = MemberJoined(world.thing(resource).id, person, role, None, None)
        unit.record([Recorded(world.workspace, unit.last_seq + 1, world.at, None, "test", joined)], None)


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
