"""A world of companies with projects and apps, as large as is asked for, and questions about its apps.

Every company has two projects and eight apps, three in each project and two in the company itself; on these eleven
things fifty memberships, and everybody holds five of them, far from one another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from sqlalchemy import select

from collab.roles import ROLE_MODEL
from storage.database import Database
from storage.tables import memberships, resources
from tests.bench.bulk import PEOPLE, write
from tests.bench.company import AT

IN_COMPANY = 50  # memberships
EACH = 5  # memberships of one person
STEP = 7919  # a prime, so that neighbours are strangers
CAPABILITIES = tuple(
    dict.fromkeys(can for role in ROLE_MODEL["app"].roles for can in role.capabilities)
)

COMPANIES = """INSERT INTO resources (workspace, id, kind, slug, title)
{numbers} SELECT :w, 'RC' || {i}, 'company', 'company-' || {i}, 'Company' FROM n"""
PROJECTS = """INSERT INTO resources (workspace, id, kind, slug, title, parent)
{numbers} SELECT :w, 'RP' || {i}, 'project', 'project-' || {i}, 'Project', 'RC' || {of_project} FROM n"""
APPS = """INSERT INTO resources (workspace, id, kind, slug, title, parent)
{numbers} SELECT :w, 'RA' || {i}, 'app', 'app-' || {i}, 'App',
CASE WHEN i % 8 < 6 THEN 'RP' || {app_in_project} ELSE 'RC' || {app_in_company} END FROM n"""
MEMBERSHIPS = """INSERT INTO memberships (workspace, resource, person, role, since)
{numbers} SELECT :w,
CASE WHEN i % 50 < 8 THEN 'RC' || {company} WHEN i % 50 < 18 THEN 'RP' || {project} ELSE 'RA' || {app} END,
'PB' || {person},
CASE WHEN i % 50 IN (0, 8, 13) THEN 'owner'
WHEN i % 50 < 4 THEN 'admin' WHEN i % 50 < 8 THEN 'accountant'
WHEN i % 50 IN (9, 14) THEN 'administrator' WHEN i % 50 < 18 THEN 'member'
WHEN i % 50 % 4 = 2 THEN 'admin' WHEN i % 50 % 4 = 3 THEN 'manager'
ELSE 'developer' END, {since} FROM n"""


class Given(NamedTuple):
    """A membership."""

    resource: str
    person: str
    role: str


class Thing(NamedTuple):
    """A resource and what it stands in."""

    id: str
    kind: str
    parent: str | None


class Question(NamedTuple):
    """May this person do that on this app?"""

    person: str
    capability: str
    app: str


@dataclass(frozen=True)
class World:
    """All memberships and resources, as they were read back from a database."""

    memberships: list[Given]
    things: list[Thing]

    def follows(self) -> Iterator[tuple[Given, Given]]:
        """What a role on a thing gives on what stands in it, for every thing; the two memberships are nobody's."""
        kinds = {thing.id: thing.kind for thing in self.things}
        for thing in self.things:
            for row in ROLE_MODEL.derived_roles:
                if (
                    thing.parent
                    and row.relation == "holds"
                    and row.source_type == kinds[thing.parent]
                    and thing.kind in row.target_types
                ):
                    for role in row.roles:
                        yield (
                            Given(thing.parent, "", role),
                            Given(thing.id, "", row.role),
                        )

    @property
    def apps(self) -> list[str]:
        """Every app."""
        return [thing.id for thing in self.things if thing.kind == "app"]

    def questions(self, many: int) -> Iterator[Question]:
        """The same ones in every run; half of them about a person who holds a role near the app."""
        chance, near = Random(many), self._apps_near()
        known = [given for given in self.memberships if given.resource in near]
        for _ in range(many):
            about = chance.choice(known)
            somebody = about if chance.random() < 0.5 else chance.choice(known)
            yield Question(
                somebody.person,
                chance.choice(CAPABILITIES),
                chance.choice(near[about.resource]),
            )

    def _apps_near(self) -> dict[str, list[str]]:
        parents = {thing.id: thing.parent for thing in self.things}
        near: dict[str, list[str]] = {}
        for app in self.apps:
            place: str | None = app
            while place:
                near.setdefault(place, []).append(app)
                place = parents[place]
        return near


def fill(database: Database, kind: str, size: int) -> None:
    """Write a world of so many memberships, a multiple of those in one company."""
    companies, people = size // IN_COMPANY, size // EACH
    rows = (
        (PEOPLE, people),
        (COMPANIES, companies),
        (PROJECTS, companies * 2),
        (APPS, companies * 8),
    )
    ids = {
        "of_project": "i / 2",
        "app_in_project": "(i / 8 * 2 + i % 8 / 3)",
        "app_in_company": "i / 8",
        "company": "i / 50",
        "project": "(i / 50 * 2 + (i % 50 - 8) / 5)",
        "app": "(i / 50 * 8 + (i % 50 - 18) / 4)",
        "person": f"(i % {people} * {STEP} % {people})",
    }
    write(database, kind, (*rows, (MEMBERSHIPS, size)), ids, {"since": AT})


def read(database: Database) -> World:
    """The world that is stored."""
    given = select(memberships.c.resource, memberships.c.person, memberships.c.role)
    things = select(resources.c.id, resources.c.kind, resources.c.parent)
    with database.engine.connect() as connection:
        return World(
            [Given(*row) for row in connection.execute(given)],
            [Thing(*row) for row in connection.execute(things)],
        )
