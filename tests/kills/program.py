"""The real `collab run`, which kills itself at the point that COLLAB_TEST_KILL names.

It runs in a process of its own, forked from one that has imported it and done nothing else, which saves its start.
Nothing of the program is replaced but the deadline of a request: its seams are
wrapped from outside, so the product knows nothing of this.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

from bot.cli import main
from bot.delivery.slack import SlackDeliveries
from collab import deadline
from collab.bus import Bus
from collab.model import WorkspaceId
from storage.outbox import Outbox
from storage.unit_of_work import StoredUnitOfWork, StoredUnitOfWorkFactory

KILL = "COLLAB_TEST_KILL"
WATCHED = {"command": "command", "due-work": "time", "page": "web"}


def kill_at(point: str) -> None:
    """Kill this process if this is the point."""
    if point == os.environ[KILL]:
        os.kill(os.getpid(), signal.SIGKILL)


def wrap(
    owner: Any,
    name: str,
    before: str = "",
    after: str = "",
    only: Callable[..., bool] = lambda *_: True,
) -> None:
    """Put points before and after a method, if `only` is true of its arguments or result."""
    inner = getattr(owner, name)

    @wraps(inner)
    def outer(self: Any, *args: Any, **named: Any) -> Any:
        if before and only(*args):
            kill_at(before)
        result = inner(self, *args, **named)
        if after and only(*args) and only(result):
            kill_at(after)
        return result

    setattr(owner, name, outer)


def wrap_all_points() -> None:
    """Wrap the methods at which the process may be killed."""
    watched = os.environ[KILL].partition(" ")[0]
    if watched == "delivery":
        wrap(
            Outbox,
            "claim_deliveries",
            after="delivery claimed",
            only=lambda *args: args[0] != [],
        )
        wrap(SlackDeliveries, "run", before="delivery sending", after="delivery sent")
        wrap(Outbox, "mark_sent", after="delivery settled")
        return
    origin = WATCHED.get(watched, "")
    wrap(
        Bus,
        "_store",
        before=f"{watched} decided",
        only=lambda *args: _is_of(origin, args),
    )
    wrap(
        StoredUnitOfWork,
        "append",
        after=f"{watched} recorded",
        only=lambda *args: _is_recorded(origin, args),
    )
    wrap(StoredUnitOfWorkFactory, "list_due_workspaces", before="due-work begun")
    _watch_commit(watched, origin)


def _is_of(origin: str, args: tuple[Any, ...]) -> bool:
    return len(args) < 4 or (args[2].origin == origin and bool(args[3]))


def _is_recorded(origin: str, args: tuple[Any, ...]) -> bool:
    return len(args) < 2 or args[0][0].origin == origin


def _watch_commit(watched: str, origin: str) -> None:
    inner = StoredUnitOfWorkFactory.write

    @contextmanager
    def change(
        self: StoredUnitOfWorkFactory, workspace: WorkspaceId
    ) -> Iterator[StoredUnitOfWork]:
        with inner(self, workspace) as unit:
            first = unit.last_seq
            yield unit
            has_recorded = unit.last_seq > first
            is_watched = (
                has_recorded
                and (event := unit.repositories.events.get_event(unit.last_seq))
                is not None
                and event.origin == origin
            )
            if is_watched:
                kill_at(f"{watched} before commit")
        if is_watched:
            kill_at(f"{watched} committed")

    StoredUnitOfWorkFactory.write = change  # type: ignore[method-assign]


def run(settings: dict[str, str], log: Path) -> None:
    """Run the program in this process until its end."""
    os.environ.update(settings)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    # A command that is rejected as too late on a busy machine never reaches its point.
    deadline.REQUEST_SECONDS = 30.0
    wrap_all_points()
    main(["run"])
