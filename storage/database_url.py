"""Parse the URLs of databases as hosted servers and clusters write them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

# Our own parameter of a PostgreSQL URL: `on` or `off`, found out without it.
POOLING_PARAMETER = "collab_pooled"
DEFAULT_PORT = "5432"
# Only several hosts need this; SQLAlchemy takes them as parameters alone.
_SEVERAL_HOSTS = re.compile(
    r"(?P<start>[a-z+]+://(?:[^/?#]*@)?)(?P<hosts>[^/?#@]*,[^/?#@]*)"
)
_HOST_AND_PORT = re.compile(
    r"(?:\[(?P<bracketed>[^\]]+)\]|(?P<plain>[^:\[\]]+))(?::(?P<port>\d{1,5}))?"
)
_SECRET_PARAMETER = re.compile("password|secret", re.IGNORECASE)


class MalformedUrl(ValueError):
    """A text is no URL of a database that Collab can use; it is never quoted."""


class DatabaseAddress(NamedTuple):
    """Where a database is, and whether a pooler is in front; None if not known."""

    url: URL
    is_pooled: bool | None = None

    @property
    def masked_url(self) -> str:
        """Return the URL without passwords, for messages."""
        return mask_url(self.url)


def mask_url(url: URL) -> str:
    """Return a URL without passwords, for messages."""
    secret_names = [name for name in url.query if _SECRET_PARAMETER.search(name)]
    shown = url.difference_update_query(secret_names)
    return shown.set(drivername=url.get_backend_name()).render_as_string()


def parse_database_address(text: str) -> DatabaseAddress:
    """Return the address of a SQLite file or of PostgreSQL; raises MalformedUrl."""
    several = _SEVERAL_HOSTS.match(text)
    hosts: tuple[str, ...] = ()
    if several:
        hosts = tuple(several["hosts"].split(","))
        text = several["start"] + text[several.end() :]
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise MalformedUrl from None
    if url.drivername == "sqlite" and url.database:
        return DatabaseAddress(url)
    if url.drivername not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise MalformedUrl
    is_pooled = {"on": True, "off": False}.get(str(url.query.get(POOLING_PARAMETER)))
    url = url.set(drivername="postgresql+psycopg")
    return DatabaseAddress(
        _normalize_hosts(url.difference_update_query([POOLING_PARAMETER]), hosts),
        is_pooled,
    )


def _normalize_hosts(url: URL, hosts: Sequence[str]) -> URL:
    """Write several hosts as the driver takes them: host=a,b and port=1,2.

    The parameter `host` wins over the hosts before the path.
    """
    hosts = _split_parameter(url.query, "host") or hosts
    if not hosts or all(host.startswith(("/", "@")) for host in hosts):
        return url
    ports = _split_parameter(url.query, "port")
    if len(ports) not in {0, 1, len(hosts)}:
        raise MalformedUrl
    names = []
    found_ports = []
    for host in hosts:
        name, port = _split_host(host)
        names.append(name)
        found_ports.append(port or str(url.port or DEFAULT_PORT))
    if len(ports) == 1:
        found_ports = list(ports) * len(hosts)
    elif ports:
        found_ports = list(ports)
    joined = {"host": ",".join(names), "port": ",".join(found_ports)}
    return url.set(host=None, port=None).update_query_dict(joined)


def _split_parameter(
    query: Mapping[str, str | tuple[str, ...]], name: str
) -> tuple[str, ...]:
    """Return the values of a parameter that is repeated or has commas."""
    values = query.get(name, ())
    repeated = (values,) if isinstance(values, str) else values
    return tuple(each for value in repeated for each in value.split(","))


def _split_host(text: str) -> tuple[str, str | None]:
    if text.startswith(("/", "@")) or ("[" not in text and text.count(":") > 1):
        return text, None  # a folder of sockets, or a plain IPv6 address
    match = _HOST_AND_PORT.fullmatch(text)
    if not match:
        raise MalformedUrl
    return match["bracketed"] or match["plain"], match["port"]
