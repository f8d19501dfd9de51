"""People and their workspace as stored."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import select, update

from collab import events
from collab.case import Workspace
from collab.events import Recorded
from collab.people import Account, Person, same_address
from storage.statements import Reader, Write, given, given_list, in_workspace
from storage.tables import invitations, people, workspaces

_SAID = ("team", "title", "email", "tz", "locale", "bot", "guest", "active")
_PERSON = select(
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
).where(in_workspace(people))
_BY_ID = _PERSON.where(people.c.id == given("id"))
_BY_IDS = _PERSON.where(people.c.id.in_(given_list("ids")))
_BY_ACCOUNT = _PERSON.where(people.c.team == given("team"), people.c.account == given("account"))
_BY_EMAIL = (
    _PERSON.where(people.c.email == given("email"), people.c.merged_into.is_(None))
    .order_by(people.c.account.is_(None), people.c.active.desc(), people.c.id)
    .limit(1)
)
_WORKSPACE = select(workspaces.c.id, workspaces.c.title, workspaces.c.bot).where(workspaces.c.id == given("w"))


class PeopleFacts(Reader):
    """Answers about people."""

    def workspace(self) -> Workspace | None:
        """The workspace itself, once installed."""
        row = self._kept("workspace", "", lambda: self._row(_WORKSPACE))
        return Workspace(row.id, row.title, row.bot) if row and row.bot else None

    def person(self, person: str) -> Person | None:
        """Somebody by id; somebody merged answers with who they became."""
        return self._kept("person", person, lambda: self._person(_BY_ID, id=person))

    def people(self, ids: Collection[str]) -> Mapping[str, Person]:
        """Many people by id."""
        return {row.id: Person(*row) for row in self._rows(_BY_IDS, ids=list(ids))} if ids else {}

    def person_by_account(self, account: Account) -> Person | None:
        """Somebody by their account."""
        return self._person(_BY_ACCOUNT, team=account.team, account=account.user)

    def person_by_address(self, email: str) -> Person | None:
        """Somebody by their address, regardless of case."""
        return self._person(_BY_EMAIL, email=same_address(email))

    def _person(self, statement: Any, **values: str) -> Person | None:
        row = self._row(statement, **values)
        found = Person(*row) if row else None
        return self.person(found.merged_into) if found and found.merged_into else found


_INSTALL = update(workspaces).where(workspaces.c.id == given("w")).values(title=given("title"), bot=given("bot"))
_RECOGNISE = people.insert()
_PROFILE = (
    update(people)
    .where(in_workspace(people), people.c.id == given("p"))
    .values({c: given(f"new_{c}") for c in _SAID} | {"profiled": True})
)
_MERGE = update(people).where(in_workspace(people), people.c.id == given("p")).values(merged_into=given("into"))
_INHERIT = (
    update(invitations)
    .where(in_workspace(invitations), invitations.c.person == given("p"))
    .values(person=given("into"))
)


def installed(recorded: Recorded, event: events.WorkspaceInstalled) -> Iterator[Write]:
    """The workspace has its name and its bot."""
    yield _INSTALL, {"w": recorded.workspace, "title": event.title, "bot": event.bot}


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


def merged(recorded: Recorded, event: events.PersonMerged) -> Iterator[Write]:
    """Two people are one; what waited for the one waits for the other."""
    values = {"w": recorded.workspace, "p": event.person, "into": event.into}
    yield _INHERIT, values
    yield _MERGE, values
