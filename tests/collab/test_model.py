"""Random people do random acts; a deliberately naive model, a list of tuples, says what must be so after each."""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import World
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from replay import assert_replay_gives_state

from collab.answers import Accept
from collab.billing import Pay
from collab.events import ResourceCreated
from collab.kinds import CAPABILITIES
from collab.membership import ChangeRole, Leave, Remove
from collab.offers import Term
from collab.refusals import Refused
from collab.resources import Create, Delete, Disable, Enable, Move
from collab.teams import Assign, ShareWith, Unassign, Unshare
from storage.database import Database

PEOPLE = ["ada", "bo", "carl", "devi"]
GIVES = {
    ("company", "owner"): "view edit delete create pay invoices",
    ("company", "admin"): "view create",
    ("company", "accountant"): "view invoices",
    ("company", "collaborator"): "view",
    ("project", "owner"): "view edit disable migrate delete create",
    ("project", "administrator"): "view edit disable create",
    ("project", "member"): "view",
    ("app", "admin"): "view edit delete configure scale code",
    ("app", "manager"): "view configure code",
    ("app", "developer"): "view configure code",
    ("app", "payer"): "view edit delete",
    ("payment", "holder"): "view edit delete pay invoices",
    ("payment", "accountant"): "view invoices",
    ("team", "unlimited"): "view edit delete",
    ("team", "limited"): "view",
}
ROLES = {kind: [role for k, role in GIVES if k == kind] for kind, _ in GIVES}
MUST_STAY = {("company", "owner"), ("project", "owner"), ("payment", "holder"), ("team", "unlimited")}


