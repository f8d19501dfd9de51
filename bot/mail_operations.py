"""Mails, for who runs Collab: bounces, and the addresses that get no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from bot.bounce_addresses import BounceAddresses
from bot.config import FatalError
from bot.mail_reports import read_report
from collab.bus import Bus
from collab.mail_delivery import AllowMail, ListStoppedAddresses, RecordMailFailure
from collab.model import Caller, Delivery, DeliveryId, InvitationId, WorkspaceId
from collab.notifications.targets import parse_person_id
from collab.people import normalize_email

INVITATION_MESSAGES = frozenset({"invitation", "invitation_reminder"})


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
        people = self._bus.query(ListStoppedAddresses(self._by), self._now())
        stopped = [each for each in people if each.email == normalize_email(address)]
        if not stopped:
            raise FatalError(f"{address} is not among the addresses that get no emails")
        for person in stopped:
            self._bus.execute(AllowMail(self._by, person.id), self._now())


class MailReceiver:
    """Records what mail servers report about mails that were sent."""

    def __init__(
        self,
        bus: Bus,
        addresses: BounceAddresses,
        find_delivery: Callable[[DeliveryId], Delivery | None],
        now: Callable[[], datetime],
    ) -> None:
        self._bus = bus
        self._addresses = addresses
        self._find_delivery = find_delivery
        self._now = now

    def receive(self, content: bytes, recipient: str = "") -> bool:
        """Record what a mail reports; return False for one that reports nothing."""
        report = read_report(content, self._addresses, recipient)
        if report is None:
            return False
        delivery = self._find_delivery(report.mail.delivery_id)
        person_id = parse_person_id(delivery.target) if delivery else None
        if delivery is None or person_id is None:
            return False
        command = RecordMailFailure(
            Caller(delivery.workspace, None, "mail"),
            person_id,
            report.problem,
            _get_invitation_id(delivery, report.mail.position),
        )
        return bool(self._bus.execute(command, self._now()).recorded)


def _get_invitation_id(delivery: Delivery, position: int) -> InvitationId | None:
    if delivery.message not in INVITATION_MESSAGES or position >= len(delivery.topics):
        return None
    subject_id = delivery.topics[position].subject_id
    return InvitationId(subject_id) if subject_id else None
