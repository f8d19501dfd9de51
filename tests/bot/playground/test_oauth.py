"""OAuth v2 in the playground: its page, codes, tokens, and what ends them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground import installations, messages
from bot.playground.app_tokens import TOKEN_SECONDS
from bot.playground.manifest import Manifest
from bot.playground.oauth import AUTHORIZE_PATH, CODE_SECONDS
from bot.playground.seed_data import (
    HOME_TEAM_ID,
    ORGANISATION_ID,
    SECOND_TEAM_ID,
    WEST_TEAM_ID,
)
from bot.playground.server import Playground

REDIRECT_URI = "https://collab.example.com/slack/oauth_redirect"


@pytest.fixture
def oauth_manifest(manifest: Manifest) -> Manifest:
    return replace(
        manifest,
        optional_scopes=frozenset({"team:read"}),
        is_for_organisations=True,
    )


@pytest.fixture
def two(oauth_manifest: Manifest) -> Iterator[Playground]:
    """Return a playground with two workspaces, the app in none of them."""
    with Playground(
        manifest=oauth_manifest, has_two_workspaces=True, is_installed=False
    ) as running:
        running.oauth.redirect_uris.add(REDIRECT_URI)
        yield running


@pytest.fixture
def organisation(oauth_manifest: Manifest) -> Iterator[Playground]:
    """Return a playground with two workspaces of one organisation."""
    with Playground(
        manifest=oauth_manifest,
        organisation=ORGANISATION_ID,
        has_two_workspaces=True,
        is_installed=False,
    ) as running:
        running.oauth.redirect_uris.add(REDIRECT_URI)
        yield running


def build_query(playground: Playground, **changes: str) -> dict[str, str]:
    return {
        "client_id": playground.state.sign_in.client_id,
        "scope": ",".join(sorted(playground.state.manifest.scopes)),
        "redirect_uri": REDIRECT_URI,
        "state": "a-state",
        **changes,
    }


def answer_page(
    playground: Playground, place: str, answer: str = "allow", **changes: Any
) -> dict[str, str]:
    """Answer the page, and return what Slack sends back."""
    form = {**build_query(playground), "optional": ["team:read"], **changes}
    response = requests.post(
        f"{playground.url}{AUTHORIZE_PATH}",
        data={**form, "place": place, "answer": answer},
        allow_redirects=False,
        timeout=5,
    )
    assert response.headers["Location"].startswith(f"{REDIRECT_URI}?")
    query = parse_qs(urlsplit(response.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def exchange(playground: Playground, **args: str) -> dict[str, Any]:
    """Call oauth.v2.access and return its answer."""
    form = {
        "client_id": playground.state.sign_in.client_id,
        "client_secret": playground.state.sign_in.client_secret,
        **args,
    }
    url = f"{playground.url}/api/oauth.v2.access"
    body: dict[str, Any] = requests.post(url, data=form, timeout=5).json()
    return body


def install(playground: Playground, place: str) -> dict[str, Any]:
    """Install the app in a workspace or organisation; return Slack's answer."""
    code = answer_page(playground, place)["code"]
    granted = exchange(playground, code=code, redirect_uri=REDIRECT_URI)
    assert granted["ok"], granted
    return granted


def connect(playground: Playground, token: str) -> WebClient:
    return WebClient(token, base_url=f"{playground.url}/api/")


def find_error(playground: Playground, token: str, method: str, **args: Any) -> str:
    """Return the code with which a call is refused."""
    with pytest.raises(SlackApiError) as caught:
        connect(playground, token).api_call(method, params=args)
    return str(caught.value.response["error"])


def test_the_page_names_app_scopes_and_workspaces(two: Playground) -> None:
    page = requests.get(
        f"{two.url}{AUTHORIZE_PATH}", params=build_query(two), timeout=5
    ).text

    assert "Collab asks for access" in page
    assert "chat:write" in page
    assert f'value="{HOME_TEAM_ID}"' in page
    assert f'value="{SECOND_TEAM_ID}"' in page
    assert ORGANISATION_ID not in page


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"redirect_uri": "https://evil.example.com/"}, "bad_redirect_uri"),
        ({"scope": ""}, "no_scopes"),
        ({"scope": "chat:write,admin"}, "invalid_scope"),
    ],
)
def test_the_page_refuses_what_slack_refuses(
    two: Playground, changes: dict[str, str], problem: str
) -> None:
    url, query = f"{two.url}{AUTHORIZE_PATH}", build_query(two, **changes)

    shown = requests.get(url, params=query, timeout=5)
    sent = requests.post(
        url, data={**query, "place": HOME_TEAM_ID, "answer": "allow"}, timeout=5
    )

    assert (shown.status_code, shown.text) == (400, problem)
    assert (sent.status_code, sent.text) == (400, problem)


def test_cancel_leads_back_with_an_error(two: Playground) -> None:
    assert answer_page(two, HOME_TEAM_ID, "cancel") == {
        "state": "a-state",
        "error": "access_denied",
    }


