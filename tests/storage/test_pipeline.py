"""PostgreSQL's pipeline: what is sent together, and where its failures are raised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select, text, update

from collab.errors import Rejected
from collab.unit_of_work import Unavailable
from storage import pipeline
from storage.database import Database
from storage.tables import processed_requests, workspaces
from tests.support.builders import Scenario

pytestmark = pytest.mark.pooled

PROCESSED_REQUEST = {"workspace": "T1", "first_seq": 1, "last_seq": 1}


@contextmanager
def counting_waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The cursors that waited for their results."""
    waited: list[Any] = []
    wait = pipeline.PipelineCursor._wait_for_result

    def counted(cursor: Any) -> None:
        waited.append(cursor)
        wait(cursor)

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.PipelineCursor, "_wait_for_result", counted)
        yield waited


def write_processed_request(unit: Any, world: Scenario, key: str) -> None:
    unit._connection.execute(
        processed_requests.insert(),
        PROCESSED_REQUEST | {"idempotency_key": key, "at": world.at},
    )


def test_inserts_are_sent_with_what_is_read_after_them(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Scenario(postgres_database)
    with (
        counting_waits(monkeypatch) as waited,
        postgres_database.unit_of_work_factory.write(world.workspace) as unit,
    ):
        waited.clear()
        write_processed_request(unit, world, "one")
        write_processed_request(unit, world, "two")
        assert waited == []
        deliveries = unit._connection.execute(
            select(processed_requests.c.idempotency_key)
        ).scalars()
        assert {"one", "two"} <= set(deliveries)
        assert len(waited) == 1


def test_an_insert_that_nothing_follows_is_committed(
    postgres_database: Database,
) -> None:
    world = Scenario(postgres_database)
    with postgres_database.unit_of_work_factory.write(world.workspace) as unit:
        write_processed_request(unit, world, "last")
    with postgres_database.engine.connect() as connection:
        query = text(
            "SELECT count(*) FROM processed_requests WHERE idempotency_key = 'last'"
        )
        assert connection.execute(query).scalar() == 1


def test_the_failure_of_an_insert_is_raised_by_the_commit_and_nothing_is_stored(
    postgres_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    world = Scenario(postgres_database)
    with (
        pytest.raises(Unavailable) as failed,
        postgres_database.unit_of_work_factory.write(world.workspace) as unit,
    ):
        write_processed_request(unit, world, "first")
        write_processed_request(unit, world, "twice")
        write_processed_request(unit, world, "twice")
        write_processed_request(unit, world, "after")
    assert (failed.value.reason, failed.value.is_unsure) == ("broken", False)
    with postgres_database.engine.connect() as connection:
        query = text(
            "SELECT count(*) FROM processed_requests WHERE idempotency_key <> 'x'"
        )
        assert connection.execute(query).scalar() == 0
    assert caplog.records == []
    assert world.register_people("carl")


def test_the_number_of_changed_rows_is_known(postgres_database: Database) -> None:
    world = Scenario(postgres_database)
    with postgres_database.unit_of_work_factory.write(world.workspace) as unit:
        connection = unit._connection
        write_processed_request(unit, world, "one")
        changed = update(processed_requests).values(first_seq=2)
        unchanged = changed.where(processed_requests.c.idempotency_key == "none")
        assert connection.execute(changed).rowcount == 1
        assert connection.execute(unchanged).rowcount == 0


def test_a_statement_that_is_wrong_is_refused_where_it_is_executed(
    postgres_database: Database,
) -> None:
    world = Scenario(postgres_database)
    with (
        pytest.raises(Unavailable, match="broken"),
        postgres_database.unit_of_work_factory.write(world.workspace) as unit,
    ):
        unit._connection.exec_driver_sql("SELECT nothing FROM nowhere")


def test_a_rejection_after_writes_takes_them_back(postgres_database: Database) -> None:
    world = Scenario(postgres_database)
    with (
        pytest.raises(Rejected),
        postgres_database.unit_of_work_factory.write(world.workspace) as unit,
    ):
        write_processed_request(unit, world, "one")
        raise Rejected
    with postgres_database.engine.connect() as connection:
        assert (
            connection.execute(select(processed_requests.c.idempotency_key)).all() == []
        )


def test_a_connection_that_breaks_at_the_commit_leaves_it_unsure(
    postgres_database: Database,
) -> None:
    world = Scenario(postgres_database)
    terminate = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    with (
        pytest.raises(Unavailable) as failed,
        postgres_database.unit_of_work_factory.write(world.workspace) as unit,
    ):
        write_processed_request(unit, world, "one")
        with postgres_database.engine.begin() as other:
            other.execute(text(terminate))
    assert failed.value.reason == "unreachable"
    assert failed.value.is_unsure
    assert world.register_people("carl")


def test_the_last_number_is_written_without_waiting(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Scenario(postgres_database)
    with (
        counting_waits(monkeypatch) as waited,
        postgres_database.unit_of_work_factory.write(world.workspace) as unit,
    ):
        waited.clear()
        unit._connection.execute(
            update(workspaces).where(workspaces.c.id == "T1").values(seq=1)
        )
        assert waited == []


@pytest.mark.timeout(20)
def test_a_write_larger_than_the_socket_takes_is_sent_whole(
    postgres_database: Database,
) -> None:
    """The driver would wait for an answer to what it has not sent."""
    world = Scenario(postgres_database)
    with postgres_database.unit_of_work_factory.write(world.workspace) as unit:
        for number in range(3):
            unit._connection.execute(
                text("INSERT INTO files (digest, content) VALUES (:digest, :content)"),
                {"digest": str(number), "content": bytes(10_000_000)},
            )
    with postgres_database.engine.connect() as connection:
        count = text("SELECT sum(length(content)) FROM files")
        assert connection.execute(count).scalar() == 30_000_000
