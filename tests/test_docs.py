"""Check what the documentation, the manifest and the settings say against the code."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from pathlib import Path

import click
import pytest
import yaml

from bot.cli import main
from bot.invoice_import import CSV_COLUMNS
from bot.plans_file import read_plans
from bot.slack.commands.parser import parse
from bot.slack.commands.verb import COMMAND
from tests.tools.generate_docs import pages_with_generated_parts, regenerate

ROOT = Path(__file__).parent.parent
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text()
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if path.name != "CHANGELOG.md"
}
README = PAGES["README.md"]
RULES_PAGE, OPERATIONS, CONFIGURATION = (
    PAGES[f"docs/{name}.md"] for name in ("rules", "operations", "configuration")
)
ALL_PAGES = "\n".join(PAGES.values())
RULE_IDS = re.findall(r"^### ([A-Z]{3}-\d{2})$", RULES_PAGE, re.MULTILINE)
TEST_FILES = {path: path.read_text() for path in (ROOT / "tests").rglob("test_*.py")}


def test_the_generated_parts_are_what_the_code_makes() -> None:
    pages = pages_with_generated_parts()
    assert {path.stem for path in pages} == {"commands", "roles", "rules"}
    for path in pages:
        assert path.read_text() == regenerate(path.read_text()), (
            f"{path.name} is out of date: run `make docs`"
        )


def test_no_rule_is_listed_twice() -> None:
    assert RULE_IDS
    assert [rule_id for rule_id, count in Counter(RULE_IDS).items() if count > 1] == []


def test_every_rule_has_a_test_and_every_mark_names_a_rule() -> None:
    marked_ids = {
        rule_id
        for text in TEST_FILES.values()
        for rule_id in re.findall(r'mark\.rule\("(.*?)"\)', text)
    }
    assert set(RULE_IDS) - marked_ids == set(), "rules without a test"
    assert marked_ids - set(RULE_IDS) == set(), (
        "marks that name no rule of docs/rules.md"
    )


def test_every_rule_that_is_named_in_the_code_is_listed() -> None:
    kinds_of_rules = "|".join({rule_id[:3] for rule_id in RULE_IDS})
    for folder in ("bot", "collab", "storage"):
        for path in (ROOT / folder).rglob("*.py"):
            assert set(
                re.findall(rf"\b(?:{kinds_of_rules})-\d+\b", path.read_text())
            ) <= set(RULE_IDS), path


@pytest.mark.parametrize(
    "line", sorted(set(re.findall(rf"`{COMMAND} ([^`|<\[A-Z]+)`", ALL_PAGES)))
)
def test_every_command_of_the_documentation_is_understood(line: str) -> None:
    typed = re.sub(r"@(\w+)", lambda found: f"<@U{found[1].upper()}|{found[1]}>", line)
    assert parse(typed, "T1").verb


def test_every_make_target_of_the_documentation_is_there() -> None:
    targets = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    )
    named = set(re.findall(r"`make ([a-z-]+)", ALL_PAGES))
    assert named
    assert named <= targets


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_link_within_the_project_leads_somewhere(page: str) -> None:
    for path, anchor in re.findall(
        r"\]\((?!https?://)([^)#]*)#?([^)]*)\)", PAGES[page]
    ):
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), path
        if anchor:
            assert anchor in anchors(target.read_text()), f"{path}#{anchor}"


def anchors(text: str) -> set[str]:
    """Return the anchors that the code host makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


def test_every_setting_is_explained_in_the_example_and_in_the_documentation() -> None:
    example = (ROOT / ".env.example").read_text()
    settings = set(
        re.findall(
            r'"((?:SLACK|COLLAB|DATABASE)_[A-Z_]+)"',
            (ROOT / "bot/config.py").read_text(),
        )
    )
    assert settings
    for name in settings:
        assert name in example, name
        assert f"| `{name}` |" in CONFIGURATION, name


def test_the_plans_of_the_documentation_and_of_the_example_are_plans(
    tmp_path: Path,
) -> None:
    [shown] = re.findall(r"```toml\n(.*?)```", OPERATIONS, re.DOTALL)
    [written] = re.findall(
        r"by plan\..*?\n((?:#   .*\n)+)#COLLAB_PLANS",
        (ROOT / ".env.example").read_text(),
    )
    for text in (shown, written.replace("#   ", "")):
        (tmp_path / "plans.toml").write_text(text)
        assert read_plans(str(tmp_path / "plans.toml")) == {
            "studio": {"owner": 1, "admin": 3, "collaborator": 10}
        }


@pytest.mark.parametrize("line", re.findall(r"^collab (.+)$", ALL_PAGES, re.MULTILINE))
def test_every_line_for_the_terminal_is_understood(line: str) -> None:
    command: click.Command = main
    words = shlex.split(line)
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    context = click.Context(command)
    given, rest, _ = command.make_parser(context).parse_args(words)
    assert rest == []
    assert not [
        option.name
        for option in command.params
        if option.required and given.get(option.name or "") is None
    ]


def test_the_first_row_of_invoices_is_the_one_that_is_read() -> None:
    assert f"`{','.join(CSV_COLUMNS)}`" in OPERATIONS


def test_the_manifest_asks_for_no_more_than_the_calls_need() -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    assert scopes == [
        "app_mentions:read",
        "channels:read",
        "chat:write",
        "commands",
        "files:write",
        "groups:read",
        "im:history",
        "im:write",
        "users:read",
        "users:read.email",
    ]
    # Without them there is no button to add the app to a channel, and "another company"
    # is said in place of its name.
    optional = manifest["oauth_config"]["scopes"]["bot_optional"]
    assert optional == ["channels:join", "team:read"]
    assert manifest["features"]["slash_commands"][0]["command"] == COMMAND
    assert manifest["features"]["slash_commands"][0]["should_escape"] is True


def test_every_scope_of_the_manifest_is_explained() -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    [table] = re.findall(r"## Scope by scope(.*?)\n## ", text, re.DOTALL)
    explained = dict(re.findall(r"^\| `([a-z_.:]+)` \| (.+) \|$", table, re.MULTILINE))
    scopes = yaml.safe_load((ROOT / "manifest.yml").read_text())["oauth_config"][
        "scopes"
    ]
    assert set(explained) == {*scopes["bot"], *scopes["bot_optional"]}
    assert {
        name for name, words in explained.items() if words.startswith("optional: ")
    } == set(scopes["bot_optional"])


def test_the_map_names_what_is_there() -> None:
    paths = re.findall(
        r"^\| `([a-z/_.]+)` \|", PAGES["docs/architecture.md"], re.MULTILINE
    )
    assert paths
    for path in paths:
        assert (ROOT / path).exists(), path


def test_the_readme_stays_short() -> None:
    assert len(README.splitlines()) <= 100