class Naive:
    """What is so, read from the events alone and kept in lists; every answer is a loop over all of it."""

    def __init__(self) -> None:
        self.things: dict[str, dict[str, Any]] = {}
        self.roles: list[tuple[str, str, str, Any]] = []
        self.shares: list[tuple[str, str, str]] = []
        self.assigned: list[tuple[str, str, str]] = []

    def learn(self, event: Any) -> None:
        """What an event says, if it says anything of roles."""
        getattr(self, type(event).__name__, lambda _: None)(event)

    def ResourceCreated(self, event: Any) -> None:
        self.things[event.resource] = {"kind": event.kind, "parent": event.parent, "payer": None, "off": False}

    def ResourceMoved(self, event: Any) -> None:
        self.things[event.resource]["parent"] = event.parent

    def PayerChanged(self, event: Any) -> None:
        self.things[event.resource]["payer"] = event.payer

    def ResourceDisabled(self, event: Any) -> None:
        self.things[event.resource]["off"] = True

    def ResourceEnabled(self, event: Any) -> None:
        self.things[event.resource]["off"] = False

    def ResourceDeleted(self, event: Any) -> None:
        gone = event.resource
        del self.things[gone]
        self.roles = [r for r in self.roles if r[0] != gone]
        self.shares = [s for s in self.shares if gone not in s[:2]]
        self.assigned = [a for a in self.assigned if gone not in a[:2]]

    def MemberJoined(self, event: Any) -> None:
        self.roles = [r for r in self.roles if (r[0], r[1]) != (event.resource, event.person)]
        self.roles.append((event.resource, event.person, event.role, event.until))

    def MemberRoleChanged(self, event: Any) -> None:
        self.roles = [r for r in self.roles if (r[0], r[1]) != (event.resource, event.person)]
        self.assigned = [a for a in self.assigned if (a[0], a[2]) != (event.resource, event.person)]
        if not event.ends:
            self.roles.append((event.resource, event.person, event.role, event.until))

    def MemberLeft(self, event: Any) -> None:
        self.roles = [r for r in self.roles if (r[0], r[1]) != (event.resource, event.person)]
        self.assigned = [a for a in self.assigned if (a[0], a[2]) != (event.resource, event.person)]

    MemberRemoved = MemberEnded = MemberLeft

    def TeamShared(self, event: Any) -> None:
        self.shares = [s for s in self.shares if s[:2] != (event.team, event.resource)]
        self.shares.append((event.team, event.resource, event.role))

    def TeamUnshared(self, event: Any) -> None:
        self.shares = [s for s in self.shares if s[:2] != (event.team, event.resource)]
        self.assigned = [a for a in self.assigned if a[:2] != (event.team, event.resource)]

    def TeamAssigned(self, event: Any) -> None:
        self.assigned.append((event.team, event.resource, event.person))

    def TeamUnassigned(self, event: Any) -> None:
        self.assigned.remove((event.team, event.resource, event.person))

    def held(self, person: str, at: Any) -> set[tuple[str, str]]:
        """Every (thing, role) of a person: what is given, and all that follows, until nothing new follows."""
        found = {(t, r) for t, p, r, until in self.roles if p == person and (until is None or until > at)}
        while True:
            new = {pair for thing, role in found for pair in self.follows(thing, role, person)} - found
            if not new:
                return found
            found |= new

    def follows(self, thing: str, role: str, person: str) -> set[tuple[str, str]]:
        kind = self.things[thing]["kind"]
        down = {
            ("company", "owner"): {"project": "owner", "app": "admin", "payment": "holder"},
            ("company", "admin"): {"project": "administrator", "app": "admin"},
            ("company", "accountant"): {"payment": "accountant"},
            ("project", "owner"): {"app": "admin"},
            ("project", "administrator"): {"app": "admin"},
            ("project", "member"): {"app": "developer"},
        }.get((kind, role), {})
        out = {(t, down[x["kind"]]) for t, x in self.things.items() if x["parent"] == thing and x["kind"] in down}
        if (kind, role) == ("payment", "holder"):
            out |= {(t, "payer") for t, x in self.things.items() if x["payer"] == thing}
        if (kind, role) == ("team", "unlimited"):
            out |= {(t, r) for team, t, r in self.shares if team == thing}
        if (kind, role) == ("team", "limited"):
            out |= {(t, "developer") for team, t, p in self.assigned if team == thing and p == person}
        return out

    def company_of(self, thing: str) -> str | None:
        parent = self.things[thing]["parent"]
        while parent and self.things[parent]["kind"] != "company":
            parent = self.things[parent]["parent"]
        return parent

    def may(self, person: str, capability: str, thing: str, at: Any) -> bool:
        held = self.held(person, at)
        held |= {
            (self.company_of(t), "collaborator")
            for t, _ in held
            if self.things[t]["kind"] in {"app", "project"} and self.company_of(t)
        }
        off = self.things[thing]["off"] or any(
            self.things[p]["off"] for p in (self.things[thing]["parent"],) if p in self.things
        )
        if off and capability not in {"view", "disable", "delete"}:
            return False
        kind = self.things[thing]["kind"]
        return any(t == thing and capability in GIVES[kind, r].split() for t, r in held)


