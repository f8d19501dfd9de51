"""A small world for tests: people by first name, one company or none, a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from collab import authorization
from collab.access_requests import (
    ApproveRequest,
    DenyRequest,
    RequestAccess,
    WithdrawRequest,
)
from collab.bus import Bus, Outcome
from collab.channels import LinkChannel
from collab.event_log import EventLine, ListEvents
from collab.events import (
    Event,
    InvitationSent,
    MemberJoined,
    RecordedEvent,
    RequestSent,
    ResourceCreated,
)
from collab.invitations.answers import AcceptInvitation, DeclineInvitation
from collab.invitations.commands import InviteToResource
from collab.invitations.queries import ListInvitations
from collab.limits import Policy
from collab.memberships.commands import LeaveResource, RemoveMember
from collab.memberships.expiry import DEFAULT_EXTENSION, ExtendMembership
from collab.memberships.queries import ListMembers
from collab.memberships.undo import UndoDeparture
from collab.model import (
    AccessRequest,
    AccessRequestId,
    Account,
    Address,
    Caller,
    ChannelId,
    Invitation,
    InvitationId,
    PersonId,
    Resource,
    ResourceId,
    Succession,
    Term,
    WorkspaceId,
)
from collab.open_items import build_invitation_view
from collab.people import InstallWorkspace, UpdateProfile
from collab.resources import CreateResource
from collab.roles import CAPABILITIES
from collab.successions import ChooseSuccessor
from collab.teams import ShareWithTeam
from collab.unit_of_work import UnitOfWorkFactory
from storage.database import Database

TEAM_ID = WorkspaceId("T1")
OTHER_TEAM_ID = WorkspaceId("T2")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TIME_ZONES = {
    "ada": "Europe/Berlin",
    "carl": "America/New_York",
    "devi": "Asia/Kolkata",
}


@dataclass
class Scenario:
    """Everything a test needs to act and to look; `at` is the present moment."""

    database: Database
    unit_of_work_factory: UnitOfWorkFactory | None = None
    policy: Policy = field(default_factory=Policy)
    workspace: WorkspaceId = TEAM_ID
    at: datetime = MONDAY
    id_prefix: str = ""
    last_id: int = 0

    def __post_init__(self) -> None:
        self.bus = Bus(
            self.unit_of_work_factory or self.database.unit_of_work_factory,
            self.new_id,
            self.policy,
        )
        self.bus.execute(
            InstallWorkspace(self.system_caller("slack"), "Acme HQ", "UBOT"), self.at
        )

    def new_id(self, prefix: str) -> str:
        """Ids that a failing test can be read by."""
        self.last_id += 1
        return f"{prefix}{self.id_prefix}{self.last_id:06X}"

    def system_caller(self, origin: str = "time") -> Caller:
        """Time, or the chat platform, acts."""
        return Caller(self.workspace, None, origin)

    def account_of(self, name: str) -> Account:
        """`ada` is of this workspace, `eve@T2` of another one."""
        user, _, team = name.partition("@")
        return Account(team or self.workspace, "U" + user.upper())

    def caller_for(
        self, name: str, origin: str = "command", idempotency_key: str | None = None
    ) -> Caller:
        """A person acts."""
        return Caller(self.workspace, self.account_of(name), origin, idempotency_key)

    def register_people(self, *names: str, **said: Any) -> Scenario:
        """Store the profiles of people."""
        for name in names:
            self.read_profile(name, **said)
        return self

    def read_profile(self, name: str, **said: Any) -> Outcome[Any]:
        """Store a person's profile from the chat platform."""
        usual: dict[str, Any] = {
            "title": name.title(),
            "email": f"{name.partition('@')[0]}@example.com",
            "tz": TIME_ZONES.get(name, "UTC"),
            "locale": "en-US",
            "bot": False,
            "guest": False,
            "active": True,
        }
        return self.execute(
            UpdateProfile(
                self.system_caller("slack"), self.account_of(name), **(usual | said)
            )
        )

    def execute(self, action: Any) -> Outcome[Any]:
        """Execute a command at the present moment."""
        return self.bus.execute(action, self.at)

    def create_company(self, title: str = "Acme", owner: str = "ada") -> ResourceId:
        """Create a company by its owner; return its id."""
        self.register_people(owner)
        created: ResourceCreated = self.execute(
            CreateResource(self.caller_for(owner), "company", title)
        ).get_event(ResourceCreated)
        return created.resource

    def send_invitation(
        self,
        who: str,
        role: str = "admin",
        what: str | tuple[str, ...] = "acme",
        by: str = "ada",
        **more: Any,
    ) -> InvitationId:
        """Send an invitation to a person by name or address; return its id."""
        to = Address(who) if "@" in who and "." in who else self.account_of(who)
        sent: InvitationSent = self.execute(
            InviteToResource(self.caller_for(by), to, role, what, **more)
        ).get_event(InvitationSent)
        return sent.invitation

    def accept_invitation(self, who: str, invitation: InvitationId) -> Outcome[Any]:
        """Accept an invitation."""
        return self.execute(
            AcceptInvitation(self.caller_for(who, "button"), invitation)
        )

    def decline_invitation(
        self, who: str, invitation: InvitationId, reason: str | None = None
    ) -> Outcome[Any]:
        """Decline an invitation."""
        return self.execute(
            DeclineInvitation(self.caller_for(who, "button"), invitation, reason)
        )

    def add_member(
        self,
        who: str,
        role: str = "admin",
        what: str = "acme",
        by: str = "ada",
        **more: Any,
    ) -> None:
        """Give a person a role, by an accepted invitation."""
        self.accept_invitation(who, self.send_invitation(who, role, what, by, **more))

    def create_resource(
        self, kind: str, title: str, within: str | None = None, by: str = "ada"
    ) -> str:
        """Create a resource of a type; return its slug."""
        made: ResourceCreated = self.execute(
            CreateResource(self.caller_for(by), kind, title, within)
        ).get_event(ResourceCreated)
        return made.slug

    def share_with_team(
        self, what: str, team: str, role: str, by: str = "ada"
    ) -> Outcome[Any]:
        """Share a resource with a team, or invite the team."""
        return self.execute(ShareWithTeam(self.caller_for(by), what, team, role))

    def undo_removal(self, who: str, seq: int | None = None) -> Outcome[Any]:
        """Undo a leave or a removal."""
        return self.execute(UndoDeparture(self.caller_for(who), seq))

    def extend_membership(
        self,
        who: str,
        what: str = "acme",
        term: Term = DEFAULT_EXTENSION,
        by: str = "ada",
    ) -> Outcome[Any]:
        """Extend a time-limited membership."""
        return self.execute(
            ExtendMembership(self.caller_for(by), self.account_of(who), what, term)
        )

    def request_access(
        self, who: str, role: str = "admin", what: str = "acme", note: str | None = None
    ) -> AccessRequestId:
        """Request a role; return the request's id."""
        sent: RequestSent = self.execute(
            RequestAccess(self.caller_for(who), role, what, note)
        ).get_event(RequestSent)
        return sent.request

    def approve_request(self, who: str, request: AccessRequestId) -> Outcome[Any]:
        """Approve an access request."""
        return self.execute(ApproveRequest(self.caller_for(who, "button"), request))

    def deny_request(
        self, who: str, request: AccessRequestId, reason: str | None = None
    ) -> Outcome[Any]:
        """Deny an access request."""
        return self.execute(
            DenyRequest(self.caller_for(who, "button"), request, reason)
        )

    def withdraw_request(self, who: str, request: AccessRequestId) -> Outcome[Any]:
        """Withdraw a person's own access request."""
        return self.execute(WithdrawRequest(self.caller_for(who, "button"), request))

    def deactivate_accounts(self, *names: str) -> Scenario:
        """Deactivate accounts, one after the other."""
        for name in names:
            self.read_profile(name, active=False)
        return self

    def reactivate_account(self, name: str) -> Outcome[Any]:
        """Reactivate an account."""
        return self.read_profile(name)

    def choose_successor(self, by: str, who: str, what: str = "acme") -> Outcome[Any]:
        """Choose a successor."""
        return self.execute(
            ChooseSuccessor(self.caller_for(by), self.account_of(who), what)
        )

    def record_membership(
        self, resource: ResourceId, who: str, role: str, until: datetime | None = None
    ) -> None:
        """Give a person a role by an event alone, where the rules would need many steps."""
        with self.database.unit_of_work_factory.read(self.workspace) as facts:
            person = facts.people.find_person_by_account(self.account_of(who))
        assert person is not None
        with self.database.unit_of_work_factory.write(self.workspace) as unit:
            joined = MemberJoined(resource, person.id, role, until, None)
            unit.append(
                [
                    RecordedEvent(
                        self.workspace, unit.last_seq + 1, self.at, None, "test", joined
                    )
                ],
                None,
            )

    @property
    def newest_resource_id(self) -> ResourceId:
        """Return the newest resource."""
        found: ResourceId = self.events_of_type(ResourceCreated)[-1].resource
        return found

    def has_capability(self, who: str, capability: str, resource: ResourceId) -> bool:
        """Return whether a person has a capability."""
        with self.database.unit_of_work_factory.read(self.workspace) as facts:
            person, found = (
                facts.people.find_person_by_account(self.account_of(who)),
                facts.resources.get_resource(resource),
            )
            assert found is not None
            return person is not None and authorization.check(
                self.bus.context(facts, self.at), person.id, capability, found
            )

    def capabilities_of(self, who: str, what: str) -> set[str]:
        """Return a person's capabilities on a resource, by its slug."""
        found = self.get_resource(what).id
        return {
            capability
            for capability in CAPABILITIES
            if self.has_capability(who, capability, found)
        }

    def get_resource(self, what: str) -> Resource:
        """Return the current state of a resource, by its slug."""
        with self.database.unit_of_work_factory.read(self.workspace) as facts:
            found = facts.resources.find_resource_by_id_or_slug(what)
        assert found is not None
        return found

    def find_succession(self, what: str = "acme") -> Succession | None:
        """Return the open succession on a resource."""
        with self.database.unit_of_work_factory.read(self.workspace) as facts:
            return facts.successions.find_open_succession(self.get_resource(what).id)

    def get_request(self, request: AccessRequestId) -> AccessRequest:
        """Return the current state of an access request."""
        with self.database.unit_of_work_factory.read(self.workspace) as facts:
            found = facts.access_requests.get_access_request(request)
        assert found is not None
        return found

    def person_id_of(self, who: str) -> PersonId:
        """Return a known person's id."""
        with self.database.unit_of_work_factory.read(self.workspace) as facts:
            found = facts.people.find_person_by_account(self.account_of(who))
        assert found is not None
        return found.id

    def leave_resource(self, who: str, what: str = "acme") -> Outcome[Any]:
        """Leave a resource."""
        return self.execute(LeaveResource(self.caller_for(who), what))

    def remove_member(
        self, who: str, by: str = "ada", what: str = "acme"
    ) -> Outcome[Any]:
        """Remove a member."""
        return self.execute(
            RemoveMember(self.caller_for(by), self.account_of(who), what)
        )

    def link_channel(
        self,
        channel: str = "CACME",
        what: str = "acme",
        by: str = "ada",
        groups: Sequence[str] = (),
    ) -> Outcome[Any]:
        """Link a channel to a resource."""
        return self.execute(
            LinkChannel(self.caller_for(by), ChannelId(channel), what, tuple(groups))
        )

    def advance_time(self, **length: float) -> int:
        """Let time pass, and run what is due."""
        self.at += timedelta(**length)
        return self.bus.run_due(self.at)

    def get_invitation(self, invitation: InvitationId) -> Invitation:
        """Return the current state of an invitation."""
        with self.database.unit_of_work_factory.read(self.workspace) as facts:
            found = facts.invitations.get_invitation(invitation)
        assert found is not None
        return found

    def get_open_invitation(self, invitation: InvitationId) -> Any:
        """Return an invitation with what texts about it need."""
        with self.database.unit_of_work_factory.read(self.workspace) as facts:
            return build_invitation_view(
                facts, self.get_invitation(invitation), self.bus.context(facts, self.at)
            )

    def roles_by_name(self, what: str = "acme", by: str = "ada") -> dict[str, str]:
        """Return roles by first name."""
        found = self.bus.query(ListMembers(self.caller_for(by), what), self.at)
        return {
            (m.person.user or "?").removeprefix("U").lower(): m.role
            for m in found.members
        }

    def pending_invitation_ids(self, who: str) -> list[InvitationId]:
        """Return the ids of a person's pending invitations."""
        found = self.bus.query(ListInvitations(self.caller_for(who)), self.at)
        return [i.invitation.id for i in found.invitations]

    def list_events(
        self, what: str | None = "acme", by: str = "ada", **more: Any
    ) -> list[EventLine]:
        """Return the events, newest first."""
        return list(
            self.bus.query(ListEvents(self.caller_for(by), what, **more), self.at).lines
        )

    def list_recorded_events(self) -> list[RecordedEvent]:
        """Return all events, oldest first."""
        return list(self.database.event_log.export_events(self.workspace))

    def events_of_type(self, kind: type[Event]) -> list[Any]:
        """Return all events of a type, oldest first."""
        return [
            r.event for r in self.list_recorded_events() if isinstance(r.event, kind)
        ]

    def take_outbox(self) -> list[tuple[str, str]]:
        """Take what is queued in the outbox; return targets (people by name) and messages in order."""
        taken: list[tuple[int, str, str]] = []
        while batch := self.database.outbox.claim_deliveries(50, timedelta(seconds=60)):
            for delivery in batch:
                taken.append(
                    (
                        delivery.id,
                        self._readable_target(delivery.target),
                        delivery.message,
                    )
                )
                self.database.outbox.mark_sent(delivery)
        return [(target, message) for _, target, message in sorted(taken)]

    def take_recipients_of(self, message: str) -> list[str]:
        """Take all queued messages and return the sorted recipients of one kind, once for each message."""
        return sorted(target for target, name in self.take_outbox() if name == message)

    def _readable_target(self, target: str) -> str:
        kind, _, key = target.partition(":")
        if kind != "person":
            return target
        with self.database.unit_of_work_factory.read(self.workspace) as facts:
            person = facts.people.get_person(PersonId(key))
        assert person is not None
        return (person.user or "").removeprefix("U").lower() or person.email or "?"
