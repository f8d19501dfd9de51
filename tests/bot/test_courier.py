"""The courier between a real outbox and the playground's Slack: nothing is lost, little is repeated, order holds."""

from __future__ import annotations

import logging
import random
import sqlite3
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from bot import errands
from bot.courier import ATTEMPTS, Courier
from bot.errands import Errands
from bot.playground.server import Playground
from bot.rush import Rush
from bot.slack import Resting, Slack, SlackTrouble, Sort, sort_of, web_client
from bot.words import words_in
from collab.invitations import Resend, Revoke
from collab.people import Account, Install
from storage.database import Database
from storage.files import Files
from storage.tables import outbox
from tests.support.app_harness import traffic_file
from tests.support.builders import World

pytestmark = pytest.mark.slow  # starts the playground

HOOK = "https://hooks.slack.com/commands/T1/1/secret"


class Still(random.Random):
    """Dice without spread: what failed is tried again at once."""

    def uniform(self, a: float, b: float) -> float:
        return 0.0

    def random(self) -> float:
        return 0.0


class Office:
    """A world whose notices a courier carries to the playground."""

    def __init__(self, database: Database, playground: Playground, folder: Path) -> None:
        self.playground = playground
        self.outbox = database.outbox
        self.world = World(database, workspace=playground.team_id)
        self.world.told()  # nobody's profile is read before it is needed
        self.client = web_client(playground.bot_token, f"{playground.url}/api/")
        self.slack = Slack(self.client)
        files = Files(folder)
        running = Errands(
            self.world.collab, database.outbox, words_in("en"), self.slack, lambda: self.world.at, files, lambda _: None
        )
        self.courier = Courier(database.outbox, running, Still(), Rush())
        self.world.collab.told = self.courier.wake
        self.courier.start()

    def open_for_business(self) -> Office:
        self.world.company()
        self.settle()
        return self

    def damage(self, target: str, message: str, payload: str) -> None:
        """Put into the outbox what nobody can read."""
        fresh = {"state": "waiting", "attempts": 0, "not_before": 0.0, "leased_until": 0.0, "lease": ""}
        row = {"workspace": self.world.workspace, "target": target, "message": message, "payload": payload}
        with self.world.database.engine.begin() as connection:
            connection.execute(outbox.insert().values(row | fresh))

    def settle(self, timeout: float = 10.0) -> None:
        assert self.courier.drain(timeout)

    def direct(self, name: str) -> list[dict[str, Any]]:
        return self.playground.person(name).direct_messages()

    def posted(self) -> list[dict[str, Any]]:
        return [e for e in self.playground.traffic if e["kind"] == "call" and "chat.postMessage" in e["summary"]]


@pytest.fixture
def playground() -> Iterator[Playground]:
    with Playground(record=traffic_file()) as running:
        yield running


@pytest.fixture
def office(sqlite_database: Database, playground: Playground, tmp_path: Path) -> Iterator[Office]:
    opened = Office(sqlite_database, playground, tmp_path / "files")
    yield opened.open_for_business()
    opened.courier.stop()


def buttons(message: dict[str, Any]) -> list[str]:
    rows = [b["elements"] for b in message["blocks"] or [] if b["type"] == "actions"]
    return [element["action_id"].partition(":")[0] for row in rows for element in row]


@pytest.mark.rule("EVT-06")
def test_an_invitation_reaches_both_sides(office: Office) -> None:
    office.world.invite("carl")
    office.settle()
    [to_carl], [to_ada] = office.direct("carl"), office.direct("ada")
    assert "accept" in buttons(to_carl)
    assert "accept" not in buttons(to_ada)
    assert office.outbox.wait() is None


@pytest.mark.rule("INV-11")
def test_after_an_answer_no_live_button_is_left(office: Office) -> None:
    office.world.link("C0ACME", groups=("joins", "invitations"))
    invitation = office.world.invite("carl")
    office.settle()
    office.world.accept("carl", invitation)
    office.settle()
    for seen in (office.direct("carl"), office.direct("ada"), office.playground.person("ada").messages("acme")):
        assert not any(buttons(message) for message in seen)


def test_an_invitation_that_is_over_before_it_is_sent_is_not_sent(office: Office) -> None:
    office.courier.stop()
    invitation = office.world.invite("carl")
    office.world.do(Revoke(office.world.by("ada"), invitation))
    late = Courier(office.outbox, office.courier._errands, Still(), Rush())
    late.start()
    assert late.drain(10)
    late.stop()
    assert office.direct("carl") == []
    assert office.outbox.failed() == []


@pytest.mark.rule("EVT-06")
def test_a_server_error_is_tried_again(office: Office) -> None:
    office.playground.faults.server_error("chat.postMessage", times=3)
    office.world.invite("carl")
    office.settle()
    assert len(office.direct("carl")) == 1
    assert len(office.direct("ada")) == 1


