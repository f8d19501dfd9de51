"""My page shows what is stored about a person, and erases it."""

from __future__ import annotations

import pytest

from collab.events import InvitationRevoked, PersonErased
from storage.database import Database
from tests.support.office import NINA, Office, find_nonce


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    """Return an office in which Nina has accepted an invitation and signed in."""
    office = Office(sqlite_database)
    _, path = office.invite()
    office.answer(path, "accept")
    office.sign_in()
    return office


@pytest.mark.rule("PER-03")
def test_they_read_what_is_stored_and_erase_it(office: Office) -> None:
    assert "/me/about" in office.open("/me")
    page = office.open("/me/about")
    assert NINA.replace("@", "@\u2060") in page or NINA in page.replace("\u2060", "")
    assert "Acme" in page
    assert "/collab" not in page
    assert "Language" not in page
    office.send(
        "/me", action="language", nonce=find_nonce(office.open("/me")), value="de"
    )
    assert "Sprache · Deutsch" in office.open("/me/about")
    office.send(
        "/me", action="language", nonce=find_nonce(office.open("/me")), value="en"
    )
    nina = office.person_id_of()

    assert "/me/about/erase" in page
    assert 'value="erase"' not in page
    question = office.open("/me/about/erase")
    assert "Erase your data?" in question
    assert "All your access ends" in question
    assert 'href="/tools/me/about">Cancel</a>' in question
    assert not office.world.events_of_type(PersonErased)

    response = office.answer("/me/about/erase", "erase")

    assert "<h1>Your data is erased</h1>" in response.text
    assert response.text.count("Your name and addresses are erased") == 1
    assert [e.person for e in office.world.events_of_type(PersonErased)] == [nina]
    assert NINA not in office.snapshot()
    assert "Send link" in office.open("/me") or "email" in office.open("/me")
    assert "Acme" not in office.open("/me")


@pytest.mark.rule("OUT-07")
def test_links_and_sessions_of_erased_people_open_nothing(office: Office) -> None:
    _, path = office.invite(role="owner")
    sign_in_path = office.request_sign_in()
    assert sign_in_path
    office.answer("/me/about/erase", "erase")

    assert office.world.events_of_type(InvitationRevoked)
    assert "This link doesn't work" in office.open(path).replace("&#39;", "'")
    assert office.client.post(sign_in_path).status_code == 403
    assert office.client.get(sign_in_path).status_code == 410
    assert office.request_sign_in() is None


@pytest.mark.rule("OUT-02")
def test_reading_that_page_erases_nothing(office: Office) -> None:
    before = office.snapshot()
    for path in ("/me/about", "/me/about/erase"):
        for method in ("GET", "HEAD"):
            office.client.open(f"{path}?action=erase", method=method)
    assert office.snapshot() == before
    data = {"action": "erase"}
    assert office.client.post("/me/about", data=data).status_code == 405
    assert office.client.post("/me/about/erase", data=data).status_code == 403
    assert office.snapshot() == before
