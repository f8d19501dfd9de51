"""People and their workspace in the database: what events write."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import delete, exists, select, update

from collab import events
from collab.events import RecordedEvent
from collab.limits import get_next_expiry_notice
from collab.model import NotificationPreference, WorkspaceId
from collab.moved_records import MovedRecords
from collab.text import make_sort_name
from storage.installations import DELETE_INSTALLATION
from storage.people import PROFILE_FIELDS
from storage.sql import (
    Write,
    in_array,
    of_workspace,
    param,
)
from storage.tables import (
    access_requests,
    invitation_resources,
    invitations,
    memberships,
    people,
    team_assignments,
    workspaces,
)

_UPDATE_WORKSPACE = update(workspaces).where(workspaces.c.id == param("w"))
_MARK_INSTALLED = _UPDATE_WORKSPACE.values(
    title=param("title"),
    bot=param("bot"),
    organisation=param("organisation"),
    installed=True,
)
_MARK_UNINSTALLED = _UPDATE_WORKSPACE.values(installed=False)
_UPDATE_DISABLED = _UPDATE_WORKSPACE.values(disabled=param("is_disabled"))
_UPDATE_SETTINGS = _UPDATE_WORKSPACE.values(settings=param("all"))
INSERT_PERSON = people.insert()
_UPDATE_PROFILE = (
    update(people)
    .where(of_workspace(people), people.c.id == param("p"))
    .values({c: param(f"new_{c}") for c in (*PROFILE_FIELDS, "sort_name")})
    .values(profiled=True)
)
# By the name of the setting.
_UPDATE_PREFERENCES = {
    setting: update(people)
    .where(of_workspace(people), people.c.id == param("p"))
    .values({column: param("chosen")})
    for setting, column in (
        ("notices", "notices"),
        ("reach", "reach"),
        ("language", "locale"),
    )
}
_UPDATE_MAIL_STOPPED = (
    update(people)
    .where(of_workspace(people), people.c.id == param("p"))
    .values(mail_stopped=param("why"))
)
_ERASE_PERSON = (
    update(people)
    .where(of_workspace(people), people.c.id == param("p"))
    .values(
        team=None,
        account=None,
        email=None,
        title="",
        tz="UTC",
        locale=None,
        guest=False,
        active=False,
        profiled=False,
        admin=False,
        lapses=None,
        notices=NotificationPreference.IMMEDIATE.value,
        company=None,
        mail_stopped=None,
        reach="slack",
        sort_name=make_sort_name("", None),
    )
)
_OTHER_MEMBERSHIP = memberships.alias("also")
_MARK_MERGED = (
    update(people)
    .where(of_workspace(people), people.c.id == param("p"))
    .values(merged_into=param("into"))
)
_MOVE_INVITATIONS = (
    update(invitations)
    .where(of_workspace(invitations), invitations.c.person == param("p"))
    .values(person=param("into"))
)
_MOVE_INVITATION_RESOURCES = (
    update(invitation_resources)
    .where(
        of_workspace(invitation_resources), invitation_resources.c.invitee == param("p")
    )
    .values(invitee=param("into"))
)
_DELETE_LOWER_ROLES = delete(memberships).where(
    of_workspace(memberships),
    memberships.c.person == param("into"),
    in_array(memberships.c.resource, "keeps"),
)
_MOVE_SENT_INVITATIONS = (
    update(invitations)
    .where(of_workspace(invitations), invitations.c.inviter == param("p"))
    .values(inviter=param("into"))
)
_OTHER_ASSIGNMENT = team_assignments.alias("assigned")
_DELETE_DUPLICATE_ASSIGNMENTS = delete(team_assignments).where(
    of_workspace(team_assignments),
    team_assignments.c.person == param("p"),
    exists().where(
        _OTHER_ASSIGNMENT.c.workspace == team_assignments.c.workspace,
        _OTHER_ASSIGNMENT.c.resource == team_assignments.c.resource,
        _OTHER_ASSIGNMENT.c.team == team_assignments.c.team,
        _OTHER_ASSIGNMENT.c.person == param("into"),
    ),
)
_MOVE_ASSIGNMENTS = (
    update(team_assignments)
    .where(of_workspace(team_assignments), team_assignments.c.person == param("p"))
    .values(person=param("into"))
)
_OTHER_REQUEST = access_requests.alias("asked")
_MOVE_REQUESTS = (
    update(access_requests)
    .where(
        of_workspace(access_requests),
        access_requests.c.person == param("p"),
        ~exists().where(
            _OTHER_REQUEST.c.workspace == access_requests.c.workspace,
            _OTHER_REQUEST.c.resource == access_requests.c.resource,
            _OTHER_REQUEST.c.person == param("into"),
            _OTHER_REQUEST.c.state == "pending",
        ),
    )
    .values(person=param("into"))
)
_DELETE_DUPLICATE_MEMBERSHIPS = delete(memberships).where(
    of_workspace(memberships),
    memberships.c.person == param("p"),
    memberships.c.resource.in_(
        select(_OTHER_MEMBERSHIP.c.resource).where(
            _OTHER_MEMBERSHIP.c.workspace == param("w"),
            _OTHER_MEMBERSHIP.c.person == param("into"),
        )
    ),
)
_MOVE_MEMBERSHIPS = (
    update(memberships)
    .where(of_workspace(memberships), memberships.c.person == param("p"))
    .values(person=param("into"))
)
_INSERT_MEMBERSHIP = memberships.insert()
_DELETE_MEMBERSHIP = delete(memberships).where(
    of_workspace(memberships),
    memberships.c.resource == param("of"),
    memberships.c.person == param("whose"),
)
_INSERT_ASSIGNMENT = team_assignments.insert()
_DELETE_ASSIGNMENT = delete(team_assignments).where(
    of_workspace(team_assignments),
    team_assignments.c.team == param("team"),
    team_assignments.c.resource == param("of"),
    team_assignments.c.person == param("whose"),
)
_GIVE_BACK_INVITATION = (
    update(invitations)
    .where(
        of_workspace(invitations),
        invitations.c.id == param("i"),
        invitations.c.person == param("p"),
    )
    .values(person=param("into"))
)
_GIVE_BACK_INVITEE = (
    update(invitation_resources)
    .where(
        of_workspace(invitation_resources),
        invitation_resources.c.invitation == param("i"),
        invitation_resources.c.invitee == param("p"),
    )
    .values(invitee=param("into"))
)
_GIVE_BACK_SENT = (
    update(invitations)
    .where(
        of_workspace(invitations),
        invitations.c.id == param("i"),
        invitations.c.inviter == param("p"),
    )
    .values(inviter=param("into"))
)
_GIVE_BACK_REQUEST = (
    update(access_requests)
    .where(
        of_workspace(access_requests),
        access_requests.c.id == param("i"),
        access_requests.c.person == param("p"),
    )
    .values(person=param("into"))
)


def save_installation(
    recorded: RecordedEvent, event: events.WorkspaceInstalled
) -> Iterator[Write]:
    """Save the workspace's name and bot."""
    values = {
        "title": event.title,
        "bot": event.bot,
        "organisation": event.organisation,
    }
    yield _MARK_INSTALLED, {"w": recorded.workspace, **values}


