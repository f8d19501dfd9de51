"""Handovers: offered, done at once or on a day, called off, taken back."""

from __future__ import annotations

from datetime import timedelta

from collab.handovers.taking_back import OfferTakeBack
from collab.model import InvitationId
from tests.gallery.scene_actions import SceneActions


def done(actions: SceneActions) -> None:
    """A freelancer hands a project over to the client, and both take it back."""
    actions.run_commands(
        "ada",
        "create project Website in acme",
        "create app Shop in website",
        "create payment Card",
        "pay shop with card",
        "link website",
    )
    actions.add_member("devi", "administrator", "website")
    actions.run_commands("ada", "invite @bo developer shop")
    actions.open_by_command("ada", "handover")
    actions.close_modals("ada")
    actions.run_commands(
        "ada",
        "handover website to @carl keep owner",
        "handover website to @carl on 2020-01-31",
        "handover website to @carl keep member",
    )
    actions.press_button("ada", "handover", "general")
    actions.run_commands("ada", "handover website to @devi", "show website")
    actions.press_to_open("carl", "accept")
    actions.submit_modal("carl", name="Office")
    actions.close_modals("carl")
    actions.run_commands("ada", "invitations sent")
    actions.press_button("ada", "take_back", "general")
    actions.press_button("carl", "take_back")
    actions.press_button("carl", "accept")
    nothing = OfferTakeBack(actions.caller_of("ada"), InvitationId("I0"))
    actions.post_command_rejection("ada", nothing)


def on_a_day(actions: SceneActions) -> None:
    """Apps are handed over on a day, if that is still possible."""
    day = (actions.playground.clock.now() + timedelta(days=3)).date()
    actions.run_commands(
        "ada",
        "create app Shop",
        "create app Blog",
        "create project Website",
        "create payment Card",
        "pay shop with card",
        f"handover shop blog to @carl keep nothing on {day}",
    )
    actions.press_button("ada", "handover", "general")
    actions.run_commands("carl", "create payment Purse")
    actions.press_to_open("carl", "accept")
    actions.submit_modal("carl", method=actions.resource_id_of("purse"))
    actions.close_modals("carl")
    actions.run_commands("ada", "handover blog to @devi", "invitations sent")
    actions.run_commands("ada", f"handover website to @devi on {day}")
    actions.press_button("ada", "handover", "general")
    actions.press_button("devi", "accept")
    actions.run_commands("ada", "disable website")
    actions.press_button("ada", "disable", "general")
    actions.advance_time(days=4)
    actions.run_commands("carl", "keys", "pay shop with nothing")
    actions.press_button("carl", "take_back")
    actions.skip_time(days=8)
    actions.press_button("carl", "take_back")


def called_off(actions: SceneActions) -> None:
    """Either side calls it off before the day."""
    day = (actions.playground.clock.now() + timedelta(days=3)).date()
    actions.run_commands("ada", "create project Website", "create app Shop")
    for slug in ("website", "shop"):
        actions.run_commands("ada", f"handover {slug} to @carl on {day}")
        actions.press_button("ada", "handover", "general")
        actions.press_button("carl", "accept")
    actions.run_commands("carl", "invitations", "accept shop")
    actions.open_home("carl")
    actions.press_to_open("carl", "decline")
    actions.submit_modal("carl", note="It is too early for us.")
    actions.press_button("ada", "revoke")
    actions.run_commands(
        "ada", "create project Docs", f"handover docs to @carl on {day}"
    )
    actions.press_button("ada", "handover", "general")
    actions.press_button("carl", "accept")
    actions.run_commands("ada", "offboard @carl")
    actions.press_button("ada", "offboard", "general")
    actions.press_button("ada", "undo", "general")


def to_another_workspace(actions: SceneActions) -> None:
    """Who takes over is of another workspace, so somebody here has to stay."""
    actions.get_user("ada").type_text("/invite @Collab", channel="partners")
    for line in (
        "create project Website",
        "handover website to @eve",
        "handover website to @eve keep nothing",
        "handover website to @eve",
    ):
        actions.run_commands("ada", line, channel="partners")
    actions.press_button("ada", "handover", "partners")
