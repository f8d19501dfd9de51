"""The outbox worker with a real outbox and the playground: nothing is lost, little is repeated, order is kept."""

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
from bot.slack.company_names import CompanyNames
from bot.slack.errors import FailureKind, MethodPaused, SlackCallFailed, failure_kind_of
from collab.invitations.commands import ResendInvitation, RevokeInvitation
from collab.model import Account, WorkspaceId
from collab.people import InstallWorkspace
from storage.database import Database
from storage.files import PdfFolder
from storage.tables import outbox
from tests.support.app_harness import new_traffic_path
from tests.support.builders import Scenario

pytestmark = pytest.mark.slow  # starts the playground

HOOK = "https://hooks.slack.com/commands/T1/1/secret"


class NoDelayRandom(random.Random):
    """Random numbers that let failed deliveries be retried at once."""

    def uniform(self, a: float, b: float) -> float:
        return 0.0

    def random(self) -> float:
        return 0.0


class DeliveryHarness:
    """A scenario whose notifications are delivered to the playground."""

    def __init__(
        self, database: Database, playground: Playground, folder: Path
    ) -> None:
        self.playground = playground
        self.outbox = database.outbox
        self.world = Scenario(database, workspace=WorkspaceId(playground.team_id))
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
            companies=CompanyNames(self.slack),
        )
        running = SlackDeliveries(services)
        self.outbox_worker = OutboxWorker(
            database.outbox, running, NoDelayRandom(), PriorityGate()
        )
        self.world.bus.on_commit = self.outbox_worker.wake
        self.outbox_worker.start()

    def create_company(self) -> DeliveryHarness:
        self.world.create_company()
        self.deliver_all()
        return self

    def enqueue_damaged(self, target: str, message: str, payload: str) -> None:
        """Put a row that cannot be read into the outbox."""
        fresh = {
            "state": "queued",
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

    def deliver_all(self, timeout: float = 10.0) -> None:
        assert self.outbox_worker.drain(timeout)

    def list_direct_messages_of(self, name: str) -> list[dict[str, Any]]:
        return self.playground.get_user(name).list_direct_messages()

    def list_posts(self) -> list[dict[str, Any]]:
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
def harness(
    sqlite_database: Database, playground: Playground, tmp_path: Path
) -> Iterator[DeliveryHarness]:
    opened = DeliveryHarness(sqlite_database, playground, tmp_path / "files")
    yield opened.create_company()
    opened.outbox_worker.stop()


def button_labels(message: dict[str, Any]) -> list[str]:
    rows = [b["elements"] for b in message["blocks"] or [] if b["type"] == "actions"]
    return [element["action_id"].partition(":")[0] for row in rows for element in row]


@pytest.mark.rule("EVT-06")
def test_invitation_is_sent_to_the_invitee_alone(harness: DeliveryHarness) -> None:
    harness.world.send_invitation("carl")
    harness.deliver_all()
    [to_carl] = harness.list_direct_messages_of("carl")
    assert "accept" in button_labels(to_carl)
    assert harness.list_direct_messages_of("ada") == []
    assert harness.outbox.seconds_until_next() is None


@pytest.mark.rule("INV-11")
def test_answered_invitation_has_no_buttons_that_answer(
    harness: DeliveryHarness,
) -> None:
    harness.world.link_channel("C0ACME", groups=("joins", "invitations"))
    invitation = harness.world.send_invitation("carl")
    harness.deliver_all()
    harness.world.accept_invitation("carl", invitation)
    harness.deliver_all()
    [to_carl] = harness.list_direct_messages_of("carl")
    assert button_labels(to_carl) == ["open_page", "members_ask"]
    for seen in (
        harness.list_direct_messages_of("ada"),
        harness.playground.get_user("ada").list_messages("acme"),
    ):
        assert not any(button_labels(message) for message in seen)


def test_invitation_that_ended_before_delivery_is_not_sent(
    harness: DeliveryHarness,
) -> None:
    harness.outbox_worker.stop()
    invitation = harness.world.send_invitation("carl")
    harness.world.execute(RevokeInvitation(harness.world.caller_for("ada"), invitation))
    late = OutboxWorker(
        harness.outbox,
        harness.outbox_worker._deliveries,
        NoDelayRandom(),
        PriorityGate(),
    )
    late.start()
    assert late.drain(10)
    late.stop()
    assert harness.list_direct_messages_of("carl") == []
    assert harness.outbox.list_failed() == []


@pytest.mark.rule("EVT-06")
def test_server_error_is_retried(harness: DeliveryHarness) -> None:
    harness.playground.faults.server_error("chat.postMessage", times=3)
    harness.world.send_invitation("carl")
    harness.deliver_all()
    assert len(harness.list_direct_messages_of("carl")) == 1


@pytest.mark.rule("EVT-06")
def test_order_per_target_is_kept_when_the_first_fails(
    harness: DeliveryHarness,
) -> None:
    harness.playground.faults.error("chat.postMessage", "internal_error", times=4)
    harness.world.link_channel("C0ACME", groups=("joins", "leaves"))
    harness.world.add_member("carl")
    harness.world.leave_resource("carl")
    harness.deliver_all()
    heard = [
        m["text"] for m in harness.playground.get_user("ada").list_messages("acme")
    ]
    assert len(heard) == 3
    assert [("left" in text, "join" in text.lower()) for text in heard[1:]] == [
        (False, True),
        (True, False),
    ]


def test_persistent_failure_is_given_up_and_reported(harness: DeliveryHarness) -> None:
    harness.playground.faults.server_error("users.info", times=None)
    harness.world.send_invitation("carl")
    harness.deliver_all(20)
    [given_up] = harness.outbox.list_failed()
    assert (given_up.message, given_up.problem, given_up.attempts) == (
        "profile",
        "http_503",
        MAX_ATTEMPTS,
    )
    assert len(harness.list_direct_messages_of("carl")) == 1


def test_closed_connection_is_retried(harness: DeliveryHarness) -> None:
    harness.playground.faults.close_connection("chat.postMessage", times=2)
    harness.world.send_invitation("carl")
    harness.deliver_all()
    assert len(harness.list_direct_messages_of("carl")) == 1


def test_timeout_after_the_effect_repeats_at_most_once(
    harness: DeliveryHarness,
) -> None:
    harness.client.timeout = 0.5  # type: ignore[assignment]
    harness.playground.faults.timeout_after("chat.postMessage", times=1, seconds=1.0)
    harness.world.send_invitation("carl")
    harness.deliver_all()
    assert len(harness.list_direct_messages_of("carl")) == 2


def test_slow_target_does_not_delay_others(harness: DeliveryHarness) -> None:
    harness.world.register_people("bo")
    harness.deliver_all()
    harness.playground.faults.timeout_before("users.info", times=1, seconds=2.0)
    start = time.monotonic()
    harness.world.send_invitation("carl")
    harness.world.send_invitation("bo")
    harness.playground.wait_until(lambda: harness.list_direct_messages_of("bo"), 1.5)
    assert time.monotonic() - start < 1.5
    assert harness.list_direct_messages_of("carl") == []


def test_retry_after_pauses_all_deliveries_by_the_method(
    harness: DeliveryHarness,
) -> None:
    harness.playground.faults.rate_limit("chat.postMessage", times=1, retry_after=1)
    start = time.monotonic()
    for name in ("carl", "devi", "bo"):
        harness.world.send_invitation(name)
    harness.playground.wait_until(lambda: len(harness.list_posts()) == 3, 10)
    assert time.monotonic() - start >= 1.0
    harness.deliver_all()
    assert [
        len(harness.list_direct_messages_of(name)) for name in ("carl", "devi", "bo")
    ] == [1, 1, 1]
    assert len(harness.list_posts()) == 3
    assert harness.outbox.list_failed() == []


def test_pause_applies_to_one_workspace_and_one_method(
    harness: DeliveryHarness,
) -> None:
    harness.playground.faults.rate_limit("users.info", times=1, retry_after=30)
    with pytest.raises(MethodPaused):
        harness.slack.call_method(WorkspaceId("T1"), "users.info", user="UADA")
    with pytest.raises(MethodPaused) as rest:
        harness.slack.call_method(WorkspaceId("T1"), "users.info", user="UADA")
    assert 29 < rest.value.seconds <= 30
    assert harness.slack.call_method(WorkspaceId("T2"), "users.info", user="UADA")["ok"]
    assert harness.slack.call_method(WorkspaceId("T1"), "auth.test")["ok"]


@pytest.mark.rule("EVT-06")
def test_closed_channel_is_reported_once_to_who_linked_it(
    harness: DeliveryHarness,
) -> None:
    harness.world.link_channel("CGONE")
    harness.deliver_all()
    assert harness.outbox.list_failed() == []
    [message] = harness.list_direct_messages_of("ada")
    assert "<#CGONE> was deleted" in message["text"]


class LongDelayRandom(NoDelayRandom):
    """Random numbers that put retries off for a long time."""

    def uniform(self, a: float, b: float) -> float:
        return 1000.0


def test_failed_deliveries_are_retried_as_soon_as_slack_works(
    harness: DeliveryHarness,
) -> None:
    harness.outbox_worker._random = LongDelayRandom()
    harness.world.register_people("bo", "carl", "devi", "sam")
    harness.deliver_all()
    harness.playground.faults.server_error("chat.postMessage", times=None)
    for who in ("bo", "carl", "devi"):
        harness.world.send_invitation(who)
    harness.deliver_all()
    harness.playground.faults.clear()
    assert not any(
        harness.list_direct_messages_of(who) for who in ("bo", "carl", "devi")
    )
    harness.world.send_invitation("sam")
    harness.deliver_all()
    assert all(
        harness.list_direct_messages_of(who) for who in ("bo", "carl", "devi", "sam")
    )


@pytest.mark.rule("EVT-06")
def test_invitee_without_account_is_reported_to_the_inviter(
    harness: DeliveryHarness,
) -> None:
    harness.world.send_invitation("nobody@elsewhere.example.org")
    harness.deliver_all()
    assert [d.problem for d in harness.outbox.list_failed()] == ["no_account"]
    assert len(harness.list_direct_messages_of("ada")) == 1


def test_unreachable_person_is_reported_once(harness: DeliveryHarness) -> None:
    harness.world.send_invitation("nobody@elsewhere.example.org")
    harness.world.advance_time(days=3)
    harness.deliver_all()
    assert [d.message for d in harness.outbox.list_failed()] == ["invitation"]
    assert len(harness.list_direct_messages_of("ada")) == 1


def test_email_of_a_member_is_resolved_to_the_account(harness: DeliveryHarness) -> None:
    harness.world.send_invitation("Carl@Client.example.com")
    harness.deliver_all()
    [message] = harness.list_direct_messages_of("carl")
    assert "accept" in button_labels(message)
    assert harness.outbox.list_failed() == []


def test_defect_is_not_retried(
    harness: DeliveryHarness, caplog: pytest.LogCaptureFixture
) -> None:
    harness.playground.faults.error("chat.postMessage", "invalid_blocks", times=1)
    harness.world.link_channel("C0ACME")
    harness.deliver_all()
    [given_up] = harness.outbox.list_failed()
    assert (given_up.problem, given_up.attempts) == ("invalid_blocks", 1)
    [line] = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert f"delivery {given_up.id}" in line.getMessage()


def test_refused_token_is_logged_in_one_line(
    harness: DeliveryHarness, caplog: pytest.LogCaptureFixture
) -> None:
    harness.playground.faults.error("chat.postMessage", "token_revoked", times=2)
    harness.world.send_invitation("carl")
    harness.deliver_all()
    log_lines = [
        r.getMessage() for r in caplog.records if "SLACK_BOT_TOKEN" in r.getMessage()
    ]
    assert len(log_lines) == 1
    assert "collab deliveries retry --all" in log_lines[0]


def test_failed_delivery_can_be_sent_again(harness: DeliveryHarness) -> None:
    harness.playground.faults.error("chat.postMessage", "not_in_channel", times=1)
    harness.world.link_channel("C0ACME")
    harness.deliver_all()
    [given_up] = harness.outbox.list_failed()
    assert harness.outbox.retry_failed(given_up.id)
    harness.deliver_all()
    assert len(harness.playground.get_user("ada").list_messages("acme")) == 1


def test_live_message_that_slack_lost_is_deleted(harness: DeliveryHarness) -> None:
    invitation = harness.world.send_invitation("carl")
    harness.deliver_all()
    [target] = [f"person:{harness.world.get_invitation(invitation).person}"]
    assert (
        len(
            harness.outbox.list_live_messages(
                harness.world.workspace, invitation, target
            )
        )
        == 1
    )
    harness.playground.faults.error("chat.update", "message_not_found", times=2)
    harness.world.decline_invitation("carl", invitation)
    harness.deliver_all()
    assert (
        harness.outbox.list_live_messages(harness.world.workspace, invitation, target)
        == []
    )
    assert harness.outbox.list_failed() == []


def test_all_live_messages_are_updated(harness: DeliveryHarness) -> None:
    invitation = harness.world.send_invitation("carl")
    harness.world.execute(ResendInvitation(harness.world.caller_for("ada"), invitation))
    harness.deliver_all()
    assert len(harness.list_direct_messages_of("carl")) == 2
    harness.world.accept_invitation("carl", invitation)
    harness.deliver_all()
    older, newest = harness.list_direct_messages_of("carl")
    assert button_labels(older) == []
    assert button_labels(newest) == ["open_page", "members_ask"]


def test_profile_is_read_after_registration(harness: DeliveryHarness) -> None:
    harness.world.send_invitation("devi")
    harness.deliver_all()
    with harness.world.bus.read(harness.world.workspace) as facts:
        devi = facts.people.find_person_by_account(harness.world.account_of("devi"))
    assert devi is not None
    assert (devi.profiled, devi.tz, devi.locale) == (True, "Asia/Kolkata", "en-IN")


def test_installation_reads_member_profiles_page_by_page(
    harness: DeliveryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "MEMBERS_PAGE_SIZE", 3)
    harness.playground.faults.rate_limit("users.list", times=1, retry_after=1)
    harness.world.execute(
        InstallWorkspace(harness.world.system_caller("slack"), "Acme HQ", "U0COLLAB")
    )
    here = [
        p
        for p in harness.playground.state.workspace.list_humans()
        if p.team_id == harness.world.workspace and not p.deleted
    ]

    def known() -> dict[str, tuple[bool, bool]]:
        with harness.world.database.unit_of_work_factory.read(
            harness.world.workspace
        ) as facts:
            accounts = [
                Account(p.team_id, p.id)
                for p in harness.playground.state.workspace.accounts.values()
            ]
            found = {
                account.user: facts.people.find_person_by_account(account)
                for account in accounts
            }
        return {
            user: (p.admin, p.guest) for user, p in found.items() if p and p.profiled
        }

    harness.playground.wait_until(lambda: len(known()) >= len(here), 10)
    harness.deliver_all()
    assert known() == {p.id: (p.is_admin, p.guest) for p in here}
    assert not [
        e for e in harness.playground.traffic_entries if "users.info" in e["summary"]
    ]


def test_profile_of_an_unknown_user_is_no_failure(
    harness: DeliveryHarness,
) -> None:
    harness.world.send_invitation("ghost")
    harness.deliver_all()
    assert {d.message for d in harness.outbox.list_failed()} == {"invitation"}


def test_locked_database_does_not_stop_the_worker(
    harness: DeliveryHarness, caplog: pytest.LogCaptureFixture
) -> None:
    path = harness.world.database.engine.url.database
    with sqlite3.connect(str(path), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        harness.outbox_worker.wake()
        harness.playground.wait_until(
            lambda: "the database is unavailable (busy)" in caplog.text, 10
        )
        other.execute("ROLLBACK")
    other.close()
    harness.world.send_invitation("carl")
    harness.deliver_all(15)
    assert len(harness.list_direct_messages_of("carl")) == 1


def test_stop_finishes_deliveries_in_progress(harness: DeliveryHarness) -> None:
    harness.playground.faults.timeout_after("chat.postMessage", times=2, seconds=0.5)
    harness.world.send_invitation("bo")
    harness.playground.wait_until(lambda: harness.list_direct_messages_of("bo"))
    harness.outbox_worker.stop()
    assert (harness.outbox.seconds_until_next() or 0) < 1


def test_log_has_no_texts_tokens_or_addresses(
    harness: DeliveryHarness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    harness.playground.faults.server_error("chat.postMessage", times=1)
    harness.playground.faults.error("chat.postMessage", "invalid_blocks", times=1)
    harness.world.send_invitation("carl", note="between us two alone")
    harness.outbox.enqueue_message(
        harness.world.workspace,
        "reply:1",
        "reply",
        {"url": f"{harness.playground.url}/response/x", "body": {"text": "whispered"}},
    )
    harness.deliver_all()
    ours = "\n".join(
        r.getMessage() for r in caplog.records if r.name.startswith("collab")
    )
    assert ours
    for secret in (
        "between us two alone",
        "whispered",
        "/response/",
        harness.playground.bot_token,
        "Acme",
    ):
        assert secret not in ours


def reply(harness: DeliveryHarness, url: str = HOOK) -> None:
    harness.outbox.enqueue_message(
        harness.world.workspace,
        "reply:1",
        "reply",
        {"url": url, "body": {"text": "Done."}},
    )
    harness.outbox_worker.wake()
    harness.deliver_all()


def test_reply_is_posted_unchanged(harness: DeliveryHarness) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=True) as net:
        net.post(
            HOOK,
            body="ok",
            match=[responses.matchers.json_params_matcher({"text": "Done."})],
        )
        reply(harness)
    assert harness.outbox.list_failed() == []


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
def test_answers_of_response_urls(
    harness: DeliveryHarness, answers: list[dict[str, Any]], problems: list[str]
) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=True) as net:
        for answer in answers:
            net.post(HOOK, **answer)
        reply(harness)
        harness.playground.wait_until(lambda: len(net.calls) == len(answers))
        harness.deliver_all()
    assert [d.problem for d in harness.outbox.list_failed()] == problems


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://host/x", "", "https:///x", "http://[broken/x"]
)
def test_replies_go_to_slack_urls_only(harness: DeliveryHarness, url: str) -> None:
    reply(harness, url)
    assert [d.problem for d in harness.outbox.list_failed()] == ["invalid_url"]


