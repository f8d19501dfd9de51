"""`collab check`: check what Collab needs, and say what to do."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bot.bootstrap import check_file_folder, use_database
from bot.config import Config, FatalError
from bot.delivery.email import MailFailed, SmtpMailer
from bot.operator_messages import describe_slack_problem, describe_unreadable_tokens
from bot.setting_parsers import sqlite_path
from bot.slack.client import build_web_client, call_api, call_api_with_headers
from bot.slack.errors import REFUSED_TOKEN_CODES, SlackCallFailed
from bot.slack.oauth import INSTALL_PATH
from bot.slack.scopes import REQUIRED_SCOPES
from collab.due_failures import DueFailure
from collab.installations import InstallationStore, UnreadableTokens
from collab.model import WorkspaceId

# What each optional scope is for.
SCOPE_PURPOSES = {
    "channels:join": "a button that adds Collab to a public channel before it's linked",
    "team:read": "the names of other companies in shared channels",
}
# Why a mail server cannot be used, by the code of MailFailed.
MAIL_PROBLEMS = {
    "mail_unreachable": "can't be reached; check SMTP_URL and the firewall",
    "mail_delayed": "takes no mails for now",
    "mail_login_refused": "refuses the login; check user and password in SMTP_URL",
    "mail_not_encrypted": (
        "offers no encryption or login, or has no valid certificate;"
        " check the host and port in SMTP_URL, or use smtps://"
    ),
}


class CheckResult(NamedTuple):
    """The result of one check; `is_ok` is None for what is only worth a note."""

    is_ok: bool | None
    line: str


def run_checks(config: Config) -> Iterator[CheckResult]:
    """Run all checks, one after the other."""
    yield _check_settings(config)
    yield from _check_database(config.database_url)
    yield _check_files(config.files_folder)
    yield from _check_file_modes(config)
    yield from _check_user()
    yield _check_plans(config)
    yield _check_mail(config)
    if config.serves_many_workspaces:
        yield from _check_installations(config)
    else:
        yield from _check_bot_token(config)
    if config.app_token:
        yield _check_app_token(config, config.app_token)


def _check_settings(config: Config) -> CheckResult:
    host, port = config.listen_address
    mode = "Socket Mode" if config.is_socket_mode else f"HTTP on {host}:{port}"
    days = config.invitation_lifetime.days
    return CheckResult(True, f"settings: {mode}, invitations expire after {days} days")


def _check_database(url: str) -> Iterator[CheckResult]:
    file = sqlite_path(url)
    if file and not file.exists():
        yield CheckResult(True, f"database: {file} will be created on the first start")
        return
    try:
        with use_database(url) as database:
            address = database.masked_url
            if database.is_pooled:
                address += ", through a pooler"
            failures = database.due_failures.list_failures()
    except FatalError as error:
        yield CheckResult(False, f"database: {error}")
        return
    yield CheckResult(True, f"database: {address}")
    for failure in failures:
        yield CheckResult(False, f"due work: {_describe_due_failure(failure)}")


def _describe_due_failure(failure: DueFailure) -> str:
    work = f"every {failure.kind}"
    if failure.item:
        work = f"the {failure.kind} {failure.item}"
    return (
        f"{work} in workspace {failure.workspace} failed {failure.attempts} times"
        f" (in the log: {failure.error_id});"
        f" next attempt at {failure.retry_at:%Y-%m-%d %H:%M} UTC"
    )


def _check_files(folder: Path | None) -> CheckResult:
    if folder is None:
        return CheckResult(True, "files: in the database")
    try:
        exists = check_file_folder(folder)
    except FatalError as error:
        return CheckResult(False, f"files: {error}")
    if exists:
        return CheckResult(True, f"files: {folder}")
    return CheckResult(True, f"files: {folder} will be created with the first invoice")


def _check_file_modes(config: Config) -> Iterator[CheckResult]:
    """Report each file that other users of the machine may use."""
    for name, path in _list_private_paths(config):
        if path.exists() and path.stat().st_mode & stat.S_IRWXO:
            mode = "700" if path.is_dir() else "600"
            line = (
                f"{name}: other users of this machine can access {path}:"
                f" run `chmod {mode} {path}`"
            )
            yield CheckResult(False, line)


def _list_private_paths(config: Config) -> Iterator[tuple[str, Path]]:
    file = sqlite_path(config.database_url)
    if file:
        for suffix in ("", "-wal", "-shm"):
            yield "database", file.with_name(file.name + suffix)
    yield ".env", Path(".env")
    if config.files_folder:
        yield "files", config.files_folder


def _check_user() -> Iterator[CheckResult]:
    if os.geteuid() == 0:
        line = "user: running as root, with full access to this machine; run Collab as its own user"
        yield CheckResult(None, line)


def _check_plans(config: Config) -> CheckResult:
    names = ", ".join(config.plans) or "none, so no limits"
    return CheckResult(True, f"plans: {names}")


def _check_mail(config: Config) -> CheckResult:
    server = config.smtp_server
    if server is None:
        return CheckResult(True, "mail: none, so only people in Slack are invited")
    address = f"{server.host}:{server.port}"
    try:
        SmtpMailer(server).check()
    except MailFailed as failed:
        line = f"mail: {address} {MAIL_PROBLEMS[failed.code]}"
        return CheckResult(False, line)
    return CheckResult(
        True, f"mail: {address} takes mails, from {config.sender_address}"
    )


def _check_bot_token(config: Config) -> Iterator[CheckResult]:
    client = build_web_client(config.bot_token, config.api_url)
    try:
        answer = call_api_with_headers(client, "auth.test")
    except SlackCallFailed as error:
        yield CheckResult(
            False,
            f"bot token: {describe_slack_problem(error.code, 'SLACK_BOT_TOKEN', config.api_url)}",
        )
        return
    yield CheckResult(
        True,
        f"bot token: {answer['team']} ({answer['team_id']}), as {answer['user_id']}",
    )
    headers = {name.lower(): value for name, value in answer.headers.items()}
    yield _check_scopes(headers.get("x-oauth-scopes", ""))


def _check_installations(config: Config) -> Iterator[CheckResult]:
    """Check the token of each workspace that installed Collab."""
    line = f"workspaces: they install Collab at {config.base_url}{INSTALL_PATH}"
    yield CheckResult(True, line)
    file = sqlite_path(config.database_url)
    if file and not file.exists():
        return
    try:
        with use_database(config.database_url) as database:
            store = database.open_installations(config.link_secrets)
            for workspace in database.event_log.list_workspaces():
                yield from _check_installation(config, store, workspace)
    except FatalError:
        return  # the check of the database says so


def _check_installation(
    config: Config, store: InstallationStore, workspace: WorkspaceId
) -> Iterator[CheckResult]:
    try:
        installation = store.find(workspace)
    except UnreadableTokens:
        line = f"workspace {workspace}: {describe_unreadable_tokens(workspace)}"
        yield CheckResult(False, line)
        return
    if installation is None:
        yield CheckResult(None, f"workspace {workspace}: Collab isn't installed there")
        return
    client = build_web_client(installation.tokens.bot_token, config.api_url)
    try:
        call_api(client, "auth.test")
    except SlackCallFailed as error:
        line = f"workspace {workspace}: {_describe_refusal(error.code, config)}"
        is_ok = None if error.code == "token_expired" else False
        yield CheckResult(is_ok, line)
        return
    yield CheckResult(True, f"workspace {workspace}: its token works")
    yield _check_scopes(",".join(installation.scopes))


def _describe_refusal(code: str, config: Config) -> str:
    if code == "token_expired":
        return "its token has expired, and `collab run` renews it"
    if code in REFUSED_TOKEN_CODES:
        return f"Slack refuses its token ({code}): install Collab there again"
    return describe_slack_problem(code, "its token", config.api_url)


def _check_scopes(header: str) -> CheckResult:
    granted = {scope.strip() for scope in header.split(",")}
    missing = sorted(REQUIRED_SCOPES - granted)
    left_out = [
        f"{scope} missing (for {purpose})"
        for scope, purpose in SCOPE_PURPOSES.items()
        if scope not in granted
    ]
    if not missing and left_out:
        return CheckResult(None, f"optional scopes: {', '.join(left_out)}")
    if not missing:
        return CheckResult(True, "scopes: all in the manifest are granted")
    line = (
        f"scopes: {', '.join(missing)} missing;"
        " update the app from manifest.yml and reinstall it"
    )
    return CheckResult(False, line)


def _check_app_token(config: Config, token: str) -> CheckResult:
    try:
        call_api(build_web_client(token, config.api_url), "apps.connections.open")
    except SlackCallFailed as error:
        return CheckResult(
            False,
            f"app token: {describe_slack_problem(error.code, 'SLACK_APP_TOKEN', config.api_url)}",
        )
    return CheckResult(True, "app token: Socket Mode works")
