"""What a transaction remembers is what it would read again, also after its own writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from collab.invitations.commands import EditInvitation, InviteToResource
from collab.model import Account, Term
from collab.resources import RenameResource
from storage import memo, unit_of_work
from storage.database import Database
from storage.invitations import InvitationRepository
from storage.people import PeopleRepository
from storage.resources import ResourceRepository
from storage.sql import WorkspaceReader
from storage.unit_of_work import StoredRepositories
from tests.collab.test_model import Life, stage
from tests.support.builders import Scenario

Read = Callable[[Any], Any]


def read_again(reader: WorkspaceReader, kind: str, key: Any) -> Any:
    """Read what is remembered of a kind under a key, with nothing remembered."""
    parts: tuple[Any, ...] = (reader._connection, reader._workspace, {})
    reads: dict[str, Read] = {
        "person": PeopleRepository(*parts).get_person,
        "account": lambda name: PeopleRepository(*parts).find_person_by_account(
            Account(*name.split(" "))
        ),
        "home": lambda who: bool(PeopleRepository(*parts).list_people_with_home([who])),
        "resource": ResourceRepository(*parts).get_resource,
        "invitation": InvitationRepository(*parts).get_invitation,
    }
    return reads[kind](key) if kind in reads else None


def assert_is_true(repositories: StoredRepositories, seen: Counter[str]) -> None:
    """Compare everything that is remembered with what the database has."""
    for (kind, key), answer in list(repositories._memo.items()):
        if kind not in {"person", "account", "home", "resource", "invitation"}:
            continue
        again = read_again(repositories.people, kind, key)
        assert answer == again, (kind, key)
        seen[kind] += 1


@contextmanager
def checked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Check after each prefetch and each write; yields how often each kind was."""
    seen: Counter[str] = Counter()
    update, prefetch = StoredRepositories.update_memo, StoredRepositories.prefetch

    def update_and_check(self: StoredRepositories, writes: Sequence[Any]) -> None:
        update(self, writes)
        assert_is_true(self, seen)

    def prefetch_and_check(self: StoredRepositories, *names: Any) -> None:
        prefetch(self, *names)
        assert_is_true(self, seen)

    with monkeypatch.context() as patch:
        patch.setattr(unit_of_work.StoredRepositories, "update_memo", update_and_check)
        patch.setattr(unit_of_work.StoredRepositories, "prefetch", prefetch_and_check)
        yield seen


def test_what_is_remembered_of_invitations_is_what_is_stored(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Scenario(database)
    world.create_company()
    by = world.caller_for("ada")
    with checked(monkeypatch) as seen:
        odd = Term(timedelta(days=3, microseconds=5))
        world.execute(
            InviteToResource(by, world.account_of("bo"), "admin", "acme", odd)
        )
        world.execute(InviteToResource(by, world.account_of("bo"), "owner", "acme"))
        invitation = world.send_invitation("carl", "admin")
        world.execute(EditInvitation(by, invitation, "owner"))
        world.execute(RenameResource(by, "acme", "Apex"))
        world.accept_invitation("carl", invitation)
        world.read_profile("bo", title="Robert")
    assert {"person", "account", "invitation", "resource", "home"} <= set(seen)


def live(sqlite_template: bytes) -> None:
    with stage(sqlite_template):
        run_state_machine_as_test(
            Life,
            settings=settings(
                max_examples=10,
                stateful_step_count=40,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
                report_multiple_bugs=False,
            ),
        )


@pytest.mark.slow
def test_whatever_people_do_what_is_remembered_is_what_is_stored(
    sqlite_template: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with checked(monkeypatch) as seen:
        live(sqlite_template)
    assert {"person", "account", "invitation", "resource", "home"} <= set(seen)


@pytest.mark.parametrize("act", ["profile", "rename", "register"])
def test_a_memo_that_outlasts_its_changes_is_noticed(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    world = Scenario(sqlite_database)
    world.create_company()
    world.register_people("bo")
    monkeypatch.setattr(memo, "_is_unchanged", lambda *_: True)
    with checked(monkeypatch), pytest.raises(AssertionError, match="assert"):
        if act == "profile":
            world.read_profile("bo", title="Robert")
        elif act == "rename":
            world.execute(RenameResource(world.caller_for("ada"), "acme", "Apex"))
        else:
            world.register_people("carl")
