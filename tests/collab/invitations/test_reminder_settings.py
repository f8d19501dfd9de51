"""Reminders of invitations that are already sent follow the workspace's settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from collab.bus import Bus
from collab.events import InvitationDeferred, InvitationReminded
from collab.invitations.answers import MuteInvitation, SnoozeInvitation
from collab.invitations.commands import ResendInvitation
from collab.settings import ChangeSettings
from tests.support.builders import MONDAY, Scenario

pytestmark = pytest.mark.rule("INV-10")

DAY = timedelta(days=1)


@pytest.fixture
def invited(acme: Scenario) -> Scenario:
    """Bo has an invitation since Monday; Root is an admin of the workspace."""
    acme.read_profile("root", admin=True)
    acme.register_people("bo")
    acme.send_invitation("bo")
    acme.take_outbox()
    return acme


def change_setting(world: Scenario, value: str | None, name: str = "reminders") -> None:
    world.execute(ChangeSettings(world.caller_for("root"), {name: value}))


def reminder_times(world: Scenario) -> list[timedelta]:
    """When Bo was reminded, after Monday morning."""
    with world.database.unit_of_work_factory.read(world.workspace) as facts:
        return [
            recorded.at - MONDAY
            for recorded in facts.events.list_events_from(1, 1000)
            if isinstance(recorded.event, InvitationReminded)
        ]


def pass_days(world: Scenario, days: float) -> None:
    """Let time pass in steps of six hours."""
    for _ in range(int(days * 4)):
        world.advance_time(hours=6)


def test_switched_off_reminders_do_not_remind_of_what_was_sent_before(
    invited: Scenario,
) -> None:
    change_setting(invited, "off")
    pass_days(invited, 8)
    assert reminder_times(invited) == []
    sent = [message for _, message in invited.take_outbox()]
    assert "invitation_expired" in sent


def test_off_after_the_first_reminder_stops_the_second(invited: Scenario) -> None:
    change_setting(invited, "2d,3d")
    pass_days(invited, 2)
    change_setting(invited, "off")
    pass_days(invited, 6)
    assert reminder_times(invited) == [2 * DAY]


def test_switched_on_again_they_remind_at_the_times_that_come(
    invited: Scenario,
) -> None:
    change_setting(invited, "off")
    pass_days(invited, 1)
    change_setting(invited, "2d,3d")
    pass_days(invited, 6)
    assert reminder_times(invited) == [2 * DAY, 3 * DAY]


def test_a_time_that_passed_while_they_were_off_is_not_made_up_for(
    invited: Scenario,
) -> None:
    change_setting(invited, "off")
    pass_days(invited, 2.5)
    change_setting(invited, "2d,3d")
    assert invited.pending_invitation_ids("bo")
    pass_days(invited, 5)
    assert reminder_times(invited) == [3 * DAY]


def test_off_and_on_does_not_repeat_a_reminder(invited: Scenario) -> None:
    change_setting(invited, "2d,3d")
    pass_days(invited, 2.25)
    change_setting(invited, "off")
    change_setting(invited, "2d,3d")
    pass_days(invited, 5)
    assert reminder_times(invited) == [2 * DAY, 3 * DAY]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("2d", "1d,3d", [1 * DAY, 3 * DAY]),
        ("1d", "3d", [3 * DAY]),
        ("2d,3d", "1d", [1 * DAY]),
        ("2d,3d", None, [2 * DAY]),
    ],
)
def test_changed_days_count_for_what_was_sent_before(
    invited: Scenario, before: str, after: str | None, expected: list[timedelta]
) -> None:
    change_setting(invited, before)
    pass_days(invited, 0.5)
    change_setting(invited, after)
    pass_days(invited, 4)  # until Friday
    assert reminder_times(invited) == expected


def test_fewer_days_after_a_reminder_still_remind(invited: Scenario) -> None:
    change_setting(invited, "1d")
    pass_days(invited, 1)
    change_setting(invited, "3d")
    pass_days(invited, 6)
    assert reminder_times(invited) == [1 * DAY, 3 * DAY]


def test_the_same_time_as_another_mark_still_reminds(invited: Scenario) -> None:
    change_setting(invited, "2d,3d")
    pass_days(invited, 2.25)
    change_setting(invited, "3d")
    pass_days(invited, 3)
    assert reminder_times(invited) == [2 * DAY, 3 * DAY]


@pytest.mark.parametrize(
    ("setting", "value"),
    [("reminders", "2d,5d"), ("reminders", "5d"), ("lifetime", "10d")],
)
def test_a_reminder_that_waits_for_monday_outlives_a_change(
    invited: Scenario, setting: str, value: str
) -> None:
    invited.at += DAY + timedelta(hours=3)  # Tuesday noon
    (invitation,) = invited.pending_invitation_ids("bo")
    invited.execute(ResendInvitation(invited.caller_for("ada"), invitation))
    pass_days(invited, 5.25)  # Sunday evening, after the second mark
    assert len(reminder_times(invited)) == 1
    change_setting(invited, value, setting)
    pass_days(invited, 1)
    assert len(reminder_times(invited)) == 2


def test_a_muted_invitation_stays_muted_when_reminders_are_switched_on(
    invited: Scenario,
) -> None:
    (invitation,) = invited.pending_invitation_ids("bo")
    invited.execute(MuteInvitation(invited.caller_for("bo", "button"), invitation))
    change_setting(invited, "off")
    change_setting(invited, "2d,3d")
    pass_days(invited, 5)
    assert reminder_times(invited) == []


def test_a_snooze_outlasts_a_change_of_the_days(invited: Scenario) -> None:
    (invitation,) = invited.pending_invitation_ids("bo")
    pass_days(invited, 1)
    invited.execute(SnoozeInvitation(invited.caller_for("bo", "button"), invitation))
    change_setting(invited, "30h")
    pass_days(invited, 3)
    assert reminder_times(invited) == [2 * DAY]


def test_quiet_hours_switched_off_let_a_reminder_go_out_on_a_weekend(
    invited: Scenario,
) -> None:
    change_setting(invited, "5d")
    change_setting(invited, "off", "quiet-hours")
    pass_days(invited, 6)
    assert reminder_times(invited) == [5 * DAY]  # Saturday


def test_other_settings_and_unchanged_times_defer_nothing(invited: Scenario) -> None:
    change_setting(invited, "20", "daily-invitations")
    change_setting(invited, "2d,5d")
    assert invited.events_of_type(InvitationDeferred) == []


def test_a_reminder_that_became_due_before_the_change_is_not_sent_after_it(
    invited: Scenario,
) -> None:
    invited.at += 2 * DAY
    change_setting(invited, "off")
    invited.advance_time(seconds=1)
    assert reminder_times(invited) == []


def test_an_installation_without_reminders_sends_none_of_those_that_are_due(
    invited: Scenario,
) -> None:
    silent = replace(invited.policy, reminders=())
    invited.bus = Bus(invited.database.unit_of_work_factory, invited.new_id, silent)
    pass_days(invited, 8)
    assert reminder_times(invited) == []
