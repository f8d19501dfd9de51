"""People, the only ones who act: known by an account of the chat platform, a verified
address, or both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import ClassVar

from collab import accessible_resources, authorization, errors
from collab.card_numbers import holds_card_number, mask_card_numbers
from collab.command import Command
from collab.context import Context
from collab.duplicate_people import (
    list_duplicates,
    merge_duplicate_records,
    merge_duplicates,
    revoke_unanswerable_invitations,
)
from collab.events import (
    Event,
    InvitationDeferred,
    MailAllowed,
    MemberEnded,
    PersonProfiled,
    PersonRecognised,
    PersonReturned,
    WorkspaceInstalled,
    WorkspaceUninstalled,
)
from collab.invitations import reminders
from collab.invitations.rules import get_event_fields
from collab.model import (
    NOBODY,
    Account,
    Address,
    Caller,
    Person,
    PersonId,
    ResourceId,
)
from collab.person_matches import split_duplicates
from collab.repositories import Repositories
from collab.text import clean_owner_name, normalize_address

RETURN_PERIOD = timedelta(days=30)
UNKNOWN_TEAM = "elsewhere"  # of an account whose team the platform does not name
# Accounts of the platform itself, which it does not mark as bots.
PLATFORM_ACCOUNTS = frozenset({"USLACKBOT"})
PROFILE_FIELDS = tuple(
    field.name for field in fields(PersonProfiled) if field.name != "person"
)


@dataclass(frozen=True, slots=True)
class InstallWorkspace(Command):
    """Register the workspace, with its bot's account and the organisation that it
    belongs to, if any.
    """

    masks_card_numbers: ClassVar[bool] = True

    title: str
    bot: str
    organisation: str | None = None

    def decide(self, context: Context) -> list[Event]:
        """Install the workspace unless it is unchanged, and merge records of one
        account that older versions made.
        """
        title = mask_card_numbers(self.title)
        merged: list[Event] = []
        for user in context.people.list_duplicated_user_ids():
            merged += merge_duplicate_records(context, user)
        workspace = context.repositories.get_workspace()
        installed = (title, self.bot, self.organisation)
        if workspace and installed == (
            workspace.title,
            workspace.bot,
            workspace.organisation,
        ):
            return merged
        return [WorkspaceInstalled(title, self.bot, self.organisation), *merged]


@dataclass(frozen=True, slots=True)
class UpdateProfile(Command):
    """Store a person's profile as the chat platform gives it.

    `account` has the team that the platform names with the profile, `teams` are all
    teams that it says the account is in. `is_external`: the platform says that the
    account is of another workspace, whatever the teams are. `company` is the name of
    that workspace; a profile without one does not change it.
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
    company: str | None = None

    def decide(self, context: Context) -> list[Event]:
        """Store the profile if it has changed, and merge records that it shows to be of
        one person.

        The user id alone identifies the person: the profile is of an account as this
        workspace knows it.
        """
        profile = _mask_card_numbers_in_profile(self)
        person, events = get_or_register_person(
            context, Account(profile.by.workspace, profile.account.user)
        )
        is_member = _is_of_this_workspace(profile, context, person)
        profiled = _build_profiled_event(context, profile, person, is_member=is_member)
        duplicates = list_duplicates(
            context, person, profiled.email if is_member else None
        )
        duplicates, questions = split_duplicates(
            context, replace(person, active=profile.active), duplicates
        )
        if person.mail_stopped and person.email != profiled.email:
            # What is stopped is the address (OUT-05).
            events.append(MailAllowed(person.id))
        merged = merge_duplicates(context, person, duplicates)
        events += merged
        revoked: list[Event] = []
        if profile.bot or not profile.active:
            revoked = revoke_unanswerable_invitations(
                context, person, duplicates, merged
            )
        if person.profiled and _has_profile(person, profiled):
            return [*events, *questions, *revoked]
        if profile.active and has_lapsed(person, context.at):
            events += end_lapsed_memberships(context, person.id)
        rescheduled = _reschedule_reminders(context, person, profile.tz)
        returned = _build_returned_events(context, profile, person)
        return [*events, profiled, *questions, *returned, *rescheduled, *revoked]


@dataclass(frozen=True, slots=True)
class RegisterPerson(Command):
    """Register a person who was mentioned or addressed."""

    who: Account | Address

    def decide(self, context: Context) -> list[Event]:
        """Register the person unless they are known; reject one whom nothing reaches
        (OUT-01).
        """
        person, events = get_or_register_person(context, self.who)
        check_is_reached(context, person)
        return events


