"""Uploads are accepted, rejected and shown as in Slack."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground.manifest import Manifest
from bot.playground.server import Playground


@pytest.fixture
def manifest() -> Manifest:
    return Manifest(
        required_scopes=frozenset({"chat:write", "files:write", "im:write"})
    )


def get_refusal(call: Any, **args: Any) -> Any:
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return caught.value.response


def upload(url: str, content: bytes, **more: Any) -> tuple[int, str]:
    with requests.Session() as session:
        answer = session.post(url, data=content or None, **more)
    return answer.status_code, answer.text


def upload_file(slack: WebClient, content: bytes = b"abc", name: str = "a.txt") -> str:
    upload_url_answer = slack.files_getUploadURLExternal(
        filename=name, length=len(content)
    )
    assert upload(upload_url_answer["upload_url"], content) == (
        200,
        f"OK - {len(content)}",
    )
    return str(upload_url_answer["file_id"])


def test_the_sdks_upload_function_works(
    playground: Playground, slack: WebClient
) -> None:
    im = slack.conversations_open(users="UADA")["channel"]["id"]
    slack.files_upload_v2(
        channel=im,
        content="abc",
        filename="a.txt",
        title="Letters",
        initial_comment="Here",
    )
    ada = playground.get_user("ada")
    [message] = ada.list_direct_messages()
    [file] = message["files"]
    assert (message["text"], file["title"], ada.download_file(file)) == (
        "Here",
        "Letters",
        b"abc",
    )


def test_the_content_can_be_posted_as_a_form(
    playground: Playground, slack: WebClient
) -> None:
    upload_url_answer = slack.files_getUploadURLExternal(filename="a.txt", length=3)
    assert upload(
        upload_url_answer["upload_url"], b"", files={"filename": ("a.txt", b"abc")}
    ) == (
        200,
        "OK - 3",
    )
    typed = {"Content-Type": "application/x-www-form-urlencoded"}
    upload_url_answer = slack.files_getUploadURLExternal(filename="a.txt", length=3)
    assert upload(upload_url_answer["upload_url"], b"a=b", headers=typed) == (
        200,
        "OK - 3",
    )


def test_both_methods_require_their_arguments_and_scope(
    playground: Playground, slack: WebClient
) -> None:
    request_url = slack.files_getUploadURLExternal
    for args, message in (
        ({"filename": "", "length": 3}, "missing required field: filename"),
        ({"filename": "a.txt", "length": ""}, "missing required field: length"),
        (
            {"filename": "a.txt", "length": 0},
            "must be greater than 0 [json-pointer:/length]",
        ),
        (
            {"filename": "a.txt", "length": "x"},
            "must be an integer [json-pointer:/length]",
        ),
    ):
        refusal = get_refusal(request_url, **args)
        assert refusal["error"] == "invalid_arguments"
        assert message in refusal["response_metadata"]["messages"][0]
    call = slack.api_call
    for files, message in (
        (None, "missing required field: files"),
        ("[]", "must be a list"),
        ('{"id": "F1"}', "must be a list"),
        ('[{"title": "x"}]', "missing required field: id [json-pointer:/files/0]"),
    ):
        refusal = get_refusal(
            call, api_method="files.completeUploadExternal", params={"files": files}
        )
        assert refusal["error"] == "invalid_arguments"
        assert message in refusal["response_metadata"]["messages"][0]
    refusal = get_refusal(
        call, api_method="files.completeUploadExternal", params={"files": "[{"}
    )
    assert refusal["error"] == "invalid_arguments"
    playground.state.scopes = frozenset({"chat:write"})
    assert (
        get_refusal(request_url, filename="a.txt", length=3)["needed"] == "files:write"
    )
    assert (
        get_refusal(
            slack.files_completeUploadExternal, files=[{"id": "F1", "title": "x"}]
        )["needed"]
        == "files:write"
    )


def test_an_upload_address_accepts_the_content_once(
    playground: Playground, slack: WebClient
) -> None:
    upload_url_answer = slack.files_getUploadURLExternal(filename="a.txt", length=3)
    assert upload(f"{playground.url}/upload/nothing", b"abc") == (404, "not_found")
    assert upload(upload_url_answer["upload_url"], b"ab") == (400, "size_mismatch")
    assert upload(upload_url_answer["upload_url"], b"abc") == (200, "OK - 3")
    assert upload(upload_url_answer["upload_url"], b"abc") == (404, "not_found")


def test_only_an_uploaded_file_can_be_shared_and_only_once(
    playground: Playground, slack: WebClient
) -> None:
    def share(file_id: str, channel: str | None = "DADA") -> Any:
        return slack.files_completeUploadExternal(
            files=[{"id": file_id, "title": "x"}], channel_id=channel
        )

    pending_id = slack.files_getUploadURLExternal(filename="a.txt", length=3)["file_id"]
    for file_id in ("F404", pending_id):
        assert get_refusal(share, file_id=file_id)["error"] == "file_not_found"
    file_id = upload_file(slack)
    assert share(file_id)["files"] == [{"id": file_id, "title": "x"}]
    assert get_refusal(share, file_id=file_id)["error"] == "file_not_found"
    share(upload_file(slack), channel=None)
    assert len(playground.get_user("ada").list_direct_messages()) == 1


def test_a_file_can_be_shared_only_in_conversations_with_the_app(
    playground: Playground, slack: WebClient
) -> None:
    def share(channel: str) -> Any:
        return slack.files_completeUploadExternal(
            files=[{"id": file_id, "title": "x"}], channel_id=channel
        )

    file_id = upload_file(slack)
    for channel in ("UADA", "acme"):
        refusal = get_refusal(share, channel=channel)
        assert refusal["error"] == "invalid_arguments"
        assert (
            "[json-pointer:/channel_id]" in refusal["response_metadata"]["messages"][0]
        )
    assert get_refusal(share, channel="C0NOWHERE")["error"] == "channel_not_found"
    assert get_refusal(share, channel="C0FINANCE")["error"] == "channel_not_found"
    assert get_refusal(share, channel="C0GENERAL")["error"] == "not_in_channel"
    playground.change_account("devi", deleted=True)
    assert get_refusal(share, channel="DDEVI")["error"] == "channel_not_found"
    share("C0ACME")
    assert (
        playground.get_user("carl").list_messages("acme")[0]["files"][0]["id"]
        == file_id
    )


def test_the_page_downloads_only_files_that_its_user_sees(
    playground: Playground, slack: WebClient
) -> None:
    file_id = upload_file(slack, b"<script>", "Grüße.html")
    slack.files_completeUploadExternal(
        files=[{"id": file_id, "title": "Hello"}], channel_id="DADA"
    )

    def fetch(user_id: str) -> requests.Response:
        with requests.Session() as session:
            return session.get(
                f"{playground.url}/ui/file", params={"as": user_id, "id": file_id}
            )

    answer = fetch("UADA")
    assert answer.content == b"<script>"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "Gr%C3%BC%C3%9Fe.html" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert fetch("UCARL").status_code == 404
    assert fetch("UNOBODY").status_code == 404


def test_calls_are_recorded_without_content_and_addresses(
    playground: Playground, slack: WebClient, tmp_path: Path
) -> None:
    file_id = upload_file(slack, b"whisper")
    slack.files_completeUploadExternal(
        files=[{"id": file_id, "title": "x"}], channel_id="DADA"
    )
    recorded = (tmp_path / "traffic.jsonl").read_text()
    assert [json.loads(line)["call"] for line in recorded.splitlines()] == [
        "files.getUploadURLExternal",
        "files.completeUploadExternal",
    ]
    shown = json.dumps(playground.traffic_entries)
    assert "7 bytes \\u2192 OK - 7" in shown
    assert "/upload/\\u2022" in shown
    assert "whisper" not in recorded + shown
