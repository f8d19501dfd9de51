"""The real `collab run`, told by COLLAB_TEST_KILL to kill itself the first time that it comes to a named point.

It runs in a process of its own, forked from one that has imported it and done nothing else, which saves its start.
Nothing of the program is replaced: its seams are wrapped from outside, so the product knows nothing of this.
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
from collab.bus import Bus
from storage.outbox import Outbox
from storage.unit_of_work import StoredUnitOfWork, StoredUnitOfWorkFactory

KILL = "COLLAB_TEST_KILL"
WATCHED = {"command": "command", "sweep": "time"}


def reach(point: str) -> None:
    """Die here, at once, when this is the point."""
    if point == os.environ[KILL]:
        os.kill(os.getpid(), signal.SIGKILL)


def wrap(
    owner: Any,
    name: str,
    before: str = "",
    after: str = "",
    only: Callable[..., bool] = lambda *_: True,
) -> None:
    """Have a method come by points, where `only` says so of its arguments or its result."""
    inner = getattr(owner, name)

    @wraps(inner)
    def outer(self: Any, *args: Any, **named: Any) -> Any:
        if before and only(*args):
            reach(before)
        result = inner(self, *args, **named)
        if after and only(*args) and only(result):
            reach(after)
        return result

    setattr(owner, name, outer)


def arrange() -> None:
    """Put every point in its place."""
    watched = os.environ[KILL].partition(" ")[0]
    if watched == "courier":
        wrap(
            Outbox,
            "claim_deliveries",
            after="courier claimed",
            only=lambda *given: given[0] != [],
        )
        wrap(SlackDeliveries, "run", before="courier sending", after="courier sent")
        wrap(Outbox, "mark_sent", after="courier settled")
        return
    door = WATCHED.get(watched, "")
    wrap(
        Bus,
        "_store",
        before=f"{watched} decided",
        only=lambda *given: _is_of(door, given),
    )
    wrap(
        StoredUnitOfWork,
        "append",
        after=f"{watched} recorded",
        only=lambda *given: _is_recorded(door, given),
    )
    wrap(StoredUnitOfWorkFactory, "list_due_workspaces", before="sweep begun")
    _watch_commit(watched, door)


def _is_of(door: str, given: tuple[Any, ...]) -> bool:
    return len(given) < 4 or (given[2].origin == door and bool(given[3]))


def _is_recorded(door: str, given: tuple[Any, ...]) -> bool:
    return len(given) < 2 or given[0][0].origin == door


def _watch_commit(watched: str, door: str) -> None:
    inner = StoredUnitOfWorkFactory.write

    @contextmanager
    def change(
        self: StoredUnitOfWorkFactory, workspace: str
    ) -> Iterator[StoredUnitOfWork]:
        with inner(self, workspace) as unit:
            first = unit.last_seq
            yield unit
            kept = unit.last_seq > first
            mine = (
                kept
                and (event := unit.repositories.events.get_event(unit.last_seq))
                is not None
                and event.origin == door
            )
            if mine:
                reach(f"{watched} before commit")
        if mine:
            reach(f"{watched} committed")

    StoredUnitOfWorkFactory.write = change  # type: ignore[method-assign]


def run(settings: dict[str, str], log: Path) -> None:
    """The program in a process that this is called in, until its end."""
    os.environ.update(settings)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    arrange()
    main(["run"])
