"""When an unanswered invitation speaks up."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.answers import Mute, Snooze
from collab.events import InvitationDeferred, InvitationReminded
from collab.invitations import Resend
from collab.policy import Policy
from collab.reminders import Life, marks, next_due, working_moment, zone
from tests.support.builders import World

ZONES = ["UTC", "Asia/Kolkata", "America/New_York", "Pacific/Kiritimati", "Australia/Lord_Howe", "Europe/Berlin"]
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive by contract


@pytest.mark.rule("INV-10")
@given(at=moments, tz=st.sampled_from(ZONES))
def test_a_working_moment_is_the_first_between_9_and_18_on_a_weekday_there(at: datetime, tz: str) -> None:
    found = working_moment(Policy(), at, tz)
    local = found.astimezone(zone(tz))
    assert found >= at
    assert local.weekday() < 5
    assert time(9) <= local.time() < time(18)
    assert found == at or local.time() == time(9)
    assert found - at <= timedelta(days=3, hours=1)


@pytest.mark.rule("INV-10")
@given(at=moments)
def test_without_quiet_hours_every_moment_will_do(at: datetime) -> None:
    assert working_moment(Policy(quiet_hours=False), at, "Asia/Kolkata") == at


def test_an_unknown_time_zone_counts_as_utc() -> None:
    assert str(zone("Mars/Olympus")) == "UTC"
    assert str(zone("../etc/passwd")) == "UTC"


@pytest.mark.rule("INV-10")
def test_marks_scale_with_the_life() -> None:
    sent = datetime(2026, 11, 23, tzinfo=UTC)
    scaled = marks(Policy(), sent, sent + timedelta(days=14))
    assert scaled == [sent + timedelta(days=4), sent + timedelta(days=10)]


@pytest.mark.rule("INV-10")
def test_reminders_come_after_two_and_five_days_and_then_a_final_word_to_the_inviter(acme: World) -> None:
    acme.knows("bo")
    invitation = acme.invite("bo")
    acme.told()
    heard = []
    for hour in range(8 * 24):
        acme.passes(hours=1)
        heard += [(hour + 1, target, message) for target, message in acme.told()]
    assert [(h, t, m) for h, t, m in heard if m != "refresh"] == [
        (48, "bo", "invitation_reminder"),
        (168, "ada", "invitation_expired"),
    ]
    # The second mark falls on a Saturday and waits for Monday at nine, which is when the invitation ends.
    assert acme.invitation(invitation).state == "expired"


@pytest.mark.rule("INV-10")
def test_both_marks_remind_when_they_fall_on_working_days(acme: World) -> None:
    acme.knows("bo")
    acme.at += timedelta(days=1, hours=2)  # Tuesday, so that the marks are Thursday and the Monday after Sunday
    acme.invite("bo")
    for _ in range(7 * 24):
        acme.passes(hours=1)
    assert [e.mark for e in acme.happened(InvitationReminded)] == [1, 2]


@pytest.mark.rule("INV-10")
def test_a_reminder_waits_for_the_invited_persons_own_morning(acme: World) -> None:
    acme.knows("devi")
    acme.at = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # 20:30 where Devi is
    acme.invite("devi")
    acme.told()
    due = acme.collab.next_due()
    assert due == datetime(2026, 11, 26, 3, 30, tzinfo=UTC)  # Thursday 09:00 there
    acme.at = due - timedelta(seconds=1)
    assert acme.passes(seconds=0) == 0
    acme.passes(seconds=1)
    assert acme.told() == [("devi", "invitation_reminder")]


@pytest.mark.rule("INV-10")
def test_a_late_sweep_does_not_remind_at_night(acme: World) -> None:
    acme.knows("devi")
    acme.invite("devi")
    acme.at = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)
    acme.passes(seconds=0)
    assert acme.happened(InvitationReminded) == []
    moved = acme.happened(InvitationDeferred)[-1]
    assert moved.due == datetime(2026, 11, 26, 3, 30, tzinfo=UTC)


@pytest.mark.rule("INV-10")
def test_a_time_zone_that_is_learned_later_moves_the_reminder(acme: World) -> None:
    acme.at = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    invitation = acme.invite("devi")
    assert acme.invitation(invitation).due == datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
    acme.profile("devi")
    assert acme.invitation(invitation).due == datetime(2026, 11, 26, 3, 30, tzinfo=UTC)


@pytest.mark.rule("INV-10")
def test_never_after_an_answer_and_never_twice_for_a_mark(acme: World) -> None:
    acme.knows("bo", "carl")
    acme.invite("bo")
    answered = acme.invite("carl")
    acme.accept("carl", answered)
    acme.passes(days=2, hours=6)
    acme.passes(seconds=0)
    acme.passes(hours=1)
    assert [e.person for e in acme.happened(InvitationReminded)] == [acme.card(acme.waiting("bo")[0]).person.id]


@pytest.mark.rule("INV-10")
def test_a_snooze_puts_the_reminder_off_for_a_day(acme: World) -> None:
    acme.knows("bo")
    invitation = acme.invite("bo")
    acme.at += timedelta(days=1, hours=23)
    acme.do(Snooze(acme.by("bo", "button"), invitation))
    assert acme.invitation(invitation).due == acme.at + timedelta(days=1) + timedelta(hours=1)  # 08:00 waits for 9
    acme.passes(hours=12)
    assert acme.happened(InvitationReminded) == []
    acme.passes(hours=13)
    assert len(acme.happened(InvitationReminded)) == 1


@pytest.mark.rule("INV-10")
def test_a_muted_invitation_reminds_no_more_and_still_expires(acme: World) -> None:
    acme.knows("bo")
    invitation = acme.invite("bo")
    acme.do(Mute(acme.by("bo", "button"), invitation))
    acme.passes(days=4)
    acme.do(Resend(acme.by("ada"), invitation))
    acme.passes(days=4)
    assert acme.happened(InvitationReminded) == []
    acme.passes(days=3)
    assert acme.invitation(invitation).state == "expired"


@pytest.mark.rule("INV-10")
@given(at=moments, tz=st.sampled_from(ZONES), done=st.integers(0, 2), days=st.integers(1, 90))
def test_the_next_moment_is_never_after_the_expiry(at: datetime, tz: str, done: int, days: int) -> None:
    expires = at + timedelta(days=days)
    due = next_due(Policy(), Life(at, expires, done), tz)
    assert at < due <= expires
    assert next_due(Policy(), Life(at, expires, done, muted=True), tz) == expires