@pytest.mark.rule("EVT-06")
def test_order_holds_per_target_when_the_first_fails(office: Office) -> None:
    office.playground.faults.error("chat.postMessage", "internal_error", times=4)
    office.world.link("C0ACME", groups=("joins", "leaves"))
    office.world.member("carl")
    office.world.leave("carl")
    office.settle()
    heard = [m["text"] for m in office.playground.person("ada").messages("acme")]
    assert len(heard) == 3
    assert [("left" in text, "join" in text.lower()) for text in heard[1:]] == [(False, True), (True, False)]


def test_what_goes_on_failing_is_given_up_and_told(office: Office) -> None:
    office.playground.faults.server_error("users.info", times=None)
    office.world.invite("carl")
    office.settle(20)
    [given_up] = office.outbox.failed()
    assert (given_up.message, given_up.problem, given_up.attempts) == ("profile", "http_503", ATTEMPTS)
    assert len(office.direct("carl")) == 1


def test_a_closed_connection_is_tried_again(office: Office) -> None:
    office.playground.faults.close_connection("chat.postMessage", times=2)
    office.world.invite("carl")
    office.settle()
    assert len(office.direct("carl")) == 1


def test_a_timeout_after_the_effect_repeats_once_at_most(office: Office) -> None:
    office.client.timeout = 0.5  # type: ignore[assignment]
    office.playground.faults.timeout_after("chat.postMessage", times=1, seconds=1.0)
    office.world.invite("carl")
    office.settle()
    assert sorted([len(office.direct("carl")), len(office.direct("ada"))]) == [1, 2]


def test_one_slow_target_does_not_hold_the_others(office: Office) -> None:
    office.playground.faults.timeout_before("users.info", times=1, seconds=2.0)
    start = time.monotonic()
    office.world.invite("carl")
    office.playground.wait_until(lambda: office.direct("ada"), 1.5)
    assert time.monotonic() - start < 1.5
    assert office.direct("carl") == []


def test_retry_after_is_obeyed_by_everything_that_uses_the_method(office: Office) -> None:
    office.playground.faults.rate_limit("chat.postMessage", times=1, retry_after=1)
    start = time.monotonic()
    for name in ("carl", "devi", "bo"):
        office.world.invite(name)
    office.playground.wait_until(lambda: len(office.direct("ada")) == 3, 10)
    assert time.monotonic() - start >= 1.0
    office.settle()
    assert [len(office.direct(name)) for name in ("carl", "devi", "bo")] == [1, 1, 1]
    assert len(office.posted()) == 6
    assert office.outbox.failed() == []


def test_rest_is_for_one_workspace_and_one_method(office: Office) -> None:
    office.playground.faults.rate_limit("users.info", times=1, retry_after=30)
    with pytest.raises(Resting):
        office.slack.call("T1", "users.info", user="UADA")
    with pytest.raises(Resting) as rest:
        office.slack.call("T1", "users.info", user="UADA")
    assert 29 < rest.value.seconds <= 30
    assert office.slack.call("T2", "users.info", user="UADA")["ok"]
    assert office.slack.call("T1", "auth.test")["ok"]


@pytest.mark.rule("EVT-06")
def test_a_channel_that_is_gone_is_told_once_to_who_linked_it(office: Office) -> None:
    office.world.link("CGONE")
    office.settle()
    assert office.outbox.failed() == []
    [told] = office.direct("ada")
    assert "<#CGONE> was deleted" in told["text"]


class Far(Still):
    """Dice that put what failed off for a long time."""

    def uniform(self, a: float, b: float) -> float:
        return 1000.0


def test_what_failed_is_sent_as_soon_as_slack_works_again(office: Office) -> None:
    office.courier._dice = Far()
    office.world.knows("bo", "carl", "devi", "sam")
    office.settle()
    office.playground.faults.server_error("chat.postMessage", times=None)
    for who in ("bo", "carl", "devi"):
        office.world.invite(who)
    office.settle()
    office.playground.faults.clear()
    assert not any(office.direct(who) for who in ("ada", "bo", "carl", "devi"))
    office.world.invite("sam")
    office.settle()
    assert all(office.direct(who) for who in ("ada", "bo", "carl", "devi", "sam"))


@pytest.mark.rule("EVT-06")
def test_somebody_without_an_account_is_told_to_the_inviter(office: Office) -> None:
    office.world.invite("nobody@elsewhere.example.org")
    office.settle()
    assert [d.problem for d in office.outbox.failed()] == ["no_account"]
    assert len(office.direct("ada")) == 2


def test_that_somebody_cannot_be_reached_is_told_once(office: Office) -> None:
    office.world.invite("nobody@elsewhere.example.org")
    office.world.passes(days=3)
    office.settle()
    assert [d.message for d in office.outbox.failed()] == ["invitation"]
    assert len(office.direct("ada")) == 2


