"""One human is one person, however they were met and whichever team their account was named with (PER-02)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collab import errors
from collab.access_requests import RequestAccess
from collab.events import (
    Event,
    InvitationRevoked,
    InvitationSent,
    MemberJoined,
    PersonMerged,
    PersonProfiled,
    PersonRecognised,
    RecordedEvent,
)
from collab.invitations.answers import MuteInvitation
from collab.invitations.commands import InviteToResource
from collab.model import (
    Account,
    Address,
    Caller,
    InvitationId,
    Person,
    PersonId,
    WorkspaceId,
)
from collab.people import InstallWorkspace, RegisterPerson, UpdateProfile
from collab.resources import CreateResource
from storage.database import Database
from tests.support.builders import Scenario

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


def humans(workspace: WorkspaceId) -> dict[str, Human]:
    """A person of this workspace, of it and of another of its organisation, of that one alone, and a partner."""
    both, other = (workspace, COLLEAGUE), (COLLEAGUE,)
    return {
        "member": Human((workspace,), {}, home=True),
        "member of two": Human(
            (workspace, COLLEAGUE, ORGANISATION), {"teams": both}, home=True
        ),
        "named by the organisation": Human(
            (workspace, ORGANISATION), {"team": ORGANISATION}, home=True
        ),
        "colleague": Human(
            (COLLEAGUE, ORGANISATION), {"team": COLLEAGUE, "teams": other}, home=False
        ),
        "partner": Human(
            (PARTNER, "E0PARTNER"), {"team": PARTNER, "is_external": True}, home=False
        ),
        "partner with our team": Human((PARTNER,), {"is_external": True}, home=False),
    }


def world_of(database: Database) -> Scenario:
    """A workspace of its own, which belongs to an organisation and has the company Acme with three apps."""
    number = next(_NUMBERS)
    world = Scenario(
        database, workspace=WorkspaceId(f"T{number:05}"), id_prefix=f"{number:05}"
    )
    world.execute(
        InstallWorkspace(world.system_caller("cli"), "Acme HQ", "UBOT", ORGANISATION)
    )
    world.create_company()
    for app in APPS:
        world.execute(CreateResource(world.caller_for("ada"), "app", app, "acme"))
    return world


APPS = ("one", "two", "three")


@dataclass
class Meeting:
    """A person with the user id UEVE is met in a world, time and again."""

    world: Scenario
    human: Human

    def account(self, team: str | None = None) -> Account:
        return Account(team or self.world.workspace, "UEVE")

    def mention(self, _number: int) -> None:
        self.world.execute(RegisterPerson(self.world.caller_for("ada"), self.account()))

    def invite(self, number: int) -> None:
        self._tries(
            InviteToResource(
                self.world.caller_for("ada"),
                self.account(),
                "developer",
                APPS[number % 3],
            )
        )

    def invite_by_address(self, number: int) -> None:
        if (
            self.human.home
        ):  # nobody here has verified the address of another person's member
            self._tries(
                InviteToResource(
                    self.world.caller_for("ada"),
                    Address("Eve@Example.com"),
                    "developer",
                    APPS[number % 3],
                )
            )

    def open_home(self, _number: int) -> None:
        self.world.execute(
            RegisterPerson(self.world.system_caller("event"), self.account())
        )

    def press(self, number: int) -> None:
        self._tries(MuteInvitation(self._by(number), InvitationId("I0NONE")))

    def accept(self, number: int) -> None:
        team = self._by(number).account
        assert team
        for invitation in self.world.pending_invitation_ids(f"eve@{team.team}"):
            self.world.accept_invitation(f"eve@{team.team}", invitation)

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
        self.world.execute(
            UpdateProfile(
                self.world.system_caller("slack"),
                account,
                **{"bot": False, **usual, **said},
            )
        )

    def user_change(self, number: int) -> None:
        """A changed profile of a known person names whichever of their teams it likes."""
        self.read_profile(number)
        team = self.human.teams[number % len(self.human.teams)]
        kept = {"is_external"} if self.human.home else {"is_external", "teams"}
        said = {key: value for key, value in self.human.profile.items() if key in kept}
        self.world.read_profile(f"eve@{team}", title="Eve M.", **said)

    def _by(self, number: int) -> Caller:
        partner = self.human.profile.get("is_external")
        team = (
            self.human.teams[number % len(self.human.teams)]
            if partner
            else self.world.workspace
        )
        return Caller(self.world.workspace, self.account(team), "button")

    def _tries(self, act: Any) -> None:
        try:
            self.world.execute(act)
        except (errors.UnknownInvitation, errors.AlreadyHolds):
            return


STEPS = (
    Meeting.mention, Meeting.invite, Meeting.invite_by_address, Meeting.open_home, Meeting.press, Meeting.accept,
    Meeting.read_profile, Meeting.user_change,
)  # fmt: skip
ORDERS = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 5)), min_size=1, max_size=9
)


def check_one_person(
    database: Database, kind: str, order: list[tuple[Any, int]]
) -> None:
    """Meet a person in some order; they are one person with every role that they accepted."""
    world = world_of(database)
    meeting = Meeting(world, humans(world.workspace)[kind])
    for step, number in order:
        step(meeting, number)
    meeting.read_profile(0)
    meeting.accept(1)

    with database.unit_of_work_factory.read(world.workspace) as facts:
        (person,) = facts.people.list_people_by_user_id("UEVE")
        by_address = facts.people.find_person_by_email("eve@example.com")
        assert facts.invitations.list_pending_invitations_for(person.id) == []
    merged = {event.person for event in world.events_of_type(PersonMerged)}
    recognised = {
        e.person
        for e in world.events_of_type(PersonRecognised)
        if e.user == "UEVE" or e.email
    }
    assert recognised - merged == {person.id}
    assert by_address == (person if meeting.human.home else None)
    assert (person.team == world.workspace) is meeting.human.home
    invited = {
        r for e in world.events_of_type(InvitationSent) for r in (e.resource, *e.also)
    }
    held = [
        e.resource for e in world.events_of_type(MemberJoined) if e.person == person.id
    ]
    assert sorted(held) == sorted(invited)
    assert {
        world.account_of(who).user for app in APPS for who in world.roles_by_name(app)
    } <= {"UADA", "UEVE"}


@pytest.mark.rule("PER-02")
@pytest.mark.rule("INV-03")
@pytest.mark.slow
@pytest.mark.parametrize("kind", list(humans(WorkspaceId("T1"))))
def test_anyone_who_is_met_in_any_order_is_one_person(
    sqlite_database: Database, kind: str
) -> None:
    @settings(max_examples=8)
    @given(ORDERS)
    def met(order: list[tuple[Any, int]]) -> None:
        check_one_person(sqlite_database, kind, order)

    met()


@pytest.mark.postgres
@pytest.mark.rule("PER-02")
@pytest.mark.parametrize("kind", list(humans(WorkspaceId("T1"))))
def test_anyone_who_is_met_is_one_person_on_postgresql(
    postgres_database: Database, kind: str
) -> None:
    steps = [
        Meeting.invite,
        Meeting.press,
        Meeting.invite_by_address,
        Meeting.user_change,
        Meeting.invite,
    ]
    check_one_person(
        postgres_database, kind, [(step, number) for number, step in enumerate(steps)]
    )


@pytest.mark.rule("PER-02")
def test_a_member_is_not_reached_by_an_account_of_another_team(acme: Scenario) -> None:
    acme.register_people("carl")
    invitation = acme.send_invitation("carl")
    for _ in range(2):
        with pytest.raises(errors.NotYours):
            acme.accept_invitation("carl@T0OTHER", invitation)
        acme.read_profile("carl")
    assert acme.get_invitation(invitation).state == "pending"
    assert acme.accept_invitation("carl", invitation).find_event(MemberJoined)


@pytest.mark.rule("PER-02")
@pytest.mark.parametrize("team", ["T0OTHER", "E0GRID"])
def test_a_profile_never_takes_a_member_away_from_the_workspace(
    acme: Scenario, team: str
) -> None:
    acme.read_profile(f"ada@{team}", title="Ada L.", admin=True)
    assert acme.roles_by_name() == {"ada": "owner"}
    assert acme.create_resource("app", "Shop", "acme") == "shop"
    assert not acme.events_of_type(PersonMerged)


@pytest.mark.rule("PER-02")
def test_whom_the_workspace_does_not_know_as_its_own_does_nothing_else_whatever_team_they_name(
    acme: Scenario,
) -> None:
    acme.read_profile("eve", is_external=True)
    with pytest.raises(errors.ForeignActor):
        acme.execute(RequestAccess(acme.caller_for("eve"), "admin", "acme"))
    with pytest.raises(errors.ForeignActor):
        acme.execute(CreateResource(acme.caller_for("eve"), "company", "Mine"))


def record_apart(world: Scenario, *teams: str) -> list[PersonId]:
    """Record one account once for each team, as older versions did; answer the ids."""
    ids = [PersonId(world.new_id("P")) for _ in teams]
    record(
        world,
        *(
            PersonRecognised(new, team, "UEVE", None)
            for new, team in zip(ids, teams, strict=True)
        ),
    )
    return ids


def record(world: Scenario, *events: Event) -> None:
    """Record events that no action decides on."""
    with world.database.unit_of_work_factory.write(world.workspace) as unit:
        first = unit.last_seq + 1
        unit.append(
            [
                RecordedEvent(world.workspace, first + n, world.at, None, "test", each)
                for n, each in enumerate(events)
            ],
            None,
        )


def give(world: Scenario, person: PersonId, resource: str, role: str) -> None:
    """Give a person a role by an event alone."""
    record(
        world,
        MemberJoined(world.get_resource(resource).id, person, role, None, None),
    )


@pytest.mark.rule("PER-02")
@pytest.mark.parametrize("by", ["a profile", "an installation"])
@pytest.mark.parametrize("order", [0, 1])
def test_records_that_older_versions_made_of_one_account_become_one(
    acme: Scenario, by: str, order: int
) -> None:
    for app in ("Shop", "Blog"):
        acme.create_resource("app", app, "acme")
    ids = record_apart(acme, "T2", "T1")
    give(acme, ids[order], "shop", "developer")
    give(acme, ids[1 - order], "shop", "admin")
    give(acme, ids[order], "blog", "manager")
    if by == "a profile":
        acme.read_profile("eve@T2")
        acme.read_profile("eve@T2")
    else:
        acme.execute(InstallWorkspace(acme.system_caller("cli"), "Acme HQ", "UBOT"))
    assert len(acme.events_of_type(PersonMerged)) == 1
    assert (acme.roles_by_name("shop")["eve"], acme.roles_by_name("blog")["eve"]) == (
        "admin",
        "manager",
    )
    assert acme.person_id_of("eve") == acme.person_id_of("eve@T2")
    acme.remove_member("eve", what="blog")
    assert "eve" not in acme.roles_by_name("blog")


@pytest.mark.rule("INV-05")
def test_the_platforms_own_account_is_invited_to_nothing(acme: Scenario) -> None:
    with pytest.raises(errors.NotAPerson) as refused:
        acme.execute(
            InviteToResource(
                acme.caller_for("ada"),
                Account(acme.workspace, "USLACKBOT"),
                "admin",
                "acme",
            )
        )
    assert refused.value.reason == "bot"


ZED = "zed@example.com"
FOREIGN = [kind for kind, human in humans(WorkspaceId("T1")).items() if not human.home]


def named_by(world: Scenario, email: str) -> Person | None:
    """Return whom an address names."""
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        return facts.people.find_person_by_email(email)


def profile_foreigner(world: Scenario, kind: str, email: str) -> None:
    """Read the profile of Eve, who is of another workspace and shows an address as hers."""
    said = {"team": world.workspace, **humans(world.workspace)[kind].profile}
    world.read_profile(f"eve@{said.pop('team')}", email=email, **said)


@pytest.mark.rule("PER-02")
@pytest.mark.rule("INV-14")
@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize(
    "order", list(permutations(("invitation", "foreigner", "member"))), ids="-".join
)
def test_an_address_never_names_an_account_of_another_workspace(
    database: Database, kind: str, order: tuple[str, ...]
) -> None:
    world = world_of(database)
    steps: dict[str, Callable[[], object]] = {
        "invitation": lambda: world.send_invitation(ZED, "developer", "one"),
        "foreigner": lambda: profile_foreigner(world, kind, ZED.upper()),
        "member": lambda: world.read_profile("zed"),
    }
    for step in order:
        steps[step]()
    eve = world.person_id_of("eve")
    invitation = world.send_invitation(ZED, "owner")
    assert eve not in {event.person for event in world.events_of_type(InvitationSent)}
    assert world.pending_invitation_ids("eve") == []
    with pytest.raises((errors.NotYours, errors.UnknownInvitation)):
        world.accept_invitation("eve", invitation)
    profile_foreigner(world, kind, ZED)
    assert (person := named_by(world, ZED)) is None or person.id != eve

    assert len(world.pending_invitation_ids("zed")) == 2
    world.accept_invitation("zed", invitation)
    assert world.roles_by_name() == {"ada": "owner", "zed": "owner"}
    assert eve not in {
        end
        for event in world.events_of_type(PersonMerged)
        for end in (event.person, event.into)
    }


@pytest.mark.rule("PER-02")
@pytest.mark.rule("INV-14")
@pytest.mark.parametrize("kind", FOREIGN)
def test_an_address_is_invited_apart_from_a_foreigner_who_shows_it(
    database: Database, kind: str
) -> None:
    world = world_of(database)
    profile_foreigner(world, kind, ZED)
    invitation = world.send_invitation(ZED, "owner")
    assert world.get_invitation(invitation).person != world.person_id_of("eve")
    world.read_profile("zed")
    assert world.pending_invitation_ids("zed") == [invitation]


@pytest.mark.rule("PER-02")
@pytest.mark.parametrize(
    "order", list(permutations(("old", "new", "eve"))), ids="-".join
)
@pytest.mark.parametrize(
    "gone", [{"new"}, {"new", "old"}], ids=["one gone", "both gone"]
)
def test_of_members_with_one_address_an_active_one_is_named(
    database: Database, order: tuple[str, ...], gone: set[str]
) -> None:
    world = world_of(database)
    for name in order:
        if name == "eve":
            profile_foreigner(world, "partner", ZED)
        else:
            world.read_profile(name, email=ZED, active=name not in gone)
    named = named_by(world, ZED)
    assert named
    assert named.id == world.person_id_of(
        "old" if gone == {"new"} else min(("old", "new"), key=order.index)
    )
    if len(gone) == 2:
        with pytest.raises(errors.NotAPerson):
            world.send_invitation(ZED)
    else:
        assert world.get_invitation(world.send_invitation(ZED)).person == named.id


@pytest.mark.rule("PER-02")
def test_a_record_of_an_address_that_was_left_behind_is_merged_when_the_profile_is_read(
    acme: Scenario,
) -> None:
    acme.read_profile("zed", email="old@example.com")
    invitation = acme.send_invitation(ZED)
    profile = ("Zed", ZED, "UTC", "en-US")
    record(
        acme,
        PersonProfiled(
            acme.person_id_of("zed"),
            acme.workspace,
            *profile,
            bot=False,
            guest=False,
            active=True,
        ),
    )
    assert acme.pending_invitation_ids("zed") == []
    acme.read_profile("zed")
    assert acme.pending_invitation_ids("zed") == [invitation]


UNREACHABLE = [{"active": False}, {"bot": True}]
OLD = "old@example.com"


def merge_with_first_profile(world: Scenario, said: dict[str, Any]) -> str:
    """Invite an address; the first profile that has it is of a person who can't answer."""
    invitation = world.send_invitation(ZED)
    world.read_profile("zed", **said)
    return invitation


