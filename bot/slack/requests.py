"""What every listener stands on: the desk that all share, and one dataclass for each way in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from bot.rendering import Audience, RenderedText, Renderer
from bot.slack.address_lookup import AddressLookup
from bot.slack.channel_lookup import ChannelLookup
from bot.slack.commands.errors import ParseError
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import ParsedCommand
from bot.slack.views import Message, View, blocks
from collab import errors
from collab.bus import Bus, Outcome, ReadAfter
from collab.invitations import reminders
from collab.invitations.queries import ShowInvitation
from collab.model import NOBODY, Account, Caller, LiveMessage, Person
from collab.open_items import InvitationView
from collab.repositories import Repositories

PERSON_FIELDS = ("person", "inviter")
RESOURCE_ID_PATTERN = re.compile(
    r"[A-Z][0-9A-F]{28}"
)  # what a button carries and nobody has typed
MARKUP_CHARACTERS = str.maketrans("", "", "*`")


class Outbox(Protocol):
    """What the Slack face asks of the outbox."""

    def enqueue_message(
        self, workspace: str, target: str, message: str, payload: dict[str, Any]
    ) -> None:
        """Put a ready message on its way."""

    def save_copy(self, copy: LiveMessage) -> None:
        """Keep a message of an invitation up to date from now on."""

    def enqueue_home_update(
        self, workspace: str, person: str, pages: Sequence[int] | None = None
    ) -> None:
        """Bring a person's Home up to date: at these pages from now on, or at those where it is."""


@dataclass(slots=True)
class Progress:
    """How far a request has come: what it did stands even when its answer fails."""

    has_changed: bool = False


@dataclass(frozen=True, slots=True)
class Services:
    """The core, the outbox, the words, and what Slack says of channels, for one request."""

    bus: Bus
    outbox: Outbox
    renderer: Renderer
    command_handlers: Mapping[str, CommandHandler]  # by verb
    progress: Progress = field(default_factory=Progress)
    channel_lookup: ChannelLookup | None = None  # None where there is no Slack to ask
    address_lookup: AddressLookup | None = None

    def for_locale(self, locale: str | None) -> Services:
        """The same desk for another request, in the language of a locale."""
        return replace(
            self, renderer=self.renderer.for_locale(locale), progress=Progress()
        )

    def execute(
        self, action: Any, at: datetime, read_after: ReadAfter[Any] | None = None
    ) -> Outcome[Any]:
        """Perform an action, and remember that something was changed."""
        outcome = self.bus.execute(action, at, read_after)
        self.progress.has_changed |= bool(outcome.recorded)
        return outcome

    def execute_each(
        self,
        actions: Sequence[Any],
        at: datetime,
        read_after: ReadAfter[Any] | None = None,
    ) -> list[Outcome[Any] | errors.Rejected]:
        """Perform several actions, each by itself (INV-12)."""
        outcomes: list[Outcome[Any] | errors.Rejected] = []
        for action in actions:
            try:
                outcomes.append(self.execute(action, at, read_after))
            except errors.Rejected as rejected:
                outcomes.append(rejected)
        return outcomes

    def without_commands(self) -> Services:
        """Return the same desk for somebody who has no commands."""
        return replace(self, renderer=self.renderer.without_commands())

    def render_reply(self, name: str, **repositories: Any) -> RenderedText:
        """A reply's words."""
        return self.renderer.render(f"replies/{name}", **repositories)

    def build_reply(self, name: str, **repositories: Any) -> Message:
        """A reply that is words alone."""
        return blocks.build_message(self.render_reply(name, **repositories))

    def render_rejection(
        self,
        rejected: errors.Rejected | ParseError,
        by: Caller,
        audience: Audience = "person",
    ) -> RenderedText:
        """A refusal's words, with people in place of their ids."""
        told = {f.name: getattr(rejected, f.name) for f in fields(rejected)}
        if isinstance(
            rejected, errors.UnknownResource
        ) and RESOURCE_ID_PATTERN.fullmatch(rejected.typed):
            told |= {"typed": "", "nearest": None}
        if any(name in told for name in PERSON_FIELDS):
            with self.read_workspace(by) as repositories:
                people = {
                    n: repositories.people.get_person(told[n]) or NOBODY
                    for n in PERSON_FIELDS
                    if isinstance(told.get(n), str)
                }
                me = (
                    repositories.people.find_person_by_account(by.account)
                    if by.account
                    else None
                )
            told = {**told, **people, "me": me.id if me else ""}
        return self.renderer.render(f"refusals/{rejected.name}", audience, **told)

    @contextmanager
    def read_workspace(self, by: Caller) -> Iterator[Repositories]:
        """The facts of the caller's workspace, for words."""
        with self.bus.read(by.workspace) as repositories:
            yield repositories

    def find_person(self, by: Caller) -> Person | None:
        """The caller as a person, once they acted."""
        with self.read_workspace(by) as repositories:
            return (
                repositories.people.find_person_by_account(by.account)
                if by.account
                else None
            )

    def get_time_zone(self, by: Caller) -> ZoneInfo:
        """The caller's own time zone, in which the days that they name begin and end; UTC while it is unknown."""
        me = self.find_person(by)
        return reminders.get_time_zone(me.tz if me else "UTC")

    def get_invitation(
        self, by: Caller, at: datetime, invitation: str
    ) -> InvitationView:
        """An invitation that concerns the caller."""
        found: InvitationView | None = self.bus.query(
            ShowInvitation(by, invitation), at
        )
        if found is None:
            raise errors.UnknownInvitation
        return found


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """A line typed after the command."""

    caller: Caller
    at: datetime
    channel: str
    line: ParsedCommand
    open_view: Callable[[View], None]

    def get(self, slot: Slot) -> Any:
        """What was said for a slot, or nothing."""
        return self.line.get(slot)


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """A pressed button or a chosen option; `origin` names the list that it stands in.

    In a window, `values` is what is filled in there by now, and `update_view` gives that window other content.
    `show_view` does so too, but opens a window where there is none.
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


@dataclass(frozen=True, slots=True)
class OptionsRequest:
    """What somebody typed into a field that asks for its choices; `about` is what the field says of itself."""

    caller: Caller
    at: datetime
    typed: str
    field_key: str = ""


@dataclass(frozen=True, slots=True)
class ViewSubmission:
    """A modal that was sent in; `about` is the id that it was opened with."""

    caller: Caller
    at: datetime
    private_metadata: str
    values: Mapping[str, str]

    def get_account(self, block: str) -> Account:
        """The account that was chosen in a field."""
        return Account(self.caller.workspace, self.values.get(block, ""))


def split_list(value: str) -> list[str]:
    """What was chosen in a field for several."""
    return [each for each in value.split(",") if each]


CommandHandler = Callable[[Services, CommandRequest], Message | None]


class FieldError(Exception):
    """One field of a modal holds what cannot be taken; `words` say so under it."""

    def __init__(self, block_id: str, renderer: str) -> None:
        super().__init__(block_id)
        self.block_id = block_id
        self.words = renderer


def build_field_error(
    services: Services, field: str, rejected: errors.Rejected | ParseError, by: Caller
) -> FieldError:
    """A refusal, said under the field that it is about, where no markup is read."""
    return FieldError(
        field,
        services.render_rejection(rejected, by, "plain").text.translate(
            MARKUP_CHARACTERS
        ),
    )
