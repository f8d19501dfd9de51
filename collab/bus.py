"""The one road: an action asks, the rules decide, events answer; one transaction keeps state, events and notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from collab import (
    access_queries,
    access_requests,
    assignable_roles,
    audit_log,
    channels,
    due_work,
    errors,
    home,
    key_rotation,
    moves,
    people,
    resource_pickers,
    resources,
    settings,
    successions,
    teams,
)
from collab.billing import invoices, payment_methods, plans, transfers
from collab.card_numbers import holds_card_number
from collab.context import Context, Repositories
from collab.due_work import DueFailure, ItemKey
from collab.event_handlers import append_follow_up_events
from collab.events import Event, RecordedEvent
from collab.invitations import answers as invitation_answers
from collab.invitations import commands as invitation_commands
from collab.limits import Policy
from collab.memberships import commands as membership_commands
from collab.memberships import expiry, role_change, undo
from collab.memberships import queries as membership_queries
from collab.notifications import failed as failed_deliveries
from collab.notifications import personal
from collab.notifications.routing import (
    Notification,
    QueuedForChannel,
    build_home_refreshes,
    build_notifications,
)
from collab.people import NOBODY, Caller, Person
from collab.roles import ROLE_MODEL, RoleModel

DUE_BATCH_SIZE = 500
LONGEST_IDEMPOTENCY_KEY = 255  # characters

COMMAND_HANDLERS: dict[type, Callable[[Any, Context], list[Event]]] = {
    people.InstallWorkspace: people.install_workspace,
    people.RegisterPerson: people.register_person,
    people.UninstallWorkspace: people.uninstall_workspace,
    people.UpdateProfile: people.update_profile,
    settings.ChangeSettings: settings.change_settings,
    resources.CreateResource: resources.create_resource,
    resources.RenameResource: resources.rename_resource,
    resources.DescribeResource: resources.describe_resource,
    resources.MoveResource: moves.move_resource,
    resources.DisableResource: resources.disable_resource,
    resources.EnableResource: resources.enable_resource,
    resources.DeleteResource: resources.delete_resource,
    payment_methods.SetPaymentMethod: payment_methods.set_payment_method,
    invitation_commands.InviteToResource: invitation_commands.invite_to_resource,
    invitation_commands.RevokeInvitation: invitation_commands.revoke_invitation,
    invitation_commands.ResendInvitation: invitation_commands.resend_invitation,
    invitation_commands.EditInvitation: invitation_commands.edit_invitation,
    invitation_answers.AcceptInvitation: invitation_answers.accept_invitation,
    payment_methods.ChangeBillingDetails: payment_methods.change_billing_details,
    transfers.TransferBilling: transfers.transfer_billing,
    transfers.TransferOwnership: transfers.transfer_ownership,
    invoices.AddInvoices: invoices.add_invoices,
    plans.ChangePlan: plans.change_plan,
    invitation_answers.DeclineInvitation: invitation_answers.decline_invitation,
    invitation_answers.SnoozeInvitation: invitation_answers.snooze_invitation,
    invitation_answers.MuteInvitation: invitation_answers.mute_invitation,
    membership_commands.LeaveResource: membership_commands.leave_resource,
    membership_commands.RemoveMember: membership_commands.remove_member,
    membership_commands.ChangeRole: membership_commands.change_role,
    expiry.ExtendMembership: expiry.extend_membership,
    undo.UndoDeparture: undo.undo_departure,
    access_requests.RequestAccess: access_requests.request_access,
    access_requests.ApproveRequest: access_requests.approve_request,
    access_requests.DenyRequest: access_requests.deny_request,
    access_requests.WithdrawRequest: access_requests.withdraw_request,
    successions.ChooseSuccessor: successions.choose_successor,
    key_rotation.MarkKeysRotated: key_rotation.mark_keys_rotated,
    teams.ShareWithTeam: teams.share_with_team,
    teams.UnshareWithTeam: teams.unshare_with_team,
    teams.AssignToMember: teams.assign_to_member,
    teams.UnassignFromMember: teams.unassign_from_member,
    channels.LinkChannel: channels.link_channel,
    channels.UnlinkChannel: channels.unlink_channel,
    channels.CloseChannel: channels.close_channel,
    channels.RenameChannel: channels.rename_channel,
    failed_deliveries.RetryDelivery: failed_deliveries.retry_delivery,
}

QUERY_HANDLERS: dict[type, Callable[[Any, Context], Any]] = {
    membership_queries.ListMembers: membership_queries.list_members,
    membership_queries.ListInvitations: membership_queries.list_invitations,
    audit_log.ListEvents: audit_log.list_events,
    membership_queries.ShowOverview: membership_queries.show_overview,
    membership_queries.ShowInvitation: membership_queries.show_invitation,
    membership_queries.ShowLinkedResource: membership_queries.show_linked_resource,
    channels.ListLinkableResources: channels.list_linkable_resources,
    channels.ListChannelLinks: channels.list_channel_links,
    channels.ShowChannelLink: channels.show_channel_link,
    access_queries.ExplainAccess: access_queries.explain_access,
    access_queries.ListUsersWithCapability: access_queries.list_users_with_capability,
    access_queries.ListMyResources: access_queries.list_my_resources,
    access_queries.ShowResource: access_queries.show_resource,
    home.ShowHome: home.show_home,
    home.ShowOfferedActions: home.show_offered_actions,
    payment_methods.ShowBilling: payment_methods.show_billing,
    payment_methods.ListPaymentMethods: payment_methods.list_payment_methods,
    invoices.ListInvoices: invoices.list_invoices,
    invoices.ShowInvoice: invoices.show_invoice,
    plans.ShowPlan: plans.show_plan,
    resource_pickers.ListVisibleResources: resource_pickers.list_visible_options,
    resource_pickers.ResolveNamedResources: resource_pickers.resolve_named_resources,
    assignable_roles.ListAssignableResources: assignable_roles.list_assignable_resources,
    assignable_roles.ListCommonRoles: assignable_roles.list_common_roles,
    role_change.PreviewRoleChange: role_change.preview_role_change,
    transfers.PreviewBillingTransfer: transfers.preview_billing_transfer,
    key_rotation.ListStaleKeys: key_rotation.list_stale_keys,
    settings.ShowSettings: settings.show_settings,
    failed_deliveries.ListFailedDeliveries: failed_deliveries.list_failed_deliveries,
}

ALLOWED_FROM_OUTSIDE = {
    resource_pickers.ListVisibleResources,
    resource_pickers.ResolveNamedResources,
    payment_methods.ListPaymentMethods,
    payment_methods.ShowBilling,
    invoices.ListInvoices,
    invoices.ShowInvoice,
    plans.ShowPlan,
    transfers.PreviewBillingTransfer,
    invitation_answers.AcceptInvitation,
    invitation_answers.DeclineInvitation,
    invitation_answers.SnoozeInvitation,
    invitation_answers.MuteInvitation,
    membership_commands.LeaveResource,
    undo.UndoDeparture,
    key_rotation.MarkKeysRotated,
    key_rotation.ListStaleKeys,
    membership_queries.ListInvitations,
    membership_queries.ListMembers,
    membership_queries.ShowOverview,
    membership_queries.ShowInvitation,
    audit_log.ListEvents,
    access_queries.ExplainAccess,
    access_queries.ListUsersWithCapability,
    access_queries.ListMyResources,
    access_queries.ShowResource,
    home.ShowHome,
    home.ShowOfferedActions,
    failed_deliveries.RetryDelivery,
    failed_deliveries.ListFailedDeliveries,
}


# What the chat platform says of accounts and channels counts, whatever their names: a card number in it is masked.
FROM_THE_PLATFORM = {
    people.InstallWorkspace,
    people.UpdateProfile,
    channels.RenameChannel,
}


class Unavailable(Exception):
    """What is stored cannot be reached just now and nothing was changed; `reason` is a word for the operator's log.

    Reasons: busy, read_only, full, disk, unreachable, broken. Only when the connection broke during a commit does
    nobody know whether something was changed: `is_unsure`.
    """

    def __init__(self, reason: str, *, is_unsure: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_unsure = is_unsure


class UnitOfWork(Protocol):
    """One transaction that may change things; it holds the workspace's lock until it ends."""

    @property
    def repositories(self) -> Repositories:
        """What is stored, as this transaction sees it."""

    @property
    def last_seq(self) -> int:
        """The number of the last event of the workspace."""

    def previous_result(self, delivery: str) -> Sequence[RecordedEvent] | None:
        """What the same delivery recorded before, if it did."""

    def append(self, recorded: Sequence[RecordedEvent], delivery: str | None) -> None:
        """Journal the events and bring the state up to date."""

    def enqueue(self, notices: Sequence[Notification]) -> None:
        """Put notices into the outbox."""

    def queue_for_channel_digest(self, held: Sequence[QueuedForChannel]) -> None:
        """Keep what channels are to hear of later."""

    def queue_for_personal_digest(
        self, kept: Sequence[personal.QueuedForPerson]
    ) -> None:
        """Keep notices for their person's digest."""

    def save_due_failure(self, failure: DueFailure) -> None:
        """Record that an item of due work failed, in place of its earlier failure."""

    def delete_due_failures(self, failures: Sequence[DueFailure]) -> None:
        """Remove failures whose items are done or no longer due."""


