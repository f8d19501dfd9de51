"""The house keeps its order: who may import whom, and what the core may know."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from collab.roles import ROLE_MODEL

ROOT = Path(__file__).parent.parent
HOUSE = ("bot", "collab", "storage", "templates")
MAY_IMPORT = {
    "collab": {"collab"},
    "storage": {"collab", "storage"},
    "bot": {"bot", "collab", "templates"},
}
COMPOSITION_ROOT = "bot/bootstrap.py"
TOP_LEVEL = {
    ".ci",
    ".dockerignore",
    ".env.example",
    ".git-blame-ignore-revs",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "bot",
    "collab",
    "compose.postgres.yaml",
    "compose.yaml",
    "docs",
    "manifest.yml",
    "mkdocs.yml",
    "pyproject.toml",
    "requirements-dev.lock",
    "requirements.lock",
    "storage",
    "templates",
    "tests",
}


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def test_nothing_else_is_at_the_top_level() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    tracked = {path.partition("/")[0] for path in listed.stdout.split("\0") if path}
    assert tracked == TOP_LEVEL


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_imports_go_one_way(folder: str) -> None:
    for path in modules(folder):
        if path.relative_to(ROOT).as_posix() == COMPOSITION_ROOT:
            continue
        strangers = set(imported(path)) & set(HOUSE) - MAY_IMPORT[folder]
        assert not strangers, f"{path.relative_to(ROOT)} imports {strangers}"


def test_the_core_stands_on_the_standard_library_alone() -> None:
    for path in modules("collab"):
        others = set(imported(path)) - set(sys.stdlib_module_names) - {"collab"}
        assert not others, f"{path.name} imports {others}"


def test_the_model_stands_on_nothing_of_the_core() -> None:
    assert "collab" not in set(imported(ROOT / "collab/model.py"))


def test_the_engine_names_no_kind_and_no_role() -> None:
    names = {kind.name for kind in ROLE_MODEL.resource_types.values()}
    names |= {
        role.name for kind in ROLE_MODEL.resource_types.values() for role in kind.roles
    }
    names -= {"team", "payer"}  # these are also fields of events
    for path in modules("collab"):
        if path.name == "roles.py":
            continue
        texts = {
            n.value
            for n in said(ast.parse(path.read_text()))
            if isinstance(n.value, str)
        }
        assert not texts & names, path.name


def said(tree: ast.AST) -> Iterator[ast.Constant]:
    """Every constant but the names of fields that an event lists as its places."""
    for node in ast.iter_child_nodes(tree):
        if (
            isinstance(node, ast.AnnAssign)
            and getattr(node.target, "id", "") == "resource_fields"
        ):
            continue
        if isinstance(node, ast.Constant):
            yield node
        yield from said(node)


def test_nothing_is_left_to_do() -> None:
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError")
    for folder in HOUSE:
        for path in modules(folder):
            assert not words.search(path.read_text()), path


def test_locks_name_no_index() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text()
        assert "://" not in text
        assert "--hash=sha256:" in text
