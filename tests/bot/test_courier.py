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

from bot.delivery import profiles
from bot.delivery.outbox_worker import MAX_ATTEMPTS, OutboxWorker
from bot.delivery.services import DeliveryServices
from bot.delivery.slack import SlackDeliveries
from bot.playground.server import Playground
from bot.priority_gate import PriorityGate
from bot.rendering import renderer_for_language
from bot.slack.client import SlackClient, build_web_client
from bot.slack.errors import FailureKind, MethodPaused, SlackCallFailed, failure_kind_of
from collab.invitations.commands import ResendInvitation, RevokeInvitation
from collab.model import Account
from collab.people import InstallWorkspace
from storage.database import Database
from storage.files import PdfFolder
from storage.tables import outbox
from tests.support.app_harness import new_traffic_path
from tests.support.builders import Scenario

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

    def __init__(
        self, database: Database, playground: Playground, folder: Path
    ) -> None:
        self.playground = playground
        self.outbox = database.outbox
        self.world = Scenario(database, workspace=playground.team_id)
        self.world.take_outbox()  # nobody's profile is read before it is needed
        self.client = build_web_client(playground.bot_token, f"{playground.url}/api/")
        self.slack = SlackClient(self.client)
        files = PdfFolder(folder)
        services = DeliveryServices(
            bus=self.world.bus,
            store=database.outbox,
            renderer=renderer_for_language("en"),
            slack=self.slack,
            now=lambda: self.world.at,
            files=files,
            handle_deferred_request=lambda _: None,
        )
        running = SlackDeliveries(services)
        self.courier = OutboxWorker(database.outbox, running, Still(), PriorityGate())
        self.world.bus.on_commit = self.courier.wake
        self.courier.start()

    def open_for_business(self) -> Office:
        self.world.create_company()
        self.settle()
        return self

    def damage(self, target: str, message: str, payload: str) -> None:
        """Put into the outbox what nobody can read."""
        fresh = {
            "state": "waiting",
            "attempts": 0,
            "not_before": 0.0,
            "leased_until": 0.0,
            "lease": "",
        }
        row = {
            "workspace": self.world.workspace,
            "target": target,
            "message": message,
            "payload": payload,
        }
        with self.world.database.engine.begin() as connection:
            connection.execute(outbox.insert().values(row | fresh))

    def settle(self, timeout: float = 10.0) -> None:
        assert self.courier.drain(timeout)

    def direct(self, name: str) -> list[dict[str, Any]]:
        return self.playground.get_user(name).list_direct_messages()

    def posted(self) -> list[dict[str, Any]]:
        return [
            e
            for e in self.playground.traffic_entries
            if e["kind"] == "call" and "chat.postMessage" in e["summary"]
        ]


@pytest.fixture
def playground() -> Iterator[Playground]:
    with Playground(traffic_path=new_traffic_path()) as running:
        yield running


@pytest.fixture
def office(
    sqlite_database: Database, playground: Playground, tmp_path: Path
) -> Iterator[Office]:
    opened = Office(sqlite_database, playground, tmp_path / "files")
    yield opened.open_for_business()
    opened.courier.stop()


def buttons(message: dict[str, Any]) -> list[str]:
    rows = [b["elements"] for b in message["blocks"] or [] if b["type"] == "actions"]
    return [element["action_id"].partition(":")[0] for row in rows for element in row]


@pytest.mark.rule("EVT-06")
def test_an_invitation_reaches_both_sides(office: Office) -> None:
    office.world.send_invitation("carl")
    office.settle()
    [to_carl], [to_ada] = office.direct("carl"), office.direct("ada")
    assert "accept" in buttons(to_carl)
    assert "accept" not in buttons(to_ada)
    assert office.outbox.seconds_until_next() is None


@pytest.mark.rule("INV-11")
def test_after_an_answer_no_live_button_is_left(office: Office) -> None:
    office.world.link_channel("C0ACME", groups=("joins", "invitations"))
    invitation = office.world.send_invitation("carl")
    office.settle()
    office.world.accept_invitation("carl", invitation)
    office.settle()
    for seen in (
        office.direct("carl"),
        office.direct("ada"),
        office.playground.get_user("ada").list_messages("acme"),
    ):
        assert not any(buttons(message) for message in seen)


