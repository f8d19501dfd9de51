"""My page: signing in by a link, and what people outside Slack see and do there."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bot.sign_in_links import SIGN_IN_REQUEST, RequestedLink, SignInLinks
from bot.web.sessions import COOKIE_NAME, Session, Sessions
from collab.billing.invoices import AddInvoices, NewInvoice
from collab.events import (
    InvitationAccepted,
    InvitationMuted,
    InvoiceAdded,
    MemberLeft,
    MemberRemoved,
    MemberRestored,
    PersonSet,
    PersonSignedOut,
    PersonVerified,
    SignInRequested,
)
from collab.memberships.commands import RemoveMember
from collab.model import PersonId, WorkspaceId
from collab.operators import SwitchWorkspace
from collab.sign_ins import MAX_LINKS
from storage.database import Database
from tests.support.office import BASE, NINA, SECRET, Office, find_nonce

PDF = b"%PDF-1.4 an invoice %%EOF"
FOREIGN_KEY = "another" * 6


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    """Return a world in which Nina, by her address, is an owner of Acme with Ada."""
    office = Office(sqlite_database)
    _, path = office.invite(role="owner")
    office.answer(path, "accept")
    office.client.delete_cookie(COOKIE_NAME)
    return office


def press(office: Office, path: str, action: str, **fields: str) -> TestResponse:
    """Press the button of an action, with the values of its form."""
    page = office.open(path)
    forms = re.findall("<form.*?</form>", page, re.DOTALL)
    form = next(each for each in forms if f'value="{action}"' in each)
    value = re.search('name="value" value="([^"]*)"', form)
    typed = {"value": value[1]} if value else {}
    nonce = find_nonce(form)
    return office.send(path, action=action, nonce=nonce, **(typed | fields))


# Signing in


@pytest.mark.rule("OUT-03")
def test_a_link_signs_in_by_a_press(office: Office) -> None:
    path = office.request_sign_in()
    assert path
    before = office.snapshot()
    for method in ("GET", "HEAD"):
        assert office.client.open(path, method=method).status_code == 200
    assert office.snapshot() == before

    response = office.answer(path, "enter")

    assert (response.status_code, response.location) == (303, f"{BASE}/me")
    cookie = response.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Strict", "Secure", "Path=/tools/me;"):
        assert part in cookie
    verified = office.world.events_of_type(PersonVerified)[-1]
    assert verified.person == office.person_id_of()
    office.keep_cookie(response)
    page = office.open("/me")
    assert "Acme" in page
    assert "owner" in page
    assert NINA.partition("@")[0] in page


@pytest.mark.rule("OUT-02")
def test_a_link_works_once_for_half_an_hour_until_the_next_one(office: Office) -> None:
    used = office.request_sign_in() or ""
    nonce = find_nonce(office.open(used))
    assert office.send(used, action="enter", nonce=nonce).status_code == 303
    assert office.send(used, action="enter", nonce=nonce).status_code == 410
    assert office.client.get(used).status_code == 410

    older = office.request_sign_in() or ""
    older_nonce = find_nonce(office.open(older))
    office.world.at += timedelta(minutes=1)
    newer = office.request_sign_in() or ""
    newer_nonce = find_nonce(office.open(newer))
    assert office.send(older, action="enter", nonce=older_nonce).status_code == 410
    assert office.client.get(older).status_code == 410
    office.world.at += timedelta(minutes=30)
    assert office.send(newer, action="enter", nonce=newer_nonce).status_code == 410
    page = office.client.get(newer)
    assert page.status_code == 410
    assert 'value="enter"' not in page.text


@pytest.mark.rule("OUT-02")
@pytest.mark.parametrize("address", [NINA, "nobody@client.example", "no address"])
def test_the_answer_is_the_same_for_every_address(office: Office, address: str) -> None:
    response = office.answer("/me", "send_link", email=address)

    assert response.status_code == 200
    shown = address.replace("@", "@\u2060") if "@" in address else "this address"
    assert f"If {shown} is known here" in response.text.replace(".\u2060", ".")
    assert "Try another address" in response.text
    # Nobody was looked up: what was typed is dealt with later.
    assert not office.world.events_of_type(SignInRequested)


def test_a_request_for_a_link_is_queued_for_each_workspace(office: Office) -> None:
    office.answer("/me", "send_link", email=f" {NINA.upper()} ")

    outbox = office.world.database.outbox
    queued = outbox.claim_deliveries(100, timedelta(minutes=1))
    (request,) = [each for each in queued if each.message == SIGN_IN_REQUEST]
    assert request.payload == {"email": NINA}


@pytest.mark.rule("OUT-07")
def test_no_request_for_a_link_keeps_the_address(office: Office) -> None:
    targets = []
    for _ in range(2):
        office.answer("/me", "send_link", email=NINA)
        outbox = office.world.database.outbox
        queued = outbox.claim_deliveries(100, timedelta(minutes=1))
        (request,) = [each for each in queued if each.message == SIGN_IN_REQUEST]
        outbox.mark_sent(request)
        targets.append(request.target)

    assert len(set(targets)) == 2  # made of something else than the address


@pytest.mark.rule("OUT-06")
def test_nobody_is_mailed_more_than_five_links_a_day(office: Office) -> None:
    for _ in range(MAX_LINKS):
        assert office.request_sign_in()
    office.world.at += timedelta(days=1, minutes=1)
    assert office.request_sign_in()


@pytest.mark.rule("OUT-03")
@pytest.mark.parametrize("address", ["ada@example.com", "nobody@client.example"])
def test_who_is_not_known_by_an_address_alone_gets_no_link(
    office: Office, address: str
) -> None:
    assert office.request_sign_in(address) is None


# Attacks


def forge(office: Office, key: str = SECRET, **changes: Any) -> str:
    """Return the cookie of a session that was not opened by a link."""
    usual: dict[str, Any] = {
        "workspace": office.world.workspace,
        "person": office.person_id_of(),
        "opened_at": office.now(),
        "opened_seq": 1,
    }
    session = Session(**(usual | changes))
    _, header = Sessions(BASE, (key,)).create_cookie(session)
    return header.partition(";")[0].partition("=")[2]


@pytest.mark.parametrize(
    "value", ["", "x", "a.b.c.d.e", "é", "....", "." * 500, "T1.P1.1.1."]
)
def test_what_is_no_session_signs_in_nobody(office: Office, value: str) -> None:
    office.client.set_cookie(COOKIE_NAME, value, path="/")

    assert "Email me a link" in office.open("/me")
    assert office.client.get("/me/resources/R1").location == f"{BASE}/me"


def test_a_session_needs_a_key_of_ours_a_person_and_a_workspace(
    office: Office,
) -> None:
    office.client.set_cookie(COOKIE_NAME, forge(office), path="/")
    assert "Sign out" in office.open("/me")
    for cookie in (
        forge(office, FOREIGN_KEY),
        forge(office, person=PersonId("P999")),
        forge(office, workspace=WorkspaceId("T2")),
        forge(office, opened_at=office.now() - timedelta(hours=1)),
        forge(office, opened_at=office.now() + timedelta(hours=1)),
    ):
        office.client.set_cookie(COOKIE_NAME, cookie, path="/")
        assert "Email me a link" in office.open("/me")


def test_a_token_of_one_purpose_is_none_of_another(office: Office) -> None:
    link = RequestedLink(office.world.workspace, office.person_id_of(), 1)
    url = SignInLinks(BASE, (FOREIGN_KEY,)).create_url(link)
    assert office.client.get(url.removeprefix(BASE)).status_code == 410
    assert office.client.get(f"/me/enter/{forge(office)}").status_code == 410


def test_a_session_ends_after_an_hour_and_when_signing_out(office: Office) -> None:
    office.sign_in()
    stolen = office.client.get_cookie(COOKIE_NAME, path="/")
    assert stolen
    office.world.at += timedelta(minutes=59)
    assert "Sign out" in office.open("/me")

    response = press(office, "/me", "sign_out")

    assert "Max-Age=0" in response.headers["Set-Cookie"]
    assert office.world.events_of_type(PersonSignedOut)
    assert "Email me a link" in office.open("/me")
    after = office.open(response.location.removeprefix(BASE))
    assert "You're signed out" in after.replace("&#39;", "'")
    office.sign_in()
    assert "Sign out" in office.open("/me")
    office.world.at += timedelta(hours=1)
    page = office.open("/me")
    assert "Email me a link" in page
    assert "Your session has ended" in page


def test_signing_out_keeps_the_language(office: Office) -> None:
    office.sign_in()
    press(office, "/me", "language")
    english = {"Accept-Language": "en"}
    link = office.request_sign_in() or ""
    assert '<html lang="de">' in office.open(link, **english)

    response = press(office, "/me", "sign_out")

    office.client.delete_cookie(COOKIE_NAME)
    path = response.location.removeprefix(BASE)
    page = office.open(path, **english)
    assert '<html lang="de">' in page
    nonce = find_nonce(page)
    sent = office.client.post(
        path, data={"nonce": nonce, "email": NINA}, headers=english
    )
    assert '<html lang="de">' in sent.text
    assert 'href="/tools/me?language=de"' in sent.text
    assert '<html lang="en">' in office.open("/me?language=<b>", **english)


@pytest.mark.rule("PER-01")
def test_a_session_and_a_link_end_when_the_record_is_of_an_account(
    office: Office,
) -> None:
    otto = "otto@client.example"
    office.invite(otto)
    link = office.request_sign_in(otto) or ""
    nonce = find_nonce(office.open(link))
    cookie = forge(office, person=office.person_id_of(otto))
    office.client.set_cookie(COOKIE_NAME, cookie, path="/")
    assert "Sign out" in office.open("/me")

    office.world.read_profile("otto", email=otto)

    assert "Email me a link" in office.open("/me")
    assert office.send(link, action="enter", nonce=nonce).status_code == 410


@pytest.mark.rule("OUT-02")
@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_press_on_another_site_changes_nothing(office: Office, site: str) -> None:
    office.sign_in()
    nonce = find_nonce(office.open("/me"))
    link = office.request_sign_in() or ""
    link_nonce = find_nonce(office.open(link))
    before = office.snapshot()

    for path, action, used in (
        ("/me", "sign_out", nonce),
        ("/me", "language", nonce),
        (link, "enter", link_nonce),
    ):
        data = {"action": action, "value": "de", "nonce": used}
        headers = {"Sec-Fetch-Site": site}
        response = office.client.post(path, data=data, headers=headers)
        assert response.status_code == 403

    assert office.snapshot() == before


def test_a_nonce_is_of_one_session(office: Office) -> None:
    office.invite("otto@client.example")
    office.sign_in("otto@client.example")
    foreign = find_nonce(office.open("/me"))
    office.sign_in()

    response = office.send("/me", action="sign_out", nonce=foreign)

    assert response.status_code == 403


@pytest.mark.rule("OUT-02")
def test_another_persons_invitation_cannot_be_seen_or_taken(office: Office) -> None:
    invitation, _ = office.invite("otto@client.example")
    office.sign_in()
    path = f"/me/invitations/{invitation}"

    assert office.client.get(path).status_code == 404
    nonce = find_nonce(office.open("/me"))
    response = office.send(path, action="accept", nonce=nonce)

    assert response.status_code == 404
    assert len(office.world.events_of_type(InvitationAccepted)) == 1


def test_a_removed_person_sees_nothing_more(office: Office) -> None:
    acme = office.world.get_resource("acme").id
    _, path = office.invite("otto@client.example", role="admin")
    response = office.answer(path, "accept")
    office.keep_cookie(response)
    assert office.client.get(f"/me/resources/{acme}").status_code == 200
    otto = office.person_id_of("otto@client.example")
    world = office.world
    world.execute(RemoveMember(world.caller_for("ada"), otto, "acme"))

    assert office.client.get(f"/me/resources/{acme}").status_code == 404
    assert "You don&#39;t have access" in office.open("/me") or (
        "You don't have access" in office.open("/me")
    )


@pytest.mark.parametrize("base", ["https://a.example", "https://a.example/x/y"])
def test_links_are_built_from_the_setting_alone(
    sqlite_database: Database, base: str
) -> None:
    office = Office(sqlite_database, base)
    office.invite()
    path = office.request_sign_in() or ""
    nonce = find_nonce(office.open(path))
    headers = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Prefix": "/evil",
        "Origin": "https://evil.example",
    }

    response = office.client.post(path, data={"nonce": nonce}, headers=headers)

    assert response.location == f"{base}/me"
    office.keep_cookie(response)
    prefix = base.removeprefix("https://a.example")
    page = office.open("/me", **headers)
    addresses = re.findall(r'(?:href|src|action)="([^"]*)"', page)
    assert addresses
    assert all(each.startswith((f"{prefix}/me", f"{prefix}/i/")) for each in addresses)
    assert "evil" not in page


# What they see and do


@pytest.mark.rule("OUT-03")
def test_what_needs_an_answer_is_answered_there(office: Office) -> None:
    world = office.world
    world.create_resource("app", "Shop", "acme")
    world.create_resource("app", "Blog")
    invitation, _ = office.invite(role="developer", what="blog", note="Hi")
    office.sign_in()
    page = office.open("/me")
    assert "Needs your answer" in page
    path = f"/me/invitations/{invitation}"
    assert f'href="/tools{path}"' in page

    response = office.answer(path, "accept")

    assert (response.status_code, response.location) == (303, BASE + path)
    assert "You accepted this invitation" in office.open(path)
    assert "Needs your answer" not in office.open("/me")
    assert "Your access (3)" in office.open("/me")


@pytest.mark.rule("MEM-13")
def test_only_the_addresses_of_others_are_hidden(office: Office) -> None:
    shop = office.world.create_resource("app", "Shop", "acme")
    otto = "otto@client.example"
    for who in (otto, "eva@books.example"):
        _, path = office.invite(who, role="developer", what="shop")
        office.answer(path, "accept")
    office.sign_in(otto)

    page = office.open(f"/me/resources/{office.world.get_resource(shop).id}")

    assert "otto@" in page
    assert "(you)" in page
    assert "eva@" not in page
    assert "Someone at" in page


@pytest.mark.rule("INV-10")
def test_all_reminders_are_stopped_with_one_press(office: Office) -> None:
    for title in ("Shop", "Blog"):
        office.world.create_resource("app", title)
        office.invite(role="developer", what=title.lower())
    office.sign_in()

    press(office, "/me", "mute")

    assert len(office.world.events_of_type(InvitationMuted)) == 2
    assert "Stop reminders" not in office.open("/me")


@pytest.mark.rule("MEM-11")
def test_they_leave_and_take_it_back(office: Office) -> None:
    office.sign_in()
    acme = office.world.get_resource("acme").id
    path = f"/me/resources/{acme}/leave"
    assert f'href="/tools{path}"' in office.open(f"/me/resources/{acme}")
    page = office.open(path)
    assert "Leave <strong>Acme</strong>?" in page
    assert "You&#39;re an owner now" in page or "You're an owner now" in page

    response = press(office, path, "leave")

    assert response.status_code == 303
    assert office.world.events_of_type(MemberLeft)
    done = response.location.removeprefix(BASE)
    assert "Done. You can undo this for 10 minutes." in office.open(done)
    press(office, done, "undo")
    assert office.world.events_of_type(MemberRestored)
    assert "Your access (1)" in office.open("/me")


@pytest.mark.rule("MEM-04")
def test_the_last_owner_is_told_what_to_do(office: Office) -> None:
    world = office.world
    world.leave_resource("ada", "acme")
    office.sign_in()
    acme = world.get_resource("acme").id

    assert "/leave" not in office.open(f"/me/resources/{acme}")
    response = office.client.get(f"/me/resources/{acme}/leave")

    assert response.status_code == 422
    assert "Acme" in response.text


@pytest.mark.rule("MEM-05")
def test_they_remove_whom_the_rules_let_them(office: Office) -> None:
    world = office.world
    shop = world.create_resource("app", "Shop", "acme")
    world.add_member("carl", "developer", shop)
    resource = world.get_resource(shop)
    carl = world.person_id_of("carl")
    office.sign_in()
    path = f"/me/resources/{resource.id}/remove/{carl}"
    assert f'href="/tools{path}"' in office.open(f"/me/resources/{resource.id}")
    assert "Remove" in office.open(path)

    assert press(office, path, "remove", value="0" * 16).status_code == 200
    assert not world.events_of_type(MemberRemoved)
    assert press(office, path, "remove").status_code == 303

    removed = world.events_of_type(MemberRemoved)[-1]
    assert removed.person == carl
    recorded = world.list_recorded_events()[-1]
    assert (recorded.actor, recorded.origin) == (office.person_id_of(), "web")
    # What the rules forbid has no link and is refused.
    acme = world.get_resource("acme").id
    ada = world.person_id_of("ada")
    assert f"/remove/{ada}" not in office.open(f"/me/resources/{acme}")
    response = office.client.get(f"/me/resources/{acme}/remove/{ada}")
    assert response.status_code == 422


@pytest.mark.rule("OUT-03")
@pytest.mark.rule("PER-02")
def test_an_id_tells_nothing_about_who_has_no_role(office: Office) -> None:
    world = office.world
    world.register_people("devi")
    acme, devi = world.get_resource("acme").id, world.person_id_of("devi")
    office.sign_in()

    answers = {
        (response.status_code, response.text.replace(person_id, ""))
        for person_id in (devi, "P0")
        for response in [office.client.get(f"/me/resources/{acme}/remove/{person_id}")]
    }

    ((status, text),) = answers
    assert status == 404
    assert "Devi" not in text


@pytest.mark.rule("BIL-07")
def test_invoices_are_read_by_whom_the_rules_let(office: Office) -> None:
    world = office.world
    card = world.create_resource("payment", "Main card", "acme")
    invoice = NewInvoice(
        card,
        "2026/7",
        date(2026, 11, 1),
        Decimal("12.50"),
        "EUR",
        office.files.save(PDF),
        len(PDF),
    )
    added = world.execute(AddInvoices(world.system_caller(), (invoice,)))
    invoice_id = added.get_event(InvoiceAdded).invoice
    resource = world.get_resource(card)
    office.sign_in()

    page = office.open(f"/me/resources/{resource.id}")
    response = office.client.get(f"/me/invoices/{invoice_id}")

    assert "2026/7" in page.replace("\u2060", "")
    assert f'href="/tools/me/invoices/{invoice_id}"' in page
    assert (response.data, response.mimetype) == (PDF, "application/pdf")
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="2026-7.pdf"'
    )
    world.create_resource("app", "Shop", "acme")
    _, path = office.invite("otto@client.example", role="developer", what="shop")
    office.keep_cookie(office.answer(path, "accept"))
    assert office.client.get(f"/me/invoices/{invoice_id}").status_code == 404
    assert office.client.get(f"/me/resources/{resource.id}").status_code == 404


def test_a_language_is_chosen(office: Office) -> None:
    office.sign_in()

    press(office, "/me", "language")

    chosen = office.world.events_of_type(PersonSet)[-1]
    assert (chosen.setting, chosen.value) == ("language", "de")
    page = office.open("/me", **{"Accept-Language": "en"})
    assert '<html lang="de">' in page
    nonce = find_nonce(page)
    office.send("/me", action="language", nonce=nonce, value="<b>")
    assert office.world.events_of_type(PersonSet)[-1] == chosen


def test_reading_every_page_changes_nothing(office: Office) -> None:
    world = office.world
    world.create_resource("app", "Shop", "acme")
    world.add_member("carl", "developer", "shop")
    office.invite(role="developer", what="shop")
    office.sign_in()
    before = office.snapshot()
    seen, ahead = set[str](), ["/me"]

    while ahead:
        path = ahead.pop()
        seen.add(path)
        host = f"203.0.113.{len(seen) % 200}"
        for method in ("HEAD", "GET"):
            response = office.client.open(
                path, method=method, environ_overrides={"REMOTE_ADDR": host}
            )
            assert response.status_code == 200, path
        links = re.findall('href="/tools([^"]*)"', response.text)
        ahead += [each for each in links if each not in {*seen, *ahead}]

    assert len(seen) >= 7
    assert office.snapshot() == before


@pytest.mark.parametrize(
    "path", ["/me/", "/me/things", "/me/resources/x", "/me/nothing", "/me/enter/"]
)
def test_what_is_not_there_is_a_page(office: Office, path: str) -> None:
    office.sign_in()
    assert office.client.get(path).status_code in {404, 410}
    assert office.client.put("/me").status_code == 405


def test_where_collab_is_switched_off_the_pages_show_nothing(office: Office) -> None:
    office.sign_in()
    assert "Acme" in office.open("/me")
    _, path = office.invite("otto@client.example")
    operator = office.world.system_caller("cli")
    office.world.execute(SwitchWorkspace(operator, is_enabled=False))
    for shown in ("/me", path):
        assert "Acme" not in office.open(shown)
    office.world.execute(SwitchWorkspace(operator, is_enabled=True))
    for shown in ("/me", path):
        assert "Acme" in office.open(shown)
