"""Installations are stored encrypted, and read and replaced as what they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from collab.installations import Installation, Tokens, UnreadableTokens
from collab.model import WorkspaceId
from storage.database import Database
from storage.tables import installations

AT = datetime(2026, 10, 5, 9, tzinfo=UTC)
OLD, NEW = "old-secret-" * 4, "new-secret-" * 4
ACME, OTHER = WorkspaceId("TACME"), WorkspaceId("TOTHER")
LEASE = timedelta(seconds=30)
TOKENS = Tokens("xoxe.xoxb-first", "xoxe-1-first", AT + timedelta(hours=12))
RENEWED = Tokens("xoxe.xoxb-second", "xoxe-1-second", AT + timedelta(hours=24))
INSTALLATION = Installation(ACME, TOKENS, frozenset({"chat:write", "commands"}), AT)


def test_an_installation_comes_back(database: Database) -> None:
    store = database.open_installations([NEW])
    store.save(INSTALLATION)
    assert store.find(ACME) == INSTALLATION
    assert store.find(OTHER) is None
    lasting = replace(INSTALLATION, tokens=Tokens("xoxb-lasting"), workspace=OTHER)
    store.save(lasting)
    assert (store.find(ACME), store.find(OTHER)) == (INSTALLATION, lasting)
    assert store.list_expiring(AT + timedelta(days=9)) == [ACME]
    assert store.list_expiring(AT) == []


def test_the_next_installation_replaces_it(database: Database) -> None:
    store = database.open_installations([NEW])
    store.save(INSTALLATION)
    store.save(replace(INSTALLATION, tokens=RENEWED))
    assert store.find(ACME) == replace(INSTALLATION, tokens=RENEWED, generation=1)
    # Who renews the token of the earlier installation comes too late.
    assert not store.replace_tokens(INSTALLATION, Tokens("xoxe.xoxb-late"))


def test_tokens_are_neither_readable_in_the_database_nor_shown(
    database: Database,
) -> None:
    store = database.open_installations([NEW])
    store.save(INSTALLATION)
    with database.engine.connect() as connection:
        stored = repr(connection.execute(select(installations)).all())
    for text in (stored, repr(INSTALLATION), repr(store.find(ACME)), repr(store)):
        assert "first" not in text
        assert NEW not in text


def test_tokens_copied_to_another_workspace_are_of_no_use(database: Database) -> None:
    store = database.open_installations([NEW])
    store.save(INSTALLATION)
    store.save(replace(INSTALLATION, workspace=OTHER))
    stolen = select(installations.c.bot_token).where(installations.c.workspace == ACME)
    with database.engine.begin() as connection:
        connection.execute(
            update(installations)
            .where(installations.c.workspace == OTHER)
            .values(bot_token=connection.execute(stolen).scalar_one())
        )
    assert store.find(ACME)
    with pytest.raises(UnreadableTokens, match="TOTHER"):
        store.find(OTHER)


def test_one_refresh_at_a_time(database: Database) -> None:
    store = database.open_installations([NEW])
    store.save(INSTALLATION)
    assert store.claim_refresh(INSTALLATION, LEASE)
    assert not store.claim_refresh(INSTALLATION, LEASE)
    assert store.replace_tokens(INSTALLATION, RENEWED)
    renewed = store.find(ACME)
    assert renewed == replace(INSTALLATION, tokens=RENEWED, generation=1)
    assert not store.claim_refresh(INSTALLATION, LEASE)
    assert not store.replace_tokens(INSTALLATION, Tokens("xoxe.xoxb-late"))
    assert store.claim_refresh(renewed, LEASE)


def test_a_refresh_that_was_given_up_is_taken_over(database: Database) -> None:
    store = database.open_installations([NEW])
    store.save(INSTALLATION)
    assert store.claim_refresh(INSTALLATION, timedelta())
    assert store.claim_refresh(INSTALLATION, LEASE)


def test_a_new_secret_encrypts_everything_anew(database: Database) -> None:
    before = database.open_installations([OLD])
    stored = [
        replace(INSTALLATION, workspace=WorkspaceId(f"T{number:03}"))
        for number in range(130)
    ]
    for each in stored:
        before.save(each)
    after = database.open_installations([NEW, OLD])
    assert after.encrypt_anew() == 130
    alone = database.open_installations([NEW])
    assert [alone.find(each.workspace) for each in stored] == stored
    with pytest.raises(UnreadableTokens):
        before.find(stored[0].workspace)


def test_a_token_that_is_renewed_meanwhile_is_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.open_installations([OLD]).save(INSTALLATION)
    store = database.open_installations([NEW, OLD])
    read_batch = store._read_batch

    def read_then_renew(after: str) -> object:
        rows = read_batch(after)
        if rows:
            assert store.replace_tokens(INSTALLATION, RENEWED)
        return rows

    monkeypatch.setattr(store, "_read_batch", read_then_renew)
    assert store.encrypt_anew() == 0
    monkeypatch.undo()
    found = database.open_installations([NEW]).find(ACME)
    assert found
    assert found.tokens == RENEWED


def test_revoked_workspaces_of_an_organisation_are_kept(database: Database) -> None:
    store = database.open_installations([NEW])
    organisation = replace(INSTALLATION, workspace=WorkspaceId("EACME"))
    store.save(organisation)
    store.set_revoked_teams(organisation.workspace, {"TONE", "TTWO"})
    found = store.find(organisation.workspace)
    assert found
    assert found.revoked_teams == {"TONE", "TTWO"}