def merge_with_changed_address(world: Scenario, said: dict[str, Any]) -> str:
    """Invite an address that a person who can't answer has from now on."""
    world.read_profile("zed", email=OLD, **said)
    return merge_with_first_profile(world, said)


def merge_with_unchanged_profile(world: Scenario, said: dict[str, Any]) -> str:
    """Invite an address whose record was left behind beside the account of a person who can't answer."""
    world.read_profile("zed", **said)
    record(world, PersonRecognised(PersonId("P0LEFT"), None, None, OLD))
    invitation = world.send_invitation(OLD)
    record(world, PersonMerged(PersonId("P0LEFT"), world.person_id_of("zed")))
    world.read_profile("zed", **said)
    return invitation


def merge_records_of_account(world: Scenario, said: dict[str, Any]) -> str:
    """Invite an account that has a second record, whose profile says that it can't answer."""
    invitation, active = (
        world.send_invitation(f"zed@{COLLEAGUE}"),
        said.get("active", True),
    )
    record(
        world,
        PersonRecognised(PersonId("P0ZED"), world.workspace, "UZED", None),
        PersonProfiled(
            PersonId("P0ZED"),
            world.workspace,
            "Zed",
            ZED,
            "UTC",
            "en-US",
            "bot" in said,
            False,
            active,
        ),
    )
    world.execute(
        InstallWorkspace(world.system_caller("cli"), "Acme HQ", "UBOT", ORGANISATION)
    )
    return invitation


