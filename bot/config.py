"""The settings, read from the environment and `.env`: the fields of `Config`.

No message and no repr shows a secret.
"""

# ruff: noqa: RUF009 - setting() returns a dataclass field

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot import setting_parsers as parsers
from bot.logs import LogForm, parse_log_form
from collab import limits

USAGE_EXIT_CODE = 2  # the exit code when a setting or an argument is wrong
DEFAULT_FILES_FOLDER = Path("collab-files")
DEFAULT_LISTENER = ("127.0.0.1", 3000)
# The default reminders: after 2 and 5 of 7 days.
DEFAULT_REMINDER_FRACTIONS = (2 / 7, 5 / 7)


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """One setting: its variable, how its text is parsed, its purpose and an example."""

    name: str
    parse: Callable[[str], object]
    purpose: str
    example: str


def setting(
    name: str,
    *,
    parse: Callable[[str], object],
    purpose: str,
    example: str,
    default: object = MISSING,
    default_factory: Any = MISSING,
    is_secret: bool = False,
) -> Any:
    """Return a dataclass field for a setting; one without a default is required."""
    spec = SettingSpec(name, parse, purpose, example)
    return field(
        default=default,
        default_factory=default_factory,
        repr=not is_secret,
        metadata={"spec": spec},
    )


