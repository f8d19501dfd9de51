"""A file from the app in the playground's page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.playground.server import Playground
from bot.slack.client import SlackClient, build_web_client
from collab.model import WorkspaceId
from tests.browser.playground_page import PlaygroundPage, open_playground
from tests.support.app_harness import new_traffic_path

pytestmark = pytest.mark.browser


@pytest.fixture
def playground() -> Iterator[Playground]:
    with Playground(traffic_path=new_traffic_path()) as running:
        yield running


@pytest.fixture
def slack_page(page: Page, playground: Playground) -> Iterator[PlaygroundPage]:
    with open_playground(page, playground.url) as slack_page:
        slack_page.open_as("Carl", "Collab")
        yield slack_page


def test_a_file_of_a_message_is_downloaded(
    slack_page: PlaygroundPage, playground: Playground, tmp_path: Path
) -> None:
    slack = SlackClient(
        build_web_client(playground.bot_token, f"{playground.url}/api/")
    )
    slack.upload_file(
        WorkspaceId("T1"),
        "UCARL",
        "events.csv",
        "What happened",
        b"x" * 1234,
        "Here is *your* file.",
    )

    message = slack_page.message("Here is your file.")
    expect(message.get_by_role("list", name="File")).to_have_count(1)
    link = message.get_by_role(
        "link", name="Download What happened events.csv · 1.2 KB", exact=True
    )
    expect(link).to_be_visible()

    with slack_page.page.expect_download() as download:
        link.press("Enter")
    assert download.value.suggested_filename == "events.csv"
    download.value.save_as(tmp_path / "events.csv")
    assert (tmp_path / "events.csv").read_bytes() == b"x" * 1234


def test_a_file_without_a_comment_is_shown_alone(
    slack_page: PlaygroundPage, playground: Playground
) -> None:
    slack = SlackClient(
        build_web_client(playground.bot_token, f"{playground.url}/api/")
    )
    slack.upload_file(WorkspaceId("T1"), "UCARL", "one.txt", "one.txt", b"x", "")
    link = slack_page.message("one.txt").get_by_role("link")
    expect(link).to_have_accessible_name("Download one.txt 1 byte")
    expect(slack_page.messages.locator(".mrkdwn")).to_have_count(0)
