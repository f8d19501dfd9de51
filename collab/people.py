"""People: the only ones that act. Known by an account of the chat platform, a verified address, or both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from collab import errors
from collab.card_numbers import holds_card_number, mask_card_numbers
from collab.command import Command
from collab.context import Context
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
from collab.invitations import reminders
from collab.invitations.rules import JOIN, build_revoked_event, get_event_fields
from collab.model import NOBODY, Account, Address, Membership, Person
from collab.repositories import Repositories
from collab.text import normalize_address

RETURN_PERIOD = timedelta(days=30)
UNKNOWN_TEAM = "elsewhere"  # the team of an account of another workspace, when the platform does not name it
PLATFORM_ACCOUNTS = frozenset(
    {"USLACKBOT"}
)  # the platform's own, of which it does not say that they are bots


@dataclass(frozen=True, slots=True)
class InstallWorkspace(Command):
    """Make the workspace known, with its bot's account and the organisation that it belongs to, if any."""

    masks_card_numbers: ClassVar[bool] = True

    title: str
    bot: str
    organisation: str | None = None

    def decide(self, context: Context) -> list[Event]:
        """Install a workspace once, and merge the records that older versions made of one account."""
        title = mask_card_numbers(self.title)
        known = context.repositories.get_workspace()
        merged = [
            event
            for user in context.people.list_duplicated_user_ids()
            for event in merge_duplicate_records(context, user)
        ]
        if known and (known.title, known.bot, known.organisation) == (
            title,
            self.bot,
            self.organisation,
        ):
            return merged
        return [WorkspaceInstalled(title, self.bot, self.organisation), *merged]


@dataclass(frozen=True, slots=True)
class UpdateProfile(Command):
    """Keep what the chat platform says of a person.

    `account` has the team that the platform names with it, `teams` are all that it says the account is in. A
    `stranger` is said to be of another workspace, whatever those say.
    """

    masks_card_numbers: ClassVar[bool] = True

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
    is_external: bool = False

    def decide(self, context: Context) -> list[Event]:
        """Keep a profile when it says something new, and merge the records that it shows to be of one person.

        A profile is of an account as this workspace knows it, so it is the user id alone that says whose it is.
        """
        profile = _mask_card_numbers_in_profile(self)
        person, events = get_or_register_person(
            context, Account(profile.by.workspace, profile.account.user)
        )
        home = _is_of_this_workspace(profile, context, person)
        team = profile.by.workspace if home else _get_external_team(profile)
        email = normalize_email(profile.email) if profile.email else None
        twins = _list_duplicates(context, person, email if home else None)
        merged = _merge_duplicates(context, person, twins)
        events += merged
        ended = (
            _revoke_unanswerable_invitations(context, person, twins, merged)
            if profile.bot or not profile.active
            else []
        )
        lapses = None if profile.active else person.lapses or context.at + RETURN_PERIOD
        locale = (
            profile.locale or person.locale
        )  # what does not say it leaves it as it was
        said = (
            team,
            profile.title,
            email,
            profile.tz,
            locale,
            profile.bot,
            profile.guest,
            profile.active,
            profile.admin and home,
            lapses,
        )
        if person.profiled and _get_profile_fields(person) == said:
            return events + ended
        if profile.active and has_lapsed(person, context.at):
            events += end_lapsed_memberships(context, person.id)
        events.append(PersonProfiled(person.id, *said))
        return [*events, *_reschedule_reminders(context, person, profile.tz), *ended]


@dataclass(frozen=True, slots=True)
class RegisterPerson(Command):
    """Make somebody known who was mentioned or addressed."""

    who: Account | Address

    def decide(self, context: Context) -> list[Event]:
        """Somebody who is known already is met without a trace."""
        return get_or_register_person(context, self.who)[1]


@dataclass(frozen=True, slots=True)
class UninstallWorkspace(Command):
    """The workspace took the app away."""

    def decide(self, context: Context) -> list[Event]:  # noqa: ARG002 - it depends on nothing
        """Stop deciding anything here until the app is installed again; what is stored stays."""
        return [WorkspaceUninstalled()]


def build_unknown_person(account: Account) -> Person:
    """Somebody of whom nothing is stored."""
    return replace(NOBODY, team=account.team, user=account.user, profiled=False)


