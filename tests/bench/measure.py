"""What a measure is: rows of a table, and works timed in turn, so that a busy machine strikes all of them alike."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

Work = Callable[[], Any]


@dataclass(frozen=True)
class Row:
    """One line of the table; `met` is nothing where there is no aim, or where it could not be measured."""

    what: str
    beside: str
    found: str
    aim: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        """The outcome in words."""
        if self.met is None:
            return "reported" if not self.aim else "not measured"
        return "met" if self.met else "not met"


def interleaved(rounds: int, *works: Work, warm: int = 3) -> list[float]:
    """The median seconds of each work; they take turns (A B A B …), after a few turns that do not count."""
    times: list[list[float]] = [[] for _ in works]
    with collected():
        for turn in range(-warm, rounds):
            for work, taken in zip(works, times, strict=True):
                seconds = timed(work)
                if turn >= 0:
                    taken.append(seconds)
    return [median(taken) for taken in times]


def by_turns(
    seconds: float,
    most: int,
    *works: Work,
    run: int = 1,
    clock: Callable[[], float] = perf_counter,
) -> list[list[float]]:
    """The seconds of each call of each work, by a clock; they take turns of so many calls until the time is up.

    There are at most so many turns, at least one, and the first does not count where there are others.
    """
    times: list[list[float]] = [[] for _ in works]
    with collected():
        end = perf_counter() + seconds
        for turn in range(most + 1):
            if turn and perf_counter() > end:
                break
            for work, taken in zip(works, times, strict=True):
                taken.extend(timed(work, clock) for _ in range(run))
    return [taken[run:] or taken for taken in times]


def timed(work: Work, clock: Callable[[], float] = perf_counter) -> float:
    """The seconds that one call takes, by a clock."""
    start = clock()
    work()
    return clock() - start


@contextmanager
def collected() -> Iterator[None]:
    """Without the garbage of what came before."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def at_most(what: str, beside: str, ratio: float, aim: float, figures: str) -> Row:
    """A row whose ratio is to stay under its aim."""
    return Row(what, beside, f"{ratio:.2f} × ({figures})", f"≤ {aim:g} ×", ratio <= aim)


def at_least(what: str, beside: str, ratio: float, aim: float, figures: str) -> Row:
    """A row whose ratio is to reach its aim."""
    return Row(what, beside, f"{ratio:.2f} × ({figures})", f"≥ {aim:g} ×", ratio >= aim)


def without(kind: str, what: str, beside: str, aim: str) -> Row:
    """A row for a database that this machine does not have."""
    return Row(what, beside, f"no {kind} here", aim)


def ms(seconds: float) -> str:
    """Milliseconds, or microseconds where they are few, or seconds where they are many."""
    if seconds >= 10:
        return f"{seconds:.0f} s"
    return f"{seconds * 1e3:.1f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f} µs"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
