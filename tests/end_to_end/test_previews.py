"""What is confirmed must be what was shown: every act that is previewed first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bot.slack.commands.catalog import VERB_BY_NAME
from tests.support.app_harness import AppHarness, iterate_elements

RENEWED = "the effects are no longer the ones you saw"


def type_line(by: str, line: str) -> Callable[[AppHarness], None]:
    """Return the change that a person makes by a command."""

    def change(harness: AppHarness) -> None:
        harness.run_command(by, f"/collab {line}", "acme")

    return change


def type_in_acme(harness: AppHarness, line: str) -> None:
    """Let Ada type a line in the channel #acme."""
    harness.run_command("ada", f"/collab {line}", "acme")


def transfer_site_to_bo(harness: AppHarness) -> None:
    """Let Bo own the project in place of the company's owners."""
    harness.run_command("ada", "/collab transfer ownership site @bo", "acme")
    preview = harness.latest_message("ada", "acme")
    harness.press_button("ada", preview, "transfer")
    harness.press_button("bo", harness.latest_message("bo"), "accept")


def offer_carl_another_role(harness: AppHarness) -> None:
    """Let Ada's invitation for Carl offer a lower role."""
    card = next(
        message
        for message in reversed(harness.ada.list_messages("general"))
        if any(each.get("action_id") == "edit" for each in iterate_elements(message))
    )
    harness.press_button("ada", card, "edit")
    harness.wait_for_form("ada", "edit")
    harness.ada.submit_view({"role": "developer"})
    harness.drain_outbox()


def let_carl_join_the_team(harness: AppHarness) -> None:
    """Let Carl have what the team has."""
    harness.invite_and_accept("carl", "invite @carl unlimited crew")


def let_devi_have_the_app(harness: AppHarness) -> None:
    """Let Devi have the app without the team, too."""
    harness.invite_and_accept("devi", "invite @devi developer shop")


@dataclass(frozen=True, slots=True)
class PreviewedAct:
    """A line that shows a preview, the button that confirms it, and a relevant change.

    `shown` is in the preview after the change, `done` in the answer to the
    confirmation. `typed_name` is what the window asks for, if one opens. The line is
    typed in the `channel`.
    """

    line: str
    button: str
    change: Callable[[AppHarness], None]
    shown: str
    done: str
    by: str = "ada"
    typed_name: str = ""
    channel: str = "general"


ACTS = (
    PreviewedAct(
        "remove @devi site",
        "remove",
        type_line("bo", "create app News in site"),
        "News",
        "You removed <@UDEVI>",
    ),
    PreviewedAct(
        "leave site",
        "leave",
        type_line("bo", "role @devi administrator site"),
        "You're an administrator now",
        "You left *Site*",
        by="devi",
    ),
    PreviewedAct(
        "delete blog",
        "delete",
        type_line("bo", "role @carl manager blog"),
        "<@UCARL>: manager",
        "Deleted *Blog*",
    ),
    PreviewedAct(
        "delete site",
        "delete",
        type_line("bo", "create app News in site"),
        "News",
        "Deleted *Site*",
        typed_name="Site",
    ),
    PreviewedAct(
        "disable site",
        "disable",
        type_line("bo", "create app News in site"),
        "News",
        "Until it's enabled",
    ),
    PreviewedAct(
        "move blog site",
        "move",
        type_line("bo", "role @devi administrator site"),
        "<@UDEVI>: admin",
        "Moved *",
    ),
    PreviewedAct(
        "migrate site other",
        "move",
        type_line("ada", "role @bo owner pixel"),
        "<@UBO>: owner",
        "Moved *",
    ),
    PreviewedAct(
        "transfer billing shop @carl",
        "transfer",
        type_line("ada", "pay shop purse"),
        "Purse",
        "You invited <@UCARL> to take over billing for *Shop*",
    ),
    PreviewedAct(
        "transfer ownership site @carl",
        "transfer",
        transfer_site_to_bo,
        "<@UBO> becomes",
        "You invited <@UCARL>",
    ),
    PreviewedAct(
        "offboard @devi",
        "offboard",
        type_line("bo", "role @devi administrator site"),
        "administrator of *Site*",
        "You ended <@UDEVI>'s access",
    ),
    PreviewedAct(
        "unshare shop from crew",
        "unshare",
        let_carl_join_the_team,
        "<@UCARL>: manager",
        "no longer shared with the team",
    ),
    PreviewedAct(
        "unassign @devi from shop in crew",
        "unassign",
        let_devi_have_the_app,
        "They'll still have access through other roles.",
        "no longer assigned to <@UDEVI>",
    ),
    PreviewedAct(
        "revoke @carl shop",
        "revoke",
        offer_carl_another_role,
        "developer",
        "You withdrew the invitation for <@UCARL>",
    ),
    PreviewedAct(
        "role @bo collaborator pixel keep blog",
        "role_change",
        type_line("bo", "create app News in site"),
        "News",
        "You changed the role of <@UBO>",
    ),
    PreviewedAct(
        "unlink pixel",
        "unlink",
        lambda harness: type_in_acme(harness, "link pixel joins invitations"),
        "invitations",
        "no longer posted in <#C0ACME>",
        channel="acme",
    ),
)
each_act = pytest.mark.parametrize("act", ACTS, ids=lambda act: act.line)


