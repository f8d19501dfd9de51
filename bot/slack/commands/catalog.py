"""What may follow `/collab`: one table of verbs that is parsed by, printed as help, and copied into docs/commands.md.

A new verb is a new row. What it needs and may take is read by `bot.grammar`, in any order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.slack.commands import errors as parse_errors
from bot.slack.commands.lexer import Token
from collab import (
    access_queries,
    access_requests,
    audit_log,
    channels,
    key_rotation,
    resources,
    settings,
    successions,
    teams,
)
from collab.billing import invoices, payment_methods, plans, transfers
from collab.command import Command, Query
from collab.invitations import answers as invitation_answers
from collab.invitations import commands as invitation_commands
from collab.memberships import commands as membership_commands
from collab.memberships import expiry, undo
from collab.memberships import queries as membership_queries
from collab.moves import MoveResource

COMMAND = "/collab"


class Slot(StrEnum):
    """One thing that a verb takes; read in this order, so that the clearest words are taken first."""

    NOTE = "note"
    DURATION = "lasts"
    SINCE = "since"
    ACTOR = "by"
    SUBJECT = "about"
    EVENT_NAMES = "only"
    RESOURCES_TO_KEEP = "keep"
    PERSON = "who"
    PEOPLE = "whom"
    RESOURCE_TYPE = "kind"
    OTHER_RESOURCE = "there"
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
    RESOURCES = "whats"
    RESOURCE = "what"


@dataclass(frozen=True, slots=True)
class Verb:
    """One row: what the verb needs and may take, how it is written, what it does, and the core's act or question.

    `lead` is the word that may stand between the first thing and the second; `samples` are this verb's own. What a line
    lacks is asked for in a form, or by a verb with a `window` of its own there. `empty` is what may be said to be
    nothing; a verb that `previews` does nothing before a button is pressed; one that `ends` something is never guessed.
    """

    name: str
    required_slots: tuple[Slot, ...]
    optional_slots: tuple[Slot, ...]
    usage: str
    summary: str
    example: str
    request_type: type[Command | Query[Any]]
    lead: str = ""
    samples: Mapping[Slot, str] = field(default_factory=dict)
    has_own_form: bool = False
    clearable_slot: Slot | None = None
    has_preview: bool = False
    is_destructive: bool = False

    def accepts_slot(self, slot: Slot) -> bool:
        """Whether the verb has such a slot."""
        return slot in self.required_slots or slot in self.optional_slots

    def accepts_free_text(self, renderer: Sequence[Token]) -> bool:
        """Whether the last words of a line may be a name or a text of somebody's own."""
        has_note = self.accepts_slot(Slot.NOTE) and any(
            word.plain in {"note", "because"} for word in renderer
        )
        return has_note or any(
            self.accepts_slot(slot) for slot in (Slot.NAME, Slot.TEXT, Slot.VALUE)
        )


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """A line that was understood; `lacks` refuses for what is still to be said, where no window can ask for it."""

    verb: Verb
    slots: Mapping[Slot, Any]
    typed: Mapping[Slot, str]
    is_empty: bool = False
    missing_word: parse_errors.MissingWord | None = None

    def get(self, slot: Slot) -> Any:
        """What was said for a slot, or nothing."""
        return self.slots.get(slot)

    def missing_word_error(self, slot: Slot) -> parse_errors.MissingWord:
        """The refusal for something that turned out to be needed."""
        line = (
            build_example(self.verb, self.typed)
            if slot in self.verb.required_slots
            else example_for_verb(self.verb.name)
        )
        return parse_errors.MissingWord(
            line, self.verb.name, slot.value, self.verb.usage
        )


SAMPLE_VALUES = {
    Slot.PERSON: "@carl",
    Slot.PEOPLE: "@carl",
    Slot.RESOURCES: "acme",
    Slot.ROLE: "admin",
    Slot.RESOURCE: "acme",
    Slot.RESOURCE_TYPE: "company",
    Slot.NAME: "Acme",
    Slot.CAPABILITY: "edit",
    Slot.DURATION: "for 30d",
    Slot.SINCE: "since 7d",
}
SHOP_SAMPLE = {Slot.RESOURCE: "shop"}
CARD_SAMPLE = {Slot.RESOURCE: "card"}
TEAM_SAMPLE = {**SHOP_SAMPLE, Slot.TEAM: "in crew"}


def _index_verbs(*rows: Verb) -> Mapping[str, Verb]:
    return {row.name: row for row in rows}


