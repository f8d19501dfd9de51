"""People: what the chat platform says of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.slack.identity import account_from_user, build_profile_command
from bot.slack.requests import Services
from bot.slack.routing import EventRoute
from collab.model import Caller
from collab.people import UpdateProfile


def update_profile(
    services: Services, by: Caller, at: datetime, event: dict[str, Any]
) -> None:
    """Keep a changed profile of somebody who is known, by their account or by their address.

    The address of an account of another workspace makes nobody known: it is not verified here.
    """
    act = build_profile_command(by, event.get("user"))
    if _is_known_person(services, act):
        services.bus.execute(act, at)


def _is_known_person(services: Services, act: UpdateProfile) -> bool:
    with services.read_workspace(act.by) as repositories:
        by_address = (
            repositories.people.find_person_by_email(act.email)
            if act.email and not act.is_external
            else None
        )
        return bool(
            repositories.people.find_person_by_account(
                account_from_user(act.by.workspace, act.account.user)
            )
            or by_address
        )


ROUTES = (
    EventRoute("user_change", update_profile),
    EventRoute("team_join", update_profile),
)
