"""The list of stale keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.slack.views import key_rotation
from collab.key_rotation import LostAccess, StaleKeys
from collab.model import PersonId, ResourceId
from tests.support.view_builders import (
    ACME,
    CARL,
    MONDAY,
    RENDERER,
    check_message,
    list_controls,
    message_text,
)


def test_stale_keys_are_paginated_with_a_button_each() -> None:
    stale_keys = StaleKeys(
        [
            (replace(ACME, id=ResourceId(f"R{n}"), slug=f"app-{n}"), MONDAY)
            for n in range(45)
        ]
    )
    for page, many in ((0, 20), (2, 5), (9, 5)):
        message = check_message(
            key_rotation.stale_keys_message(RENDERER, stale_keys, page)
        )
        assert (
            len([c for c in list_controls(message) if c["action_id"] == "keys_rotated"])
            == many
        )
        assert "deploy keys of 45 apps and databases" in message_text(message)
    assert "You have no keys to rotate" in message_text(
        check_message(key_rotation.stale_keys_message(RENDERER, StaleKeys([])))
    )


@pytest.mark.rule("MEM-07")
def test_stale_keys_name_who_lost_access_and_when() -> None:
    people = [replace(CARL, id=PersonId(f"P{n}"), user=f"U{n}") for n in range(9)]
    days = [
        LostAccess(people[:2], MONDAY),
        LostAccess(people[2:], MONDAY + timedelta(days=1)),
    ]
    later = [LostAccess(people[:1], MONDAY + timedelta(days=n)) for n in (2, 3)]
    text = message_text(
        check_message(
            key_rotation.stale_keys_message(
                RENDERER, StaleKeys([(ACME, MONDAY)], {ACME.id: [*days, *later]})
            )
        )
    )
    first, second, *_ = [line for line in text.splitlines() if "lost access" in line]
    assert first.startswith("<@U0> and <@U1> lost access (<!date^")
    assert second.startswith(
        "<@U2>, <@U3>, <@U4>, <@U5>, <@U6>, and 2 more lost access (<!date^"
    )
    assert text.count("lost access") == 3
    assert "and others since then" in text
