"""Profiles: what Slack reports of people."""

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
    """Store a changed profile of a known person.

    A person is known by account or by address. The address of an account of another
    workspace does not count: it is not verified here.
    """
    command = build_profile_command(by, event.get("user"))
    if _is_known_person(services, command):
        services.bus.execute(command, at)


def _is_known_person(services: Services, command: UpdateProfile) -> bool:
    account = account_from_user(command.by.workspace, command.account.user)
    with services.read_workspace(command.by) as repositories:
        if repositories.people.find_person_by_account(account):
            return True
        if not command.email or command.is_external:
            return False
        return repositories.people.find_person_by_email(command.email) is not None


ROUTES = (
    EventRoute("user_change", update_profile),
    EventRoute("team_join", update_profile),
)
