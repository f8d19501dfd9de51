"""How many of the product's files one `/collab invite` passes before its answer.

A file is passed when one of its functions runs; what runs at import does not count.
`python -m tests.bench.files` lists them with the number of calls into each.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from tests.bench.apps import INVITE, asking, real_app
from tests.bench.company import found
from tests.bench.measure import Row
from tests.bench.place import Place

AIM = 35
ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "collab", "storage")


def measure(place: Place) -> Iterator[Row]:
    """Count the files of a second invitation: the first one compiles templates."""
    with real_app(place.seeded("SQLite", found)) as app:
        invite = asking(app, INVITE, 2)
        invite()
        calls = count_calls_by_file(invite)
    by_package = Counter(path.split("/", 1)[0] for path in calls)
    parts = ", ".join(f"{package} {by_package[package]}" for package in PACKAGES)
    yield Row(
        "files that one `/collab invite` passes before its answer",
        "53 when modules were fewer and longer",
        f"{len(calls)} ({parts})",
        f"≤ {AIM}",
        met=len(calls) <= AIM,
    )


def count_calls_by_file(run: Callable[[], object]) -> Counter[str]:
    """Run something; return the number of calls into each of the product's files, by path."""
    calls: Counter[str] = Counter()
    prefixes = tuple(f"{ROOT}/{package}/" for package in PACKAGES)

    def record(frame: FrameType, event: str, _argument: object) -> None:
        path = frame.f_code.co_filename
        is_import = frame.f_code.co_name == "<module>"
        if event == "call" and path.startswith(prefixes) and not is_import:
            calls[str(Path(path).relative_to(ROOT))] += 1

    threading.setprofile(record)
    sys.setprofile(record)
    try:
        run()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return calls


if __name__ == "__main__":
    from tests.bench.place import place

    with place(postgres=False) as here, real_app(here.seeded("SQLite", found)) as app:
        invite = asking(app, INVITE, 2)
        invite()
        for path, number in sorted(count_calls_by_file(invite).items()):
            print(f"{number:6} {path}")
