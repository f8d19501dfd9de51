"""Uploads of files to a direct message, and what each failure of a step means."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import responses

from bot.playground.server import Playground
from bot.slack.client import UPLOAD_URL, SlackClient, build_web_client
from bot.slack.errors import FailureKind, MethodPaused, SlackCallFailed
from collab.model import WorkspaceId
from tests.support.app_harness import new_traffic_path

STEPS = (
    "conversations.open",
    "files.getUploadURLExternal",
    UPLOAD_URL,
    "files.completeUploadExternal",
)
CONTENT = "what,who\nGrüße,carl\n".encode()


@pytest.fixture
def playground() -> Iterator[Playground]:
    with Playground(traffic_path=new_traffic_path()) as running:
        yield running


@pytest.fixture
def slack(playground: Playground) -> SlackClient:
    return SlackClient(build_web_client(playground.bot_token, f"{playground.url}/api/"))


def upload(slack: SlackClient, user: str = "UCARL", content: bytes = CONTENT) -> str:
    return slack.upload_file(
        WorkspaceId("T1"),
        user,
        "events.csv",
        "What happened in Acme",
        content,
        "Here it is.",
    )


def list_files(playground: Playground, name: str = "carl") -> list[dict[str, Any]]:
    return [
        file
        for message in playground.get_user(name).list_direct_messages()
        for file in message["files"]
    ]


def called_methods(playground: Playground) -> list[str]:
    return [
        e["summary"].partition(" ")[0]
        for e in playground.traffic_entries
        if e["kind"] in {"call", "upload"}
    ]


def test_file_is_sent_to_the_person_only(
    playground: Playground, slack: SlackClient
) -> None:
    file_id = upload(slack)
    carl = playground.get_user("carl")
    [message] = carl.list_direct_messages()
    [file] = message["files"]
    assert message["text"] == "Here it is."
    assert (file["id"], file["name"], file["title"]) == (
        file_id,
        "events.csv",
        "What happened in Acme",
    )
    assert (file["size"], file["mimetype"]) == (len(CONTENT), "text/csv")
    assert carl.download_file(file) == CONTENT
    assert list_files(playground, "ada") == []
    with pytest.raises(KeyError):
        playground.get_user("ada").download_file(file)


def test_large_file_is_uploaded_completely(
    playground: Playground, slack: SlackClient
) -> None:
    content = bytes(range(256)) * 20_000
    upload(slack, content=content)
    [file] = list_files(playground)
    assert playground.get_user("carl").download_file(file) == content


@pytest.mark.parametrize("step", STEPS)
def test_rate_limit_of_any_step_pauses_the_upload(
    playground: Playground, slack: SlackClient, step: str
) -> None:
    playground.faults.rate_limit(step, retry_after=1)
    with pytest.raises(MethodPaused) as resting:
        upload(slack)
    assert resting.value.seconds == 1
    before = called_methods(playground)
    with pytest.raises(MethodPaused):
        upload(slack)
    assert called_methods(playground) == before
    time.sleep(1.01)
    upload(slack)
    assert len(list_files(playground)) == 1


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("fault", "code"),
    [("server_error", "http_503"), ("close_connection", "unreachable")],
)
def test_upload_succeeds_on_the_next_attempt_after_any_step_failed(
    playground: Playground, slack: SlackClient, step: str, fault: str, code: str
) -> None:
    playground.faults.add(fault, step)
    with pytest.raises(SlackCallFailed) as failure:
        upload(slack)
    assert (failure.value.code, failure.value.kind) == (code, FailureKind.TRANSIENT)
    assert list_files(playground) == []
    upload(slack)
    assert len(list_files(playground)) == 1


@pytest.mark.parametrize(
    ("step", "code", "sort"),
    [
        ("conversations.open", "user_disabled", FailureKind.RECIPIENT_GONE),
        (
            "files.getUploadURLExternal",
            "file_uploads_disabled",
            FailureKind.RECIPIENT_GONE,
        ),
        (
            "files.getUploadURLExternal",
            "storage_limit_reached",
            FailureKind.RECIPIENT_GONE,
        ),
        ("files.getUploadURLExternal", "missing_scope", FailureKind.OPERATOR_ERROR),
        ("files.completeUploadExternal", "file_not_found", FailureKind.TRANSIENT),
        (
            "files.completeUploadExternal",
            "invalid_arguments",
            FailureKind.OPERATOR_ERROR,
        ),
    ],
)
def test_failure_kind_of_an_upload_error(
    playground: Playground, slack: SlackClient, step: str, code: str, sort: FailureKind
) -> None:
    playground.faults.error(step, code)
    with pytest.raises(SlackCallFailed) as refused:
        upload(slack)
    assert (refused.value.code, refused.value.kind) == (code, sort)
    assert list_files(playground) == []


@pytest.mark.parametrize(
    ("status", "code", "sort"),
    [
        (404, "upload_lost", FailureKind.TRANSIENT),
        (410, "upload_lost", FailureKind.TRANSIENT),
        (413, "http_413", FailureKind.OPERATOR_ERROR),
    ],
)
def test_expired_upload_url_is_a_transient_failure(
    playground: Playground,
    slack: SlackClient,
    status: int,
    code: str,
    sort: FailureKind,
) -> None:
    playground.faults.server_error(UPLOAD_URL, status=status)
    with pytest.raises(SlackCallFailed) as refused:
        upload(slack)
    assert (refused.value.code, refused.value.kind) == (code, sort)
    assert called_methods(playground) == [
        "conversations.open",
        "files.getUploadURLExternal",
    ]


def test_upload_without_an_answer_times_out(
    playground: Playground, slack: SlackClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.client.UPLOAD_TIMEOUTS", (0.2, 0.2))
    playground.faults.timeout_before(UPLOAD_URL, seconds=30)
    with pytest.raises(SlackCallFailed, match=r"^timeout$"):
        upload(slack)


def test_unknown_user_is_a_gone_recipient(
    playground: Playground, slack: SlackClient
) -> None:
    playground.change_account("carl", deleted=True)
    with pytest.raises(SlackCallFailed) as gone:
        upload(slack)
    assert gone.value.kind is FailureKind.RECIPIENT_GONE
    assert called_methods(playground) == ["conversations.open"]


@pytest.mark.parametrize(
    "answer", [{}, {"channel": None}, {"channel": {"id": 7}}, {"channel": "D1"}]
)
def test_answer_without_a_required_field_is_bad(
    answer: dict[str, Any],
) -> None:
    class Odd(SlackClient):
        def call_method(
            self, workspace: WorkspaceId, method: str, **args: Any
        ) -> dict[str, Any]:
            return {"ok": True, **answer}

    with pytest.raises(SlackCallFailed, match=r"^bad_answer$"):
        upload(Odd(build_web_client("xoxb-1", "http://127.0.0.1:9/api/")))


def test_failures_do_not_quote_what_was_sent(
    playground: Playground, slack: SlackClient, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "https://files.slack.com/upload/v1/s3cret"
    answer = {
        "ok": True,
        "file_id": "F1",
        "upload_url": secret,
        "channel": {"id": "D1"},
    }
    with responses.RequestsMock() as net:
        net.add_passthru(playground.url)
        net.post(secret, status=400, body="whisper")
        slack.call_method = lambda *_, **__: answer  # type: ignore[method-assign]
        with pytest.raises(SlackCallFailed) as refused:
            upload(slack, content=b"whisper")
        [sent] = net.calls
    assert sent.request.body == b"whisper"
    assert "Authorization" not in sent.request.headers
    assert repr(refused.value) == "SlackCallFailed('http_400')"
    assert refused.value.__suppress_context__
    assert "whisper" not in caplog.text
    assert secret not in caplog.text
