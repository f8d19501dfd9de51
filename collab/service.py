"""The one road: an action asks, the rules decide, events answer; one transaction keeps state, events and notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from collab import (
    answers,
    billing,
    channels,
    choosing,
    due_work,
    explain,
    granting,
    home,
    invitations,
    invoices,
    keeping,
    keys,
    lists,
    membership,
    moving,
    people,
    plans,
    preferences,
    record,
    refusals,
    requests,
    resources,
    successions,
    teams,
    telling,
    terms,
    transfers,
    undelivered,
    undo,
)
from collab.card_numbers import holds_card_number
from collab.case import Case, Facts
from collab.consequences import consequences
from collab.due_work import DueFailure, ItemKey
from collab.events import Event, Recorded
from collab.kinds import KINDS, Table
from collab.notices import Held, Notice, homes_of, notices_of
from collab.people import NOBODY, Caller, Person
from collab.policy import Policy

SWEEP = 500
LONGEST_RECEIPT = 255  # characters

ACTIONS: dict[type, Callable[[Any, Case], list[Event]]] = {
    people.Install: people.install,
    people.Meet: people.meet,
    people.Uninstall: people.uninstall,
    people.ReadProfile: people.read_profile,
    preferences.Set: preferences.set_,
    resources.Create: resources.create,
    resources.Rename: resources.rename,
    resources.Describe: resources.describe,
    resources.Move: moving.move,
    resources.Disable: resources.disable,
    resources.Enable: resources.enable,
    resources.Delete: resources.delete,
    billing.Pay: billing.pay,
    invitations.Invite: invitations.invite,
    invitations.Revoke: invitations.revoke,
    invitations.Resend: invitations.resend,
    invitations.Edit: invitations.edit,
    answers.Accept: answers.accept,
    billing.Detail: billing.detail,
    transfers.TransferBilling: transfers.transfer_billing,
    transfers.TransferOwnership: transfers.transfer_ownership,
    invoices.AddInvoices: invoices.add_invoices,
    plans.Plan: plans.change_plan,
    answers.Decline: answers.decline,
    answers.Snooze: answers.snooze,
    answers.Mute: answers.mute,
    membership.Leave: membership.leave,
    membership.Remove: membership.remove,
    membership.ChangeRole: membership.change_role,
    terms.Extend: terms.extend,
    undo.Undo: undo.undo,
    requests.Ask: requests.ask,
    requests.Grant: requests.grant,
    requests.Refuse: requests.refuse,
    requests.Withdraw: requests.withdraw,
    successions.Choose: successions.choose,
    keys.Rotated: keys.rotated,
    teams.ShareWith: teams.share,
    teams.Unshare: teams.unshare,
    teams.Assign: teams.assign,
    teams.Unassign: teams.unassign,
    channels.LinkChannel: channels.link,
    channels.UnlinkChannel: channels.unlink,
    channels.CloseChannel: channels.close,
    channels.RenameChannel: channels.rename,
    undelivered.SendAgain: undelivered.send_again,
}

QUESTIONS: dict[type, Callable[[Any, Case], Any]] = {
    lists.ListMembers: lists.list_members,
    lists.ListInvitations: lists.list_invitations,
    record.ListEvents: record.list_events,
    lists.ShowOverview: lists.show_overview,
    lists.ShowInvitation: lists.show_invitation,
    lists.ShowLinked: lists.show_linked,
    channels.ListLinkable: channels.list_linkable,
    channels.ShowLinks: channels.show_links,
    channels.ShowLink: channels.show_link,
    explain.Why: explain.why,
    explain.Who: explain.who,
    explain.Mine: explain.mine,
    explain.Show: explain.show,
    home.ShowHome: home.show_home,
    home.ShowAbilities: home.show_abilities,
    billing.ShowBilling: billing.show_billing,
    billing.ListMethods: billing.list_methods,
    invoices.ListInvoices: invoices.list_invoices,
    invoices.ShowInvoice: invoices.show_invoice,
    plans.ShowPlan: plans.show_plan,
    choosing.ListVisible: choosing.list_visible,
    choosing.ShowNamed: choosing.show_named,
    granting.ListGrantable: granting.list_grantable,
    granting.ShowGrantable: granting.show_grantable,
    keeping.ShowLosing: keeping.show_losing,
    transfers.ShowLoss: transfers.show_loss,
    keys.ShowKeys: keys.show_keys,
    preferences.ShowSettings: preferences.show_settings,
    undelivered.ListUndelivered: undelivered.list_undelivered,
}

OPEN_TO_FOREIGNERS = {
    choosing.ListVisible,
    choosing.ShowNamed,
    billing.ListMethods,
    billing.ShowBilling,
    invoices.ListInvoices,
    invoices.ShowInvoice,
    plans.ShowPlan,
    transfers.ShowLoss,
    answers.Accept,
    answers.Decline,
    answers.Snooze,
    answers.Mute,
    membership.Leave,
    undo.Undo,
    keys.Rotated,
    keys.ShowKeys,
    lists.ListInvitations,
    lists.ListMembers,
    lists.ShowOverview,
    lists.ShowInvitation,
    record.ListEvents,
    explain.Why,
    explain.Who,
    explain.Mine,
    explain.Show,
    home.ShowHome,
    home.ShowAbilities,
    undelivered.SendAgain,
    undelivered.ListUndelivered,
}


# What the chat platform says of accounts and channels counts, whatever their names: a card number in it is masked.
SAID_BY_THE_PLATFORM = {people.Install, people.ReadProfile, channels.RenameChannel}


class Unavailable(Exception):
    """What is stored cannot be reached just now and nothing was changed; `reason` is a word for the operator's log.

    Reasons: busy, read_only, full, disk, unreachable, broken. Only when the connection broke during a commit does
    nobody know whether something was changed: `is_unsure`.
    """

    def __init__(self, reason: str, *, is_unsure: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_unsure = is_unsure


class Unit(Protocol):
    """One transaction that may change things; it holds the workspace's lock until it ends."""

    @property
    def facts(self) -> Facts:
        """What is stored, as this transaction sees it."""

    @property
    def last_seq(self) -> int:
        """The number of the last event of the workspace."""

    def repeated(self, delivery: str) -> Sequence[Recorded] | None:
        """What the same delivery recorded before, if it did."""

    def record(self, recorded: Sequence[Recorded], delivery: str | None) -> None:
        """Journal the events and bring the state up to date."""

    def tell(self, notices: Sequence[Notice]) -> None:
        """Put notices into the outbox."""

    def hold(self, held: Sequence[Held]) -> None:
        """Keep what channels are to hear of later."""

    def keep(self, kept: Sequence[telling.Kept]) -> None:
        """Keep notices for their person's digest."""

    def postpone(self, failure: DueFailure) -> None:
        """Record that an item of due work failed, in place of its earlier failure."""

    def forget_failures(self, failures: Sequence[DueFailure]) -> None:
        """Remove failures whose items are done or no longer due."""


