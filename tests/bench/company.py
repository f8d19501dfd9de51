"""The small world that is measured: the company Acme, led by Ada, who invites one person after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

from collab.bus import Bus
from collab.invitations.commands import InviteToResource
from collab.limits import Policy
from collab.model import Account, Caller, WorkspaceId
from collab.people import InstallWorkspace, UpdateProfile
from collab.resources import CreateResource
from storage.database import Database

TEAM = WorkspaceId("T0ACME0HQ")
BOT, ADA, ACME = "UCOLLAB", "UADA", "CACME"
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday morning
POLICY = Policy(quiet_hours=False, daily_invitations=10**9)


def core(database: Database, prefix: str = "") -> Bus:
    """The core on a database, with ids that are the same in every run."""
    ids = count(1)
    return Bus(
        database.unit_of_work_factory,
        lambda kind: f"{kind}{prefix}{next(ids):014X}",
        POLICY,
    )


def found(database: Database, team: WorkspaceId = TEAM) -> None:
    """Ada founds Acme."""
    collab = core(database, "0")
    nobody = Caller(team, None, "slack")
    collab.execute(InstallWorkspace(nobody, "Acme HQ", BOT), AT)
    profile: dict[str, Any] = {
        "title": "Ada",
        "email": "ada@acme.example.com",
        "tz": "Europe/Berlin",
        "locale": "de-DE",
    }
    collab.execute(
        UpdateProfile(
            nobody, Account(team, ADA), **profile, bot=False, guest=False, active=True
        ),
        AT,
    )
    collab.execute(CreateResource(caller("found", team), "company", "Acme"), AT)


def caller(delivery: str, team: WorkspaceId = TEAM) -> Caller:
    """Ada, by a command of her own."""
    return Caller(team, Account(team, ADA), "command", delivery)


def invitations() -> Iterator[InviteToResource]:
    """Ada invites, each time a person whom nobody has heard of yet."""
    for n in count(1):
        yield InviteToResource(
            caller(f"trigger.{n}"), Account(TEAM, f"UB{n:07}"), "admin", "acme"
        )


@contextmanager
def inviting(url: str) -> Iterator[Callable[[], Any]]:
    """A work that performs the next invitation on a database."""
    database = Database.open(url)
    collab, asked = core(database), invitations()
    try:
        yield lambda: collab.execute(next(asked), AT)
    finally:
        database.close()