class Life(RuleBasedStateMachine):
    """People act; what is refused changes nothing, what is done follows the model."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="collab-model-"))
        (self.folder / "db").write_bytes(TEMPLATE)
        self.database = Database.open(f"sqlite:///{self.folder / 'db'}")
        with self.database.engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA synchronous = OFF")
        self.world = World(self.database).knows(*PEOPLE)
        self.naive, self.seen, self.pick = Naive(), 0, 0
        for kind, title, within in (
            ("company", "Acme", None), ("project", "Site", "acme"), ("app", "Shop", "site"), ("app", "Solo", None),
            ("payment", "Card", None), ("team", "Crew", None),
        ):  # fmt: skip
            self.act(Create(self.world.by("ada"), kind, title, within))

    def act(self, action: Any) -> None:
        """What is refused changes nothing but, at most, makes somebody known."""
        try:
            self.world.do(action)
        except Refused:
            assert len(self.world.history()) == self.seen
        self.learn()

    def learn(self) -> None:
        for recorded in self.world.history()[self.seen :]:
            self.naive.learn(recorded.event)
            self.seen = recorded.seq

    def thing(self, number: int, *kinds: str) -> str:
        """One of the things of these kinds; one in eight times any thing at all."""
        fitting = [t for t, about in self.naive.things.items() if about["kind"] in kinds and number % 8]
        things = fitting or list(self.naive.things) or ["none"]
        return things[number % len(things)]

    def kind_of(self, thing: str) -> str:
        return str(self.naive.things[thing]["kind"])

    def role_of(self, thing: str, number: int) -> str:
        return ROLES[self.kind_of(thing)][number % len(ROLES[self.kind_of(thing)])]

    def able(self, by: str, thing: str, number: int) -> str:
        """Mostly somebody who may do something there; now and then whoever it is."""
        inside = [p for p in PEOPLE if self.naive.may(self.id_of(p), "edit", thing, self.world.at)]
        return inside[number % len(inside)] if inside and number % 5 else by

    someone, number = st.sampled_from(PEOPLE), st.integers(0, 10_000)

    @rule(by=someone, who=someone, n=number, m=number, days=st.sampled_from([None, None, 1, 30]), yes=st.booleans())
    def invites(self, by: str, who: str, n: int, m: int, days: int | None, yes: bool) -> None:
        thing = self.thing(n, *ROLES)
        term = Term(timedelta(days=days)) if days else Term()
        before = self.naive.held(self.id_of(who), self.world.at)
        try:
            invitation = self.world.invite(who, self.role_of(thing, m), thing, by=self.able(by, thing, m), term=term)
        except Refused:
            return
        except AttributeError:  # what waited was sent again
            invitation = ""
        self.learn()
        assert self.naive.held(self.id_of(who), self.world.at) == before  # ROL-06
        if yes and invitation:
            self.act(Accept(self.world.by(who), invitation))

    @rule(by=someone, who=someone, n=number, m=number)
    def changes(self, by: str, who: str, n: int, m: int) -> None:
        thing = self.thing(n, *ROLES)
        actor = self.able(by, thing, m)
        self.act(ChangeRole(self.world.by(actor), self.world.account(who), self.role_of(thing, m), thing))

    @rule(by=someone, who=someone, n=number, m=number)
    def removes(self, by: str, who: str, n: int, m: int) -> None:
        thing = self.thing(n, *ROLES)
        self.act(Remove(self.world.by(self.able(by, thing, m)), self.world.account(who), thing))

    @rule(who=someone, n=number)
    def leaves(self, who: str, n: int) -> None:
        mine = [t for t, p, _, _ in self.naive.roles if p == self.id_of(who)]
        self.act(Leave(self.world.by(who), mine[n % len(mine)] if mine else self.thing(n)))

    @rule(by=someone, kind=st.sampled_from(["company", "project", "app", "app", "payment", "team"]), n=number)
    def creates(self, by: str, kind: str, n: int) -> None:
        if len(self.naive.things) < 12:
            within = self.thing(n, "company", "project")
            top = n % 3 == 0
            actor = by if top else self.able(by, within, n)
            self.act(Create(self.world.by(actor), kind, kind.title(), None if top else within))

    @rule(by=someone, n=number, m=number)
    def moves(self, by: str, n: int, m: int) -> None:
        thing = self.thing(n, "app", "project", "payment")
        to = None if m % 4 == 0 else self.thing(m, "company", "project")
        self.act(Move(self.world.by(self.able(by, thing, m)), thing, to))

    @rule(by=someone, n=number, off=st.booleans())
    def switches(self, by: str, n: int, off: bool) -> None:
        thing = self.thing(n, "project")
        self.act((Disable if off else Enable)(self.world.by(self.able(by, thing, n)), thing))

    @rule(by=someone, n=number, m=number)
    def pays(self, by: str, n: int, m: int) -> None:
        thing = self.thing(n, "app")
        method = None if m % 4 == 0 else self.thing(m, "payment")
        self.act(Pay(self.world.by(self.able(by, thing, m)), thing, method))

    @rule(by=someone, n=number)
    def deletes(self, by: str, n: int) -> None:
        if len(self.naive.things) > 6:
            thing = self.thing(n, *ROLES)
            self.act(Delete(self.world.by(self.able(by, thing, n)), thing, self.kind_of(thing).title()))

    @rule(by=someone, n=number, m=number, end=st.integers(0, 3))
    def shares(self, by: str, n: int, m: int, end: int) -> None:
        thing, team = self.thing(n, "app", "payment"), self.thing(m, "team")
        place = (self.world.by(self.able(by, thing, m)), thing, team)
        self.act(ShareWith(*place, self.role_of(thing, m)) if end else Unshare(*place))

    @rule(by=someone, n=number, m=number, end=st.integers(0, 3))
    def assigns(self, by: str, n: int, m: int, end: int) -> None:
        team, thing, _ = self.naive.shares[n % len(self.naive.shares)] if self.naive.shares else (None, None, None)
        limited = [p for t, p, r, _ in self.naive.roles if t == team and r == "limited"]
        if team and thing and limited:
            who = next(p for p in PEOPLE if self.id_of(p) == limited[m % len(limited)])
            act = Assign if end else Unassign
            self.act(act(self.world.by(self.able(by, team, m)), self.world.account(who), thing, team))

    @rule(days=st.sampled_from([1, 2, 31]), sweep=st.booleans())
    def waits(self, days: int, sweep: bool) -> None:
        self.world.at += timedelta(days=days)
        if sweep:
            self.world.collab.pass_time(self.world.at)
            self.learn()

    @invariant()
    def nothing_is_without_those_who_must_stay(self) -> None:
        for thing, about in self.naive.things.items():
            kind = about["kind"]
            lasting = [r for t, _, r, until in self.naive.roles if t == thing and until is None]
            for must_kind, role in MUST_STAY:
                assert must_kind != kind or role in lasting, (kind, lasting)
            assert kind != "project" or lasting.count("owner") == 1
            assert kind != "app" or about["parent"] or about["payer"] or "admin" in lasting

    @invariant()
    def decisions_are_the_models(self) -> None:
        self.pick += 1
        person = PEOPLE[self.pick % len(PEOPLE)]
        thing = self.thing(self.pick // len(PEOPLE))
        for capability in CAPABILITIES[self.pick % 3 :: 3]:
            expected = self.naive.may(self.id_of(person), capability, thing, self.world.at)
            assert self.world.may(person, capability, thing) is expected, (person, capability, thing)

    def id_of(self, name: str) -> str:
        with self.database.units.look(self.world.workspace) as facts:
            found = facts.person_by_account(self.world.account(name))
        assert found
        return found.id

    def teardown(self) -> None:
        if hasattr(self, "database"):
            assert_replay_gives_state(self.database)
            self.database.close()
            shutil.rmtree(self.folder)


TEMPLATE = b""
LONG = bool(os.environ.get("COLLAB_SOAK"))


@pytest.mark.rule("MEM-08")
@pytest.mark.rule("ROL-05")
@pytest.mark.rule("ROL-06")
@pytest.mark.rule("ROL-08")
@pytest.mark.timeout(3600 if LONG else 280)
def test_whatever_people_do_the_rules_hold(sqlite_template: bytes) -> None:
    global TEMPLATE  # noqa: PLW0603 - Hypothesis makes the machines itself and hands them nothing
    TEMPLATE = sqlite_template
    examples, steps = (2000, 100) if LONG else (100, 50)
    machine = Life.TestCase
    machine.settings = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    machine("runTest").runTest()


def test_the_model_sees_what_the_record_says(acme: World) -> None:
    naive = Naive()
    for recorded in acme.history():
        naive.learn(recorded.event)
    made = acme.happened(ResourceCreated)[0].resource
    assert naive.things[made]["kind"] == "company"
