"""A workspace's settings: changed by its admins, in force for everybody in it (INV-08, INV-13)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collab import errors
from collab.events import WorkspaceSet
from collab.limits import Policy, format_duration, parse_setting_duration
from collab.model import WorkspaceId
from collab.settings import ChangeSettings, ShowSettings
from tests.support.builders import Scenario


@pytest.fixture
def root(acme: Scenario) -> Scenario:
    """Root looks after the workspace."""
    acme.register_people("carl", "devi")
    acme.read_profile("root", admin=True)
    acme.take_outbox()
    return acme


def sets(world: Scenario, setting: str, value: str | None, by: str = "root") -> Any:
    return world.execute(ChangeSettings(world.caller_for(by), {setting: value}))


def shown(world: Scenario, by: str = "carl") -> Any:
    return world.bus.query(ShowSettings(world.caller_for(by)), world.at)


@pytest.mark.rule("INV-08")
def test_the_life_of_an_invitation_is_from_one_to_ninety_days(root: Scenario) -> None:
    for value in ("1d", "24h", "90d", "2 weeks", "14 d", "14 days"):
        sets(root, "lifetime", value)
    invitation = root.send_invitation("carl")
    assert root.get_invitation(invitation).expires == root.at + timedelta(days=14)
    for wrong in (
        "23h",
        "91d",
        "0d",
        "-1d",
        "14",
        "d",
        "",
        "14 moons",
        "1e3d",
        "9999999d",
        "forever",
    ):
        with pytest.raises(errors.BadSetting):
            sets(root, "lifetime", wrong)
    assert shown(root).policy.lifetime == timedelta(days=14)


@pytest.mark.rule("INV-10")
def test_reminders_follow_a_life_that_was_set_unless_they_were_set_themselves(
    root: Scenario,
) -> None:
    sets(root, "lifetime", "14d")
    assert shown(root).policy.reminders == (timedelta(days=4), timedelta(days=10))
    sets(root, "reminders", "3d,1d,3d")
    assert shown(root).policy.reminders == (timedelta(days=1), timedelta(days=3))
    sets(root, "reminders", "off")
    assert shown(root).policy.reminders == ()
    sets(root, "reminders", None)
    assert shown(root).policy.reminders == (timedelta(days=4), timedelta(days=10))


@pytest.mark.rule("INV-10")
def test_no_reminder_is_set_for_after_the_end(root: Scenario) -> None:
    for wrong in ("7d", "1d,8d", "999999d", "2d;5d", ",", "2d,,5d"):
        with pytest.raises(errors.BadSetting):
            sets(root, "reminders", wrong)
    sets(root, "lifetime", "30d")
    sets(root, "reminders", "20d")
    for value in ("14d", None):
        with pytest.raises(errors.BadSetting):
            sets(root, "lifetime", value)
    assert shown(root).policy.lifetime == timedelta(days=30)


@pytest.mark.rule("INV-10")
def test_quiet_hours_are_switched_for_everybody(root: Scenario) -> None:
    root.at += timedelta(hours=12)
    sets(root, "quiet-hours", "off")
    invitation = root.send_invitation("carl")
    assert root.get_invitation(invitation).due == root.at + timedelta(days=2)
    with pytest.raises(errors.BadSetting):
        sets(root, "quiet-hours", "maybe")


@pytest.mark.rule("INV-13")
def test_the_daily_number_is_from_one_to_a_hundred_thousand(root: Scenario) -> None:
    for wrong in ("0", "-1", "100001", "", "many", "5.0", "9" * 5000):
        with pytest.raises(errors.BadSetting):
            sets(root, "daily-invitations", wrong)
    sets(root, "daily-invitations", "2")
    root.send_invitation("carl")
    root.send_invitation("devi")
    with pytest.raises(errors.TooManyToday) as refused:
        root.send_invitation("root")
    assert refused.value.again == root.at + timedelta(days=1)
    sets(root, "daily-invitations", None)
    root.send_invitation("root")


@pytest.mark.rule("INV-13")
def test_a_number_that_was_lowered_says_rightly_when_the_next_may_go(
    root: Scenario,
) -> None:
    for hour in range(4):
        root.send_invitation(f"p{hour}@example.com")
        root.at += timedelta(hours=1)
    sets(root, "daily-invitations", "2")
    with pytest.raises(errors.TooManyToday) as refused:
        root.send_invitation("carl")
    root.at = refused.value.again - timedelta(seconds=1)
    with pytest.raises(errors.TooManyToday):
        root.send_invitation("carl")
    root.at += timedelta(seconds=1)
    root.send_invitation("carl")


def test_only_those_who_look_after_the_workspace_set_anything_and_everybody_sees_it(
    root: Scenario,
) -> None:
    root.read_profile("eve@T2", admin=True)
    for who, refusal in (
        ("ada", errors.NotWorkspaceAdmin),
        ("carl", errors.NotWorkspaceAdmin),
        ("eve@T2", errors.ForeignActor),
    ):
        with pytest.raises(refusal):
            sets(root, "lifetime", "14d", by=who)
    assert not shown(root, "carl").may_set
    assert shown(root, "root").may_set
    with pytest.raises(errors.UnknownSetting):
        sets(root, "colour", "red")
    root.read_profile("root", admin=False)
    with pytest.raises(errors.NotWorkspaceAdmin):
        sets(root, "lifetime", "14d")


@pytest.mark.rule("EVT-01")
def test_every_change_says_what_was_before_and_the_same_again_is_none(
    root: Scenario,
) -> None:
    sets(root, "lifetime", "14d")
    sets(root, "lifetime", "14d")
    sets(root, "lifetime", None)
    sets(root, "lifetime", None)
    assert [(e.value, e.before) for e in root.events_of_type(WorkspaceSet)] == [
        ("14d", None),
        (None, "14d"),
    ]
    assert shown(root).policy == Policy()
    assert shown(root).workspace_values == {}


def test_a_setting_is_that_of_one_workspace(root: Scenario) -> None:
    sets(root, "lifetime", "14d")
    other = Scenario(root.database, workspace=WorkspaceId("T9"), id_prefix="9")
    other.create_company()
    invitation = other.send_invitation("bo")
    assert other.get_invitation(invitation).expires == other.at + timedelta(days=7)


@pytest.mark.rule("RES-01")
def test_companies_may_be_left_to_those_who_look_after_the_workspace(
    root: Scenario,
) -> None:
    sets(root, "companies", "admins")
    with pytest.raises(errors.Reserved) as refused:
        root.create_resource("company", "Beta", by="carl")
    assert refused.value.kind == "company"
    root.create_resource("company", "Gamma", by="root")
    root.create_resource("project", "Site", by="carl")
    root.create_resource("app", "Shop", "acme")
    for wrong in ("owners", "", "nobody"):
        with pytest.raises(errors.BadSetting):
            sets(root, "companies", wrong)
    sets(root, "companies", "everybody")
    root.create_resource("company", "Delta", by="carl")
    sets(root, "companies", "admins")
    sets(root, "companies", None)
    root.create_resource("company", "Epsilon", by="carl")


@pytest.mark.rule("BIL-01")
def test_a_card_number_is_no_value_of_a_setting(root: Scenario) -> None:
    with pytest.raises(errors.CardNumber):
        sets(root, "reminders", "4111 1111 1111 1111")


def test_several_settings_change_together_or_not_at_all(root: Scenario) -> None:
    root.execute(
        ChangeSettings(
            root.caller_for("root"),
            {"lifetime": "30d", "reminders": "20d", "daily-invitations": "5"},
        )
    )
    assert [e.setting for e in root.events_of_type(WorkspaceSet)] == [
        "lifetime",
        "reminders",
        "daily-invitations",
    ]
    assert shown(root).workspace_values == {
        "lifetime": "30d",
        "reminders": "20d",
        "daily-invitations": "5",
    }
    root.execute(
        ChangeSettings(root.caller_for("root"), {"reminders": "2d", "lifetime": "7d"})
    )  # neither could be changed first alone
    for changes, blamed in (
        ({"lifetime": "14d", "daily-invitations": "0"}, "daily-invitations"),
        ({"lifetime": "14d", "reminders": "14d"}, "reminders"),
        ({"daily-invitations": "9", "lifetime": "2d"}, "lifetime"),
    ):
        with pytest.raises(errors.BadSetting) as refused:
            root.execute(ChangeSettings(root.caller_for("root"), changes))
        assert refused.value.setting == blamed
    with pytest.raises(errors.UnknownSetting):
        root.execute(
            ChangeSettings(
                root.caller_for("root"), {"lifetime": "14d", "colour": "red"}
            )
        )
    with pytest.raises(errors.NotWorkspaceAdmin):
        root.execute(
            ChangeSettings(
                root.caller_for("carl"), {"notices": "digest", "lifetime": "14d"}
            )
        )
    assert shown(root).workspace_values == {
        "lifetime": "7d",
        "reminders": "2d",
        "daily-invitations": "5",
    }
    assert shown(root, "carl").notices == "direct"


@pytest.mark.parametrize("value", ["7d", "36h", "90m", "61s", "1d"])
def test_a_length_is_written_as_it_is_typed(value: str) -> None:
    assert format_duration(parse_setting_duration(value)) == value