VERB_BY_NAME = _index_verbs(
    Verb(
        "help",
        (),
        (Slot.VERB,),
        "help [VERB]",
        "what waits for you and what you can do; with a verb, how to use it",
        "help invite",
        membership_queries.ShowOverview,
    ),
    Verb(
        "create",
        (Slot.RESOURCE_TYPE, Slot.NAME),
        (Slot.OTHER_RESOURCE,),
        "create KIND NAME [in WHAT]",
        "makes a company, project, app, database, payment method or team",
        "create app Shop in acme",
        resources.CreateResource,
        lead="in",
    ),
    Verb(
        "invite",
        (Slot.PEOPLE, Slot.ROLE, Slot.RESOURCES),
        (Slot.DURATION, Slot.NOTE),
        'invite WHO… ROLE WHAT… [for 30d | until 2027-01-31] [note "…"]',
        "asks people to take a role, on one thing or on several apps and databases",
        "invite @carl admin acme",
        invitation_commands.InviteToResource,
        has_own_form=True,
    ),
    Verb(
        "invitations",
        (),
        (Slot.SENT,),
        "invitations [sent]",
        "lists what waits for your answer, or what you sent",
        "invitations sent",
        membership_queries.ListInvitations,
    ),
    Verb(
        "accept",
        (),
        (Slot.RESOURCE,),
        "accept [WHAT]",
        "says yes to an invitation",
        "accept acme",
        invitation_answers.AcceptInvitation,
    ),
    Verb(
        "decline",
        (),
        (Slot.RESOURCE, Slot.NOTE),
        'decline [WHAT] [note "…"]',
        "says no to an invitation; the note reaches the inviter alone",
        'decline acme note "Not this year"',
        invitation_answers.DeclineInvitation,
        is_destructive=True,
    ),
    Verb(
        "revoke",
        (Slot.PERSON, Slot.RESOURCE),
        (),
        "revoke WHO WHAT",
        "takes an invitation back",
        "revoke @carl acme",
        invitation_commands.RevokeInvitation,
        is_destructive=True,
    ),
    Verb(
        "resend",
        (Slot.PERSON, Slot.RESOURCE),
        (),
        "resend WHO WHAT",
        "sends an invitation again; its time starts anew",
        "resend @carl acme",
        invitation_commands.ResendInvitation,
    ),
    Verb(
        "members",
        (Slot.RESOURCE,),
        (),
        "members WHAT",
        "lists who is in, where their roles come from, and who is invited",
        "members acme",
        membership_queries.ListMembers,
    ),
    Verb(
        "role",
        (Slot.PERSON, Slot.ROLE, Slot.RESOURCE),
        (Slot.RESOURCES_TO_KEEP,),
        "role WHO ROLE WHAT [keep APP…]",
        "gives a member another role, at once; on the way down they may keep apps",
        "role @carl collaborator acme keep shop",
        membership_commands.ChangeRole,
    ),
    Verb(
        "remove",
        (Slot.PERSON, Slot.RESOURCE),
        (),
        "remove WHO WHAT",
        "ends somebody's role, after showing what ends with it",
        "remove @carl acme",
        membership_commands.RemoveMember,
        has_preview=True,
        is_destructive=True,
    ),
    Verb(
        "leave",
        (Slot.RESOURCE,),
        (),
        "leave WHAT",
        "ends your own role, after showing what ends with it",
        "leave acme",
        membership_commands.LeaveResource,
        has_preview=True,
        is_destructive=True,
    ),
    Verb(
        "undo",
        (),
        (),
        "undo",
        "takes your last removal or leave back, for ten minutes",
        "undo",
        undo.UndoDeparture,
    ),
    Verb(
        "extend",
        (Slot.PERSON, Slot.RESOURCE),
        (Slot.DURATION,),
        "extend WHO WHAT [for 30d | until 2027-01-31]",
        "lets a role for a limited time last longer",
        "extend @carl acme for 30d",
        expiry.ExtendMembership,
    ),
    Verb(
        "request",
        (Slot.ROLE, Slot.RESOURCE),
        (Slot.NOTE,),
        'request ROLE WHAT [note "…"]',
        "asks those who may grant a role to give it to you",
        "request developer shop",
        access_requests.RequestAccess,
        samples={**SHOP_SAMPLE, Slot.ROLE: "developer"},
    ),
    Verb(
        "withdraw",
        (Slot.RESOURCE,),
        (),
        "withdraw WHAT",
        "takes back your own request for a role",
        "withdraw shop",
        access_requests.WithdrawRequest,
        samples=SHOP_SAMPLE,
    ),
    Verb(
        "successor",
        (Slot.PERSON, Slot.RESOURCE),
        (),
        "successor WHO WHAT",
        "says who is to follow somebody whose account was deactivated",
        "successor @carl acme",
        successions.ChooseSuccessor,
    ),
    Verb(
        "mine",
        (),
        (),
        "mine",
        "lists everything that you hold a role on",
        "mine",
        access_queries.ListMyResources,
    ),
    Verb(
        "show",
        (Slot.RESOURCE,),
        (),
        "show WHAT",
        "what it is, what pays for it, what stands in it, what you can do with it, what happened last",
        "show acme",
        access_queries.ShowResource,
    ),
    Verb(
        "who",
        (Slot.RESOURCE, Slot.CAPABILITY),
        (),
        "who WHAT CAPABILITY",
        "lists everybody who can do that, and by which role",
        "who shop code",
        access_queries.ListUsersWithCapability,
        samples=SHOP_SAMPLE,
    ),
    Verb(
        "why",
        (Slot.PERSON, Slot.RESOURCE, Slot.CAPABILITY),
        (),
        "why WHO WHAT CAPABILITY",
        "says by which roles somebody can do that, or that they cannot",
        "why @carl shop code",
        access_queries.ExplainAccess,
        samples=SHOP_SAMPLE,
    ),
    Verb(
        "rename",
        (Slot.RESOURCE, Slot.NAME),
        (),
        "rename WHAT [to] NAME",
        "gives it another name; its short name stays",
        'rename shop to "The Boutique"',
        resources.RenameResource,
        lead="to",
        samples={**SHOP_SAMPLE, Slot.NAME: '"The Boutique"'},
    ),
    Verb(
        "describe",
        (Slot.RESOURCE, Slot.TEXT),
        (),
        'describe WHAT "TEXT"',
        "says in a few words what it is; `nothing` takes the words away",
        'describe shop "Sells things"',
        resources.DescribeResource,
        lead="as",
        samples={**SHOP_SAMPLE, Slot.TEXT: '"Sells things"'},
        clearable_slot=Slot.TEXT,
    ),
    Verb(
        "move",
        (Slot.RESOURCE,),
        (Slot.OTHER_RESOURCE,),
        "move WHAT [to WHAT]",
        "lets it stand in another company or project or none, after showing who loses access",
        "move shop to website",
        MoveResource,
        lead="to",
        samples=SHOP_SAMPLE,
        clearable_slot=Slot.OTHER_RESOURCE,
        has_preview=True,
    ),
    Verb(
        "migrate",
        (Slot.RESOURCE, Slot.OTHER_RESOURCE),
        (),
        "migrate PROJECT to COMPANY",
        "lets a project stand in another company, after showing who loses access",
        "migrate website to acme",
        MoveResource,
        lead="to",
        has_preview=True,
        samples={Slot.RESOURCE: "website", Slot.OTHER_RESOURCE: "to acme"},
    ),
    Verb(
        "disable",
        (Slot.RESOURCE,),
        (),
        "disable WHAT",
        "lets nobody do anything in it but look, until it is enabled, after showing what that concerns",
        "disable website",
        resources.DisableResource,
        samples={Slot.RESOURCE: "website"},
        has_preview=True,
        is_destructive=True,
    ),
    Verb(
        "enable",
        (Slot.RESOURCE,),
        (),
        "enable WHAT",
        "lets people do things in it again",
        "enable website",
        resources.EnableResource,
        samples={Slot.RESOURCE: "website"},
    ),
    Verb(
        "delete",
        (Slot.RESOURCE,),
        (),
        "delete WHAT",
        "deletes it with all that stands in it, after showing what goes and who loses what",
        "delete shop",
        resources.DeleteResource,
        samples=SHOP_SAMPLE,
        has_preview=True,
        is_destructive=True,
    ),
    Verb(
        "pay",
        (Slot.RESOURCE, Slot.OTHER_RESOURCE),
        (),
        "pay APP METHOD",
        "lets a payment method pay for an app or a database; `nothing` in its place ends that",
        "pay shop with card",
        payment_methods.SetPaymentMethod,
        lead="with",
        samples={**SHOP_SAMPLE, Slot.OTHER_RESOURCE: "with card"},
        clearable_slot=Slot.OTHER_RESOURCE,
    ),
    Verb(
        "share",
        (Slot.RESOURCE, Slot.TEAM, Slot.ROLE),
        (),
        "share APP TEAM ROLE",
        "lets a team hold a role on an app, a database or a payment method",
        "share shop with crew as manager",
        teams.ShareWithTeam,
        lead="with",
        samples={**SHOP_SAMPLE, Slot.TEAM: "with crew", Slot.ROLE: "manager"},
    ),
    Verb(
        "unshare",
        (Slot.RESOURCE, Slot.TEAM),
        (),
        "unshare APP TEAM",
        "takes the role of a team on it back, and what was assigned of it",
        "unshare shop from crew",
        teams.UnshareWithTeam,
        lead="from",
        samples={**SHOP_SAMPLE, Slot.TEAM: "from crew"},
        is_destructive=True,
    ),
    Verb(
        "assign",
        (Slot.PERSON, Slot.RESOURCE, Slot.TEAM),
        (),
        "assign WHO APP TEAM",
        "lets a limited member of a team work on what is shared with it",
        "assign @carl shop in crew",
        teams.AssignToMember,
        lead="in",
        samples=TEAM_SAMPLE,
    ),
    Verb(
        "unassign",
        (Slot.PERSON, Slot.RESOURCE, Slot.TEAM),
        (),
        "unassign WHO APP TEAM",
        "lets a limited member of a team work on it no more",
        "unassign @carl shop in crew",
        teams.UnassignFromMember,
        lead="in",
        samples=TEAM_SAMPLE,
        is_destructive=True,
    ),
    Verb(
        "transfer",
        (Slot.PURPOSE, Slot.PEOPLE, Slot.RESOURCES),
        (Slot.LEAVING,),
        "transfer billing APP… WHO [leaving] | transfer ownership WHAT WHO",
        "offers somebody to pay for apps and databases, or to own something; `leaving` ends your own work there",
        "transfer billing shop @carl",
        transfers.TransferBilling,
        samples={Slot.PURPOSE: "billing", Slot.RESOURCES: "shop"},
        has_preview=True,
    ),
    Verb(
        "billing",
        (Slot.RESOURCE,),
        (),
        "billing METHOD",
        "shows where a payment method's bills go and what it pays for, and changes it",
        "billing card",
        payment_methods.ShowBilling,
        samples=CARD_SAMPLE,
    ),
    Verb(
        "invoices",
        (Slot.RESOURCE,),
        (),
        "invoices METHOD",
        "lists the invoices of a payment method, and sends you their files",
        "invoices card",
        invoices.ListInvoices,
        samples=CARD_SAMPLE,
    ),
    Verb(
        "plan",
        (Slot.RESOURCE,),
        (Slot.OTHER_RESOURCE,),
        "plan COMPANY [NAME]",
        "shows how a company stands in its plan, or changes it; `nothing` takes it off",
        "plan acme",
        plans.ChangePlan,
        lead="to",
        clearable_slot=Slot.OTHER_RESOURCE,
    ),
    Verb(
        "link",
        (Slot.RESOURCE,),
        (Slot.GROUPS, Slot.RHYTHM, Slot.HOUR),
        "link WHAT [joins leaves removals roles billing invitations] [daily | weekly] [at 9]",
        "lets the channel hear of it; without a choice, of all but invitations, each at once",
        "link acme joins leaves daily at 9",
        channels.LinkChannel,
        has_own_form=True,
    ),
    Verb(
        "unlink",
        (),
        (Slot.RESOURCE,),
        "unlink [WHAT]",
        "stops telling the channel of it",
        "unlink acme",
        channels.UnlinkChannel,
        is_destructive=True,
    ),
    Verb(
        "events",
        (),
        (
            Slot.RESOURCE,
            Slot.ACTOR,
            Slot.SUBJECT,
            Slot.EVENT_NAMES,
            Slot.SINCE,
            Slot.EXPORT,
        ),
        "events [WHAT] [by WHO] [about WHO] [only member] [since 7d] [export]",
        "lists what happened, newest first, or sends it to you as a file",
        "events acme since 7d",
        audit_log.ListEvents,
    ),
    Verb(
        "keys",
        (),
        (Slot.ROTATED, Slot.RESOURCE),
        "keys [rotated WHAT]",
        "lists what is to be rotated because somebody went, or says that it was",
        "keys rotated shop",
        key_rotation.MarkKeysRotated,
        samples={**SHOP_SAMPLE, Slot.ROTATED: "rotated"},
    ),
    Verb(
        "settings",
        (),
        (Slot.SETTING, Slot.VALUE),
        "settings [NAME VALUE]",
        "shows what holds for you and here, and changes it; `nothing` takes a change back",
        "settings lifetime 14d",
        settings.ChangeSettings,
        samples={Slot.SETTING: "lifetime", Slot.VALUE: "14d"},
    ),
)


def verbs_markdown() -> str:
    """Return the table of commands for docs/commands.md, as Markdown."""
    rows = (
        f"| `{COMMAND} {v.usage.replace('|', chr(92) + '|')}` | {v.summary} | `{COMMAND} {v.example}` |"
        for v in VERB_BY_NAME.values()
    )
    return "\n".join(["| verb | does | for example |", "| --- | --- | --- |", *rows])


def build_example(verb: Verb, typed: Mapping[Slot, str]) -> str:
    """A line that would be understood, with what was typed and samples for the rest."""
    samples = {**SAMPLE_VALUES, **verb.samples}
    said = [typed.get(slot) or samples[slot] for slot in verb.required_slots]
    return " ".join(
        [
            COMMAND,
            verb.name,
            *said,
            *(typed[s] for s in verb.optional_slots if s in typed),
        ]
    )


def example_for_verb(verb: str | None) -> str:
    """The verb's own example; without a verb, the way to help."""
    return f"{COMMAND} {VERB_BY_NAME[verb].example}" if verb else f"{COMMAND} help"