@pytest.fixture
def pixel(harness: AppHarness) -> AppHarness:
    """Return the app with Ada's Pixel: a project, apps, people and payment methods."""
    for line in (
        "create company Pixel",
        "create company Other",
        "create project Site in pixel",
        "create app Shop in pixel",
        "create app Wiki in site",
        "create app Blog in pixel",
        "create payment Card",
        "create payment Purse",
        "pay shop card",
        "create team Crew",
        "share shop with crew as manager",
    ):
        harness.run_command("ada", f"/collab {line}")
    harness.invite_and_accept("bo", "invite @bo admin pixel")
    harness.invite_and_accept("devi", "invite @devi member site")
    harness.invite_and_accept("devi", "invite @devi limited crew")
    harness.invite_and_accept("carl", "invite @carl developer blog")
    harness.run_command("ada", "/collab assign @devi shop in crew")
    harness.run_command("ada", "/collab invite @carl manager shop")
    type_in_acme(harness, "link pixel")
    return harness


def show_preview(harness: AppHarness, act: PreviewedAct) -> dict[str, Any]:
    """Type the line of an act and return its preview."""
    harness.run_command(act.by, f"/collab {act.line}", act.channel)
    return harness.latest_message(act.by, act.channel)


def read_again(
    harness: AppHarness, act: PreviewedAct, message: dict[str, Any]
) -> dict[str, Any]:
    """Return a message as it is now."""
    listed = harness.playground.get_user(act.by).list_messages(act.channel)
    return next(each for each in listed if each["ts"] == message["ts"])


def count_events(harness: AppHarness) -> int:
    """Return how many events are recorded."""
    with harness.app.database.engine.connect() as connection:
        count: int = connection.exec_driver_sql(
            "SELECT count(*) FROM events"
        ).scalar_one()
        return count


def confirm(harness: AppHarness, act: PreviewedAct, preview: dict[str, Any]) -> str:
    """Press the button of a preview, type the name if asked, and return the answer."""
    harness.press_button(act.by, preview, act.button)
    if not act.typed_name:
        return str(read_again(harness, act, preview))
    user = harness.playground.get_user(act.by)
    harness.wait_for_form(act.by, "delete")
    user.submit_view({"name": act.typed_name})
    harness.drain_outbox()
    return str(user.top_view)


def test_every_verb_with_a_preview_is_here() -> None:
    previewed = {name for name, verb in VERB_BY_NAME.items() if verb.has_preview}
    # A lower role is previewed, a higher one is given at once. A handover has its own
    # test of what changes before it is confirmed, in test_handovers.py.
    acts = {act.line.split()[0] for act in ACTS}
    assert acts | {"handover"} == previewed | {"role"}