@pytest.mark.rule("INV-09")
@pytest.mark.parametrize("said", UNREACHABLE, ids=["deactivated", "bot"])
@pytest.mark.parametrize(
    "merge",
    [
        merge_with_first_profile, merge_with_changed_address, merge_with_unchanged_profile, merge_records_of_account,
    ],
)  # fmt: skip
def test_what_waits_for_a_record_of_a_person_who_cannot_answer_is_revoked(
    database: Database, merge: Any, said: dict[str, Any]
) -> None:
    world = world_of(database)
    invitation = merge(world, said)
    assert world.get_invitation(invitation).state == "revoked"
    (revoked,) = world.events_of_type(InvitationRevoked)
    assert (revoked.invitation, revoked.person, revoked.why) == (
        invitation,
        world.person_id_of("zed"),
        "unreachable",
    )
    world.read_profile("zed", **said)
    assert len(world.events_of_type(InvitationRevoked)) == 1


@pytest.mark.rule("INV-03")
@pytest.mark.rule("INV-09")
def test_of_two_invitations_to_one_unreachable_person_each_is_revoked_once(
    acme: Scenario,
) -> None:
    sent = {acme.send_invitation("zed"), acme.send_invitation(ZED)}
    acme.read_profile("zed", active=False)
    revoked = acme.events_of_type(InvitationRevoked)
    assert {event.invitation for event in revoked} == sent
    assert sorted(event.why for event in revoked) == ["twin", "unreachable"]
