"""What may follow `/collab`: one table of verbs that is parsed by, printed as help, and copied into the README.

A new verb is a new row. What it needs and may take is read by `bot.grammar`, in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot import misread
from collab import answers, channels, invitations, lists, membership, resources

COMMAND = "/collab"


class Slot(StrEnum):
    """One thing that a verb takes; read in this order, so that the clearest words are taken first."""

    NOTE = "note"
    LASTS = "lasts"
    SINCE = "since"
    BY = "by"
    WHO = "who"
    KIND = "kind"
    NAME = "name"
    ROLE = "role"
    GROUPS = "groups"
    SENT = "sent"
    VERB = "verb"
    WHAT = "what"


@dataclass(frozen=True, slots=True)
class Verb:
    """One row: what the verb needs and may take, how it is written, what it does, and the core's act or question."""

    name: str
    needs: tuple[Slot, ...]
    may: tuple[Slot, ...]
    usage: str
    summary: str
    example: str
    builds: type


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was understood."""

    verb: Verb
    slots: Mapping[Slot, Any]
    typed: Mapping[Slot, str]

    empty: bool = False

    def get(self, slot: Slot) -> Any:
        """What was said for a slot, or nothing."""
        return self.slots.get(slot)

    def missing(self, slot: Slot) -> misread.MissingWord:
        """The refusal for something that turned out to be needed."""
        return misread.MissingWord(example(self.verb, self.typed), self.verb.name, slot.value, self.verb.usage)


def _verbs(*rows: Verb) -> Mapping[str, Verb]:
    return {row.name: row for row in rows}


VERBS = _verbs(
    Verb(
        "help", (), (Slot.VERB,),
        "help [VERB]", "what waits for you and what you can do; with a verb, how to use it",
        "help invite", lists.ShowOverview,
    ),
    Verb(
        "create", (Slot.KIND, Slot.NAME), (),
        "create company NAME", "makes a company; you become its owner",
        "create company Acme", resources.Create,
    ),
    Verb(
        "invite", (Slot.WHO, Slot.ROLE, Slot.WHAT), (Slot.LASTS, Slot.NOTE),
        'invite WHO ROLE WHAT [for 30d | until 2027-01-31] [note "…"]', "asks somebody to take a role",
        "invite @carl admin acme", invitations.Invite,
    ),
    Verb(
        "invitations", (), (Slot.SENT,),
        "invitations [sent]", "lists what waits for your answer, or what you sent",
        "invitations sent", lists.ListInvitations,
    ),
    Verb(
        "accept", (), (Slot.WHAT,),
        "accept [WHAT]", "says yes to an invitation",
        "accept acme", answers.Accept,
    ),
    Verb(
        "decline", (), (Slot.WHAT, Slot.NOTE),
        'decline [WHAT] [note "…"]', "says no to an invitation; the note reaches the inviter alone",
        'decline acme note "Not this year"', answers.Decline,
    ),
    Verb(
        "revoke", (Slot.WHO, Slot.WHAT), (),
        "revoke WHO WHAT", "takes an invitation back",
        "revoke @carl acme", invitations.Revoke,
    ),
    Verb(
        "resend", (Slot.WHO, Slot.WHAT), (),
        "resend WHO WHAT", "sends an invitation again; its time starts anew",
        "resend @carl acme", invitations.Resend,
    ),
    Verb(
        "members", (Slot.WHAT,), (),
        "members WHAT", "lists who is in and who is invited",
        "members acme", lists.ListMembers,
    ),
    Verb(
        "remove", (Slot.WHO, Slot.WHAT), (),
        "remove WHO WHAT", "ends somebody's role, after showing what ends with it",
        "remove @carl acme", membership.Remove,
    ),
    Verb(
        "leave", (Slot.WHAT,), (),
        "leave WHAT", "ends your own role, after showing what ends with it",
        "leave acme", membership.Leave,
    ),
    Verb(
        "link", (Slot.WHAT,), (Slot.GROUPS,),
        "link WHAT [joins leaves removals roles billing invitations]",
        "lets this channel hear of it; without a choice, of all but invitations",
        "link acme joins leaves", channels.LinkChannel,
    ),
    Verb(
        "unlink", (), (Slot.WHAT,),
        "unlink [WHAT]", "stops telling this channel of it",
        "unlink acme", channels.UnlinkChannel,
    ),
    Verb(
        "events", (Slot.WHAT,), (Slot.BY, Slot.SINCE),
        "events [WHAT] [by WHO] [since 7d]", "lists what happened, newest first",
        "events acme since 7d", lists.ListEvents,
    ),
)  # fmt: skip

SAMPLES = {
    Slot.WHO: "@carl",
    Slot.ROLE: "admin",
    Slot.WHAT: "acme",
    Slot.KIND: "company",
    Slot.NAME: "Acme",
    Slot.LASTS: "for 30d",
    Slot.SINCE: "since 7d",
}


def verbs_markdown() -> str:
    """The table of verbs for the README."""
    rows = (
        f"| `{COMMAND} {v.usage.replace('|', chr(92) + '|')}` | {v.summary} | `{COMMAND} {v.example}` |"
        for v in VERBS.values()
    )
    return "\n".join(["| verb | does | for example |", "| --- | --- | --- |", *rows])


def example(verb: Verb, typed: Mapping[Slot, str]) -> str:
    """A line that would be understood, with what was typed and samples for the rest."""
    said = [typed.get(slot) or SAMPLES[slot] for slot in verb.needs]
    return " ".join([COMMAND, verb.name, *said, *(typed[s] for s in verb.may if s in typed)])


def example_of(verb: str | None) -> str:
    """The verb's own example; without a verb, the way to help."""
    return f"{COMMAND} {VERBS[verb].example}" if verb else f"{COMMAND} help"
