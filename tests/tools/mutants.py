"""Count the small faults in the core that its tests notice.

`python -m tests.tools.mutants authorization roles` tries those of two modules (of a
package: `invitations.commands`); without arguments those of all.

mutmut puts the faults into functions and runs the tests that reach them. The role model
is a table and no function: its cells are changed here, one at a time.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import fields, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.progress import track
from rich.table import Table as Grid

from collab.roles import (
    CAPABILITIES,
    ROLE_MODEL,
    DerivedRole,
    ResourceType,
    Role,
    RoleModel,
)

ROOT = Path(__file__).parents[2]
MEMORY = Path("/dev/shm")
KILLED, SURVIVED, REACHED_BY_NONE = "killed", "survived", "no tests"
RESULTS = {
    0: SURVIVED,
    1: KILLED,
    5: REACHED_BY_NONE,
    33: REACHED_BY_NONE,
}  # other ends are crashes or too long
INTERRUPTED = 2
TABLE = "the role model"
BY_HAND = (
    "test_role_model.py",
    "test_role_matrix.py",
)  # the likeliest to notice another table
SLOW = ("test_model.py", "test_events.py")
Result = tuple[str, str, str]  # module, fault, what became of it


def main(modules: list[str]) -> None:
    """Try the faults of these modules, and print the score of each and what survived."""
    os.chdir(ROOT)
    if MEMORY.is_dir():
        os.environ["TMPDIR"] = str(MEMORY)
    started = time.monotonic()
    modules = modules or [
        module_name(path) for path in sorted(Path("collab").rglob("*.py"))
    ]
    results = [*in_functions(modules), *(in_the_table() if "roles" in modules else ())]
    report(results, time.monotonic() - started)


def module_name(path: Path) -> str:
    """Return the name of a module of the core as it is given to this tool."""
    return ".".join(path.relative_to("collab").with_suffix("").parts)


def in_functions(modules: list[str]) -> list[Result]:
    """What became of mutmut's faults; it starts anew each time, since it does not see that a test changed."""
    shutil.rmtree("mutants", ignore_errors=True)
    program = Path(sys.executable).with_name("mutmut")
    subprocess.run(
        [program, "run", *(f"collab.{module}.*" for module in modules)], check=False
    )
    found = [
        (m, Path("mutants/collab") / f"{m.replace('.', '/')}.py.meta") for m in modules
    ]
    return [
        (module, name, RESULTS.get(code, KILLED))
        for module, meta in found
        if meta.exists()
        for name, code in json.loads(meta.read_text())["exit_code_by_key"].items()
        if code not in {None, INTERRUPTED}
    ]


def in_the_table() -> Iterator[Result]:
    """What became of the faults in the role model, each tried in a process of its own."""
    os.environ["MUTANT_UNDER_TEST"] = ""
    assert run_tests() == 0, "the tests fail without a fault"
    with get_context("fork").Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        faults = list(other_tables(ROLE_MODEL))
        yield from track(pool.imap_unordered(try_table, faults), TABLE, len(faults))


def try_table(fault: tuple[str, RoleModel]) -> Result:
    """Whether the tests notice another table in the place of the real one."""
    what, other = fault
    for field in fields(RoleModel):  # what is computed from the rows too
        object.__setattr__(ROLE_MODEL, field.name, getattr(other, field.name))
    return TABLE, what, SURVIVED if run_tests() == 0 else KILLED


def run_tests() -> int:
    """Run the tests that hold the table against what was written by hand, and then the core's others, to a failure."""
    others = (
        path.name
        for path in sorted(Path("tests/collab").glob("test_*.py"))
        if path.name not in (*BY_HAND, *SLOW)
    )
    with (
        Path(os.devnull).open("w") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
    ):
        return run(BY_HAND) or run(others)


def run(files: Iterable[str]) -> int:
    return int(
        pytest.main(
            ["-x", "-q", *options(), *(f"tests/collab/{name}" for name in files)]
        )
    )


