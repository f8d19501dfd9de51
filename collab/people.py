"""People: the only ones that act. Known by an account of the chat platform, a verified address, or both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from collab import refusals, reminders
from collab.card_numbers import holds_card_number, mask_card_numbers
from collab.events import (
    Event,
    InvitationDeferred,
    InvitationRevoked,
    MemberEnded,
    PersonMerged,
    PersonProfiled,
    PersonRecognised,
    WorkspaceInstalled,
    WorkspaceUninstalled,
)
from collab.offers import JOIN, about, revoked
from collab.text import comparable_address

if TYPE_CHECKING:
    from collab.case import Case, Facts
    from collab.membership import Membership


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the chat platform: the team it belongs to and its id there."""

    team: str
    user: str


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail address; two are the same when they differ in case alone."""

    email: str


@dataclass(frozen=True, slots=True)
class Person:
    """A human being as far as the workspace knows them; `title` is empty until the profile was read.

    An `admin` looks after the workspace itself. At `lapses` the roles of a deactivated account end for good.
    `notices` is how they hear of what does not need them.
    """

    id: str
    team: str | None
    user: str | None
    email: str | None
    title: str
    tz: str
    locale: str | None
    bot: bool
    guest: bool
    active: bool
    profiled: bool
    merged_into: str | None
    admin: bool = False
    lapses: datetime | None = None
    notices: str = "direct"


NOBODY = Person("", None, None, None, "", "UTC", None, False, False, True, True, None)
RETURN = timedelta(days=30)
ELSEWHERE = "elsewhere"  # the team of an account of another workspace, when the platform does not name it
PLATFORM_ACCOUNTS = frozenset({"USLACKBOT"})  # the platform's own, of which it does not say that they are bots


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, in which workspace, by which door; `delivery` names the one delivery that brought the request.

    Without an account it is time itself that asks.
    """

    workspace: str
    account: Account | None
    door: str
    delivery: str | None = None


@dataclass(frozen=True, slots=True)
class Install:
    """Make the workspace known, with its bot's account and the organisation that it belongs to, if any."""

    by: Caller
    title: str
    bot: str
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class ReadProfile:
    """Keep what the chat platform says of a person.

    `account` has the team that the platform names with it, `teams` are all that it says the account is in. A
    `stranger` is said to be of another workspace, whatever those say.
    """

    by: Caller
    account: Account
    title: str
    email: str | None
    tz: str
    locale: str | None
    bot: bool
    guest: bool
    active: bool
    admin: bool = False
    teams: tuple[str, ...] = ()
    stranger: bool = False


@dataclass(frozen=True, slots=True)
class Meet:
    """Make somebody known who was mentioned or addressed."""

    by: Caller
    who: Account | Address


@dataclass(frozen=True, slots=True)
class Uninstall:
    """The workspace took the app away."""

    by: Caller


def stranger(account: Account) -> Person:
    """Somebody of whom nothing is stored."""
    return replace(NOBODY, team=account.team, user=account.user, profiled=False)


def check_profile(case: Case) -> None:
    """Refuse to decide by what only the actor's profile says while it has not been read."""
    if not case.actor.profiled:
        raise refusals.ProfileUnread


def same_address(email: str) -> str:
    """The form in which addresses are kept and compared; look-alikes differ."""
    return comparable_address(email)


def install(act: Install, case: Case) -> list[Event]:
    """Install a workspace once, and merge the records that older versions made of one account."""
    title = mask_card_numbers(act.title)
    known = case.facts.workspace()
    merged = [event for user in case.facts.repeated_users() for event in merge_records(case, user)]
    if known and (known.title, known.bot, known.organisation) == (title, act.bot, act.organisation):
        return merged
    return [WorkspaceInstalled(title, act.bot, act.organisation), *merged]


def meet(act: Meet, case: Case) -> list[Event]:
    """Somebody who is known already is met without a trace."""
    return recognise(case, act.who)[1]


def uninstall(act: Uninstall, case: Case) -> list[Event]:  # noqa: ARG001 - every action has this form
    """Nothing is decided any more until the app is installed again; what is stored waits."""
    return [WorkspaceUninstalled()]


