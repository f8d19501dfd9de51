"""The page below a modal is kept in the modal's metadata."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.page_below import (
    MAX_METADATA_LENGTH,
    ShownPage,
    attach_page,
    find_page,
    find_page_below,
    find_page_in_message,
    read_metadata,
)
from bot.slack.page_values import MAX_TRAIL_LENGTH, PageTrail, PersonVerb
from collab.model import PersonId, ResourceId

PAGE = ShownPage("V123", PageTrail(("R1", "P2")))


def test_a_modal_remembers_its_own_metadata_and_the_page_below() -> None:
    view = PAGE.attach_to({"private_metadata": "rename R1"})
    assert read_metadata(view) == "rename R1"
    assert find_page_below(view) == PAGE
    assert find_page(view) is None


def test_a_page_is_found_by_its_view() -> None:
    view = {"id": "V9", "callback_id": "page", "private_metadata": "R1 R2"}
    assert find_page(view) == ShownPage("V9", PageTrail(("R1", "R2")))
    above = PAGE.attach_to(view)
    assert find_page(above) == ShownPage("V9", PageTrail(("R1", "R2")))
    assert find_page_below(above) == PAGE


def test_a_modal_remembers_the_page_in_a_message() -> None:
    page = ShownPage("https://hooks.slack.com/actions/T/1/x", PageTrail(("R1",)))
    view = page.attach_to({"private_metadata": "rename R1"})
    assert find_page_below(view) == page
    assert page.is_message
    assert page.is_below({"previous_view_id": None})
    assert not page.is_below({"previous_view_id": "V1"})


URL = "https://hooks.slack.com/actions/T/1/x"


@pytest.mark.parametrize(
    ("block_id", "is_ephemeral", "url", "subject_id"),
    [
        ("page_acts R1 key", True, URL, "R1"),
        ("person_role P1 R1", True, URL, "P1"),
        ("page_acts R1 key", False, URL, None),
        ("page_acts R1 key", True, None, None),
        ("page_acts", True, URL, None),
        ("members R1 P1", True, URL, None),
    ],
)
def test_the_page_in_a_message_is_found_by_the_block_of_the_pressed_control(
    block_id: str, is_ephemeral: bool, url: str | None, subject_id: str | None
) -> None:
    body = {
        "actions": [{"block_id": block_id}],
        "container": {"is_ephemeral": is_ephemeral},
    }
    found = find_page_in_message(body, url)
    assert found == (ShownPage(URL, PageTrail((subject_id,))) if subject_id else None)


def test_a_modal_without_a_page_below_is_unchanged() -> None:
    view = {"private_metadata": "x"}
    assert attach_page(None, view) == view
    assert find_page_below(view) is None


def test_metadata_that_would_be_too_long_has_no_page() -> None:
    view = {"private_metadata": "x" * MAX_METADATA_LENGTH}
    assert PAGE.attach_to(view) == view


@pytest.mark.parametrize(
    "metadata", [None, "", "\npage ", "\npage <V1> R1", "\npage v1 R1", "page V1 R1"]
)
def test_metadata_that_is_no_page_is_none(metadata: str | None) -> None:
    assert find_page_below({"private_metadata": metadata}) is None


@given(st.lists(st.sampled_from([f"R{n}" for n in range(40)])))
def test_a_trail_has_each_page_once_and_is_never_too_long(ids: list[str]) -> None:
    trail = PageTrail(())
    for each in ids:
        trail = trail.follow(each)
        assert trail.subject_id == each
    assert len(set(trail.ids)) == len(trail.ids) <= MAX_TRAIL_LENGTH
    assert PageTrail.decode(trail.encode()) == trail


def test_a_page_on_the_trail_is_returned_to() -> None:
    trail = PageTrail(("R1", "R2", "R3"))
    assert trail.follow("R2") == PageTrail(("R1", "R2"))
    assert trail.previous == PageTrail(("R1", "R2"))
    assert PageTrail(("R1",)).previous is None


@pytest.mark.parametrize("resource_id", [None, ResourceId("R1")])
def test_a_verb_for_a_person_is_read_as_it_was_written(
    resource_id: ResourceId | None,
) -> None:
    verb = PersonVerb("remove", PersonId("P1"), resource_id)
    assert PersonVerb.decode(verb.encode()) == verb
