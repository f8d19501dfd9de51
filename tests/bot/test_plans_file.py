"""The file of plans: its limits apply, and each mistake is one line with its key and an example."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import InvalidSetting, read_config
from bot.plans_file import list_limited_roles, read_plans

SET = {"SLACK_BOT_TOKEN": "xoxb-1111-2222-3333", "SLACK_APP_TOKEN": "xapp-1-A111-2222"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "plans.toml"


def test_no_file_means_no_plans(tmp_path: Path) -> None:
    assert read_config(SET, tmp_path).plans == {}


@pytest.mark.rule("BIL-09")
def test_each_plan_has_limits_by_role(file: Path) -> None:
    file.write_text(
        "[studio]\nowner = 1\nadmin = 3\ncollaborator = 10\n\n[agency-2]\naccountant = 2\n[free]\n"
    )
    expected_plans = {
        "studio": {"owner": 1, "admin": 3, "collaborator": 10},
        "agency-2": {"accountant": 2},
        "free": {},
    }
    assert read_plans(str(file)) == expected_plans
    assert (
        read_config(SET | {"COLLAB_PLANS": str(file)}, file.parent).plans
        == expected_plans
    )


def test_empty_file_has_no_plans(file: Path) -> None:
    file.write_text("# none yet\n")
    assert read_plans(str(file)) == {}


def test_limited_roles_are_those_of_resource_types_with_plans() -> None:
    assert list_limited_roles() == ("owner", "admin", "accountant", "collaborator")


@pytest.mark.rule("BIL-09")
@pytest.mark.parametrize(
    ("text", "place", "example"),
    [
        (
            "[studio]\nmember = 3\n",
            "[studio] member isn't a role that can be limited",
            "owner = 1",
        ),
        ("[studio]\nadmin = 0\n", "[studio] admin isn't a whole number", "admin = 3"),
        ("[studio]\nadmin = -1\n", "[studio] admin isn't a whole number", "admin = 3"),
        (
            "[studio]\nadmin = 1.5\n",
            "[studio] admin isn't a whole number",
            "admin = 3",
        ),
        (
            '[studio]\nadmin = "3"\n',
            "[studio] admin isn't a whole number",
            "admin = 3",
        ),
        (
            "[studio]\nadmin = true\n",
            "[studio] admin isn't a whole number",
            "admin = 3",
        ),
        (
            "[studio.admin]\nmost = 3\n",
            "[studio] admin isn't a whole number",
            "admin = 3",
        ),
        ("owner = 1\n", "owner isn't part of a plan", "[studio]"),
        ("[nothing]\nowner = 1\n", "[nothing] can't be used as a name", "[studio]"),
        ("[Studio]\nowner = 1\n", "[Studio] can't be used as a name", "[studio]"),
        ('["my plan"]\nowner = 1\n', "[my plan] can't be used as a name", "[studio]"),
        ('["my\\nplan"]\nowner = 1\n', "[my plan] can't be used as a name", "[studio]"),
        ("[studio]\nowner 1\n", "which isn't valid TOML", "line 2"),
    ],
)
def test_mistake_is_one_line_with_file_key_and_example(
    file: Path, text: str, place: str, example: str
) -> None:
    file.write_text(text)
    with pytest.raises(InvalidSetting) as refused:
        read_config(SET | {"COLLAB_PLANS": str(file)}, file.parent)
    line = str(refused.value)
    assert line.startswith(f"COLLAB_PLANS names {file}, ")
    assert place in line
    assert example in line
    assert "\n" not in line
    assert refused.value.code == 2


def test_unreadable_file_is_one_line(file: Path) -> None:
    with pytest.raises(
        InvalidSetting,
        match=r"COLLAB_PLANS names .*plans.toml, which can't be read \(No such file",
    ):
        read_config(SET | {"COLLAB_PLANS": str(file)}, file.parent)
    with pytest.raises(InvalidSetting, match="which can't be read"):
        read_config(SET | {"COLLAB_PLANS": str(file.parent)}, file.parent)
    file.write_bytes(b"\xff\xfe[studio]")
    with pytest.raises(InvalidSetting, match="which isn't UTF-8 text"):
        read_config(SET | {"COLLAB_PLANS": str(file)}, file.parent)


def test_invisible_characters_are_ignored(file: Path) -> None:
    file.write_bytes("\ufeff[stu\u200bdio]\r\nowner\u00ad = 1\r\n".encode())

    assert read_plans(str(file)) == {"studio": {"owner": 1}}
