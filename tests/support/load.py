"""Build the events of a crowded company: members, apps and open invitations, recorded without notifications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from collab.billing.invoices import AddInvoices, NewInvoice
from collab.channels import LinkChannel
from collab.events import (
    Event,
    InvitationSent,
    MemberJoined,
    PersonProfiled,
    PersonRecognised,
    RecordedEvent,
    ResourceCreated,
)
from collab.model import (
    Account,
    ChannelId,
    InvitationId,
    PersonId,
    ResourceId,
    WorkspaceId,
)
from storage.database import Database
from tests.support.builders import Scenario


@dataclass(frozen=True)
class LoadProfile:
    """How many there are of each; of those who are asked to the company as many are asked to an app alone."""

    members: int = 500
    apps: int = 100
    invitations: int = 40

    def build_events(
        self, company: ResourceId, owner: PersonId, at: datetime
    ) -> list[Event]:
        """What happened until they were there; every fifth member works on an app alone."""
        people = [
            PersonId(f"PCROWD{n:04}") for n in range(self.members + self.invitations)
        ]
        apps = [ResourceId(f"RCROWD{n:04}") for n in range(self.apps)]
        met = [fact for person in people for fact in _person_events(person)]
        made = [
            ResourceCreated("app", app, app.lower(), f"App {n}", company)
            for n, app in enumerate(apps)
        ]
        places = [
            company if n % 5 or not apps else apps[n % len(apps)]
            for n in range(self.members)
        ]
        roles = ["admin" if place == company else "developer" for place in places]
        joined = [
            MemberJoined(*member, None, None)
            for member in zip(places, people, roles, strict=False)
        ]
        sent = [
            _invitation_event(
                f"ICROWD{n:04}", company, people[self.members + n], owner, at
            )
            for n in range(self.invitations)
        ]
        return [*met, *made, *joined, *sent]

    def build_app_invitations(
        self, person: PersonId, owner: PersonId, at: datetime
    ) -> list[Event]:
        """One person is asked to as many apps as there are invitations."""
        return [
            _invitation_event(
                f"IAPP{n:04}", ResourceId(f"RCROWD{n:04}"), person, owner, at
            )
            for n in range(self.invitations)
        ]


CROWD = LoadProfile(members=1_000, apps=100, invitations=40)


def build_crowded_world(database: Database) -> Scenario:
    """A company with many members, apps and invitations, a payment method and a channel."""
    world = Scenario(database)
    world.create_company()
    world.create_resource("payment", "Card", "acme")
    channel = LinkChannel(world.caller_for("ada"), ChannelId("C0123"), "acme")
    world.execute(channel)
    world.register_people("bo").add_member("bo", "admin")
    invoice = NewInvoice("card", "1", world.at.date(), Decimal(5), "EUR", "1.pdf", 100)
    world.execute(AddInvoices(world.system_caller("cli"), (invoice,)))
    ada, acme = find_person_and_resource_ids(
        database, world.workspace, world.account_of("ada"), "acme"
    )
    append_events(
        database,
        world.workspace,
        ada,
        world.at,
        CROWD.build_events(acme, ada, world.at),
    )
    return world


def append_events(
    database: Database,
    workspace: WorkspaceId,
    owner: PersonId,
    at: datetime,
    facts: list[Event],
) -> None:
    """Record facts as an owner's doing."""
    with database.unit_of_work_factory.write(workspace) as unit:
        first = unit.last_seq + 1
        unit.append(
            [
                RecordedEvent(workspace, n, at, owner, "cli", fact)
                for n, fact in enumerate(facts, first)
            ],
            None,
        )


def find_person_and_resource_ids(
    database: Database, workspace: WorkspaceId, account: Account, slug: str
) -> tuple[PersonId, ResourceId]:
    """The id of an account's person, and that of a thing."""
    with database.unit_of_work_factory.read(workspace) as facts:
        person, resource = (
            facts.people.find_person_by_account(account),
            facts.resources.find_resource_by_id_or_slug(slug),
        )
        assert person
        assert resource
        return person.id, resource.id


def _person_events(person: PersonId) -> tuple[Event, Event]:
    account = ("T0ACME0HQ", f"U{person}")
    profile = (person.title(), f"{person}@example.com", "UTC", None, False, False, True)
    return PersonRecognised(person, *account, None), PersonProfiled(
        person, account[0], *profile
    )


def _invitation_event(
    invitation: str, place: ResourceId, person: PersonId, owner: PersonId, at: datetime
) -> Event:
    ends = at + timedelta(days=7)
    role = "developer" if place.startswith("RCROWD") else "admin"
    return InvitationSent(
        InvitationId(invitation),
        place,
        person,
        owner,
        role,
        None,
        None,
        None,
        ends,
        ends,
    )
