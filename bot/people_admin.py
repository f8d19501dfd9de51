"""Erase a person for the operator."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.config import FatalError
from collab.bus import Bus
from collab.erasure import ErasePerson, list_people_of_address
from collab.errors import MustHandOver, UnknownPerson
from collab.model import Account, Caller, PersonId, WorkspaceId

_SLACK_USER_ID = re.compile("[UW][A-Z0-9]{6,}")


class PeopleAdmin:
    """Acts on people of one workspace as the operator."""

    def __init__(
        self,
        bus: Bus,
        workspace: WorkspaceId,
        now: Callable[[], datetime],
    ) -> None:
        self._bus = bus
        self._workspace = workspace
        self._now = now

    def erase(self, typed: str) -> None:
        """Erase a person by their id in Slack or in the event log, or all who have an
        address; raises FatalError.
        """
        caller = Caller(self._workspace, None, "cli")
        commands = [ErasePerson(caller, each) for each in self._list_people(typed)]
        try:
            for command in commands:
                self._bus.dry_run(command, self._now())
            for command in commands:
                self._bus.execute(command, self._now())
        except UnknownPerson:
            raise FatalError(
                f"Nobody in {self._workspace} is known as {typed}"
            ) from None
        except MustHandOver as needed:
            things = ", ".join(needed.titles)
            raise FatalError(
                f"Nobody else could look after these, so hand them over or delete them first: {things}"
            ) from None

    def _list_people(self, typed: str) -> Sequence[Account | PersonId]:
        """Return those who are named; all or none are unknown."""
        if _SLACK_USER_ID.fullmatch(typed):
            return [Account(self._workspace, typed)]
        if "@" not in typed:
            return [PersonId(typed)]
        with self._bus.read(self._workspace) as repositories:
            people = list_people_of_address(repositories.people, typed)
        return people or [PersonId(typed)]
