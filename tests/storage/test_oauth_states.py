"""A state of OAuth is used once, within five minutes, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from storage.database import Database
from storage.oauth_states import STATE_LIFETIME
from storage.tables import oauth_states

AT = datetime(2026, 10, 5, 9, tzinfo=UTC)
STATE = "a-state-of-a-browser"


def test_a_state_is_used_once(database: Database) -> None:
    database.oauth_states.save(STATE, AT)
    assert not database.oauth_states.use("another", AT)
    assert database.oauth_states.use(STATE, AT)
    assert not database.oauth_states.use(STATE, AT)


def test_of_many_at_once_one_uses_it(database: Database) -> None:
    database.oauth_states.save(STATE, AT)
    with ThreadPoolExecutor(8) as pool:
        uses = list(pool.map(lambda _: database.oauth_states.use(STATE, AT), range(8)))
    assert uses.count(True) == 1


def test_a_state_expires_and_is_deleted(database: Database) -> None:
    database.oauth_states.save(STATE, AT)
    late = AT + STATE_LIFETIME
    assert not database.oauth_states.use(STATE, late)
    assert database.delete_expired_rows(late - timedelta(seconds=1)) == 0
    assert database.delete_expired_rows(late) == 1


def test_the_database_has_its_hash_alone(database: Database) -> None:
    database.oauth_states.save(STATE, AT)
    with database.engine.connect() as connection:
        rows = connection.execute(select(oauth_states)).all()
    assert STATE not in repr(rows)