def mark_uninstalled(
    recorded: RecordedEvent, _event: events.WorkspaceUninstalled
) -> Iterator[Write]:
    """Mark the workspace as uninstalled, and delete its tokens."""
    yield _MARK_UNINSTALLED, {"w": recorded.workspace}
    yield DELETE_INSTALLATION, {"w": recorded.workspace}


def disable_workspace(
    recorded: RecordedEvent, _event: events.WorkspaceDisabled
) -> Iterator[Write]:
    """Mark the workspace as switched off."""
    yield _UPDATE_DISABLED, {"w": recorded.workspace, "is_disabled": True}


def enable_workspace(
    recorded: RecordedEvent, _event: events.WorkspaceEnabled
) -> Iterator[Write]:
    """Mark the workspace as switched on."""
    yield _UPDATE_DISABLED, {"w": recorded.workspace, "is_disabled": False}


def update_settings(
    recorded: RecordedEvent, event: events.WorkspaceSet
) -> Iterator[Write]:
    """Update the workspace's settings."""
    yield _UPDATE_SETTINGS, {"w": recorded.workspace, "all": event.settings}


def insert_person(
    recorded: RecordedEvent, event: events.PersonRecognised
) -> Iterator[Write]:
    """Insert a person."""
    yield (
        INSERT_PERSON,
        {
            "workspace": recorded.workspace,
            "id": event.person,
            "team": event.team,
            "account": event.user,
            "email": event.email,
            "title": event.title,
            "tz": "UTC",
            "locale": None,
            "bot": False,
            "guest": False,
            "active": True,
            "profiled": False,
            "sort_name": make_sort_name(event.title, event.email),
            "merged_into": None,
            "admin": False,
            "lapses": None,
            "notices": NotificationPreference.IMMEDIATE.value,
            "company": None,
            "reach": "slack",
            "mail_stopped": None,
        },
    )


