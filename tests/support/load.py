"""A crowded company: as many members, apps and open invitations as are asked for, recorded as facts, told to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from collab.events import (
    Event,
    InvitationSent,
    MemberJoined,
    PersonProfiled,
    PersonRecognised,
    Recorded,
    ResourceCreated,
)
from collab.people import Account
from storage.database import Database


@dataclass(frozen=True)
class Crowd:
    """How many there are of each; of those who are asked to the company as many are asked to an app alone."""

    members: int = 500
    apps: int = 100
    asked: int = 40

    def facts(self, company: str, owner: str, at: datetime) -> list[Event]:
        """What happened until they were there; every fifth member works on an app alone."""
        people = [f"PCROWD{n:04}" for n in range(self.members + self.asked)]
        apps = [f"RCROWD{n:04}" for n in range(self.apps)]
        met = [fact for person in people for fact in _met(person)]
        made = [ResourceCreated("app", app, app.lower(), f"App {n}", company) for n, app in enumerate(apps)]
        places = [company if n % 5 or not apps else apps[n % len(apps)] for n in range(self.members)]
        roles = ["admin" if place == company else "developer" for place in places]
        joined = [MemberJoined(*told, None, None) for told in zip(places, people, roles, strict=False)]
        sent = [_sent(f"ICROWD{n:04}", company, people[self.members + n], owner, at) for n in range(self.asked)]
        return [*met, *made, *joined, *sent]

    def asks(self, person: str, owner: str, at: datetime) -> list[Event]:
        """One person is asked to as many apps as there are invitations."""
        return [_sent(f"IAPP{n:04}", f"RCROWD{n:04}", person, owner, at) for n in range(self.asked)]


def happen(database: Database, workspace: str, owner: str, at: datetime, facts: list[Event]) -> None:
    """Record facts as an owner's doing."""
    with database.units.change(workspace) as unit:
        first = unit.last_seq + 1
        unit.record([Recorded(workspace, n, at, owner, "cli", fact) for n, fact in enumerate(facts, first)], None)


def owner_of(database: Database, workspace: str, account: Account, slug: str) -> tuple[str, str]:
    """The id of an account's person, and that of a thing."""
    with database.units.look(workspace) as facts:
        person, resource = facts.person_by_account(account), facts.resource_called(slug)
        assert person
        assert resource
        return person.id, resource.id


def _met(person: str) -> tuple[Event, Event]:
    account = ("T0ACME0HQ", f"U{person}")
    told = (person.title(), f"{person}@example.com", "UTC", None, False, False, True)
    return PersonRecognised(person, *account, None), PersonProfiled(person, account[0], *told)


def _sent(invitation: str, place: str, person: str, owner: str, at: datetime) -> Event:
    ends = at + timedelta(days=7)
    role = "developer" if place.startswith("RCROWD") else "admin"
    return InvitationSent(invitation, place, person, owner, role, None, None, None, ends, ends)
