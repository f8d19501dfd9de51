"""Settings from the environment and `.env`: read once, checked, frozen. Secrets never show."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from collab import limits
from collab.billing.plans import Limits

T = TypeVar("T")
USAGE_EXIT_CODE = 2  # the exit code for what was asked or set wrongly
SLACK_API_URL = "https://slack.com/api/"
MIN_TICK, MAX_TICK = timedelta(seconds=1), timedelta(hours=1)
# Where reminders stand in a lifetime when nobody says: after 2 and 5 of 7 days.
DEFAULT_REMINDER_FRACTIONS = (2 / 7, 5 / 7)
DEFAULT_FILES_FOLDER = Path("collab-files")


class SettingSpec(NamedTuple):
    """One setting: what it is for, and an example."""

    purpose: str
    example: str


SETTING_SPECS = {
    "SLACK_BOT_TOKEN": SettingSpec(
        "the bot's token, with which Collab speaks to Slack", "xoxb-1234-5678-abcd"
    ),
    "SLACK_APP_TOKEN": SettingSpec(
        "the app-level token; with it Collab uses Socket Mode", "xapp-1-A0123-4567-abcd"
    ),
    "SLACK_SIGNING_SECRET": SettingSpec(
        "proves that HTTP requests come from Slack; needed unless SLACK_APP_TOKEN is set",
        "8f742231b10e8888abcd99yyy",
    ),
    "SLACK_API_URL": SettingSpec(
        "another address of Slack's Web API, for tests and emulators",
        "http://127.0.0.1:8080/api/",
    ),
    "DATABASE_URL": SettingSpec(
        "where Collab keeps everything", "postgresql://collab@localhost/collab"
    ),
    "COLLAB_LISTEN": SettingSpec(
        "the address that Slack's HTTP requests arrive at", "127.0.0.1:3000"
    ),
    "COLLAB_INVITATION_LIFETIME": SettingSpec(
        "how long an invitation waits for its answer, 1d to 90d", "7d"
    ),
    "COLLAB_REMINDERS": SettingSpec(
        "when an unanswered invitation reminds, within its lifetime, or off", "2d,5d"
    ),
    "COLLAB_TICK": SettingSpec(
        "how often Collab looks for what is due, 1s to 1h", "30s"
    ),
    "COLLAB_DAILY_INVITATIONS": SettingSpec(
        "how many invitations a person may send a day, 1 to 100000", "50"
    ),
    "COLLAB_QUIET_HOURS": SettingSpec(
        "whether reminders keep to the invited person's working hours, on or off", "on"
    ),
    "COLLAB_FILES": SettingSpec(
        "the folder that invoices' PDFs are kept in", "/var/lib/collab/files"
    ),
    "COLLAB_PLANS": SettingSpec(
        "a TOML file that says how many may hold each role of a company, by plan",
        "plans.toml",
    ),
}


class FatalError(Exception):
    """Collab cannot start or go on; says why and what to do in one line, and with which exit code."""

    def __init__(self, line: str, code: int = 1) -> None:
        super().__init__(line)
        self.code = code


class InvalidSetting(FatalError):
    """A setting is missing or malformed; says which, what it is for and an example, never its value."""

    def __init__(self, name: str, problem: str) -> None:
        known = SETTING_SPECS[name]
        super().__init__(
            f"{name} {problem}: {known.purpose}. Example: {name}={known.example}",
            USAGE_EXIT_CODE,
        )
        self.name = name


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be set; `listen` is host and port."""

    bot_token: str = field(repr=False)
    app_token: str | None = field(default=None, repr=False)
    signing_secret: str | None = field(default=None, repr=False)
    api_url: str = SLACK_API_URL
    database_url: str = field(default="sqlite:///collab.sqlite3", repr=False)
    listen_address: tuple[str, int] = ("127.0.0.1", 3000)
    invitation_lifetime: timedelta = timedelta(days=7)
    reminder_delays: tuple[timedelta, ...] = (timedelta(days=2), timedelta(days=5))
    tick_interval: timedelta = timedelta(seconds=30)
    has_quiet_hours: bool = True
    daily_invitation_limit: int = 50
    files_folder: Path = DEFAULT_FILES_FOLDER
    plans: Mapping[str, Limits] = field(default_factory=dict)

    @property
    def is_socket_mode(self) -> bool:
        """Whether Slack is reached through Socket Mode, not HTTP."""
        return self.app_token is not None


