"""What may follow `/collab`: one table of verbs that is parsed by, printed as help, and copied into docs/commands.md.

A new verb is a new row. What it needs and may take is read by `bot.grammar`, in any order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot import misread
from bot.tokens import Token
from collab import (
    answers,
    billing,
    channels,
    explain,
    invitations,
    invoices,
    keys,
    lists,
    membership,
    plans,
    preferences,
    record,
    requests,
    resources,
    successions,
    teams,
    terms,
    transfers,
    undo,
)

COMMAND = "/collab"


class Slot(StrEnum):
    """One thing that a verb takes; read in this order, so that the clearest words are taken first."""

    NOTE = "note"
    LASTS = "lasts"
    SINCE = "since"
    BY = "by"
    ABOUT = "about"
    ONLY = "only"
    KEEP = "keep"
    WHO = "who"
    WHOM = "whom"
    KIND = "kind"
    THERE = "there"
    NAME = "name"
    TEXT = "text"
    ROLE = "role"
    CAPABILITY = "capability"
    TEAM = "team"
    GROUPS = "groups"
    RHYTHM = "rhythm"
    HOUR = "hour"
    SENT = "sent"
    EXPORT = "export"
    ROTATED = "rotated"
    SETTING = "setting"
    VALUE = "value"
    PURPOSE = "purpose"
    LEAVING = "leaving"
    VERB = "verb"
    WHATS = "whats"
    WHAT = "what"


@dataclass(frozen=True, slots=True)
class Verb:
    """One row: what the verb needs and may take, how it is written, what it does, and the core's act or question.

    `lead` is the word that may stand between the first thing and the second; `samples` are this verb's own. What a line
    lacks is asked for in a form, or by a verb with a `window` of its own there. `empty` is what may be said to be
    nothing; a verb that `previews` does nothing before a button is pressed; one that `ends` something is never guessed.
    """

    name: str
    needs: tuple[Slot, ...]
    may: tuple[Slot, ...]
    usage: str
    summary: str
    example: str
    builds: type
    lead: str = ""
    samples: Mapping[Slot, str] = field(default_factory=dict)
    window: bool = False
    empty: Slot | None = None
    previews: bool = False
    ends: bool = False

    def takes(self, slot: Slot) -> bool:
        """Whether the verb has such a slot."""
        return slot in self.needs or slot in self.may

    def takes_free_text(self, words: Sequence[Token]) -> bool:
        """Whether the last words of a line may be a name or a text of somebody's own."""
        has_note = self.takes(Slot.NOTE) and any(word.plain in {"note", "because"} for word in words)
        return has_note or any(self.takes(slot) for slot in (Slot.NAME, Slot.TEXT, Slot.VALUE))


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was understood; `lacks` refuses for what is still to be said, where no window can ask for it."""

    verb: Verb
    slots: Mapping[Slot, Any]
    typed: Mapping[Slot, str]
    empty: bool = False
    lacks: misread.MissingWord | None = None

    def get(self, slot: Slot) -> Any:
        """What was said for a slot, or nothing."""
        return self.slots.get(slot)

    def missing(self, slot: Slot) -> misread.MissingWord:
        """The refusal for something that turned out to be needed."""
        line = example(self.verb, self.typed) if slot in self.verb.needs else example_of(self.verb.name)
        return misread.MissingWord(line, self.verb.name, slot.value, self.verb.usage)


SAMPLES = {
    Slot.WHO: "@carl",
    Slot.WHOM: "@carl",
    Slot.WHATS: "acme",
    Slot.ROLE: "admin",
    Slot.WHAT: "acme",
    Slot.KIND: "company",
    Slot.NAME: "Acme",
    Slot.CAPABILITY: "edit",
    Slot.LASTS: "for 30d",
    Slot.SINCE: "since 7d",
}
SHOP = {Slot.WHAT: "shop"}
CARD = {Slot.WHAT: "card"}
IN_CREW = {**SHOP, Slot.TEAM: "in crew"}


def _verbs(*rows: Verb) -> Mapping[str, Verb]:
    return {row.name: row for row in rows}


VERBS = _verbs(
    Verb(
        "help", (), (Slot.VERB,),
        "help [VERB]", "what waits for you and what you can do; with a verb, how to use it",
        "help invite", lists.ShowOverview,
    ),
    Verb(
        "create", (Slot.KIND, Slot.NAME), (Slot.THERE,),
        "create KIND NAME [in WHAT]", "makes a company, project, app, database, payment method or team",
        "create app Shop in acme", resources.Create, lead="in",
    ),
    Verb(
        "invite", (Slot.WHOM, Slot.ROLE, Slot.WHATS), (Slot.LASTS, Slot.NOTE),
        'invite WHO… ROLE WHAT… [for 30d | until 2027-01-31] [note "…"]',
        "asks people to take a role, on one thing or on several apps and databases",
        "invite @carl admin acme", invitations.Invite, window=True,
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
        'decline acme note "Not this year"', answers.Decline, ends=True,
    ),
    Verb(
        "revoke", (Slot.WHO, Slot.WHAT), (),
        "revoke WHO WHAT", "takes an invitation back",
        "revoke @carl acme", invitations.Revoke, ends=True,
    ),
    Verb(
        "resend", (Slot.WHO, Slot.WHAT), (),
        "resend WHO WHAT", "sends an invitation again; its time starts anew",
        "resend @carl acme", invitations.Resend,
    ),
    Verb(
        "members", (Slot.WHAT,), (),
        "members WHAT", "lists who is in, where their roles come from, and who is invited",
        "members acme", lists.ListMembers,
    ),
    Verb(
        "role", (Slot.WHO, Slot.ROLE, Slot.WHAT), (Slot.KEEP,),
        "role WHO ROLE WHAT [keep APP…]", "gives a member another role, at once; on the way down they may keep apps",
        "role @carl collaborator acme keep shop", membership.ChangeRole,
    ),
    Verb(
        "remove", (Slot.WHO, Slot.WHAT), (),
        "remove WHO WHAT", "ends somebody's role, after showing what ends with it",
        "remove @carl acme", membership.Remove, previews=True, ends=True,
    ),
    Verb(
        "leave", (Slot.WHAT,), (),
        "leave WHAT", "ends your own role, after showing what ends with it",
        "leave acme", membership.Leave, previews=True, ends=True,
    ),
    Verb(
        "undo", (), (),
        "undo", "takes your last removal or leave back, for ten minutes",
        "undo", undo.Undo,
    ),
    Verb(
        "extend", (Slot.WHO, Slot.WHAT), (Slot.LASTS,),
        "extend WHO WHAT [for 30d | until 2027-01-31]", "lets a role for a limited time last longer",
        "extend @carl acme for 30d", terms.Extend,
    ),
    Verb(
        "request", (Slot.ROLE, Slot.WHAT), (Slot.NOTE,),
        'request ROLE WHAT [note "…"]', "asks those who may grant a role to give it to you",
        "request developer shop", requests.Ask, samples={**SHOP, Slot.ROLE: "developer"},
    ),
    Verb(
        "withdraw", (Slot.WHAT,), (),
        "withdraw WHAT", "takes back your own request for a role",
        "withdraw shop", requests.Withdraw, samples=SHOP,
    ),
    Verb(
        "successor", (Slot.WHO, Slot.WHAT), (),
        "successor WHO WHAT", "says who is to follow somebody whose account was deactivated",
        "successor @carl acme", successions.Choose,
    ),
    Verb(
        "mine", (), (),
        "mine", "lists everything that you hold a role on",
        "mine", explain.Mine,
    ),
    Verb(
        "show", (Slot.WHAT,), (),
        "show WHAT", "what it is, what pays for it, what stands in it, what you can do with it, what happened last",
        "show acme", explain.Show,
    ),
    Verb(
        "who", (Slot.WHAT, Slot.CAPABILITY), (),
        "who WHAT CAPABILITY", "lists everybody who can do that, and by which role",
        "who shop code", explain.Who, samples=SHOP,
    ),
    Verb(
        "why", (Slot.WHO, Slot.WHAT, Slot.CAPABILITY), (),
        "why WHO WHAT CAPABILITY", "says by which roles somebody can do that, or that they cannot",
        "why @carl shop code", explain.Why, samples=SHOP,
    ),
    Verb(
        "rename", (Slot.WHAT, Slot.NAME), (),
        "rename WHAT [to] NAME", "gives it another name; its short name stays",
        'rename shop to "The Boutique"', resources.Rename, lead="to", samples={**SHOP, Slot.NAME: '"The Boutique"'},
    ),
    Verb(
        "describe", (Slot.WHAT, Slot.TEXT), (),
        'describe WHAT "TEXT"', "says in a few words what it is; `nothing` takes the words away",
        'describe shop "Sells things"', resources.Describe, lead="as", samples={**SHOP, Slot.TEXT: '"Sells things"'},
        empty=Slot.TEXT,
    ),
    Verb(
        "move", (Slot.WHAT,), (Slot.THERE,),
        "move WHAT [to WHAT]", "lets it stand in another company or project or none, after showing who loses access",
        "move shop to website", resources.Move, lead="to", samples=SHOP, empty=Slot.THERE, previews=True,
    ),
    Verb(
        "migrate", (Slot.WHAT, Slot.THERE), (),
        "migrate PROJECT to COMPANY", "lets a project stand in another company, after showing who loses access",
        "migrate website to acme", resources.Move, lead="to", previews=True,
        samples={Slot.WHAT: "website", Slot.THERE: "to acme"},
    ),
    Verb(
        "disable", (Slot.WHAT,), (),
        "disable WHAT", "lets nobody do anything in it but look, until it is enabled, after showing what that concerns",
        "disable website", resources.Disable, samples={Slot.WHAT: "website"}, previews=True, ends=True,
    ),
    Verb(
        "enable", (Slot.WHAT,), (),
        "enable WHAT", "lets people do things in it again",
        "enable website", resources.Enable, samples={Slot.WHAT: "website"},
    ),
    Verb(
        "delete", (Slot.WHAT,), (),
        "delete WHAT", "deletes it with all that stands in it, after showing what goes and who loses what",
        "delete shop", resources.Delete, samples=SHOP, previews=True, ends=True,
    ),
    Verb(
        "pay", (Slot.WHAT, Slot.THERE), (),
        "pay APP METHOD", "lets a payment method pay for an app or a database; `nothing` in its place ends that",
        "pay shop with card", billing.Pay, lead="with", samples={**SHOP, Slot.THERE: "with card"}, empty=Slot.THERE,
    ),
    Verb(
        "share", (Slot.WHAT, Slot.TEAM, Slot.ROLE), (),
        "share APP TEAM ROLE", "lets a team hold a role on an app, a database or a payment method",
        "share shop with crew as manager", teams.ShareWith, lead="with",
        samples={**SHOP, Slot.TEAM: "with crew", Slot.ROLE: "manager"},
    ),
    Verb(
        "unshare", (Slot.WHAT, Slot.TEAM), (),
        "unshare APP TEAM", "takes the role of a team on it back, and what was assigned of it",
        "unshare shop from crew", teams.Unshare, lead="from", samples={**SHOP, Slot.TEAM: "from crew"}, ends=True,
    ),
    Verb(
        "assign", (Slot.WHO, Slot.WHAT, Slot.TEAM), (),
        "assign WHO APP TEAM", "lets a limited member of a team work on what is shared with it",
        "assign @carl shop in crew", teams.Assign, lead="in", samples=IN_CREW,
    ),
    Verb(
        "unassign", (Slot.WHO, Slot.WHAT, Slot.TEAM), (),
        "unassign WHO APP TEAM", "lets a limited member of a team work on it no more",
        "unassign @carl shop in crew", teams.Unassign, lead="in", samples=IN_CREW, ends=True,
    ),
    Verb(
        "transfer", (Slot.PURPOSE, Slot.WHOM, Slot.WHATS), (Slot.LEAVING,),
        "transfer billing APP… WHO [leaving] | transfer ownership WHAT WHO",
        "offers somebody to pay for apps and databases, or to own something; `leaving` ends your own work there",
        "transfer billing shop @carl", transfers.TransferBilling, samples={Slot.PURPOSE: "billing", Slot.WHATS: "shop"},
        previews=True,
    ),
    Verb(
        "billing", (Slot.WHAT,), (),
        "billing METHOD", "shows where a payment method's bills go and what it pays for, and changes it",
        "billing card", billing.ShowBilling, samples=CARD,
    ),
    Verb(
        "invoices", (Slot.WHAT,), (),
        "invoices METHOD", "lists the invoices of a payment method, and sends you their files",
        "invoices card", invoices.ListInvoices, samples=CARD,
    ),
    Verb(
        "plan", (Slot.WHAT,), (Slot.THERE,),
        "plan COMPANY [NAME]", "shows how a company stands in its plan, or changes it; `nothing` takes it off",
        "plan acme", plans.Plan, lead="to", empty=Slot.THERE,
    ),
    Verb(
        "link", (Slot.WHAT,), (Slot.GROUPS, Slot.RHYTHM, Slot.HOUR),
        "link WHAT [joins leaves removals roles billing invitations] [daily | weekly] [at 9]",
        "lets the channel hear of it; without a choice, of all but invitations, each at once",
        "link acme joins leaves daily at 9", channels.LinkChannel, window=True,
    ),
    Verb(
        "unlink", (), (Slot.WHAT,),
        "unlink [WHAT]", "stops telling the channel of it",
        "unlink acme", channels.UnlinkChannel, ends=True,
    ),
    Verb(
        "events", (), (Slot.WHAT, Slot.BY, Slot.ABOUT, Slot.ONLY, Slot.SINCE, Slot.EXPORT),
        "events [WHAT] [by WHO] [about WHO] [only member] [since 7d] [export]",
        "lists what happened, newest first, or sends it to you as a file",
        "events acme since 7d", record.ListEvents,
    ),
    Verb(
        "keys", (), (Slot.ROTATED, Slot.WHAT),
        "keys [rotated WHAT]", "lists what is to be rotated because somebody went, or says that it was",
        "keys rotated shop", keys.Rotated, samples={**SHOP, Slot.ROTATED: "rotated"},
    ),
    Verb(
        "settings", (), (Slot.SETTING, Slot.VALUE),
        "settings [NAME VALUE]",
        "shows what holds for you and here, and changes it; `nothing` takes a change back",
        "settings lifetime 14d", preferences.Set, samples={Slot.SETTING: "lifetime", Slot.VALUE: "14d"},
    ),
)  # fmt: skip


def verbs_markdown() -> str:
    """Return the table of commands for docs/commands.md, as Markdown."""
    rows = (
        f"| `{COMMAND} {v.usage.replace('|', chr(92) + '|')}` | {v.summary} | `{COMMAND} {v.example}` |"
        for v in VERBS.values()
    )
    return "\n".join(["| verb | does | for example |", "| --- | --- | --- |", *rows])


def example(verb: Verb, typed: Mapping[Slot, str]) -> str:
    """A line that would be understood, with what was typed and samples for the rest."""
    samples = {**SAMPLES, **verb.samples}
    said = [typed.get(slot) or samples[slot] for slot in verb.needs]
    return " ".join([COMMAND, verb.name, *said, *(typed[s] for s in verb.may if s in typed)])


def example_of(verb: str | None) -> str:
    """The verb's own example; without a verb, the way to help."""
    return f"{COMMAND} {VERBS[verb].example}" if verb else f"{COMMAND} help"