def test_a_code_becomes_a_token_once(two: Playground) -> None:
    code = answer_page(two, SECOND_TEAM_ID)["code"]
    args = {"code": code, "redirect_uri": REDIRECT_URI}

    granted = exchange(two, **args)

    assert granted["team"] == {"id": SECOND_TEAM_ID, "name": "Nordlicht"}
    assert granted["enterprise"] is None
    assert granted["is_enterprise_install"] is False
    assert granted["token_type"] == "bot"
    assert granted["authed_user"] == {"id": "UNORA"}
    assert set(granted["scope"].split(",")) == two.state.manifest.scopes
    assert "refresh_token" not in granted
    assert exchange(two, **args)["error"] == "invalid_code"


def test_an_optional_scope_may_be_left_out(two: Playground) -> None:
    code = answer_page(two, HOME_TEAM_ID, optional=[])["code"]
    token = exchange(two, code=code, redirect_uri=REDIRECT_URI)["access_token"]

    assert find_error(two, token, "team.info") == "missing_scope"


def test_an_exchange_is_checked(two: Playground) -> None:
    def try_with(**changes: str) -> str:
        code = answer_page(two, HOME_TEAM_ID)["code"]
        args = {"code": code, "redirect_uri": REDIRECT_URI, **changes}
        return str(exchange(two, **args)["error"])

    assert try_with(client_id="1.2") == "invalid_client_id"
    assert try_with(client_secret="wrong") == "bad_client_secret"
    assert try_with(redirect_uri="https://evil.example.com/") == "bad_redirect_uri"
    assert try_with(code="unknown") == "invalid_code"
    assert try_with(grant_type="password") == "invalid_grant_type"
    code = answer_page(two, HOME_TEAM_ID)["code"]
    two.clock.set_now(two.clock.now() + timedelta(seconds=CODE_SECONDS + 1))
    assert exchange(two, code=code, redirect_uri=REDIRECT_URI)["error"] == (
        "invalid_code"
    )


def test_a_token_acts_in_its_own_workspace_alone(two: Playground) -> None:
    first = connect(two, install(two, HOME_TEAM_ID)["access_token"])
    second = connect(two, install(two, SECOND_TEAM_ID)["access_token"])

    assert first.auth_test()["team_id"] == HOME_TEAM_ID
    assert second.auth_test()["team_id"] == SECOND_TEAM_ID
    names = {user["name"] for user in second.users_list()["members"]}
    assert "nora" in names
    assert "ada" not in names
    second.chat_postMessage(channel="UNORA", text="Hello")
    assert two.get_user("nora").list_direct_messages()[-1]["text"] == "Hello"
    for channel in ("UADA", "C0ACME", "D0ADA"):
        with pytest.raises(SlackApiError, match="channel_not_found"):
            second.chat_postMessage(channel=channel, text="Hello")
    # A team_id beside a workspace's token changes nothing.
    answer = second.users_list(team_id=HOME_TEAM_ID)
    assert {user["name"] for user in answer["members"]} == names


def test_rotated_tokens_expire_and_are_renewed_once(two: Playground) -> None:
    two.oauth.rotates_tokens = True
    granted = install(two, HOME_TEAM_ID)
    old, refresh_token = granted["access_token"], granted["refresh_token"]
    assert granted["expires_in"] == TOKEN_SECONDS

    two.clock.set_now(two.clock.now() + timedelta(seconds=TOKEN_SECONDS - 60))
    renewed = exchange(two, grant_type="refresh_token", refresh_token=refresh_token)

    assert renewed["team"]["id"] == HOME_TEAM_ID
    assert renewed["access_token"] != old
    again = exchange(two, grant_type="refresh_token", refresh_token=refresh_token)
    assert again["error"] == "invalid_refresh_token"
    assert connect(two, old).auth_test()["ok"]
    two.clock.set_now(two.clock.now() + timedelta(seconds=61))
    assert find_error(two, old, "auth.test") == "token_expired"
    assert connect(two, renewed["access_token"]).auth_test()["ok"]


def test_a_revoked_token_is_dead(two: Playground) -> None:
    token = install(two, HOME_TEAM_ID)["access_token"]
    client = connect(two, token)

    assert client.auth_revoke(test=True)["revoked"] is False
    assert client.auth_revoke()["revoked"] is True

    assert find_error(two, token, "auth.test") == "token_revoked"


def test_uninstalling_ends_one_workspace_until_the_next_installation(
    two: Playground,
) -> None:
    token = install(two, HOME_TEAM_ID)["access_token"]
    other = install(two, SECOND_TEAM_ID)["access_token"]
    sign_in = two.state.sign_in
    credentials = {
        "client_id": sign_in.client_id,
        "client_secret": sign_in.client_secret,
    }

    wrong = {**credentials, "client_secret": "wrong"}
    assert find_error(two, token, "apps.uninstall", **wrong) == "bad_client_secret"
    assert connect(two, token).apps_uninstall(**credentials)["ok"]

    assert find_error(two, token, "auth.test") == "account_inactive"
    assert connect(two, other).auth_test()["ok"]
    again = install(two, HOME_TEAM_ID)["access_token"]
    assert connect(two, again).auth_test()["ok"]
    assert find_error(two, token, "auth.test") == "account_inactive"


