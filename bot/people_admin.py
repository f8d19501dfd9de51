"""Erase a person for the operator."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from bot.config import FatalError
from collab.bus import Bus
from collab.erasure import ErasePerson
from collab.errors import MustHandOver, UnknownPerson
from collab.model import Account, Address, Caller, PersonId, WorkspaceId

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
        """Erase a person by their address, their id in Slack or in the event log; raises
        FatalError.
        """
        caller = Caller(self._workspace, None, "cli")
        command = ErasePerson(caller, _read_person(typed, self._workspace))
        try:
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


def _read_person(typed: str, workspace: WorkspaceId) -> Account | Address | PersonId:
    if "@" in typed:
        return Address(typed)
    if _SLACK_USER_ID.fullmatch(typed):
        return Account(workspace, typed)
    return PersonId(typed)