def recognise(case: Case, who: Account | Address) -> tuple[Person, list[Event]]:
    """The person behind an account or an address, with the event that makes an unknown one known."""
    known = case.facts.person_by_address(who.email) if isinstance(who, Address) else case.facts.person_by_account(who)
    if known:
        return known, []
    team, user, email = (
        (None, None, same_address(who.email)) if isinstance(who, Address) else (who.team, who.user, None)
    )
    new = case.new_id("P")
    person = Person(new, team, user, email, "", "UTC", None, False, False, True, False, None)
    return person, [PersonRecognised(new, team, user, email)]


def read_profile(act: ReadProfile, case: Case) -> list[Event]:
    """Keep a profile when it says something new, and merge the records that it shows to be of one person.

    A profile is of an account as this workspace knows it, so it is the user id alone that says whose it is.
    """
    act = _without_card_numbers(act)
    person, events = recognise(case, Account(act.by.workspace, act.account.user))
    home = _is_home(act, case, person)
    team = act.by.workspace if home else _other_team(act)
    email = same_address(act.email) if act.email else None
    twins = _twins(case, person, email if home else None)
    merged = _merge(case, person, twins)
    events += merged
    ended = _take_back(case, person, twins, merged) if act.bot or not act.active else []
    lapses = None if act.active else person.lapses or case.at + RETURN
    locale = act.locale or person.locale  # what does not say it leaves it as it was
    said = (team, act.title, email, act.tz, locale, act.bot, act.guest, act.active, act.admin and home, lapses)
    if person.profiled and _said(person) == said:
        return events + ended
    if act.active and has_lapsed(person, case.at):
        events += lapsed(case, person.id)
    events.append(PersonProfiled(person.id, *said))
    return [*events, *_move_reminders(case, person, act.tz), *ended]


def _without_card_numbers(act: ReadProfile) -> ReadProfile:
    """Mask what looks like a card number in a profile: whatever people call themselves, the rest of it counts."""
    return replace(
        act,
        title=mask_card_numbers(act.title),
        email=None if act.email and holds_card_number(act.email) else act.email,
        tz=mask_card_numbers(act.tz),
        locale=mask_card_numbers(act.locale) if act.locale else act.locale,
    )


def identity_of(facts: Facts, who: Account | Address) -> str:
    """Return what is the same for everything that names one person: the id of somebody known, else what was written."""
    known = facts.person_by_address(who.email) if isinstance(who, Address) else facts.person_by_account(who)
    if known:
        return known.id
    return same_address(who.email) if isinstance(who, Address) else who.user


def merge_records(case: Case, user: str) -> list[Event]:
    """Merge all records with a user id into the one that is found by it."""
    first, *others = case.facts.people_by_user(user)
    merged = _merge(case, first, others)
    return merged + (_take_back(case, first, others, merged) if first.bot or not first.active else [])


def _is_home(act: ReadProfile, case: Case, person: Person) -> bool:
    """Say whether an account is of this workspace: by its teams, or because its profile said so before."""
    workspace = act.by.workspace
    if person.profiled and person.team == workspace:
        return True
    known = case.facts.workspace()
    ours = {workspace, known.organisation if known else None}
    return not act.stranger and (act.account.team == workspace or not ours.isdisjoint(act.teams or (act.account.team,)))


def _other_team(act: ReadProfile) -> str:
    """Give the team of an account of another workspace, which may not be this one."""
    return act.account.team if act.account.team != act.by.workspace else ELSEWHERE


def has_lapsed(person: Person, at: datetime) -> bool:
    """Whether a deactivated account is over for good, by time and not by a clean-up (MEM-09)."""
    return person.lapses is not None and at >= person.lapses


def lapsed(case: Case, person: str) -> list[Event]:
    """The roles of an account that was deactivated and did not return in time end for good (MEM-09)."""
    return [MemberEnded(m.resource, m.person, m.role, "lapsed") for m in case.facts.suspended(person)]


def _said(person: Person) -> tuple[object, ...]:
    said = (person.team, person.title, person.email, person.tz, person.locale, person.bot, person.guest)
    return (*said, person.active, person.admin, person.lapses)