def test_an_invitation_that_is_over_before_it_is_sent_is_not_sent(
    office: Office,
) -> None:
    office.courier.stop()
    invitation = office.world.send_invitation("carl")
    office.world.execute(RevokeInvitation(office.world.caller_for("ada"), invitation))
    late = OutboxWorker(
        office.outbox, office.courier._deliveries, Still(), PriorityGate()
    )
    late.start()
    assert late.drain(10)
    late.stop()
    assert office.direct("carl") == []
    assert office.outbox.list_failed() == []


@pytest.mark.rule("EVT-06")
def test_a_server_error_is_tried_again(office: Office) -> None:
    office.playground.faults.server_error("chat.postMessage", times=3)
    office.world.send_invitation("carl")
    office.settle()
    assert len(office.direct("carl")) == 1
    assert len(office.direct("ada")) == 1


@pytest.mark.rule("EVT-06")
def test_order_holds_per_target_when_the_first_fails(office: Office) -> None:
    office.playground.faults.error("chat.postMessage", "internal_error", times=4)
    office.world.link_channel("C0ACME", groups=("joins", "leaves"))
    office.world.add_member("carl")
    office.world.leave_resource("carl")
    office.settle()
    heard = [m["text"] for m in office.playground.get_user("ada").list_messages("acme")]
    assert len(heard) == 3
    assert [("left" in text, "join" in text.lower()) for text in heard[1:]] == [
        (False, True),
        (True, False),
    ]


def test_what_goes_on_failing_is_given_up_and_told(office: Office) -> None:
    office.playground.faults.server_error("users.info", times=None)
    office.world.send_invitation("carl")
    office.settle(20)
    [given_up] = office.outbox.list_failed()
    assert (given_up.message, given_up.problem, given_up.attempts) == (
        "profile",
        "http_503",
        MAX_ATTEMPTS,
    )
    assert len(office.direct("carl")) == 1


def test_a_closed_connection_is_tried_again(office: Office) -> None:
    office.playground.faults.close_connection("chat.postMessage", times=2)
    office.world.send_invitation("carl")
    office.settle()
    assert len(office.direct("carl")) == 1


def test_a_timeout_after_the_effect_repeats_once_at_most(office: Office) -> None:
    office.client.timeout = 0.5  # type: ignore[assignment]
    office.playground.faults.timeout_after("chat.postMessage", times=1, seconds=1.0)
    office.world.send_invitation("carl")
    office.settle()
    assert sorted([len(office.direct("carl")), len(office.direct("ada"))]) == [1, 2]


def test_one_slow_target_does_not_hold_the_others(office: Office) -> None:
    office.playground.faults.timeout_before("users.info", times=1, seconds=2.0)
    start = time.monotonic()
    office.world.send_invitation("carl")
    office.playground.wait_until(lambda: office.direct("ada"), 1.5)
    assert time.monotonic() - start < 1.5
    assert office.direct("carl") == []


def test_retry_after_is_obeyed_by_everything_that_uses_the_method(
    office: Office,
) -> None:
    office.playground.faults.rate_limit("chat.postMessage", times=1, retry_after=1)
    start = time.monotonic()
    for name in ("carl", "devi", "bo"):
        office.world.send_invitation(name)
    office.playground.wait_until(lambda: len(office.direct("ada")) == 3, 10)
    assert time.monotonic() - start >= 1.0
    office.settle()
    assert [len(office.direct(name)) for name in ("carl", "devi", "bo")] == [1, 1, 1]
    assert len(office.posted()) == 6
    assert office.outbox.list_failed() == []


def test_rest_is_for_one_workspace_and_one_method(office: Office) -> None:
    office.playground.faults.rate_limit("users.info", times=1, retry_after=30)
    with pytest.raises(MethodPaused):
        office.slack.call_method("T1", "users.info", user="UADA")
    with pytest.raises(MethodPaused) as rest:
        office.slack.call_method("T1", "users.info", user="UADA")
    assert 29 < rest.value.seconds <= 30
    assert office.slack.call_method("T2", "users.info", user="UADA")["ok"]
    assert office.slack.call_method("T1", "auth.test")["ok"]


