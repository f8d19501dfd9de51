"""Many workspaces in one app: installed through the pages, by each transport, and kept apart.

Slack's side is the playground with two workspaces, or with one organisation that has two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import requests

from bot.playground import delivery, installations, messages, payloads, user_actions
from bot.playground.elements import iterate_controls
from bot.playground.fake_user import FakeUser
from bot.playground.seed_data import (
    HOME_TEAM_ID,
    ORGANISATION_ID,
    SECOND_TEAM_ID,
    WEST_TEAM_ID,
)
from collab.events import PersonRecognised, WorkspaceInstalled, WorkspaceUninstalled
from collab.installations import InstallationStore
from collab.model import Caller, WorkspaceId
from collab.people import UninstallWorkspace
from tests.end_to_end.test_signing_in_with_slack import Visitor
from tests.support.app_harness import (
    ACK_TIMEOUT_SECONDS,
    AppHarness,
    run_installable_app,
)
from tests.support.replay import assert_replay_gives_state

FIELD = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
SECRET = "a secret of this test, which is long enough"
NORA = "nora@nordlicht.example.com"


class ManyHarness(AppHarness):
    """The app, and a browser that installs it."""

    store: InstallationStore

    def install(
        self, place: str, answer: str = "allow", *, has_optional: bool = True
    ) -> requests.Response:
        """Install the app as an admin does: our page, Slack's, and back."""
        with requests.Session() as browser:
            before = browser.get(f"{self.playground.url}/slack/install", timeout=10)
            assert "Add to Slack" in before.text
            slack = browser.get(
                f"{self.playground.url}/slack/install/start", timeout=10
            )
            assert "asks for access to Slack" in slack.text
            manifest = self.playground.state.manifest
            optional = sorted(manifest.optional_scopes) if has_optional else []
            form = dict(FIELD.findall(slack.text)) | {"place": place, "answer": answer}
            return browser.post(
                slack.url.partition("?")[0],
                data={**form, "optional": optional},
                timeout=10,
            )

    def list_events(self, tenant: str) -> list[Any]:
        """Return what happened in a tenant."""
        log = self.app.database.event_log
        return [each.event for each in log.export_events(WorkspaceId(tenant))]

    def wait_for_event(self, tenant: str, event_type: type) -> None:
        """Wait until something has happened."""
        self.playground.wait_until(
            lambda: any(isinstance(e, event_type) for e in self.list_events(tenant)),
            ACK_TIMEOUT_SECONDS,
        )

    def list_tokens(self) -> dict[str, str]:
        """Return the token that the app uses in each tenant."""
        tenants = self.app.database.event_log.list_workspaces()
        client = self.app.slack_client
        return {each: str(client.get_client(each).token) for each in tenants}


@contextmanager
def run_many(
    database_url: str,
    transport: str,
    organisation: str | None = None,
    *,
    rotates_tokens: bool = False,
) -> Iterator[ManyHarness]:
    """Run the app without a token in its settings."""
    with run_installable_app(
        database_url,
        transport,
        organisation=organisation,
        rotates_tokens=rotates_tokens,
        link_secrets=(SECRET,),
    ) as running:
        harness = ManyHarness(running.playground, running.app)
        harness.store = running.app.database.open_installations((SECRET,))
        yield harness
        assert_replay_gives_state(running.app.database)


@pytest.fixture(
    params=[
        ("sqlite", "socket"),
        pytest.param(("postgres", "http"), marks=pytest.mark.postgres),
    ]
)
def two(request: pytest.FixtureRequest) -> Iterator[ManyHarness]:
    """Return the app and two workspaces of strangers, on each database."""
    database, transport = request.param
    request.getfixturevalue(f"{database}_database")  # an empty one
    with run_many(request.getfixturevalue(f"{database}_url"), transport) as harness:
        yield harness


@pytest.fixture
def group(sqlite_url: str) -> Iterator[ManyHarness]:
    """Return the app and an organisation with two workspaces."""
    with run_many(sqlite_url, "http", ORGANISATION_ID) as harness:
        yield harness


