"""The addresses that get no more mails, for who runs Collab."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from bot.config import FatalError
from collab.bus import Bus
from collab.errors import Rejected
from collab.mail_delivery import AllowMail, ListStoppedAddresses
from collab.model import Caller, WorkspaceId


class StoppedAddresses:
    """Lists the addresses of one workspace that get no more mails, and allows one."""

    def __init__(
        self, bus: Bus, workspace: WorkspaceId, now: Callable[[], datetime]
    ) -> None:
        self._bus = bus
        self._by = Caller(workspace, None, "cli")
        self._now = now

    def list_lines(self) -> Iterator[str]:
        """Yield each address with the reason after a tab."""
        people = self._bus.query(ListStoppedAddresses(self._by), self._now())
        for person in people:
            yield f"{person.email or person.id}\t{person.mail_stopped}"

    def allow(self, address: str) -> None:
        """Let an address get mails again; raises FatalError."""
        with self._bus.read(self._by.workspace) as repositories:
            person = repositories.people.find_person_by_email(address)
        if person is None:
            raise FatalError(f"Nobody in this workspace has the address {address}")
        try:
            self._bus.execute(AllowMail(self._by, person.id), self._now())
        except Rejected:
            raise FatalError(f"{address} gets emails already") from None
