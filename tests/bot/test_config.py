"""Settings: each is parsed, each mistake is one line that names it, and no secret is shown."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import (
    SETTING_SPECS,
    Config,
    FatalError,
    InvalidSetting,
    read_config,
    read_database_url,
)
from bot.slack.sign_in import build_credentials
from collab.limits import parse_setting_duration

BOT = "xoxb-1111-2222-secretsecret"
APP = "xapp-1-A111-secretsecret"
SIGNING = "5ecre75ecre75ecre75ecre7"
SECRET = "5ecre7" * 6
SOCKET = {"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP}
ROOT = Path(__file__).parent.parent.parent


def read(tmp_path: Path, **more: str) -> Config:
    return read_config(SOCKET | more, tmp_path)


def test_defaults(tmp_path: Path) -> None:
    config = read(tmp_path)
    assert config.api_url == "https://slack.com/api/"
    assert config.database_url == "sqlite:///collab.sqlite3"
    assert config.listen_address == ("127.0.0.1", 3000)
    assert config.invitation_lifetime == timedelta(days=7)
    assert config.reminder_delays == (timedelta(days=2), timedelta(days=5))
    assert config.tick_interval == timedelta(seconds=30)
    assert config.has_quiet_hours is True
    assert config.files_folder == Path("collab-files")
    assert config.plans == {}
    assert config.is_socket_mode


@pytest.mark.parametrize(
    ("url", "typed", "expected"),
    [
        ("postgresql://u@h/d", "on", "postgresql://u@h/d?collab_pooled=on"),
        ("postgresql://h/d?a=b", "off", "postgresql://h/d?a=b&collab_pooled=off"),
        ("postgresql://u@h/d", "", "postgresql://u@h/d"),
        ("sqlite:///x.sqlite3", "on", "sqlite:///x.sqlite3"),
    ],
)
def test_the_database_url_says_whether_there_is_a_pooler(
    tmp_path: Path, url: str, typed: str, expected: str
) -> None:
    texts = {"DATABASE_URL": url, "COLLAB_POOLED": typed}
    assert read(tmp_path, **texts).database_url == expected
    assert read_database_url(texts, tmp_path) == expected


def test_http_without_an_app_token_needs_the_signing_secret(
    tmp_path: Path,
) -> None:
    with pytest.raises(InvalidSetting, match="SLACK_SIGNING_SECRET is missing"):
        read_config({"SLACK_BOT_TOKEN": BOT}, tmp_path)
    config = read_config(
        {"SLACK_BOT_TOKEN": BOT, "SLACK_SIGNING_SECRET": SIGNING}, tmp_path
    )
    assert not config.is_socket_mode
    assert config.signing_secret == SIGNING


def test_signing_in_needs_pages_client_id_and_secret(tmp_path: Path) -> None:
    texts = {
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "a-client-secret",
        "COLLAB_BASE_URL": "https://collab.example.com",
    }
    for absent in (None, *texts):
        given = {name: text for name, text in texts.items() if name != absent}
        config = read(tmp_path, **given, COLLAB_SECRET=SECRET)
        credentials = build_credentials(
            config.base_url, config.client_id, config.client_secret
        )
        assert (credentials is None) == (absent is not None)
        assert "a-client-secret" not in repr(config)


OAUTH = {
    "SLACK_APP_TOKEN": APP,
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "a-client-secret",
    "COLLAB_BASE_URL": "https://collab.example.com",
    "COLLAB_SECRET": SECRET,
}


def test_without_a_bot_token_many_workspaces_are_served(tmp_path: Path) -> None:
    assert read_config(OAUTH, tmp_path).serves_many_workspaces
    one = read_config({**OAUTH, "SLACK_BOT_TOKEN": BOT}, tmp_path)
    assert not one.serves_many_workspaces


@pytest.mark.parametrize(
    ("absent", "named"),
    [
        ("SLACK_CLIENT_ID", "SLACK_BOT_TOKEN"),
        ("SLACK_CLIENT_SECRET", "SLACK_CLIENT_SECRET"),
        ("COLLAB_BASE_URL", "COLLAB_BASE_URL"),
        ("COLLAB_SECRET", "COLLAB_SECRET"),
    ],
)
def test_many_workspaces_need_all_settings_of_oauth(
    tmp_path: Path, absent: str, named: str
) -> None:
    given = {name: text for name, text in OAUTH.items() if name != absent}
    with pytest.raises(InvalidSetting, match=f"{named} is missing"):
        read_config(given, tmp_path)


@pytest.mark.parametrize(
    ("name", "typed", "field", "value"),
    [
        (
            "SLACK_API_URL",
            "http://127.0.0.1:8080/api",
            "api_url",
            "http://127.0.0.1:8080/api/",
        ),
        (
            "SLACK_API_URL",
            "http://localhost:8080/api/",
            "api_url",
            "http://localhost:8080/api/",
        ),
        (
            "SLACK_API_URL",
            "http://[::1]:8080/api/",
            "api_url",
            "http://[::1]:8080/api/",
        ),
        (
            "SLACK_API_URL",
            "https://slack-gov.com/api/",
            "api_url",
            "https://slack-gov.com/api/",
        ),
        (
            "DATABASE_URL",
            "postgresql://u:p@h/d",
            "database_url",
            "postgresql://u:p@h/d",
        ),
        ("COLLAB_LISTEN", "0.0.0.0:8080", "listen_address", ("0.0.0.0", 8080)),
        ("COLLAB_LISTEN", "[::1]:8080", "listen_address", ("::1", 8080)),
        ("COLLAB_INVITATION_LIFETIME", "48h", "invitation_lifetime", timedelta(days=2)),
        (
            "COLLAB_REMINDERS",
            " 3d, 1d ,1d",
            "reminder_delays",
            (timedelta(days=1), timedelta(days=3)),
        ),
        ("COLLAB_REMINDERS", "off", "reminder_delays", ()),
        ("COLLAB_TICK", "15m", "tick_interval", timedelta(minutes=15)),
        ("COLLAB_FILES", "/srv/invoices", "files_folder", Path("/srv/invoices")),
        ("COLLAB_FILES", "database", "files_folder", None),
        ("COLLAB_FILES", "./database", "files_folder", Path("database")),
        ("COLLAB_QUIET_HOURS", "Off", "has_quiet_hours", False),
        ("COLLAB_POOLED", "on", "is_pooled", True),
        ("COLLAB_POOLED", "", "is_pooled", None),
        ("COLLAB_SECRET", f"{SECRET}, {'b' * 40}", "link_secrets", (SECRET, "b" * 40)),
        ("COLLAB_MAIL_FROM", "post@acme.example", "mail_sender", "post@acme.example"),
        ("COLLAB_QUIET_HOURS", "  ", "has_quiet_hours", True),
    ],
)
def test_each_setting_is_parsed(
    tmp_path: Path, name: str, typed: str, field: str, value: object
) -> None:
    assert getattr(read(tmp_path, **{name: typed}), field) == value


def test_mail_needs_an_address_for_links_and_a_secret(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="COLLAB_BASE_URL is missing"):
        read(tmp_path, SMTP_URL="smtp://localhost")
    with pytest.raises(InvalidSetting, match="COLLAB_SECRET is missing"):
        read(tmp_path, COLLAB_BASE_URL="https://collab.example.com")


def test_the_mail_server_and_its_password_are_read_and_never_shown(
    tmp_path: Path,
) -> None:
    config = read(
        tmp_path,
        SMTP_URL="smtp://post:p%40ss@mail.example.com",
        COLLAB_BASE_URL="https://collab.example.com/tools/",
        COLLAB_SECRET=SECRET,
    )

    server = config.smtp_server
    assert server is not None
    assert (server.host, server.port, server.user) == ("mail.example.com", 587, "post")
    assert server.password == "p@ss"
    assert (server.starts_encrypted, server.needs_encryption) == (False, True)
    assert config.base_url == "https://collab.example.com/tools"
    assert "p@ss" not in repr(config) + repr(server)
    assert SECRET not in repr(config)


def test_mail_to_this_machine_needs_no_encryption(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        SMTP_URL="smtp://localhost:2525",
        COLLAB_BASE_URL="http://localhost:3000",
        COLLAB_SECRET=SECRET,
    )

    server = config.smtp_server
    assert server is not None
    assert (server.port, server.needs_encryption) == (2525, False)


def test_default_reminders_scale_with_the_lifetime(tmp_path: Path) -> None:
    config = read(tmp_path, COLLAB_INVITATION_LIFETIME="14d")
    assert config.reminder_delays == (timedelta(days=4), timedelta(days=10))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1-wrong-kind"),
        ("SLACK_BOT_TOKEN", "xoxb-with space"),
        ("SLACK_BOT_TOKEN", ""),
        ("SLACK_APP_TOKEN", "xoxb-1111-2222-3333"),
        ("SLACK_SIGNING_SECRET", "short"),
        ("SLACK_API_URL", "file:///etc/passwd"),
        ("SLACK_API_URL", "slack.com"),
        ("SLACK_API_URL", "http://[bad/"),
        ("SLACK_API_URL", "http://slack.com/api/"),
        ("SLACK_API_URL", "http://emulator:8080/api/"),
        ("SLACK_API_URL", "http://192.168.1.2/api/"),
        ("SLACK_API_URL", "http://127.0.0.1.example.com/api/"),
        ("SLACK_API_URL", "http://127.0.0.1@example.com/api/"),
        ("SLACK_API_URL", "http://0.0.0.0/api/"),
        ("DATABASE_URL", "mysql://h/d"),
        ("DATABASE_URL", "sqlite://x"),
        ("COLLAB_LISTEN", "3000"),
        ("COLLAB_LISTEN", "127.0.0.1"),
        ("COLLAB_LISTEN", "127.0.0.1:0"),
        ("COLLAB_LISTEN", "127.0.0.1:99999"),
        ("COLLAB_LISTEN", "http://127.0.0.1:3000"),
        ("COLLAB_INVITATION_LIFETIME", "7"),
        ("COLLAB_INVITATION_LIFETIME", "23h"),
        ("COLLAB_INVITATION_LIFETIME", "91d"),
        ("COLLAB_REMINDERS", "2d;5d"),
        ("COLLAB_REMINDERS", "2d,"),
        ("COLLAB_REMINDERS", "0d"),
        ("COLLAB_REMINDERS", "2d,7d"),
        ("COLLAB_TICK", "0s"),
        ("COLLAB_TICK", "2h"),
        ("COLLAB_TICK", "-5s"),
        ("COLLAB_QUIET_HOURS", "maybe"),
        ("COLLAB_BASE_URL", "http://collab.example.com"),
        ("COLLAB_BASE_URL", "https://collab.example.com/?a=b"),
        ("COLLAB_BASE_URL", "collab.example.com"),
        ("COLLAB_SECRET", "short"),
        ("COLLAB_SECRET", f"{'a' * 32},short"),
        ("COLLAB_MAIL_FROM", "no address"),
        ("SMTP_URL", "mail.example.com"),
        ("SMTP_URL", "imap://mail.example.com"),
        ("SMTP_URL", "smtp://mail.example.com/path"),
        ("SMTP_URL", "smtp://mail.example.com:70000"),
        ("SMTP_URL", "smtp://[::1"),
        ("COLLAB_BASE_URL", "https://collab.example.com:port"),
        ("COLLAB_BASE_URL", "https://[::1"),
        ("SLACK_API_URL", "https://slack.example:port/api/"),
    ],
)
def test_invalid_setting_is_one_line_with_purpose_and_example(
    tmp_path: Path, name: str, typed: str
) -> None:
    with pytest.raises(InvalidSetting) as error:
        read(tmp_path, **{name: typed})
    line = str(error.value)
    assert line.startswith(f"{name} ")
    assert SETTING_SPECS[name].purpose in line
    assert f"Example: {name}={SETTING_SPECS[name].example}" in line
    assert "\n" not in line
    assert error.value.code == 2
    assert len(typed) < 5 or typed not in line.partition(" Example: ")[0]


@pytest.mark.parametrize(
    "typed", ["smtp://post:5ecret", "smtp://post:5ecret/x@mail.example.com"]
)
def test_a_password_in_a_malformed_url_is_not_repeated(
    tmp_path: Path, typed: str
) -> None:
    with pytest.raises(InvalidSetting) as error:
        read(tmp_path, SMTP_URL=typed)
    assert "5ecret" not in str(error.value)


def test_reminders_must_lie_within_the_lifetime(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="COLLAB_REMINDERS must be shorter than"):
        read(tmp_path, COLLAB_INVITATION_LIFETIME="3d", COLLAB_REMINDERS="2d,5d")


def test_environment_overrides_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        f"SLACK_BOT_TOKEN={BOT}\nSLACK_APP_TOKEN='{APP}'\nCOLLAB_TICK=1m\nSHELL=${{HOME}}\n"
    )
    config = read_config({"COLLAB_TICK": "2m"}, tmp_path)
    assert (config.bot_token, config.app_token, config.tick_interval) == (
        BOT,
        APP,
        timedelta(minutes=2),
    )


def test_blank_variable_unsets_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"SLACK_APP_TOKEN={APP}\n")
    config = read_config(
        {
            "SLACK_BOT_TOKEN": BOT,
            "SLACK_APP_TOKEN": "",
            "SLACK_SIGNING_SECRET": SIGNING,
        },
        tmp_path,
    )
    assert not config.is_socket_mode


def test_unreadable_env_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00A")
    with pytest.raises(FatalError, match="can't be read as UTF-8") as error:
        read(tmp_path)
    assert error.value.code == 2


def test_repr_shows_no_secret(tmp_path: Path) -> None:
    shown = repr(
        read(
            tmp_path,
            SLACK_SIGNING_SECRET=SIGNING,
            DATABASE_URL="postgresql://u:passw0rd@h/d",
        )
    )
    for secret in (BOT, APP, SIGNING, "passw0rd"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("30s", 30), ("15 min", 900), ("12h", 43_200), ("7 days", 604_800)],
)
def test_durations(typed: str, seconds: int) -> None:
    assert parse_setting_duration(typed) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "typed", ["", "7", "d", "1.5h", "-1d", "0d", "7 moons", "1d2h", "9999999w"]
)
def test_invalid_durations_are_rejected(typed: str) -> None:
    with pytest.raises(ValueError, match="isn't a length of time"):
        parse_setting_duration(typed)


def test_example_file_names_every_setting() -> None:
    text = (ROOT / ".env.example").read_text()
    assert set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE)) == set(SETTING_SPECS)
