"""Count the small faults in the core that its tests notice.

`python -m tests.tools.mutants authorization invitations` tries those of a module and of
a package; without names those of the whole core. `--sample` tries one in five of them.

mutmut puts the faults into functions and runs the tests that reach them, the nearest
first (`tests/tools/nearest_tests.py`). The role model is a table and no function: its
cells are changed here, one at a time. One core of the machine stays free.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
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

from collab.role_model import DerivedRole, ResourceType, Role, RoleModel
from collab.roles import CAPABILITIES, ROLE_MODEL

ROOT = Path(__file__).parents[2]
MEMORY = Path("/dev/shm")
PROCESSES = max(1, (os.cpu_count() or 1) - 1)
KILLED, SURVIVED, REACHED_BY_NONE = "killed", "survived", "no tests"
# What pytest ends with; other ends are crashes or too long.
RESULTS = {0: SURVIVED, 1: KILLED, 5: REACHED_BY_NONE, 33: REACHED_BY_NONE}
INTERRUPTED = 2
TABLE = "roles.table"
# The likeliest to notice another table.
BY_HAND = ("tests/collab/test_role_model.py", "tests/collab/test_role_matrix.py")
SAMPLE_EVERY = 5
SAMPLE_ENDINGS = "[16]"  # the same share of mutmut's numbers
# mutmut reads the files that it changes from pyproject.toml alone.
MUTMUT = """
import sys
from mutmut.__main__ import cli
from mutmut.configuration import config
config().only_mutate = sys.argv.pop(1).split(",")
cli()
"""
Result = tuple[str, str, str]  # module, fault, what became of it


def main(arguments: list[str]) -> None:
    """Try the faults of some modules, and print the score of each and what survived."""
    parser = ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="modules and packages of collab/")
    parser.add_argument("--sample", action="store_true", help="try one fault in five")
    options = parser.parse_args(arguments)
    os.chdir(ROOT)
    os.nice(15)
    if MEMORY.is_dir():
        os.environ["TMPDIR"] = str(MEMORY)
    modules = find_modules(options.names)
    if not modules:
        parser.error(f"no module of collab/ is called {' or '.join(options.names)}")
    started = time.monotonic()
    results = in_functions(modules, options.sample)
    if "roles" in modules:
        results += in_the_table(options.sample)
    report(results, time.monotonic() - started)


def find_modules(names: list[str]) -> list[str]:
    """Return the modules of these names or in packages of these names; all for none."""
    modules = [
        ".".join(path.relative_to("collab").with_suffix("").parts)
        for path in sorted(Path("collab").rglob("*.py"))
        if path.name != "__init__.py"
    ]
    return [m for m in modules if not names or m in names or m.split(".")[0] in names]


def in_functions(modules: list[str], is_sample: bool) -> list[Result]:
    """What became of mutmut's faults; it starts anew each time, since it does not see that a test changed."""
    shutil.rmtree("mutants", ignore_errors=True)
    paths = {module: f"collab/{module.replace('.', '/')}.py" for module in modules}
    numbers = f"*{SAMPLE_ENDINGS}" if is_sample else "*"
    faults = [f"collab.{module}.*__mutmut_{numbers}" for module in modules]
    files = ",".join(paths.values())
    program = [sys.executable, "-c", MUTMUT, files, "run"]
    subprocess.run([*program, "--max-children", str(PROCESSES), *faults], check=True)
    return [
        (module, name, RESULTS.get(code, KILLED))
        for module, path in paths.items()
        for name, code in codes_of(path).items()
        if code not in {None, INTERRUPTED}
    ]


def codes_of(path: str) -> dict[str, int | None]:
    """Return what the tests of each fault in a file ended with; None if not tried."""
    meta = Path("mutants") / f"{path}.meta"
    if not meta.exists():
        return {}
    codes: dict[str, int | None] = json.loads(meta.read_text())["exit_code_by_key"]
    return codes


def in_the_table(is_sample: bool) -> list[Result]:
    """What became of the faults in the role model, each tried in a process of its own."""
    os.environ["MUTANT_UNDER_TEST"] = ""
    assert run_tests() == 0, "the tests fail without a fault"
    faults = list(other_tables(ROLE_MODEL))[:: SAMPLE_EVERY if is_sample else 1]
    with get_context("fork").Pool(PROCESSES, maxtasksperchild=1) as pool:
        tried = pool.imap_unordered(try_table, faults)
        return list(track(tried, "the role model", len(faults)))


def try_table(fault: tuple[str, RoleModel]) -> Result:
    """Whether the tests notice another table in the place of the real one."""
    what, other = fault
    for field in fields(RoleModel):  # what is computed from the rows too
        object.__setattr__(ROLE_MODEL, field.name, getattr(other, field.name))
    return TABLE, what, SURVIVED if run_tests() == 0 else KILLED


def run_tests() -> int:
    """Run the tests that hold the table against what was written by hand, and then the core's others, to a failure."""
    settings = mutmut_settings()
    options = ["-x", "-q", *settings["pytest_add_cli_args"]]
    others = settings["pytest_add_cli_args_test_selection"]
    with (
        Path(os.devnull).open("w") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
    ):
        return int(
            pytest.main([*options, *BY_HAND]) or pytest.main([*options, *others])
        )


@cache
def mutmut_settings() -> dict[str, list[str]]:
    """What mutmut gives pytest, and which tests it runs."""
    settings: dict[str, list[str]] = tomllib.loads(Path("pyproject.toml").read_text())[
        "tool"
    ]["mutmut"]
    return settings


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
    yield from changes(kind, container_types=kinds, founder_role=names, stays_as=names)
    for n, role in enumerate(kind.roles):
        created = kinds if role.creates else ()
        for what, other in changes(
            role,
            capabilities=CAPABILITIES,
            grants=names,
            removes=names,
            creates=created,
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
    for name in type(row).__slots__:
        value = getattr(row, name)
        words = known.get(name, ())
        others: list[Any] = []
        if isinstance(value, bool):
            others = [not value]
        elif isinstance(value, tuple):
            others = [toggled(value, word, words) for word in words]
        elif words:
            others = [word for word in words if word != value]
        elif name in {"min_holders", "max_holders"}:
            others = [(value or 0) + 1]
        yield from (
            (f"{name} = {other}", replace(row, **{name: other})) for other in others
        )


def toggled(
    words: tuple[str, ...], word: str, known: tuple[str, ...]
) -> tuple[str, ...]:
    return tuple(w for w in known if (w in words) != (w == word))


def report(results: list[Result], seconds: float) -> None:
    """The score of each module and package, and the names of the survivors for `mutmut show`."""
    console = Console()
    grid = Grid("module", "faults", KILLED, SURVIVED, REACHED_BY_NONE, "score")
    for name in dict.fromkeys(n for m, _, _ in results for n in (m.split(".")[0], m)):
        count = Counter(r for m, _, r in results if f"{m}.".startswith(f"{name}."))
        numbers = (
            count.total(),
            count[KILLED],
            count[SURVIVED],
            count[REACHED_BY_NONE],
        )
        grid.add_row(name, *map(str, numbers), f"{count[KILLED] / count.total():.1%}")
    for _, fault, result in results:
        if result != KILLED:
            console.print(f"{result}: {fault}", highlight=False)
    console.print(grid)
    console.print(f"{seconds / 60:.1f} minutes")


if __name__ == "__main__":
    main(sys.argv[1:])
