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
from collab.events import Event, InvitationSent, MemberJoined, Recorded, ResourceCreated
from collab.invitations import Invite
from collab.lists import ListInvitations, ListMembers
from collab.membership import Leave, Remove
from collab.offers import Invitation
from collab.people import Account, Address, Caller, Install, ReadProfile
from collab.policy import Policy
from collab.record import EventLine, ListEvents
from collab.resources import Create
from collab.service import Collab, Outcome, Units
from collab.subjects import open_invitation
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
        usual = {
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
        return self.do(Create(self.by(owner), "company", title)).first(ResourceCreated).resource

    def invite(self, who: str, role: str = "admin", what: str = "acme", by: str = "ada", **more: Any) -> str:
        """An invitation to somebody by name or by address; answers its id."""
        to = Address(who) if "@" in who and "." in who else self.account(who)
        return self.do(Invite(self.by(by), to, role, what, **more)).first(InvitationSent).invitation

    def accept(self, who: str, invitation: str) -> Outcome:
        """Somebody says yes."""
        return self.do(Accept(self.by(who, "button"), invitation))

    def decline(self, who: str, invitation: str, reason: str | None = None) -> Outcome:
        """Somebody says no."""
        return self.do(Decline(self.by(who, "button"), invitation, reason))

    def member(self, who: str, role: str = "admin", what: str = "acme", by: str = "ada", **more: Any) -> None:
        """Somebody holds a role, by invitation."""
        self.accept(who, self.invite(who, role, what, by, **more))

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

    def events(self, what: str = "acme", by: str = "ada", **more: Any) -> list[EventLine]:
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

    def _named(self, target: str) -> str:
        kind, _, key = target.partition(":")
        if kind != "person":
            return target
        with self.database.units.look(self.workspace) as facts:
            person = facts.person(key)
        assert person is not None
        return (person.user or "").removeprefix("U").lower() or person.email or "?"