def test_two_workspaces_install_it_and_neither_sees_the_other(two: ManyHarness) -> None:
    page = two.install(HOME_TEAM_ID)
    assert (page.status_code, "Acme HQ" in page.text) == (200, True)
    assert two.install(SECOND_TEAM_ID).status_code == 200
    tokens = two.list_tokens()
    assert set(tokens) == {HOME_TEAM_ID, SECOND_TEAM_ID}
    assert len(set(tokens.values())) == 2

    two.run_command("ada", "/collab create company Acme")
    two.run_command("nora", "/collab create company Acme")
    two.run_command("ada", "/collab invite @carl admin acme")
    two.run_command("nora", "/collab invite @ines admin acme")
    for user in ("carl", "ines"):
        two.press_button(user, two.latest_message(user), "accept")
    home = two.run_command("ada", "/collab members acme")
    second = two.run_command("nora", "/collab members acme")
    assert "UCARL" in str(home)
    assert "UINES" in str(second)
    assert "UINES" not in str(home)
    assert "UCARL" not in str(second)
    two.nora.type_text("/collab invite", channel="general")
    two.wait_for_view("nora")


def test_a_workspace_whose_tokens_are_gone_is_told_so(two: ManyHarness) -> None:
    two.install(HOME_TEAM_ID)
    two.install(SECOND_TEAM_ID)
    by = Caller(WorkspaceId(SECOND_TEAM_ID), None, "event")
    two.app.bus.execute(UninstallWorkspace(by), two.playground.clock.now())
    answer = two.nora.type_text("/collab mine", channel="general")
    assert answer
    assert "isn't set up in this workspace" in answer["text"]
    assert two.run_command("ada", "/collab mine")["text"]


@pytest.mark.parametrize(
    "event_types",
    [("tokens_revoked", "app_uninstalled"), ("app_uninstalled",), ("tokens_revoked",)],
)
def test_a_removed_app_stops_and_goes_on_where_it_was(
    two: ManyHarness, event_types: tuple[str, ...]
) -> None:
    two.install(HOME_TEAM_ID)
    two.install(SECOND_TEAM_ID)
    two.run_command("nora", "/collab create company Berg")
    two.run_command("nora", "/collab invite @ines admin berg")
    installations.uninstall_app(two.playground.get_state(SECOND_TEAM_ID), event_types)
    two.wait_for_event(SECOND_TEAM_ID, WorkspaceUninstalled)
    with pytest.raises(Exception, match="not_installed"):
        two.app.slack_client.get_client(WorkspaceId(SECOND_TEAM_ID))
    calls = len(two.playground.traffic_entries)
    two.advance_time(days=3)
    assert "chat." not in str(
        [e["summary"] for e in two.playground.traffic_entries[calls:]]
    )
    two.run_command("ada", "/collab create company Acme")  # the other one goes on

    two.advance_time(seconds=2)
    assert two.install(SECOND_TEAM_ID).status_code == 200
    installed = [
        each
        for each in two.list_events(SECOND_TEAM_ID)
        if isinstance(each, WorkspaceInstalled)
    ]
    assert len(installed) == 2
    assert "Berg" in str(two.run_command("nora", "/collab mine"))
    two.press_button("ines", two.latest_message("ines"), "accept")
    assert "UINES" in str(two.run_command("nora", "/collab members berg"))


def test_tokens_that_expire_are_renewed_before_the_next_call(sqlite_url: str) -> None:
    with run_many(sqlite_url, "http", rotates_tokens=True) as harness:
        harness.install(HOME_TEAM_ID)
        harness.run_command("ada", "/collab create company Acme")
        [first] = harness.list_tokens().values()
        for day in range(3):
            harness.advance_time(hours=13)
            harness.run_command(
                "ada", f"/collab invite new{day}@acme.example.com admin acme"
            )
            harness.run_command("ada", "/collab invite @carl admin acme")
            assert "invited you" in harness.latest_message("carl")["text"]
        harness.advance_time(hours=13)
        harness.ada.type_text("/collab invite", channel="general")
        harness.wait_for_view("ada")
        [newest] = harness.list_tokens().values()
        assert newest != first
        summaries = [each["summary"] for each in harness.playground.traffic_entries]
        assert summaries.count("oauth.v2.access → ok") == 5
        assert "token_expired" not in str(summaries)