@dataclass(frozen=True, slots=True)
class UninstallWorkspace(Command):
    """The workspace uninstalled the app."""

    def decide(self, context: Context) -> list[Event]:  # noqa: ARG002 - it depends on nothing
        """Stop deciding anything here until the app is installed again; what is stored
        stays.
        """
        return [WorkspaceUninstalled()]


def find_caller(repositories: Repositories, caller: Caller) -> Person | None:
    """Return the person who acts, if one does and they are known."""
    if caller.person:
        return repositories.people.get_person(caller.person)
    if caller.account:
        return repositories.people.find_person_by_account(caller.account)
    return None


def is_erased(person: Person) -> bool:
    """Return whether nothing is left by which a person could be known or reached."""
    return not (person.email or person.user or person.title)


def build_unknown_person(account: Account) -> Person:
    """Return a person of whom nothing is stored."""
    return replace(NOBODY, team=account.team, user=account.user, profiled=False)


def check_profile(context: Context) -> None:
    """Reject a decision that depends on the actor's profile while it has not been read."""
    if not context.actor.profiled:
        raise errors.ProfileUnread


def normalize_email(email: str) -> str:
    """Return an address in the form in which it is stored and compared; look-alikes
    differ.
    """
    return normalize_address(email)


def get_or_register_person(
    context: Context, who: Account | Address
) -> tuple[Person, list[Event]]:
    """Return the person with an account or an address, and the event that registers
    them if they are unknown.
    """
    person = _find_person(context.repositories, who)
    if person:
        return person, []
    person_id = PersonId(context.new_id("P"))
    if isinstance(who, Address):
        email = normalize_email(who.email)
        title = clean_owner_name(who.name)
        person = replace(NOBODY, id=person_id, email=email, title=title, profiled=False)
    else:
        person = replace(build_unknown_person(who), id=person_id)
    registered = PersonRecognised(
        person_id, person.team, person.user, person.email, person.title
    )
    return person, [registered]


def list_named_people(context: Context, who: Account | Address) -> list[Person]:
    """Return those whom an account or an address names, somebody unknown included.

    An address names an account first, then the records that have it alone and are not
    joined with the account (OUT-04).
    """
    known = list_known_people(context.repositories, who)
    return known or [get_or_register_person(context, who)[0]]


def list_known_people(
    repositories: Repositories, who: Account | Address
) -> list[Person]:
    """Return those whom an account or an address names, as `list_named_people` does."""
    person = _find_person(repositories, who)
    if person is None or isinstance(who, Account):
        return [person] if person else []
    records = repositories.people.list_people_with_email_only(who.email)
    return [person, *(each for each in records if each.id != person.id)]


def check_is_reached(context: Context, person: Person) -> None:
    """Reject what somebody is to answer who has no account, if no mail can be sent
    (OUT-01), or none to them any more (OUT-05).
    """
    if person.mail_stopped and not person.user:
        raise errors.AddressStopped(person.id, person.mail_stopped)
    if context.is_absent(person) and not context.policy.sends_mail:
        raise errors.NoMail(Address(person.email or ""))


def get_identity_key(repositories: Repositories, who: Account | Address) -> str:
    """Return a key that is the same for everything that names one person: their id,
    else the user id or address.
    """
    person = _find_person(repositories, who)
    if person:
        return person.id
    return normalize_email(who.email) if isinstance(who, Address) else who.user


def has_lapsed(person: Person, at: datetime) -> bool:
    """Return whether the time in which a deactivated person may return has passed
    (MEM-09).
    """
    return person.lapses is not None and at >= person.lapses


def end_lapsed_memberships(context: Context, person_id: PersonId) -> list[Event]:
    """Return the end of each suspended membership of a person who did not return in
    time, with the code to rotate (MEM-07, MEM-09).
    """
    ending = context.memberships.list_suspended_memberships_of(person_id)
    lost = frozenset(membership.resource for membership in ending)
    rotate: dict[ResourceId, list[ResourceId]] = {each: [] for each in lost}
    for resource_id in accessible_resources.list_capability_losses(
        context, person_id, "code", lost
    ):
        source_id = _find_ending_source(context, resource_id, lost)
        rotate[source_id or ending[0].resource].append(resource_id)
    return [
        MemberEnded(
            each.resource,
            each.person,
            each.role,
            "lapsed",
            tuple(rotate[each.resource]),
        )
        for each in ending
    ]


def _find_ending_source(
    context: Context, resource_id: ResourceId, lost: Collection[ResourceId]
) -> ResourceId | None:
    """Return the first of a resource and its containers on which a membership ends."""
    resource = context.graph.get_resource(resource_id)
    if resource is None:
        return None
    places = (resource, *authorization.iterate_containers(context, resource))
    return next((each.id for each in places if each.id in lost), None)


