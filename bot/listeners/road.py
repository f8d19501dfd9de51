"""What every listener stands on: the desk that all share, and one dataclass for each way in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from bot.addresses import AddressLookup
from bot.cards import Message, View, blocks
from bot.channels import ChannelLookup
from bot.misread import Misread
from bot.verbs import Line, Slot
from bot.words import Audience, Said, Words
from collab import events, refusals, reminders
from collab.case import Case, Facts
from collab.lists import ListInvitations, ShowInvitation, ShowLinked
from collab.notices import Copy
from collab.offers import check_pending
from collab.people import NOBODY, Account, Address, Caller, Person, identity_of
from collab.resources import Resource
from collab.service import Collab, Outcome, Seeing
from collab.subjects import OpenInvitation, open_invitation

PEOPLE = ("person", "inviter")
ID = re.compile(r"[A-Z][0-9A-F]{28}")  # what a button carries and nobody has typed
UNMARKED = str.maketrans("", "", "*`")
Named = TypeVar("Named")


class Outbox(Protocol):
    """What the Slack face asks of the outbox."""

    def post(self, workspace: str, target: str, message: str, payload: dict[str, Any]) -> None:
        """Put a ready message on its way."""

    def keep_copy(self, copy: Copy) -> None:
        """Keep a message of an invitation up to date from now on."""

    def show_home(self, workspace: str, person: str, pages: Sequence[int] | None = None) -> None:
        """Bring a person's Home up to date: at these pages from now on, or at those where it is."""


@dataclass(slots=True)
class Progress:
    """How far a request has come: what it did stands even when its answer fails."""

    has_changed: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """The core, the outbox, the words, and what Slack says of channels, for one request."""

    collab: Collab
    outbox: Outbox
    words: Words
    progress: Progress = field(default_factory=Progress)
    channels: ChannelLookup | None = None  # None where there is no Slack to ask
    addresses: AddressLookup | None = None

    def speaking(self, locale: str | None) -> Desk:
        """The same desk for another request, in the language of a locale."""
        return replace(self, words=self.words.of(locale), progress=Progress())

    def perform(self, action: Any, at: datetime, seeing: Seeing | None = None) -> Outcome:
        """Perform an action, and remember that something was changed."""
        outcome = self.collab.perform(action, at, seeing)
        self.progress.has_changed |= bool(outcome.recorded)
        return outcome

    def perform_each(
        self, actions: Sequence[Any], at: datetime, seeing: Seeing | None = None
    ) -> list[Outcome | refusals.Refused]:
        """Perform several actions, each by itself (INV-12)."""
        outcomes: list[Outcome | refusals.Refused] = []
        for action in actions:
            try:
                outcomes.append(self.perform(action, at, seeing))
            except refusals.Refused as refused:
                outcomes.append(refused)
        return outcomes

    def without_commands(self) -> Desk:
        """Return the same desk for somebody who has no commands."""
        return replace(self, words=self.words.without_commands())

    def say(self, name: str, **facts: Any) -> Said:
        """A reply's words."""
        return self.words.say(f"replies/{name}", **facts)

    def tell(self, name: str, **facts: Any) -> Message:
        """A reply that is words alone."""
        return blocks.message(self.say(name, **facts))

    def refused(self, refused: refusals.Refused | Misread, by: Caller, audience: Audience = "person") -> Said:
        """A refusal's words, with people in place of their ids."""
        told = {f.name: getattr(refused, f.name) for f in fields(refused)}
        if isinstance(refused, refusals.UnknownResource) and ID.fullmatch(refused.typed):
            told |= {"typed": "", "nearest": None}
        if any(name in told for name in PEOPLE):
            with self.facts(by) as facts:
                people = {n: facts.person(told[n]) or NOBODY for n in PEOPLE if isinstance(told.get(n), str)}
                me = facts.person_by_account(by.account) if by.account else None
            told = {**told, **people, "me": me.id if me else ""}
        return self.words.say(f"refusals/{refused.name}", audience, **told)

    @contextmanager
    def facts(self, by: Caller) -> Iterator[Facts]:
        """The facts of the caller's workspace, for words."""
        with self.collab.look(by.workspace) as facts:
            yield facts

    def me(self, by: Caller) -> Person | None:
        """The caller as a person, once they acted."""
        with self.facts(by) as facts:
            return facts.person_by_account(by.account) if by.account else None

    def zone(self, by: Caller) -> ZoneInfo:
        """The caller's own time zone, in which the days that they name begin and end; UTC while it is unknown."""
        me = self.me(by)
        return reminders.zone(me.tz if me else "UTC")

    def card(self, by: Caller, at: datetime, invitation: str) -> OpenInvitation:
        """An invitation that concerns the caller."""
        found: OpenInvitation | None = self.collab.ask(ShowInvitation(by, invitation), at)
        if found is None:
            raise refusals.UnknownInvitation
        return found