def update_profile(
    recorded: RecordedEvent, event: events.PersonProfiled
) -> Iterator[Write]:
    """Update a person from their profile."""
    values = {f"new_{c}": getattr(event, c) for c in PROFILE_FIELDS}
    values["new_sort_name"] = make_sort_name(event.title, event.email)
    yield _UPDATE_PROFILE, {"w": recorded.workspace, "p": event.person, **values}


def update_preferences(
    recorded: RecordedEvent, event: events.PersonSet
) -> Iterator[Write]:
    """Update a setting that a person has for themselves."""
    yield (
        _UPDATE_PREFERENCES[event.setting],
        {"w": recorded.workspace, "p": event.person, "chosen": event.value},
    )


def stop_mail(recorded: RecordedEvent, event: events.MailStopped) -> Iterator[Write]:
    """Save that an address gets no more mails."""
    named = {"w": recorded.workspace, "p": event.person}
    yield _UPDATE_MAIL_STOPPED, named | {"why": event.why}


def allow_mail(recorded: RecordedEvent, event: events.MailAllowed) -> Iterator[Write]:
    """Save that an address gets mails again."""
    named = {"w": recorded.workspace, "p": event.person}
    yield _UPDATE_MAIL_STOPPED, named | {"why": None}


def erase_person(
    recorded: RecordedEvent, event: events.PersonErased
) -> Iterator[Write]:
    """Erase what identifies a person, in all their records."""
    for person_id in (event.person, *event.records):
        yield _ERASE_PERSON, {"w": recorded.workspace, "p": person_id}


def merge_people(
    recorded: RecordedEvent, event: events.PersonMerged
) -> Iterator[Write]:
    """Merge two people: roles and invitations of one pass to the other."""
    values = {"w": recorded.workspace, "p": event.person, "into": event.into}
    yield (
        _DELETE_LOWER_ROLES,
        {"w": recorded.workspace, "into": event.into, "keeps": event.keeps},
    )
    yield _DELETE_DUPLICATE_MEMBERSHIPS, values
    yield _MOVE_MEMBERSHIPS, values
    yield _MOVE_INVITATIONS, values
    yield _MOVE_SENT_INVITATIONS, values
    yield _MOVE_INVITATION_RESOURCES, values
    yield _DELETE_DUPLICATE_ASSIGNMENTS, values
    yield _MOVE_ASSIGNMENTS, values
    yield _MOVE_REQUESTS, values
    yield _MARK_MERGED, values


def separate_people(
    recorded: RecordedEvent, event: events.PersonSeparated
) -> Iterator[Write]:
    """Take back a merge: what had passed from one person to the other passes back."""
    workspace, moved = recorded.workspace, MovedRecords.decode(event.moved)
    yield (
        _MARK_MERGED,
        {"w": workspace, "p": event.person, "into": None},
    )
    for membership in moved.memberships:
        yield (
            _DELETE_MEMBERSHIP,
            {"w": workspace, "of": membership.resource, "whose": event.into},
        )
    for membership in (*moved.memberships, *moved.own):
        due = get_next_expiry_notice(membership.until, recorded.at)
        row = {
            "workspace": workspace,
            "resource": membership.resource,
            "person": membership.person,
            "role": membership.role,
            "since": membership.since,
            "until": membership.until,
            "due": due or membership.until,
        }
        yield _INSERT_MEMBERSHIP, row
    yield from _separate_assignments(workspace, event, moved)
    back = {"w": workspace, "into": event.person}
    for invitation_id in moved.received:
        yield _GIVE_BACK_INVITATION, back | {"i": invitation_id, "p": event.into}
        yield _GIVE_BACK_INVITEE, back | {"i": invitation_id, "p": event.into}
    for invitation_id in moved.sent:
        yield _GIVE_BACK_SENT, back | {"i": invitation_id, "p": event.into}
    for request_id in moved.requests:
        yield _GIVE_BACK_REQUEST, back | {"i": request_id, "p": event.into}


def _separate_assignments(
    workspace: WorkspaceId, event: events.PersonSeparated, moved: MovedRecords
) -> Iterator[Write]:
    for team_id, resource_id in moved.assigned:
        pair = {"w": workspace, "team": team_id, "of": resource_id}
        yield _DELETE_ASSIGNMENT, pair | {"whose": event.into}
    pairs = [
        *((event.person, pair) for pair in moved.assigned),
        *((event.into, pair) for pair in moved.own_assigned),
    ]
    for person_id, (team_id, resource_id) in pairs:
        row = {"workspace": workspace, "team": team_id, "resource": resource_id}
        whose = {"w": workspace, "team": team_id, "of": resource_id, "whose": person_id}
        yield _DELETE_ASSIGNMENT, whose
        yield _INSERT_ASSIGNMENT, row | {"person": person_id}
