"""What handlers get: a request, one dataclass for each kind, and the services."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol, TypeVar, overload
from zoneinfo import ZoneInfo

from bot.rendering import Audience, RenderedText, Renderer
from bot.slack.address_lookup import AddressLookup
from bot.slack.channel_lookup import ChannelLookup
from bot.slack.commands.errors import ParseError
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import ParsedCommand
from bot.slack.forms.fields import read_fields
from bot.slack.page_below import ShownPage
from bot.slack.views import Message, View, blocks
from collab import errors
from collab.bus import Bus, Outcome, ReadAfter
from collab.command import Command
from collab.confirmation import ConfirmedPreview
from collab.installations import Installation
from collab.invitations import reminders
from collab.invitations.queries import ShowInvitation
from collab.model import (
    NOBODY,
    AccessRequestId,
    Account,
    Caller,
    ChannelId,
    InvitationId,
    Person,
    PersonId,
    ResourceId,
    WorkspaceId,
)
from collab.notifications.reach import Reach
from collab.notifications.sent_messages import LiveMessage
from collab.open_items import InvitationView
from collab.people import find_caller
from collab.repositories import Repositories

PERSON_FIELDS = ("person", "inviter")
# What a button carries and nobody has typed.
RESOURCE_ID_PATTERN = re.compile(r"[A-Z][0-9A-F]{28}")

ReadView = TypeVar("ReadView")


class Outbox(Protocol):
    """What handlers put into the outbox."""

    def enqueue_message(
        self, workspace: WorkspaceId, target: str, message: str, payload: dict[str, Any]
    ) -> None:
        """Enqueue the delivery of a message."""

    def save_live_message(self, message: LiveMessage) -> None:
        """Keep a message about an invitation up to date from now on."""

    def enqueue_home_update(
        self,
        workspace: WorkspaceId,
        person: PersonId,
        pages: Sequence[int] | None = None,
    ) -> None:
        """Enqueue the publication of a Home, at these pages or the last ones."""


class Installations(Protocol):
    """Where the app is installed by OAuth; `install_url` is the page to do so."""

    @property
    def install_url(self) -> str:
        """Return the address of the page that installs the app."""

    def find(self, workspace: WorkspaceId) -> Installation | None:
        """Return the installation of a workspace; None if there is none."""

    def forget(self, workspace: WorkspaceId) -> None:
        """Read an installation anew at its next use."""

    def change_teams(
        self, workspace: WorkspaceId, team_ids: Collection[str], *, is_granted: bool
    ) -> None:
        """Save which workspaces of an organisation may use the app from now on."""


@dataclass(slots=True)
class Progress:
    """Whether a request has changed anything, which stays even if its reply fails.

    `reaches` are those of its commands.
    """

    has_changed: bool = False
    reaches: list[Reach] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Services:
    """What handlers use, for one request."""

    bus: Bus
    outbox: Outbox
    renderer: Renderer
    command_handlers: Mapping[str, CommandHandler]  # by verb
    progress: Progress = field(default_factory=Progress)
    channel_lookup: ChannelLookup | None = None  # None without a connection to Slack
    address_lookup: AddressLookup | None = None
    installations: Installations | None = None  # None where the app has one token

    def for_locale(self, locale: str | None) -> Services:
        """Return the services for another request, in a locale."""
        renderer = self.renderer.for_locale(locale)
        return replace(self, renderer=renderer, progress=Progress())

    def without_commands(self) -> Services:
        """Return services whose replies suggest no commands."""
        return replace(self, renderer=self.renderer.without_commands())

    @overload
    def execute(
        self,
        command: Command,
        at: datetime,
        read_after: None = None,
        confirmed: ConfirmedPreview | None = None,
    ) -> Outcome[None]: ...

    @overload
    def execute(
        self,
        command: Command,
        at: datetime,
        read_after: ReadAfter[ReadView],
        confirmed: ConfirmedPreview | None = None,
    ) -> Outcome[ReadView]: ...

    def execute(
        self,
        command: Command,
        at: datetime,
        read_after: ReadAfter[Any] | None = None,
        confirmed: ConfirmedPreview | None = None,
    ) -> Outcome[Any]:
        """Execute a command, and note whether it changed anything; raises Rejected.

        `confirmed` is the preview of it that the caller confirms.
        """
        outcome: Outcome[Any] = (
            self.bus.execute(command, at, read_after, confirmed)
            if read_after
            else self.bus.execute(command, at, confirmed=confirmed)
        )
        self.progress.has_changed |= bool(outcome.recorded)
        self.progress.reaches.append(outcome.reach)
        return outcome

    def execute_each(
        self,
        commands: Sequence[Command],
        at: datetime,
        read_after: ReadAfter[ReadView],
    ) -> list[Outcome[ReadView] | errors.Rejected]:
        """Execute each command by itself; return its outcome or rejection (INV-12)."""
        outcomes: list[Outcome[ReadView] | errors.Rejected] = []
        for command in commands:
            try:
                outcomes.append(self.execute(command, at, read_after))
            except errors.Rejected as rejected:
                outcomes.append(rejected)
        return outcomes

    def enqueue_response(self, by: Caller, url: str, message: Message) -> None:
        """Enqueue a message to a response URL, in order with others to the same URL."""
        digest = sha256(url.encode()).hexdigest()
        payload = {"url": url, "body": message}
        self.outbox.enqueue_message(by.workspace, f"reply:{digest}", "reply", payload)

    def render_reply(self, name: str, **values: Any) -> RenderedText:
        """Render a reply's template."""
        return self.renderer.render(f"replies/{name}", **values)

    def render_reach(self) -> RenderedText | None:
        """Render whom the request concerns who has no account; None if nobody."""
        reaches = self.progress.reaches
        mailed = dict.fromkeys(each for reach in reaches for each in reach.mailed)
        unreached = dict.fromkeys(each for reach in reaches for each in reach.unreached)
        stopped = dict.fromkeys(each for reach in reaches for each in reach.stopped)
        if not (mailed or unreached or stopped):
            return None
        return self.render_reply(
            "outside",
            mailed=list(mailed),
            unreached=list(unreached),
            stopped=list(stopped),
        )

    def build_reply(self, name: str, **values: Any) -> Message:
        """Return a reply as a message of text only."""
        return blocks.build_message(self.render_reply(name, **values))

    def render_rejection(
        self,
        rejected: errors.Rejected | ParseError,
        by: Caller,
        audience: Audience = "person",
    ) -> RenderedText:
        """Render the text of a rejection, with people in place of their ids."""
        values = {f.name: getattr(rejected, f.name) for f in fields(rejected)}
        if isinstance(
            rejected, errors.UnknownResource
        ) and RESOURCE_ID_PATTERN.fullmatch(rejected.typed):
            values |= {"typed": "", "nearest": None}
        if any(name in values for name in PERSON_FIELDS):
            values |= self._load_people(by, values)
        return self.renderer.render(f"refusals/{rejected.name}", audience, **values)

    @contextmanager
    def read_workspace(self, by: Caller) -> Iterator[Repositories]:
        """Open the repositories of the caller's workspace for reading."""
        with self.bus.read(by.workspace) as repositories:
            yield repositories

    def find_person(self, by: Caller) -> Person | None:
        """Return the caller as a person; None before their first command."""
        with self.read_workspace(by) as repositories:
            return find_caller(repositories, by)

    def get_person_id(self, by: Caller) -> PersonId:
        """Return the caller's id; empty before their first command."""
        person = self.find_person(by)
        return person.id if person else NOBODY.id

    def get_time_zone(self, by: Caller) -> ZoneInfo:
        """Return the caller's time zone; UTC if it is unknown."""
        person = self.find_person(by)
        return reminders.get_time_zone(person.tz if person else "UTC")

    def get_invitation(
        self, by: Caller, at: datetime, invitation_id: InvitationId
    ) -> InvitationView:
        """Return an invitation that concerns the caller; raises UnknownInvitation."""
        invitation = self.bus.query(ShowInvitation(by, invitation_id), at)
        if invitation is None:
            raise errors.UnknownInvitation
        return invitation

    def _load_people(self, by: Caller, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the people named in the values, and the caller's id as `me`."""
        people: dict[str, Any] = {"me": ""}
        with self.read_workspace(by) as repositories:
            caller = find_caller(repositories, by)
            if caller:
                people["me"] = caller.id
            for name in PERSON_FIELDS:
                person_id = values.get(name)
                if isinstance(person_id, str):
                    people[name] = (
                        repositories.people.get_person(PersonId(person_id)) or NOBODY
                    )
        return people


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """A typed command, or a submitted form with the same values.

    `form_metadata` is the text that the form was built with; None for a typed command.
    `app_id` is the app's id in Slack, where it is known.
    """

    caller: Caller
    at: datetime
    channel: ChannelId
    line: ParsedCommand
    open_view: Callable[[View], None]
    form_metadata: str | None = None
    app_id: str = ""

    @property
    def is_from_form(self) -> bool:
        """Whether the values were filled in instead of typed."""
        return self.form_metadata is not None

    def get(self, slot: Slot) -> Any:
        """Return what was typed for a slot, or None."""
        return self.line.get(slot)


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """A pressed button or a selected option.

    `origin` is the id of its block. In a modal, `values` are its fields so far;
    `update_view` replaces the modal, and `show_view` opens one where there is none.
    `page` is the page that the control is on, `page_below` the one from which its modal
    was opened, or that is in the message of the control. `replacing` are modals that
    took the place of the one of the control.
    """

    caller: Caller
    at: datetime
    value: str
    origin: str
    is_ephemeral: bool
    response_url: str | None
    open_view: Callable[[View], None]
    update_view: Callable[[View], None]
    show_view: Callable[[View], None]
    values: Mapping[str, str]
    page: ShownPage | None = None
    page_below: ShownPage | None = None
    is_selection: bool = False
    metadata: str = ""
    replacing: Sequence[View] = ()

    @property
    def fields(self) -> Mapping[str, str]:
        """Return the values that are not empty by field."""
        return read_fields(self.values)

    @property
    def resource_id(self) -> ResourceId:
        """Return the value of a button that belongs to a resource."""
        return ResourceId(self.value)

    @property
    def invitation_id(self) -> InvitationId:
        """Return the value of a button that belongs to an invitation."""
        return InvitationId(self.value)

    @property
    def access_request_id(self) -> AccessRequestId:
        """Return the value of a button that belongs to an access request."""
        return AccessRequestId(self.value)


@dataclass(frozen=True, slots=True)
class OptionsRequest:
    """Text typed into a select that loads its options; `field_key` names the field."""

    caller: Caller
    at: datetime
    typed: str
    field_key: str = ""


@dataclass(frozen=True, slots=True)
class ViewSubmission:
    """A submitted modal; `private_metadata` is what it was opened for.

    `values` are by block id.
    """

    caller: Caller
    at: datetime
    private_metadata: str
    values: Mapping[str, str]

    @property
    def fields(self) -> Mapping[str, str]:
        """Return the values that are not empty by field."""
        return read_fields(self.values)

    @property
    def invitation_id(self) -> InvitationId:
        """Return the metadata of a modal that belongs to an invitation."""
        return InvitationId(self.private_metadata)

    @property
    def access_request_id(self) -> AccessRequestId:
        """Return the metadata of a modal that belongs to an access request."""
        return AccessRequestId(self.private_metadata)

    def get_account(self, field: str) -> Account:
        """Return the account selected in a field."""
        return Account(self.caller.workspace, self.fields.get(field, ""))


CommandHandler = Callable[[Services, CommandRequest], Message | None]


class FieldError(Exception):
    """A field of a modal has an unusable value; `message` is shown under it."""

    def __init__(self, block_id: str, message: str) -> None:
        super().__init__(block_id)
        self.block_id = block_id
        self.message = message


def split_list(value: str) -> list[str]:
    """Return the values of a field for several."""
    return [each for each in value.split(",") if each]