def test_what_an_absent_scope_turns_off_is_said_where_it_is_used(
    sqlite_url: str,
) -> None:
    with run_many(sqlite_url, "http") as harness:
        harness.install(HOME_TEAM_ID, has_optional=False)
        harness.run_command("ada", "/collab create company Acme")
        answer = harness.run_command("ada", "/collab link acme")
        assert "Collab isn't in #general yet" in answer["text"]
        assert "can join public channels by itself" in str(answer)
        url = f"{harness.playground.url}/slack/install"
        button = answer["blocks"][-1]["elements"][0]
        assert (button["action_id"], button["url"]) == ("scope_add", url)
        harness.ada.type_text("/invite @Collab", channel="partners")
        shared = harness.run_command("ada", "/collab link acme", "partners")
        assert "can name the other company" in str(shared)

        harness.install(HOME_TEAM_ID)
        assert "link_join" in str(harness.run_command("ada", "/collab link acme"))
        assert "scope_add" not in str(
            harness.run_command("ada", "/collab link acme", "partners")
        )


def test_somebody_who_cancels_installs_nothing(two: ManyHarness) -> None:
    page = two.install(HOME_TEAM_ID, "cancel")
    assert (page.status_code, "You cancelled" in page.text) == (400, True)
    assert two.app.database.event_log.list_workspaces() == []


def test_an_organisation_is_one_tenant_for_its_workspaces(group: ManyHarness) -> None:
    assert group.install(ORGANISATION_ID).status_code == 200
    group.run_command("ada", "/collab create company Acme")
    assert "Acme" in str(group.run_command("ada", "/collab mine"))
    group.run_command("ada", f"/collab invite {NORA} admin acme")
    group.press_button("nora", group.latest_message("nora"), "accept")
    assert "UNORA" in str(group.run_command("ada", "/collab members acme"))
    assert "Acme" in str(group.run_command("nora", "/collab mine"))
    assert group.app.database.event_log.list_workspaces() == [ORGANISATION_ID]


def test_an_account_of_an_organisation_signs_in_on_my_page(group: ManyHarness) -> None:
    group.install(ORGANISATION_ID)
    group.run_command("ada", "/collab create company Acme")
    page = Visitor(group).sign_in("/me", "UADA")
    assert "Acme" in page.text
    stranger = Visitor(group).sign_in("/me", "UEVE")
    assert "Acme" not in stranger.text


def test_a_workspace_that_loses_the_app_and_gets_it_again(group: ManyHarness) -> None:
    group.install(ORGANISATION_ID)
    group.run_command("ada", "/collab create company Acme")
    west = group.playground.get_state(WEST_TEAM_ID)
    installations.change_team_access(west, is_granted=False, wait=True)
    assert list_revoked(group) == {WEST_TEAM_ID}
    assert "Acme" in str(group.run_command("ada", "/collab mine"))
    installations.change_team_access(west, is_granted=True, wait=True)
    assert list_revoked(group) == frozenset()
    assert group.run_command("nora", "/collab mine")["text"]


def list_revoked(group: ManyHarness) -> frozenset[str]:
    """Return the workspaces of the organisation that may not use the app."""
    installation = group.store.find(WorkspaceId(ORGANISATION_ID))
    assert installation
    return installation.revoked_teams


def test_an_organisation_that_removes_the_app_stops_it_everywhere(
    group: ManyHarness,
) -> None:
    group.install(ORGANISATION_ID)
    group.run_command("ada", "/collab create company Acme")
    installations.uninstall_app(group.playground.state)
    group.wait_for_event(ORGANISATION_ID, WorkspaceUninstalled)
    group.advance_time(seconds=2)
    assert group.install(ORGANISATION_ID).status_code == 200
    assert "Acme" in str(group.run_command("ada", "/collab mine"))


def test_buttons_and_forms_of_another_workspace_do_nothing(two: ManyHarness) -> None:
    two.install(HOME_TEAM_ID)
    two.install(SECOND_TEAM_ID)
    for line in ZEPHYR_LINES:
        two.run_command("ada", line)
    two.carl.open_home()
    two.ada.open_home()
    two.run_command("nora", "/collab create company Berg")
    two.run_command("nora", "/collab invite @ines admin berg")
    two.drain_outbox()
    before = two.list_events(HOME_TEAM_ID)
    presses = list(iterate_presses(two, "ada", "carl"))
    assert len(presses) >= MIN_PRESSES

    for block, element, chosen in presses:
        press_elsewhere(two, block, element, chosen)
    two.drain_outbox()

    assert two.list_events(HOME_TEAM_ID) == before
    told = str([list_told(two, name) for name in ("nora", "ines", "tom")])
    assert "Berg" in told
    for secret in ("Zephyr", "UCARL", "UADA"):
        assert secret not in told