def check_profile(context: Context) -> None:
    """Refuse to decide by what only the actor's profile says while it has not been read."""
    if not context.actor.profiled:
        raise errors.ProfileUnread


def normalize_email(email: str) -> str:
    """The form in which addresses are kept and compared; look-alikes differ."""
    return normalize_address(email)


def get_or_register_person(
    context: Context, who: Account | Address
) -> tuple[Person, list[Event]]:
    """The person behind an account or an address, with the event that makes an unknown one known."""
    known = (
        context.people.find_person_by_email(who.email)
        if isinstance(who, Address)
        else context.people.find_person_by_account(who)
    )
    if known:
        return known, []
    team, user, email = (
        (None, None, normalize_email(who.email))
        if isinstance(who, Address)
        else (who.team, who.user, None)
    )
    new = context.new_id("P")
    person = Person(
        new, team, user, email, "", "UTC", None, False, False, True, False, None
    )
    return person, [PersonRecognised(new, team, user, email)]


def _mask_card_numbers_in_profile(act: UpdateProfile) -> UpdateProfile:
    """Mask what looks like a card number in a profile: whatever people call themselves, the rest of it counts."""
    return replace(
        act,
        title=mask_card_numbers(act.title),
        email=None if act.email and holds_card_number(act.email) else act.email,
        tz=mask_card_numbers(act.tz),
        locale=mask_card_numbers(act.locale) if act.locale else act.locale,
    )


def get_identity_key(repositories: Repositories, who: Account | Address) -> str:
    """Return what is the same for everything that names one person: the id of somebody known, else what was written."""
    known = (
        repositories.people.find_person_by_email(who.email)
        if isinstance(who, Address)
        else repositories.people.find_person_by_account(who)
    )
    if known:
        return known.id
    return normalize_email(who.email) if isinstance(who, Address) else who.user


def merge_duplicate_records(context: Context, user: str) -> list[Event]:
    """Merge all records with a user id into the one that is found by it."""
    first, *others = context.people.list_people_by_user_id(user)
    merged = _merge_duplicates(context, first, others)
    return merged + (
        _revoke_unanswerable_invitations(context, first, others, merged)
        if first.bot or not first.active
        else []
    )


def _is_of_this_workspace(act: UpdateProfile, context: Context, person: Person) -> bool:
    """Say whether an account is of this workspace: by its teams, or because its profile said so before."""
    workspace = act.by.workspace
    if person.profiled and person.team == workspace:
        return True
    known = context.repositories.get_workspace()
    ours = {workspace, known.organisation if known else None}
    return not act.is_external and (
        act.account.team == workspace
        or not ours.isdisjoint(act.teams or (act.account.team,))
    )


def _get_external_team(act: UpdateProfile) -> str:
    """Give the team of an account of another workspace, which may not be this one."""
    return act.account.team if act.account.team != act.by.workspace else UNKNOWN_TEAM


def has_lapsed(person: Person, at: datetime) -> bool:
    """Whether a deactivated account is over for good, by time and not by a clean-up (MEM-09)."""
    return person.lapses is not None and at >= person.lapses


def end_lapsed_memberships(context: Context, person: str) -> list[Event]:
    """The roles of an account that was deactivated and did not return in time end for good (MEM-09)."""
    return [
        MemberEnded(m.resource, m.person, m.role, "lapsed")
        for m in context.memberships.list_suspended_memberships_of(person)
    ]


def _get_profile_fields(person: Person) -> tuple[object, ...]:
    said = (
        person.team,
        person.title,
        person.email,
        person.tz,
        person.locale,
        person.bot,
        person.guest,
    )
    return (*said, person.active, person.admin, person.lapses)


def _list_duplicates(
    context: Context, person: Person, email: str | None
) -> list[Person]:
    """Other records of the same person: with the same user id, or known by the address alone.

    An address counts for members of this workspace alone: what others show as theirs, nobody here has verified.
    """
    alone = context.people.list_people_with_email_only(email) if email else ()
    by_user = context.people.list_people_by_user_id(person.user) if person.user else ()
    return [twin for twin in (*by_user, *alone) if twin.id != person.id]