@cache
def options() -> list[str]:
    """What mutmut gives pytest."""
    given: list[str] = tomllib.loads(Path("pyproject.toml").read_text())["tool"][
        "mutmut"
    ]["pytest_add_cli_args"]
    return given


def other_tables(table: RoleModel) -> Iterator[tuple[str, RoleModel]]:
    """Every table that differs in one cell."""
    for kind in table.resource_types.values():
        for what, other in other_kinds(kind, tuple(table)):
            yield (
                f"{kind.name}.{what}",
                replace(
                    table, resource_types={**table.resource_types, kind.name: other}
                ),
            )
    for n, row in enumerate(table.derived_roles):
        before, after = table.derived_roles[:n], table.derived_roles[n + 1 :]
        named = f"{'/'.join(row.roles)} {row.source_type} {row.relation} {row.role} {'/'.join(row.target_types)}"
        for what, other_row in other_rows(row, table):
            yield (
                f"{named}: {what}",
                replace(table, derived_roles=(*before, other_row, *after)),
            )


def other_kinds(
    kind: ResourceType, kinds: tuple[str, ...]
) -> Iterator[tuple[str, ResourceType]]:
    names = tuple(role.name for role in kind.roles)
    yield from changes(kind, container_types=kinds, founder_role=names)
    for n, role in enumerate(kind.roles):
        for what, other in changes(
            role, capabilities=CAPABILITIES, grants=names, removes=names
        ):
            yield (
                f"{role.name}.{what}",
                replace(kind, roles=(*kind.roles[:n], other, *kind.roles[n + 1 :])),
            )


def other_rows(row: DerivedRole, table: RoleModel) -> Iterator[tuple[str, DerivedRole]]:
    given = tuple(role.name for role in table[row.source_type].roles)
    taken = tuple(role.name for role in table[row.target_types[0]].roles)
    there = tuple(
        name
        for name, kind in table.resource_types.items()
        if name in row.target_types or kind.find_role(row.role)
    )
    return changes(row, roles=given, role=taken, target_types=there)


def changes(
    row: Role | ResourceType | DerivedRole, **known: tuple[str, ...]
) -> Iterator[tuple[str, Any]]:
    """The row with another value in one of its cells: of the words known for it one more, one less or another."""
    for name in (
        n
        for n in type(row).__slots__
        if n not in {"name", "words", "source_type", "relation"}
    ):
        value = getattr(row, name)
        others: list[Any] = []
        if isinstance(value, bool):
            others = [not value]
        elif value is None or isinstance(value, int):
            others = [(value or 0) + 1]
        elif name in known and isinstance(value, str):
            others = [word for word in known[name] if word != value]
        elif name in known:
            others = [toggled(value, word, known[name]) for word in known[name]]
        yield from (
            (f"{name} = {other}", replace(row, **{name: other})) for other in others
        )


def toggled(
    words: tuple[str, ...], word: str, known: tuple[str, ...]
) -> tuple[str, ...]:
    return tuple(w for w in known if (w in words) != (w == word))


def report(results: list[Result], seconds: float) -> None:
    """The score of each module, and the names of the survivors for `mutmut show`."""
    console = Console()
    grid = Grid("module", "faults", KILLED, SURVIVED, REACHED_BY_NONE, "score")
    for module in dict.fromkeys(module for module, _, _ in results):
        count = Counter(result for m, _, result in results if m == module)
        numbers = (
            count.total(),
            count[KILLED],
            count[SURVIVED],
            count[REACHED_BY_NONE],
        )
        grid.add_row(module, *map(str, numbers), f"{count[KILLED] / count.total():.1%}")
    for _, fault, result in results:
        if result != KILLED:
            console.print(f"{result}: {fault}", highlight=False)
    console.print(grid)
    console.print(f"{seconds / 60:.1f} minutes")


if __name__ == "__main__":
    main(sys.argv[1:])