class UnitOfWorkFactory(Protocol):
    """Where transactions come from."""

    def write(self, workspace: str) -> AbstractContextManager[UnitOfWork]:
        """A transaction that commits at its end and rolls back on an exception."""

    def read(self, workspace: str) -> AbstractContextManager[Repositories]:
        """A transaction that reads."""

    def list_due_workspaces(self, at: datetime) -> Sequence[str]:
        """The workspaces in which something is due."""

    def get_next_due_time(self) -> datetime | None:
        """When something is due next, anywhere."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action recorded; `repeated` when the same delivery had done it before, `seen` what was looked at then."""

    recorded: Sequence[RecordedEvent]
    is_repeated: bool = False
    view: Any = None

    def get_first_event(self, kind: type[Event]) -> Any:
        """The first event of that kind, or nothing."""
        return next((r.event for r in self.recorded if isinstance(r.event, kind)), None)


ReadAfter = Callable[[Context, Outcome], Any]


def raise_defect(_what: str, error: Exception) -> str:
    """Report a defect in due work by raising it, where nobody gave another way to report it."""
    raise error


class Bus:
    """The collaboration core: decides, keeps and tells."""

    def __init__(
        self,
        units: UnitOfWorkFactory,
        new_id: Callable[[str], str],
        policy: Policy | None = None,
        roles: RoleModel = ROLE_MODEL,
        on_commit: Callable[[], None] = lambda: None,
        plans: Mapping[str, Mapping[str, int]] | None = None,
        report_defect: Callable[[str, Exception], str] = raise_defect,
    ) -> None:
        self._units = units
        self._new_id = new_id
        self._policy = policy or Policy()
        self.roles = roles
        self.on_commit = on_commit
        self.plans = plans or {}
        self._report = report_defect

    def execute(
        self, action: Any, at: datetime, read_after: ReadAfter | None = None
    ) -> Outcome:
        """Do it, or raise Refused with nothing changed; the same delivery twice does one thing.

        `seeing` looks at what is so then, in the same transaction, for words about it.
        """
        outcome = self._execute_once(action, at, read_after)
        if outcome is None:
            self._register_actor(action.by, at)
            self.on_commit()
            outcome = self._execute_once(action, at, read_after)
        if outcome is None:
            raise errors.UnknownWorkspace(action.by.workspace)
        self.on_commit()
        return outcome

    def execute_each(
        self, actions: Sequence[Any], at: datetime, read_after: ReadAfter | None = None
    ) -> list[Outcome | errors.Rejected]:
        """Do several things, each by itself: what is refused spoils only itself (INV-12)."""
        outcomes: list[Outcome | errors.Rejected] = []
        for action in actions:
            try:
                outcomes.append(self.execute(action, at, read_after))
            except errors.Rejected as refused:
                outcomes.append(refused)
        return outcomes

    def dry_run(self, action: Any, at: datetime) -> Sequence[Event]:
        """What the action would do, decided by the same rules, with nothing changed."""
        with self._units.read(action.by.workspace) as facts:
            case = self._context(facts, action.by, at)
            self._authorize_caller(action, case, action.by)
            return append_follow_up_events(
                case, COMMAND_HANDLERS[type(action)](action, case)
            )

    def query(self, question: Any, at: datetime) -> Any:
        """Answer a question that changes nothing."""
        with self._units.read(question.by.workspace) as facts:
            case = self._context(facts, question.by, at)
            self._authorize_caller(question, case, question.by)
            return QUERY_HANDLERS[type(question)](question, case)

    def read(self, workspace: str) -> AbstractContextManager[Repositories]:
        """The facts of a workspace, for words about them."""
        return self._units.read(workspace)

    def context(self, facts: Repositories, at: datetime) -> Context:
        """A case in which nobody acts, for words about facts."""
        return self._context_of(NOBODY, facts, at)

    def run_due(self, at: datetime) -> int:
        """Do all that is due by a moment; return the number of things done.

        A defect in one workspace is reported and stops neither the others nor the next call. When the database fails,
        the other workspaces are tried all the same, then Unavailable is raised.
        """
        done, problem = 0, None
        for workspace in self._units.list_due_workspaces(at):
            try:
                done += self._run_workspace(workspace, at)
            except Unavailable as failed:
                problem = failed
            except Exception as error:  # noqa: BLE001 - due work of the other workspaces goes on, whatever the defect
                self._report(f"due work of workspace {workspace}", error)
        if problem:
            raise problem
        return done

    def get_next_due_time(self) -> datetime | None:
        """When something is due next."""
        return self._units.get_next_due_time()

    def _execute_once(
        self, action: Any, at: datetime, seeing: ReadAfter | None
    ) -> Outcome | None:
        """Decide and keep in one transaction; nothing when the actor was never seen before."""
        by = replace(action.by, idempotency_key=idempotency_key(action))
        with self._units.write(by.workspace) as unit:
            before = unit.previous_result(by.idempotency_key) if by.idempotency_key else None
            case = self._context(unit.repositories, by, at)
            if before is not None:
                return _with_view(Outcome(before, is_repeated=True), case, seeing)
            self._authorize_caller(action, case, by)
            if by.account and not case.actor.id:
                return None
            happened = append_follow_up_events(
                case, COMMAND_HANDLERS[type(action)](action, case)
            )
            seats = plans.list_seats_before(case, happened)
            recorded = self._store_all(unit, case, by, happened)
            plans.check_seat_limits(case, seats)
            return _with_view(Outcome(recorded), case, seeing)

    def _register_actor(self, by: Caller, at: datetime) -> None:
        """Know the actor, in a transaction of its own, so that a refusal does not forget them."""
        nobody = Caller(by.workspace, None, by.origin)
        with self._units.write(by.workspace) as unit:
            case = self._context(unit.repositories, nobody, at)
            if by.account:
                self._store(
                    unit,
                    case,
                    nobody,
                    people.get_or_register_person(case, by.account)[1],
                )

    def _run_workspace(self, workspace: str, at: datetime) -> int:
        total = 0
        while done := self._run_batch(workspace, at):
            total += done
            self.on_commit()
        return total

    def _run_batch(self, workspace: str, at: datetime) -> int:
        """Do a batch of due items in one transaction; where one raises, go on in smaller ones without it."""
        try:
            return self._run_items(workspace, at)
        except Exception as error:  # whatever the defect of one item is, the others must not wait for its repair
            if is_outage(error):
                raise
            return self._run_by_halves(
                workspace, at, self._list_due_keys(workspace, at)
            )

    def _run_by_halves(
        self, workspace: str, at: datetime, keys: Sequence[ItemKey]
    ) -> int:
        """Do some due items, by halves, so that one that raises is soon alone in its transaction; then it is paused."""
        if not keys:
            return 0
        try:
            return self._run_items(workspace, at, keys)
        except Exception as error:  # as above
            if is_outage(error):
                raise
            if len(keys) == 1:
                self._pause_failed_item(workspace, keys[0], at, error)
                return 0
        middle = len(keys) // 2
        return sum(
            self._run_by_halves(workspace, at, half)
            for half in (keys[:middle], keys[middle:])
        )

    def _run_items(
        self, workspace: str, at: datetime, only: Sequence[ItemKey] | None = None
    ) -> int:
        """Do due items in one transaction, all or only these; return how many."""
        by = Caller(workspace, None, "time")
        with self._units.write(workspace) as unit:
            case = self._context(unit.repositories, by, at)
            failures = unit.repositories.list_due_failures()
            paused = {failure.key for failure in failures if failure.is_paused(at)}
            items = due_work.load_due_items(
                unit.repositories,
                at,
                DUE_BATCH_SIZE,
                paused,
                set(only) if only is not None else None,
            )
            self._store_all(
                unit,
                case,
                by,
                append_follow_up_events(case, due_work.decide_due(case, items)),
            )
            unit.delete_due_failures(
                [
                    f
                    for f in failures
                    if f.key not in paused and (only is None or f.key in only)
                ]
            )
            return sum(map(len, items.values()))

    def _list_due_keys(self, workspace: str, at: datetime) -> list[ItemKey]:
        """Return the keys of all due items; a kind of which none can be read is paused as a whole."""
        with self._units.read(workspace) as facts:
            paused = {
                failure.key
                for failure in facts.list_due_failures()
                if failure.is_paused(at)
            }
        keys: list[ItemKey] = []
        for kind in due_work.DUE_WORK_TYPES:
            try:
                with self._units.read(workspace) as facts:
                    items = due_work.load_due_items_of_kind(
                        facts, kind, at, DUE_BATCH_SIZE, paused
                    )
            except (
                Exception
            ) as error:  # whatever a broken row makes of itself, the other kinds go on
                if is_outage(error):
                    raise
                self._pause_failed_item(
                    workspace, (kind, due_work.EVERY_ITEM), at, error
                )
            else:
                keys += due_work.list_item_keys({kind: items})
        return keys

    def _pause_failed_item(
        self, workspace: str, key: ItemKey, at: datetime, error: Exception
    ) -> None:
        """Report the defect of one due item, and pause the item: longer each time."""
        kind, item = key
        error_id = self._report(
            f"{kind} {item} that is due in workspace {workspace}", error
        )
        with self._units.write(workspace) as unit:
            before = next(
                (
                    f.attempts
                    for f in unit.repositories.list_due_failures()
                    if f.key == key
                ),
                0,
            )
            retry_at = at + due_work.get_retry_pause(before + 1)
            unit.save_due_failure(
                DueFailure(workspace, kind, item, before + 1, retry_at, error_id)
            )

    def _store_all(
        self, unit: UnitOfWork, case: Context, by: Caller, happened: Sequence[Event]
    ) -> list[RecordedEvent]:
        """Keep the events, and then the ends of the requests whose askers lost sight of the resource by them."""
        recorded = self._store(unit, case, by, happened)
        unseen = access_requests.end_requests_without_view(case, happened)
        return [
            *recorded,
            *self._store(unit, case, replace(by, idempotency_key=None), unseen),
        ]

    def _store(
        self, unit: UnitOfWork, case: Context, by: Caller, happened: Sequence[Event]
    ) -> list[RecordedEvent]:
        first = unit.last_seq + 1
        recorded = [
            RecordedEvent(
                by.workspace,
                first + place,
                case.at,
                case.actor.id or None,
                by.origin,
                event,
            )
            for place, event in enumerate(happened)
        ]
        if recorded:
            unit.append(recorded, by.idempotency_key)
            told = [each for r in recorded for each in build_notifications(r, case)]
            notices = [notice for notice in told if isinstance(notice, Notification)]
            now, kept = personal.split_by_preference(
                notices, {r.seq: r.event for r in recorded}, case
            )
            unit.enqueue(
                [*now, *build_home_refreshes(notices, case.actor.id, recorded[-1].seq)]
            )
            unit.queue_for_channel_digest(
                [held for held in told if isinstance(held, QueuedForChannel)]
            )
            unit.queue_for_personal_digest(kept)
        return recorded

    def _context(self, facts: Repositories, by: Caller, at: datetime) -> Context:
        actor = NOBODY
        if by.account:
            actor = facts.find_person_by_account(
                by.account
            ) or people.build_unknown_person(by.account)
        return self._context_of(actor, facts, at)

    def _context_of(self, actor: Person, facts: Repositories, at: datetime) -> Context:
        known = facts.get_workspace()
        policy = self._policy.with_settings(known.settings) if known else self._policy
        return Context(
            actor, at, facts, self.roles, policy, self._new_id, self._policy, self.plans
        )

    def _authorize_caller(self, asked: Any, case: Context, by: Caller) -> None:
        if type(asked) not in FROM_THE_PLATFORM and contains_card_number(asked):
            raise errors.CardNumber
        if case.repositories.get_workspace() is None and not isinstance(
            asked, people.InstallWorkspace
        ):
            raise errors.UnknownWorkspace(by.workspace)
        if not case.actor.active:
            raise errors.InactiveActor
        foreign = by.account is not None and (
            by.account.team != by.workspace or people.is_foreign(case, case.actor)
        )
        if foreign and type(asked) not in ALLOWED_FROM_OUTSIDE:
            raise errors.ForeignActor