def read_config(environ: Mapping[str, str], folder: Path) -> Config:
    """The settings of an environment and of the `.env` in a folder; raises BadSetting."""
    given = collect_settings(environ, folder)
    lifetime = _read_optional(
        given, "COLLAB_INVITATION_LIFETIME", limits.parse_lifetime, timedelta(days=7)
    )
    app_token = _read_optional(
        given, "SLACK_APP_TOKEN", _build_token_parser("xapp-"), None
    )
    return Config(
        bot_token=_read_required(
            given, "SLACK_BOT_TOKEN", _build_token_parser("xoxb-")
        ),
        app_token=app_token,
        signing_secret=_read_signing_secret(given, needed=app_token is None),
        api_url=_read_optional(given, "SLACK_API_URL", _parse_api_url, SLACK_API_URL),
        database_url=read_database_url(given),
        listen_address=_read_optional(
            given, "COLLAB_LISTEN", _parse_listen, ("127.0.0.1", 3000)
        ),
        invitation_lifetime=lifetime,
        reminder_delays=_read_reminders(given, lifetime),
        tick_interval=_read_optional(
            given, "COLLAB_TICK", _parse_tick, timedelta(seconds=30)
        ),
        daily_invitation_limit=_read_optional(
            given, "COLLAB_DAILY_INVITATIONS", limits.parse_daily_limit, 50
        ),
        has_quiet_hours=_read_optional(
            given, "COLLAB_QUIET_HOURS", limits.parse_switch, True
        ),
        files_folder=read_files_folder(given),
        plans=_read_optional(given, "COLLAB_PLANS", _parse_plans, {}),
    )


def collect_settings(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """What is set, by name: the environment wins over `.env`; blank means not set."""
    merged = {**_read_env_file(folder / ".env"), **environ}
    return {
        name: merged[name].strip()
        for name in SETTING_SPECS
        if merged.get(name, "").strip()
    }


def read_database_url(given: Mapping[str, str]) -> str:
    """The database's address, for commands that need nothing else."""
    return _read_optional(
        given, "DATABASE_URL", _parse_database_url, "sqlite:///collab.sqlite3"
    )


def read_files_folder(given: Mapping[str, str]) -> Path:
    """The folder of invoices' PDFs, for commands that need nothing else."""
    return _read_optional(given, "COLLAB_FILES", Path, DEFAULT_FILES_FOLDER)


def _read_env_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values  # noqa: PLC0415 - slow to import, and needed only where the file is

    try:
        read_in = dotenv_values(path, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        line = f"{path} cannot be read as UTF-8 text: it holds settings, one NAME=value a line"
        raise FatalError(line, USAGE_EXIT_CODE) from None
    return {name: value or "" for name, value in read_in.items()}


def _read_optional(
    given: Mapping[str, str], name: str, parse: Callable[[str], T], otherwise: T
) -> T:
    return _read_required(given, name, parse) if name in given else otherwise


def _read_required(given: Mapping[str, str], name: str, parse: Callable[[str], T]) -> T:
    if name not in given:
        raise InvalidSetting(name, "is missing")
    try:
        return parse(given[name])
    except ValueError as problem:
        raise InvalidSetting(name, str(problem)) from None


def _read_signing_secret(given: Mapping[str, str], *, needed: bool) -> str | None:
    name = "SLACK_SIGNING_SECRET"
    return (
        _read_required(given, name, _parse_secret)
        if needed
        else _read_optional(given, name, _parse_secret, None)
    )


def _read_reminders(
    given: Mapping[str, str], lifetime: timedelta
) -> tuple[timedelta, ...]:
    usual = tuple(lifetime * mark for mark in DEFAULT_REMINDER_FRACTIONS)
    marks = _read_optional(
        given, "COLLAB_REMINDERS", limits.parse_reminder_times, usual
    )
    if any(mark >= lifetime for mark in marks):
        raise InvalidSetting(
            "COLLAB_REMINDERS", "must lie within COLLAB_INVITATION_LIFETIME"
        )
    return marks


def _parse_duration_within(
    typed: str, least: timedelta, most: timedelta, renderer: str
) -> timedelta:
    given = limits.parse_setting_duration(typed)
    if not least <= given <= most:
        raise ValueError(f"must be {renderer}")
    return given


def _parse_tick(typed: str) -> timedelta:
    return _parse_duration_within(typed, MIN_TICK, MAX_TICK, "from 1s to 1h")


def _build_token_parser(start: str) -> Callable[[str], str]:
    def parse(typed: str) -> str:
        if not re.fullmatch(re.escape(start) + r"[A-Za-z0-9-]{8,}", typed):
            raise ValueError(f"is not a token that starts with {start}")
        return typed

    return parse


def _parse_secret(typed: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]{16,}", typed):
        raise ValueError("is not a signing secret of letters and digits")
    return typed


def _parse_api_url(typed: str) -> str:
    parts = urlsplit(typed)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.query
        or parts.fragment
    ):
        raise ValueError("is not an http or https address")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(
            "must be an https address, as the token goes there; http is for this machine alone"
        )
    return typed.rstrip("/") + "/"


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine itself, by a name or a number that leads nowhere else."""
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


def _parse_database_url(typed: str) -> str:
    if not re.match(r"(sqlite:///.|postgres(ql)?(\+psycopg)?://)", typed):
        raise ValueError("is neither sqlite:///FILE nor postgresql://…")
    return typed


def _parse_listen(typed: str) -> tuple[str, int]:
    parts = urlsplit(f"//{typed}")
    if (
        not parts.hostname
        or not parts.port
        or typed.rpartition(":")[2] != str(parts.port)
        or parts.path
    ):
        raise ValueError("is not an address and a port")
    return parts.hostname, parts.port


def _parse_plans(typed: str) -> Mapping[str, Limits]:
    from bot.plans_file import read_plans  # noqa: PLC0415 - needed only where there are plans

    return read_plans(typed)
