"""Generate domain objects whose texts are plain or hostile.

Each text contains a word of its own, by which it is found in what is rendered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from unicodedata import normalize

from collab.access_queries import PathStep, RolePath
from collab.event_log import EventLine
from collab.events import Event, RecordedEvent
from collab.handovers.facts import HandoverFacts
from collab.limits import NAME_LIMIT, NOTE_LIMIT
from collab.model import (
    NOBODY,
    AccessRequest,
    AccessRequestId,
    Account,
    Address,
    Invitation,
    Membership,
    Person,
    PersonId,
    Resource,
    ResourceId,
    Succession,
    SuccessionId,
    WorkspaceId,
)
from collab.open_items import (
    AccessRequestView,
    ExpiringMembershipView,
    InvitationView,
    SuccessionView,
)
from collab.resource_names import validate_name
from collab.roles import CAPABILITIES

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
WEEK = timedelta(days=7)
PLAIN_PHRASES = ("Acme",)
HOSTILE_PHRASES = (
    "<!channel> <!here> <@UADA> <#C1|general> <https://evil.example|Acme>",
    "& &amp; &lt;!channel&gt; &&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&",
    "*bold* _slanted_ ~gone~ `code` ```more``` **** ____ ~~~~ ''''",
    "https://evil.example www.evil.example evil.example mailto:eve@evil.example",
    ":smile: :tada: :skull_and_crossbones: 10:30 ::::",
    "> quoted &gt; &gt;&gt;&gt; - one • two 1. three # four -# five ---",
    "-# small print",
    "---",
    "{{ actor }} {% raw %} {title} {0} %s %(id)s ${HOME} \\n \\\\",
    "\u202e\u202d\u2066 right to left \u2069 שלום עולם مرحبا بالعالم",
    "e\u0301\u0302\u0303\u0304 Z\u0351\u036b\u0343\u036a\u0302\u036bA\u0321\u034aL\u0334\u0362G\u0321\u0341O\u033e",
    "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🇩🇪 👍🏽 日本語 ﷽ 𝓐𝓬𝓶𝓮 ｆｕｌｌ",
    "one\ntwo\r\nthree\u2028four\tfive\x0bsix\x00seven",
    "<!date^1^{date}|now> <!subteam^S1> <tel:110>",
    "ß" * NAME_LIMIT,
    "W" * NAME_LIMIT,
)
MARKER_PATTERN = re.compile(r"Q\d+Q")
ROLES, STATES = (
    ("admin", "manager", "developer"),
    ("pending", "accepted", "declined", "revoked", "superseded"),
)
# What the code itself says, by field; what is not here and is text is typed by a person.
FIXED_FIELD_VALUES: Mapping[str, Any] = {
    **dict.fromkeys(("role", "before_role", "stays_as"), "admin"),
    **dict.fromkeys(("resource", "parent", "payer", "team", "within"), "R1"),
    **dict.fromkeys(("person", "into", "elector", "linked_by"), "P2"),
    "inviter": "P1",
    "invitation": "I1",
    "request": "Q1",
    "succession": "S1",
    "invoice": "V1",
    "by": "I2",
    "kind": "app",
    "parent_kind": "company",
    "capability": "edit",
    "capabilities": CAPABILITIES,
    "roles": ROLES,
    "grants": ROLES,
    "stands_in": ("company", "project"),
    "kinds": ("app", "team"),
    "groups": ("joins", "leaves"),
    "sources": ("member", "invitation"),
    "settings": ("lifetime",),
    "setting": "lifetime",
    "settings_text": "{}",
    "plan": "studio",
    "plans": ("studio",),
    "slug": "acme",
    "verb": "invite",
    "usage": "invite WHO… ROLE WHAT…",
    "example": "invite @carl admin acme",
    "slot": "who",
    "channel": "C1",
    "bot": "UBOT",
    "user": "UCARL",
    "workspace": "T1",
    "nearest": "acme",
    "currency": "EUR",
    "day": "2026-11-01",
    "amount": "119.00",
    "file": "f" * 64,
    "tz": "UTC",
    "locale": "de-DE",
    "value": "14d",
    "act": "remove",
    "state": "accepted",
    "purpose": "join",
    "exceeds": (("admin", 3, 2), ("owner", 2, 1)),
    "also": (),
    "asked": ("P1",),
    "assigned": (),
    "rotate": (),
    "lost_code": (),
    "known": (),
    "channels": (),
    "people": (),
}

LONG_TEXT_FIELDS = frozenset(
    {"note", "reason", "about", "address", "reference", "typed"}
)


class SampleGenerator:
    """Generate objects with texts made of a few phrases.

    The same calls return the same objects, whatever the phrases are.
    """

    def __init__(self, *phrases: str) -> None:
        # Normalised before it is cut to what is allowed: some characters become two.
        self._phrases = (
            tuple(normalize("NFC", phrase) for phrase in phrases) or PLAIN_PHRASES
        )
        self._numbers = count(1)

    def make_text(self, max_length: int, *, is_marker_first: bool = False) -> str:
        """Return a text of `max_length`, with its own word at its end or its start."""
        number = next(self._numbers)
        word = f"Q{number}Q"
        phrase = self._phrases[number % len(self._phrases)]
        if self._phrases == PLAIN_PHRASES:
            return word
        long = (f"{phrase} " * max_length)[: max_length - len(word) - 1]
        return f"{word} {long}" if is_marker_first else f"{long} {word}"

    def make_name(self) -> str:
        """Return a valid name."""
        return validate_name(self.make_text(NAME_LIMIT))

    def make_note(self) -> str:
        """Return a note, or another text as long."""
        return self.make_text(NOTE_LIMIT, is_marker_first=True)

    def make_person(self, number: int = 2) -> Person:
        """Return a person without an account, who is shown by name."""
        return replace(
            NOBODY,
            id=PersonId(f"P{number:028}"),
            title=self.make_name(),
            email=f"p{number}@example.com",
        )

    def make_people(self, many: int) -> list[Person]:
        """Several of them."""
        return [self.make_person(number) for number in range(10, 10 + many)]

    def make_resource(
        self, kind: str = "app", number: int = 1, **more: Any
    ) -> Resource:
        """Return a resource with a name and a description."""
        return Resource(
            ResourceId(f"R{number:028}"),
            kind,
            f"thing-{number}",
            self.make_name(),
            about=self.make_note(),
            **more,
        )

    def make_resources(self, many: int, kind: str = "app") -> list[Resource]:
        """Several of them."""
        return [self.make_resource(kind, number) for number in range(10, 10 + many)]

    def make_invitation(
        self, number: int = 1, resource_count: int = 1, **more: Any
    ) -> InvitationView:
        """Return an invitation to one resource or several."""
        usual = {
            "lasts": timedelta(days=30),
            "until": None,
            "note": self.make_note(),
            "state": "pending",
            "snoozed": None,
        }
        to = {"also": (), "team": None, "asked": (), "purpose": "join", "muted": False}
        times = {
            "sent": MONDAY,
            "expires": MONDAY + WEEK,
            "due": MONDAY + WEEK,
            "marks": 0,
        }
        ids = {
            "id": f"I{number:028}",
            "resource": "R10",
            "person": "P2",
            "inviter": "P1",
            "role": "admin",
        }
        invitation = Invitation(
            **{
                **ids,
                **to,
                **usual,
                **times,
                "answered": MONDAY,
                "answered_by": "P3",
                **more,
            }
        )
        team = self.make_resource("team") if invitation.team else None
        resources, inviter, answered_by = (
            tuple(self.make_resources(resource_count)),
            self.make_person(1),
            self.make_person(3),
        )
        can = ("view", "edit", "delete")
        return InvitationView(
            invitation,
            resources[0],
            resources,
            self.make_person(),
            team,
            inviter,
            can,
            answered_by,
            handover=self._make_handover_facts(invitation, resources),
        )

    def _make_handover_facts(
        self, invitation: Invitation, resources: tuple[Resource, ...]
    ) -> HandoverFacts | None:
        if invitation.purpose not in {"handover", "takeback"}:
            return None
        is_done = invitation.state == "accepted"
        return HandoverFacts(
            resources,
            resources,
            "owner",
            "administrator",
            [self.make_person(5)],
            rotate=resources,
            can_be_taken_back_until=MONDAY + WEEK if is_done else None,
        )

    def make_invitations(self, many: int) -> list[InvitationView]:
        """Several of them."""
        return [self.make_invitation(number) for number in range(10, 10 + many)]

    def make_request(self, state: str = "pending") -> AccessRequestView:
        """Return an access request."""
        times = (MONDAY, MONDAY + WEEK, None if state == "pending" else MONDAY, None)
        request = AccessRequest(
            AccessRequestId("Q1"),
            ResourceId("R1"),
            PersonId("P2"),
            "admin",
            self.make_note(),
            (PersonId("P1"),),
            state,
            *times,
        )
        return AccessRequestView(
            request,
            self.make_resource(),
            self.make_person(),
            ("view",),
            self.make_person(1),
        )

    def make_succession(
        self, state: str = "pending", support_count: int = 1
    ) -> SuccessionView:
        """Return a succession."""
        succession = Succession(
            SuccessionId("S1"),
            ResourceId("R1"),
            PersonId("P2"),
            "owner",
            (PersonId("P1"),),
            state,
            PersonId("P1") if state == "settled" else None,
        )
        support = list(
            zip(
                self.make_people(support_count),
                self.make_people(support_count),
                strict=True,
            )
        )
        return SuccessionView(
            succession,
            self.make_resource("company"),
            self.make_person(),
            support,
            self.make_person(3),
        )

    def make_expiring_membership(
        self, until: datetime | None = MONDAY + WEEK
    ) -> ExpiringMembershipView:
        """Return a membership that expires."""
        return ExpiringMembershipView(
            self.make_resource(),
            self.make_person(),
            Membership(ResourceId("R1"), PersonId("P2"), "admin", MONDAY, until),
        )

    def make_event_line(self, event: Event) -> EventLine:
        """Return a line of the event log by a person without an account."""
        recorded = RecordedEvent(
            WorkspaceId("T1"), 1, MONDAY, PersonId("P1"), "command", event
        )
        return EventLine(
            recorded,
            self.make_person(1),
            self.make_person(),
            self.make_resource(),
            self.make_resource("team"),
        )

    def make_access_paths(self, many: int) -> list[RolePath]:
        """Return role paths of four steps."""
        steps = [
            [PathStep("admin", thing) for thing in self.make_resources(4)]
            for _ in range(many)
        ]
        return [
            RolePath(self.make_person(n), tuple(each))
            for n, each in enumerate(steps, 10)
        ]

    def build_instance(
        self, kind: type[Any], *, is_minimal: bool = False, **more: Any
    ) -> Any:
        """Return an event, an error or another dataclass with sample values.

        `is_minimal` leaves optional fields empty.
        """
        hints = get_type_hints(kind, localns=_HINT_NAMES)
        values = {
            f.name: self._sample_field(f.name, hints[f.name], is_minimal=is_minimal)
            for f in fields(kind)
            if f.name not in more
        }
        return kind(**values, **more)

    def _sample_field(self, name: str, hint: Any, *, is_minimal: bool) -> Any:
        kinds = get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)
        if is_minimal and NoneType in kinds:
            return None
        kind = next(kind for kind in kinds if kind is not NoneType)
        kind = getattr(kind, "__supertype__", kind)  # of a NewType
        if kind is bool:
            return not is_minimal
        if name in FIXED_FIELD_VALUES and (get_origin(kind) or kind) in (str, tuple):
            return FIXED_FIELD_VALUES[name]
        return (
            self.make_note()
            if name in LONG_TEXT_FIELDS
            else self._sample_of_type(get_origin(kind) or kind)
        )

    def _sample_of_type(self, kind: Any) -> Any:
        made: dict[Any, Callable[[], Any]] = {
            str: self.make_name,
            tuple: lambda: (self.make_name(), self.make_name()),
            int: lambda: 7,
            datetime: lambda: MONDAY,
            timedelta: lambda: WEEK,
            date: MONDAY.date,
            Decimal: lambda: Decimal("119.00"),
            Any: lambda: None,
        }
        return made[kind]()


_HINT_NAMES = {"Account": Account, "Address": Address}
