"""People and their workspace in the database: queries."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from collab.model import Account, Person, PersonId, Workspace
from collab.people import normalize_email
from storage.sql import (
    SELECT_WORKSPACE,
    WorkspaceReader,
    in_array,
    of_workspace,
    param,
)
from storage.tables import (
    home_tabs,
    memberships,
    people,
    workspaces,
)

PROFILE_FIELDS = (
    "team",
    "title",
    "email",
    "tz",
    "locale",
    "bot",
    "guest",
    "active",
    "admin",
    "lapses",
    "company",
)


def list_person_columns(table: Any) -> tuple[ColumnElement[Any], ...]:
    """Return the columns of a person, in the order of `Person`, of an alias of people."""
    columns = table.c
    is_external = and_(columns.team.is_not(None), columns.team != columns.workspace)
    return (
        columns.id,
        columns.team,
        columns.account,
        columns.email,
        columns.title,
        columns.tz,
        columns.locale,
        columns.bot,
        columns.guest,
        columns.active,
        columns.profiled,
        columns.merged_into,
        columns.admin,
        columns.lapses,
        columns.notices,
        columns.company,
        columns.mail_stopped,
        columns.reach,
        is_external.label(f"{table.name}_external"),
    )


PERSON = list_person_columns(people)
STORED_PERSON = PERSON[:-1]  # whether they are external is computed
_SELECT_PERSON = select(*PERSON).where(of_workspace(people))
_PERSON_BY_ID = _SELECT_PERSON.where(people.c.id == param("id"))
_PEOPLE_BY_IDS = _SELECT_PERSON.where(in_array(people.c.id, "ids"))
_IS_UNMERGED = people.c.merged_into.is_(None)
# To a workspace Slack names an account by its user id alone, so the id is the identity
# there. Only a member of the workspace, by their profile, does not match an account
# that claims another team.
_IS_ACCOUNT = and_(
    people.c.account == param("account"),
    _IS_UNMERGED,
    or_(
        people.c.workspace == param("team"),
        people.c.team != people.c.workspace,
        ~people.c.profiled,
    ),
)
_BEST_MATCH_FIRST = (
    people.c.profiled.desc(),
    (people.c.team == param("team")).desc(),
    people.c.id,
)
_PERSON_BY_ACCOUNT = (
    _SELECT_PERSON.where(_IS_ACCOUNT).order_by(*_BEST_MATCH_FIRST).limit(1)
)
_WORKSPACE_AND_PERSON = (
    SELECT_WORKSPACE.add_columns(
        *(column.label(f"person_{column.name}") for column in PERSON)
    )
    .outerjoin_from(
        workspaces, people, and_(people.c.workspace == workspaces.c.id, _IS_ACCOUNT)
    )
    .order_by(*_BEST_MATCH_FIRST)
    .limit(1)
)
_PEOPLE_BY_USER = _SELECT_PERSON.where(
    people.c.account == param("account"), _IS_UNMERGED
).order_by(
    people.c.profiled.desc(), (people.c.team == people.c.workspace).desc(), people.c.id
)
_DUPLICATE_USERS = (
    select(people.c.account)
    .where(of_workspace(people), people.c.account.is_not(None), _IS_UNMERGED)
    .group_by(people.c.account)
    .having(func.count() > 1)
    .order_by(people.c.account)
)
_HAS_NO_ACCOUNT = people.c.account.is_(None)
_HAS_EMAIL = and_(people.c.email == param("email"), _IS_UNMERGED)
# Addresses of accounts of other workspaces are not verified here, so they match nobody.
_PERSON_BY_EMAIL = (
    _SELECT_PERSON.where(
        _HAS_EMAIL, or_(_HAS_NO_ACCOUNT, people.c.team == people.c.workspace)
    )
    .order_by(_HAS_NO_ACCOUNT, people.c.active.desc(), people.c.id)
    .limit(1)
)
_MERGED_IDS = (
    select(people.c.id)
    .where(of_workspace(people), people.c.merged_into == param("id"))
    .order_by(people.c.id)
)
_PEOPLE_BY_EMAIL_ALONE = _SELECT_PERSON.where(_HAS_EMAIL, _HAS_NO_ACCOUNT).order_by(
    people.c.id
)
_SELECT_ADMINS = (
    select(people.c.id)
    .where(
        of_workspace(people),
        people.c.admin,
        people.c.active,
        people.c.merged_into.is_(None),
    )
    .where(people.c.team == people.c.workspace)  # an admin elsewhere is none here
    .order_by(people.c.id)
)
_PEOPLE_WITHOUT_MAIL = _SELECT_PERSON.where(
    people.c.mail_stopped.is_not(None), _IS_UNMERGED
).order_by(people.c.email)
_LAPSING_PEOPLE = (
    select(people.c.id)
    .where(
        of_workspace(people),
        people.c.lapses <= param("at"),
        exists().where(
            memberships.c.workspace == people.c.workspace,
            memberships.c.person == people.c.id,
        ),
    )
    .limit(param("most"))
)


_OPENED_HOMES = select(home_tabs.c.person).where(
    of_workspace(home_tabs), in_array(home_tabs.c.person, "ids")
)


class PeopleRepository(WorkspaceReader):
    """Reads people and their workspace."""

    def get_workspace(self) -> Workspace | None:
        """Return the workspace; None before it is installed."""
        row = self.workspace_row()
        is_installed = row is not None and row.bot and row.installed
        return (
            Workspace(
                row.id,
                row.title,
                row.bot,
                json.loads(row.settings),
                row.organisation,
                row.disabled,
            )
            if is_installed
            else None
        )

    def get_person(self, person: PersonId) -> Person | None:
        """Return a person by id; a merged person is returned as who they became."""
        return self._read_once(
            "person", person, lambda: self._read_person(_PERSON_BY_ID, id=person)
        )

    def get_people(self, ids: Collection[PersonId]) -> Mapping[PersonId, Person]:
        """Return people by id; a merged record under its own id."""
        remembered = {
            p.id: p for p in self.recall_many("person", ids).values() if p.id in ids
        }
        people_by_id = {
            row.id: Person(*row)
            for row in self._read_rows_for_ids(
                _PEOPLE_BY_IDS, "ids", set(ids) - set(remembered)
            )
        }
        for person in people_by_id.values():
            if not person.merged_into:
                self.remember("person", person.id, person)
        return remembered | people_by_id

    def find_person_by_account(self, account: Account) -> Person | None:
        """Return a person by their account; also read the workspace's row."""
        key, values = (
            f"{account.team} {account.user}",
            {"team": account.team, "account": account.user},
        )
        if not (self.is_remembered("workspace") or self.is_remembered("account", key)):
            row = self._read_row(_WORKSPACE_AND_PERSON, **values)
            self.remember_workspace(row)
            self.remember(
                "account",
                key,
                self._person_from_row(
                    row[-len(PERSON) :] if row and row.person_id else None
                ),
            )
        return self._read_once(
            "account",
            key,
            lambda: self._person_from_row(self._read_row(_PERSON_BY_ACCOUNT, **values)),
        )

    def list_people_by_user_id(self, user: str) -> Sequence[Person]:
        """Return the unmerged people with a user id; the one it identifies first."""
        return [Person(*row) for row in self._read_rows(_PEOPLE_BY_USER, account=user)]

    def list_duplicated_user_ids(self) -> Sequence[str]:
        """Return the user ids that more than one person has."""
        return [row.account for row in self._read_rows(_DUPLICATE_USERS)]

    def find_person_by_email(self, email: str) -> Person | None:
        """Return a member, or else a person without an account, by email address."""
        return self._read_person(_PERSON_BY_EMAIL, email=normalize_email(email))

    def list_merged_ids(self, person: PersonId) -> Sequence[PersonId]:
        """Return the ids of the records that were merged into a person's."""
        return [row.id for row in self._read_rows(_MERGED_IDS, id=person)]

    def list_people_with_email_only(self, email: str) -> Sequence[Person]:
        """Return unmerged people who have an email address but no account."""
        return [
            Person(*row)
            for row in self._read_rows(
                _PEOPLE_BY_EMAIL_ALONE, email=normalize_email(email)
            )
        ]

    def list_people_with_home(self, ids: Collection[PersonId]) -> set[PersonId]:
        """Return those of some people who have opened their App Home."""
        unknown = [each for each in ids if not self.is_remembered("home", each)]
        rows = self._read_rows_for_ids(_OPENED_HOMES, "ids", unknown)
        opened = {row.person for row in rows}
        for person in unknown:
            self.remember("home", person, person in opened)
        return {each for each in ids if self.recall("home", each)}

    def list_admin_ids(self) -> tuple[PersonId, ...]:
        """Return the ids of the known active administrators of the workspace."""
        return tuple(row.id for row in self._read_rows(_SELECT_ADMINS))

    def list_people_without_mail(self) -> Sequence[Person]:
        """Return the people whose addresses get no more mails, by address."""
        return [Person(*row) for row in self._read_rows(_PEOPLE_WITHOUT_MAIL)]

    def list_lapsing_person_ids(self, at: datetime, most: int) -> Sequence[PersonId]:
        """Return ids of deactivated people whose roles end for good by a moment."""
        return [row.id for row in self._read_rows(_LAPSING_PEOPLE, at=at, most=most)]

    def _read_person(self, statement: Any, **values: str) -> Person | None:
        return self._person_from_row(self._read_row(statement, **values))

    def _person_from_row(self, row: Any) -> Person | None:
        person = Person(*row) if row else None
        if person and person.merged_into:
            return self.get_person(person.merged_into)
        if person:
            self.remember("person", person.id, person)
        return person
