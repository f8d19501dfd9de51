"""Reminders and expiry of pending invitations."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.events import InvitationDeferred, InvitationReminded
from collab.invitations.answers import MuteInvitation, SnoozeInvitation
from collab.invitations.commands import ResendInvitation
from collab.invitations.reminders import (
    ReminderState,
    get_next_reminder_time,
    get_time_zone,
    list_reminder_times,
    move_into_working_hours,
)
from collab.limits import Policy
from tests.support.builders import Scenario

ZONES = [
    "UTC",
    "Asia/Kolkata",
    "America/New_York",
    "Pacific/Kiritimati",
    "Australia/Lord_Howe",
    "Europe/Berlin",
]
moments = st.datetimes(
    datetime(2024, 1, 1),  # noqa: DTZ001 - bounds are naive by contract
    datetime(2030, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@pytest.mark.rule("INV-10")
@given(at=moments, tz=st.sampled_from(ZONES))
def test_working_hours_are_9_to_18_on_weekdays_in_the_time_zone(
    at: datetime, tz: str
) -> None:
    found = move_into_working_hours(Policy(), at, tz)
    local = found.astimezone(get_time_zone(tz))
    assert found >= at
    assert local.weekday() < 5
    assert time(9) <= local.time() < time(18)
    assert found == at or local.time() == time(9)
    assert found - at <= timedelta(days=3, hours=1)


@pytest.mark.rule("INV-10")
@given(at=moments)
def test_without_quiet_hours_nothing_is_moved(at: datetime) -> None:
    assert move_into_working_hours(Policy(quiet_hours=False), at, "Asia/Kolkata") == at


def test_an_unknown_time_zone_counts_as_utc() -> None:
    assert str(get_time_zone("Mars/Olympus")) == "UTC"
    assert str(get_time_zone("../etc/passwd")) == "UTC"


@pytest.mark.rule("INV-10")
def test_reminder_times_scale_with_the_lifetime() -> None:
    sent = datetime(2026, 11, 23, tzinfo=UTC)
    scaled = list_reminder_times(Policy(), sent, sent + timedelta(days=14))
    assert scaled == [sent + timedelta(days=4), sent + timedelta(days=10)]


@pytest.mark.rule("INV-10")
def test_reminders_after_two_and_five_days_then_the_inviter_is_notified(
    acme: Scenario,
) -> None:
    acme.register_people("bo")
    invitation = acme.send_invitation("bo")
    acme.take_outbox()
    heard = []
    for hour in range(8 * 24):
        acme.advance_time(hours=1)
        heard += [(hour + 1, target, message) for target, message in acme.take_outbox()]
    assert [(h, t, m) for h, t, m in heard if "refresh" not in m] == [
        (48, "bo", "invitation_reminder"),
        (168, "ada", "invitation_expired"),
    ]
    # The second mark falls on a Saturday and waits for Monday at nine, which is when the invitation ends.
    assert acme.get_invitation(invitation).state == "expired"


@pytest.mark.rule("INV-10")
def test_both_reminders_are_sent_on_working_days(acme: Scenario) -> None:
    acme.register_people("bo")
    acme.at += timedelta(
        days=1, hours=2
    )  # Tuesday, so that the marks are Thursday and the Monday after Sunday
    acme.send_invitation("bo")
    for _ in range(7 * 24):
        acme.advance_time(hours=1)
    first, second = acme.events_of_type(InvitationReminded)
    assert (first.mark, second.mark) == (1, 2)
    times = [
        recorded.at
        for recorded in acme.list_recorded_events()
        if isinstance(recorded.event, InvitationReminded)
    ]
    assert [first.due, second.due] == [times[1], acme.at]  # the last: the expiry


@pytest.mark.rule("INV-10")
def test_a_reminder_is_deferred_to_the_invited_persons_morning(acme: Scenario) -> None:
    acme.register_people("devi")
    acme.at = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # 20:30 where Devi is
    acme.send_invitation("devi")
    acme.take_outbox()
    due = acme.bus.get_next_due_time()
    assert due == datetime(2026, 11, 26, 3, 30, tzinfo=UTC)  # Thursday 09:00 there
    acme.at = due - timedelta(seconds=1)
    assert acme.advance_time(seconds=0) == 0
    acme.advance_time(seconds=1)
    assert acme.take_outbox() == [
        ("devi", "invitation_reminder"),
        ("devi", "refresh"),
    ]


@pytest.mark.rule("INV-10")
def test_late_due_work_does_not_remind_at_night(acme: Scenario) -> None:
    acme.register_people("devi")
    acme.send_invitation("devi")
    acme.at = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)
    acme.advance_time(seconds=0)
    assert acme.events_of_type(InvitationReminded) == []
    moved = acme.events_of_type(InvitationDeferred)[-1]
    assert moved.due == datetime(2026, 11, 26, 3, 30, tzinfo=UTC)


@pytest.mark.rule("INV-10")
def test_a_new_time_zone_moves_the_reminder(acme: Scenario) -> None:
    acme.at = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    invitation = acme.send_invitation("devi")
    assert acme.get_invitation(invitation).due == datetime(
        2026, 11, 25, 15, 0, tzinfo=UTC
    )
    acme.read_profile("devi")
    assert acme.get_invitation(invitation).due == datetime(
        2026, 11, 26, 3, 30, tzinfo=UTC
    )


@pytest.mark.rule("INV-10")
def test_no_reminder_after_an_answer_and_none_twice(acme: Scenario) -> None:
    acme.register_people("bo", "carl")
    acme.send_invitation("bo")
    answered = acme.send_invitation("carl")
    acme.accept_invitation("carl", answered)
    acme.advance_time(days=2, hours=6)
    acme.advance_time(seconds=0)
    acme.advance_time(hours=1)
    assert [e.person for e in acme.events_of_type(InvitationReminded)] == [
        acme.get_open_invitation(acme.pending_invitation_ids("bo")[0]).person.id
    ]


@pytest.mark.rule("INV-10")
def test_a_snooze_delays_the_reminder_by_a_day(acme: Scenario) -> None:
    acme.register_people("bo")
    invitation = acme.send_invitation("bo")
    acme.at += timedelta(days=1, hours=23)
    acme.execute(SnoozeInvitation(acme.caller_for("bo", "button"), invitation))
    assert acme.get_invitation(invitation).due == acme.at + timedelta(
        days=1
    ) + timedelta(hours=1)  # 08:00 waits for 9
    acme.advance_time(hours=12)
    assert acme.events_of_type(InvitationReminded) == []
    acme.advance_time(hours=13)
    assert len(acme.events_of_type(InvitationReminded)) == 1


@pytest.mark.rule("INV-10")
def test_a_muted_invitation_expires_without_reminders(acme: Scenario) -> None:
    acme.register_people("bo")
    invitation = acme.send_invitation("bo")
    acme.execute(MuteInvitation(acme.caller_for("bo", "button"), invitation))
    acme.advance_time(days=4)
    acme.execute(ResendInvitation(acme.caller_for("ada"), invitation))
    acme.advance_time(days=4)
    assert acme.events_of_type(InvitationReminded) == []
    acme.advance_time(days=3)
    assert acme.get_invitation(invitation).state == "expired"


@pytest.mark.rule("INV-10")
@given(
    at=moments,
    tz=st.sampled_from(ZONES),
    done=st.integers(0, 2),
    days=st.integers(1, 90),
)
def test_the_next_reminder_is_never_after_the_expiry(
    at: datetime, tz: str, done: int, days: int
) -> None:
    expires = at + timedelta(days=days)
    due = get_next_reminder_time(Policy(), ReminderState(at, expires, done), tz)
    assert at < due <= expires
    assert (
        get_next_reminder_time(
            Policy(), ReminderState(at, expires, done, muted=True), tz
        )
        == expires
    )
