"""The rules a second time, deliberately simple: lists of tuples, and loops over them.

Nothing of the core's own authorization is used. `OracleState` is read from the recorded
events; `RuleOracle` says of each command whether it may be done, and who gains what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from collab.events import RecordedEvent
from collab.successions import ChooseSuccessor

CAPABILITIES_BY_ROLE = {
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
ASSIGNABLE_ROLES = {
    ("company", "owner"): "owner admin accountant",
    ("company", "admin"): "admin",
    ("project", "owner"): "administrator member",
    ("project", "administrator"): "administrator member",
    ("app", "admin"): "admin manager developer",
    ("app", "manager"): "developer",
    ("app", "payer"): "admin manager developer",
    ("payment", "holder"): "holder accountant",
    ("team", "unlimited"): "unlimited limited",
}
REMOVABLE_ROLES = {
    ("company", "owner"): "admin accountant collaborator",
    ("company", "admin"): "collaborator",
    ("project", "owner"): "administrator member",
    ("project", "administrator"): "member",
    ("app", "admin"): "manager developer",
    ("app", "manager"): "developer",
    ("app", "payer"): "admin manager developer",
    ("payment", "holder"): "accountant",
    ("team", "unlimited"): "unlimited limited",
}
INHERITED_ROLES = {
    ("company", "owner"): {
        "project": "owner",
        "app": "admin",
        "database": "admin",
        "payment": "holder",
    },
    ("company", "admin"): {
        "project": "administrator",
        "app": "admin",
        "database": "admin",
    },
    ("company", "accountant"): {"payment": "accountant"},
    ("project", "owner"): {"app": "admin", "database": "admin"},
    ("project", "administrator"): {"app": "admin", "database": "admin"},
    ("project", "member"): {"app": "developer", "database": "developer"},
}
CREATABLE_KINDS = {
    ("company", "owner"): "project app database payment",
    ("company", "admin"): "project app database",
    ("project", "owner"): "app database",
    ("project", "administrator"): "app database",
}
DERIVED_ROLES = {"collaborator", "payer"}
REQUIRED_ROLES = {
    "company": "owner",
    "project": "owner",
    "payment": "holder",
    "team": "unlimited",
}
RUNNABLE_KINDS = {"app", "database"}
UNDO_WINDOW = timedelta(minutes=10)


def role_table_kind(kind: str) -> str:
    """The kind whose rows hold for this one: a database is as an app is."""
    return "app" if kind == "database" else kind


def ranked_roles(kind: str) -> list[str]:
    """Every role on a kind, the highest first."""
    return [role for k, role in CAPABILITIES_BY_ROLE if k == role_table_kind(kind)]


class OracleState:
    """What is so, kept in lists; every answer is a loop over all of it."""

    def __init__(self) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        self.roles: list[tuple[str, str, str, datetime | None]] = []
        self.shares: list[tuple[str, str, str]] = []
        self.team_assignments: list[tuple[str, str, str]] = []
        self.deactivated: dict[str, datetime | None] = {}
        self.admins: set[str] = set()
        self.invitations: dict[str, dict[str, Any]] = {}
        self.requests: dict[str, dict[str, Any]] = {}
        self.requests_due_to_end: set[str] = set()
        self.successions: dict[str, tuple[str, str, str]] = {}
        self.successor_votes: list[tuple[str, str, str]] = []
        self.undoable_removals: dict[int, dict[str, Any]] = {}
        self.offboardings: dict[str, int] = {}
        self.effective_role_memo: dict[tuple[str, datetime], set[tuple[str, str]]] = {}

    def apply_event(self, recorded: RecordedEvent) -> None:
        """What an event says, if it says anything of this."""
        self.effective_role_memo.clear()
        getattr(self, type(recorded.event).__name__, lambda *_: None)(
            recorded.event, recorded
        )
        self.effective_role_memo.clear()  # what was asked on the way was answered as things were before

    def PersonProfiled(self, event: Any, recorded: RecordedEvent) -> None:
        lapsed = self.deactivated.pop(event.person, None)
        if event.active and lapsed and lapsed <= recorded.at:
            self.roles = [r for r in self.roles if r[1] != event.person]
            self.team_assignments = [
                a for a in self.team_assignments if a[2] != event.person
            ]
        self.admins.discard(event.person)
        if not event.active:
            self.deactivated[event.person] = event.lapses
        if event.admin:
            self.admins.add(event.person)

    def ResourceCreated(self, event: Any, _: RecordedEvent) -> None:
        about = {
            "kind": event.kind,
            "title": event.title,
            "parent": event.parent,
            "payer": None,
            "off": False,
        }
        self.resources[event.resource] = about

    def ResourceMoved(self, event: Any, recorded: RecordedEvent) -> None:
        for thing in self.resources_within(event.resource):
            payer = self.resources[thing]["payer"]
            able = payer is None or self.has_capability(
                str(recorded.actor), "pay", payer, recorded.at
            )
            assert able, ("what the mover may not pay with goes on paying", event)
        self.resources[event.resource]["parent"] = event.parent

    def PayerChanged(self, event: Any, _: RecordedEvent) -> None:
        self.resources[event.resource]["payer"] = event.payer

    def ResourceDisabled(self, event: Any, _: RecordedEvent) -> None:
        self.resources[event.resource]["off"] = True

    def ResourceEnabled(self, event: Any, _: RecordedEvent) -> None:
        self.resources[event.resource]["off"] = False

    def ResourceDeleted(self, event: Any, _: RecordedEvent) -> None:
        del self.resources[event.resource]
        self.roles = [r for r in self.roles if r[0] != event.resource]
        self.shares = [s for s in self.shares if event.resource not in s[:2]]
        self.team_assignments = [
            a for a in self.team_assignments if event.resource not in a[:2]
        ]

    def MemberJoined(self, event: Any, _: RecordedEvent) -> None:
        self._remove_membership(event.resource, event.person)
        self.roles.append((event.resource, event.person, event.role, event.until))

    def MemberRoleChanged(self, event: Any, recorded: RecordedEvent) -> None:
        self._remove_membership(event.resource, event.person)
        if not event.ends:
            self.roles.append((event.resource, event.person, event.role, event.until))

    def PersonOffboarded(self, event: Any, recorded: RecordedEvent) -> None:
        self.offboardings[event.offboarding] = recorded.seq
        self.undoable_removals[recorded.seq] = {
            "by": recorded.actor,
            "at": recorded.at,
            "of": event.person,
            "roles": [],
            "assigned": [],
        }

    def MemberLeft(self, event: Any, recorded: RecordedEvent) -> None:
        top = recorded.seq if event.within is None else max(self.undoable_removals)
        if getattr(event, "offboarding", None):
            top = self.offboardings[event.offboarding]
        self._expect_requests_to_end(
            event.person, self.resources_within(event.resource)
        )
        went = self.undoable_removals.setdefault(
            top,
            {
                "by": recorded.actor,
                "at": recorded.at,
                "of": event.person,
                "roles": [],
                "assigned": [],
            },
        )
        went["roles"] += [
            r for r in self.roles if r[:2] == (event.resource, event.person)
        ]
        went["assigned"] += [
            a
            for a in self.team_assignments
            if (a[0], a[2]) == (event.resource, event.person)
        ]
        self._remove_membership(event.resource, event.person)

    MemberRemoved = MemberLeft

    def MemberEnded(self, event: Any, _: RecordedEvent) -> None:
        assert any(r[:2] == (event.resource, event.person) for r in self.roles), (
            "there was nothing to end",
            event,
        )
        self._expect_requests_to_end(event.person, [event.resource])
        self._remove_membership(event.resource, event.person)

    def MemberRestored(self, event: Any, _: RecordedEvent) -> None:
        self.roles.append((event.resource, event.person, event.role, event.until))
        self.team_assignments += [
            (event.resource, place, event.person) for place in event.assigned
        ]

    def MemberExtended(self, event: Any, _: RecordedEvent) -> None:
        self._remove_role(event.resource, event.person)
        self.roles.append((event.resource, event.person, event.role, event.until))

    def _remove_role(self, thing: str, person: str) -> None:
        self.roles = [r for r in self.roles if r[:2] != (thing, person)]

    def _remove_membership(self, thing: str, person: str) -> None:
        self._remove_role(thing, person)
        self.team_assignments = [
            a for a in self.team_assignments if (a[0], a[2]) != (thing, person)
        ]

    def TeamShared(self, event: Any, _: RecordedEvent) -> None:
        self.shares = [s for s in self.shares if s[:2] != (event.team, event.resource)]
        self.shares.append((event.team, event.resource, event.role))

    def TeamUnshared(self, event: Any, _: RecordedEvent) -> None:
        self.shares = [s for s in self.shares if s[:2] != (event.team, event.resource)]
        self.team_assignments = [
            a for a in self.team_assignments if a[:2] != (event.team, event.resource)
        ]

    def TeamAssigned(self, event: Any, _: RecordedEvent) -> None:
        self.team_assignments.append((event.team, event.resource, event.person))

    def TeamUnassigned(self, event: Any, _: RecordedEvent) -> None:
        self.team_assignments.remove((event.team, event.resource, event.person))

    def InvitationSent(self, event: Any, recorded: RecordedEvent) -> None:
        self.invitations[event.invitation] = {
            "places": (event.resource, *event.also),
            "to": event.person,
            "team": event.team,
            "by": event.inviter,
            "role": event.role,
            "lasts": event.lasts,
            "until": event.until,
            "expires": event.expires,
            "state": "pending",
        }

    def InvitationResent(self, event: Any, _: RecordedEvent) -> None:
        self.invitations[event.invitation]["expires"] = event.expires

    def InvitationEdited(self, event: Any, _: RecordedEvent) -> None:
        now = {
            "role": event.role,
            "lasts": event.lasts,
            "until": event.until,
            "expires": event.expires,
        }
        self.invitations[event.invitation].update(now)

    def InvitationReopened(self, event: Any, _: RecordedEvent) -> None:
        self.invitations[event.invitation]["state"] = "pending"

    def _close_invitation(self, event: Any, _: RecordedEvent) -> None:
        self.invitations[event.invitation]["state"] = type(event).__name__

    InvitationAccepted = InvitationDeclined = InvitationRevoked = InvitationExpired = (
        InvitationSuperseded
    ) = _close_invitation

    def RequestSent(self, event: Any, _: RecordedEvent) -> None:
        asks = {
            "thing": event.resource,
            "by": event.person,
            "role": event.role,
            "expires": event.expires,
        }
        self.requests[event.request] = asks | {"state": "pending"}

    def _close_request(self, event: Any, _: RecordedEvent) -> None:
        self.requests[event.request]["state"] = type(event).__name__

    def RequestReopened(self, event: Any, _: RecordedEvent) -> None:
        self.requests[event.request]["state"] = "pending"
        self.requests_due_to_end.discard(event.request)

    RequestGranted = RequestDeclined = RequestEnded = _close_request

    def _expect_requests_to_end(self, person: str, things: Iterable[str]) -> None:
        """Expect that the open requests of a person who is out of some things end."""
        places = {*things}
        self.requests_due_to_end |= {
            r
            for r, asks in self.list_open_requests().items()
            if asks["by"] == person and asks["thing"] in places
        }

    def list_open_requests(self) -> dict[str, dict[str, Any]]:
        """The requests that nobody has answered and that have not ended."""
        return {
            request: asks
            for request, asks in self.requests.items()
            if asks["state"] == "pending"
        }

    def SuccessionOpened(self, event: Any, _: RecordedEvent) -> None:
        self.successions[event.succession] = (event.resource, event.person, event.role)

    def SuccessionSupported(self, event: Any, _: RecordedEvent) -> None:
        self.successor_votes = [
            s
            for s in self.successor_votes
            if s[:2] != (event.succession, event.elector)
        ]
        self.successor_votes.append((event.succession, event.elector, event.person))

    def SuccessionClosed(self, event: Any, _: RecordedEvent) -> None:
        del self.successions[event.succession]

    SuccessionSettled = SuccessionClosed

    def kind_of(self, thing: str) -> str:
        return str(self.resources[thing]["kind"])

    def direct_role(self, thing: str, person: str, at: datetime) -> str | None:
        """The role that was given on the thing itself."""
        return next((r for t, r in self._direct_roles(person, at) if t == thing), None)

    def _direct_roles(self, person: str, at: datetime) -> set[tuple[str, str]]:
        if person in self.deactivated:
            return set()
        return {
            (t, r)
            for t, p, r, until in self.roles
            if p == person and (until is None or until > at)
        }

    def effective_roles(self, person: str, at: datetime) -> set[tuple[str, str]]:
        """Every (thing, role) of a person, found once until something new is learned."""
        if (person, at) not in self.effective_role_memo:
            self.effective_role_memo[person, at] = self._compute_effective_roles(
                person, at
            )
        return self.effective_role_memo[person, at]

    def _compute_effective_roles(
        self, person: str, at: datetime
    ) -> set[tuple[str, str]]:
        """What is given, and all that follows, until nothing new follows."""
        found = self._direct_roles(person, at)
        while True:
            new = {
                pair
                for thing, role in found
                for pair in self._derive_roles(thing, role, person)
            } - found
            if not new:
                break
            found |= new
        companies = {
            self.company_of(t)
            for t, _ in found
            if self.kind_of(t) in {*RUNNABLE_KINDS, "project"}
        } - {None}
        return found | {(str(company), "collaborator") for company in companies}

    def _derive_roles(
        self, thing: str, role: str, person: str
    ) -> Iterable[tuple[str, str]]:
        kind = self.kind_of(thing)
        down = INHERITED_ROLES.get((kind, role), {})
        yield from (
            (t, down[x["kind"]])
            for t, x in self.resources.items()
            if x["parent"] == thing and x["kind"] in down
        )
        if (kind, role) == ("payment", "holder"):
            yield from (
                (t, "payer") for t, x in self.resources.items() if x["payer"] == thing
            )
        if (kind, role) == ("team", "unlimited"):
            yield from ((t, r) for team, t, r in self.shares if team == thing)
        if (kind, role) == ("team", "limited"):
            mine = (
                t
                for team, t, p in self.team_assignments
                if team == thing and p == person
            )
            yield from (
                (t, "developer") for t in mine if self.kind_of(t) in RUNNABLE_KINDS
            )

    def company_of(self, thing: str) -> str | None:
        """The company that a thing stands in, at whatever depth."""
        parent = self.resources[thing]["parent"]
        while parent and self.kind_of(parent) != "company":
            parent = self.resources[parent]["parent"]
        return str(parent) if parent else None

    def resources_within(self, thing: str) -> list[str]:
        """The thing and everything in it."""
        inner = [t for t, about in self.resources.items() if about["parent"] == thing]
        return [thing, *(i for t in inner for i in self.resources_within(t))]

    def is_disabled(self, thing: str) -> bool:
        """Whether it, or what it stands in, is disabled."""
        about = self.resources[thing]
        return bool(
            about["off"] or (about["parent"] and self.is_disabled(about["parent"]))
        )

    def effective_roles_on(self, person: str, thing: str, at: datetime) -> set[str]:
        """The roles of a person on one thing."""
        return {role for t, role in self.effective_roles(person, at) if t == thing}

    def has_capability(
        self, person: str, capability: str, thing: str, at: datetime
    ) -> bool:
        if thing not in self.resources or (
            self.is_disabled(thing) and capability not in {"view", "disable", "delete"}
        ):
            return False
        return any(
            capability
            in CAPABILITIES_BY_ROLE[role_table_kind(self.kind_of(thing)), r].split()
            for r in self.effective_roles_on(person, thing, at)
        )

    def assignable_roles(self, person: str, thing: str, at: datetime) -> set[str]:
        """The roles that a person may bring others into."""
        return self._roles_from_table(ASSIGNABLE_ROLES, person, thing, at)

    def removable_roles(self, person: str, thing: str, at: datetime) -> set[str]:
        """The roles whose holders a person may remove."""
        return self._roles_from_table(REMOVABLE_ROLES, person, thing, at)

    def _roles_from_table(
        self, table: dict[tuple[str, str], str], person: str, thing: str, at: datetime
    ) -> set[str]:
        if thing not in self.resources or self.is_disabled(thing):
            return set()
        mine = self.effective_roles_on(person, thing, at)
        return {
            name
            for role in mine
            for name in table.get(
                (role_table_kind(self.kind_of(thing)), role), ""
            ).split()
        }

    def highest_role(self, person: str, thing: str, at: datetime) -> str | None:
        """The role given on a thing, else the highest that follows."""
        order = ranked_roles(self.kind_of(thing))
        follows = sorted(self.effective_roles_on(person, thing, at), key=order.index)
        return self.direct_role(thing, person, at) or next(iter(follows), None)

    def has_required_role(
        self, thing: str, without_person_id: str | None = None, **instead: str | None
    ) -> bool:
        """Whether enough active people hold what must be held for good, if one of them did not, or things were so."""
        about = self.resources[thing] | instead
        lasting = [
            r
            for t, p, r, until in self.roles
            if t == thing
            and until is None
            and p not in {*self.deactivated, without_person_id}
        ]
        if about["kind"] in RUNNABLE_KINDS:
            return bool(about["parent"] or about["payer"] or "admin" in lasting)
        must = REQUIRED_ROLES[about["kind"]]
        held_by_company = (
            about["kind"] in {"project", "payment"} and about["parent"] is not None
        )
        return held_by_company or must in lasting

    def has_open_succession(self, thing: str) -> bool:
        """Whether a person is to be chosen who follows there."""
        return any(t == thing for t, _, _ in self.successions.values())

    def list_electors(
        self, thing: str, gone: str, people: Iterable[str], at: datetime
    ) -> set[str]:
        """All who hold the highest role there that anybody but the one who is gone holds."""
        order = ranked_roles(self.kind_of(thing))
        holding = {
            p: min(
                (order.index(r) for r in self.effective_roles_on(p, thing, at)),
                default=99,
            )
            for p in people
            if p != gone
        }
        top = min(holding.values(), default=99)
        return {p for p, rank in holding.items() if rank == top < 99}


Gain = tuple[str, str, str]
GainPredicate = Callable[[Gain], bool]
Ruling = tuple[list[bool], GainPredicate]


def explain_no_gain(_: Gain) -> bool:
    """Nobody gains anything."""
    return False


class RuleOracle:
    """What must be so for a person to do something as things are, and which gains it explains (ROL-05: by any path).

    Each method answers with its conditions one by one, so that a test can look for acts that miss just one of them.
    """

    def __init__(
        self, so: OracleState, people: Mapping[str, str], actor: str, at: datetime
    ) -> None:
        self.state, self.people, self.actor, self.at = so, people, actor, at

    def evaluate(self, act: Any) -> Ruling:
        """The ruling: nobody does anything once deactivated, nor with what is not there, or not for them to see."""
        named = [
            getattr(act, name, None)
            for name in ("what", "team", "method", "to", "within")
        ]
        things = [t for n in named for t in (n if isinstance(n, tuple) else (n,)) if t]
        if not all(t in self.state.resources for t in things):
            return [False], explain_no_gain
        seen = all(self.actor_may("view", t) for t in things) or (
            self.actor in self.state.admins and isinstance(act, ChooseSuccessor)
        )
        conditions, gains = getattr(self, type(act).__name__)(act)
        return [
            self.actor not in self.state.deactivated,
            seen,
            *map(bool, conditions),
        ], gains

    def actor_may(self, capability: str, thing: str) -> bool:
        return self.state.has_capability(self.actor, capability, thing, self.at)

    def may_assign(
        self, role: str, things: Iterable[str], by: str | None = None
    ) -> bool:
        """Whether a person may grant a role on all of some things, of those that are still there."""
        return all(
            role in self.state.assignable_roles(by or self.actor, t, self.at)
            and role not in DERIVED_ROLES
            for t in things
            if t in self.state.resources
        )

    def target_person_id(self, act: Any) -> str:
        return self.people[act.who.user]

    def has_lower_role(self, who: str, role: str, thing: str) -> bool:
        """Whether a person was given nothing on a thing, or a lower role."""
        if thing not in self.state.resources:
            return False
        order, now = (
            ranked_roles(self.state.kind_of(thing)),
            self.state.direct_role(thing, who, self.at),
        )
        return role in order and (now is None or order.index(now) > order.index(role))

    def may_create(self, kind: str, within: str) -> bool:
        """Whether a person may create something of a kind inside a thing (RES-01, footnote 2 of the table)."""
        mine = self.state.effective_roles_on(self.actor, within, self.at)
        rows = (
            CREATABLE_KINDS.get((self.state.kind_of(within), role), "").split()
            for role in mine
        )
        return self.actor_may("create", within) and any(kind in row for row in rows)

    def CreateResource(self, act: Any) -> Ruling:
        new = lambda gain: (  # noqa: E731
            not act.within
            and gain[0] not in self.state.resources
            and gain[1] == self.actor
        )
        return [not act.within or self.may_create(act.kind, act.within)], new

    def MoveResource(self, act: Any) -> Ruling:
        kind, about = self.state.kind_of(act.what), self.state.resources[act.what]
        leaves = "migrate" if kind == "project" else "delete"
        payer = (
            about["payer"]
            if about["payer"] and self.actor_may("pay", about["payer"])
            else None
        )
        controlled = kind not in RUNNABLE_KINDS or self.state.has_required_role(
            act.what, parent=act.to, payer=payer
        )
        creates = [
            not place or self.may_create(kind, place)
            for place in (about["parent"], act.to)
        ]
        may = [
            self.actor_may(leaves, act.what),
            not self.state.is_disabled(act.what),
            *creates,
            controlled,
        ]
        return may, self._expected_takeover(act)

    def _expected_takeover(self, act: Any) -> GainPredicate:
        """Who moves something into nothing is its owner or holder, where nobody else is who is active."""
        kind = self.state.kind_of(act.what)
        if (
            act.to
            or kind not in {"project", "payment"}
            or self.state.has_required_role(act.what, parent=None)
        ):
            return explain_no_gain
        takes = {(act.what, self.actor, REQUIRED_ROLES[kind])}
        rests = {
            (t, p, "administrator")
            for t, p, r, _ in self.state.roles
            if (t, r) == (act.what, "owner")
        }
        return (takes | rests).__contains__

    def DisableResource(self, act: Any) -> Ruling:
        return [self.actor_may("disable", act.what)], explain_no_gain

    EnableResource = DisableResource

    def DeleteResource(self, act: Any) -> Ruling:
        going = self.state.resources_within(act.what)
        unpaid = [
            t
            for t, about in self.state.resources.items()
            if about["payer"] in going and t not in going
        ]
        unpaid_may_be = all(
            self.state.has_required_role(t, payer=None)
            and not self.state.is_disabled(t)
            for t in unpaid
        )
        return [self.actor_may("delete", act.what), unpaid_may_be], explain_no_gain

    def SetPaymentMethod(self, act: Any) -> Ruling:
        before = self.state.resources[act.what]["payer"]
        pays = [not m or self.actor_may("pay", m) for m in (act.method, before)]
        is_paid = self.state.kind_of(act.what) in RUNNABLE_KINDS
        on = not self.state.is_disabled(act.what)
        return [
            self.actor_may("delete", act.what),
            on,
            *pays,
            is_paid and self.state.has_required_role(act.what, payer=act.method),
        ], explain_no_gain

    def InviteToResource(self, act: Any) -> Ruling:
        who = self.target_person_id(act)
        things = act.what if isinstance(act.what, tuple) else (act.what,)
        together = len(things) == 1 or all(
            self.state.kind_of(t) in RUNNABLE_KINDS for t in things
        )
        new = all(self.has_lower_role(who, act.role, t) for t in things)
        return [
            together,
            who != self.actor,
            who not in self.state.deactivated,
            new,
            self.may_assign(act.role, things),
        ], explain_no_gain

    def AcceptInvitation(self, act: Any) -> Ruling:
        found = self.state.invitations[act.invitation]
        held_by = found["team"] or found["to"]
        gains = {(t, held_by, found["role"]) for t in found["places"]}
        sender_may_assign = self.may_assign(found["role"], found["places"], found["by"])
        return [
            *self._answer_conditions(found),
            sender_may_assign,
            self._would_add_role(found),
        ], gains.__contains__

    def _would_add_role(self, found: dict[str, Any]) -> bool:
        """Whether a yes would give anything."""
        if found["team"]:
            return all(
                (found["team"], t, found["role"]) not in self.state.shares
                for t in found["places"]
            )
        return any(
            self.has_lower_role(found["to"], found["role"], t) for t in found["places"]
        )

    def DeclineInvitation(self, act: Any) -> Ruling:
        return self._answer_conditions(
            self.state.invitations[act.invitation]
        ), explain_no_gain

    def _answer_conditions(self, found: dict[str, Any]) -> list[bool]:
        mine = (
            self.actor_may("edit", found["team"])
            if found["team"]
            else found["to"] == self.actor
        )
        return [mine, *self._pending_conditions(found)]

    def _pending_conditions(self, found: dict[str, Any]) -> list[bool]:
        return [found["state"] == "pending", self.at < found["expires"]]

    def RevokeInvitation(self, act: Any) -> Ruling:
        found = self.state.invitations[act.invitation]
        return [
            *self._pending_conditions(found),
            self._may_manage(found),
        ], explain_no_gain

    def ResendInvitation(self, act: Any) -> Ruling:
        found = self.state.invitations[act.invitation]
        by = found["by"] if all(self._pending_conditions(found)) else self.actor
        again = self.may_assign(found["role"], found["places"], by)
        return [
            found["state"] != "InvitationAccepted",
            again,
            self._may_manage(found),
        ], explain_no_gain

    def EditInvitation(self, act: Any) -> Ruling:
        found = self.state.invitations[act.invitation]
        both = [
            self.may_assign(act.role, found["places"], by)
            for by in (self.actor, found["by"])
        ]
        return [
            *self._pending_conditions(found),
            *both,
            self._may_manage(found),
        ], explain_no_gain

    def _may_manage(self, found: dict[str, Any]) -> bool:
        return found["by"] == self.actor or self.may_assign(
            found["role"], found["places"]
        )

    def ChangeRole(self, act: Any) -> Ruling:
        who = self.target_person_id(act)
        order, now = (
            ranked_roles(self.state.kind_of(act.what)),
            self.state.highest_role(who, act.what, self.at),
        )
        if now is None or act.role not in order:
            return [False], explain_no_gain
        grants, removes = (
            f(self.actor, act.what, self.at)
            for f in (self.state.assignable_roles, self.state.removable_roles)
        )
        up = order.index(act.role) < order.index(now)
        brought_in = act.role in grants or (not up and act.role in DERIVED_ROLES)
        keeps = up and self.state.direct_role(act.what, who, self.at) is None
        return [who != self.actor, brought_in, keeps or now in removes], {
            (act.what, who, act.role)
        }.__contains__

    def RemoveMember(self, act: Any) -> Ruling:
        who = self.target_person_id(act)
        removes = self.state.removable_roles(self.actor, act.what, self.at)
        if who in self.state.deactivated:  # what rests ends too, and counts for nothing
            rests = {
                t: r
                for t, p, r, _ in self.state.roles
                if p == who and t in self.state.resources_within(act.what)
            }
            now = rests.get(act.what, ranked_roles(self.state.kind_of(act.what))[-1])
            return [who != self.actor, now in removes, bool(rests)], explain_no_gain
        able = self.state.highest_role(who, act.what, self.at) in removes
        return [
            who != self.actor,
            able,
            *self._removal_conditions(who, act.what),
        ], explain_no_gain

    def OffboardPerson(self, act: Any) -> Ruling:
        return [self.target_person_id(act) != self.actor], explain_no_gain

    def may_remove(self, act: Any) -> bool:
        """Whether a removal is allowed, of what the actor may see."""
        if not self.actor_may("view", act.what):
            return False
        return all(self.RemoveMember(act)[0])

    def LeaveResource(self, act: Any) -> Ruling:
        return self._removal_conditions(self.actor, act.what), explain_no_gain

    def _removal_conditions(self, who: str, thing: str) -> list[bool]:
        ends = [
            (t, r)
            for t in self.state.resources_within(thing)
            if (r := self.state.direct_role(t, who, self.at))
        ]
        others = all(
            r != ranked_roles(self.state.kind_of(t))[0]
            or self.state.has_required_role(t, without_person_id=who)
            for t, r in ends
        )
        return [bool(ends), others]

    def UndoDeparture(self, act: Any) -> Ruling:
        mine = [
            seq
            for seq, lost in self.state.undoable_removals.items()
            if lost["by"] == self.actor
        ]
        seq = act.seq if act.seq is not None else max(mine, default=None)
        lost = self.state.undoable_removals.get(seq) if seq is not None else None
        if lost is None:
            return [False], explain_no_gain
        gains = {(t, p, r) for t, p, r, _ in lost["roles"]}
        in_time = self.at < lost["at"] + UNDO_WINDOW
        return [
            seq in mine,
            in_time,
            lost["of"] not in self.state.deactivated,
            # Without a role, offboarding has ended requests or invitations at most.
            bool(lost["roles"]) or seq in self.state.offboardings.values(),
        ], gains.__contains__

    def RequestAccess(self, act: Any) -> Ruling:
        others = [p for p in self.people.values() if p != self.actor]
        kind = role_table_kind(self.state.kind_of(act.what))
        rows = (
            ASSIGNABLE_ROLES.get((kind, role), "").split()
            for p in others
            for role in self.state.effective_roles_on(p, act.what, self.at)
        )
        granted = any(
            act.role in row for row in rows
        )  # also while it is disabled, when nobody can say yes
        return [
            granted,
            self.has_lower_role(self.actor, act.role, act.what),
            act.role not in DERIVED_ROLES,
        ], explain_no_gain

    def ApproveRequest(self, act: Any) -> Ruling:
        asks = self.state.requests[act.request]
        sees = self.state.has_capability(asks["by"], "view", asks["thing"], self.at)
        able = [
            asks["by"] not in self.state.deactivated,
            sees,
            self.has_lower_role(asks["by"], asks["role"], asks["thing"]),
        ]
        return [*self.DenyRequest(act)[0], *able], {
            (asks["thing"], asks["by"], asks["role"])
        }.__contains__

    def DenyRequest(self, act: Any) -> Ruling:
        asks = self.state.requests[act.request]
        waits = [
            asks["state"] == "pending" and asks["thing"] in self.state.resources,
            self.at < asks["expires"],
        ]
        return [
            *waits,
            asks["by"] != self.actor,
            self.may_assign(asks["role"], [asks["thing"]]),
        ], explain_no_gain

    def WithdrawRequest(self, act: Any) -> Ruling:
        asks = self.state.requests[act.request]
        return [
            asks["by"] == self.actor,
            asks["state"] == "pending",
            self.at < asks["expires"],
        ], explain_no_gain

    def ExtendMembership(self, act: Any) -> Ruling:
        who = self.target_person_id(act)
        now = self.state.direct_role(act.what, who, self.at)
        return [
            now is not None,
            who != self.actor,
            now is not None and self.may_assign(now, [act.what]),
        ], explain_no_gain

    def ChooseSuccessor(self, act: Any) -> Ruling:
        chosen = self.target_person_id(act)
        opened = next(
            (s for s, about in self.state.successions.items() if about[0] == act.what),
            None,
        )
        if opened is None:
            return [False], explain_no_gain
        thing, gone, role = self.state.successions[opened]
        asked = self.state.list_electors(thing, gone, self.people.values(), self.at)
        agreed = {
            e for s, e, c in self.state.successor_votes if (s, c) == (opened, chosen)
        } | {self.actor}
        settles = self.actor in self.state.admins or (
            self.actor in asked and asked <= agreed
        )
        known = not asked or bool(self.state.effective_roles_on(chosen, thing, self.at))

        def fits(gain: tuple[Any, ...]) -> bool:
            return settles and (
                gain == (thing, chosen, role) or gain[:2] == (thing, gone)
            )

        return [
            chosen not in self.state.deactivated,
            known,
            self.actor in self.state.admins or self.actor in asked,
        ], fits

    def ShareWithTeam(self, act: Any) -> Ruling:
        gains = (
            {(act.what, act.team, act.role)}
            if self.actor_may("edit", act.team)
            else set()
        )
        new = (
            act.team,
            act.what,
            act.role,
        ) not in self.state.shares and self.state.kind_of(act.team) == "team"
        return [new, self.may_assign(act.role, [act.what])], gains.__contains__

    def UnshareWithTeam(self, act: Any) -> Ruling:
        now = next(
            (
                r
                for team, t, r in self.state.shares
                if (team, t) == (act.team, act.what)
            ),
            None,
        )
        takes = now in self.state.removable_roles(self.actor, act.what, self.at)
        return [
            now is not None,
            takes or self.actor_may("edit", act.team),
        ], explain_no_gain

    def AssignToMember(self, act: Any) -> Ruling:
        who = self.target_person_id(act)
        limited = self.state.direct_role(act.team, who, self.at) == "limited"
        return [self.actor_may("edit", act.team), limited], {
            (act.what, who, "assigned")
        }.__contains__

    def UnassignFromMember(self, act: Any) -> Ruling:
        return [self.actor_may("edit", act.team)], explain_no_gain


def list_gains(events: Iterable[Any]) -> list[Gain]:
    """Who gained what on which thing by these events."""
    found: list[Gain] = []
    for event in events:
        match type(event).__name__:
            case "MemberJoined" | "MemberRestored":
                found.append((event.resource, event.person, event.role))
            case "MemberRoleChanged" if not event.ends:
                found.append((event.resource, event.person, event.role))
            case "TeamShared":
                found.append((event.resource, event.team, event.role))
            case "TeamAssigned":
                found.append((event.resource, event.person, "assigned"))
    return found
