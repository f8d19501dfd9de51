"""Files are taken, refused and shown as Slack does it."""

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
    return Manifest(scopes=frozenset({"chat:write", "files:write", "im:write"}))


def refused(call: Any, **args: Any) -> Any:
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return caught.value.response


def put(url: str, content: bytes, **more: Any) -> tuple[int, str]:
    with requests.Session() as session:
        answer = session.post(url, data=content or None, **more)
    return answer.status_code, answer.text


def uploaded(slack: WebClient, content: bytes = b"abc", name: str = "a.txt") -> str:
    place = slack.files_getUploadURLExternal(filename=name, length=len(content))
    assert put(place["upload_url"], content) == (200, f"OK - {len(content)}")
    return str(place["file_id"])


def test_the_sdks_own_upload_works(playground: Playground, slack: WebClient) -> None:
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


def test_the_bytes_may_come_as_a_form(playground: Playground, slack: WebClient) -> None:
    place = slack.files_getUploadURLExternal(filename="a.txt", length=3)
    assert put(place["upload_url"], b"", files={"filename": ("a.txt", b"abc")}) == (
        200,
        "OK - 3",
    )
    typed = {"Content-Type": "application/x-www-form-urlencoded"}
    place = slack.files_getUploadURLExternal(filename="a.txt", length=3)
    assert put(place["upload_url"], b"a=b", headers=typed) == (200, "OK - 3")


def test_both_calls_need_their_arguments_and_scope(
    playground: Playground, slack: WebClient
) -> None:
    ask = slack.files_getUploadURLExternal
    for args, words in (
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
        refusal = refused(ask, **args)
        assert refusal["error"] == "invalid_arguments"
        assert words in refusal["response_metadata"]["messages"][0]
    finish = slack.api_call
    for files, words in (
        (None, "missing required field: files"),
        ("[]", "must be a list"),
        ('{"id": "F1"}', "must be a list"),
        ('[{"title": "x"}]', "missing required field: id [json-pointer:/files/0]"),
    ):
        refusal = refused(
            finish, api_method="files.completeUploadExternal", params={"files": files}
        )
        assert refusal["error"] == "invalid_arguments"
        assert words in refusal["response_metadata"]["messages"][0]
    broken = refused(
        finish, api_method="files.completeUploadExternal", params={"files": "[{"}
    )
    assert broken["error"] == "invalid_arguments"
    object.__setattr__(playground.state.manifest, "scopes", frozenset({"chat:write"}))
    assert refused(ask, filename="a.txt", length=3)["needed"] == "files:write"
    assert (
        refused(slack.files_completeUploadExternal, files=[{"id": "F1", "title": "x"}])[
            "needed"
        ]
        == "files:write"
    )


def test_an_upload_address_takes_its_bytes_once(
    playground: Playground, slack: WebClient
) -> None:
    place = slack.files_getUploadURLExternal(filename="a.txt", length=3)
    assert put(f"{playground.url}/upload/nothing", b"abc") == (404, "not_found")
    assert put(place["upload_url"], b"ab") == (400, "size_mismatch")
    assert put(place["upload_url"], b"abc") == (200, "OK - 3")
    assert put(place["upload_url"], b"abc") == (404, "not_found")


def test_only_what_was_uploaded_is_shared_and_once(
    playground: Playground, slack: WebClient
) -> None:
    def share(file: str, channel: str | None = "DADA") -> Any:
        return slack.files_completeUploadExternal(
            files=[{"id": file, "title": "x"}], channel_id=channel
        )

    waiting = slack.files_getUploadURLExternal(filename="a.txt", length=3)["file_id"]
    for unknown in ("F404", waiting):
        assert refused(share, file=unknown)["error"] == "file_not_found"
    file = uploaded(slack)
    assert share(file)["files"] == [{"id": file, "title": "x"}]
    assert refused(share, file=file)["error"] == "file_not_found"
    share(uploaded(slack), channel=None)
    assert len(playground.get_user("ada").list_direct_messages()) == 1


def test_where_a_file_may_go(playground: Playground, slack: WebClient) -> None:
    def share(channel: str) -> Any:
        return slack.files_completeUploadExternal(
            files=[{"id": file, "title": "x"}], channel_id=channel
        )

    file = uploaded(slack)
    for channel in ("UADA", "acme"):
        refusal = refused(share, channel=channel)
        assert refusal["error"] == "invalid_arguments"
        assert (
            "[json-pointer:/channel_id]" in refusal["response_metadata"]["messages"][0]
        )
    assert refused(share, channel="C0NOWHERE")["error"] == "channel_not_found"
    assert refused(share, channel="C0FINANCE")["error"] == "channel_not_found"
    assert refused(share, channel="C0GENERAL")["error"] == "not_in_channel"
    playground.change_account("devi", deleted=True)
    assert refused(share, channel="DDEVI")["error"] == "channel_not_found"
    share("C0ACME")
    assert (
        playground.get_user("carl").list_messages("acme")[0]["files"][0]["id"] == file
    )


def test_the_page_downloads_what_its_person_sees(
    playground: Playground, slack: WebClient
) -> None:
    file = uploaded(slack, b"<script>", "Grüße.html")
    slack.files_completeUploadExternal(
        files=[{"id": file, "title": "Hello"}], channel_id="DADA"
    )

    def fetch(person: str) -> requests.Response:
        with requests.Session() as session:
            return session.get(
                f"{playground.url}/ui/file", params={"as": person, "id": file}
            )

    answer = fetch("UADA")
    assert answer.content == b"<script>"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "Gr%C3%BC%C3%9Fe.html" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert fetch("UCARL").status_code == 404
    assert fetch("UNOBODY").status_code == 404


def test_the_calls_are_on_record_and_neither_bytes_nor_addresses(
    playground: Playground, slack: WebClient, tmp_path: Path
) -> None:
    file = uploaded(slack, b"whisper")
    slack.files_completeUploadExternal(
        files=[{"id": file, "title": "x"}], channel_id="DADA"
    )
    written = (tmp_path / "traffic.jsonl").read_text()
    assert [json.loads(line)["call"] for line in written.splitlines()] == [
        "files.getUploadURLExternal",
        "files.completeUploadExternal",
    ]
    shown = json.dumps(playground.traffic_entries)
    assert "7 bytes \\u2192 OK - 7" in shown
    assert "/upload/\\u2022" in shown
    assert "whisper" not in written + shown
