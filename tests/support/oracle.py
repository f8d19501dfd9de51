"""The rules once more, deliberately naive: lists of tuples, and loops over all of them. Nothing of the core's own walk.

`Naive` is what is so, read from the record; `Law` says of each act whether it may be done, and who may gain what by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from collab.events import Recorded
from collab.successions import Choose

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
GRANTS = {
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
REMOVES = {
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
DOWN = {
    ("company", "owner"): {"project": "owner", "app": "admin", "database": "admin", "payment": "holder"},
    ("company", "admin"): {"project": "administrator", "app": "admin", "database": "admin"},
    ("company", "accountant"): {"payment": "accountant"},
    ("project", "owner"): {"app": "admin", "database": "admin"},
    ("project", "administrator"): {"app": "admin", "database": "admin"},
    ("project", "member"): {"app": "developer", "database": "developer"},
}
CREATES = {
    ("company", "owner"): "project app database payment",
    ("company", "admin"): "project app database",
    ("project", "owner"): "app database",
    ("project", "administrator"): "app database",
}
IMPLIED = {"collaborator", "payer"}
MUST_STAY = {"company": "owner", "project": "owner", "payment": "holder", "team": "unlimited"}
RUNS = {"app", "database"}
TEN_MINUTES = timedelta(minutes=10)


def like(kind: str) -> str:
    """The kind whose rows hold for this one: a database is as an app is."""
    return "app" if kind == "database" else kind


def roles_on(kind: str) -> list[str]:
    """Every role on a kind, the highest first."""
    return [role for k, role in GIVES if k == like(kind)]


class Naive:
    """What is so, kept in lists; every answer is a loop over all of it."""

    def __init__(self) -> None:
        self.things: dict[str, dict[str, Any]] = {}
        self.roles: list[tuple[str, str, str, datetime | None]] = []
        self.shares: list[tuple[str, str, str]] = []
        self.assigned: list[tuple[str, str, str]] = []
        self.gone: dict[str, datetime | None] = {}
        self.admins: set[str] = set()
        self.invitations: dict[str, dict[str, Any]] = {}
        self.requests: dict[str, dict[str, Any]] = {}
        self.must_end: set[str] = set()
        self.successions: dict[str, tuple[str, str, str]] = {}
        self.support: list[tuple[str, str, str]] = []
        self.lost: dict[int, dict[str, Any]] = {}
        self.known: dict[tuple[str, datetime], set[tuple[str, str]]] = {}

    def learn(self, recorded: Recorded) -> None:
        """What an event says, if it says anything of this."""
        self.known.clear()
        getattr(self, type(recorded.event).__name__, lambda *_: None)(recorded.event, recorded)
        self.known.clear()  # what was asked on the way was answered as things were before

    def PersonProfiled(self, event: Any, recorded: Recorded) -> None:
        lapsed = self.gone.pop(event.person, None)
        if event.active and lapsed and lapsed <= recorded.at:
            self.roles = [r for r in self.roles if r[1] != event.person]
            self.assigned = [a for a in self.assigned if a[2] != event.person]
        self.admins.discard(event.person)
        if not event.active:
            self.gone[event.person] = event.lapses
        if event.admin:
            self.admins.add(event.person)

    def ResourceCreated(self, event: Any, _: Recorded) -> None:
        about = {"kind": event.kind, "title": event.title, "parent": event.parent, "payer": None, "off": False}
        self.things[event.resource] = about

    def ResourceMoved(self, event: Any, recorded: Recorded) -> None:
        for thing in self.inside(event.resource):
            payer = self.things[thing]["payer"]
            able = payer is None or self.may(str(recorded.actor), "pay", payer, recorded.at)
            assert able, ("what the mover may not pay with goes on paying", event)
        self.things[event.resource]["parent"] = event.parent

    def PayerChanged(self, event: Any, _: Recorded) -> None:
        self.things[event.resource]["payer"] = event.payer

    def ResourceDisabled(self, event: Any, _: Recorded) -> None:
        self.things[event.resource]["off"] = True

    def ResourceEnabled(self, event: Any, _: Recorded) -> None:
        self.things[event.resource]["off"] = False

    def ResourceDeleted(self, event: Any, _: Recorded) -> None:
        del self.things[event.resource]
        self.roles = [r for r in self.roles if r[0] != event.resource]
        self.shares = [s for s in self.shares if event.resource not in s[:2]]
        self.assigned = [a for a in self.assigned if event.resource not in a[:2]]

    def MemberJoined(self, event: Any, _: Recorded) -> None:
        self._forget(event.resource, event.person)
        self.roles.append((event.resource, event.person, event.role, event.until))

    def MemberRoleChanged(self, event: Any, recorded: Recorded) -> None:
        self._forget(event.resource, event.person)
        if not event.ends:
            self.roles.append((event.resource, event.person, event.role, event.until))

    def MemberLeft(self, event: Any, recorded: Recorded) -> None:
        top = recorded.seq if event.within is None else max(self.lost)
        self._end_requests(event.person, self.inside(event.resource))
        went = self.lost.setdefault(
            top, {"by": recorded.actor, "at": recorded.at, "of": event.person, "roles": [], "assigned": []}
        )
        went["roles"] += [r for r in self.roles if r[:2] == (event.resource, event.person)]
        went["assigned"] += [a for a in self.assigned if (a[0], a[2]) == (event.resource, event.person)]
        self._forget(event.resource, event.person)

    MemberRemoved = MemberLeft

    def MemberEnded(self, event: Any, _: Recorded) -> None:
        assert any(r[:2] == (event.resource, event.person) for r in self.roles), ("there was nothing to end", event)
        self._end_requests(event.person, [event.resource])
        self._forget(event.resource, event.person)

    def MemberRestored(self, event: Any, _: Recorded) -> None:
        self.roles.append((event.resource, event.person, event.role, event.until))
        self.assigned += [(event.resource, place, event.person) for place in event.assigned]

    def MemberExtended(self, event: Any, _: Recorded) -> None:
        self._forget_role(event.resource, event.person)
        self.roles.append((event.resource, event.person, event.role, event.until))

    def _forget_role(self, thing: str, person: str) -> None:
        self.roles = [r for r in self.roles if r[:2] != (thing, person)]

    def _forget(self, thing: str, person: str) -> None:
        self._forget_role(thing, person)
        self.assigned = [a for a in self.assigned if (a[0], a[2]) != (thing, person)]

    def TeamShared(self, event: Any, _: Recorded) -> None:
        self.shares = [s for s in self.shares if s[:2] != (event.team, event.resource)]
        self.shares.append((event.team, event.resource, event.role))

    def TeamUnshared(self, event: Any, _: Recorded) -> None:
        self.shares = [s for s in self.shares if s[:2] != (event.team, event.resource)]
        self.assigned = [a for a in self.assigned if a[:2] != (event.team, event.resource)]

    def TeamAssigned(self, event: Any, _: Recorded) -> None:
        self.assigned.append((event.team, event.resource, event.person))

    def TeamUnassigned(self, event: Any, _: Recorded) -> None:
        self.assigned.remove((event.team, event.resource, event.person))

    def InvitationSent(self, event: Any, recorded: Recorded) -> None:
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

    def InvitationResent(self, event: Any, _: Recorded) -> None:
        self.invitations[event.invitation]["expires"] = event.expires

    def InvitationEdited(self, event: Any, _: Recorded) -> None:
        now = {"role": event.role, "lasts": event.lasts, "until": event.until, "expires": event.expires}
        self.invitations[event.invitation].update(now)

    def InvitationReopened(self, event: Any, _: Recorded) -> None:
        self.invitations[event.invitation]["state"] = "pending"

    def _answered(self, event: Any, _: Recorded) -> None:
        self.invitations[event.invitation]["state"] = type(event).__name__

    InvitationAccepted = InvitationDeclined = InvitationRevoked = InvitationExpired = InvitationSuperseded = _answered

    def RequestSent(self, event: Any, _: Recorded) -> None:
        asks = {"thing": event.resource, "by": event.person, "role": event.role, "expires": event.expires}
        self.requests[event.request] = asks | {"state": "pending"}

    def _settled(self, event: Any, _: Recorded) -> None:
        self.requests[event.request]["state"] = type(event).__name__

    RequestGranted = RequestDeclined = RequestEnded = _settled

    def _end_requests(self, person: str, things: Iterable[str]) -> None:
        """Expect that the open requests of somebody who is out of some things end."""
        places = {*things}
        self.must_end |= {
            r for r, asks in self.open_requests().items() if asks["by"] == person and asks["thing"] in places
        }

    def open_requests(self) -> dict[str, dict[str, Any]]:
        """The requests that nobody has answered and that have not ended."""
        return {request: asks for request, asks in self.requests.items() if asks["state"] == "pending"}

    def SuccessionOpened(self, event: Any, _: Recorded) -> None:
        self.successions[event.succession] = (event.resource, event.person, event.role)

    def SuccessionSupported(self, event: Any, _: Recorded) -> None:
        self.support = [s for s in self.support if s[:2] != (event.succession, event.elector)]
        self.support.append((event.succession, event.elector, event.person))

    def SuccessionClosed(self, event: Any, _: Recorded) -> None:
        del self.successions[event.succession]

    SuccessionSettled = SuccessionClosed

    def kind(self, thing: str) -> str:
        return str(self.things[thing]["kind"])

    def direct(self, thing: str, person: str, at: datetime) -> str | None:
        """The role that was given on the thing itself."""
        return next((r for t, r in self._given(person, at) if t == thing), None)

    def _given(self, person: str, at: datetime) -> set[tuple[str, str]]:
        if person in self.gone:
            return set()
        return {(t, r) for t, p, r, until in self.roles if p == person and (until is None or until > at)}

    def held(self, person: str, at: datetime) -> set[tuple[str, str]]:
        """Every (thing, role) of a person, found once until something new is learned."""
        if (person, at) not in self.known:
            self.known[person, at] = self._held(person, at)
        return self.known[person, at]

    def _held(self, person: str, at: datetime) -> set[tuple[str, str]]:
        """What is given, and all that follows, until nothing new follows."""
        found = self._given(person, at)
        while True:
            new = {pair for thing, role in found for pair in self._follows(thing, role, person)} - found
            if not new:
                break
            found |= new
        companies = {self.company_of(t) for t, _ in found if self.kind(t) in {*RUNS, "project"}} - {None}
        return found | {(str(company), "collaborator") for company in companies}

    def _follows(self, thing: str, role: str, person: str) -> Iterable[tuple[str, str]]:
        kind = self.kind(thing)
        down = DOWN.get((kind, role), {})
        yield from ((t, down[x["kind"]]) for t, x in self.things.items() if x["parent"] == thing and x["kind"] in down)
        if (kind, role) == ("payment", "holder"):
            yield from ((t, "payer") for t, x in self.things.items() if x["payer"] == thing)
        if (kind, role) == ("team", "unlimited"):
            yield from ((t, r) for team, t, r in self.shares if team == thing)
        if (kind, role) == ("team", "limited"):
            mine = (t for team, t, p in self.assigned if team == thing and p == person)
            yield from ((t, "developer") for t in mine if self.kind(t) in RUNS)

    def company_of(self, thing: str) -> str | None:
        """The company that a thing stands in, at whatever depth."""
        parent = self.things[thing]["parent"]
        while parent and self.kind(parent) != "company":
            parent = self.things[parent]["parent"]
        return str(parent) if parent else None

    def inside(self, thing: str) -> list[str]:
        """The thing and everything in it."""
        inner = [t for t, about in self.things.items() if about["parent"] == thing]
        return [thing, *(i for t in inner for i in self.inside(t))]

    def off(self, thing: str) -> bool:
        """Whether it, or what it stands in, is disabled."""
        about = self.things[thing]
        return bool(about["off"] or (about["parent"] and self.off(about["parent"])))

    def on(self, person: str, thing: str, at: datetime) -> set[str]:
        """The roles of a person on one thing."""
        return {role for t, role in self.held(person, at) if t == thing}

    def may(self, person: str, capability: str, thing: str, at: datetime) -> bool:
        if thing not in self.things or (self.off(thing) and capability not in {"view", "disable", "delete"}):
            return False
        return any(capability in GIVES[like(self.kind(thing)), r].split() for r in self.on(person, thing, at))

    def grants(self, person: str, thing: str, at: datetime) -> set[str]:
        """The roles that a person may bring others into."""
        return self._by_table(GRANTS, person, thing, at)

    def removes(self, person: str, thing: str, at: datetime) -> set[str]:
        """The roles whose holders a person may remove."""
        return self._by_table(REMOVES, person, thing, at)

    def _by_table(self, table: dict[tuple[str, str], str], person: str, thing: str, at: datetime) -> set[str]:
        if thing not in self.things or self.off(thing):
            return set()
        mine = self.on(person, thing, at)
        return {name for role in mine for name in table.get((like(self.kind(thing)), role), "").split()}

    def best(self, person: str, thing: str, at: datetime) -> str | None:
        """The role given on a thing, else the highest that follows."""
        order = roles_on(self.kind(thing))
        follows = sorted(self.on(person, thing, at), key=order.index)
        return self.direct(thing, person, at) or next(iter(follows), None)

    def stays(self, thing: str, without: str | None = None, **instead: str | None) -> bool:
        """Whether enough active people hold what must be held for good, if one of them did not, or things were so."""
        about = self.things[thing] | instead
        lasting = [
            r for t, p, r, until in self.roles if t == thing and until is None and p not in {*self.gone, without}
        ]
        if about["kind"] in RUNS:
            return bool(about["parent"] or about["payer"] or "admin" in lasting)
        must = MUST_STAY[about["kind"]]
        held_by_company = about["kind"] in {"project", "payment"} and about["parent"] is not None
        return held_by_company or must in lasting

    def waits_for_somebody(self, thing: str) -> bool:
        """Whether somebody is to be chosen who follows there."""
        return any(t == thing for t, _, _ in self.successions.values())

    def electors(self, thing: str, gone: str, people: Iterable[str], at: datetime) -> set[str]:
        """All who hold the highest role there that anybody but the one who is gone holds."""
        order = roles_on(self.kind(thing))
        holding = {p: min((order.index(r) for r in self.on(p, thing, at)), default=99) for p in people if p != gone}
        top = min(holding.values(), default=99)
        return {p for p, rank in holding.items() if rank == top < 99}


Gain = tuple[str, str, str]
Gains = Callable[[Gain], bool]
Ruling = tuple[list[bool], Gains]


def nothing(_: Gain) -> bool:
    """Nobody gains anything."""
    return False


class Law:
    """What must be so for somebody to do something as things are, and which gains it explains (ROL-05: by any door).

    Each method answers with its conditions one by one, so that a test can look for acts that miss just one of them.
    """

    def __init__(self, so: Naive, people: Mapping[str, str], actor: str, at: datetime) -> None:
        self.so, self.people, self.actor, self.at = so, people, actor, at

    def of(self, act: Any) -> Ruling:
        """The ruling: nobody does anything once deactivated, nor with what is not there, or not for them to see."""
        named = [getattr(act, name, None) for name in ("what", "team", "method", "to", "within")]
        things = [t for n in named for t in (n if isinstance(n, tuple) else (n,)) if t]
        if not all(t in self.so.things for t in things):
            return [False], nothing
        seen = all(self.may("view", t) for t in things) or (self.actor in self.so.admins and isinstance(act, Choose))
        conditions, gains = getattr(self, type(act).__name__)(act)
        return [self.actor not in self.so.gone, seen, *map(bool, conditions)], gains

    def may(self, capability: str, thing: str) -> bool:
        return self.so.may(self.actor, capability, thing, self.at)

    def granted(self, role: str, things: Iterable[str], by: str | None = None) -> bool:
        """Whether somebody may grant a role on all of some things, of those that are still there."""
        return all(
            role in self.so.grants(by or self.actor, t, self.at) and role not in IMPLIED
            for t in things
            if t in self.so.things
        )

    def who(self, act: Any) -> str:
        return self.people[act.who.user]

    def less(self, who: str, role: str, thing: str) -> bool:
        """Whether somebody was given nothing on a thing, or a lower role."""
        if thing not in self.so.things:
            return False
        order, now = roles_on(self.so.kind(thing)), self.so.direct(thing, who, self.at)
        return role in order and (now is None or order.index(now) > order.index(role))

    def creates(self, kind: str, within: str) -> bool:
        """Whether somebody may create something of a kind inside a thing (RES-01, footnote 2 of the table)."""
        mine = self.so.on(self.actor, within, self.at)
        rows = (CREATES.get((self.so.kind(within), role), "").split() for role in mine)
        return self.may("create", within) and any(kind in row for row in rows)

    def Create(self, act: Any) -> Ruling:
        new = lambda gain: not act.within and gain[0] not in self.so.things and gain[1] == self.actor  # noqa: E731
        return [not act.within or self.creates(act.kind, act.within)], new

    def Move(self, act: Any) -> Ruling:
        kind, about = self.so.kind(act.what), self.so.things[act.what]
        leaves = "migrate" if kind == "project" else "delete"
        payer = about["payer"] if about["payer"] and self.may("pay", about["payer"]) else None
        controlled = kind not in RUNS or self.so.stays(act.what, parent=act.to, payer=payer)
        creates = [not place or self.creates(kind, place) for place in (about["parent"], act.to)]
        may = [self.may(leaves, act.what), not self.so.off(act.what), *creates, controlled]
        return may, self._takes_over(act)

    def _takes_over(self, act: Any) -> Gains:
        """Who moves something into nothing is its owner or holder, where nobody else is who is active."""
        kind = self.so.kind(act.what)
        if act.to or kind not in {"project", "payment"} or self.so.stays(act.what, parent=None):
            return nothing
        takes = {(act.what, self.actor, MUST_STAY[kind])}
        rests = {(t, p, "administrator") for t, p, r, _ in self.so.roles if (t, r) == (act.what, "owner")}
        return (takes | rests).__contains__

    def Disable(self, act: Any) -> Ruling:
        return [self.may("disable", act.what)], nothing

    Enable = Disable

    def Delete(self, act: Any) -> Ruling:
        going = self.so.inside(act.what)
        unpaid = [t for t, about in self.so.things.items() if about["payer"] in going and t not in going]
        unpaid_may_be = all(self.so.stays(t, payer=None) and not self.so.off(t) for t in unpaid)
        return [self.may("delete", act.what), unpaid_may_be], nothing

    def Pay(self, act: Any) -> Ruling:
        before = self.so.things[act.what]["payer"]
        pays = [not m or self.may("pay", m) for m in (act.method, before)]
        is_paid = self.so.kind(act.what) in RUNS
        on = not self.so.off(act.what)
        return [self.may("delete", act.what), on, *pays, is_paid and self.so.stays(act.what, payer=act.method)], nothing

    def Invite(self, act: Any) -> Ruling:
        who = self.who(act)
        things = act.what if isinstance(act.what, tuple) else (act.what,)
        together = len(things) == 1 or all(self.so.kind(t) in RUNS for t in things)
        new = all(self.less(who, act.role, t) for t in things)
        return [together, who != self.actor, who not in self.so.gone, new, self.granted(act.role, things)], nothing

    def Accept(self, act: Any) -> Ruling:
        found = self.so.invitations[act.invitation]
        held_by = found["team"] or found["to"]
        gains = {(t, held_by, found["role"]) for t in found["places"]}
        upheld = self.granted(found["role"], found["places"], found["by"])
        return [*self._answers(found), upheld, self._gives(found)], gains.__contains__

    def _gives(self, found: dict[str, Any]) -> bool:
        """Whether a yes would give anything."""
        if found["team"]:
            return all((found["team"], t, found["role"]) not in self.so.shares for t in found["places"])
        return any(self.less(found["to"], found["role"], t) for t in found["places"])

    def Decline(self, act: Any) -> Ruling:
        return self._answers(self.so.invitations[act.invitation]), nothing

    def _answers(self, found: dict[str, Any]) -> list[bool]:
        mine = self.may("edit", found["team"]) if found["team"] else found["to"] == self.actor
        return [mine, *self._waits(found)]

    def _waits(self, found: dict[str, Any]) -> list[bool]:
        return [found["state"] == "pending", self.at < found["expires"]]

    def Revoke(self, act: Any) -> Ruling:
        found = self.so.invitations[act.invitation]
        return [*self._waits(found), self._manages(found)], nothing

    def Resend(self, act: Any) -> Ruling:
        found = self.so.invitations[act.invitation]
        by = found["by"] if all(self._waits(found)) else self.actor
        again = self.granted(found["role"], found["places"], by)
        return [found["state"] != "InvitationAccepted", again, self._manages(found)], nothing

    def Edit(self, act: Any) -> Ruling:
        found = self.so.invitations[act.invitation]
        both = [self.granted(act.role, found["places"], by) for by in (self.actor, found["by"])]
        return [*self._waits(found), *both, self._manages(found)], nothing

    def _manages(self, found: dict[str, Any]) -> bool:
        return found["by"] == self.actor or self.granted(found["role"], found["places"])

    def ChangeRole(self, act: Any) -> Ruling:
        who = self.who(act)
        order, now = roles_on(self.so.kind(act.what)), self.so.best(who, act.what, self.at)
        if now is None or act.role not in order:
            return [False], nothing
        grants, removes = (f(self.actor, act.what, self.at) for f in (self.so.grants, self.so.removes))
        up = order.index(act.role) < order.index(now)
        brought_in = act.role in grants or (not up and act.role in IMPLIED)
        keeps = up and self.so.direct(act.what, who, self.at) is None
        return [who != self.actor, brought_in, keeps or now in removes], {(act.what, who, act.role)}.__contains__

    def Remove(self, act: Any) -> Ruling:
        who = self.who(act)
        removes = self.so.removes(self.actor, act.what, self.at)
        if who in self.so.gone:  # what rests ends too, and counts for nothing
            rests = {t: r for t, p, r, _ in self.so.roles if p == who and t in self.so.inside(act.what)}
            now = rests.get(act.what, roles_on(self.so.kind(act.what))[-1])
            return [who != self.actor, now in removes, bool(rests)], nothing
        able = self.so.best(who, act.what, self.at) in removes
        return [who != self.actor, able, *self._can_go(who, act.what)], nothing

    def Leave(self, act: Any) -> Ruling:
        return self._can_go(self.actor, act.what), nothing

    def _can_go(self, who: str, thing: str) -> list[bool]:
        ends = [(t, r) for t in self.so.inside(thing) if (r := self.so.direct(t, who, self.at))]
        others = all(r != roles_on(self.so.kind(t))[0] or self.so.stays(t, without=who) for t, r in ends)
        return [bool(ends), others]

    def Undo(self, act: Any) -> Ruling:
        mine = [seq for seq, lost in self.so.lost.items() if lost["by"] == self.actor]
        seq = act.seq if act.seq is not None else max(mine, default=None)
        lost = self.so.lost.get(seq) if seq is not None else None
        if lost is None:
            return [False], nothing
        gains = {(t, p, r) for t, p, r, _ in lost["roles"]}
        in_time = self.at < lost["at"] + TEN_MINUTES
        return [seq in mine, in_time, lost["of"] not in self.so.gone], gains.__contains__

    def Ask(self, act: Any) -> Ruling:
        others = [p for p in self.people.values() if p != self.actor]
        kind = like(self.so.kind(act.what))
        rows = (GRANTS.get((kind, role), "").split() for p in others for role in self.so.on(p, act.what, self.at))
        granted = any(act.role in row for row in rows)  # also while it is disabled, when nobody can say yes
        return [granted, self.less(self.actor, act.role, act.what), act.role not in IMPLIED], nothing

    def Grant(self, act: Any) -> Ruling:
        asks = self.so.requests[act.request]
        sees = self.so.may(asks["by"], "view", asks["thing"], self.at)
        able = [asks["by"] not in self.so.gone, sees, self.less(asks["by"], asks["role"], asks["thing"])]
        return [*self.Refuse(act)[0], *able], {(asks["thing"], asks["by"], asks["role"])}.__contains__

    def Refuse(self, act: Any) -> Ruling:
        asks = self.so.requests[act.request]
        waits = [asks["state"] == "pending" and asks["thing"] in self.so.things, self.at < asks["expires"]]
        return [*waits, asks["by"] != self.actor, self.granted(asks["role"], [asks["thing"]])], nothing

    def Withdraw(self, act: Any) -> Ruling:
        asks = self.so.requests[act.request]
        return [asks["by"] == self.actor, asks["state"] == "pending", self.at < asks["expires"]], nothing

    def Extend(self, act: Any) -> Ruling:
        who = self.who(act)
        now = self.so.direct(act.what, who, self.at)
        return [now is not None, who != self.actor, now is not None and self.granted(now, [act.what])], nothing

    def Choose(self, act: Any) -> Ruling:
        chosen = self.who(act)
        opened = next((s for s, about in self.so.successions.items() if about[0] == act.what), None)
        if opened is None:
            return [False], nothing
        thing, gone, role = self.so.successions[opened]
        asked = self.so.electors(thing, gone, self.people.values(), self.at)
        agreed = {e for s, e, c in self.so.support if (s, c) == (opened, chosen)} | {self.actor}
        settles = self.actor in self.so.admins or (self.actor in asked and asked <= agreed)
        known = not asked or bool(self.so.on(chosen, thing, self.at))
        fits = lambda gain: settles and (gain == (thing, chosen, role) or gain[:2] == (thing, gone))  # noqa: E731
        return [chosen not in self.so.gone, known, self.actor in self.so.admins or self.actor in asked], fits

    def ShareWith(self, act: Any) -> Ruling:
        gains = {(act.what, act.team, act.role)} if self.may("edit", act.team) else set()
        new = (act.team, act.what, act.role) not in self.so.shares and self.so.kind(act.team) == "team"
        return [new, self.granted(act.role, [act.what])], gains.__contains__

    def Unshare(self, act: Any) -> Ruling:
        now = next((r for team, t, r in self.so.shares if (team, t) == (act.team, act.what)), None)
        takes = now in self.so.removes(self.actor, act.what, self.at)
        return [now is not None, takes or self.may("edit", act.team)], nothing

    def Assign(self, act: Any) -> Ruling:
        who = self.who(act)
        limited = self.so.direct(act.team, who, self.at) == "limited"
        return [self.may("edit", act.team), limited], {(act.what, who, "assigned")}.__contains__

    def Unassign(self, act: Any) -> Ruling:
        return [self.may("edit", act.team)], nothing


def gained(events: Iterable[Any]) -> list[Gain]:
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