@dataclass(frozen=True, slots=True)
class Command:
    """A line typed after the command."""

    by: Caller
    at: datetime
    channel: str
    line: Line
    open_view: Callable[[View], None]

    def get(self, slot: Slot) -> Any:
        """What was said for a slot, or nothing."""
        return self.line.get(slot)


@dataclass(frozen=True, slots=True)
class Click:
    """A pressed button or a chosen option; `origin` names the list that it stands in.

    In a window, `values` is what is filled in there by now, and `update_view` gives that window other content.
    `show_view` does so too, but opens a window where there is none.
    """

    by: Caller
    at: datetime
    value: str
    origin: str
    ephemeral: bool
    response_url: str | None
    open_view: Callable[[View], None]
    update_view: Callable[[View], None]
    show_view: Callable[[View], None]
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody typed into a field that asks for its choices; `about` is what the field says of itself."""

    by: Caller
    at: datetime
    typed: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """A modal that was sent in; `about` is the id that it was opened with."""

    by: Caller
    at: datetime
    about: str
    values: Mapping[str, str]

    def account(self, block: str) -> Account:
        """The account that was chosen in a field."""
        return Account(self.by.workspace, self.values.get(block, ""))


def several(value: str) -> list[str]:
    """What was chosen in a field for several."""
    return [each for each in value.split(",") if each]


class WrongField(Exception):
    """One field of a modal holds what cannot be taken; `words` say so under it."""

    def __init__(self, block_id: str, words: str) -> None:
        super().__init__(block_id)
        self.block_id = block_id
        self.words = words


def wrong(desk: Desk, field: str, refused: refusals.Refused | Misread, by: Caller) -> WrongField:
    """A refusal, said under the field that it is about, where no markup is read."""
    return WrongField(field, desk.refused(refused, by, "plain").text.translate(UNMARKED))


def what_of(desk: Desk, asked: Command) -> str:
    """What was named, else what the channel is linked to."""
    named: str | None = asked.get(Slot.WHAT)
    return named if named is not None else _linked(desk, asked, Slot.WHAT)


def whats_of(desk: Desk, asked: Command) -> tuple[str, ...]:
    """The several things that were named, else what the channel is linked to."""
    named: tuple[str, ...] | None = asked.get(Slot.WHATS)
    return named if named is not None else (_linked(desk, asked, Slot.WHATS),)


def linked_to(desk: Desk, asked: Command) -> str | None:
    """The one thing that the channel is linked to."""
    try:
        found: str = desk.collab.ask(ShowLinked(asked.by, asked.channel), asked.at).id
    except refusals.ChannelNotLinked:
        return None
    return found


def _linked(desk: Desk, asked: Command, slot: Slot) -> str:
    found = linked_to(desk, asked)
    if found is None:
        raise asked.line.missing(slot)
    return found


def waiting(desk: Desk, by: Caller, at: datetime, what: str | None = None) -> Sequence[OpenInvitation]:
    """The invitations that wait for the caller."""
    found: Sequence[OpenInvitation] = desk.collab.ask(ListInvitations(by, what=what), at).invitations
    return found


def person_id(desk: Desk, by: Caller, who: Account | Address) -> str | None:
    """The id of somebody who is known, for a refusal's words."""
    with desk.facts(by) as facts:
        found = facts.person_by_address(who.email) if isinstance(who, Address) else facts.person_by_account(who)
    return found.id if found else None