def test_response_url_has_its_own_timeouts(harness: DeliveryHarness) -> None:
    with responses.RequestsMock() as net:
        net.post(
            HOOK,
            match=[
                responses.matchers.request_kwargs_matcher(
                    {"timeout": (2.0, 5.0), "stream": True}
                )
            ],
        )
        harness.slack.post_response(WorkspaceId("T1"), HOOK, {"text": "Done."})


def test_crash_after_sending_repeats_and_live_messages_are_updated(
    harness: DeliveryHarness,
) -> None:
    invitation = harness.world.send_invitation("carl")
    harness.deliver_all()
    harness.outbox_worker.stop()
    harness.world.execute(ResendInvitation(harness.world.caller_for("ada"), invitation))
    [dying] = [
        d
        for d in harness.outbox.claim_deliveries(9, timedelta(seconds=0))
        if d.message == "invitation"
    ]
    harness.outbox_worker._deliveries.run(dying)
    other = OutboxWorker(
        harness.outbox,
        harness.outbox_worker._deliveries,
        NoDelayRandom(),
        PriorityGate(),
    )
    other.start()
    assert other.drain(10)
    other.stop()
    assert len(harness.list_direct_messages_of("carl")) == 3


def test_error_codes_map_to_failure_kinds() -> None:
    assert failure_kind_of("is_archived") is FailureKind.RECIPIENT_GONE
    assert failure_kind_of("http_502") is FailureKind.TRANSIENT
    assert failure_kind_of("invalid_blocks") is FailureKind.OPERATOR_ERROR
    assert failure_kind_of("never_heard_of") is FailureKind.OPERATOR_ERROR
    assert SlackCallFailed("expired_url").kind is FailureKind.RECIPIENT_GONE


@pytest.mark.rule("EVT-06")
def test_damaged_delivery_is_given_up_and_others_are_sent(
    harness: DeliveryHarness, caplog: pytest.LogCaptureFixture
) -> None:
    harness.enqueue_damaged("person:P1", "invitation", '{"')
    harness.world.send_invitation("carl")
    harness.deliver_all()
    [given_up] = harness.outbox.list_failed()
    assert (given_up.target, given_up.is_damaged) == ("person:P1", True)
    assert given_up.problem is not None
    assert given_up.problem.removeprefix("defect ") in caplog.text
    assert len(harness.list_direct_messages_of("carl")) == 1


def test_unreadable_delivery_is_a_defect(
    harness: DeliveryHarness, caplog: pytest.LogCaptureFixture
) -> None:
    harness.outbox.enqueue_message(
        harness.world.workspace, "reply:1", "reply", {"nothing": "here"}
    )
    harness.outbox_worker.wake()
    harness.deliver_all()
    [given_up] = harness.outbox.list_failed()
    assert given_up.problem is not None
    assert given_up.problem.startswith("defect E")
    assert given_up.problem.removeprefix("defect ") in caplog.text
