"""A small world for tests: people by first name, one company or none, a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from collab import access
from collab.answers import Accept, Decline
from collab.channels import LinkChannel
from collab.events import Event, InvitationSent, MemberJoined, Recorded, RequestSent, ResourceCreated
from collab.invitations import Invite
from collab.kinds import CAPABILITIES
from collab.lists import ListInvitations, ListMembers
from collab.membership import Leave, Remove
from collab.offers import Invitation, Term
from collab.people import Account, Address, Caller, Install, ReadProfile
from collab.policy import Policy
from collab.record import EventLine, ListEvents
from collab.requests import Ask, Grant, Refuse, Request, Withdraw
from collab.resources import Create, Resource
from collab.service import Collab, Outcome, Units
from collab.subjects import open_invitation
from collab.successions import Choose, Succession
from collab.teams import ShareWith
from collab.terms import USUALLY, Extend
from collab.undo import Undo
from storage.database import Database

TEAM = "T1"
OTHER_TEAM = "T2"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ZONES = {"ada": "Europe/Berlin", "carl": "America/New_York", "devi": "Asia/Kolkata"}


@dataclass
class World:
    """Everything a test needs to act and to look; `at` is the present moment."""

    database: Database
    units: Units | None = None
    policy: Policy = field(default_factory=Policy)
    workspace: str = TEAM
    at: datetime = MONDAY
    prefix: str = ""

    def __post_init__(self) -> None:
        self._ids = count(1)
        self._keys = count(1)
        self.collab = Collab(self.units or self.database.units, self.new_id, self.policy)
        self.collab.perform(Install(self.nobody("slack"), "Acme HQ", "UBOT"), self.at)

    def new_id(self, prefix: str) -> str:
        """Ids that a failing test can be read by."""
        return f"{prefix}{self.prefix}{next(self._ids):06X}"

    def nobody(self, door: str = "time") -> Caller:
        """Time, or the chat platform, acts."""
        return Caller(self.workspace, None, door)

    def account(self, name: str) -> Account:
        """`ada` is of this workspace, `eve@T2` of another one."""
        user, _, team = name.partition("@")
        return Account(team or self.workspace, "U" + user.upper())

    def by(self, name: str, door: str = "command", delivery: str | None = None) -> Caller:
        """A person acts."""
        return Caller(self.workspace, self.account(name), door, delivery)

    def knows(self, *names: str, **said: Any) -> World:
        """Profiles were read."""
        for name in names:
            self.profile(name, **said)
        return self

    def profile(self, name: str, **said: Any) -> Outcome:
        """What the chat platform says of somebody."""
        usual: dict[str, Any] = {
            "title": name.title(),
            "email": f"{name.partition('@')[0]}@example.com",
            "tz": ZONES.get(name, "UTC"),
            "locale": "en-US",
            "bot": False,
            "guest": False,
            "active": True,
        }
        return self.do(ReadProfile(self.nobody("slack"), self.account(name), **(usual | said)))

    def do(self, action: Any) -> Outcome:
        """Perform at the present moment."""
        return self.collab.perform(action, self.at)

    def company(self, title: str = "Acme", owner: str = "ada") -> str:
        """A company by its owner; answers its id."""
        self.knows(owner)
        created: ResourceCreated = self.do(Create(self.by(owner), "company", title)).first(ResourceCreated)
        return created.resource

    def invite(
        self, who: str, role: str = "admin", what: str | tuple[str, ...] = "acme", by: str = "ada", **more: Any
    ) -> str:
        """An invitation to somebody by name or by address; answers its id."""
        to = Address(who) if "@" in who and "." in who else self.account(who)
        sent: InvitationSent = self.do(Invite(self.by(by), to, role, what, **more)).first(InvitationSent)
        return sent.invitation

    def accept(self, who: str, invitation: str) -> Outcome:
        """Somebody says yes."""
        return self.do(Accept(self.by(who, "button"), invitation))

    def decline(self, who: str, invitation: str, reason: str | None = None) -> Outcome:
        """Somebody says no."""
        return self.do(Decline(self.by(who, "button"), invitation, reason))

    def member(self, who: str, role: str = "admin", what: str = "acme", by: str = "ada", **more: Any) -> None:
        """Somebody holds a role, by invitation."""
        self.accept(who, self.invite(who, role, what, by, **more))

    def make(self, kind: str, title: str, within: str | None = None, by: str = "ada") -> str:
        """A thing of some kind; answers its slug."""
        made: ResourceCreated = self.do(Create(self.by(by), kind, title, within)).first(ResourceCreated)
        return made.slug

    def shares(self, what: str, team: str, role: str, by: str = "ada") -> Outcome:
        """A team holds a role, or is asked to."""
        return self.do(ShareWith(self.by(by), what, team, role))

    def undo(self, who: str, seq: int | None = None) -> Outcome:
        """Somebody takes a leave or a removal back."""
        return self.do(Undo(self.by(who), seq))

    def extend(self, who: str, what: str = "acme", term: Term = USUALLY, by: str = "ada") -> Outcome:
        """Somebody's membership for a limited time lasts longer."""
        return self.do(Extend(self.by(by), self.account(who), what, term))

    def asks(self, who: str, role: str = "admin", what: str = "acme", note: str | None = None) -> str:
        """Somebody asks for a role; answers the request's id."""
        sent: RequestSent = self.do(Ask(self.by(who), role, what, note)).first(RequestSent)
        return sent.request

    def grant(self, who: str, request: str) -> Outcome:
        """Somebody says yes to a request."""
        return self.do(Grant(self.by(who, "button"), request))

    def refuse(self, who: str, request: str, reason: str | None = None) -> Outcome:
        """Somebody says no to a request."""
        return self.do(Refuse(self.by(who, "button"), request, reason))

    def withdraw(self, who: str, request: str) -> Outcome:
        """Somebody takes their own request back."""
        return self.do(Withdraw(self.by(who, "button"), request))

    def goes(self, *names: str) -> World:
        """Accounts are deactivated, one after the other."""
        for name in names:
            self.profile(name, active=False)
        return self

    def returns(self, name: str) -> Outcome:
        """An account is active again."""
        return self.profile(name)

    def choose(self, by: str, who: str, what: str = "acme") -> Outcome:
        """Somebody is for somebody as the one who follows."""
        return self.do(Choose(self.by(by), self.account(who), what))

    def grants(self, resource: str, who: str, role: str, until: datetime | None = None) -> None:
        """Somebody holds a role at once, by the record alone: for grounds that the rules would take long to lay."""
        with self.database.units.look(self.workspace) as facts:
            person = facts.person_by_account(self.account(who))
        assert person is not None
        with self.database.units.change(self.workspace) as unit:
            joined = MemberJoined(resource, person.id, role, until, None)
            unit.record([Recorded(self.workspace, unit.last_seq + 1, self.at, None, "test", joined)], None)

    @property
    def newest(self) -> str:
        """The resource that was made last."""
        found: str = self.happened(ResourceCreated)[-1].resource
        return found

    def may(self, who: str, capability: str, resource: str) -> bool:
        """Whether somebody has a capability."""
        with self.database.units.look(self.workspace) as facts:
            person, found = facts.person_by_account(self.account(who)), facts.resource(resource)
            assert found is not None
            return person is not None and access.may(self.collab.case(facts, self.at), person.id, capability, found)

    def can(self, who: str, what: str) -> set[str]:
        """All that somebody can do with a thing, by its slug."""
        found = self.thing(what).id
        return {capability for capability in CAPABILITIES if self.may(who, capability, found)}

    def thing(self, what: str) -> Resource:
        """A thing by its slug, as it is now."""
        with self.database.units.look(self.workspace) as facts:
            found = facts.resource_called(what)
        assert found is not None
        return found

    def succession(self, what: str = "acme") -> Succession | None:
        """Who is to follow somebody on a thing, while that is open."""
        with self.database.units.look(self.workspace) as facts:
            return facts.succession(self.thing(what).id)

    def request(self, request: str) -> Request:
        """A request as it is now."""
        with self.database.units.look(self.workspace) as facts:
            found = facts.request(request)
        assert found is not None
        return found

    def id_of(self, who: str) -> str:
        """A known person's id."""
        with self.database.units.look(self.workspace) as facts:
            found = facts.person_by_account(self.account(who))
        assert found is not None
        return found.id

    def leave(self, who: str, what: str = "acme") -> Outcome:
        """Somebody leaves."""
        return self.do(Leave(self.by(who), what))

    def remove(self, who: str, by: str = "ada", what: str = "acme") -> Outcome:
        """Somebody is removed."""
        return self.do(Remove(self.by(by), self.account(who), what))

    def link(self, channel: str = "CACME", what: str = "acme", by: str = "ada", groups: Sequence[str] = ()) -> Outcome:
        """A channel hears."""
        return self.do(LinkChannel(self.by(by), channel, what, tuple(groups)))

    def passes(self, **length: float) -> int:
        """Time passes, and what is due is done."""
        self.at += timedelta(**length)
        return self.collab.pass_time(self.at)

    def invitation(self, invitation: str) -> Invitation:
        """An invitation as it is now."""
        with self.database.units.look(self.workspace) as facts:
            found = facts.invitation(invitation)
        assert found is not None
        return found

    def card(self, invitation: str) -> Any:
        """An invitation with all that words about it need."""
        with self.database.units.look(self.workspace) as facts:
            return open_invitation(facts, self.invitation(invitation), self.collab.case(facts, self.at))

    def members(self, what: str = "acme", by: str = "ada") -> dict[str, str]:
        """Who holds which role, by first name."""
        found = self.collab.ask(ListMembers(self.by(by), what), self.at)
        return {(m.person.user or "?").removeprefix("U").lower(): m.role for m in found.members}

    def waiting(self, who: str) -> list[str]:
        """The ids of the invitations that wait for somebody."""
        found = self.collab.ask(ListInvitations(self.by(who)), self.at)
        return [i.invitation.id for i in found.invitations]

    def events(self, what: str | None = "acme", by: str = "ada", **more: Any) -> list[EventLine]:
        """What happened, newest first."""
        return list(self.collab.ask(ListEvents(self.by(by), what, **more), self.at).lines)

    def history(self) -> list[Recorded]:
        """Everything that happened, oldest first."""
        return list(self.database.journal.export(self.workspace))

    def happened(self, kind: type[Event]) -> list[Any]:
        """All events of a kind, oldest first."""
        return [r.event for r in self.history() if isinstance(r.event, kind)]

    def told(self) -> list[tuple[str, str]]:
        """What waits in the outbox and is now taken: target (people by name) and message, in order."""
        taken: list[tuple[int, str, str]] = []
        while batch := self.database.outbox.claim(50, timedelta(seconds=60)):
            for delivery in batch:
                taken.append((delivery.id, self._named(delivery.target), delivery.message))
                self.database.outbox.sent(delivery)
        return [(target, message) for _, target, message in sorted(taken)]

    def hears(self, message: str) -> list[str]:
        """Who hears that message of all that waits to be told, which is taken; once for each time, in order."""
        return sorted(target for target, told in self.told() if told == message)

    def _named(self, target: str) -> str:
        kind, _, key = target.partition(":")
        if kind != "person":
            return target
        with self.database.units.look(self.workspace) as facts:
            person = facts.person(key)
        assert person is not None
        return (person.user or "").removeprefix("U").lower() or person.email or "?"
