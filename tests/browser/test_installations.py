"""Installing and uninstalling the app in the browser, in two workspaces."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bot.playground.seed_data import ORGANISATION_ID
from tests.browser.playground_page import PlaygroundPage, open_playground
from tests.browser.test_accessibility import find_violations
from tests.support.app_harness import AppHarness, run_installable_app
from tests.support.replay import assert_replay_gives_state

pytestmark = pytest.mark.browser


@pytest.fixture
def two_harness(sqlite_url: str) -> Iterator[AppHarness]:
    """Return the app with two workspaces to install it in."""
    with run_installable_app(sqlite_url) as harness:
        yield harness
        harness.drain_outbox()
        assert_replay_gives_state(harness.app.database)


@pytest.fixture
def group_page(page: Page, sqlite_url: str) -> Iterator[PlaygroundPage]:
    """Return the page of an organisation with two workspaces, as Ada in the first."""
    with (
        run_installable_app(sqlite_url, organisation=ORGANISATION_ID) as harness,
        open_playground(page, harness.playground.url) as slack_page,
    ):
        slack_page.open_as("Ada", "#acme")
        yield slack_page
        harness.drain_outbox()
        assert_replay_gives_state(harness.app.database)


@pytest.fixture
def two_page(page: Page, two_harness: AppHarness) -> Iterator[PlaygroundPage]:
    """Return the playground's page, as Ada in the first workspace."""
    with open_playground(page, two_harness.playground.url) as slack_page:
        slack_page.open_as("Ada", "#acme")
        yield slack_page


def install(slack_page: PlaygroundPage, name: str, place: str | None = None) -> None:
    """Install the app from the link on the page; `place` is the choice on Slack's."""
    page = slack_page.page
    link = page.get_by_role("link", name="Install Collab")
    with page.expect_popup() as opened:
        link.click()
    tab = opened.value
    tab.get_by_role("link", name=re.compile("Slack")).click()
    tab.get_by_role("radio", name=place or name, exact=True).check()
    tab.get_by_role("button", name="Allow").click()
    expect(tab.get_by_role("main")).to_contain_text(name)
    assert tab.url.partition("?")[0].endswith("/slack/oauth_redirect")
    tab.close()
    expect(link).to_have_count(0)


def choose_workspace(slack_page: PlaygroundPage, name: str) -> None:
    """Choose a workspace in the sidebar."""
    slack_page.page.get_by_role("combobox", name="Workspace").select_option(name)
    expect(slack_page.page.get_by_role("heading", name=name, level=1)).to_be_visible()


def change_installation(slack_page: PlaygroundPage, change: str) -> None:
    """Choose in the menu about the app's installation."""
    slack_page.page.get_by_role("button", name="Installation…").click()
    slack_page.page.get_by_role("menuitem", name=change).click()


def pass_agency_road(
    slack_page: PlaygroundPage, lead: str, client: str, place: str
) -> None:
    """Create a company, link a channel, invite, accept and remove, by the page."""
    slack_page.act_as(lead, f"#{place}")
    slack_page.send_line("/invite @Collab")
    slack_page.message(f"Thanks for adding me to #{place}")
    slack_page.run_command("/collab create company Studio")
    slack_page.run_command("/collab link studio")
    invited = slack_page.run_command(f"/collab invite @{client.lower()} admin studio")
    expect(invited).to_contain_text("You invited")
    slack_page.act_as(client)
    slack_page.press("Accept", slack_page.message("invited you to Studio"))
    slack_page.act_as(lead, f"#{place}")
    slack_page.message(re.compile(f"{client} joined Studio as .*admin"))
    preview = slack_page.run_command(f"/collab remove @{client.lower()} studio")
    slack_page.press("Remove", preview)
    slack_page.act_as(client)
    slack_page.message("removed you from Studio")


def test_both_workspaces_install_the_app_and_pass_the_agency_road(
    two_page: PlaygroundPage, two_harness: AppHarness
) -> None:
    page = two_page.page
    expect(page.get_by_text("Collab isn't installed here.")).to_be_visible()
    assert find_violations(two_page) == []

    install(two_page, "Acme HQ")
    pass_agency_road(two_page, "Ada", "Carl", "acme")
    choose_workspace(two_page, "Nordlicht")
    expect(page.get_by_text("Collab isn't installed here.")).to_be_visible()
    install(two_page, "Nordlicht")
    pass_agency_road(two_page, "Nora", "Tom", "nordlicht")

    titles = [
        [each["text"] for each in two_harness.playground.get_user(n).list_messages(p)]
        for n, p in (("ada", "acme"), ("nora", "nordlicht"))
    ]
    assert "Tom" not in str(titles[0])
    assert "Carl" not in str(titles[1])


def test_uninstalling_one_workspace_leaves_the_other(
    two_page: PlaygroundPage, two_harness: AppHarness
) -> None:
    page = two_page.page
    install(two_page, "Acme HQ")
    choose_workspace(two_page, "Nordlicht")
    install(two_page, "Nordlicht")
    two_harness.run_command("ada", "/collab create company Acme")

    choose_workspace(two_page, "Acme HQ")
    change_installation(two_page, "Uninstall Collab from Acme HQ")

    expect(page.get_by_text("Collab isn't installed here.")).to_be_visible()
    answer = two_harness.run_command("nora", "/collab create company Nord")
    assert "Nord" in answer["text"]

    install(two_page, "Acme HQ")
    answer = two_harness.run_command("ada", "/collab members acme")
    assert "<@UADA>" in answer["text"]


def test_an_organisation_installs_it_for_both_and_takes_it_from_one(
    group_page: PlaygroundPage,
) -> None:
    page = group_page.page
    install(group_page, "Acme Group", "Acme Group (all its workspaces)")
    pass_agency_road(group_page, "Ada", "Carl", "acme")
    choose_workspace(group_page, "Acme West")
    expect(page.get_by_text("Collab isn't installed here.")).to_have_count(0)
    group_page.act_as("Nora", "#west")
    group_page.run_command("/collab create company West")

    change_installation(group_page, "Take Collab from Acme West")
    expect(page.get_by_text("has taken Collab from this workspace")).to_be_visible()
    change_installation(group_page, "Give Collab to Acme West")
    expect(page.get_by_text("has taken Collab")).to_have_count(0)
    members = group_page.run_command("/collab members west")
    expect(members).to_contain_text("Nora Berg")

    change_installation(group_page, "Uninstall Collab from Acme Group")
    expect(page.get_by_text("Collab isn't installed here.")).to_be_visible()
    choose_workspace(group_page, "Acme HQ")
    expect(page.get_by_text("Collab isn't installed here.")).to_be_visible()
