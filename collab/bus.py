"""The bus: runs commands, queries and due work, each in one transaction.

A command decides which events happen. The events, the tables derived from them and
the notifications are stored together, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any, Generic, TypeVar, overload

from collab import errors, people
from collab.billing import plans
from collab.card_numbers import contains_card_number
from collab.command import Command, Query
from collab.confirmation import ConfirmedPreview
from collab.context import Context, know_no_account
from collab.due_work_runner import DueWorkRunner
from collab.event_handlers import append_follow_up_events, end_overtaken_questions
from collab.events import Event, RecordedEvent
from collab.limits import Policy
from collab.model import NOBODY, Caller, DigestItem, Notification, Person, WorkspaceId
from collab.notifications.builder import build_notifications
from collab.notifications.gathering import gather_notifications
from collab.notifications.home_updates import build_home_updates
from collab.notifications.preferences import split_by_preference
from collab.notifications.reach import Reach, find_reach
from collab.notifications.targets import parse_person_id
from collab.notifications.ways import send_by_chosen_ways
from collab.repositories import Repositories
from collab.role_model import RoleModel
from collab.roles import ROLE_MODEL
from collab.unit_of_work import UnitOfWork, UnitOfWorkFactory

Answer = TypeVar("Answer")
View = TypeVar("View")
SomeEvent = TypeVar("SomeEvent", bound=Event)


@dataclass(frozen=True, slots=True)
class Outcome(Generic[View]):
    """What a command recorded, and what `read_after` read in the same transaction.

    `is_repeated`: the same request had been executed before; `recorded` is what it
    recorded then. `reach` names those whom it concerns and who have no account.
    """

    recorded: Sequence[RecordedEvent]
    view: View
    is_repeated: bool = False
    reach: Reach = field(default_factory=Reach)

    def find_event(self, event_type: type[SomeEvent]) -> SomeEvent | None:
        """Return the first event of a type; None if there is none."""
        for recorded in self.recorded:
            if isinstance(recorded.event, event_type):
                return recorded.event
        return None

    def get_event(self, event_type: type[SomeEvent]) -> SomeEvent:
        """Return the first event of a type; raises LookupError if there is none."""
        event = self.find_event(event_type)
        if event is None:
            raise LookupError(event_type.__name__)
        return event


ReadAfter = Callable[[Context, "Outcome[None]"], View]


def raise_defect(_work: str, error: Exception) -> str:
    """Report a defect in due work by raising it."""
    raise error


class Bus:
    """Executes commands, answers queries and runs due work.

    `on_commit` is called after each transaction that may have put something into the
    outbox. `plans` are the limits of each plan, by name and role. `report_defect` logs
    an error of due work and returns its id.
    """

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
        self._report_defect = report_defect
        # Whether the chat platform has an account with an address; None if unknown.
        self.has_account: Callable[[WorkspaceId, str], bool | None] = _know_no_account

    @overload
    def execute(
        self,
        command: Command,
        at: datetime,
        read_after: None = None,
        confirmed: ConfirmedPreview | None = None,
    ) -> Outcome[None]: ...

    @overload
    def execute(
        self,
        command: Command,
        at: datetime,
        read_after: ReadAfter[View],
        confirmed: ConfirmedPreview | None = None,
    ) -> Outcome[View]: ...

    def execute(
        self,
        command: Command,
        at: datetime,
        read_after: ReadAfter[Any] | None = None,
        confirmed: ConfirmedPreview | None = None,
    ) -> Outcome[Any]:
        """Execute a command once, however often the same request arrives.

        `read_after` runs in the same transaction after the events are stored; its
        result becomes `Outcome.view`. `confirmed` is the preview of the command that
        the caller confirms. Raises Rejected, with nothing changed; PreviewChanged if
        the effects are not those that were shown.
        """
        outcome = self._execute_once(command, at, read_after, confirmed)
        if outcome is None:
            self._register_actor(command.by, at)
            self.on_commit()
            outcome = self._execute_once(command, at, read_after, confirmed)
        if outcome is None:
            raise errors.UnknownWorkspace(command.by.workspace)
        self.on_commit()
        return outcome

    def execute_each(
        self,
        commands: Sequence[Command],
        at: datetime,
        read_after: ReadAfter[Any] | None = None,
    ) -> list[Outcome[Any] | errors.Rejected]:
        """Execute commands independently; return each outcome or rejection (INV-12)."""
        outcomes: list[Outcome[Any] | errors.Rejected] = []
        for command in commands:
            try:
                outcomes.append(self.execute(command, at, read_after))
            except errors.Rejected as rejected:
                outcomes.append(rejected)
        return outcomes

    def dry_run(self, command: Command, at: datetime) -> Sequence[Event]:
        """Return the events that a command would cause; store nothing."""
        with self._units.read(command.by.workspace) as repositories:
            context = self._context_of_caller(repositories, command.by, at)
            self._check_caller(command, context)
            return append_follow_up_events(context, command.decide(context))

    def query(self, query: Query[Answer], at: datetime) -> Answer:
        """Answer a query from one snapshot; raises Rejected."""
        if query.is_rehearsal:
            return self._answer_by_rehearsal(query, at)
        with self._units.read(query.by.workspace) as repositories:
            context = self._context_of_caller(repositories, query.by, at)
            self._check_caller(query, context)
            return query.answer(context)

    def read(self, workspace: WorkspaceId) -> AbstractContextManager[Repositories]:
        """Open the repositories of a workspace for reading, from one snapshot."""
        return self._units.read(workspace)

    def context(self, repositories: Repositories, at: datetime) -> Context:
        """Return a context in which nobody acts."""
        return self._context_of(NOBODY, repositories, at)

    def run_due(self, at: datetime) -> int:
        """Run everything that is due in any workspace; return the number of items done.

        A defect in one workspace is reported and stops neither the others nor the
        next call. When the database fails, the other workspaces are tried all the
        same, then Unavailable is raised.
        """
        return self.due_work_runner().run(at)

    def due_work_runner(self) -> DueWorkRunner:
        """Return what runs the due work of all workspaces."""
        return DueWorkRunner(
            units=self._units,
            make_context=self.context,
            store=self._store_with_ended_questions,
            on_commit=self.on_commit,
            report_defect=self._report_defect,
        )

    def get_next_due_time(self) -> datetime | None:
        """Return when something is due next; None if nothing is."""
        return self._units.get_next_due_time()

    def _execute_once(
        self,
        command: Command,
        at: datetime,
        read_after: ReadAfter[Any] | None,
        confirmed: ConfirmedPreview | None,
    ) -> Outcome[Any] | None:
        """Decide and store in one transaction; return None if the actor is unknown."""
        caller = replace(command.by, idempotency_key=make_idempotency_key(command))
        with self._units.write(caller.workspace) as unit:
            accounts = (caller.account, *command.list_named_accounts())
            unit.prefetch(caller.idempotency_key, [each for each in accounts if each])
            context = self._context_of_caller(unit.repositories, caller, at)
            if caller.idempotency_key:
                previous = unit.previous_result(caller.idempotency_key)
                if previous is not None:
                    outcome = Outcome(previous, None, is_repeated=True)
                    return _read_view(outcome, context, read_after)
            self._check_caller(command, context)
            if caller.account and not context.actor.id:
                return None
            recorded = self._decide_and_store(unit, context, caller, command, confirmed)
            reach = find_reach(context, recorded, unit.enqueued)
            return _read_view(Outcome(recorded, None, reach=reach), context, read_after)

    def _decide_and_store(
        self,
        unit: UnitOfWork,
        context: Context,
        caller: Caller,
        command: Command,
        confirmed: ConfirmedPreview | None,
    ) -> list[RecordedEvent]:
        """Store what a command decides, if its effects are those that were confirmed."""
        recorded: list[RecordedEvent] = []

        def store(events: Sequence[Event]) -> Sequence[Event]:
            seats = plans.list_seats_before(context, events)
            recorded.extend(
                self._store_with_ended_questions(unit, context, caller, events)
            )
            # The tables are up to date now; a rejection here rolls everything back.
            plans.check_seat_limits(context, seats)
            return [each.event for each in recorded]

        if confirmed and confirmed.query.is_rehearsal:
            # The query executes the command, and compares what that has changed.
            confirmed.check_unchanged(replace(context, rehearse=store))
            return recorded
        if confirmed:
            confirmed.check_unchanged(context)
        store(append_follow_up_events(context, command.decide(context)))
        return recorded

    def _answer_by_rehearsal(self, query: Query[Answer], at: datetime) -> Answer:
        """Answer a query that stores events, and roll its transaction back (ASK-02)."""
        with self._units.rehearse(query.by.workspace) as unit:
            context = self._context_of_caller(unit.repositories, query.by, at)
            self._check_caller(query, context)
            caller = replace(query.by, idempotency_key=None)

            def rehearse(events: Sequence[Event]) -> Sequence[Event]:
                seats = plans.list_seats_before(context, events)
                self._append(unit, context, caller, events)
                ended = end_overtaken_questions(context, events)
                self._append(unit, context, caller, ended)
                plans.check_seat_limits(context, seats)
                return [*events, *ended]

            return query.answer(replace(context, rehearse=rehearse))

    def _register_actor(self, caller: Caller, at: datetime) -> None:
        """Register an unknown actor.

        It is a transaction of its own: a rejected command does not roll it back.
        """
        if caller.account is None:
            return
        system = Caller(caller.workspace, None, caller.origin)
        with self._units.write(caller.workspace) as unit:
            context = self._context_of_caller(unit.repositories, system, at)
            _, events = people.get_or_register_person(context, caller.account)
            self._store(unit, context, system, events)

    def _store_with_ended_questions(
        self,
        unit: UnitOfWork,
        context: Context,
        caller: Caller,
        events: Sequence[Event],
    ) -> list[RecordedEvent]:
        """Store events, and then the ends of the open questions that they overtook."""
        recorded = self._store(unit, context, caller, events)
        ended = end_overtaken_questions(context, events)
        without_key = replace(caller, idempotency_key=None)
        return [*recorded, *self._store(unit, context, without_key, ended)]

    def _store(
        self,
        unit: UnitOfWork,
        context: Context,
        caller: Caller,
        events: Sequence[Event],
    ) -> list[RecordedEvent]:
        """Store events and what follows from them: tables, notifications, digests."""
        recorded = self._append(unit, context, caller, events)
        if recorded:
            self._notify(unit, context, recorded)
        return recorded

    def _append(
        self,
        unit: UnitOfWork,
        context: Context,
        caller: Caller,
        events: Sequence[Event],
    ) -> list[RecordedEvent]:
        """Store events and bring the tables up to date."""
        if not events:
            return []
        recorded = [
            RecordedEvent(
                caller.workspace,
                seq,
                context.at,
                context.actor.id or None,
                caller.origin,
                event,
            )
            for seq, event in enumerate(events, start=unit.last_seq + 1)
        ]
        unit.append(recorded, caller.idempotency_key)
        return recorded

    def _notify(
        self, unit: UnitOfWork, context: Context, recorded: Sequence[RecordedEvent]
    ) -> None:
        """Put the notifications about events into the outbox and the digests."""
        notifications: list[Notification] = []
        digest_items: list[DigestItem] = []
        for each in recorded:
            for item in build_notifications(each, context):
                if isinstance(item, Notification):
                    notifications.append(item)
                else:
                    digest_items.append(item)
        events_by_seq = {each.seq: each.event for each in recorded}
        immediate, deferred = split_by_preference(notifications, events_by_seq, context)
        notified = [parse_person_id(each.target) for each in notifications]
        person_ids = [*notified, context.actor.id]
        homes = build_home_updates(context.people, person_ids, recorded[-1].seq)
        sent = [*send_by_chosen_ways(immediate, context)]
        unit.enqueue([*gather_notifications(sent), *homes])
        unit.queue_for_digest([*digest_items, *deferred])

    def _context_of_caller(
        self, repositories: Repositories, caller: Caller, at: datetime
    ) -> Context:
        actor = people.find_caller(repositories, caller)
        if actor is None and caller.account:
            actor = people.build_unknown_person(caller.account)
        return self._context_of(actor or NOBODY, repositories, at)

    def _context_of(
        self, actor: Person, repositories: Repositories, at: datetime
    ) -> Context:
        workspace = repositories.get_workspace()
        policy = self._policy
        has_account = know_no_account
        if workspace:
            policy = policy.with_settings(workspace.settings)
            has_account = partial(self.has_account, workspace.id)
        return Context(
            actor,
            at,
            repositories,
            repositories.graph,
            self.roles,
            policy,
            self._new_id,
            self._policy,
            self.plans,
            has_account=has_account,
        )

    def _check_caller(self, request: Command | Query[Any], context: Context) -> None:
        """Reject a caller who may not send this, or a card number in it (BIL-01)."""
        is_masked = isinstance(request, Command) and request.masks_card_numbers
        if not is_masked and contains_card_number(request):
            raise errors.CardNumber
        workspace = context.repositories.get_workspace()
        is_installation = isinstance(request, people.InstallWorkspace)
        if not is_installation and workspace is None:
            raise errors.UnknownWorkspace(request.by.workspace)
        if workspace and workspace.is_disabled and not request.by.is_system:
            raise errors.WorkspaceDisabled(request.by.workspace)
        if not context.actor.active:
            raise errors.InactiveActor
        if request.is_allowed_from_outside or request.by.is_system:
            return
        account = request.by.account
        is_other_team = account is not None and account.team != request.by.workspace
        if is_other_team or people.is_foreign(context, context.actor):
            raise errors.ForeignActor


def make_idempotency_key(command: Command) -> str | None:
    """Return the key that identifies a repeated request; None without a request id.

    It is made of the request id, who acts and the type of the command, and hashed: the
    id of an account must not outlive the person's erasure (OUT-07).
    """
    caller = command.by
    if not caller.idempotency_key:
        return None
    who = caller.person or "-"
    if caller.account:
        who = f"{caller.account.team}.{caller.account.user}"
    key = f"{caller.idempotency_key} {who} {type(command).__name__}"
    return sha256(key.encode()).hexdigest()


def _know_no_account(_workspace: WorkspaceId, _email: str) -> bool | None:
    return None


def _read_view(
    outcome: Outcome[None], context: Context, read_after: ReadAfter[Any] | None
) -> Outcome[Any]:
    if read_after is None:
        return outcome
    return replace(outcome, view=read_after(context, outcome))