@dataclass(frozen=True, slots=True)
class Config:
    """All settings, parsed."""

    bot_token: str | None = setting(
        "SLACK_BOT_TOKEN",
        parse=parsers.build_token_parser("xoxb-"),
        default=None,
        purpose=(
            "the bot token that Collab uses to call Slack, in one workspace;"
            " many workspaces need SLACK_CLIENT_ID in its place"
        ),
        example="xoxb-1234-5678-abcd",
        is_secret=True,
    )
    app_token: str | None = setting(
        "SLACK_APP_TOKEN",
        parse=parsers.build_token_parser("xapp-"),
        default=None,
        purpose="the app-level token; turns on Socket Mode",
        example="xapp-1-A0123-4567-abcd",
        is_secret=True,
    )
    signing_secret: str | None = setting(
        "SLACK_SIGNING_SECRET",
        parse=parsers.parse_signing_secret,
        default=None,
        purpose="verifies that HTTP requests come from Slack; required without SLACK_APP_TOKEN",
        example="8f742231b10e8888abcd99yyy",
        is_secret=True,
    )
    api_url: str = setting(
        "SLACK_API_URL",
        parse=parsers.parse_api_url,
        default="https://slack.com/api/",
        purpose="a different URL for Slack's Web API, for tests and emulators",
        example="http://127.0.0.1:8080/api/",
    )
    database_url: str = setting(
        "DATABASE_URL",
        parse=parsers.parse_database_url,
        default="sqlite:///collab.sqlite3",
        purpose="the database that Collab stores everything in",
        example="postgresql://collab@localhost/collab",
        is_secret=True,
    )
    is_pooled: bool | None = setting(
        "COLLAB_POOLED",
        parse=limits.parse_switch,
        default=None,
        purpose=(
            "whether a pooler like PgBouncer in transaction mode is in front of"
            " PostgreSQL, on or off; found out by default"
        ),
        example="on",
    )
    own_listener: tuple[str, int] | None = setting(
        "COLLAB_LISTEN",
        parse=parsers.parse_listen_address,
        default=None,
        purpose="the address to listen on for HTTP: Slack's requests, pages and probes",
        example="127.0.0.1:3000",
    )
    log_form: LogForm = setting(
        "COLLAB_LOG",
        parse=parse_log_form,
        default=LogForm.TEXT,
        purpose="the form of log lines: text, or json with one object a line",
        example="json",
    )
    metrics_listener: tuple[str, int] | None = setting(
        "COLLAB_METRICS_LISTEN",
        parse=parsers.parse_listen_address,
        default=None,
        purpose="the address at which Prometheus reads /metrics; keep it private",
        example="127.0.0.1:9464",
    )
    invitation_lifetime: timedelta = setting(
        "COLLAB_INVITATION_LIFETIME",
        parse=limits.parse_lifetime,
        default=timedelta(days=7),
        purpose="how long until an unanswered invitation expires, 1d to 90d",
        example="7d",
    )
    reminder_delays: tuple[timedelta, ...] = setting(
        "COLLAB_REMINDERS",
        parse=limits.parse_reminder_times,
        default=(timedelta(days=2), timedelta(days=5)),
        purpose="when to remind people of an unanswered invitation, before it expires, or off",
        example="2d,5d",
    )
    tick_interval: timedelta = setting(
        "COLLAB_TICK",
        parse=parsers.parse_tick_interval,
        default=timedelta(seconds=30),
        purpose="how often Collab checks for work that's due, 1s to 1h",
        example="30s",
    )
    daily_invitation_limit: int = setting(
        "COLLAB_DAILY_INVITATIONS",
        parse=limits.parse_daily_limit,
        default=50,
        purpose="how many invitations a person can send a day, 1 to 100000",
        example="50",
    )
    has_quiet_hours: bool = setting(
        "COLLAB_QUIET_HOURS",
        parse=limits.parse_switch,
        default=True,
        purpose="whether reminders are only sent in the invited person's working hours, on or off",
        example="on",
    )
    files_folder: Path | None = setting(
        "COLLAB_FILES",
        parse=parsers.parse_files_place,
        default=DEFAULT_FILES_FOLDER,
        purpose="the folder to store invoice PDFs in, or `database` to store them there",
        example="/var/lib/collab/files",
    )
    base_url: str | None = setting(
        "COLLAB_BASE_URL",
        parse=parsers.parse_base_url,
        default=None,
        purpose="the address at which people outside Slack open Collab's pages",
        example="https://collab.example.com",
    )
    smtp_server: parsers.SmtpServer | None = setting(
        "SMTP_URL",
        parse=parsers.parse_smtp_url,
        default=None,
        purpose="the mail server that sends invitations to people outside Slack; needs COLLAB_BASE_URL",
        example="smtp://user:password@mail.example.com:587",
        is_secret=True,
    )
    mail_sender: str | None = setting(
        "COLLAB_MAIL_FROM",
        parse=parsers.parse_mail_address,
        default=None,
        purpose="the address that emails are sent from; by default collab@ and the host of COLLAB_BASE_URL",
        example="collab@example.com",
    )
    bounce_address: str | None = setting(
        "COLLAB_BOUNCE_ADDRESS",
        parse=parsers.parse_mail_address,
        default=None,
        purpose=(
            "the address that reports about emails come back to, with a code after"
            " a plus sign; `collab mail receive` reads them"
        ),
        example="bounces@example.com",
    )
    link_secrets: tuple[str, ...] = setting(
        "COLLAB_SECRET",
        parse=parsers.parse_secrets,
        default=(),
        purpose=(
            "makes the links in emails, required with COLLAB_BASE_URL;"
            " several are separated by commas, and the first makes new links"
        ),
        example="3f1c0d…, a text of at least 32 random characters",
        is_secret=True,
    )
    client_id: str | None = setting(
        "SLACK_CLIENT_ID",
        parse=str,
        default=None,
        purpose=(
            "lets people sign in with Slack on Collab's pages and, without"
            " SLACK_BOT_TOKEN, install Collab in many workspaces; needs"
            " SLACK_CLIENT_SECRET and COLLAB_BASE_URL"
        ),
        example="1234.5678",
    )
    client_secret: str | None = setting(
        "SLACK_CLIENT_SECRET",
        parse=str,
        default=None,
        purpose="proves to Slack that it's Collab where people sign in or install it",
        example="a text of 32 characters, from the app's Basic Information",
        is_secret=True,
    )
    plans: Mapping[str, limits.RoleLimits] = setting(
        "COLLAB_PLANS",
        parse=parsers.parse_plans,
        default_factory=dict,
        purpose="a TOML file with limits on a company's roles, by plan",
        example="plans.toml",
    )

    @property
    def sender_address(self) -> str:
        """Return the address that mails are sent from."""
        host = urlsplit(self.base_url or "").hostname
        return self.mail_sender or f"collab@{host}"

    @property
    def serves_many_workspaces(self) -> bool:
        """Return whether workspaces install Collab by OAuth."""
        return self.bot_token is None

    @property
    def has_own_listener(self) -> bool:
        """Return whether the address to listen on is set."""
        return self.own_listener is not None

    @property
    def listen_address(self) -> tuple[str, int]:
        """Return the host and the port for HTTP."""
        return self.own_listener or DEFAULT_LISTENER

    @property
    def is_socket_mode(self) -> bool:
        """Return whether Slack is reached through Socket Mode, not HTTP."""
        return self.app_token is not None


_FIELDS = {each.name: each for each in fields(Config)}
SETTING_SPECS: Mapping[str, SettingSpec] = {
    each.metadata["spec"].name: each.metadata["spec"] for each in fields(Config)
}


class FatalError(Exception):
    """Collab cannot start or go on; one line says why and what to do."""

    def __init__(self, line: str, code: int = 1) -> None:
        super().__init__(line)
        self.code = code  # the exit code


class InvalidSetting(FatalError):
    """A setting is missing or malformed; the line never quotes its value."""

    def __init__(self, name: str, problem: str) -> None:
        spec = SETTING_SPECS[name]
        super().__init__(
            f"{name} {problem}: {spec.purpose}. Example: {name}={spec.example}",
            USAGE_EXIT_CODE,
        )
        self.name = name