@pytest.mark.rule("EVT-06")
def test_a_channel_that_is_gone_is_told_once_to_who_linked_it(office: Office) -> None:
    office.world.link_channel("CGONE")
    office.settle()
    assert office.outbox.list_failed() == []
    [told] = office.direct("ada")
    assert "<#CGONE> was deleted" in told["text"]


class Far(Still):
    """Dice that put what failed off for a long time."""

    def uniform(self, a: float, b: float) -> float:
        return 1000.0


def test_what_failed_is_sent_as_soon_as_slack_works_again(office: Office) -> None:
    office.courier._random = Far()
    office.world.register_people("bo", "carl", "devi", "sam")
    office.settle()
    office.playground.faults.server_error("chat.postMessage", times=None)
    for who in ("bo", "carl", "devi"):
        office.world.send_invitation(who)
    office.settle()
    office.playground.faults.clear()
    assert not any(office.direct(who) for who in ("ada", "bo", "carl", "devi"))
    office.world.send_invitation("sam")
    office.settle()
    assert all(office.direct(who) for who in ("ada", "bo", "carl", "devi", "sam"))


@pytest.mark.rule("EVT-06")
def test_somebody_without_an_account_is_told_to_the_inviter(office: Office) -> None:
    office.world.send_invitation("nobody@elsewhere.example.org")
    office.settle()
    assert [d.problem for d in office.outbox.list_failed()] == ["no_account"]
    assert len(office.direct("ada")) == 2


def test_that_somebody_cannot_be_reached_is_told_once(office: Office) -> None:
    office.world.send_invitation("nobody@elsewhere.example.org")
    office.world.advance_time(days=3)
    office.settle()
    assert [d.message for d in office.outbox.list_failed()] == ["invitation"]
    assert len(office.direct("ada")) == 2


def test_an_address_of_the_workspace_becomes_its_person(office: Office) -> None:
    office.world.send_invitation("Carl@Client.example.com")
    office.settle()
    [message] = office.direct("carl")
    assert "accept" in buttons(message)
    assert office.outbox.list_failed() == []


