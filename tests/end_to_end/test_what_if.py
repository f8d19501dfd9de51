"""What if, in the running app: typed, in its form, and refused."""

from __future__ import annotations

import pytest

from tests.support.app_harness import AppHarness


@pytest.mark.rule("ASK-02")
def test_a_removal_is_tried_out_and_changes_nothing(
    each_harness: AppHarness,
) -> None:
    harness = each_harness
    harness.run_command("ada", "/collab create company Pixel")
    harness.run_command("ada", "/collab create app Shop in pixel")
    harness.invite_and_accept("bo", "invite @bo admin pixel")
    before = harness.run_command("ada", "/collab members pixel")["text"]

    text = harness.run_command("ada", "/collab what if remove @bo from pixel")["text"]

    assert "Nothing has been changed" in text
    assert "<@UBO>: admin of *Pixel*" in text
    assert "<@UBO>: admin of *Shop*" in text
    assert harness.run_command("ada", "/collab members pixel")["text"] == before
    refused = harness.run_command("bo", "/collab what if remove @ada from pixel")
    assert refused["text"].startswith("This would be refused")
    other = harness.run_command("ada", "/collab what if undo")["text"]
    assert "I can't work out in advance what `undo` would change" in other
    lacking = harness.run_command("ada", "/collab what if remove acme")["text"]
    assert "Who? Add" in lacking


@pytest.mark.rule("ASK-02")
@pytest.mark.rule("HND-01")
def test_a_hand_over_is_answered_as_if_it_had_been_accepted(
    harness: AppHarness,
) -> None:
    harness.run_command("ada", "/collab create project Website")
    text = harness.run_command("ada", "/collab what if handover website to @carl")[
        "text"
    ]
    assert "<@UCARL>: owner of *Website*" in text
    assert "<@UADA> (you): owner of *Website*, then administrator" in text
    leaving = harness.run_command(
        "ada", "/collab what if handover website to @carl keep nothing"
    )["text"]
    assert "<@UADA> (you): owner of *Website*" in leaving


@pytest.mark.rule("ASK-02")
def test_the_form_takes_a_line_with_an_address(harness: AppHarness) -> None:
    harness.run_command("ada", "/collab create app Shop")
    assert harness.run_command("ada", "/collab what if", channel="general") == {}
    view = harness.wait_for_form("ada", "form")
    assert view["title"]["text"] == "What if…"
    harness.ada.submit_view({"line": "leave shop"})
    assert "This would be refused" in harness.view_text("ada")