class Units(Protocol):
    """Where transactions come from."""

    def change(self, workspace: str) -> AbstractContextManager[Unit]:
        """A transaction that commits at its end and rolls back on an exception."""

    def look(self, workspace: str) -> AbstractContextManager[Facts]:
        """A transaction that reads."""

    def due_workspaces(self, at: datetime) -> Sequence[str]:
        """The workspaces in which something is due."""

    def next_due(self) -> datetime | None:
        """When something is due next, anywhere."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action recorded; `repeated` when the same delivery had done it before, `seen` what was looked at then."""

    recorded: Sequence[Recorded]
    repeated: bool = False
    seen: Any = None

    def first(self, kind: type[Event]) -> Any:
        """The first event of that kind, or nothing."""
        return next((r.event for r in self.recorded if isinstance(r.event, kind)), None)


Seeing = Callable[[Case, Outcome], Any]


def raise_defect(_what: str, error: Exception) -> str:
    """Report a defect in due work by raising it, where nobody gave another way to report it."""
    raise error


class Collab:
    """The collaboration core: decides, keeps and tells."""

    def __init__(
        self,
        units: Units,
        new_id: Callable[[str], str],
        policy: Policy | None = None,
        kinds: Table = KINDS,
        told: Callable[[], None] = lambda: None,
        plans: Mapping[str, Mapping[str, int]] | None = None,
        report: Callable[[str, Exception], str] = raise_defect,
    ) -> None:
        self._units = units
        self._new_id = new_id
        self._policy = policy or Policy()
        self.kinds = kinds
        self.told = told
        self.plans = plans or {}
        self._report = report

    def perform(self, action: Any, at: datetime, seeing: Seeing | None = None) -> Outcome:
        """Do it, or raise Refused with nothing changed; the same delivery twice does one thing.

        `seeing` looks at what is so then, in the same transaction, for words about it.
        """
        outcome = self._attempt(action, at, seeing)
        if outcome is None:
            self._greet(action.by, at)
            self.told()
            outcome = self._attempt(action, at, seeing)
        if outcome is None:
            raise refusals.UnknownWorkspace(action.by.workspace)
        self.told()
        return outcome

    def perform_each(
        self, actions: Sequence[Any], at: datetime, seeing: Seeing | None = None
    ) -> list[Outcome | refusals.Refused]:
        """Do several things, each by itself: what is refused spoils only itself (INV-12)."""
        outcomes: list[Outcome | refusals.Refused] = []
        for action in actions:
            try:
                outcomes.append(self.perform(action, at, seeing))
            except refusals.Refused as refused:
                outcomes.append(refused)
        return outcomes

    def preview(self, action: Any, at: datetime) -> Sequence[Event]:
        """What the action would do, decided by the same rules, with nothing changed."""
        with self._units.look(action.by.workspace) as facts:
            case = self._case(facts, action.by, at)
            self._guard(action, case, action.by)
            return consequences(case, ACTIONS[type(action)](action, case))

    def ask(self, question: Any, at: datetime) -> Any:
        """Answer a question that changes nothing."""
        with self._units.look(question.by.workspace) as facts:
            case = self._case(facts, question.by, at)
            self._guard(question, case, question.by)
            return QUESTIONS[type(question)](question, case)

    def look(self, workspace: str) -> AbstractContextManager[Facts]:
        """The facts of a workspace, for words about them."""
        return self._units.look(workspace)

    def case(self, facts: Facts, at: datetime) -> Case:
        """A case in which nobody acts, for words about facts."""
        return self._ground(NOBODY, facts, at)

    def pass_time(self, at: datetime) -> int:
        """Do all that is due by a moment; return the number of things done.

        A defect in one workspace is reported and stops neither the others nor the next call. When the database fails,
        the other workspaces are tried all the same, then Unavailable is raised.
        """
        done, problem = 0, None
        for workspace in self._units.due_workspaces(at):
            try:
                done += self._sweep(workspace, at)
            except Unavailable as failed:
                problem = failed
            except Exception as error:  # noqa: BLE001 - due work of the other workspaces goes on, whatever the defect
                self._report(f"due work of workspace {workspace}", error)
        if problem:
            raise problem
        return done

    def next_due(self) -> datetime | None:
        """When something is due next."""
        return self._units.next_due()

    def _attempt(self, action: Any, at: datetime, seeing: Seeing | None) -> Outcome | None:
        """Decide and keep in one transaction; nothing when the actor was never seen before."""
        by = replace(action.by, delivery=receipt_of(action))
        with self._units.change(by.workspace) as unit:
            before = unit.repeated(by.delivery) if by.delivery else None
            case = self._case(unit.facts, by, at)
            if before is not None:
                return _looked_at(Outcome(before, repeated=True), case, seeing)
            self._guard(action, case, by)
            if by.account and not case.actor.id:
                return None
            happened = consequences(case, ACTIONS[type(action)](action, case))
            seats = plans.standing(case, happened)
            recorded = self._keep_all(unit, case, by, happened)
            plans.check_standing(case, seats)
            return _looked_at(Outcome(recorded), case, seeing)

    def _greet(self, by: Caller, at: datetime) -> None:
        """Know the actor, in a transaction of its own, so that a refusal does not forget them."""
        nobody = Caller(by.workspace, None, by.door)
        with self._units.change(by.workspace) as unit:
            case = self._case(unit.facts, nobody, at)
            if by.account:
                self._keep(unit, case, nobody, people.recognise(case, by.account)[1])

    def _sweep(self, workspace: str, at: datetime) -> int:
        total = 0
        while done := self._sweep_batch(workspace, at):
            total += done
            self.told()
        return total

    def _sweep_batch(self, workspace: str, at: datetime) -> int:
        """Do a batch of due items in one transaction; where one raises, go on in smaller ones without it."""
        try:
            return self._do_due(workspace, at)
        except Exception as error:  # whatever the defect of one item is, the others must not wait for its repair
            if is_outage(error):
                raise
            return self._do_each_due(workspace, at, self._due_keys(workspace, at))

    def _do_each_due(self, workspace: str, at: datetime, keys: Sequence[ItemKey]) -> int:
        """Do some due items, by halves, so that one that raises is soon alone in its transaction; then it is paused."""
        if not keys:
            return 0
        try:
            return self._do_due(workspace, at, keys)
        except Exception as error:  # as above
            if is_outage(error):
                raise
            if len(keys) == 1:
                self._postpone(workspace, keys[0], at, error)
                return 0
        middle = len(keys) // 2
        return sum(self._do_each_due(workspace, at, half) for half in (keys[:middle], keys[middle:]))

    def _do_due(self, workspace: str, at: datetime, only: Sequence[ItemKey] | None = None) -> int:
        """Do due items in one transaction, all or only these; return how many."""
        by = Caller(workspace, None, "time")
        with self._units.change(workspace) as unit:
            case = self._case(unit.facts, by, at)
            failures = unit.facts.due_failures()
            paused = {failure.key for failure in failures if failure.is_paused(at)}
            items = due_work.load_items(unit.facts, at, SWEEP, paused, set(only) if only is not None else None)
            self._keep_all(unit, case, by, consequences(case, due_work.decide_due(case, items)))
            unit.forget_failures([f for f in failures if f.key not in paused and (only is None or f.key in only)])
            return sum(map(len, items.values()))

    def _due_keys(self, workspace: str, at: datetime) -> list[ItemKey]:
        """Return the keys of all due items; a kind of which none can be read is paused as a whole."""
        with self._units.look(workspace) as facts:
            paused = {failure.key for failure in facts.due_failures() if failure.is_paused(at)}
        keys: list[ItemKey] = []
        for kind in due_work.KINDS:
            try:
                with self._units.look(workspace) as facts:
                    items = due_work.load_kind(facts, kind, at, SWEEP, paused)
            except Exception as error:  # whatever a broken row makes of itself, the other kinds go on
                if is_outage(error):
                    raise
                self._postpone(workspace, (kind, due_work.EVERY_ITEM), at, error)
            else:
                keys += due_work.keys_of({kind: items})
        return keys

    def _postpone(self, workspace: str, key: ItemKey, at: datetime, error: Exception) -> None:
        """Report the defect of one due item, and pause the item: longer each time."""
        kind, item = key
        error_id = self._report(f"{kind} {item} that is due in workspace {workspace}", error)
        with self._units.change(workspace) as unit:
            before = next((f.attempts for f in unit.facts.due_failures() if f.key == key), 0)
            retry_at = at + due_work.pause_after(before + 1)
            unit.postpone(DueFailure(workspace, kind, item, before + 1, retry_at, error_id))

    def _keep_all(self, unit: Unit, case: Case, by: Caller, happened: Sequence[Event]) -> list[Recorded]:
        """Keep the events, and then the ends of the requests whose askers lost sight of the resource by them."""
        recorded = self._keep(unit, case, by, happened)
        unseen = requests.unfounded(case, happened)
        return [*recorded, *self._keep(unit, case, replace(by, delivery=None), unseen)]

    def _keep(self, unit: Unit, case: Case, by: Caller, happened: Sequence[Event]) -> list[Recorded]:
        first = unit.last_seq + 1
        recorded = [
            Recorded(by.workspace, first + place, case.at, case.actor.id or None, by.door, event)
            for place, event in enumerate(happened)
        ]
        if recorded:
            unit.record(recorded, by.delivery)
            told = [each for r in recorded for each in notices_of(r, case)]
            notices = [notice for notice in told if isinstance(notice, Notice)]
            now, kept = telling.parted(notices, {r.seq: r.event for r in recorded}, case)
            unit.tell([*now, *homes_of(notices, case.actor.id, recorded[-1].seq)])
            unit.hold([held for held in told if isinstance(held, Held)])
            unit.keep(kept)
        return recorded

    def _case(self, facts: Facts, by: Caller, at: datetime) -> Case:
        actor = NOBODY
        if by.account:
            actor = facts.person_by_account(by.account) or people.stranger(by.account)
        return self._ground(actor, facts, at)

    def _ground(self, actor: Person, facts: Facts, at: datetime) -> Case:
        known = facts.workspace()
        policy = self._policy.with_settings(known.settings) if known else self._policy
        return Case(actor, at, facts, self.kinds, policy, self._new_id, self._policy, self.plans)

    def _guard(self, asked: Any, case: Case, by: Caller) -> None:
        if type(asked) not in SAID_BY_THE_PLATFORM and holds_card(asked):
            raise refusals.CardNumber
        if case.facts.workspace() is None and not isinstance(asked, people.Install):
            raise refusals.UnknownWorkspace(by.workspace)
        if not case.actor.active:
            raise refusals.InactiveActor
        foreign = by.account is not None and (by.account.team != by.workspace or people.is_foreign(case, case.actor))
        if foreign and type(asked) not in OPEN_TO_FOREIGNERS:
            raise refusals.ForeignActor


def is_outage(error: Exception) -> bool:
    """Return whether the database fails for everybody, rather than one item of due work."""
    return isinstance(error, Unavailable) and error.reason != "broken"


def _looked_at(outcome: Outcome, case: Case, seeing: Seeing | None) -> Outcome:
    return replace(outcome, seen=seeing(case, outcome)) if seeing else outcome


def receipt_of(action: Any) -> str | None:
    """Return the key under which a delivery's action is known again: the delivery, who acts, and the kind of action."""
    by: Caller = action.by
    if not by.delivery:
        return None
    account = f"{by.account.team}.{by.account.user}" if by.account else "-"
    receipt = f"{by.delivery} {account} {type(action).__name__}"
    return receipt if len(receipt) <= LONGEST_RECEIPT else sha256(receipt.encode()).hexdigest()


def holds_card(asked: Any) -> bool:
    """Whether any text of an action looks like a card number, at any depth."""
    if isinstance(asked, str):
        return holds_card_number(asked)
    if isinstance(asked, tuple):
        return any(holds_card(each) for each in asked)
    if is_dataclass(asked) and not isinstance(asked, Caller):
        return any(holds_card(getattr(asked, f.name)) for f in fields(asked))
    return False