def test_a_defect_of_ours_is_not_tried_again(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.playground.faults.error("chat.postMessage", "invalid_blocks", times=1)
    office.world.link_channel("C0ACME")
    office.settle()
    [given_up] = office.outbox.list_failed()
    assert (given_up.problem, given_up.attempts) == ("invalid_blocks", 1)
    [line] = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert f"delivery {given_up.id}" in line.getMessage()


def test_a_refused_token_is_one_clear_line(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.playground.faults.error("chat.postMessage", "token_revoked", times=2)
    office.world.send_invitation("carl")
    office.settle()
    told = [
        r.getMessage() for r in caplog.records if "SLACK_BOT_TOKEN" in r.getMessage()
    ]
    assert len(told) == 1
    assert "collab deliveries retry --all" in told[0]


def test_what_was_given_up_can_be_sent_again(office: Office) -> None:
    office.playground.faults.error("chat.postMessage", "not_in_channel", times=1)
    office.world.link_channel("C0ACME")
    office.settle()
    [given_up] = office.outbox.list_failed()
    assert office.outbox.retry_failed(given_up.id)
    office.settle()
    assert len(office.playground.get_user("ada").list_messages("acme")) == 1


def test_a_live_message_that_does_not_exist_any_more_is_deleted(office: Office) -> None:
    invitation = office.world.send_invitation("carl")
    office.settle()
    [target] = [f"person:{office.world.get_invitation(invitation).person}"]
    assert (
        len(
            office.outbox.list_live_messages(office.world.workspace, invitation, target)
        )
        == 1
    )
    office.playground.faults.error("chat.update", "message_not_found", times=2)
    office.world.decline_invitation("carl", invitation)
    office.settle()
    assert (
        office.outbox.list_live_messages(office.world.workspace, invitation, target)
        == []
    )
    assert office.outbox.list_failed() == []


def test_every_copy_is_kept_up_to_date(office: Office) -> None:
    invitation = office.world.send_invitation("carl")
    office.world.execute(ResendInvitation(office.world.caller_for("ada"), invitation))
    office.settle()
    assert len(office.direct("carl")) == 2
    office.world.accept_invitation("carl", invitation)
    office.settle()
    assert not any(buttons(message) for message in office.direct("carl"))


def test_a_profile_is_read_after_somebody_was_recognised(office: Office) -> None:
    office.world.send_invitation("devi")
    office.settle()
    with office.world.bus.read(office.world.workspace) as facts:
        devi = facts.people.find_person_by_account(office.world.account_of("devi"))
    assert devi is not None
    assert (devi.profiled, devi.tz, devi.locale) == (True, "Asia/Kolkata", "en-IN")


def test_at_installation_the_members_of_the_workspace_are_read_page_by_page(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "MEMBERS_PAGE_SIZE", 3)
    office.playground.faults.rate_limit("users.list", times=1, retry_after=1)
    office.world.execute(
        InstallWorkspace(office.world.system_caller("slack"), "Acme HQ", "U0COLLAB")
    )
    here = [
        p
        for p in office.playground.state.workspace.list_humans()
        if p.team_id == office.world.workspace and not p.deleted
    ]

    def known() -> dict[str, tuple[bool, bool]]:
        with office.world.database.unit_of_work_factory.read(
            office.world.workspace
        ) as facts:
            accounts = [
                Account(p.team_id, p.id)
                for p in office.playground.state.workspace.accounts.values()
            ]
            found = {
                account.user: facts.people.find_person_by_account(account)
                for account in accounts
            }
        return {
            user: (p.admin, p.guest) for user, p in found.items() if p and p.profiled
        }

    office.playground.wait_until(lambda: len(known()) >= len(here), 10)
    office.settle()
    assert known() == {p.id: (p.is_admin, p.guest) for p in here}
    assert not [
        e for e in office.playground.traffic_entries if "users.info" in e["summary"]
    ]


def test_a_person_whom_slack_does_not_know_is_no_failure_of_the_profile(
    office: Office,
) -> None:
    office.world.send_invitation("ghost")
    office.settle()
    assert {d.message for d in office.outbox.list_failed()} == {"invitation"}


def test_a_locked_database_does_not_end_the_courier(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    path = office.world.database.engine.url.database
    with sqlite3.connect(str(path), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        office.courier.wake()
        office.playground.wait_until(
            lambda: "the database is unavailable (busy)" in caplog.text, 10
        )
        other.execute("ROLLBACK")
    other.close()
    office.world.send_invitation("carl")
    office.settle(15)
    assert len(office.direct("carl")) == 1


def test_stopping_finishes_what_is_being_sent(office: Office) -> None:
    office.playground.faults.timeout_after("chat.postMessage", times=2, seconds=0.5)
    office.world.send_invitation("bo")
    office.playground.wait_until(lambda: office.direct("ada"))
    office.courier.stop()
    assert (office.outbox.seconds_until_next() or 0) < 1


def test_the_log_holds_no_words_tokens_or_addresses(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    office.playground.faults.server_error("chat.postMessage", times=1)
    office.playground.faults.error("chat.postMessage", "invalid_blocks", times=1)
    office.world.send_invitation("carl", note="between us two alone")
    office.outbox.enqueue_message(
        office.world.workspace,
        "reply:1",
        "reply",
        {"url": f"{office.playground.url}/response/x", "body": {"text": "whispered"}},
    )
    office.settle()
    ours = "\n".join(
        r.getMessage() for r in caplog.records if r.name.startswith("collab")
    )
    assert ours
    for secret in (
        "between us two alone",
        "whispered",
        "/response/",
        office.playground.bot_token,
        "Acme",
    ):
        assert secret not in ours


def reply(office: Office, url: str = HOOK) -> None:
    office.outbox.enqueue_message(
        office.world.workspace,
        "reply:1",
        "reply",
        {"url": url, "body": {"text": "Done."}},
    )
    office.courier.wake()
    office.settle()


def test_a_reply_is_posted_as_it_is(office: Office) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=True) as net:
        net.post(
            HOOK,
            body="ok",
            match=[responses.matchers.json_params_matcher({"text": "Done."})],
        )
        reply(office)
    assert office.outbox.list_failed() == []


@pytest.mark.parametrize(
    ("answers", "problems"),
    [
        ([{"status": 500}, {"status": 503}, {"status": 200}], []),
        (
            [{"body": requests.ConnectTimeout()}, {"body": requests.ReadTimeout()}, {}],
            [],
        ),
        ([{"body": requests.ConnectionError()}, {}], []),
        ([{"status": 404, "body": "used_url"}], ["used_url"]),
        ([{"status": 404, "body": "expired_url"}], ["expired_url"]),
        ([{"status": 404, "body": "<html>gone: whatever"}], ["http_404"]),
        ([{"status": 410}], ["http_410"]),
        ([{"status": 400, "body": "invalid_blocks"}], ["invalid_blocks"]),
        (
            [{"status": 302, "headers": {"Location": "http://127.0.0.1/inside"}}],
            ["http_302"],
        ),
        ([{"status": 429, "headers": {"Retry-After": "1"}}, {}], []),
    ],
)
def test_what_a_response_url_may_answer(
    office: Office, answers: list[dict[str, Any]], problems: list[str]
) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=True) as net:
        for answer in answers:
            net.post(HOOK, **answer)
        reply(office)
        office.playground.wait_until(lambda: len(net.calls) == len(answers))
        office.settle()
    assert [d.problem for d in office.outbox.list_failed()] == problems


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://host/x", "", "https:///x", "http://[broken/x"]
)
def test_only_web_addresses_are_posted_to(office: Office, url: str) -> None:
    reply(office, url)
    assert [d.problem for d in office.outbox.list_failed()] == ["invalid_url"]


def test_a_response_url_has_time_limits_of_its_own(office: Office) -> None:
    with responses.RequestsMock() as net:
        net.post(
            HOOK,
            match=[
                responses.matchers.request_kwargs_matcher(
                    {"timeout": (2.0, 5.0), "stream": True}
                )
            ],
        )
        office.slack.post_response("T1", HOOK, {"text": "Done."})


def test_a_crash_after_sending_repeats_and_the_copy_is_kept_up_to_date(
    office: Office,
) -> None:
    invitation = office.world.send_invitation("carl")
    office.settle()
    office.courier.stop()
    office.world.execute(ResendInvitation(office.world.caller_for("ada"), invitation))
    [dying] = [
        d
        for d in office.outbox.claim_deliveries(9, timedelta(seconds=0))
        if d.message == "invitation"
    ]
    office.courier._deliveries.run(dying)
    other = OutboxWorker(
        office.outbox, office.courier._deliveries, Still(), PriorityGate()
    )
    other.start()
    assert other.drain(10)
    other.stop()
    assert len(office.direct("carl")) == 3


def test_errors_are_sorted_by_one_table() -> None:
    assert failure_kind_of("is_archived") is FailureKind.RECIPIENT_GONE
    assert failure_kind_of("http_502") is FailureKind.TRANSIENT
    assert failure_kind_of("invalid_blocks") is FailureKind.OPERATOR_ERROR
    assert failure_kind_of("never_heard_of") is FailureKind.OPERATOR_ERROR
    assert SlackCallFailed("expired_url").kind is FailureKind.RECIPIENT_GONE


@pytest.mark.rule("EVT-06")
def test_a_damaged_delivery_is_given_up_and_the_others_go_on(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.damage("person:P1", "invitation", '{"')
    office.world.send_invitation("carl")
    office.settle()
    [given_up] = office.outbox.list_failed()
    assert (given_up.target, given_up.is_damaged) == ("person:P1", True)
    assert given_up.problem is not None
    assert given_up.problem.removeprefix("defect ") in caplog.text
    assert len(office.direct("carl")) == 1


def test_a_delivery_that_cannot_be_understood_is_a_defect(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.outbox.enqueue_message(
        office.world.workspace, "reply:1", "reply", {"nothing": "here"}
    )
    office.courier.wake()
    office.settle()
    [given_up] = office.outbox.list_failed()
    assert given_up.problem is not None
    assert given_up.problem.startswith("defect E")
    assert given_up.problem.removeprefix("defect ") in caplog.text