def test_an_address_of_the_workspace_becomes_its_person(office: Office) -> None:
    office.world.invite("Carl@Client.example.com")
    office.settle()
    [message] = office.direct("carl")
    assert "accept" in buttons(message)
    assert office.outbox.failed() == []


def test_a_defect_of_ours_is_not_tried_again(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.playground.faults.error("chat.postMessage", "invalid_blocks", times=1)
    office.world.link("C0ACME")
    office.settle()
    [given_up] = office.outbox.failed()
    assert (given_up.problem, given_up.attempts) == ("invalid_blocks", 1)
    [line] = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert f"delivery {given_up.id}" in line.getMessage()


def test_a_refused_token_is_one_clear_line(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.playground.faults.error("chat.postMessage", "token_revoked", times=2)
    office.world.invite("carl")
    office.settle()
    told = [r.getMessage() for r in caplog.records if "SLACK_BOT_TOKEN" in r.getMessage()]
    assert len(told) == 1
    assert "collab deliveries retry --all" in told[0]


def test_what_was_given_up_can_be_sent_again(office: Office) -> None:
    office.playground.faults.error("chat.postMessage", "not_in_channel", times=1)
    office.world.link("C0ACME")
    office.settle()
    [given_up] = office.outbox.failed()
    assert office.outbox.retry(given_up.id)
    office.settle()
    assert len(office.playground.person("ada").messages("acme")) == 1


def test_a_copy_that_is_gone_is_forgotten(office: Office) -> None:
    invitation = office.world.invite("carl")
    office.settle()
    [target] = [f"person:{office.world.invitation(invitation).person}"]
    assert len(office.outbox.copies(office.world.workspace, invitation, target)) == 1
    office.playground.faults.error("chat.update", "message_not_found", times=2)
    office.world.decline("carl", invitation)
    office.settle()
    assert office.outbox.copies(office.world.workspace, invitation, target) == []
    assert office.outbox.failed() == []


def test_every_copy_is_kept_up_to_date(office: Office) -> None:
    invitation = office.world.invite("carl")
    office.world.do(Resend(office.world.by("ada"), invitation))
    office.settle()
    assert len(office.direct("carl")) == 2
    office.world.accept("carl", invitation)
    office.settle()
    assert not any(buttons(message) for message in office.direct("carl"))


def test_a_profile_is_read_after_somebody_was_recognised(office: Office) -> None:
    office.world.invite("devi")
    office.settle()
    with office.world.collab.look(office.world.workspace) as facts:
        devi = facts.person_by_account(office.world.account("devi"))
    assert devi is not None
    assert (devi.profiled, devi.tz, devi.locale) == (True, "Asia/Kolkata", "en-IN")


def test_at_installation_the_members_of_the_workspace_are_read_page_by_page(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "MEMBERS_PAGE", 3)
    office.playground.faults.rate_limit("users.list", times=1, retry_after=1)
    office.world.do(Install(office.world.nobody("slack"), "Acme HQ", "U0COLLAB"))
    here = [p for p in office.playground.site.world.humans() if p.team_id == office.world.workspace and not p.deleted]

    def known() -> dict[str, tuple[bool, bool]]:
        with office.world.database.units.look(office.world.workspace) as facts:
            accounts = [Account(p.team_id, p.id) for p in office.playground.site.world.people.values()]
            found = {account.user: facts.person_by_account(account) for account in accounts}
        return {user: (p.admin, p.guest) for user, p in found.items() if p and p.profiled}

    office.playground.wait_until(lambda: len(known()) >= len(here), 10)
    office.settle()
    assert known() == {p.id: (p.is_admin, p.guest) for p in here}
    assert not [e for e in office.playground.traffic if "users.info" in e["summary"]]


def test_a_person_whom_slack_does_not_know_is_no_failure_of_the_profile(office: Office) -> None:
    office.world.invite("ghost")
    office.settle()
    assert {d.message for d in office.outbox.failed()} == {"invitation"}


def test_a_locked_database_does_not_end_the_courier(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    path = office.world.database.engine.url.database
    with sqlite3.connect(str(path), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        office.courier.wake()
        office.playground.wait_until(lambda: "the database fails the courier (busy)" in caplog.text, 10)
        other.execute("ROLLBACK")
    other.close()
    office.world.invite("carl")
    office.settle(15)
    assert len(office.direct("carl")) == 1


def test_stopping_finishes_what_is_being_sent(office: Office) -> None:
    office.playground.faults.timeout_after("chat.postMessage", times=2, seconds=0.5)
    office.world.invite("bo")
    office.playground.wait_until(lambda: office.direct("ada"))
    office.courier.stop()
    assert (office.outbox.wait() or 0) < 1


def test_the_log_holds_no_words_tokens_or_addresses(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    office.playground.faults.server_error("chat.postMessage", times=1)
    office.playground.faults.error("chat.postMessage", "invalid_blocks", times=1)
    office.world.invite("carl", note="between us two alone")
    office.outbox.post(
        office.world.workspace,
        "reply:1",
        "reply",
        {"url": f"{office.playground.url}/response/x", "body": {"text": "whispered"}},
    )
    office.settle()
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("collab"))
    assert ours
    for secret in ("between us two alone", "whispered", "/response/", office.playground.bot_token, "Acme"):
        assert secret not in ours


def reply(office: Office, url: str = HOOK) -> None:
    office.outbox.post(office.world.workspace, "reply:1", "reply", {"url": url, "body": {"text": "Done."}})
    office.courier.wake()
    office.settle()


def test_a_reply_is_posted_as_it_is(office: Office) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=True) as net:
        net.post(HOOK, body="ok", match=[responses.matchers.json_params_matcher({"text": "Done."})])
        reply(office)
    assert office.outbox.failed() == []


@pytest.mark.parametrize(
    ("answers", "problems"),
    [
        ([{"status": 500}, {"status": 503}, {"status": 200}], []),
        ([{"body": requests.ConnectTimeout()}, {"body": requests.ReadTimeout()}, {}], []),
        ([{"body": requests.ConnectionError()}, {}], []),
        ([{"status": 404, "body": "used_url"}], ["used_url"]),
        ([{"status": 404, "body": "expired_url"}], ["expired_url"]),
        ([{"status": 404, "body": "<html>gone: whatever"}], ["http_404"]),
        ([{"status": 410}], ["http_410"]),
        ([{"status": 400, "body": "invalid_blocks"}], ["invalid_blocks"]),
        ([{"status": 302, "headers": {"Location": "http://127.0.0.1/inside"}}], ["http_302"]),
        ([{"status": 429, "headers": {"Retry-After": "1"}}, {}], []),
    ],
)
def test_what_a_response_url_may_answer(office: Office, answers: list[dict[str, Any]], problems: list[str]) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=True) as net:
        for answer in answers:
            net.post(HOOK, **answer)
        reply(office)
        office.playground.wait_until(lambda: len(net.calls) == len(answers))
        office.settle()
    assert [d.problem for d in office.outbox.failed()] == problems


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/x", "", "https:///x", "http://[broken/x"])
def test_only_web_addresses_are_posted_to(office: Office, url: str) -> None:
    reply(office, url)
    assert [d.problem for d in office.outbox.failed()] == ["invalid_url"]


def test_a_response_url_has_time_limits_of_its_own(office: Office) -> None:
    with responses.RequestsMock() as net:
        net.post(HOOK, match=[responses.matchers.request_kwargs_matcher({"timeout": (2.0, 5.0), "stream": True})])
        office.slack.respond("T1", HOOK, {"text": "Done."})


def test_a_crash_after_sending_repeats_and_the_copy_is_kept_up_to_date(office: Office) -> None:
    invitation = office.world.invite("carl")
    office.settle()
    office.courier.stop()
    office.world.do(Resend(office.world.by("ada"), invitation))
    [dying] = [d for d in office.outbox.claim(9, timedelta(seconds=0)) if d.message == "invitation"]
    office.courier._errands.run(dying)
    other = Courier(office.outbox, office.courier._errands, Still(), Rush())
    other.start()
    assert other.drain(10)
    other.stop()
    assert len(office.direct("carl")) == 3


def test_errors_are_sorted_by_one_table() -> None:
    assert sort_of("is_archived") is Sort.GONE
    assert sort_of("http_502") is Sort.TRANSIENT
    assert sort_of("invalid_blocks") is Sort.OURS
    assert sort_of("never_heard_of") is Sort.OURS
    assert SlackTrouble("expired_url").sort is Sort.GONE


@pytest.mark.rule("EVT-06")
def test_a_damaged_delivery_is_given_up_and_the_others_go_on(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.damage("person:P1", "invitation", '{"')
    office.world.invite("carl")
    office.settle()
    [given_up] = office.outbox.failed()
    assert (given_up.target, given_up.is_damaged) == ("person:P1", True)
    assert given_up.problem is not None
    assert given_up.problem.removeprefix("defect ") in caplog.text
    assert len(office.direct("carl")) == 1


def test_a_delivery_that_cannot_be_understood_is_a_defect(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.outbox.post(office.world.workspace, "reply:1", "reply", {"nothing": "here"})
    office.courier.wake()
    office.settle()
    [given_up] = office.outbox.failed()
    assert given_up.problem is not None
    assert given_up.problem.startswith("defect E")
    assert given_up.problem.removeprefix("defect ") in caplog.text
