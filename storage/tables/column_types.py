"""Column types that the databases do not have."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, DateTime, Text, TypeDecorator
from sqlalchemy.engine import Dialect

from collab.model import NotificationTopic

# Compared by code points, as Python does, whatever the language of the database.
BinaryText = Text().with_variant(Text(collation="C"), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite stores it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Remove the zone for SQLite."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Return the moment in UTC."""
        if value is None:
            return None
        return (
            value.replace(tzinfo=UTC)
            if dialect.name == "sqlite"
            else value.astimezone(UTC)
        )


class DurationSeconds(TypeDecorator[timedelta]):
    """A duration, stored in whole seconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(
        self, value: timedelta | None, _dialect: Dialect
    ) -> int | None:
        """Return whole seconds."""
        return None if value is None else int(value.total_seconds())

    def process_result_value(
        self, value: int | None, _dialect: Dialect
    ) -> timedelta | None:
        """Return a duration."""
        return None if value is None else timedelta(seconds=value)


class NameList(TypeDecorator[tuple[str, ...]]):
    """A few plain names in one column, separated by spaces."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self, value: tuple[str, ...] | None, _dialect: Dialect
    ) -> str | None:
        """Return the names joined by spaces."""
        return None if value is None else " ".join(value)

    def process_result_value(
        self, value: str | None, _dialect: Dialect
    ) -> tuple[str, ...] | None:
        """Return the names as a tuple."""
        return None if value is None else tuple(value.split())


class TopicList(TypeDecorator[tuple[NotificationTopic, ...]]):
    """The topics of a message as JSON; NULL for none."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self, value: tuple[NotificationTopic, ...] | None, _dialect: Dialect
    ) -> str | None:
        """Return the topics as a JSON array of pairs."""
        return json.dumps(value) if value else None

    def process_result_value(
        self, value: str | None, _dialect: Dialect
    ) -> tuple[NotificationTopic, ...]:
        """Return the topics."""
        pairs = json.loads(value) if value else ()
        return tuple(NotificationTopic(seq, subject_id) for seq, subject_id in pairs)
