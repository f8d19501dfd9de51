"""People and their workspace as stored."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, select, update

from collab import events
from collab.case import Workspace
from collab.events import Recorded
from collab.people import Account, Person, same_address
from storage.statements import THE_WORKSPACE, Reader, Write, given, in_workspace, one_of
from storage.tables import assignments, invitations, memberships, offers, people, requests, workspaces

_SAID = ("team", "title", "email", "tz", "locale", "bot", "guest", "active", "admin", "lapses")
PERSON = (
    people.c.id,
    people.c.team,
    people.c.account,
    people.c.email,
    people.c.title,
    people.c.tz,
    people.c.locale,
    people.c.bot,
    people.c.guest,
    people.c.active,
    people.c.profiled,
    people.c.merged_into,
    people.c.admin,
    people.c.lapses,
    people.c.notices,
)
_PERSON = select(*PERSON).where(in_workspace(people))
_BY_ID = _PERSON.where(people.c.id == given("id"))
_BY_IDS = _PERSON.where(one_of(people.c.id, "ids"))
_UNMERGED = people.c.merged_into.is_(None)
# Slack names an account by its user id alone wherever it names one to a workspace, so within it the id is the identity.
# Only a member of the workspace, whose profile says so, is not reached by an account that claims another team.
_IS_ACCOUNT = and_(
    people.c.account == given("account"),
    _UNMERGED,
    or_(people.c.workspace == given("team"), people.c.team != people.c.workspace, ~people.c.profiled),
)
_BEST_KNOWN = people.c.profiled.desc(), (people.c.team == given("team")).desc(), people.c.id
_BY_ACCOUNT = _PERSON.where(_IS_ACCOUNT).order_by(*_BEST_KNOWN).limit(1)
_HERE_BY_ACCOUNT = (
    THE_WORKSPACE.add_columns(*(column.label(f"person_{column.name}") for column in PERSON))
    .outerjoin_from(workspaces, people, and_(people.c.workspace == workspaces.c.id, _IS_ACCOUNT))
    .order_by(*_BEST_KNOWN)
    .limit(1)
)
_BY_USER = _PERSON.where(people.c.account == given("account"), _UNMERGED).order_by(
    people.c.profiled.desc(), (people.c.team == people.c.workspace).desc(), people.c.id
)
_REPEATED_USERS = (
    select(people.c.account)
    .where(in_workspace(people), people.c.account.is_not(None), _UNMERGED)
    .group_by(people.c.account)
    .having(func.count() > 1)
    .order_by(people.c.account)
)
_IS_ADDRESS_ALONE = people.c.account.is_(None)
_HAS_EMAIL = and_(people.c.email == given("email"), _UNMERGED)
# What accounts of other workspaces show as their address is not verified here, so it names nobody.
_BY_EMAIL = (
    _PERSON.where(_HAS_EMAIL, or_(_IS_ADDRESS_ALONE, people.c.team == people.c.workspace))
    .order_by(_IS_ADDRESS_ALONE, people.c.active.desc(), people.c.id)
    .limit(1)
)
_BY_EMAIL_ALONE = _PERSON.where(_HAS_EMAIL, _IS_ADDRESS_ALONE).order_by(people.c.id)
_ADMINS = (
    select(people.c.id)
    .where(in_workspace(people), people.c.admin, people.c.active, people.c.merged_into.is_(None))
    .where(people.c.team == people.c.workspace)  # an admin elsewhere is none here
    .order_by(people.c.id)
)
_LAPSING = (
    select(people.c.id)
    .where(
        in_workspace(people),
        people.c.lapses <= given("at"),
        exists().where(memberships.c.workspace == people.c.workspace, memberships.c.person == people.c.id),
    )
    .limit(given("most"))
)


class PeopleFacts(Reader):
    """Answers about people."""

    def workspace(self) -> Workspace | None:
        """The workspace itself, once installed."""
        row = self.row_of_workspace()
        known = row is not None and row.bot and row.installed
        return Workspace(row.id, row.title, row.bot, json.loads(row.settings), row.organisation) if known else None

    def person(self, person: str) -> Person | None:
        """Somebody by id; somebody merged answers with who they became."""
        return self._read_once("person", person, lambda: self._person(_BY_ID, id=person))

    def people(self, ids: Collection[str]) -> Mapping[str, Person]:
        """Many people by id."""
        known = {p.id: p for p in self.recall_many("person", ids).values() if p.id in ids}
        found = {row.id: Person(*row) for row in self._many(_BY_IDS, "ids", set(ids) - set(known))}
        for person in found.values():
            if not person.merged_into:
                self.remember("person", person.id, person)
        return known | found

    def person_by_account(self, account: Account) -> Person | None:
        """Somebody by their account; the first question about a workspace is answered together with its own row."""
        key, values = f"{account.team} {account.user}", {"team": account.team, "account": account.user}
        if not (self.is_remembered("workspace") or self.is_remembered("account", key)):
            row = self._row(_HERE_BY_ACCOUNT, **values)
            self.remember_workspace(row)
            self.remember("account", key, self._met(row[-len(PERSON) :] if row and row.person_id else None))
        return self._read_once("account", key, lambda: self._met(self._row(_BY_ACCOUNT, **values)))

    def people_by_user(self, user: str) -> Sequence[Person]:
        """Everybody who is recorded with a user id and not merged, the one who is found by it first."""
        return [Person(*row) for row in self._rows(_BY_USER, account=user)]

    def repeated_users(self) -> Sequence[str]:
        """The user ids that more than one person is recorded with."""
        return [row.account for row in self._rows(_REPEATED_USERS)]

    def person_by_address(self, email: str) -> Person | None:
        """Find a member of this workspace, or else somebody without an account, by their address."""
        return self._person(_BY_EMAIL, email=same_address(email))

    def people_by_address_alone(self, email: str) -> Sequence[Person]:
        """Return everybody who is known by an address alone and not merged."""
        return [Person(*row) for row in self._rows(_BY_EMAIL_ALONE, email=same_address(email))]

    def admins(self) -> tuple[str, ...]:
        """Those active people who look after the workspace itself, as far as they are known."""
        return tuple(row.id for row in self._rows(_ADMINS))

    def lapsing(self, at: datetime, most: int) -> Sequence[str]:
        """Deactivated people whose roles end for good by a moment."""
        return [row.id for row in self._rows(_LAPSING, at=at, most=most)]

    def _person(self, statement: Any, **values: str) -> Person | None:
        return self._met(self._row(statement, **values))

    def _met(self, row: Any) -> Person | None:
        found = Person(*row) if row else None
        if found and found.merged_into:
            return self.person(found.merged_into)
        if found:
            self.remember("person", found.id, found)
        return found


_HERE = update(workspaces).where(workspaces.c.id == given("w"))
_INSTALL = _HERE.values(title=given("title"), bot=given("bot"), organisation=given("organisation"), installed=True)
_UNINSTALL = _HERE.values(installed=False)
_SET = _HERE.values(settings=given("all"))
_RECOGNISE = people.insert()
_PROFILE = (
    update(people)
    .where(in_workspace(people), people.c.id == given("p"))
    .values({c: given(f"new_{c}") for c in _SAID} | {"profiled": True})
)
_CHOOSE = update(people).where(in_workspace(people), people.c.id == given("p")).values(notices=given("chosen"))
_ALSO = memberships.alias("also")
_MERGE = update(people).where(in_workspace(people), people.c.id == given("p")).values(merged_into=given("into"))
_INHERIT = (
    update(invitations)
    .where(in_workspace(invitations), invitations.c.person == given("p"))
    .values(person=given("into"))
)
_INHERIT_OFFERS = (
    update(offers).where(in_workspace(offers), offers.c.invitee == given("p")).values(invitee=given("into"))
)
_GIVEN_UP = delete(memberships).where(
    in_workspace(memberships), memberships.c.person == given("into"), one_of(memberships.c.resource, "keeps")
)
_INHERIT_SENT = (
    update(invitations)
    .where(in_workspace(invitations), invitations.c.inviter == given("p"))
    .values(inviter=given("into"))
)
_ASSIGNED = assignments.alias("assigned")
_ASSIGNED_TWICE = delete(assignments).where(
    in_workspace(assignments),
    assignments.c.person == given("p"),
    exists().where(
        _ASSIGNED.c.workspace == assignments.c.workspace,
        _ASSIGNED.c.resource == assignments.c.resource,
        _ASSIGNED.c.team == assignments.c.team,
        _ASSIGNED.c.person == given("into"),
    ),
)
_INHERIT_ASSIGNMENTS = (
    update(assignments)
    .where(in_workspace(assignments), assignments.c.person == given("p"))
    .values(person=given("into"))
)
_ASKED = requests.alias("asked")
_INHERIT_REQUESTS = (
    update(requests)
    .where(
        in_workspace(requests),
        requests.c.person == given("p"),
        ~exists().where(
            _ASKED.c.workspace == requests.c.workspace,
            _ASKED.c.resource == requests.c.resource,
            _ASKED.c.person == given("into"),
            _ASKED.c.state == "pending",
        ),
    )
    .values(person=given("into"))
)
_HELD_TWICE = delete(memberships).where(
    in_workspace(memberships),
    memberships.c.person == given("p"),
    memberships.c.resource.in_(
        select(_ALSO.c.resource).where(_ALSO.c.workspace == given("w"), _ALSO.c.person == given("into"))
    ),
)
_INHERIT_ROLES = (
    update(memberships)
    .where(in_workspace(memberships), memberships.c.person == given("p"))
    .values(person=given("into"))
)


def installed(recorded: Recorded, event: events.WorkspaceInstalled) -> Iterator[Write]:
    """The workspace has its name and its bot."""
    said = {"title": event.title, "bot": event.bot, "organisation": event.organisation}
    yield _INSTALL, {"w": recorded.workspace, **said}


def uninstalled(recorded: Recorded, _event: events.WorkspaceUninstalled) -> Iterator[Write]:
    """The workspace waits for the app's return."""
    yield _UNINSTALL, {"w": recorded.workspace}