ZEPHYR_LINES = (
    "/collab create company Zephyr",
    "/collab create app Zephyr Shop in zephyr",
    "/collab create payment Zephyr Card in zephyr",
    "/collab invite @devi developer zephyr-shop",
    "/collab invite @carl admin zephyr",
    "/collab members zephyr",
    "/collab show zephyr-shop",
    "/collab invitations sent",
    "/collab remove @devi zephyr-shop",
    "/collab delete zephyr-shop",
    "/collab events zephyr",
    "/collab mine",
    "/collab",
)
MIN_PRESSES = 20


def iterate_presses(
    harness: ManyHarness, *names: str
) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Yield what people can press: block, element, and the value of each choice."""
    for name in names:
        user = harness.playground.get_user(name)
        surfaces = [*user.list_messages(), *user.list_direct_messages()]
        surfaces += [user.home_view] if user.home_view else []
        for surface in surfaces:
            for block, element in iterate_controls(surface["blocks"] or []):
                if element["type"] == "button" and "value" in element:
                    yield block, element, {"value": element["value"]}
                for option in element.get("options", []):
                    yield block, element, {"selected_option": option}


def press_elsewhere(
    harness: ManyHarness,
    block: dict[str, Any],
    element: dict[str, Any],
    chosen: dict[str, Any],
) -> None:
    """Send a press as Nora's, on a message of her own."""
    state = harness.playground.get_state(SECOND_TEAM_ID)
    nora = harness.nora.account
    channel = state.workspace.get_channel("general")
    message = state.workspace.list_visible_messages(channel.id, nora.id)[0]
    action = {"type": element["type"], **chosen}
    payload = payloads.build_block_actions(
        state,
        nora,
        container=payloads.build_message_container(state, message),
        input_state={},
        action=payloads.build_action(block, element, action, state.workspace.new_ts()),
        response_url=messages.create_response_url(
            state, nora.id, channel.id, message.ts
        ),
        view_id=None,
    )
    delivery.deliver_payload(state, "block_actions", payload, element["action_id"])


def list_told(harness: ManyHarness, name: str) -> list[Any]:
    """Return everything that somebody was shown."""
    user = harness.playground.get_user(name)
    shown = [*user.list_messages(), *user.list_direct_messages()]
    return [*shown, *user.open_views, user.home_view]


@pytest.mark.rule("PER-02")
def test_one_human_in_both_workspaces_is_one_person(group: ManyHarness) -> None:
    group.install(ORGANISATION_ID)
    west = group.playground.get_state(WEST_TEAM_ID)
    ada = replace(group.ada.account, workspaces=(HOME_TEAM_ID, WEST_TEAM_ID))
    west.workspace.add_account(ada, ["C1GENERAL"])
    ada_in_west = FakeUser(west, ada.id)

    group.run_command("ada", "/collab create company Acme")
    answer = ada_in_west.type_text("/collab invite @nora admin acme")
    group.drain_outbox()

    # The command names the other workspace, and a press the one that she is of.
    [*_, typed] = find_payloads(group, "command")
    assert (typed["user_id"], typed["team_id"]) == ("UADA", WEST_TEAM_ID)
    assert answer
    assert "You invited" in answer["text"]
    ada_in_west.open_home()
    group.drain_outbox()
    user_actions.change_account(west, ada.id, {"real_name": "Ada Byron"}, wait=True)
    group.press_button("nora", group.latest_message("nora"), "accept")
    members = group.run_command("ada", "/collab members acme")["text"]
    assert members.count("<@UADA>") == 1
    assert "<@UNORA>" in members
    recognised = [
        each.user
        for each in group.list_events(ORGANISATION_ID)
        if isinstance(each, PersonRecognised)
    ]
    assert recognised.count("UADA") == 1


def find_payloads(group: ManyHarness, kind: str) -> list[dict[str, Any]]:
    """Return what Slack sent of a kind, oldest first."""
    return [
        entry["body"]
        for entry in group.playground.traffic_entries
        if entry["direction"] == "out" and entry["kind"] == kind
    ]
