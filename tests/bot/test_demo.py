"""The demo's house in the playground's time: what is due on a journey comes in its order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.demo import demo_settings, furnish, seed
from bot.playground.server import Playground
from bot.socket_mode import connect
from collab.events import InvitationExpired, InvitationReminded, Recorded
from tests.support.app_harness import traffic_file

pytestmark = pytest.mark.slow  # starts the program


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[Playground, Any]]:
    with Playground(record=traffic_file()) as playground:
        settings = demo_settings(playground, tmp_path)
        house, identity = furnish(settings, playground)
        connection = connect(house.app, settings, house.slack.client)
        house.start()
        seed(house, identity, playground)
        yield playground, house
        connection.close()
        house.stop()


def happened(house: Any, playground: Playground, *kinds: type) -> list[Recorded]:
    return [r for r in house.database.journal.export(playground.team_id) if isinstance(r.event, kinds)]


def test_ada_owns_acme_and_its_channel_hears_of_it(demo: tuple[Playground, Any]) -> None:
    playground, _ = demo
    ada = playground.person("ada")
    assert len(ada.messages("acme")) == 1
    assert "Acme" in str(ada.types("/collab members acme"))


@pytest.mark.rule("INV-10")
def test_a_journey_reminds_in_the_persons_own_morning_and_expires(demo: tuple[Playground, Any]) -> None:
    playground, house = demo
    ada, devi = playground.person("ada"), playground.person("devi")
    ada.types("/collab invite @devi admin acme", "acme")
    playground.wait_until(devi.direct_messages, 10)
    playground.travel(playground.clock.now() + timedelta(days=15))
    told = happened(house, playground, InvitationReminded, InvitationExpired)
    assert [r.event.name for r in told] == ["invitation.reminded", "invitation.reminded", "invitation.expired"]
    for reminded in told[:2]:
        local = reminded.at.astimezone(ZoneInfo("Asia/Kolkata"))
        assert local.weekday() < 5
        assert 9 <= local.hour < 18
    assert not any(block["type"] == "actions" for m in devi.direct_messages() for block in m["blocks"])
    assert any(block["type"] == "actions" for block in ada.direct_messages()[-1]["blocks"])


def test_travel_stops_where_nothing_is_due(demo: tuple[Playground, Any]) -> None:
    playground, _ = demo
    target = playground.clock.now() + timedelta(days=400)
    playground.travel(target)
    assert target <= playground.clock.now() < target + timedelta(minutes=1)
    assert playground.due() is None