def settings_changed(recorded: Recorded, event: events.WorkspaceSet) -> Iterator[Write]:
    """The workspace's own settings."""
    yield _SET, {"w": recorded.workspace, "all": event.settings}


def recognised(recorded: Recorded, event: events.PersonRecognised) -> Iterator[Write]:
    """One more person is known."""
    yield (
        _RECOGNISE,
        {
            "workspace": recorded.workspace,
            "id": event.person,
            "team": event.team,
            "account": event.user,
            "email": event.email,
            "title": "",
            "tz": "UTC",
            "bot": False,
            "guest": False,
            "active": True,
            "profiled": False,
        },
    )


def profiled(recorded: Recorded, event: events.PersonProfiled) -> Iterator[Write]:
    """A person is as their profile says."""
    said = {f"new_{c}": getattr(event, c) for c in _SAID}
    yield _PROFILE, {"w": recorded.workspace, "p": event.person, **said}


def chose(recorded: Recorded, event: events.PersonSet) -> Iterator[Write]:
    """How somebody hears of what does not need them."""
    yield _CHOOSE, {"w": recorded.workspace, "p": event.person, "chosen": event.value}


def merged(recorded: Recorded, event: events.PersonMerged) -> Iterator[Write]:
    """Two people are one; what the one held and what waited for them is the other's."""
    values = {"w": recorded.workspace, "p": event.person, "into": event.into}
    yield _GIVEN_UP, {"w": recorded.workspace, "into": event.into, "keeps": event.keeps}
    yield _HELD_TWICE, values
    yield _INHERIT_ROLES, values
    yield _INHERIT, values
    yield _INHERIT_SENT, values
    yield _INHERIT_OFFERS, values
    yield _ASSIGNED_TWICE, values
    yield _INHERIT_ASSIGNMENTS, values
    yield _INHERIT_REQUESTS, values
    yield _MERGE, values
