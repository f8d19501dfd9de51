"""A file to a person: the four steps of an upload against the playground, and what goes wrong at each of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import responses

from bot.playground.server import Playground
from bot.slack import UPLOAD_URL, Resting, Slack, SlackTrouble, Sort, web_client
from tests.support.app_harness import traffic_file

STEPS = ("conversations.open", "files.getUploadURLExternal", UPLOAD_URL, "files.completeUploadExternal")
CONTENT = "what,who\nGrüße,carl\n".encode()


@pytest.fixture
def playground() -> Iterator[Playground]:
    with Playground(record=traffic_file()) as running:
        yield running


@pytest.fixture
def slack(playground: Playground) -> Slack:
    return Slack(web_client(playground.bot_token, f"{playground.url}/api/"))


def upload(slack: Slack, user: str = "UCARL", content: bytes = CONTENT) -> str:
    return slack.upload("T1", user, "events.csv", "What happened in Acme", content, "Here it is.")


def files_of(playground: Playground, name: str = "carl") -> list[dict[str, Any]]:
    return [file for message in playground.person(name).direct_messages() for file in message["files"]]


def steps(playground: Playground) -> list[str]:
    return [e["summary"].partition(" ")[0] for e in playground.traffic if e["kind"] in {"call", "upload"}]


def test_a_file_reaches_the_person_and_nobody_else(playground: Playground, slack: Slack) -> None:
    found = upload(slack)
    carl = playground.person("carl")
    [message] = carl.direct_messages()
    [file] = message["files"]
    assert message["text"] == "Here it is."
    assert (file["id"], file["name"], file["title"]) == (found, "events.csv", "What happened in Acme")
    assert (file["size"], file["mimetype"]) == (len(CONTENT), "text/csv")
    assert carl.downloads(file) == CONTENT
    assert files_of(playground, "ada") == []
    with pytest.raises(KeyError):
        playground.person("ada").downloads(file)


def test_a_file_larger_than_a_request_usually_is_arrives_whole(playground: Playground, slack: Slack) -> None:
    content = bytes(range(256)) * 20_000
    upload(slack, content=content)
    [file] = files_of(playground)
    assert playground.person("carl").downloads(file) == content


@pytest.mark.parametrize("step", STEPS)
def test_a_limit_on_any_step_rests_the_whole_upload(playground: Playground, slack: Slack, step: str) -> None:
    playground.faults.rate_limit(step, retry_after=1)
    with pytest.raises(Resting) as resting:
        upload(slack)
    assert resting.value.seconds == 1
    before = steps(playground)
    with pytest.raises(Resting):
        upload(slack)
    assert steps(playground) == before
    time.sleep(1.01)
    upload(slack)
    assert len(files_of(playground)) == 1


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("fault", "code"), [("server_error", "http_503"), ("close_connection", "unreachable")])
def test_what_fails_on_any_step_is_tried_again(
    playground: Playground, slack: Slack, step: str, fault: str, code: str
) -> None:
    playground.faults.add(fault, step)
    with pytest.raises(SlackTrouble) as trouble:
        upload(slack)
    assert (trouble.value.code, trouble.value.sort) == (code, Sort.TRANSIENT)
    assert files_of(playground) == []
    upload(slack)
    assert len(files_of(playground)) == 1


@pytest.mark.parametrize(
    ("step", "code", "sort"),
    [
        ("conversations.open", "user_disabled", Sort.GONE),
        ("files.getUploadURLExternal", "file_uploads_disabled", Sort.GONE),
        ("files.getUploadURLExternal", "storage_limit_reached", Sort.GONE),
        ("files.getUploadURLExternal", "missing_scope", Sort.OURS),
        ("files.completeUploadExternal", "file_not_found", Sort.TRANSIENT),
        ("files.completeUploadExternal", "invalid_arguments", Sort.OURS),
    ],
)
def test_a_refusal_is_sorted(playground: Playground, slack: Slack, step: str, code: str, sort: Sort) -> None:
    playground.faults.error(step, code)
    with pytest.raises(SlackTrouble) as refused:
        upload(slack)
    assert (refused.value.code, refused.value.sort) == (code, sort)
    assert files_of(playground) == []


@pytest.mark.parametrize(("status", "code", "sort"), [
    (404, "upload_lost", Sort.TRANSIENT), (410, "upload_lost", Sort.TRANSIENT), (413, "http_413", Sort.OURS),
])  # fmt: skip
def test_an_address_that_takes_nothing_any_more_asks_for_another(
    playground: Playground, slack: Slack, status: int, code: str, sort: Sort
) -> None:
    playground.faults.server_error(UPLOAD_URL, status=status)
    with pytest.raises(SlackTrouble) as refused:
        upload(slack)
    assert (refused.value.code, refused.value.sort) == (code, sort)
    assert steps(playground) == ["conversations.open", "files.getUploadURLExternal"]


def test_an_upload_without_an_answer_ends(
    playground: Playground, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.UPLOAD_PATIENCE", (0.2, 0.2))
    playground.faults.timeout_before(UPLOAD_URL, seconds=30)
    with pytest.raises(SlackTrouble, match=r"^timeout$"):
        upload(slack)


def test_nobody_there_is_gone(playground: Playground, slack: Slack) -> None:
    playground.change_person("carl", deleted=True)
    with pytest.raises(SlackTrouble) as gone:
        upload(slack)
    assert gone.value.sort is Sort.GONE
    assert steps(playground) == ["conversations.open"]


@pytest.mark.parametrize("answer", [{}, {"channel": None}, {"channel": {"id": 7}}, {"channel": "D1"}])
def test_an_answer_without_what_was_asked_for_is_a_bad_one(answer: dict[str, Any]) -> None:
    class Odd(Slack):
        def call(self, workspace: str, method: str, **args: Any) -> dict[str, Any]:
            return {"ok": True, **answer}

    with pytest.raises(SlackTrouble, match=r"^bad_answer$"):
        upload(Odd(web_client("xoxb-1", "http://127.0.0.1:9/api/")))


def test_no_trouble_quotes_what_was_sent(
    playground: Playground, slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "https://files.slack.com/upload/v1/s3cret"
    place = {"ok": True, "file_id": "F1", "upload_url": secret}
    with responses.RequestsMock() as net:
        net.add_passthru(playground.url)
        net.post(secret, status=400, body="whisper")
        slack.call = lambda _, method, **args: place | {"channel": {"id": "D1"}}  # type: ignore[method-assign]
        with pytest.raises(SlackTrouble) as refused:
            upload(slack, content=b"whisper")
        [sent] = net.calls
    assert sent.request.body == b"whisper"
    assert "Authorization" not in sent.request.headers
    assert repr(refused.value) == "SlackTrouble('http_400')"
    assert refused.value.__suppress_context__
    assert "whisper" not in caplog.text
    assert secret not in caplog.text