def each_once(desk: Desk, by: Caller, whom: Sequence[Named]) -> list[Named]:
    """Return everybody who was named once each, by whichever name came first (INV-12); what names nobody stays."""
    named: dict[object, Named] = {}
    with desk.facts(by) as facts:
        for who in whom:
            named.setdefault(identity_of(facts, who) if isinstance(who, Account | Address) else who, who)
    return list(named.values())


def seeing(invitation: str) -> Seeing:
    """Looks at an invitation that is acted on, as it is then."""
    return lambda case, _outcome: _card(case, invitation)


def seeing_sent(case: Case, outcome: Outcome) -> OpenInvitation | None:
    """The invitation that was sent, or sent again; nothing when none was."""
    sent = outcome.first(events.InvitationSent) or outcome.first(events.InvitationResent)
    return _card(case, sent.invitation) if sent else None


@dataclass(frozen=True, slots=True)
class About:
    """An event with the resource, the other resource and the person that it names, as they are right after it."""

    event: Any
    resource: Resource
    other: Resource | None
    person: Person
    actor: Person


def seeing_first(*kinds: type[events.Event]) -> Seeing:
    """Look at the first event of any of these kinds, or of all where none is named, in the act's own transaction."""

    def see(case: Case, outcome: Outcome) -> About | None:
        happened = [recorded.event for recorded in outcome.recorded]
        found = next((event for event in happened if not kinds or isinstance(event, kinds)), None)
        return about_event(case, found) if found else None

    return see


def about_event(case: Case, event: Any) -> About:
    """Look up what an event names."""
    other = next((found for name in ("team", "parent", "payer") if (found := getattr(event, name, None))), None)
    return About(
        event,
        _resource(case, event.resource, getattr(event, "title", "")),
        _resource(case, other) if other else None,
        case.facts.person(getattr(event, "person", "")) or NOBODY,
        case.actor,
    )


def _resource(case: Case, resource: str, title: str = "") -> Resource:
    return case.facts.resource(resource) or Resource(resource, "", "", title)


def _card(case: Case, invitation: str) -> OpenInvitation | None:
    found = case.facts.invitation(invitation)
    return open_invitation(case.facts, found, case) if found else None


def check_open(desk: Desk, click: Click, card: OpenInvitation) -> None:
    """Refuse, by the core's own rule, what is no longer open."""
    with desk.facts(click.by) as facts:
        check_pending(desk.collab.case(facts, click.at), card.invitation)


def done_before(desk: Desk, act: Any, at: datetime) -> str | None:
    """The invitation that this very delivery dealt with before, when it comes again; `act` names none."""
    try:
        outcome = desk.perform(act, at)
    except refusals.UnknownInvitation:
        return None
    return next((found for r in outcome.recorded if (found := getattr(r.event, "invitation", None))), None)


def page_of(value: str, otherwise: int = 0) -> int:
    """A page's number from a button's value, which is never trusted."""
    return int(value) if value.isdecimal() and len(value) < 7 else otherwise  # noqa: PLR2004 - more pages than anybody has


def two(value: str) -> tuple[str, str]:
    """Two ids of a button's value."""
    first, _, second = value.partition(" ")
    return first, second


def of_kind(happened: Iterable[Any], kind: type[Any]) -> list[Any]:
    """The events of one kind."""
    return [event for event in happened if isinstance(event, kind)]
