"""The members of an organisation are read by its workspaces."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.delivery.profiles import sync_member_profiles
from bot.delivery.services import DeliveryServices
from bot.rendering import renderer_for_language
from bot.slack.client import SlackClient, build_web_client
from bot.slack.company_names import CompanyNames
from collab.model import Caller, Delivery, WorkspaceId
from collab.notifications.messages import MEMBERS
from collab.people import InstallWorkspace
from storage.database import Database
from storage.tables import people
from tests.support.builders import Scenario
from tests.support.fake_oauth import FakeOAuth, serve_fake_oauth

ORGANISATION = WorkspaceId("EACME")


def build_user(user_id: str, *teams: str) -> dict[str, Any]:
    return {
        "id": user_id,
        "team_id": teams[0],
        "name": user_id.lower(),
        "enterprise_user": {"enterprise_id": ORGANISATION, "teams": list(teams)},
    }


@pytest.fixture
def fake() -> Iterator[FakeOAuth]:
    with serve_fake_oauth() as served:
        served.answers["auth.teams.list"] = [
            {
                "teams": [{"id": "TONE"}],
                "response_metadata": {"next_cursor": "more"},
            },
            {"teams": [{"id": "TTWO"}]},
        ]
        served.answers["users.list"] = [
            {"members": [build_user("UADA", "TONE", "TTWO")]},
            {"members": [build_user("UADA", "TTWO"), build_user("UBO", "TTWO")]},
        ]
        yield served


def test_each_workspace_is_listed_with_its_id(
    sqlite_database: Database, fake: FakeOAuth
) -> None:
    world = Scenario(sqlite_database)
    installed = InstallWorkspace(
        Caller(ORGANISATION, None, "oauth"), "Acme Group", "UBOT", ORGANISATION
    )
    world.bus.execute(installed, world.at)
    slack = SlackClient(build_web_client("xoxb-1", fake.api_url))
    services = DeliveryServices(
        bus=world.bus,
        store=sqlite_database.outbox,
        renderer=renderer_for_language("en"),
        slack=slack,
        now=lambda: world.at,
        files=None,  # type: ignore[arg-type]
        handle_deferred_request=lambda _: None,
        companies=CompanyNames(slack),
        mail=None,
    )
    for delivery in drain(sqlite_database):
        sync_member_profiles(services, delivery)

    methods = [path.rpartition("/")[2] for path in fake.paths]
    listed = [
        f.get("team_id")
        for f, m in zip(fake.forms, methods, strict=True)
        if m == "users.list"
    ]
    assert listed == ["TONE", "TTWO"]
    with sqlite_database.engine.connect() as connection:
        rows = connection.execute(
            select(people.c.account, people.c.team).order_by(people.c.account)
        )
        assert rows.all() == [("UADA", ORGANISATION), ("UBO", ORGANISATION)]


def drain(database: Database) -> Iterator[Delivery]:
    """Yield each delivery about members, also those that the others cause."""
    while claimed := database.outbox.claim_deliveries(20, timedelta(seconds=60)):
        for delivery in claimed:
            if (delivery.workspace, delivery.message) == (ORGANISATION, MEMBERS):
                yield delivery
            database.outbox.mark_sent(delivery)
