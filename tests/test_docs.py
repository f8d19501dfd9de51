"""What README, manifest and settings say is what the code does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
import yaml

from bot.cli import main
from bot.grammar import COMMAND, parse, verbs_markdown
from bot.invoices import COLUMNS
from bot.plans_file import read_plans
from bot.roles import roles_markdown
from collab.kinds import KINDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def part(name: str) -> str:
    """What stands between two marks of the README."""
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", README, re.DOTALL)
    assert found, name
    return found[1].strip()


def test_the_table_of_verbs_is_the_one_that_parses() -> None:
    assert part("verbs") == verbs_markdown().strip()


def test_the_table_of_roles_is_the_one_that_decides() -> None:
    assert part("roles") == roles_markdown(KINDS).strip()


@pytest.mark.parametrize("line", sorted(set(re.findall(rf"`{COMMAND} ([^`|<\[A-Z]+)`", README))))
def test_every_command_of_the_readme_is_understood(line: str) -> None:
    typed = re.sub(r"@(\w+)", lambda found: f"<@U{found[1].upper()}|{found[1]}>", line)
    assert parse(typed, "T1").verb


def test_every_make_target_of_the_readme_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)", README))
    assert named
    assert named <= targets


def test_every_link_within_the_project_leads_somewhere() -> None:
    for path in re.findall(r"\]\((?!https?://|#)([^)#]+)\)", README):
        assert (ROOT / path).exists(), path


def test_every_setting_is_explained_in_the_example_and_in_the_readme() -> None:
    example = (ROOT / ".env.example").read_text()
    settings = set(re.findall(r'"((?:SLACK|COLLAB|DATABASE)_[A-Z_]+)"', (ROOT / "bot/settings.py").read_text()))
    assert settings
    for name in settings:
        assert name in example, name
        assert name in README, name


def test_the_plans_of_the_readme_and_of_the_example_are_plans(tmp_path: Path) -> None:
    [shown] = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    [written] = re.findall(r"by plan\..*?\n((?:#   .*\n)+)#COLLAB_PLANS", (ROOT / ".env.example").read_text())
    for text in (shown, written.replace("#   ", "")):
        (tmp_path / "plans.toml").write_text(text)
        assert read_plans(str(tmp_path / "plans.toml")) == {"studio": {"owner": 1, "admin": 3, "collaborator": 10}}


@pytest.mark.parametrize("line", re.findall(r"^collab (.+)$", README, re.MULTILINE))
def test_every_line_for_the_terminal_is_understood(line: str) -> None:
    command: click.Command = main
    words = shlex.split(line)
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    context = click.Context(command)
    given, rest, _ = command.make_parser(context).parse_args(words)
    assert rest == []
    assert not [option.name for option in command.params if option.required and given.get(option.name or "") is None]


def test_the_first_row_of_invoices_is_the_one_that_is_read() -> None:
    assert f"`{','.join(COLUMNS)}`" in README


def test_the_manifest_asks_for_no_more_than_the_calls_need() -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    assert scopes == [
        "channels:read",
        "chat:write",
        "commands",
        "files:write",
        "groups:read",
        "im:write",
        "users:read",
        "users:read.email",
    ]
    assert manifest["features"]["slash_commands"][0]["command"] == COMMAND
    assert manifest["features"]["slash_commands"][0]["should_escape"] is True


def test_the_map_names_what_is_there() -> None:
    for path in re.findall(r"^\| `([a-z/_.]+)` \|", part("map"), re.MULTILINE):
        assert (ROOT / path).exists(), path
