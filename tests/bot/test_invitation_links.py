"""Links in mails: made with the first secret, checked with all, found on each database."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot.invitation_links import InvitationLinks
from collab.events import InvitationSent
from collab.invitations.links import Sending
from storage.database import Database
from storage.invitation_links import mark_link_sent
from tests.support.builders import Scenario

BASE = "https://collab.example.com/tools"
OLD, NEW = "o" * 32, "n" * 32


@pytest.fixture
def sending(database: Database) -> Sending:
    world = Scenario(database)
    world.create_company()
    invitation = world.send_invitation("nina@client.example")
    nina = world.events_of_type(InvitationSent)[-1].person
    return Sending(world.workspace, invitation, nina, 4)


def token_of(url: str) -> str:
    assert re.fullmatch(re.escape(BASE) + r"/i/[A-Za-z0-9_-]{43}", url)
    return url.rpartition("/")[2]


@pytest.mark.rule("OUT-02")
def test_a_link_leads_to_its_sending_and_the_same_mail_has_the_same(
    database: Database, sending: Sending
) -> None:
    links = InvitationLinks(BASE, [NEW], database.invitation_links)

    url, link = links.create_link(sending)

    assert links.create_link(sending) == (url, link)
    found = links.find_link(token_of(url))
    assert found is not None
    assert (found.sending, found.is_newest) == (sending, True)


@pytest.mark.rule("OUT-02")
def test_a_later_mail_ends_a_link_once_it_was_sent(
    database: Database, sending: Sending
) -> None:
    links = InvitationLinks(BASE, [NEW], database.invitation_links)
    url, _ = links.create_link(sending)
    later_url, later = links.create_link(replace(sending, seq=7))

    def which_work() -> list[bool]:
        found = [links.find_link(token_of(each)) for each in (url, later_url)]
        return [each.is_newest for each in found if each]

    assert which_work() == [True, True]
    assert not links.was_mailed(sending.workspace, sending.invitation)
    with database.engine.begin() as connection:
        mark_link_sent(connection, later)
    assert which_work() == [False, True]
    assert links.was_mailed(sending.workspace, sending.invitation)


@pytest.mark.rule("OUT-02")
def test_a_secret_that_was_withdrawn_ends_its_links(
    database: Database, sending: Sending
) -> None:
    store = database.invitation_links
    url, _ = InvitationLinks(BASE, [OLD], store).create_link(sending)
    token = token_of(url)

    assert InvitationLinks(BASE, [NEW, OLD], store).find_link(token)
    assert InvitationLinks(BASE, [NEW], store).find_link(token) is None
    renewed, _ = InvitationLinks(BASE, [NEW, OLD], store).create_link(sending)
    assert token_of(renewed) != token


@pytest.mark.parametrize("token", ["", "x" * 43, "x" * 42, "é" * 43, "../" * 20])
def test_nothing_is_found_for_what_is_no_token(
    sqlite_database: Database, token: str
) -> None:
    links = InvitationLinks(BASE, [NEW], sqlite_database.invitation_links)

    assert links.find_link(token) is None


def test_the_log_says_why_a_link_is_unknown_without_its_token(
    database: Database, sending: Sending, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "collab.web")
    links = InvitationLinks(BASE, [OLD], database.invitation_links)
    token = token_of(links.create_link(sending)[0])
    withdrawn = InvitationLinks(BASE, [NEW], database.invitation_links)
    foreign = "a" * len(token)
    cases = [
        (links, f"{token}.", "cut off or has something behind it"),
        (links, token[:-1], "cut off or has something behind it"),
        (links, foreign, "this database doesn't have"),
        (withdrawn, token, "its secret is no longer in COLLAB_SECRET"),
    ]
    for opened_by, opened, reason in cases:
        caplog.clear()
        assert opened_by.find_link(opened) is None
        assert reason in caplog.text
        assert token[:-1] not in caplog.text
        assert foreign not in caplog.text