def select_people_of_workspace(
    context: Context, person_ids: Iterable[PersonId]
) -> tuple[PersonId, ...]:
    """Return the ids of those who are not of another workspace; others decide nothing
    (PER-02).
    """
    ordered_ids = tuple(person_ids)
    people = context.people.get_people(ordered_ids)
    return tuple(
        person_id
        for person_id in ordered_ids
        if person_id in people and not is_foreign(context, people[person_id])
    )


def is_foreign(context: Context, person: Person) -> bool:
    """Return whether a person is known to be of another workspace."""
    workspace = context.repositories.get_workspace()
    return bool(workspace and person.team and person.team != workspace.id)


def check_can_be_invited(person: Person, context: Context) -> None:
    """Reject bots, the app's own included, and deactivated people."""
    workspace = context.repositories.get_workspace()
    is_own_bot = workspace is not None and person.user == workspace.bot
    if person.bot or is_own_bot or person.user in PLATFORM_ACCOUNTS:
        raise errors.NotAPerson(person.id, "bot")
    if not person.active:
        raise errors.NotAPerson(person.id, "deactivated")


def _find_person(repositories: Repositories, who: Account | Address) -> Person | None:
    if isinstance(who, Address):
        return repositories.people.find_person_by_email(who.email)
    return repositories.people.find_person_by_account(who)


def _mask_card_numbers_in_profile(profile: UpdateProfile) -> UpdateProfile:
    """Return a profile without card numbers: the rest of it counts, whatever people
    call themselves (BIL-01).
    """
    has_number_in_email = bool(profile.email) and holds_card_number(profile.email or "")
    return replace(
        profile,
        title=mask_card_numbers(profile.title),
        email=None if has_number_in_email else profile.email,
        tz=mask_card_numbers(profile.tz),
        company=mask_card_numbers(profile.company) if profile.company else None,
        locale=mask_card_numbers(profile.locale) if profile.locale else profile.locale,
    )


def _is_of_this_workspace(
    profile: UpdateProfile, context: Context, person: Person
) -> bool:
    """Return whether an account is of this workspace: by its teams, or because an
    earlier profile said so.
    """
    workspace_id = profile.by.workspace
    if person.profiled and person.team == workspace_id:
        return True
    if profile.is_external:
        return False
    if profile.account.team == workspace_id:
        return True
    workspace = context.repositories.get_workspace()
    own_ids = {workspace_id, workspace.organisation if workspace else None}
    return not own_ids.isdisjoint(profile.teams or (profile.account.team,))


def _get_external_team(profile: UpdateProfile) -> str:
    """Return the team of an account of another workspace, which may not be this one."""
    team = profile.account.team
    return team if team != profile.by.workspace else UNKNOWN_TEAM


def _build_profiled_event(
    context: Context, profile: UpdateProfile, person: Person, *, is_member: bool
) -> PersonProfiled:
    """Return the event that stores a profile; `is_member`: the account is of this
    workspace.
    """
    lapses = None
    if not profile.active:
        lapses = person.lapses or context.at + RETURN_PERIOD
    return PersonProfiled(
        person=person.id,
        team=profile.by.workspace if is_member else _get_external_team(profile),
        title=profile.title,
        email=normalize_email(profile.email) if profile.email else None,
        tz=profile.tz,
        # A profile without a locale does not change it.
        locale=profile.locale or person.locale,
        bot=profile.bot,
        guest=profile.guest,
        active=profile.active,
        admin=profile.admin and is_member,
        lapses=lapses,
        company=None if is_member else profile.company or person.company,
    )


def _build_returned_events(
    context: Context, profile: UpdateProfile, person: Person
) -> list[Event]:
    """Return that a deactivated person is active again, if they are (MEM-09)."""
    if not profile.active or person.active or person.lapses is None:
        return []
    since = person.lapses - RETURN_PERIOD
    return [PersonReturned(person.id, since, is_late=has_lapsed(person, context.at))]


def _has_profile(person: Person, profiled: PersonProfiled) -> bool:
    """Return whether a profile is what is stored of a person."""
    return all(
        getattr(person, field) == getattr(profiled, field) for field in PROFILE_FIELDS
    )


def _reschedule_reminders(context: Context, person: Person, tz: str) -> list[Event]:
    """Return the deferral of each reminder that moves with a person's time zone."""
    deferred: list[Event] = []
    for invitation in context.invitations.list_pending_invitations_for(person.id):
        if invitation.agreed:
            continue
        due = reminders.get_next_reminder_time(context.policy, invitation, tz)
        if due != invitation.due:
            deferred.append(InvitationDeferred(**get_event_fields(invitation), due=due))
    return deferred
