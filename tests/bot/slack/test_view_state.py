"""What is read from a modal that a client sends back."""

from __future__ import annotations

import pytest

from bot.slack.view_state import is_third_modal


@pytest.mark.parametrize(
    ("previous", "is_third"), [(None, False), ("V0", False), ("V1", True), ([[]], True)]
)
def test_a_third_modal_is_recognised_whatever_its_ids_are(
    previous: object, is_third: bool
) -> None:
    view = {"root_view_id": "V0", "previous_view_id": previous}
    assert is_third_modal(view) is is_third