def is_outage(error: Exception) -> bool:
    """Return whether the database fails for everybody, rather than one item of due work."""
    return isinstance(error, Unavailable) and error.reason != "broken"


def _with_view(outcome: Outcome, case: Context, seeing: ReadAfter | None) -> Outcome:
    return replace(outcome, view=seeing(case, outcome)) if seeing else outcome


def idempotency_key(action: Any) -> str | None:
    """Return the key under which a delivery's action is known again: the delivery, who acts, and the kind of action."""
    by: Caller = action.by
    if not by.idempotency_key:
        return None
    account = f"{by.account.team}.{by.account.user}" if by.account else "-"
    receipt = f"{by.idempotency_key} {account} {type(action).__name__}"
    return (
        receipt
        if len(receipt) <= LONGEST_IDEMPOTENCY_KEY
        else sha256(receipt.encode()).hexdigest()
    )


def contains_card_number(asked: Any) -> bool:
    """Whether any text of an action looks like a card number, at any depth."""
    if isinstance(asked, str):
        return holds_card_number(asked)
    if isinstance(asked, tuple):
        return any(contains_card_number(each) for each in asked)
    if is_dataclass(asked) and not isinstance(asked, Caller):
        return any(contains_card_number(getattr(asked, f.name)) for f in fields(asked))
    return False
