"""What every command asks first, read by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, exists, select, text

from collab.model import Account, Person
from storage.invitations import IS_PENDING_TAKE_BACK
from storage.people import PERSON, PeopleRepository
from storage.sql import in_array, param
from storage.tables import (
    home_tabs,
    invitation_resources,
    invitations,
    people,
    processed_requests,
    workspaces,
)

_WAS_INVITED = exists().where(
    invitation_resources.c.workspace == people.c.workspace,
    invitation_resources.c.invitee == people.c.id,
)
_HAD_TAKE_BACKS = (
    exists(text("1"))
    .select_from(invitations)
    .where(invitations.c.workspace == workspaces.c.id, IS_PENDING_TAKE_BACK)
)
_REQUEST_AND_PEOPLE = (
    select(
        processed_requests.c.first_seq,
        processed_requests.c.last_seq,
        home_tabs.c.person,
        _WAS_INVITED,
        _HAD_TAKE_BACKS.label("had_take_backs"),
        *PERSON,
    )
    .select_from(workspaces)
    .outerjoin(
        processed_requests,
        and_(
            processed_requests.c.workspace == workspaces.c.id,
            processed_requests.c.idempotency_key == param("idempotency_key"),
        ),
    )
    .outerjoin(
        people,
        and_(
            people.c.workspace == workspaces.c.id,
            in_array(people.c.account, "users"),
            people.c.merged_into.is_(None),
        ),
    )
    .outerjoin(
        home_tabs,
        and_(
            home_tabs.c.workspace == people.c.workspace,
            home_tabs.c.person == people.c.id,
        ),
    )
    .where(workspaces.c.id == param("w"))
)
_FIRST_OF_PERSON = 5


class RequestFactsReader(PeopleRepository):
    """Reads whether a request was processed, and the people whom it is about."""

    def read_request_facts(
        self, idempotency_key: str | None, accounts: Sequence[Account]
    ) -> None:
        """Remember an earlier result, some people by account, and who opened Home."""
        if not idempotency_key and not accounts:
            return
        rows = self._read_rows(
            _REQUEST_AND_PEOPLE,
            idempotency_key=idempotency_key or "",
            users=[account.user for account in accounts],
        )
        if rows:
            self.remember("had_take_backs", "", bool(rows[0].had_take_backs))
        if idempotency_key:
            self._remember_processed_request(idempotency_key, rows)
        persons = [self._remember_person(row) for row in rows if row.id]
        self.remember("named_people", "", [person.id for person in persons])
        for account in accounts:
            self._remember_account(account, persons)

    def _remember_processed_request(
        self, idempotency_key: str, rows: Sequence[Any]
    ) -> None:
        is_known = rows and rows[0].first_seq is not None
        self.remember(
            "processed_request", idempotency_key, rows[0] if is_known else None
        )

    def _remember_person(self, row: Any) -> Person:
        person = Person(*row[_FIRST_OF_PERSON:])
        opened_by, was_invited = row[2:4]
        self.remember("person", person.id, person)
        self.remember("home", person.id, opened_by is not None)
        self.remember("was_invited", person.id, bool(was_invited))
        self.remember("was_invited_before", person.id, bool(was_invited))
        return person

    def _remember_account(self, account: Account, persons: Sequence[Person]) -> None:
        """Remember whose an account is, unless several people could be meant."""
        named = [person for person in persons if person.user == account.user]
        if len(named) > 1:
            return
        matching = [person for person in named if self._is_meant(account, person)]
        key = f"{account.team} {account.user}"
        self.remember("account", key, matching[0] if matching else None)

    def _is_meant(self, account: Account, person: Person) -> bool:
        """Return whether an account of that team is a person's; see IS_ACCOUNT."""
        if account.team == self._workspace or not person.profiled:
            return True
        return person.team is not None and person.team != self._workspace
