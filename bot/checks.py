"""Is everything in place: settings, database, tokens and scopes; and what to do where it is not."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from bot.compose import check_files, slack_words, sqlite_file, using
from bot.playground import manifest
from bot.settings import Settings, Stopped
from bot.slack import SlackTrouble, answered, call, web_client
from collab.due_work import DueFailure

Finding = tuple[bool | None, str]


def checks(settings: Settings) -> Iterator[Finding]:
    """Every finding: whether it is fine, or None for what is only worth a note, and a line."""
    yield True, f"settings: {_mode(settings)}, invitations live {settings.lifetime.days} days"
    yield from _database(settings.database_url)
    yield _files(settings.files)
    yield from _privacy(settings)
    yield True, _plans(settings)
    yield from _token(settings)
    if settings.app_token:
        yield _app_token(settings, settings.app_token)


def _mode(settings: Settings) -> str:
    host, port = settings.listen
    return "Socket Mode" if settings.socket_mode else f"HTTP on {host}:{port}"


def _database(url: str) -> Iterator[Finding]:
    file = sqlite_file(url)
    if file and not file.exists():
        yield True, f"database: {file} will be made at the first start"
        return
    try:
        with using(url) as database:
            place, failures = database.place, database.due_failures.list()
    except Stopped as stopped:
        yield False, f"database: {stopped}"
        return
    yield True, f"database: {place}"
    for failure in failures:
        yield False, f"due work: {_failure(failure)}"


def _failure(failure: DueFailure) -> str:
    which = f"the {failure.kind} {failure.item}" if failure.item else f"every {failure.kind}"
    return (
        f"{which} in workspace {failure.workspace} failed {failure.attempts} times (in the log: {failure.error_id}); "
        f"it is tried again at {failure.retry_at:%Y-%m-%d %H:%M} UTC"
    )


def _files(folder: Path) -> Finding:
    try:
        there = check_files(folder)
    except Stopped as stopped:
        return False, f"files: {stopped}"
    return True, f"files: {folder}" + ("" if there else " will be made with the first invoice")


def _privacy(settings: Settings) -> Iterator[Finding]:
    """What other users of the machine may read, and whether Collab runs as the one who may do everything."""
    file = sqlite_file(settings.database_url)
    databases = [file.with_name(file.name + end) for end in ("", "-wal", "-shm")] if file else []
    named = [("database", database) for database in databases]
    for name, path in (*named, (".env", Path(".env")), ("files", settings.files)):
        if path.exists() and path.stat().st_mode & stat.S_IRWXO:
            mode = "700" if path.is_dir() else "600"
            yield False, f"{name}: other users of this machine may use {path}: run `chmod {mode} {path}`"
    if os.geteuid() == 0:
        yield None, "user: this is root, who may do everything here; run Collab as a user of its own"


def _plans(settings: Settings) -> str:
    return f"plans: {', '.join(settings.plans) or 'none, so no limits'}"


def _token(settings: Settings) -> Iterator[Finding]:
    try:
        answer = answered(web_client(settings.bot_token, settings.api_url), "auth.test")
    except SlackTrouble as trouble:
        yield False, f"bot token: {slack_words(trouble.code, 'SLACK_BOT_TOKEN', settings.api_url)}"
        return
    yield True, f"bot token: {answer['team']} ({answer['team_id']}), as {answer['user_id']}"
    headers = {name.lower(): value for name, value in answer.headers.items()}
    yield _scopes(headers.get("x-oauth-scopes", ""))


def _scopes(header: str) -> Finding:
    granted = {scope.strip() for scope in header.split(",")}
    missing = sorted(manifest.load().scopes - granted)
    if missing:
        return False, f"scopes: {', '.join(missing)} missing; update the app from manifest.yml and install it again"
    return True, "scopes: all that the manifest declares"


def _app_token(settings: Settings, token: str) -> Finding:
    try:
        call(web_client(token, settings.api_url), "apps.connections.open")
    except SlackTrouble as trouble:
        return False, f"app token: {slack_words(trouble.code, 'SLACK_APP_TOKEN', settings.api_url)}"
    return True, "app token: a socket can be opened"
