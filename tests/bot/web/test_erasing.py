"""My page shows what is stored about a person, and erases it."""

from __future__ import annotations

import pytest

from collab.events import InvitationRevoked, PersonErased
from storage.database import Database
from tests.support.office import NINA, Office


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
    nina = office.person_id_of()

    response = office.answer("/me/about", "erase")

    assert "Your name and addresses are erased" in response.text
    assert [e.person for e in office.world.events_of_type(PersonErased)] == [nina]
    assert NINA not in office.snapshot()
    assert "Send link" in office.open("/me") or "email" in office.open("/me")
    assert "Acme" not in office.open("/me")


@pytest.mark.rule("OUT-07")
def test_links_and_sessions_of_erased_people_open_nothing(office: Office) -> None:
    _, path = office.invite(role="owner")
    sign_in_path = office.request_sign_in()
    assert sign_in_path
    office.answer("/me/about", "erase")

    assert office.world.events_of_type(InvitationRevoked)
    assert "This link doesn't work" in office.open(path).replace("&#39;", "'")
    assert office.client.post(sign_in_path).status_code == 403
    assert office.answer(sign_in_path, "enter").status_code == 410
    assert office.request_sign_in() is None


@pytest.mark.rule("OUT-02")
def test_reading_that_page_erases_nothing(office: Office) -> None:
    before = office.snapshot()
    for method in ("GET", "HEAD"):
        office.client.open("/me/about?action=erase", method=method)
    assert office.snapshot() == before
    assert office.client.post("/me/about", data={"action": "erase"}).status_code == 403
    assert office.snapshot() == before