@pytest.mark.rule("RES-06")
@each_act
def test_what_was_shown_is_done(pixel: AppHarness, act: PreviewedAct) -> None:
    preview = show_preview(pixel, act)
    assert act.shown not in preview["text"]
    before = count_events(pixel)
    assert act.done in confirm(pixel, act, preview)
    assert count_events(pixel) > before


@pytest.mark.rule("RES-06")
@each_act
def test_nothing_is_done_when_the_effects_have_changed(
    pixel: AppHarness, act: PreviewedAct
) -> None:
    preview = show_preview(pixel, act)
    act.change(pixel)
    before = count_events(pixel)

    pixel.press_button(act.by, preview, act.button)
    renewed = read_again(pixel, act, preview)

    assert count_events(pixel) == before
    assert RENEWED in renewed["text"]
    assert act.shown in renewed["text"]
    assert act.done in confirm(pixel, act, renewed)
    assert count_events(pixel) > before


@pytest.mark.rule("RES-06")
def test_a_rename_changes_no_effect(pixel: AppHarness) -> None:
    act = ACTS[0]
    preview = show_preview(pixel, act)
    pixel.run_command("bo", "/collab rename site to Website")
    assert "You removed <@UDEVI>" in confirm(pixel, act, preview)


@pytest.mark.rule("RES-06")
def test_a_name_typed_after_a_change_shows_the_effects_again(
    pixel: AppHarness,
) -> None:
    pixel.run_command("bo", "/collab create app News in site")
    pixel.run_command("ada", "/collab delete site")
    pixel.press_button("ada", pixel.latest_message("ada", "general"), "delete")
    pixel.wait_for_form("ada", "delete")
    pixel.run_command("bo", "/collab create app Forum in site")
    before = count_events(pixel)

    pixel.ada.submit_view({"name": "Site"})
    assert count_events(pixel) == before
    assert RENEWED in pixel.view_text("ada")
    assert "Forum" in pixel.view_text("ada")

    pixel.ada.submit_view({"name": "Site"})
    assert "Deleted *Site*" in pixel.view_text("ada")


def open_role_form(harness: AppHarness) -> dict[str, Any]:
    """Open the window for Devi's role on the project, with a role selected."""
    harness.run_command("ada", "/collab members site")
    rows = harness.latest_message("ada", "general")
    options = [
        option["value"]
        for block in rows["blocks"]
        for option in block.get("accessory", {}).get("options", [])
    ]
    devi_id = next(o for o in options if o.startswith("role_ask")).split()[-1]
    value = next(o for o in options if o.startswith("role_ask") and devi_id in o)
    harness.ada.choose_option(rows, f"person:{devi_id}", value)
    return harness.wait_for_form("ada", "role")


@pytest.mark.rule("RES-06")
def test_a_role_is_given_only_after_its_effects_were_shown(pixel: AppHarness) -> None:
    open_role_form(pixel)
    before = count_events(pixel)

    pixel.ada.submit_view({"role": "administrator"})
    assert count_events(pixel) == before
    assert RENEWED in pixel.view_text("ada")
    assert "will be able to" in pixel.view_text("ada")

    pixel.ada.submit_view({"role": "administrator"})
    assert count_events(pixel) > before


def test_a_saved_role_closes_the_form_and_updates_the_list(pixel: AppHarness) -> None:
    open_role_form(pixel)
    rows = pixel.latest_message("ada", "general")
    pixel.ada.submit_view({"role": "administrator"})
    pixel.wait_for_view("ada", "will be able to")
    pixel.ada.submit_view({"role": "administrator"})
    pixel.drain_outbox()
    assert pixel.ada.top_view is None
    listed = pixel.ada.list_messages("general")
    text = next(m["text"] for m in listed if m["ts"] == rows["ts"])
    assert text.startswith("You changed the role of <@UDEVI>")
    assert "<@UDEVI> · administrator" in text
