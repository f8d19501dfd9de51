"""A crowd that types through the playground, and what it saw of each act."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from threading import Event, Lock, Thread
from typing import Any

from sqlalchemy import select

from bot.playground import NoAnswer
from bot.playground.server import Playground
from collab.events import InvitationSent, ResourceCreated
from collab.model import WorkspaceId
from storage.database import Database
from storage.tables import people
from tests.ha.cluster import wait_until

PEOPLE = [f"p{number}" for number in range(6)]
COMPANY = re.compile(r"\bp\dn\d+\b")
PAUSE_SECONDS = 0.1
INVITED_EVERY = 5  # acts
CONNECT_SECONDS = 30
TOKYO = "Asia/Tokyo"


@dataclass
class Observations:
    """The companies whose creation was confirmed or refused, and when."""

    confirmed: dict[str, float] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    invited: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)  # accounts
    # With the text for an act that may have been done, or None for no answer.
    unanswered: dict[str, str | None] = field(default_factory=dict)

    def longest_silence(self) -> float:
        """The most seconds between two confirmations."""
        times = sorted(self.confirmed.values())
        return max((later - earlier for earlier, later in pairwise(times)), default=0.0)


class Crowd:
    """People who create companies and invite each other, until they are stopped.

    While Slack repeats each request, one that was refused may be done by its repetition.
    """

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._stop = Event()
        self._is_repeated = False
        self._lock = Lock()
        self.observations = Observations()
        self._threads = [
            Thread(target=self._act, args=(name,), daemon=True) for name in PEOPLE
        ]

    def start(self) -> None:
        """Add the people and let them type."""
        for name in PEOPLE:
            self._playground.add_user(name)
        for thread in self._threads:
            thread.start()

    def repeat_requests(self, *, is_repeated: bool) -> None:
        """Let Slack deliver each request twice, or once."""
        self._is_repeated = is_repeated
        self._playground.faults.clear()
        if is_repeated:
            self._playground.faults.duplicate("command", times=None)

    def move(self, position: int) -> None:
        """Let a person move to Tokyo, which Slack reports until it gets through."""
        # The playground reports nothing to an app without a connection.
        wait_until(
            lambda: self._playground.is_connected,
            CONNECT_SECONDS,
            "nobody is connected",
        )
        name = PEOPLE[position]
        self._playground.change_account(name, tz=TOKYO)
        self.observations.moved.add(self._playground.get_user(name).id)

    def stop(self) -> None:
        """Let everybody finish what they type."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _act(self, who: str) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            company = f"{who}n{number}"
            if self._create(who, company) and number % INVITED_EVERY == 0:
                self._invite(who, company)
            time.sleep(PAUSE_SECONDS)

    def _create(self, who: str, company: str) -> bool:
        was_repeated = self._is_repeated
        answer = self._type(who, f"/collab create company {company}")
        with self._lock:
            if answer and "Created" in answer:
                self.observations.confirmed[company] = time.monotonic()
                return True
            if answer and "nothing was changed" in answer:
                if not (was_repeated or self._is_repeated):
                    self.observations.refused.add(company)
            else:
                self.observations.unanswered[company] = answer
        return False

    def _invite(self, who: str, company: str) -> None:
        position = PEOPLE.index(who)
        other = self._playground.get_user(PEOPLE[(position + 1) % len(PEOPLE)])
        answer = self._type(who, f"/collab invite <@{other.id}> admin {company}")
        if answer and "You invited" in answer:
            with self._lock:
                self.observations.invited.add(company)

    def _type(self, who: str, line: str) -> str | None:
        try:
            answer: Any = self._playground.get_user(who).type_text(line)
        except NoAnswer:
            return None
        return str(answer["text"]) if answer else None


def find_faults(
    observations: Observations, playground: Playground, database: Database
) -> list[str]:
    """What was lost, done twice, done although refused, or not delivered."""
    workspace = WorkspaceId(playground.team_id)
    events = [each.event for each in database.event_log.export_events(workspace)]
    created = [each for each in events if isinstance(each, ResourceCreated)]
    counts = Counter(each.title for each in created)
    names = {each.resource: each.title for each in created}
    faults = [
        *(f"lost {name}" for name in observations.confirmed if not counts[name]),
        *(f"doubled {name}" for name, count in counts.items() if count > 1),
        *(f"refused, yet done {name}" for name in observations.refused & counts.keys()),
    ]
    sent = [each for each in events if isinstance(each, InvitationSent)]
    invitations = Counter(names[each.resource] for each in sent)
    faults += [
        *(
            f"lost invitation to {name}"
            for name in observations.invited - invitations.keys()
        ),
        *(f"doubled invitation to {name}" for name, n in invitations.items() if n > 1),
        *(
            f"missed move of {each}"
            for each in find_missed_moves(observations, database)
        ),
    ]
    failed = database.outbox.list_failed(1000)
    faults += [f"not delivered {each.target}" for each in failed]
    announced = find_companies(playground)
    faults += [
        f"no message about {name}" for name in invitations if name not in announced
    ]
    return faults


def find_missed_moves(observations: Observations, database: Database) -> set[str]:
    """The accounts whose move is not on record."""
    in_tokyo = select(people.c.account).where(people.c.tz == TOKYO)
    with database.engine.connect() as connection:
        return observations.moved - set(connection.execute(in_tokyo).scalars())


def find_companies(playground: Playground) -> set[str]:
    """The companies that the direct messages name."""
    return {
        company
        for name in PEOPLE
        for message in playground.get_user(name).list_direct_messages()
        for company in COMPANY.findall(str(message))
    }
