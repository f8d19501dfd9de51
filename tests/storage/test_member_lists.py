"""Lists of members as the database counts and sorts them, compared with the oracle's loops over everybody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import text

from collab.events import (
    Event,
    MemberJoined,
    PayerChanged,
    PersonProfiled,
    PersonRecognised,
    RecordedEvent,
    ResourceCreated,
    TeamAssigned,
    TeamShared,
)
from collab.memberships.queries import ListMembers, MemberRow
from collab.model import PersonId, ResourceId
from collab.text import normalize_for_comparison
from storage import member_lists
from storage.database import Database
from tests.support.builders import Scenario
from tests.support.oracle import OracleState, ranked_roles

PEOPLE = 45
ASSIGNABLE = {
    "company": ["owner", "admin", "accountant"],
    "project": ["owner", "administrator", "member"],
    "app": ["admin", "manager", "developer"],
    "database": ["admin", "manager", "developer"],
    "payment": ["holder", "accountant"],
    "team": ["unlimited", "limited"],
}


class Crowd:
    """A company in which Ada is an owner, and a world around it by chance."""

    def __init__(self, world: Scenario, seed: int) -> None:
        self.world = world
        self.luck = Random(seed)
        self.kinds: dict[str, str] = {}
        world.create_company()
        self._record(list(self._build_events()))
        self.oracle = OracleState()
        for recorded in world.list_recorded_events():
            self.oracle.apply_event(recorded)

    def _record(self, events: list[Event]) -> None:
        with self.world.database.unit_of_work_factory.write(
            self.world.workspace
        ) as unit:
            recorded = [
                RecordedEvent(
                    self.world.workspace, seq, self.world.at, None, "test", each
                )
                for seq, each in enumerate(events, unit.last_seq + 1)
            ]
            unit.append(recorded, None)

    def _build_events(self) -> Iterator[Event]:
        company = self.world.get_resource("acme").id
        self.kinds[company] = "company"
        yield from self._create("project", 2, [company])
        projects = self._list("project")
        yield from self._create("payment", 2, [company, None])
        yield from self._create("team", 2, [None])
        yield from self._create("app", 5, [company, *projects, None])
        yield from self._create("database", 2, [company, *projects])
        people = [PersonId(f"PX{n:03}") for n in range(PEOPLE)]
        for person in people:
            yield from self._introduce(person)
        yield from self._pay_and_share(people)
        for resource, kind in self.kinds.items():
            for person in self.luck.sample(people, self.luck.randrange(14)):
                role = self.luck.choice(ASSIGNABLE[kind])
                days = self.luck.choice([None, None, -1, 1])
                end = None if days is None else self.world.at + timedelta(days)
                yield MemberJoined(ResourceId(resource), person, role, end, None)

    def _create(
        self, kind: str, most: int, parents: Sequence[ResourceId | None]
    ) -> Iterator[Event]:
        for n in range(self.luck.randrange(1, most + 1)):
            resource = ResourceId(f"R{kind}{n}")
            self.kinds[resource] = kind
            title = f"{kind} {n}"
            yield ResourceCreated(
                kind, resource, f"{kind}-{n}", title, self.luck.choice(parents)
            )

    def _introduce(self, person: PersonId) -> Iterator[Event]:
        team = self.world.workspace
        name = "".join(self.luck.choices("aAbBÄäß zZ", k=3))
        yield PersonRecognised(person, team, f"U{person}", None)
        active = self.luck.random() < 0.85
        profile = (name, f"{person}@example.com", "UTC", None, False, False, active)
        yield PersonProfiled(person, team, *profile)

    def _pay_and_share(self, people: list[PersonId]) -> Iterator[Event]:
        runnable = [*self._list("app"), *self._list("database")]
        for resource in runnable:
            if self.luck.random() < 0.6:
                yield PayerChanged(
                    resource, self.luck.choice(self._list("payment")), None
                )
        for team in self._list("team"):
            for resource in [*runnable, *self._list("payment")]:
                if self.luck.random() < 0.4:
                    role = self.luck.choice(ASSIGNABLE[self.kinds[resource]])
                    yield TeamShared(team, resource, role, None)
                    for person in self.luck.sample(people, 4):
                        yield TeamAssigned(team, resource, person)

    def _list(self, kind: str) -> list[ResourceId]:
        return [ResourceId(each) for each, k in self.kinds.items() if k == kind]

    def expected(self, resource: str) -> list[tuple[str, str, bool]]:
        """Return everybody's id and role in the order of the list, and if it is direct."""
        ranks = {role: n for n, role in enumerate(ranked_roles(self.kinds[resource]))}
        at = self.world.at
        found = []
        for person in self._list_people():
            roles = self.oracle.effective_roles_on(person, resource, at)
            direct = self.oracle.direct_role(resource, person, at)
            if roles:
                role = direct or min(roles, key=ranks.__getitem__)
                found.append((person, role, direct is not None))
        names = self._read_names()
        found.sort(key=lambda row: (ranks[row[1]], names[row[0]], row[0]))
        return found

    def _list_people(self) -> list[str]:
        return sorted({person for _, person, _, _ in self.oracle.roles})

    def _read_names(self) -> dict[str, str]:
        with self.world.database.engine.connect() as connection:
            people = connection.execute(text("SELECT id, title, email FROM people"))
            return {
                each.id: normalize_for_comparison(each.title or each.email or "")
                for each in people
            }

    def listed(self, resource: str) -> tuple[list[MemberRow], set[int]]:
        """Return the whole list, page by page, and the totals that its pages tell."""
        rows: list[MemberRow] = []
        totals: set[int] = set()
        page: int | None = 0
        while page is not None:
            caller = self.world.caller_for("ada")
            answer = self.world.bus.query(
                ListMembers(caller, resource, page), self.world.at
            )
            rows += answer.members
            totals.add(answer.total)
            page = answer.next_page
        return rows, totals

    def visible(self) -> list[str]:
        """Return the resources that Ada may view."""
        ada = str(self.world.person_id_of("ada"))
        return [
            each
            for each in self.kinds
            if self.oracle.has_capability(ada, "view", each, self.world.at)
        ]


@pytest.mark.rule("MEM-13")
@pytest.mark.rule("ROL-08")
@pytest.mark.parametrize("many", [2, 3_000], ids=["looked for by name", "sorted"])
@pytest.mark.parametrize("seed", range(4))
def test_a_list_has_whom_the_oracle_lists_in_its_order(
    database: Database, seed: int, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member_lists, "MANY", many)
    crowd = Crowd(Scenario(database), seed)
    for resource in crowd.visible():
        rows, totals = crowd.listed(resource)
        expected = crowd.expected(resource)
        listed = [(row.person.id, row.role, row.through is None) for row in rows]
        assert listed == expected
        assert totals == {len(expected)}


@pytest.mark.rule("MEM-13")
def test_the_resource_named_beside_a_derived_role_is_one_that_it_follows_from(
    database: Database,
) -> None:
    crowd = Crowd(Scenario(database), 7)
    for resource in crowd.visible():
        for row in crowd.listed(resource)[0]:
            if row.through:
                source, at = row.through.id, crowd.world.at
                assert crowd.oracle.direct_role(source, row.person.id, at)
