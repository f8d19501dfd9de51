"""Addresses of databases as hosted servers and clusters write them."""

from __future__ import annotations

from typing import Any

import pytest

from storage.database import Database, DatabaseUnusable
from storage.database_url import MalformedUrl, parse_database_address


def arguments(text: str) -> dict[str, object]:
    """What the driver gets."""
    url = parse_database_address(text).url
    dialect: Any = url.get_dialect()
    _, values = dialect().create_connect_args(url)
    return dict(values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "postgres://u:p%40@ep-x.neon.tech/d?options=endpoint%3Dep-x&sslmode=verify-full"
            "&sslrootcert=system&channel_binding=require",
            {
                "password": "p@",
                "host": "ep-x.neon.tech",
                "options": "endpoint=ep-x",
                "sslmode": "verify-full",
                "sslrootcert": "system",
                "channel_binding": "require",
            },
        ),
        (
            "postgresql://u@/d?host=a&host=b&target_session_attrs=read-write",
            {"host": "a,b", "port": "5432,5432", "target_session_attrs": "read-write"},
        ),
        ("postgresql://u@/d?host=a:1,b:2", {"host": "a,b", "port": "1,2"}),
        ("postgresql://u@/d?host=a:1&host=b", {"host": "a,b", "port": "1,5432"}),
        ("postgresql://u@/d?host=a,b&port=1,2", {"host": "a,b", "port": "1,2"}),
        ("postgresql://u@/d?host=a,b&port=7", {"host": "a,b", "port": "7,7"}),
        ("postgresql://u:p@a:1,b:2/d", {"host": "a,b", "port": "1,2", "password": "p"}),
        ("postgresql://a,b:2/d?sslmode=require", {"host": "a,b", "port": "5432,2"}),
        ("postgresql://u@[::1]:1,[::2]/d", {"host": "::1,::2", "port": "1,5432"}),
        ("postgresql://u@x:9/d?host=a:1", {"host": "a", "port": "1"}),
        ("postgresql://u@/d?host=/var/run", {"host": "/var/run"}),
        ("postgresql://u@[::1]:7/d", {"host": "::1", "port": 7}),
    ],
)
def test_each_way_to_write_an_address_is_understood(
    text: str, expected: dict[str, object]
) -> None:
    assert arguments(text).items() >= expected.items()


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://u:geheim@h:x/d",
        "postgresql://u:geheim@a:1,b:x/d",
        "postgresql://u:geheim@/d?host=a,b&port=1,2,3",
        "postgresql://u:geheim@[::1/d",
        "mysql://u:geheim@h/d",
        "sqlite://",
        "",
    ],
)
def test_a_malformed_address_is_never_quoted(text: str) -> None:
    with pytest.raises(MalformedUrl) as refused:
        parse_database_address(text)
    assert "geheim" not in str(refused.value)
    assert refused.value.__cause__ is None
    with pytest.raises(DatabaseUnusable, match=r"malformed_url: DATABASE_URL$"):
        Database.open(text)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://u:geheim@h/d",
        "postgresql://u:geheim@a:1,b:2/d",
        "postgresql://u@h/d?password=geheim",
        "postgresql://u@h/d?sslmode=require&sslpassword=geheim",
        "postgres://u@h/d?user=x&PASSWORD=geheim&oauth_client_secret=geheim",
    ],
)
def test_passwords_are_masked_wherever_they_are_written(text: str) -> None:
    masked = parse_database_address(text).masked_url
    assert "geheim" not in masked
    assert masked.startswith("postgresql://u")


def test_what_says_that_there_is_a_pooler_is_not_passed_on() -> None:
    address = parse_database_address("postgresql://h/d?collab_pooled=off&sslmode=allow")
    assert address.is_pooled is False
    assert address.masked_url == "postgresql://h/d?sslmode=allow"


@pytest.mark.postgres
def test_a_parameter_that_the_driver_does_not_know_is_malformed() -> None:
    with pytest.raises(DatabaseUnusable, match="malformed_url"):
        Database.open("postgresql://u@127.0.0.1:1/d?schema=public")