def read_config(environ: Mapping[str, str], folder: Path) -> Config:
    """Return the settings of an environment and of the `.env` in a folder.

    Raises FatalError.
    """
    texts = read_setting_texts(environ, folder)
    config = Config(**{name: read_setting(texts, name) for name in _FIELDS})
    config = replace(config, database_url=_read_pooled_database_url(texts))
    if config.serves_many_workspaces:
        _check_oauth_settings(config)
    if config.smtp_server and not config.base_url:
        raise InvalidSetting("COLLAB_BASE_URL", "is missing")
    if config.base_url and not config.link_secrets:
        raise InvalidSetting("COLLAB_SECRET", "is missing")
    if "COLLAB_REMINDERS" not in texts:
        return replace(config, reminder_delays=_default_reminder_delays(config))
    if any(delay >= config.invitation_lifetime for delay in config.reminder_delays):
        raise InvalidSetting(
            "COLLAB_REMINDERS", "must be shorter than COLLAB_INVITATION_LIFETIME"
        )
    return config


def _check_oauth_settings(config: Config) -> None:
    """Reject settings with which no workspace can install Collab."""
    for name, value in (
        ("SLACK_CLIENT_SECRET", config.client_secret),
        ("COLLAB_BASE_URL", config.base_url),
        ("COLLAB_SECRET", config.link_secrets),
    ):
        if not value:
            raise InvalidSetting(name, "is missing")


def read_database_url(environ: Mapping[str, str], folder: Path) -> str:
    """Return the database's URL, for commands that need few settings."""
    return _read_pooled_database_url(read_setting_texts(environ, folder))


def _read_pooled_database_url(texts: Mapping[str, str]) -> str:
    """Return the database's URL; it also says whether there is a pooler, if set."""
    url: str = read_setting(texts, "database_url")
    is_pooled: bool | None = read_setting(texts, "is_pooled")
    if is_pooled is None or url.startswith("sqlite"):
        return url
    parameter = f"collab_pooled={'on' if is_pooled else 'off'}"
    return f"{url}{'&' if '?' in url else '?'}{parameter}"


def read_files_folder(environ: Mapping[str, str], folder: Path) -> Path | None:
    """Return the folder of invoices' PDFs, for commands that need few settings.

    None if they are in the database.
    """
    files_folder: Path | None = read_setting(
        read_setting_texts(environ, folder), "files_folder"
    )
    return files_folder


def read_bounce_settings(
    environ: Mapping[str, str], folder: Path
) -> tuple[str | None, tuple[str, ...]]:
    """Return the address of bounces and the secrets, for a command that needs few
    settings.
    """
    texts = read_setting_texts(environ, folder)
    return read_setting(texts, "bounce_address"), read_setting(texts, "link_secrets")


def read_setting_texts(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the texts of the settings by name.

    The environment wins over `.env`; a blank value means that the setting is not set.
    """
    texts = {**_read_env_file(folder / ".env"), **environ}
    return {
        name: texts[name].strip()
        for name in SETTING_SPECS
        if texts.get(name, "").strip()
    }


def read_setting(texts: Mapping[str, str], field_name: str) -> Any:
    """Return the parsed value of one field of `Config`, or its default."""
    config_field = _FIELDS[field_name]
    spec: SettingSpec = config_field.metadata["spec"]
    if spec.name not in texts:
        if _is_required(config_field, texts):
            raise InvalidSetting(spec.name, "is missing")
        return _default_of(config_field)
    try:
        return spec.parse(texts[spec.name])
    except ValueError as error:
        raise InvalidSetting(spec.name, str(error)) from None


def _is_required(config_field: Field[Any], texts: Mapping[str, str]) -> bool:
    if config_field.name == "bot_token":
        return "SLACK_CLIENT_ID" not in texts
    if config_field.name == "signing_secret":
        return "SLACK_APP_TOKEN" not in texts
    return config_field.default is MISSING and config_field.default_factory is MISSING


def _default_of(config_field: Field[Any]) -> Any:
    if config_field.default_factory is not MISSING:
        return config_field.default_factory()
    return config_field.default


def _read_env_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values  # noqa: PLC0415 - slow to import

    try:
        values = dotenv_values(path, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        line = (
            f"{path} can't be read as UTF-8 text: write one NAME=value setting per line"
        )
        raise FatalError(line, USAGE_EXIT_CODE) from None
    return {name: value or "" for name, value in values.items()}


def _default_reminder_delays(config: Config) -> tuple[timedelta, ...]:
    return tuple(
        config.invitation_lifetime * fraction for fraction in DEFAULT_REMINDER_FRACTIONS
    )
