"""Is everything in place: settings, database, tokens and scopes; and what to do where it is not."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from bot.bootstrap import (
    check_file_folder,
    describe_slack_problem,
    sqlite_path,
    use_database,
)
from bot.config import Config, FatalError
from bot.playground import manifest
from bot.slack.client import build_web_client, call_api, call_api_with_headers
from bot.slack.errors import SlackCallFailed
from collab.model import DueFailure

CheckResult = tuple[bool | None, str]


def run_checks(settings: Config) -> Iterator[CheckResult]:
    """Every finding: whether it is fine, or None for what is only worth a note, and a line."""
    yield (
        True,
        f"settings: {_check_mode(settings)}, invitations live {settings.invitation_lifetime.days} days",
    )
    yield from _check_database(settings.database_url)
    yield _check_files(settings.files_folder)
    yield from _check_privacy(settings)
    yield True, _check_plans(settings)
    yield from _check_bot_token(settings)
    if settings.app_token:
        yield _check_app_token(settings, settings.app_token)


def _check_mode(settings: Config) -> str:
    host, port = settings.listen_address
    return "Socket Mode" if settings.is_socket_mode else f"HTTP on {host}:{port}"


def _check_database(url: str) -> Iterator[CheckResult]:
    file = sqlite_path(url)
    if file and not file.exists():
        yield True, f"database: {file} will be made at the first start"
        return
    try:
        with use_database(url) as database:
            place, failures = database.masked_url, database.due_failures.list_failures()
    except FatalError as stopped:
        yield False, f"database: {stopped}"
        return
    yield True, f"database: {place}"
    for failure in failures:
        yield False, f"due work: {_describe_due_failure(failure)}"


def _describe_due_failure(failure: DueFailure) -> str:
    which = (
        f"the {failure.kind} {failure.item}"
        if failure.item
        else f"every {failure.kind}"
    )
    return (
        f"{which} in workspace {failure.workspace} failed {failure.attempts} times (in the log: {failure.error_id}); "
        f"it is tried again at {failure.retry_at:%Y-%m-%d %H:%M} UTC"
    )


def _check_files(folder: Path) -> CheckResult:
    try:
        there = check_file_folder(folder)
    except FatalError as stopped:
        return False, f"files: {stopped}"
    return True, f"files: {folder}" + (
        "" if there else " will be made with the first invoice"
    )


def _check_privacy(settings: Config) -> Iterator[CheckResult]:
    """What other users of the machine may read, and whether Collab runs as the one who may do everything."""
    file = sqlite_path(settings.database_url)
    databases = (
        [file.with_name(file.name + end) for end in ("", "-wal", "-shm")]
        if file
        else []
    )
    named = [("database", database) for database in databases]
    for name, path in (
        *named,
        (".env", Path(".env")),
        ("files", settings.files_folder),
    ):
        if path.exists() and path.stat().st_mode & stat.S_IRWXO:
            mode = "700" if path.is_dir() else "600"
            yield (
                False,
                f"{name}: other users of this machine may use {path}: run `chmod {mode} {path}`",
            )
    if os.geteuid() == 0:
        yield (
            None,
            "user: this is root, who may do everything here; run Collab as a user of its own",
        )


def _check_plans(settings: Config) -> str:
    return f"plans: {', '.join(settings.plans) or 'none, so no limits'}"


def _check_bot_token(settings: Config) -> Iterator[CheckResult]:
    try:
        answer = call_api_with_headers(
            build_web_client(settings.bot_token, settings.api_url), "auth.test"
        )
    except SlackCallFailed as trouble:
        yield (
            False,
            f"bot token: {describe_slack_problem(trouble.code, 'SLACK_BOT_TOKEN', settings.api_url)}",
        )
        return
    yield (
        True,
        f"bot token: {answer['team']} ({answer['team_id']}), as {answer['user_id']}",
    )
    headers = {name.lower(): value for name, value in answer.headers.items()}
    yield _check_scopes(headers.get("x-oauth-scopes", ""))


def _check_scopes(header: str) -> CheckResult:
    granted = {scope.strip() for scope in header.split(",")}
    missing = sorted(manifest.load_manifest().scopes - granted)
    if missing:
        return (
            False,
            f"scopes: {', '.join(missing)} missing; update the app from manifest.yml and install it again",
        )
    return True, "scopes: all that the manifest declares"


def _check_app_token(settings: Config, token: str) -> CheckResult:
    try:
        call_api(build_web_client(token, settings.api_url), "apps.connections.open")
    except SlackCallFailed as trouble:
        return (
            False,
            f"app token: {describe_slack_problem(trouble.code, 'SLACK_APP_TOKEN', settings.api_url)}",
        )
    return True, "app token: a socket can be opened"
