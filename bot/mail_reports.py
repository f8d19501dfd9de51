"""Read what mail servers report about mails: bounces, delays and complaints.

Reports are multipart/report (RFC 6522): of a delivery (RFC 3464), or of a complaint
(RFC 5965). Everything else is an answer, of a person or of a machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.parser import HeaderParser
from typing import Any

from bot.bounce_addresses import BounceAddresses, SentMail
from bot.delivery.email import get_problem
from collab.mail_delivery import COMPLAINED, DELAYED

MAX_REPORT_BYTES = 1_000_000  # what is behind them is the returned mail
MAX_PARTS = 50
REPORT, DELIVERY_STATUS = "multipart/report", "message/delivery-status"
FEEDBACK_REPORT = "message/feedback-report"
STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
ABUSE_TYPES = frozenset({"abuse", "fraud", "virus", "other"})


@dataclass(frozen=True, slots=True)
class MailReport:
    """What became of a mail; `problem` as in RecordMailFailure."""

    mail: SentMail
    problem: str


def read_report(
    content: bytes, addresses: BounceAddresses, recipient: str = ""
) -> MailReport | None:
    """Return the report in a mail that came to `recipient`; None if there is none, or
    it is about no mail of ours.
    """
    content = content[:MAX_REPORT_BYTES]
    try:
        problem = _read_problem(message_from_bytes(content))
    except (MessageError, LookupError, ValueError, TypeError, RecursionError):
        return None
    mail = addresses.find(f"{recipient}\n{content.decode('latin-1')}")
    return MailReport(mail, problem) if mail and problem else None


def _read_problem(message: Message) -> str | None:
    if message.get_content_type() != REPORT:
        return None
    parts: Any = message.get_payload()
    if not isinstance(parts, list):
        return None
    for part in parts[:MAX_PARTS]:
        if part.get_content_type() == DELIVERY_STATUS:
            return _read_delivery_status(part)
        if part.get_content_type() == FEEDBACK_REPORT:
            return _read_complaint(part)
    return None


def _read_delivery_status(part: Message) -> str | None:
    """Return the problem of the first recipient that has one."""
    groups: Any = part.get_payload()
    if not isinstance(groups, list):
        return None
    problems = [_read_group(group) for group in groups[:MAX_PARTS]]
    return next(filter(None, problems), None)


def _read_group(fields: Any) -> str | None:
    action = str(fields.get("Action", "")).strip().lower()
    if action == "delayed":
        return DELAYED
    status = STATUS.match(str(fields.get("Status", "")))
    if action != "failed" or status is None:
        return None
    # One that was tried for too long has a status of class 4.
    return get_problem(status[1]) if status[1].startswith("5") else "mail_refused"


def _read_complaint(part: Message) -> str | None:
    payload: Any = part.get_payload()
    if isinstance(payload, list) and payload:
        fields = payload[0]
    else:
        fields = HeaderParser().parsestr(str(payload))
    feedback_type = str(fields.get("Feedback-Type", "")).strip().lower()
    return COMPLAINED if feedback_type in ABUSE_TYPES else None
