"""Parse the values of settings.

Each parser raises ValueError with what is wrong, without the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from collab import limits

SMTP_PORTS = {"smtp": 587, "smtps": 465}
MIN_SECRET_LENGTH = 32
MIN_TICK_INTERVAL = timedelta(seconds=1)
MAX_TICK_INTERVAL = timedelta(hours=1)


def build_token_parser(prefix: str) -> Callable[[str], str]:
    """Return a parser for Slack tokens that begin with a prefix such as xoxb-."""

    def parse_token(value: str) -> str:
        if not re.fullmatch(re.escape(prefix) + r"[A-Za-z0-9-]{8,}", value):
            raise ValueError(f"isn't a token that starts with {prefix}")
        return value

    return parse_token


def parse_signing_secret(value: str) -> str:
    """Return Slack's signing secret."""
    if not re.fullmatch(r"[A-Za-z0-9]{16,}", value):
        raise ValueError("isn't a signing secret of letters and digits")
    return value


def _split_url(value: str) -> SplitResult:
    """Return the parts of a URL.

    The messages of urllib repeat what may be a part of a password.
    """
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError("isn't an address with a valid host and port") from None
    return parts


def parse_api_url(value: str) -> str:
    """Return the URL of a Web API with a slash at its end."""
    parts = _split_url(value)
    is_http = parts.scheme in {"http", "https"} and bool(parts.hostname)
    if not is_http or parts.query or parts.fragment:
        raise ValueError("isn't an http or https address")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(
            "must be an https address, since the token is sent there; http only works for this machine"
        )
    return value.rstrip("/") + "/"


def parse_base_url(value: str) -> str:
    """Return the URL before the paths of Collab's pages, without a slash at its end."""
    parts = _split_url(value)
    is_http = parts.scheme in {"http", "https"} and bool(parts.hostname)
    if not is_http or parts.query or parts.fragment or parts.username:
        raise ValueError("isn't an http or https address")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(
            "must be an https address, since links to it are secret; http only works for this machine"
        )
    return value.rstrip("/")


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A mail server; the connection is encrypted from the start, or by STARTTLS.

    Without `needs_encryption` it is this machine.
    """

    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    starts_encrypted: bool
    needs_encryption: bool


def parse_smtp_url(value: str) -> SmtpServer:
    """Return the mail server of smtp://USER:PASSWORD@HOST:PORT or smtps://…"""
    parts = _split_url(value)
    if parts.scheme not in SMTP_PORTS or not parts.hostname:
        raise ValueError("is neither smtp://… nor smtps://…")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("has something after the host and port")
    return SmtpServer(
        host=parts.hostname,
        port=parts.port or SMTP_PORTS[parts.scheme],
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password or "") if parts.username else None,
        starts_encrypted=parts.scheme == "smtps",
        needs_encryption=not is_loopback(parts.hostname),
    )


def parse_mail_address(value: str) -> str:
    """Return the address that mails are sent from."""
    if not re.fullmatch(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", value):
        raise ValueError("isn't an email address")
    return value


def parse_secrets(value: str) -> tuple[str, ...]:
    """Return secrets separated by commas, each long enough to be one."""
    secrets = tuple(each.strip() for each in value.split(","))
    if any(len(each) < MIN_SECRET_LENGTH for each in secrets):
        raise ValueError(f"must have at least {MIN_SECRET_LENGTH} characters each")
    return secrets


def is_loopback(host: str | None) -> bool:
    """Return whether a host name or address can only be this machine."""
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


def parse_database_url(value: str) -> str:
    """Return the URL of a SQLite or PostgreSQL database."""
    if not re.match(r"(sqlite:///.|postgres(ql)?(\+psycopg)?://)", value):
        raise ValueError("is neither sqlite:///FILE nor postgresql://…")
    return value


def parse_files_place(value: str) -> Path | None:
    """Return the folder of files, or None for the database."""
    return None if value == "database" else Path(value)


def parse_listen_address(value: str) -> tuple[str, int]:
    """Return host and port."""
    parts = urlsplit(f"//{value}")
    if not parts.hostname or not parts.port or parts.path:
        raise ValueError("isn't an address and a port")
    if value.rpartition(":")[2] != str(parts.port):
        raise ValueError("isn't an address and a port")
    return parts.hostname, parts.port


def parse_tick_interval(value: str) -> timedelta:
    """Return how often due work is looked for."""
    interval = limits.parse_setting_duration(value)
    if not MIN_TICK_INTERVAL <= interval <= MAX_TICK_INTERVAL:
        raise ValueError("must be from 1s to 1h")
    return interval


def parse_plans(value: str) -> Mapping[str, limits.RoleLimits]:
    """Return the plans in a TOML file, by name."""
    from bot.plans_file import read_plans  # noqa: PLC0415 - imports the role model, and few have plans

    return read_plans(value)


def sqlite_path(url: str) -> Path | None:
    """Return the file of a SQLite database, or None for another database."""
    prefix, path = "sqlite:///", url.partition("?")[0]
    return Path(path.removeprefix(prefix)) if path.startswith(prefix) else None
