"""Random people pay, hand over and take over; a deliberately naive model says what each of these acts must change.

After every act:
- a billing act was done if, and only if, the model allows it, and it changed exactly what the model says;
- a thing has one payer or none, and nobody has `pay` but by holding;
- an offer waits only while its sender's right stands and what pays is the same (BIL-05);
- nobody comes in beyond a plan (BIL-09);
and in the end the events, replayed, give the tables.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from collab import authorization
from collab.billing.invoices import AddInvoices, NewInvoice
from collab.billing.payment_method_choice import NewPaymentMethod
from collab.billing.payment_methods import SetPaymentMethod
from collab.billing.plans import ChangePlan
from collab.billing.transfers import TransferBilling, TransferOwnership
from collab.errors import BeyondPlan, DeclinedRecently, PlanExceeded, Rejected
from collab.events import InvitationSent, ResourceCreated
from collab.handovers.offers import HandOver
from collab.handovers.taking_back import OfferTakeBack
from collab.invitations.answers import AcceptInvitation, DeclineInvitation
from collab.invitations.commands import InviteToResource, RevokeInvitation
from collab.limits import Policy
from collab.memberships.commands import ChangeRole, LeaveResource, RemoveMember
from collab.model import InvitationId, PersonId, ResourceId
from collab.moves import MoveResource
from collab.resource_deletion import DeleteResource
from collab.resources import CreateResource
from storage.database import Database
from tests.support.billing_oracle import set_plans
from tests.support.builders import Scenario
from tests.support.replay import assert_replay_gives_state

pytestmark = pytest.mark.slow  # the stateful model

PEOPLE = ["ada", "bo", "carl", "devi", "eli"]
PLANS = {
    "small": {"owner": 1, "admin": 1, "collaborator": 1},
    "middle": {"owner": 2, "admin": 2, "collaborator": 2},
}
GROUND = (
    ("company", "Acme", None, "ada"),
    ("project", "Site", "acme", "ada"),
    ("app", "Shop", "acme", "ada"),
    ("app", "Page", "site", "ada"),
    ("app", "Solo", None, "bo"),
    ("payment", "Card", None, "ada"),
    ("payment", "House", "acme", "ada"),
    ("payment", "Purse", None, "carl"),
    ("payment", "Wallet", None, "eli"),
)
MEMBERS = (
    ("bo", "admin", "acme"),
    ("carl", "developer", "shop"),
    ("devi", "holder", "card"),
    ("devi", "manager", "page"),
    ("carl", "admin", "solo"),
    ("eli", "developer", "solo"),
)
ROLES = {
    "company": ["owner", "admin", "accountant", "collaborator"],
    "project": ["owner", "administrator", "member"],
    "app": ["admin", "manager", "developer", "payer"],
    "payment": ["holder", "accountant"],
}
DOWN = {
    ("company", "owner"): {"project": "owner", "app": "admin", "payment": "holder"},
    ("company", "admin"): {"project": "administrator", "app": "admin"},
    ("company", "accountant"): {"payment": "accountant"},
    ("project", "owner"): {"app": "admin"},
    ("project", "administrator"): {"app": "admin"},
    ("project", "member"): {"app": "developer"},
}
DELETES = {
    ("company", "owner"),
    ("project", "owner"),
    ("app", "admin"),
    ("app", "payer"),
    ("payment", "holder"),
}
GRANTS = {
    ("company", "owner"): "owner admin accountant",
    ("company", "admin"): "admin",
    ("project", "owner"): "administrator member",
    ("project", "administrator"): "administrator member",
    ("app", "admin"): "admin manager developer",
    ("app", "payer"): "admin manager developer",
    ("app", "manager"): "developer",
    ("payment", "holder"): "holder accountant",
}
ENDS = {
    f"Invitation{how}"
    for how in ("Accepted", "Declined", "Revoked", "Expired", "Superseded")
} | {"HandoverDone", "HandoverFailed"}
STAYS_AS = {"company": "admin", "project": "administrator", "app": "developer"}


class Books:
    """Who was given what, what pays for what, and what is offered; every answer is a loop over all of it."""

    def __init__(self) -> None:
        self.things: dict[str, dict[str, Any]] = {}
        self.roles: dict[tuple[str, str], str] = {}
        self.offers: dict[InvitationId, dict[str, Any]] = {}
        self.ended_offers: dict[InvitationId, dict[str, Any]] = {}

    def learn(self, event: Any, actor: str | None) -> None:
        """What an event says of all that."""
        name = type(event).__name__
        if name == "InvitationSent":
            self.offered(event, actor)
        elif name == "HandoverAgreed":
            self.offers[event.invitation]["agreed"] = True
        elif name in ENDS and event.invitation in self.offers:
            self.ended_offers[event.invitation] = self.offers.pop(event.invitation)
        elif name == "InvitationReopened":
            self.offers[event.invitation] = self.ended_offers.pop(event.invitation)
        else:
            getattr(self, name, lambda _: None)(event)

    def offered(self, event: Any, actor: str | None) -> None:
        what = (event.resource, *event.also)
        self.offers[event.invitation] = {
            "what": what, "to": event.person, "by": actor, "as": event.role, "purpose": event.purpose,
            "payers": [self.things[t]["payer"] for t in what], "pays": event.pays,
        }  # fmt: skip

    def ResourceCreated(self, event: Any) -> None:
        self.things[event.resource] = {
            "kind": event.kind,
            "parent": event.parent,
            "payer": None,
            "plan": None,
        }

    def ResourceMoved(self, event: Any) -> None:
        self.things[event.resource]["parent"] = event.parent

    def PayerChanged(self, event: Any) -> None:
        self.things[event.resource]["payer"] = event.payer

    def PlanChanged(self, event: Any) -> None:
        self.things[event.resource]["plan"] = event.plan

    def ResourceRetired(self, event: Any) -> None:
        self.things[event.resource]["retired"] = True

    def InvoiceAdded(self, event: Any) -> None:
        self.things[event.resource]["invoices"] = True

    def ResourceDeleted(self, event: Any) -> None:
        del self.things[event.resource]
        self.roles = {k: r for k, r in self.roles.items() if k[0] != event.resource}

    def MemberJoined(self, event: Any) -> None:
        self.roles[event.resource, event.person] = event.role

    MemberRestored = MemberJoined

    def MemberLeft(self, event: Any) -> None:
        self.roles.pop((event.resource, event.person), None)

    MemberRemoved = MemberLeft

    def MemberRoleChanged(self, event: Any) -> None:
        (self.MemberLeft if event.ends else self.MemberJoined)(event)

    def follows(self, thing: str, role: str) -> Iterator[tuple[str, str]]:
        down = DOWN.get((self.things[thing]["kind"], role), {})
        for other, about in self.things.items():
            if about["parent"] == thing and about["kind"] in down:
                yield other, down[about["kind"]]
            if about["payer"] == thing and role == "holder":
                yield other, "payer"

    def held(self, person: str) -> set[tuple[str, str]]:
        """Every (thing, role) of a person, until nothing new follows."""
        found = {(t, r) for (t, p), r in self.roles.items() if p == person}
        while new := {pair for held in found for pair in self.follows(*held)} - found:
            found |= new
        return found

    def may(self, person: str, thing: str, rows: set[tuple[str, str]]) -> bool:
        return any(
            t == thing and (self.things[t]["kind"], r) in rows
            for t, r in self.held(person)
        )

    def deletes(self, person: str, thing: str) -> bool:
        return self.may(person, thing, DELETES)

    def pays(self, person: str, thing: str) -> bool:
        """`pay` comes with holding a payment method, and with owning a company; with nothing else."""
        return self.may(person, thing, {("payment", "holder"), ("company", "owner")})

    def has_billing(self, person: str, thing: str) -> bool:
        by = self.things[thing]["payer"]
        return self.deletes(person, thing) and (by is None or self.pays(person, by))

    def granted(self, person: str, thing: str) -> list[str]:
        """The roles that a person may bring others into."""
        kind = self.things[thing]["kind"]
        mine = [
            GRANTS.get((kind, r), "").split()
            for t, r in self.held(person)
            if t == thing
        ]
        return sorted({role for roles in mine for role in roles})

    def owns(self, person: str, thing: str) -> bool:
        about = self.things[thing]
        if about["kind"] == "app" and about["parent"]:
            return False
        by_company = (
            about["kind"] == "project"
            and self.roles.get((about["parent"], person)) == "owner"
        )
        return by_company or self.roles.get((thing, person)) == ROLES[about["kind"]][0]

    def stands(self, offer: dict[str, Any]) -> bool:
        """Whether an offer still may wait."""
        if any(t not in self.things for t in offer["what"]):
            return False
        if offer["purpose"] == "join":
            return offer["as"] in self.granted(offer["by"], offer["what"][0])
        if offer["purpose"] == "own":
            return self.owns(offer["by"], offer["what"][0])
        if offer["purpose"] == "takeback":
            return True
        if offer["purpose"] == "handover":
            owned = all(self.owns(offer["by"], t) for t in self.handed_over(offer))
            return owned and all(
                self.has_billing(offer["by"], t) for t in offer["pays"]
            )
        same = [self.things[t]["payer"] for t in offer["what"]] == offer["payers"]
        return same and all(self.has_billing(offer["by"], t) for t in offer["what"])

    def handed_over(self, offer: dict[str, Any]) -> list[str]:
        """The things of a handover that change their owner: apps all, else the first."""
        first = offer["what"][0]
        return list(offer["what"]) if self.things[first]["kind"] == "app" else [first]

    def paid_by(self, person: str, thing: str) -> set[str]:
        """What is paid for there, or inside it, by what a person may pay with, and not by its company."""
        around = {thing, self.things[thing]["parent"]}
        return {
            t
            for t in {thing, *self.inside(thing)}
            if self.things[t]["payer"]
            and self.has_billing(person, t)
            and self.things[self.things[t]["payer"]]["parent"] not in around - {None}
        }

    def controlled(self, thing: str) -> bool:
        about = self.things[thing]
        direct = [r for (t, _), r in self.roles.items() if t == thing]
        return about["kind"] != "app" or bool(
            about["parent"] or about["payer"] or "admin" in direct
        )

    def inside(self, company: str) -> set[str]:
        found = {t for t, a in self.things.items() if a["parent"] == company}
        return found | {t for t, a in self.things.items() if a["parent"] in found}

    def seats(self, company: str, people: Iterable[str]) -> dict[str, set[str]]:
        """The highest role of each in a company."""
        seats: dict[str, set[str]] = {role: set() for role in ROLES["company"]}
        inner = self.inside(company)
        for person in people:
            held = self.held(person)
            mine = {r for t, r in held if t == company}
            mine |= {
                "collaborator"
                for t, _ in held
                if t in inner and self.things[t]["kind"] in {"app", "project"}
            }
            best = next((role for role in ROLES["company"] if role in mine), None)
            if best:
                seats[best].add(person)
        return seats


class Life(RuleBasedStateMachine):
    """People act; billing acts are done just when the model allows them, and do just what it says."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="collab-books-"))
        (self.folder / "db").write_bytes(TEMPLATE)
        self.database = Database.open(f"sqlite:///{self.folder / 'db'}")
        with self.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA synchronous = OFF")
        self.world = Scenario(
            self.database, policy=Policy(daily_invitations=10_000)
        ).register_people(*PEOPLE)
        set_plans(self.world, PLANS)
        self.books, self.seen, self.numbers = Books(), 0, count(1)
        for kind, title, within, by in GROUND:
            self.world.execute(
                CreateResource(self.world.caller_for(by), kind, title, within)
            )
        with self.database.unit_of_work_factory.read(self.world.workspace) as facts:
            found = {
                name: facts.people.find_person_by_account(self.world.account_of(name))
                for name in PEOPLE
            }
        self.ids = {name: person.id for name, person in found.items() if person}
        self.names = {person: name for name, person in self.ids.items()}
        for who, role, what in MEMBERS:
            self.world.add_member(who, role, what, by="bo" if what == "solo" else "ada")
        self.world.execute(ChangePlan(self.world.caller_for("ada"), "acme", "middle"))
        self.learn()

    # acting

    def act(
        self,
        by: str,
        action: Any,
        allowed: bool | None = None,
        expected: Books | None = None,
    ) -> Any:
        """Do it: as the model allows and expects, where it says something; by a plan alone it may be refused beyond."""
        before = self.crowded()
        (outcome,) = self.world.bus.execute_each([action], self.world.at)
        refused = isinstance(outcome, Rejected)
        if refused:
            by_plan = isinstance(outcome, BeyondPlan | PlanExceeded) and any(
                about["plan"] for about in self.books.things.values()
            )
            assert (
                allowed is not True or by_plan or isinstance(outcome, DeclinedRecently)
            ), (by, action, outcome)
        else:
            assert allowed is not False, ("this was not allowed", by, action)
        self.learn(changed=not refused)
        if expected is not None and not refused:
            assert (self.books.things, self.books.roles) == (
                expected.things,
                expected.roles,
            ), action
        self.check(before)
        return outcome

    def learn(self, *, changed: bool = True) -> None:
        with self.database.unit_of_work_factory.read(self.world.workspace) as facts:
            happened = list(facts.events.list_events_from(self.seen + 1, 1000))
        assert changed or not happened, "what is refused changes nothing"
        for recorded in happened:
            self.books.learn(recorded.event, recorded.actor)
            self.seen = recorded.seq

    # what must be so after each

    def crowded(self) -> dict[tuple[str, str], set[str]]:
        """Who holds the limited roles of companies on a plan."""
        books, people = self.books, list(self.ids.values())
        planned = [(t, PLANS[a["plan"]]) for t, a in books.things.items() if a["plan"]]
        return {
            (t, role): books.seats(t, people)[role]
            for t, limits in planned
            for role in limits
        }

    def check(self, before: dict[tuple[str, str], set[str]]) -> None:
        books = self.books
        for (company, role), now in self.crowded().items():
            limit = PLANS[books.things[company]["plan"]][role]
            # Who loses a higher role, and is still reached by another way, stays beyond the limit: MEM-04 goes first.
            inside = set().union(
                *(people for (there, _), people in before.items() if there == company)
            )
            assert len(now) <= limit or now <= inside, (role, now, limit)
        for offer in books.offers.values():
            assert books.stands(offer), ("an offer outlived its right", offer)
        for thing, about in books.things.items():
            owners = [
                p for (t, p), r in books.roles.items() if (t, r) == (thing, "owner")
            ]
            held_by_company = about["parent"] is not None
            assert (
                about["kind"] != "project"
                or len(owners) == 1
                or (held_by_company and not owners)
            )
            is_held = held_by_company or any(
                (t, r) == (thing, "holder") for (t, _), r in books.roles.items()
            )
            assert about["kind"] != "payment" or is_held or about.get("retired")
            assert books.controlled(thing)
            assert about["payer"] is None or not books.things[about["payer"]].get(
                "retired"
            )
        with self.database.unit_of_work_factory.read(self.world.workspace) as facts:
            case = self.world.bus.context(facts, self.world.at)
            for thing, about in books.things.items():
                resource = facts.resources.get_resource(ResourceId(thing))
                assert resource
                assert (resource.payer, resource.plan) == (
                    about["payer"],
                    about["plan"],
                )
                assert (resource.paid_since is None) is (resource.payer is None), (
                    "what is no trial has a payer (BIL-11)"
                )
                for person in (
                    list(self.ids.values())
                    if about["kind"] in {"payment", "company"}
                    else ()
                ):
                    assert authorization.check(
                        case, person, "pay", resource
                    ) is books.pays(person, thing)

    # picking

    def thing(self, luck: Random, *kinds: str) -> str:
        return luck.choice(
            [t for t, a in self.books.things.items() if a["kind"] in kinds]
        )

    def who(self, luck: Random, fits: Any) -> str:
        """Mostly a person whom something fits; now and then whoever it is."""
        candidates = [p for p in PEOPLE if fits(self.ids[p])]
        return luck.choice(candidates if candidates and luck.randrange(5) else PEOPLE)

    def some(self, luck: Random, kinds: tuple[str, ...], fits: Any) -> tuple[str, str]:
        """Mostly a person and a thing that fit together; now and then whoever and whatever it is."""
        things = [t for t, a in self.books.things.items() if a["kind"] in kinds]
        pairs = [(p, t) for p in PEOPLE for t in things]
        candidates = (
            [(p, t) for p, t in pairs if fits(self.ids[p], t)]
            if luck.randrange(6)
            else []
        )
        return luck.choice(candidates or pairs)

    number = st.integers(0, 2**32)

    # billing acts

    @rule(n=number)
    def pays(self, n: int) -> None:
        luck, books = Random(n), self.books
        by, app = self.some(luck, ("app",), books.has_billing)
        mine = [
            t
            for t, a in books.things.items()
            if a["kind"] == "payment" and books.pays(self.ids[by], t)
        ]
        method: str | None = self.thing(luck, "payment", "company")
        if mine and luck.randrange(6):
            method = luck.choice(mine)
        if not luck.randrange(5):
            method = None
        me, now = self.ids[by], books.things[app]["payer"]
        expected = deepcopy(books)
        expected.things[app]["payer"] = method
        right = books.deletes(me, app) and (method is None or self.usable(me, method))
        allowed = right and (
            method == now or (books.has_billing(me, app) and expected.controlled(app))
        )
        self.act(
            by,
            SetPaymentMethod(self.world.caller_for(by), app, method),
            allowed,
            expected,
        )

    def usable(self, person: str, method: str) -> bool:
        about = self.books.things[method]
        return (
            about["kind"] == "payment"
            and self.books.pays(person, method)
            and not about.get("retired")
        )

    @rule(n=number, goes=st.booleans())
    def offers(self, n: int, goes: bool) -> None:
        """What waits for its answer, or for what ends it."""
        self.offer_billing(n, goes=goes) if n % 3 else self.offer_ownership(n)

    def offer_billing(self, n: int, *, goes: bool) -> str | None:
        luck, books = Random(n), self.books
        by, first = self.some(luck, ("app",), books.has_billing)
        others = [
            t for t in books.things if t != first and books.has_billing(self.ids[by], t)
        ]
        others = [t for t in others if books.things[t]["kind"] == "app"]
        some = (
            (first, luck.choice(others)) if others and luck.randrange(2) else (first,)
        )
        to = luck.choice([p for p in PEOPLE if p != by])
        allowed: bool | None = all(books.has_billing(self.ids[by], t) for t in some)
        if allowed and (
            self.may_be_handed_over(some)
            or any(
                self.is_in_the_way(offer, by, to, some)
                for offer in books.offers.values()
            )
        ):
            allowed = None
        act = TransferBilling(
            self.world.caller_for(by), self.world.account_of(to), some, leaves=goes
        )
        return self.sent(self.act(by, act, allowed, deepcopy(books)))

    def sent(self, outcome: Any) -> InvitationId | None:
        """The invitation that an act sent, if it did."""
        sent = (
            None
            if isinstance(outcome, Rejected)
            else outcome.find_event(InvitationSent)
        )
        return sent.invitation if sent else None

    def may_be_handed_over(self, things: Collection[str]) -> bool:
        """Whether a handover of any of these, of what is inside or of what they are in
        was offered and has not ended since.
        """
        books = self.books
        around = {t for thing in things for t in (thing, *books.inside(thing))}
        around |= {parent for t in around if (parent := books.things[t]["parent"])}
        return any(
            offer["purpose"] == "handover" and around & {*offer["what"], *offer["pays"]}
            for offer in books.offers.values()
        )

    def is_in_the_way(
        self, offer: dict[str, Any], by: str, to: str, some: tuple[str, ...]
    ) -> bool:
        """Whether an offer of another person waits for the same person, of these things and of others."""
        me, asked = (
            self.ids[by],
            (offer["purpose"], offer["to"]) == ("pay", self.ids[to]),
        )
        theirs = offer["by"] != me and not all(
            self.books.has_billing(me, t) for t in offer["what"]
        )
        return asked and theirs and bool({*some} & {*offer["what"]})

    def offer_ownership(self, n: int) -> str | None:
        luck, books = Random(n), self.books
        by, what = self.some(luck, ("project", "app", "company"), books.owns)
        to = luck.choice([p for p in PEOPLE if p != by])
        held = (
            books.roles.get((what, self.ids[to]))
            == ROLES[books.things[what]["kind"]][0]
        )
        act = TransferOwnership(
            self.world.caller_for(by), self.world.account_of(to), what
        )
        allowed: bool | None = books.owns(self.ids[by], what) and not held
        if allowed and self.may_be_handed_over((what,)):
            allowed = None
        return self.sent(self.act(by, act, allowed, deepcopy(books)))

    @rule(n=number, how=st.sampled_from(["mine", "mine", "new", "new", "any", None]))
    def accepts(self, n: int, how: str | None) -> None:
        luck, books = Random(n), self.books
        offers = [i for i, offer in books.offers.items() if offer["purpose"] != "join"]
        if not offers:
            self.offer_billing(n, goes=False)
            return
        self.answers(luck, luck.choice(offers), how)

    @rule(
        n=number,
        how=st.sampled_from(["mine", "mine", "new", "any"]),
        goes=st.booleans(),
        between=st.booleans(),
    )
    def transfers(self, n: int, how: str, goes: bool, between: bool) -> None:
        """From the offer to its acceptance, with or without something that happens in between."""
        invitation = (
            self.offer_billing(n, goes=goes) if n % 4 else self.offer_ownership(n)
        )
        if between:
            act = (self.pays, self.joins_somewhere, self.moves, self.ends_a_method)[
                n % 4
            ]
            act(n // 4)
        if invitation in self.books.offers:
            self.answers(Random(n), InvitationId(invitation), how)

    def answers(self, luck: Random, invitation: InvitationId, how: str | None) -> None:
        books = self.books
        offer = books.offers[invitation]
        by = self.who(luck, lambda p: p == offer["to"])
        me, mine = self.ids[by], self.ids[by] == offer["to"]
        if offer["purpose"] == "own":
            self.takes_ownership(by, invitation, offer, mine=mine)
            return
        if offer["purpose"] in {"handover", "takeback"}:
            self.takes_over(by, invitation, offer, mine=mine)
            return
        methods = [
            t
            for t, a in books.things.items()
            if a["kind"] == "payment" and (how == "any" or books.pays(me, t))
        ]
        choice = luck.choice(methods) if methods and how in {"mine", "any"} else None
        if how == "new":
            choice = f"Method {next(self.numbers)}"
        can = how == "new" or (choice is not None and self.usable(me, choice))
        act = AcceptInvitation(
            self.world.caller_for(by),
            invitation,
            NewPaymentMethod(choice) if how == "new" and choice else choice,
        )
        expected = None if how == "new" else self.taken(offer, choice)
        before = deepcopy(books)
        outcome = self.act(by, act, mine and can, expected)
        if how == "new" and not isinstance(outcome, Rejected):
            self.made_and_taken(
                before, offer, outcome.get_event(ResourceCreated).resource, me
            )

    def taken(
        self, offer: dict[str, Any], method: str | None, books: Books | None = None
    ) -> Books:
        """What an accepted offer of billing changes: the payer, and the sender's own role; nothing else."""
        expected = deepcopy(books or self.books)
        for thing in offer["what"]:
            expected.things[thing]["payer"] = method
            key, developer = (thing, offer["by"]), offer["as"]
            expected.roles.pop(key, None)
            if developer:
                expected.roles[key] = developer
        return expected

    def made_and_taken(
        self, before: Books, offer: dict[str, Any], method: str, me: str
    ) -> None:
        before.things[method] = {
            "kind": "payment",
            "parent": None,
            "payer": None,
            "plan": None,
        }
        before.roles[method, me] = "holder"
        expected = self.taken(offer, method, before)
        assert (self.books.things, self.books.roles) == (
            expected.things,
            expected.roles,
        )

    def takes_ownership(
        self, by: str, invitation: InvitationId, offer: dict[str, Any], *, mine: bool
    ) -> None:
        """One goes up, the other down; nothing else changes."""
        (what,), expected = offer["what"], deepcopy(self.books)
        kind = self.books.things[what]["kind"]
        held = self.books.roles.get((what, self.ids[by])) == ROLES[kind][0]
        expected.roles[what, self.ids[by]] = ROLES[kind][0]
        owners = [
            p for (t, p), r in self.books.roles.items() if (t, r) == (what, "owner")
        ]
        for old in owners if kind == "project" else [offer["by"]]:
            expected.roles[what, old] = STAYS_AS[kind]
        self.act(
            by,
            AcceptInvitation(self.world.caller_for(by), invitation),
            mine and not held,
            expected,
        )

    # handovers

    def offer_handover(self, n: int, keeps: str | None, days: int) -> str | None:
        luck, books = Random(n), self.books
        by, what = self.some(luck, ("project", "app", "company"), books.owns)
        me, to = self.ids[by], luck.choice([p for p in PEOPLE if p != by])
        highest = ROLES[books.things[what]["kind"]][0]
        pays = books.paid_by(me, what)
        allowed: bool | None = (
            books.owns(me, what) and books.roles.get((what, self.ids[to])) != highest
        )
        if allowed and self.may_be_handed_over({what, *pays}):
            allowed = None
        act = HandOver(
            self.world.caller_for(by),
            self.world.account_of(to),
            what,
            keeps,
            (self.world.at + timedelta(days=days)).date() if days else None,
        )
        outcome = self.act(by, act, allowed, deepcopy(books))
        invitation = self.sent(outcome)
        if invitation:
            assert {*self.books.offers[invitation]["pays"]} == pays
        return invitation

    def takes_over(
        self, by: str, invitation: InvitationId, offer: dict[str, Any], *, mine: bool
    ) -> Any:
        """All of it or nothing; a later day changes nothing yet."""
        if offer.get("agreed"):
            mine = False
        methods = [
            t
            for t, a in self.books.things.items()
            if a["kind"] == "payment" and self.usable(self.ids[by], t)
        ]
        choice = methods[0] if methods else None
        act = AcceptInvitation(self.world.caller_for(by), invitation, choice)
        if offer["purpose"] == "takeback":
            return self.act(by, act, None if mine else False)
        can = mine and (not offer["pays"] or choice is not None)
        at_once = self.world.get_invitation(invitation).starts is None
        expected = self.handed_on(offer, choice) if at_once else deepcopy(self.books)
        return self.act(by, act, can, expected)

    def handed_on(self, offer: dict[str, Any], method: str | None) -> Books:
        """What a handover changes: owners, payers, and the sender's own roles; nothing else."""
        expected = deepcopy(self.books)
        for thing in self.books.handed_over(offer):
            kind = self.books.things[thing]["kind"]
            highest, sender = ROLES[kind][0], offer["by"]
            owners = [
                p
                for (t, p), r in self.books.roles.items()
                if (t, r) == (thing, highest)
            ]
            for old in owners if kind == "project" else []:
                expected.roles[thing, old] = STAYS_AS[kind]
            if not offer["as"]:
                for inner in {thing, *self.books.inside(thing)}:
                    expected.roles.pop((inner, sender), None)
            elif sender in owners:
                expected.roles[thing, sender] = offer["as"]
            expected.roles[thing, offer["to"]] = highest
        for thing in offer["pays"]:
            expected.things[thing]["payer"] = method
        return expected

    @rule(
        n=number,
        keeps=st.sampled_from([None, None, ""]),
        days=st.sampled_from([0, 0, 0, 3]),
        between=st.booleans(),
        back=st.booleans(),
    )
    def hands_over(
        self, n: int, keeps: str | None, days: int, between: bool, back: bool
    ) -> None:
        """From the offer to the yes, and perhaps back to what was before."""
        invitation = self.offer_handover(n, keeps, days)
        if between:
            act = (self.pays, self.joins_somewhere, self.moves, self.ends_a_method)[
                n % 4
            ]
            act(n // 4)
        offer = self.books.offers.get(InvitationId(invitation or ""))
        if offer is None:
            return
        before = deepcopy(self.books)
        to = self.names[offer["to"]]
        outcome = self.takes_over(to, InvitationId(invitation or ""), offer, mine=True)
        if not back or days or isinstance(outcome, Rejected):
            return
        by = self.names[offer["by"]]
        ask = OfferTakeBack(self.world.caller_for(by), InvitationId(invitation or ""))
        asked = self.sent(self.act(by, ask, None, deepcopy(self.books)))
        if asked:
            yes = AcceptInvitation(self.world.caller_for(to), asked)
            self.act(to, yes, None, before)

    @rule(n=number, how=st.sampled_from(["decline", "revoke", "revoke"]))
    def ends(self, n: int, how: str) -> None:
        luck, books = Random(n), self.books
        if books.offers:
            invitation = luck.choice(list(books.offers))
            to = self.names[
                books.offers[invitation]["to" if how == "decline" else "by"]
            ]
            act = (DeclineInvitation if how == "decline" else RevokeInvitation)(
                self.world.caller_for(to), invitation
            )
            self.act(to, act, True, deepcopy(books))

    @rule(n=number, plan=st.sampled_from([None, "small", "middle"]))
    def plans(self, n: int, plan: str | None) -> None:
        luck, books = Random(n), self.books
        company = self.thing(luck, "company")
        by = self.who(luck, lambda p: books.pays(p, company))
        expected = deepcopy(books)
        expected.things[company]["plan"] = plan
        allowed = books.pays(self.ids[by], company)
        seats = books.seats(company, [*self.ids.values()])
        fits = all(
            len(seats[role]) <= limit
            for role, limit in PLANS.get(plan or "", {}).items()
        )
        outcome = self.act(
            by,
            ChangePlan(self.world.caller_for(by), company, plan),
            None if allowed else False,
            expected,
        )
        assert isinstance(outcome, Rejected) or fits, "a downgrade beyond what is held"
        assert plan or not allowed or not isinstance(outcome, Rejected)

    @rule(n=number)
    def bills(self, n: int) -> None:
        method = self.thing(Random(n), "payment")
        bill = NewInvoice(
            method,
            str(next(self.numbers)),
            self.world.at.date(),
            Decimal("1.00"),
            "EUR",
            "f" * 64,
            1,
        )
        expected = deepcopy(self.books)
        expected.things[method]["invoices"] = True
        self.act(
            "time",
            AddInvoices(self.world.system_caller("cli"), (bill,)),
            True,
            expected,
        )

    @rule(n=number)
    def ends_a_method(self, n: int) -> None:
        """With invoices it is retired, without it is deleted; what it paid for is a trial again."""
        luck, books = Random(n), self.books
        by, method = self.some(luck, ("payment",), books.deletes)
        if sum(a["kind"] == "payment" for a in books.things.values()) == 1:
            return
        expected, about = deepcopy(books), books.things[method]
        paid = [t for t, a in books.things.items() if a["payer"] == method]
        for thing in paid:
            expected.things[thing]["payer"] = None
        controlled = all(expected.controlled(t) for t in paid)
        if about.get("invoices"):
            expected.things[method]["retired"] = True
        else:
            del expected.things[method]
            expected.roles = {k: r for k, r in expected.roles.items() if k[0] != method}
        allowed = (
            books.deletes(self.ids[by], method)
            and controlled
            and not about.get("retired")
        )
        self.act(
            by, DeleteResource(self.world.caller_for(by), method), allowed, expected
        )

    # what happens around them

    @rule(n=number, who=st.sampled_from(PEOPLE), yes=st.booleans())
    def joins(self, n: int, who: str, yes: bool) -> None:
        luck, kinds = Random(n), ("company", "project", "app", "payment")
        by, what = self.some(
            luck,
            kinds,
            lambda p, t: p != self.ids[who] and bool(self.books.granted(p, t)),
        )
        roles = (
            self.books.granted(self.ids[by], what)
            or ROLES[self.books.things[what]["kind"]]
        )
        invite = InviteToResource(
            self.world.caller_for(by),
            self.world.account_of(who),
            luck.choice(roles),
            what,
        )
        invitation = self.sent(self.act(by, invite))
        if invitation and yes:
            self.act(who, AcceptInvitation(self.world.caller_for(who), invitation))

    def joins_somewhere(self, n: int) -> None:
        self.joins(n, PEOPLE[n % len(PEOPLE)], yes=True)

    @rule(n=number, how=st.sampled_from(["leaves", "removed", "changed", "changed"]))
    def goes(self, n: int, how: str) -> None:
        luck = Random(n)
        what, person = luck.choice(list(self.books.roles))
        who = self.names[PersonId(person)]
        by = (
            who
            if how == "leaves"
            else self.who(luck, lambda p: p != person and self.books.deletes(p, what))
        )
        role = luck.choice(ROLES[self.books.things[what]["kind"]])
        acts = {
            "leaves": LeaveResource(self.world.caller_for(by), what),
            "removed": RemoveMember(
                self.world.caller_for(by), self.world.account_of(who), what
            ),
            "changed": ChangeRole(
                self.world.caller_for(by), self.world.account_of(who), role, what
            ),
        }
        self.act(by, acts[how])

    @rule(n=number)
    def moves(self, n: int) -> None:
        luck = Random(n)
        by, what = self.some(luck, ("app", "payment"), self.books.deletes)
        to = self.thing(luck, "company", "project") if luck.randrange(3) else None
        self.act(by, MoveResource(self.world.caller_for(by), what, to))

    @rule(n=number, kind=st.sampled_from(["app", "payment"]))
    def makes(self, n: int, kind: str) -> None:
        luck = Random(n)
        if len(self.books.things) < 14:
            by = luck.choice(PEOPLE)
            self.act(
                by,
                CreateResource(
                    self.world.caller_for(by),
                    kind,
                    f"{kind} {next(self.numbers)}",
                    None,
                ),
                True,
            )

    @rule()
    def waits(self) -> None:
        self.world.advance_time(days=1)
        self.learn()

    @rule()
    def waits_long(self) -> None:
        self.world.at += timedelta(days=8)
        self.world.bus.run_due(self.world.at)
        self.learn()
        assert not self.books.offers

    def teardown(self) -> None:
        if hasattr(self, "database"):
            assert_replay_gives_state(self.database)
            self.database.close()
            shutil.rmtree(self.folder)


TEMPLATE = b""
LONG = bool(os.environ.get("COLLAB_SOAK"))


@pytest.mark.rule("BIL-02")
@pytest.mark.rule("BIL-03")
@pytest.mark.rule("BIL-04")
@pytest.mark.rule("BIL-05")
@pytest.mark.rule("BIL-09")
@pytest.mark.rule("BIL-10")
@pytest.mark.rule("HND-01")
@pytest.mark.rule("HND-03")
@pytest.mark.rule("HND-04")
@pytest.mark.rule("HND-05")
@pytest.mark.timeout(3600 if LONG else 600)
def test_whatever_people_do_billing_follows_the_model(sqlite_template: bytes) -> None:
    global TEMPLATE  # noqa: PLW0603 - Hypothesis makes the machines itself and hands them nothing
    TEMPLATE = sqlite_template
    examples, steps = (2000, 80) if LONG else (12, 40)
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            phases=[
                Phase.explicit,
                Phase.reuse,
                Phase.generate,
            ],  # what fails is short already
        ),
    )