def _twins(case: Case, person: Person, email: str | None) -> list[Person]:
    """Other records of the same person: with the same user id, or known by the address alone.

    An address counts for members of this workspace alone: what others show as theirs, nobody here has verified.
    """
    alone = case.facts.people_by_address_alone(email) if email else ()
    by_user = case.facts.people_by_user(person.user) if person.user else ()
    return [twin for twin in (*by_user, *alone) if twin.id != person.id]


def _merge(case: Case, person: Person, twins: Iterable[Person]) -> list[Event]:
    """Merge other records of a person into theirs, with no second pending invitation and the higher of two roles."""
    events: list[Event] = []
    held = {m.resource: m for m in case.facts.memberships_of(person.id, case.at)}
    mine = {(i.purpose, r) for i in case.facts.pending_for(person.id) for r in i.resources}
    mine |= {(JOIN, resource) for resource in held}
    for twin in twins:
        theirs = case.facts.memberships_of(twin.id, case.at)
        better = {m.resource: m for m in theirs if m.resource not in held or _is_higher(case, m, held[m.resource])}
        keeps = tuple(resource for resource in better if resource in held)
        events += [*_settle_twin(case, twin, mine), PersonMerged(twin.id, person.id, keeps)]
        held |= better
    return events


def _is_higher(case: Case, one: Membership, other: Membership) -> bool:
    """Say whether the first of two memberships on one resource gives more: the higher role, or the later end."""
    if one.role == other.role:
        return other.until is not None and (one.until is None or one.until > other.until)
    resource = case.facts.resource(one.resource)
    kind = case.kinds[resource.kind] if resource else None
    return kind is not None and kind.rank(one.role) < kind.rank(other.role)


def _settle_twin(case: Case, twin: Person, mine: set[tuple[str, str]]) -> list[Event]:
    """Of two pending invitations to what becomes one person the first stays; `mine` grows by what is taken over."""
    doubled: list[Event] = []
    for i in case.facts.pending_for(twin.id):
        asked = {(i.purpose, r) for r in i.resources}
        if mine & asked:
            doubled.append(revoked(i, "twin"))
        mine |= asked
    return doubled


def _move_reminders(case: Case, person: Person, tz: str) -> list[Event]:
    """Reminders that wait for a person move with their time zone."""
    moved = ((i, reminders.next_due(case.policy, i, tz)) for i in case.facts.pending_for(person.id))
    return [InvitationDeferred(**about(i), due=due) for i, due in moved if due != i.due]


def _take_back(case: Case, person: Person, twins: Iterable[Person], merged: Iterable[Event]) -> list[Event]:
    """Revoke what waits for somebody who cannot answer, and what only their right upheld (INV-09).

    What waits for their twins waits for them, but what the merge has revoked already.
    """
    ids = [person.id, *(twin.id for twin in twins)]
    sent = [replace(i, inviter=person.id) for one in ids for i in case.facts.pending_by(one)]
    received = [replace(i, person=person.id) for one in ids for i in case.facts.pending_for(one)]
    ends = {i.id: revoked(i, "right_lost") for i in sent} | {i.id: revoked(i, "unreachable") for i in received}
    settled = {event.invitation for event in merged if isinstance(event, InvitationRevoked)}
    return [end for invitation, end in ends.items() if invitation not in settled]


def at_home(case: Case, people: Iterable[str]) -> tuple[str, ...]:
    """Those of some people who are of this workspace; others use what they were given and decide nothing (PER-02)."""
    order = tuple(people)
    found = case.facts.people(order)
    return tuple(p for p in order if p in found and not is_foreign(case, found[p]))


def is_foreign(case: Case, person: Person) -> bool:
    """Whether somebody is known to be of another workspace."""
    workspace = case.facts.workspace()
    return bool(workspace and person.team and person.team != workspace.id)


def check_invitable(person: Person, case: Case) -> None:
    """Refuse bots, the app's own first of all, and deactivated accounts."""
    workspace = case.facts.workspace()
    if person.bot or person.user in PLATFORM_ACCOUNTS or (workspace and person.user == workspace.bot):
        raise refusals.NotAPerson(person.id, "bot")
    if not person.active:
        raise refusals.NotAPerson(person.id, "deactivated")
