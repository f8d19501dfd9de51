"""A file to a person: the four steps of an upload against the playground, and what goes wrong at each of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import responses

from bot.playground.server import Playground
from bot.slack.client import UPLOAD_URL, SlackClient, build_web_client
from bot.slack.errors import FailureKind, MethodPaused, SlackCallFailed
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
        "T1", user, "events.csv", "What happened in Acme", content, "Here it is."
    )


def files_of(playground: Playground, name: str = "carl") -> list[dict[str, Any]]:
    return [
        file
        for message in playground.get_user(name).list_direct_messages()
        for file in message["files"]
    ]


def steps(playground: Playground) -> list[str]:
    return [
        e["summary"].partition(" ")[0]
        for e in playground.traffic_entries
        if e["kind"] in {"call", "upload"}
    ]


def test_a_file_reaches_the_person_and_nobody_else(
    playground: Playground, slack: SlackClient
) -> None:
    found = upload(slack)
    carl = playground.get_user("carl")
    [message] = carl.list_direct_messages()
    [file] = message["files"]
    assert message["text"] == "Here it is."
    assert (file["id"], file["name"], file["title"]) == (
        found,
        "events.csv",
        "What happened in Acme",
    )
    assert (file["size"], file["mimetype"]) == (len(CONTENT), "text/csv")
    assert carl.download_file(file) == CONTENT
    assert files_of(playground, "ada") == []
    with pytest.raises(KeyError):
        playground.get_user("ada").download_file(file)


def test_a_file_larger_than_a_request_usually_is_arrives_whole(
    playground: Playground, slack: SlackClient
) -> None:
    content = bytes(range(256)) * 20_000
    upload(slack, content=content)
    [file] = files_of(playground)
    assert playground.get_user("carl").download_file(file) == content


@pytest.mark.parametrize("step", STEPS)
def test_a_limit_on_any_step_rests_the_whole_upload(
    playground: Playground, slack: SlackClient, step: str
) -> None:
    playground.faults.rate_limit(step, retry_after=1)
    with pytest.raises(MethodPaused) as resting:
        upload(slack)
    assert resting.value.seconds == 1
    before = steps(playground)
    with pytest.raises(MethodPaused):
        upload(slack)
    assert steps(playground) == before
    time.sleep(1.01)
    upload(slack)
    assert len(files_of(playground)) == 1


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("fault", "code"),
    [("server_error", "http_503"), ("close_connection", "unreachable")],
)
def test_what_fails_on_any_step_is_tried_again(
    playground: Playground, slack: SlackClient, step: str, fault: str, code: str
) -> None:
    playground.faults.add(fault, step)
    with pytest.raises(SlackCallFailed) as trouble:
        upload(slack)
    assert (trouble.value.code, trouble.value.kind) == (code, FailureKind.TRANSIENT)
    assert files_of(playground) == []
    upload(slack)
    assert len(files_of(playground)) == 1


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
def test_a_refusal_is_sorted(
    playground: Playground, slack: SlackClient, step: str, code: str, sort: FailureKind
) -> None:
    playground.faults.error(step, code)
    with pytest.raises(SlackCallFailed) as refused:
        upload(slack)
    assert (refused.value.code, refused.value.kind) == (code, sort)
    assert files_of(playground) == []


@pytest.mark.parametrize(
    ("status", "code", "sort"),
    [
        (404, "upload_lost", FailureKind.TRANSIENT),
        (410, "upload_lost", FailureKind.TRANSIENT),
        (413, "http_413", FailureKind.OPERATOR_ERROR),
    ],
)
def test_an_address_that_takes_nothing_any_more_asks_for_another(
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
    assert steps(playground) == ["conversations.open", "files.getUploadURLExternal"]


def test_an_upload_without_an_answer_ends(
    playground: Playground, slack: SlackClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.client.UPLOAD_TIMEOUTS", (0.2, 0.2))
    playground.faults.timeout_before(UPLOAD_URL, seconds=30)
    with pytest.raises(SlackCallFailed, match=r"^timeout$"):
        upload(slack)


def test_nobody_there_is_gone(playground: Playground, slack: SlackClient) -> None:
    playground.change_account("carl", deleted=True)
    with pytest.raises(SlackCallFailed) as gone:
        upload(slack)
    assert gone.value.kind is FailureKind.RECIPIENT_GONE
    assert steps(playground) == ["conversations.open"]


@pytest.mark.parametrize(
    "answer", [{}, {"channel": None}, {"channel": {"id": 7}}, {"channel": "D1"}]
)
def test_an_answer_without_what_was_asked_for_is_a_bad_one(
    answer: dict[str, Any],
) -> None:
    class Odd(SlackClient):
        def call_method(
            self, workspace: str, method: str, **args: Any
        ) -> dict[str, Any]:
            return {"ok": True, **answer}

    with pytest.raises(SlackCallFailed, match=r"^bad_answer$"):
        upload(Odd(build_web_client("xoxb-1", "http://127.0.0.1:9/api/")))


def test_no_trouble_quotes_what_was_sent(
    playground: Playground, slack: SlackClient, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "https://files.slack.com/upload/v1/s3cret"
    place = {"ok": True, "file_id": "F1", "upload_url": secret}
    with responses.RequestsMock() as net:
        net.add_passthru(playground.url)
        net.post(secret, status=400, body="whisper")
        slack.call_method = lambda _, method, **args: place | {"channel": {"id": "D1"}}  # type: ignore[method-assign]
        with pytest.raises(SlackCallFailed) as refused:
            upload(slack, content=b"whisper")
        [sent] = net.calls
    assert sent.request.body == b"whisper"
    assert "Authorization" not in sent.request.headers
    assert repr(refused.value) == "SlackCallFailed('http_400')"
    assert refused.value.__suppress_context__
    assert "whisper" not in caplog.text
    assert secret not in caplog.text