def _merge_duplicates(
    context: Context, person: Person, twins: Iterable[Person]
) -> list[Event]:
    """Merge other records of a person into theirs, with no second pending invitation and the higher of two roles."""
    events: list[Event] = []
    held = {
        m.resource: m
        for m in context.memberships.list_memberships_of(person.id, context.at)
    }
    mine = {
        (i.purpose, r)
        for i in context.invitations.list_pending_invitations_for(person.id)
        for r in i.resources
    }
    mine |= {(JOIN, resource) for resource in held}
    for twin in twins:
        theirs = context.memberships.list_memberships_of(twin.id, context.at)
        better = {
            m.resource: m
            for m in theirs
            if m.resource not in held or _gives_more(context, m, held[m.resource])
        }
        keeps = tuple(resource for resource in better if resource in held)
        events += [
            *_merge_pending_invitations(context, twin, mine),
            PersonMerged(twin.id, person.id, keeps),
        ]
        held |= better
    return events


def _gives_more(context: Context, one: Membership, other: Membership) -> bool:
    """Say whether the first of two memberships on one resource gives more: the higher role, or the later end."""
    if one.role == other.role:
        return other.until is not None and (
            one.until is None or one.until > other.until
        )
    resource = context.resources.get_resource(one.resource)
    kind = context.roles[resource.kind] if resource else None
    return kind is not None and kind.get_rank(one.role) < kind.get_rank(other.role)


def _merge_pending_invitations(
    context: Context, twin: Person, mine: set[tuple[str, str]]
) -> list[Event]:
    """Of two pending invitations to what becomes one person the first stays; `mine` grows by what is taken over."""
    doubled: list[Event] = []
    for i in context.invitations.list_pending_invitations_for(twin.id):
        asked = {(i.purpose, r) for r in i.resources}
        if mine & asked:
            doubled.append(build_revoked_event(i, "twin"))
        mine |= asked
    return doubled


def _reschedule_reminders(context: Context, person: Person, tz: str) -> list[Event]:
    """Reminders that wait for a person move with their time zone."""
    moved = (
        (i, reminders.get_next_reminder_time(context.policy, i, tz))
        for i in context.invitations.list_pending_invitations_for(person.id)
    )
    return [
        InvitationDeferred(**get_event_fields(i), due=due)
        for i, due in moved
        if due != i.due
    ]


def _revoke_unanswerable_invitations(
    context: Context, person: Person, twins: Iterable[Person], merged: Iterable[Event]
) -> list[Event]:
    """Revoke what waits for somebody who cannot answer, and what only their right upheld (INV-09).

    What waits for their twins waits for them, but what the merge has revoked already.
    """
    ids = [person.id, *(twin.id for twin in twins)]
    submission = [
        replace(i, inviter=person.id)
        for one in ids
        for i in context.invitations.list_pending_invitations_by(one)
    ]
    received = [
        replace(i, person=person.id)
        for one in ids
        for i in context.invitations.list_pending_invitations_for(one)
    ]
    ends = {i.id: build_revoked_event(i, "right_lost") for i in submission} | {
        i.id: build_revoked_event(i, "unreachable") for i in received
    }
    settled = {
        event.invitation for event in merged if isinstance(event, InvitationRevoked)
    }
    return [end for invitation, end in ends.items() if invitation not in settled]


def select_people_of_workspace(
    context: Context, people: Iterable[str]
) -> tuple[str, ...]:
    """Those of some people who are of this workspace; others use what they were given and decide nothing (PER-02)."""
    order = tuple(people)
    found = context.people.get_people(order)
    return tuple(p for p in order if p in found and not is_foreign(context, found[p]))


def is_foreign(context: Context, person: Person) -> bool:
    """Whether somebody is known to be of another workspace."""
    workspace = context.repositories.get_workspace()
    return bool(workspace and person.team and person.team != workspace.id)


def check_can_be_invited(person: Person, context: Context) -> None:
    """Refuse bots, the app's own first of all, and deactivated accounts."""
    workspace = context.repositories.get_workspace()
    if (
        person.bot
        or person.user in PLATFORM_ACCOUNTS
        or (workspace and person.user == workspace.bot)
    ):
        raise errors.NotAPerson(person.id, "bot")
    if not person.active:
        raise errors.NotAPerson(person.id, "deactivated")
