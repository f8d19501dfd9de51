"""Random people do random acts; a deliberately naive model, lists of tuples, says what may be and what is so.

After every act and every passing of time:
- what was done was allowed, and nobody gained what that act does not explain (ROL-05); some acts must be done when they
  are allowed;
- what the core finds that people hold is what the model finds, on everything, for one half of them and then for the
  other (ROL-01, ROL-06, ROL-08);
- nothing is without those who must stay, but while a person is to be chosen (MEM-08, MEM-09);
- the events so far, replayed one by one into a second database, give the first one's tables (EVT-02).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import create_engine, event
from sqlalchemy.pool import StaticPool

from collab import accessible_resources, authorization
from collab.access_requests import (
    ApproveRequest,
    DenyRequest,
    RequestAccess,
    WithdrawRequest,
)
from collab.billing.payment_methods import SetPaymentMethod
from collab.errors import Rejected
from collab.events import (
    InvitationSent,
    MemberRemoved,
    RecordedEvent,
    RequestSent,
    ResourceCreated,
)
from collab.invitations.answers import AcceptInvitation, DeclineInvitation
from collab.invitations.commands import (
    EditInvitation,
    InviteToResource,
    ResendInvitation,
    RevokeInvitation,
)
from collab.memberships.commands import ChangeRole, LeaveResource, RemoveMember
from collab.memberships.expiry import ExtendMembership
from collab.memberships.offboarding import OffboardPerson
from collab.memberships.undo import UndoDeparture
from collab.model import PersonId, Term
from collab.moves import MoveResource
from collab.resource_deletion import DeleteResource
from collab.resources import CreateResource, DisableResource, EnableResource
from collab.role_origins import list_role_origins
from collab.roles import CAPABILITIES
from collab.successions import ChooseSuccessor
from collab.teams import (
    AssignToMember,
    ShareWithTeam,
    UnassignFromMember,
    UnshareWithTeam,
)
from storage.database import Database, _configure_sqlite_connection
from storage.projector import project_events
from storage.tables import STATE_TABLES
from tests.support.builders import MONDAY, Scenario
from tests.support.oracle import (
    OracleState,
    RuleOracle,
    explain_no_gain,
    list_gains,
    ranked_roles,
)
from tests.support.replay import assert_replay_gives_state

pytestmark = pytest.mark.slow  # the stateful model

PEOPLE = ["ada", "bo", "carl", "devi"]
KINDS = ["company", "project", "app", "database", "payment", "team"]
GROUND = (
    ("company", "Acme", None),
    ("project", "Site", "acme"),
    ("app", "Shop", "site"),
    ("app", "Solo", None),
    ("database", "Store", "acme"),
    ("payment", "Card", None),
    ("team", "Crew", None),
)
MEMBERS = (
    ("bo", "admin", "acme"), ("carl", "admin", "acme"), ("devi", "accountant", "acme"), ("carl", "member", "site"),
    ("devi", "manager", "shop"), ("bo", "admin", "solo"), ("carl", "developer", "solo"), ("bo", "holder", "card"),
    ("devi", "developer", "store"), ("carl", "unlimited", "crew"), ("devi", "limited", "crew"),
)  # fmt: skip
MOST_THINGS = 12
TRIES = 40
STEPS = [
    timedelta(minutes=1), timedelta(minutes=9), timedelta(minutes=30), timedelta(hours=7), timedelta(days=1),
    timedelta(days=1), timedelta(days=2), timedelta(days=8), timedelta(days=31),
]  # fmt: skip
LONG = bool(os.environ.get("COLLAB_SOAK"))


def in_memory() -> Database:
    """A database that lives in one connection."""
    engine = create_engine(
        "sqlite://",
        poolclass=StaticPool,
        connect_args={"check_same_thread": False},
    )
    event.listen(engine, "connect", _configure_sqlite_connection)
    return Database(engine)


def raw(database: Database) -> sqlite3.Connection:
    """The one connection itself, for what must be quick."""
    with database.engine.connect() as connection:
        found = connection.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


class Stage:
    """Two databases in memory and the ground that every life starts from; made once, restored for each life."""

    def __init__(self, template: bytes) -> None:
        self.database, self.replay = in_memory(), in_memory()
        self.live, self.mirror, self.ground = (
            raw(self.database),
            raw(self.replay),
            sqlite3.connect(":memory:"),
        )
        self.ground.deserialize(template)
        self.ground.backup(self.live)
        world = (
            Scenario(self.database)
            .register_people(*PEOPLE[:-1])
            .register_people(PEOPLE[-1], admin=True)
        )
        for kind, title, within in GROUND:
            world.execute(CreateResource(world.caller_for("ada"), kind, title, within))
        for who, role, what in MEMBERS:
            world.add_member(who, role, what)
        world.execute(
            CreateResource(world.caller_for("ada"), "payment", "Bill", "acme")
        )
        world.execute(ShareWithTeam(world.caller_for("ada"), "shop", "crew", "manager"))
        world.execute(
            AssignToMember(
                world.caller_for("ada"), world.account_of("devi"), "shop", "crew"
            )
        )
        self.live.backup(self.ground)

    def set_up(self) -> Scenario:
        """Everything as it was at the beginning."""
        self.ground.backup(self.live)
        self.ground.backup(self.mirror)
        return Scenario(self.database, id_prefix="X")

    def differing(self) -> list[str]:
        """The tables that the events, replayed, do not give as they are."""
        return [
            name
            for name, rows in ROWS.items()
            if {*self.live.execute(rows)} != {*self.mirror.execute(rows)}
        ]


COLUMNS = {
    t.name: [f'"{c.name}"' for c in t.c if c.name != "seq"] for t in STATE_TABLES
}
ROWS = {
    name: f"SELECT {', '.join(columns)} FROM {name}"
    for name, columns in COLUMNS.items()
}
STAGE: Stage


Make = Callable[["Life", Random], tuple[str, Any]]


class Life(RuleBasedStateMachine):
    """People act; what is refused changes nothing, what is done was allowed and follows the model."""

    @initialize()
    def begin(self) -> None:
        self.world, self.so, self.seen, self.picks = STAGE.set_up(), OracleState(), 0, 0
        self.people: dict[str, str] = {}
        self.swept = self.world.at
        with STAGE.database.unit_of_work_factory.read(self.world.workspace) as facts:
            for recorded in facts.events.list_events_from(1, 1000):
                self.so.apply_event(recorded)
                self.seen = recorded.seq
            for name in PEOPLE:
                found = facts.people.find_person_by_account(self.world.account_of(name))
                assert found
                self.people[self.world.account_of(name).user] = found.id

    @property
    def at(self) -> Any:
        return self.world.at

    def id_of(self, name: str) -> str:
        return self.people[self.world.account_of(name).user]

    def name_of(self, person: str) -> str:
        return next(name for name in PEOPLE if self.id_of(name) == person)

    def thing(self, luck: Random, *kinds: str) -> str:
        """One of the things of these kinds, or any; now and then one that does not fit."""
        candidates = [
            t
            for t, about in self.so.resources.items()
            if about["kind"] in kinds and luck.randrange(16)
        ]
        return luck.choice(candidates or list(self.so.resources))

    def role(self, thing: str, luck: Random) -> str:
        return luck.choice(
            ranked_roles(self.so.kind_of(thing))
            if thing in self.so.resources
            else ["admin"]
        )

    # acts and what must be so of them

    def act(
        self, name: str, action: Any, *, exact: bool = False
    ) -> list[RecordedEvent]:
        """A person does something; `exact` when it must be done if it is allowed."""
        conditions, explains = self.law(name).evaluate(action)
        allowed = all(conditions)
        (outcome,) = self.world.bus.execute_each([action], self.at)
        happened = self.learn(
            lambda e: self.check(action, e, allowed=allowed, explains=explains)
        )
        if isinstance(outcome, Rejected):
            assert not happened, "what is refused changes nothing"
            assert not (allowed and exact), (action, outcome)
        return happened

    def check(
        self,
        action: Any,
        happened: list[RecordedEvent],
        *,
        allowed: bool,
        explains: Any,
    ) -> None:
        assert allowed or not happened, ("this was not allowed", action)
        if happened and isinstance(action, OffboardPerson):
            self.check_offboarding(action, happened)
        for gain in list_gains(r.event for r in happened):
            assert explains(gain), ("nothing explains this gain", gain, action)

    def check_offboarding(
        self, action: OffboardPerson, happened: list[RecordedEvent]
    ) -> None:
        """What ends is what the removals one by one would end, and nothing is left."""
        law = self.law(self.name_of(happened[0].actor or ""))
        who = law.target_person_id(action)
        removed = [r.event for r in happened if isinstance(r.event, MemberRemoved)]
        for end in removed:
            if end.within is None:
                one = RemoveMember(action.by, action.who, end.resource)
                assert law.may_remove(one), ("this removal was not allowed", one)
        ended = {end.resource for end in removed}
        for thing, person, _, until in self.so.roles:
            lasts = until is None or until > self.at
            if person == who and lasts and thing not in ended:
                one = RemoveMember(action.by, action.who, thing)
                assert not law.may_remove(one), ("this role could have ended", one)

    def learn(self, check: Any = lambda _: None) -> list[RecordedEvent]:
        """Read what the event log says that is new, in both places."""
        with STAGE.database.unit_of_work_factory.read(self.world.workspace) as facts:
            happened = list(facts.events.list_events_from(self.seen + 1, 1000))
        check(happened)
        for recorded in happened:
            self.so.apply_event(recorded)
        if happened:
            self.seen = happened[-1].seq
            note("\n".join(f"    {r.event}" for r in happened))
            with STAGE.replay.engine.begin() as connection:
                project_events(connection, happened)
            self.all_is_as_the_rules_say()
        return happened

    def passes(self, length: timedelta, *, sweep: bool) -> None:
        self.world.at += length
        self.all_is_as_the_rules_say()
        if sweep:
            self.world.bus.run_due(self.at)
            self.swept = self.at
            self.learn(
                lambda happened: self.check(
                    "time", happened, allowed=True, explains=explain_no_gain
                )
            )

    # what people do: random tries until one fits the mood

    def does(
        self, n: int, make: Make, misses: Collection[int] = (), *, exact: bool = False
    ) -> list[RecordedEvent]:
        """Mostly what is allowed; often what would be, but for one condition; seldom whatever comes first."""
        luck = Random(n)
        misses = misses or luck.choice([{0}, {0}, {0}, {1}, {1}, range(99)])
        name, action = make(self, luck)
        for _ in range(TRIES):
            if self.law(name).evaluate(action)[0].count(False) in misses:
                break
            name, action = make(self, luck)
        return self.act(name, action, exact=exact)

    def law(self, name: str) -> RuleOracle:
        return RuleOracle(self.so, self.people, self.id_of(name), self.at)

    number = st.integers(0, 2**32)

    @rule(
        n=number,
        how=st.sampled_from(
            ["invites", "invites", "invites several", "shares", "asks"]
        ),
    )
    def offers_or_asks(self, n: int, how: str) -> None:
        if self.does(n, ACTS[how]) and how == "asks":
            self.does(n, ACTS["is asked"], {n % 2})

    @rule(
        n=number,
        meanwhile=st.sampled_from(
            ["leaves", "removes", "unshares", "pays", "moves", "withdraws", "time"]
        ),
    )
    def answers_a_request_late(self, n: int, meanwhile: str) -> None:
        """A person asks for a role, something happens, and then a person who may grant it says yes."""
        sent = [
            r.event
            for r in self.does(n, ACTS["asks"], {0})
            if isinstance(r.event, RequestSent)
        ]
        if meanwhile == "time":
            self.passes(timedelta(days=1 + n % 8), sweep=bool(n % 2))
        elif self.so.shares or meanwhile != "unshares":
            self.does(n, ACTS[meanwhile], {0}, exact=meanwhile in EXACT)
        for asked in sent:
            by = next(
                (
                    p
                    for p in PEOPLE
                    if all(
                        self.law(p).evaluate(
                            ApproveRequest(self.world.caller_for(p), asked.request)
                        )[0]
                    )
                ),
                PEOPLE[0],
            )
            self.act(
                by, ApproveRequest(self.world.caller_for(by), asked.request), exact=True
            )

    @rule(
        n=number,
        how=st.sampled_from(
            ["accepts", "accepts", "accepts", "accepts", "declines", "manages"]
        ),
    )
    def answers(self, n: int, how: str) -> None:
        waits = any(
            found["state"] == "pending" for found in self.so.invitations.values()
        )
        self.does(
            n,
            ACTS[how if waits or n % 8 == 0 else "invites"],
            exact=waits and how in EXACT,
        )

    @rule(
        n=number,
        meanwhile=st.sampled_from(
            ["time", "time", "disables", "pays", "moves", "changes", "removes"]
        ),
    )
    def answers_late(self, n: int, meanwhile: str) -> None:
        """A person is invited, something happens, and then they say yes."""
        sent = [
            r.event
            for r in self.does(n, ACTS["invites"], {0})
            if isinstance(r.event, InvitationSent)
        ]
        if meanwhile == "time":
            self.passes(
                Random(n).choice(
                    [timedelta(days=1), timedelta(days=2), timedelta(days=7)]
                ),
                sweep=False,
            )
        elif sent:
            self.does(n, ACTS[meanwhile], {0})
        for offer in sent:
            name = self.name_of(offer.person or "")
            self.act(
                name,
                AcceptInvitation(self.world.caller_for(name), offer.invitation),
                exact=True,
            )

    @rule(n=number)
    def is_asked(self, n: int) -> None:
        asked = any(found["state"] == "pending" for found in self.so.requests.values())
        limited = any(until for _, _, _, until in self.so.roles)
        waits = {
            "is asked": asked,
            "chooses": bool(self.so.successions),
            "extends": limited,
            "asks": True,
        }
        self.does(
            n, ACTS[next(how for how in Random(n).sample([*waits], 4) if waits[how])]
        )

    @rule(
        n=number,
        how=st.sampled_from(
            ["changes", "changes", "assigns", "assigns", "unassigns", "unshares"]
        ),
    )
    def manages(self, n: int, how: str) -> None:
        self.does(n, ACTS[how if self.so.shares or how == "changes" else "shares"])

    @rule(
        n=number,
        how=st.sampled_from(
            ["creates", "moves", "pays", "disables", "enables", "deletes"]
        ),
    )
    def shapes(self, n: int, how: str) -> None:
        there = len(self.so.resources)
        crowded = {"creates": there >= MOST_THINGS, "deletes": there < len(GROUND)}
        self.does(n, ACTS["pays" if crowded.get(how) else how])

    @rule(
        n=number,
        then=st.sampled_from([None, None, 0, 9, 10, 11]),
        how=st.sampled_from(["leaves", "removes", "offboards"]),
    )
    def goes(self, n: int, then: int | None, how: str) -> None:
        """A person leaves, is removed or offboarded; anyone who did it may regret it."""
        before = {*self.so.roles}, {*self.so.team_assignments}
        done = self.does(n, ACTS[how], exact=how in EXACT)
        if done and then is not None:
            self.passes(timedelta(minutes=then), sweep=bool(n % 2))
            by, of = (
                self.name_of(done[0].actor or ""),
                getattr(done[0].event, "person", ""),
            )
            ended_roles = self.so.undoable_removals[done[0].seq]["roles"]
            undone = self.act(
                by,
                UndoDeparture(self.world.caller_for(by), done[0].seq),
                exact=bool(ended_roles),
            )
            assert not undone or self.of(
                of, self.so.roles, self.so.team_assignments
            ) == self.of(of, *before)

    def of(
        self, person: str, roles: Collection[Any], assigned: Collection[Any]
    ) -> set[Any]:
        """What a person has of these, but for what time has ended, whether or not a clean-up has run."""
        lasting = {
            r for r in roles if r[1] == person and (r[3] is None or r[3] > self.at)
        }
        return lasting | {
            a for a in assigned if a[2] == person and any(r[0] == a[0] for r in lasting)
        }

    @rule(n=number)
    def regrets(self, n: int) -> None:
        newest = (
            self.so.undoable_removals[max(self.so.undoable_removals)]["at"]
            if self.so.undoable_removals
            else None
        )
        recent = newest is not None and self.at - newest < timedelta(hours=1)
        self.does(n, ACTS["undoes" if recent else "leaves"])

    @rule(
        who=st.sampled_from(PEOPLE),
        many=st.sampled_from([1, 1, 1, 2, 3]),
        late=st.sampled_from([0, 0, 1, 31]),
    )
    def comes_or_goes(self, who: str, many: int, late: int) -> None:
        """An account is deactivated, or returns, in time or late; seldom several, and never all, are gone at once."""
        active = self.id_of(who) in self.so.deactivated
        if active and late:
            self.passes(timedelta(days=late), sweep=False)
        if active or len(self.so.deactivated) < many:
            self.world.read_profile(who, active=active, admin=who == PEOPLE[-1])
            self.learn(
                lambda happened: self.check(
                    "a profile", happened, allowed=True, explains=explain_no_gain
                )
            )
        if self.so.successions and late:
            self.does(self.picks, ACTS["chooses"], {0})

    @rule(length=st.sampled_from(STEPS), sweep=st.booleans())
    def waits(self, length: timedelta, sweep: bool) -> None:
        self.passes(length, sweep=sweep)

    # what must be so after each

    def all_is_as_the_rules_say(self) -> None:
        self.nothing_is_without_those_who_must_stay()
        self.people_hold_what_the_model_says()
        self.no_request_outlives_its_ground()
        assert STAGE.differing() == []

    def nothing_is_without_those_who_must_stay(self) -> None:
        for thing, about in self.so.resources.items():
            assert self.so.has_required_role(thing) or self.so.has_open_succession(
                thing
            ), (about, self.so.roles)
            owners = [p for t, p, r, _ in self.so.roles if (t, r) == (thing, "owner")]
            assert about["kind"] != "project" or len(owners) <= 1

    def no_request_outlives_its_ground(self) -> None:
        """Anyone who left, was removed or may no longer view the thing has no request; by time, once it was swept."""
        waits = self.so.list_open_requests()
        assert not self.so.requests_due_to_end & waits.keys()
        for asks in waits.values():
            assert any(
                self.so.has_capability(asks["by"], "view", asks["thing"], at)
                for at in (self.at, self.swept)
            ), asks

    def people_hold_what_the_model_says(self) -> None:
        with STAGE.database.unit_of_work_factory.read(self.world.workspace) as facts:
            case = self.world.bus.context(facts, self.at)
            model = {
                person: self.so.effective_roles(person, self.at)
                for person in self.people.values()
            }
            self.picks += 1
            for person, expected in list(model.items())[self.picks % 2 :: 2]:
                found = accessible_resources.list_effective_roles_by_resource(
                    case, PersonId(person)
                ).items()
                held = {
                    (t, h.role)
                    for t, roles in found
                    for h in roles
                    if t in self.so.resources
                }
                assert held == expected, person
            self.one_decision_is_the_models(case, model)

    def one_decision_is_the_models(
        self, case: Any, model: dict[str, set[tuple[str, str]]]
    ) -> None:
        """The other walks, for one thing at a time: everybody on it, and one person's capabilities."""
        thing = list(self.so.resources)[self.picks % len(self.so.resources)]
        resource = case.graph.get_resource(thing)
        everybody = {
            (h.person, h.role) for h in authorization.list_users_with(case, resource)
        }
        assert plain(everybody) == plain(
            {(p, r) for p, held in model.items() for t, r in held if t == thing}
        )
        counts = authorization.count_users_by_role(
            case, resource, list_role_origins(case, resource)
        )
        total = sum(count.direct + count.derived for count in counts.values())
        assert total == len({who for who, _ in everybody})
        person = list(model)[self.picks // 3 % len(model)]
        for capability in CAPABILITIES[self.picks % 3 :: 3]:
            expected = self.so.has_capability(person, capability, thing, self.at)
            assert (
                authorization.check(case, PersonId(person), capability, resource)
                is expected
            ), (person, capability, thing)


def invite(life: Life, luck: Random, *, several: bool = False) -> tuple[str, Any]:
    by, who, what = luck.choice(PEOPLE), luck.choice(PEOPLE), life.thing(luck)
    some: Any = (
        tuple({what: 0, life.thing(luck): 0, life.thing(luck): 0}) if several else what
    )
    lasts = luck.choice(
        [None, None, timedelta(days=1), timedelta(days=8), timedelta(days=30)]
    )
    return by, InviteToResource(
        life.world.caller_for(by),
        life.world.account_of(who),
        life.role(what, luck),
        some,
        Term(lasts),
    )


def answer(how: Any) -> Any:
    """An answer to an invitation, mostly to one that waits."""

    def make(life: Life, luck: Random) -> tuple[str, Any]:
        by = luck.choice(PEOPLE)
        every = life.so.invitations
        if not every:
            return invite(life, luck)
        waiting = (
            [i for i, found in every.items() if found["state"] == "pending"]
            if luck.randrange(8)
            else []
        )
        invitation = luck.choice(waiting or list(every))
        chosen = (
            luck.choice([RevokeInvitation, ResendInvitation, EditInvitation])
            if how is None
            else how
        )
        first = every[invitation]["places"][0]
        more = (life.role(first, luck),) if chosen is EditInvitation else ()
        return by, chosen(life.world.caller_for(by), invitation, *more)

    return make


def ask(life: Life, luck: Random) -> tuple[str, Any]:
    by, what = luck.choice(PEOPLE), life.thing(luck)
    return by, RequestAccess(life.world.caller_for(by), life.role(what, luck), what)


def answer_request(life: Life, luck: Random) -> tuple[str, Any]:
    by, request = luck.choice(PEOPLE), luck.choice(list(life.so.requests)[-2:])
    return by, luck.choice([ApproveRequest, ApproveRequest, DenyRequest])(
        life.world.caller_for(by), request
    )


def withdraw(life: Life, luck: Random) -> tuple[str, Any]:
    by, asked = luck.choice(PEOPLE), list(life.so.requests)[-3:]
    return (
        (by, WithdrawRequest(life.world.caller_for(by), luck.choice(asked)))
        if asked
        else ask(life, luck)
    )


def choose(life: Life, luck: Random) -> tuple[str, Any]:
    by, what = (
        luck.choice(PEOPLE),
        luck.choice([t for t, _, _ in life.so.successions.values()]),
    )
    return by, ChooseSuccessor(
        life.world.caller_for(by), life.world.account_of(luck.choice(PEOPLE)), what
    )


def extend(life: Life, luck: Random) -> tuple[str, Any]:
    by = luck.choice(PEOPLE)
    what, person, _, _ = luck.choice(
        [r for r in life.so.roles if r[3]] or life.so.roles
    )
    days = luck.choice([None, 1, 8, 40])
    term = Term(timedelta(days=days)) if days else Term()
    return by, ExtendMembership(
        life.world.caller_for(by),
        life.world.account_of(life.name_of(person)),
        what,
        term,
    )


def share(life: Life, luck: Random) -> tuple[str, Any]:
    by, what, team = (
        luck.choice(PEOPLE),
        life.thing(luck, "app", "database", "payment"),
        life.thing(luck, "team"),
    )
    return by, ShareWithTeam(
        life.world.caller_for(by), what, team, life.role(what, luck)
    )


def unshare(life: Life, luck: Random) -> tuple[str, Any]:
    by, (team, what, _) = luck.choice(PEOPLE), luck.choice(life.so.shares)
    return by, UnshareWithTeam(life.world.caller_for(by), what, team)


def assign(life: Life, luck: Random, *, how: Any = AssignToMember) -> tuple[str, Any]:
    by, who = luck.choice(PEOPLE), luck.choice(PEOPLE)
    team, what = (
        luck.choice(life.so.shares)[:2]
        if life.so.shares
        else (life.thing(luck, "team"), life.thing(luck))
    )
    return by, how(life.world.caller_for(by), life.world.account_of(who), what, team)


def change(life: Life, luck: Random, *, how: Any = ChangeRole) -> tuple[str, Any]:
    by, who, what = luck.choice(PEOPLE), luck.choice(PEOPLE), life.thing(luck)
    role = (life.role(what, luck),) if how is ChangeRole else ()
    return by, how(life.world.caller_for(by), life.world.account_of(who), *role, what)


def offboard(life: Life, luck: Random) -> tuple[str, Any]:
    by, who = luck.choice(PEOPLE), luck.choice(PEOPLE)
    return by, OffboardPerson(life.world.caller_for(by), life.world.account_of(who))


def leave(life: Life, luck: Random) -> tuple[str, Any]:
    by = luck.choice(PEOPLE)
    return by, LeaveResource(life.world.caller_for(by), life.thing(luck))


def undo(life: Life, luck: Random) -> tuple[str, Any]:
    by, seq = (
        luck.choice(PEOPLE),
        luck.choice([None, *list(life.so.undoable_removals)[-3:]]),
    )
    return by, UndoDeparture(life.world.caller_for(by), seq)


def create(life: Life, luck: Random) -> tuple[str, Any]:
    by, kind = luck.choice(PEOPLE), luck.choice(KINDS)
    within = life.thing(luck, "company", "project") if luck.randrange(3) else None
    return by, CreateResource(life.world.caller_for(by), kind, kind.title(), within)


def move(life: Life, luck: Random) -> tuple[str, Any]:
    by, what = (
        luck.choice(PEOPLE),
        life.thing(luck, "app", "database", "project", "payment"),
    )
    to = life.thing(luck, "company", "project") if luck.randrange(3) else None
    return by, MoveResource(life.world.caller_for(by), what, to)


def pay(life: Life, luck: Random) -> tuple[str, Any]:
    by, what = luck.choice(PEOPLE), life.thing(luck, "app", "database")
    return by, SetPaymentMethod(
        life.world.caller_for(by),
        what,
        life.thing(luck, "payment") if luck.randrange(3) else None,
    )


def switch(how: Any) -> Any:
    """A project is disabled or enabled."""

    def make(life: Life, luck: Random) -> tuple[str, Any]:
        by = luck.choice(PEOPLE)
        return by, how(life.world.caller_for(by), life.thing(luck, "project"))

    return make


def delete(life: Life, luck: Random) -> tuple[str, Any]:
    by, what = luck.choice(PEOPLE), life.thing(luck)
    return by, DeleteResource(
        life.world.caller_for(by), what, life.so.resources[what]["title"]
    )


ACTS: dict[str, Make] = {
    "invites": invite,
    "invites several": partial(invite, several=True),
    "shares": share,
    "asks": ask,
    "accepts": answer(AcceptInvitation),
    "declines": answer(DeclineInvitation),
    "manages": answer(None),
    "is asked": answer_request,
    "withdraws": withdraw,
    "chooses": choose,
    "extends": extend,
    "changes": change,
    "removes": partial(change, how=RemoveMember),
    "offboards": offboard,
    "leaves": leave,
    "undoes": undo,
    "assigns": assign,
    "unassigns": partial(assign, how=UnassignFromMember),
    "unshares": unshare,
    "creates": create,
    "moves": move,
    "pays": pay,
    "disables": switch(DisableResource),
    "enables": switch(EnableResource),
    "deletes": delete,
}
EXACT = {"accepts", "declines", "leaves", "withdraws"}


def plain(held: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Without what only says again that a person is in who holds another role there."""
    return {
        (p, r)
        for p, r in held
        if r != "collaborator" or all(q != p or s == r for q, s in held)
    }


@contextmanager
def stage(template: bytes) -> Iterator[None]:
    """The ground for many lives, given to machines that Hypothesis makes itself and hands nothing."""
    global STAGE  # noqa: PLW0603
    STAGE = Stage(template)
    try:
        yield
    finally:
        STAGE.database.close()
        STAGE.replay.close()


@pytest.mark.rule("MEM-08")
@pytest.mark.rule("MEM-09")
@pytest.mark.rule("ROL-05")
@pytest.mark.rule("ROL-06")
@pytest.mark.rule("ROL-08")
@pytest.mark.timeout(7200 if LONG else 600)
@pytest.mark.parametrize("half", ["one half", "the other half"])
def test_whatever_people_do_the_rules_hold(
    sqlite_template: bytes, tmp_path: Path, half: str
) -> None:
    """Two halves for two workers: each finds lives of its own.

    What fails is shown as it was found, since looking for the shortest such life takes minutes; `make soak` does.
    """
    examples, steps = (2000, 100) if LONG else (25, 60)
    with stage(sqlite_template):
        run_state_machine_as_test(
            Life,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=[phase for phase in Phase if LONG or phase is not Phase.shrink],
                report_multiple_bugs=False,
                print_blob=True,
            ),
        )
        assert_replay_gives_state(STAGE.database)


def test_the_model_sees_what_the_record_says(acme: Scenario) -> None:
    naive = OracleState()
    for recorded in acme.list_recorded_events():
        naive.apply_event(recorded)
    made = acme.events_of_type(ResourceCreated)[0].resource
    assert naive.kind_of(made) == "company"
    ada = next(person for _, person, _, _ in naive.roles)
    assert naive.effective_roles(ada, MONDAY) == {(made, "owner")}