def test_an_organisation_has_one_token_for_its_workspaces(
    organisation: Playground,
) -> None:
    granted = install(organisation, ORGANISATION_ID)
    token = granted["access_token"]
    client = connect(organisation, token)

    assert granted["team"] is None
    assert granted["enterprise"] == {"id": ORGANISATION_ID, "name": "Acme Group"}
    assert granted["is_enterprise_install"] is True
    assert client.auth_test()["is_enterprise_install"] is True
    assert find_error(organisation, token, "users.list") == "missing_argument"
    west = client.users_list(team_id=WEST_TEAM_ID)["members"]
    assert {"nora", "adawest"} <= {user["name"] for user in west}
    assert "carl" not in {user["name"] for user in west}
    ada = next(user for user in west if user["name"] == "adawest")
    assert ada["enterprise_user"]["id"] == "UADA"
    client.chat_postMessage(channel="UNORA", text="Hello")
    client.chat_postMessage(channel="UCARL", text="Hello")
    assert organisation.get_user("carl").list_direct_messages()[-1]["text"] == "Hello"
    assert organisation.get_user("nora").list_direct_messages()[-1]["text"] == "Hello"
    code = answer_page(organisation, HOME_TEAM_ID)["code"]
    refused = exchange(organisation, code=code, redirect_uri=REDIRECT_URI)
    assert refused["error"] == "cannot_install_an_org_installed_app"


def test_a_workspace_of_the_organisation_can_be_taken_away(
    organisation: Playground,
) -> None:
    token = install(organisation, ORGANISATION_ID)["access_token"]
    client = connect(organisation, token)

    organisation.change_team_access(WEST_TEAM_ID, is_granted=False)

    error = find_error(organisation, token, "users.list", team_id=WEST_TEAM_ID)
    assert error == "team_access_not_granted"
    with pytest.raises(SlackApiError, match="channel_not_found"):
        client.chat_postMessage(channel="UNORA", text="Hello")
    assert client.users_list(team_id=HOME_TEAM_ID)["ok"]

    organisation.change_team_access(WEST_TEAM_ID, is_granted=True)

    assert client.users_list(team_id=WEST_TEAM_ID)["ok"]


def test_answers_and_files_go_to_the_workspace_that_they_belong_to(
    two: Playground,
) -> None:
    install(two, HOME_TEAM_ID)
    second = two.get_state(SECOND_TEAM_ID)
    state_scopes = two.state.manifest.scopes | {"files:write"}
    token = installations.install_app(second, frozenset(state_scopes)).token
    client = connect(two, token)

    url = messages.create_response_url(second, "UNORA", "C1GENERAL")
    answered = requests.post(url, json={"text": "Later"}, timeout=5)
    upload = client.files_getUploadURLExternal(filename="a.txt", length=2)
    requests.post(upload["upload_url"], data=b"ok", timeout=5)
    channel = client.conversations_open(users="UNORA")["channel"]["id"]
    client.files_completeUploadExternal(
        files=[{"id": upload["file_id"], "title": "A"}], channel_id=channel
    )

    assert answered.text == "ok"
    nora = two.get_user("nora")
    assert nora.list_messages("general")[-1]["text"] == "Later"
    assert nora.download_file(nora.list_direct_messages()[-1]["files"][0]) == b"ok"


def test_people_sign_in_to_the_workspace_that_is_named(two: Playground) -> None:
    query = {
        "client_id": two.state.sign_in.client_id,
        "redirect_uri": REDIRECT_URI,
        "team": SECOND_TEAM_ID,
    }
    address = f"{two.url}/openid/connect/authorize"

    page = requests.get(address, params=query, timeout=5).text

    assert "Sign in to Nordlicht" in page
    assert "Nora Berg" in page
    assert "Ada Lindqvist" not in page


def test_the_page_uninstalls_it_and_changes_access(organisation: Playground) -> None:
    def change(name: str, user_id: str = "UNORA") -> int:
        body = {"as": user_id, "change": name}
        url = f"{organisation.url}/ui/installation"
        return requests.post(url, json=body, timeout=5).status_code

    assert change("uninstall") == 403
    assert change("revoke") == 403
    assert change("sell") == 400
    token = install(organisation, ORGANISATION_ID)["access_token"]
    assert change("revoke") == 200
    state = requests.get(f"{organisation.url}/ui/state?as=UNORA", timeout=5).json()
    assert not state["app"]["is_installed"]
    assert state["app"]["can_change_access"]
    assert change("grant") == 200
    assert change("uninstall") == 200
    assert find_error(organisation, token, "auth.test") == "account_inactive"
