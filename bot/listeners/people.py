"""People: what the chat platform says of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.listeners.road import Desk
from collab.people import Account, Caller, ReadProfile


def profile_changed(desk: Desk, by: Caller, at: datetime, event: dict[str, Any]) -> None:
    """Keep a changed profile of somebody who is known, by their account or by their address."""
    act = profile_from(by, event["user"])
    if _known(desk, act):
        desk.collab.perform(act, at)


def profile_from(by: Caller, user: dict[str, Any]) -> ReadProfile:
    """The platform's user object as the core's action."""
    profile = user.get("profile") or {}
    title = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name") or ""
    guest = bool(user.get("is_restricted") or user.get("is_ultra_restricted"))
    return ReadProfile(
        by,
        Account(user.get("team_id") or by.workspace, user["id"]),
        title,
        profile.get("email") if user.get("is_email_confirmed", True) else None,
        user.get("tz") or "UTC",
        user.get("locale"),
        bool(user.get("is_bot")),
        guest,
        not user.get("deleted", False),
        bool(user.get("is_admin") or user.get("is_owner")) and user.get("team_id", by.workspace) == by.workspace,
    )


def _known(desk: Desk, act: ReadProfile) -> bool:
    with desk.facts(act.by) as facts:
        by_address = facts.person_by_address(act.email) if act.email else None
        return bool(facts.person_by_account(act.account) or by_address)
