"""A token is read once a burst, and renewed once, however many ask for it."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.slack import installed_tokens
from bot.slack.client import SlackClient, build_web_client
from bot.slack.errors import FailureKind, SlackCallFailed
from bot.slack.installed_tokens import InstalledTokens
from bot.slack.oauth import SlackOAuth
from bot.slack.oauth_credentials import OAuthCredentials
from collab.installations import Installation, Tokens
from collab.model import WorkspaceId
from collab.unit_of_work import Unavailable
from storage.database import Database
from tests.support.fake_oauth import (
    CLIENT_ID,
    CLIENT_SECRET,
    FakeOAuth,
    serve_fake_oauth,
)

AT = datetime(2026, 10, 5, 9, tzinfo=UTC)
ACME = WorkspaceId("TACME")
SECRETS = ("a-secret-of-32-characters-or-more",)
EXPIRED = AT - timedelta(minutes=1)
SOON = AT + timedelta(minutes=90)
# Of two processes.
RACES = 200 if os.environ.get("COLLAB_SOAK") else 25


@pytest.fixture
def fake() -> Iterator[FakeOAuth]:
    with serve_fake_oauth() as served:
        yield served


def install(
    database: Database, expires_at: datetime | None, refresh_token: str = "xoxe-1-0"
) -> None:
    tokens = Tokens("xoxb-first", refresh_token if expires_at else None, expires_at)
    database.open_installations(SECRETS).save(
        Installation(ACME, tokens, frozenset({"commands"}), AT)
    )


def build_tokens(database: Database, api_url: str) -> InstalledTokens:
    credentials = OAuthCredentials(CLIENT_ID, CLIENT_SECRET, "https://c.example.com")
    oauth = SlackOAuth(credentials, build_web_client(None, api_url), lambda: AT)
    return InstalledTokens(database.open_installations(SECRETS), oauth, lambda: AT)


def test_a_burst_reads_the_row_once(
    sqlite_database: Database, fake: FakeOAuth, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(sqlite_database, None)
    tokens = build_tokens(sqlite_database, fake.api_url)
    reads = []
    find = tokens._store.find

    def count_reads(workspace: WorkspaceId) -> Installation | None:
        reads.append(workspace)
        return find(workspace)

    monkeypatch.setattr(tokens._store, "find", count_reads)
    assert {tokens.get_token(ACME) for _ in range(50)} == {"xoxb-first"}
    assert reads == [ACME]
    tokens.forget(ACME)
    tokens.get_token(ACME)
    monkeypatch.setattr(installed_tokens, "BURST_SECONDS", 0.0)
    tokens.forget(ACME)
    tokens.get_token(ACME)
    tokens.get_token(ACME)
    assert len(reads) == 4
    assert not fake.renewals


def test_where_the_app_is_not_installed_nothing_is_called(
    sqlite_database: Database, fake: FakeOAuth
) -> None:
    tokens = build_tokens(sqlite_database, fake.api_url)
    with pytest.raises(SlackCallFailed, match="not_installed"):
        tokens.get_token(WorkspaceId("TNONE"))


def test_an_expired_token_is_renewed_before_the_call(
    database: Database, fake: FakeOAuth
) -> None:
    install(database, EXPIRED)
    tokens = build_tokens(database, fake.api_url)
    assert tokens.get_token(ACME) == "xoxe.xoxb-1"
    assert tokens.get_token(ACME) == "xoxe.xoxb-1"
    assert build_tokens(database, fake.api_url).get_token(ACME) == "xoxe.xoxb-1"
    assert (fake.renewals, fake.refused_renewals) == (1, 0)


def test_a_token_that_expires_soon_is_used_while_it_is_renewed(
    sqlite_database: Database, fake: FakeOAuth
) -> None:
    fake.delay_seconds = 0.2
    install(sqlite_database, SOON)
    tokens = build_tokens(sqlite_database, fake.api_url)
    assert tokens.get_token(ACME) == "xoxb-first"
    tokens.renew_expiring()
    assert tokens.get_token(ACME) == "xoxe.xoxb-1"
    assert fake.renewals == 1


def test_a_renewal_that_fails_is_tried_again_after_its_claim(
    sqlite_database: Database, fake: FakeOAuth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installed_tokens, "WAIT_SECONDS", 0.2)
    install(sqlite_database, EXPIRED)
    fake.failure = "internal_error"
    tokens = build_tokens(sqlite_database, fake.api_url)
    with pytest.raises(SlackCallFailed, match="token_not_renewed"):
        tokens.get_token(ACME)
    fake.failure = ""
    with pytest.raises(SlackCallFailed, match="token_not_renewed"):
        tokens.get_token(ACME)  # the claim lasts longer than a call
    monkeypatch.setattr(installed_tokens, "RENEWAL_LEASE", timedelta())
    installation = sqlite_database.open_installations(SECRETS).find(ACME)
    assert installation
    with sqlite_database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE installations SET refresh_until = 0")
    assert tokens.get_token(ACME) == "xoxe.xoxb-1"


def test_renewed_tokens_are_saved_though_the_database_fails_for_a_while(
    sqlite_database: Database, fake: FakeOAuth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installed_tokens, "SAVE_PAUSE_SECONDS", 0.01)
    install(sqlite_database, EXPIRED)
    tokens = build_tokens(sqlite_database, fake.api_url)
    save = tokens._store.replace_tokens
    failures = [Unavailable("busy"), Unavailable("unreachable")]

    def fail_first(*args: Any) -> bool:
        if failures:
            raise failures.pop()
        return save(*args)

    monkeypatch.setattr(tokens._store, "replace_tokens", fail_first)
    assert tokens.get_token(ACME) == "xoxe.xoxb-1"
    assert build_tokens(sqlite_database, fake.api_url).get_token(ACME) == "xoxe.xoxb-1"


def test_a_token_without_its_secret_is_logged_and_tried_again(
    sqlite_database: Database, fake: FakeOAuth, caplog: pytest.LogCaptureFixture
) -> None:
    other = sqlite_database.open_installations(["another-secret-of-32-characters"])
    other.save(Installation(ACME, Tokens("xoxb-first"), frozenset(), AT))
    tokens = build_tokens(sqlite_database, fake.api_url)
    with pytest.raises(SlackCallFailed, match="tokens_unreadable"):
        tokens.get_token(ACME)
    assert "COLLAB_SECRET" in caplog.text
    assert "first" not in caplog.text


def test_teams_of_an_organisation_are_changed_one_by_one(
    sqlite_database: Database, fake: FakeOAuth
) -> None:
    install(sqlite_database, None)
    tokens = build_tokens(sqlite_database, fake.api_url)

    def revoked() -> frozenset[str]:
        found = tokens.find(ACME)
        assert found
        return found.revoked_teams

    tokens.change_teams(ACME, ["TONE", "TTWO"], is_granted=False)
    assert revoked() == {"TONE", "TTWO"}
    tokens.change_teams(ACME, ["TTWO", "TNEW"], is_granted=True)
    assert revoked() == {"TONE"}
    tokens.change_teams(WorkspaceId("TNONE"), ["TONE"], is_granted=False)


def test_a_refused_token_is_read_anew_and_the_call_repeated_later(
    sqlite_database: Database, fake: FakeOAuth
) -> None:
    """The app was just removed, which an event will say, or another token is saved."""
    install(sqlite_database, None)
    tokens = build_tokens(sqlite_database, fake.api_url)
    slack = SlackClient(build_web_client(None, fake.api_url), tokens)
    fake.failure = "token_revoked"
    with pytest.raises(SlackCallFailed, match="token_refused") as refused:
        slack.call_method(ACME, "chat.postMessage", text="Hello")
    assert refused.value.kind is FailureKind.TRANSIENT
    assert ACME not in tokens._cached


def test_threads_of_one_process_renew_once(database: Database, fake: FakeOAuth) -> None:
    install(database, EXPIRED)
    tokens = build_tokens(database, fake.api_url)
    with ThreadPoolExecutor(8) as pool:
        got = set(pool.map(lambda _: tokens.get_token(ACME), range(16)))
    assert got == {"xoxe.xoxb-1"}
    assert (fake.renewals, fake.refused_renewals) == (1, 0)


def _race(
    url: str, api_url: str, *, is_guarded: bool, start: Any, answers: Any
) -> None:
    """Ask for the token in a process of its own, whenever both are told to."""
    database = Database.open(url)
    tokens = build_tokens(database, api_url)
    if not is_guarded:
        tokens._store.claim_refresh = lambda *_: True  # type: ignore[method-assign]
    while start.recv():
        tokens.forget(ACME)
        try:
            answers.send(tokens.get_token(ACME))
        except SlackCallFailed as failed:
            answers.send(failed.code)
    database.close()


class Racers:
    """Two processes that ask for one token at the same moment."""

    def __init__(self, url: str, api_url: str, *, is_guarded: bool) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipes = []
        self.processes = []
        for _ in range(2):
            start, start_end = context.Pipe()
            answers, answers_end = context.Pipe()
            process = context.Process(
                target=_race,
                args=(url, api_url),
                kwargs={
                    "is_guarded": is_guarded,
                    "start": start_end,
                    "answers": answers_end,
                },
                daemon=True,
            )
            process.start()
            self.processes.append(process)
            self.pipes.append((start, answers))

    def race(self) -> list[str]:
        """Return what both got."""
        for start, _ in self.pipes:
            start.send(True)
        return [answers.recv() for _, answers in self.pipes]

    def stop(self) -> None:
        """End both."""
        for start, _ in self.pipes:
            start.send(False)
        for process in self.processes:
            process.join(10)


def run_races(
    database_url: str, fake: FakeOAuth, count: int, *, is_guarded: bool
) -> list[list[str]]:
    """Let two processes ask for an expired token, again and again."""
    database = Database.open(database_url)
    racers = Racers(database_url, fake.api_url, is_guarded=is_guarded)
    answers = []
    try:
        for _ in range(count):
            install(database, EXPIRED, fake.refresh_token)
            answers.append(racers.race())
    finally:
        racers.stop()
        database.close()
    return answers


@pytest.mark.slow
def test_two_processes_renew_a_token_once(database_url: str, fake: FakeOAuth) -> None:
    for number, got in enumerate(
        run_races(database_url, fake, RACES, is_guarded=True), start=1
    ):
        assert got == [f"xoxe.xoxb-{number}"] * 2
    assert (fake.renewals, fake.refused_renewals) == (RACES, 0)
    with closing(Database.open(database_url)) as database:
        newest = database.open_installations(SECRETS).find(ACME)
    assert newest
    assert newest.tokens.refresh_token == fake.refresh_token


@pytest.mark.slow
def test_without_the_claim_both_use_the_refresh_token(
    database_url: str, fake: FakeOAuth
) -> None:
    """The negative control: one of the two is refused."""
    fake.delay_seconds = 0.02
    run_races(database_url, fake, 20, is_guarded=False)
    assert fake.refused_renewals


def test_an_earlier_renewal_does_not_replace_a_later_installation(
    sqlite_database: Database, fake: FakeOAuth, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(sqlite_database, EXPIRED)
    tokens = build_tokens(sqlite_database, fake.api_url)
    renew = tokens.oauth.renew_tokens
    store = sqlite_database.open_installations(SECRETS)

    def install_meanwhile(refresh_token: str) -> Tokens:
        renewed = renew(refresh_token)
        before = store.find(ACME)
        assert before
        store.save(replace(before, tokens=Tokens("xoxb-installed-again")))
        return renewed

    monkeypatch.setattr(tokens.oauth, "renew_tokens", install_meanwhile)
    assert tokens.get_token(ACME) == "xoxb-installed-again"
