"""The page of an invitation: reading changes nothing, one answer counts, and nothing leaks."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest

from bot.web.rate_limit import MAX_REQUESTS
from collab import errors
from collab.billing.transfers import TransferBilling, TransferOwnership
from collab.events import (
    InvitationAccepted,
    InvitationAskedAgain,
    InvitationDeclined,
    InvitationMuted,
    InvitationSent,
    MemberJoined,
    OwnershipTransferred,
    ResourceCreated,
)
from collab.invitations.commands import ResendInvitation, RevokeInvitation
from collab.model import Address, Caller
from storage.database import Database
from tests.support.office import BASE, NINA, Office, find_nonce


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return Office(sqlite_database)


@pytest.mark.rule("OUT-03")
def test_who_accepts_is_known_by_the_address_and_has_the_role(office: Office) -> None:
    _, path = office.invite(note="Hi <b>Nina</b>")
    page = office.open(path)
    assert (
        "Ada invited you to <strong>Acme</strong> as an <strong>admin</strong>" in page
    )
    assert "You&#39;ll be able to" in page or "You'll be able to" in page
    assert "Hi &lt;b&gt;Nina&lt;/b&gt;" in page

    response = office.answer(path, "accept")

    assert (response.status_code, response.location) == (303, BASE + path)
    joined = office.world.events_of_type(MemberJoined)[-1]
    with office.world.database.unit_of_work_factory.read(
        office.world.workspace
    ) as read:
        nina = read.people.find_person_by_email(NINA)
    assert nina is not None
    assert (joined.person, joined.role, nina.user) == (nina.id, "admin", None)
    recorded = office.world.list_recorded_events()[-1]
    assert (recorded.actor, recorded.origin) == (nina.id, "web")
    assert "You're an admin of <strong>Acme</strong>" in office.open(path)


def test_a_refusal_addresses_who_opened_the_link(office: Office) -> None:
    office.invite()
    nina = office.world.events_of_type(InvitationSent)[-1].person
    assert nina is not None
    caller = Caller(office.world.workspace, None, "web", person=nina)

    text = office.services.render_rejection(
        errors.AlreadyHolds(nina, "admin", "Acme"), caller, "mail"
    )

    assert text.text == "You're already an admin of *Acme*."


@pytest.mark.rule("OUT-02")
def test_reading_changes_nothing_however_often(office: Office) -> None:
    _, path = office.invite()
    before = office.snapshot()

    for method in ("GET", "HEAD"):
        for suffix in ("", "?action=accept&nonce=x", "/"):
            for _ in range(4):
                response = office.client.open(path + suffix, method=method)
                assert response.status_code in {200, 404}
                assert method == "GET" or not response.data

    assert office.snapshot() == before


@pytest.mark.rule("OUT-02")
@pytest.mark.parametrize(
    ("headers", "nonce"),
    [
        ({}, ""),
        ({}, "1.2.3"),
        ({}, "é"),
        ({"Sec-Fetch-Site": "cross-site"}, None),
        ({"Sec-Fetch-Site": "same-site"}, None),
        ({"Sec-Fetch-Site": "none"}, None),
    ],
)
def test_a_post_that_does_not_come_from_the_page_changes_nothing(
    office: Office, headers: dict[str, str], nonce: str | None
) -> None:
    _, path = office.invite()
    sent = find_nonce(office.open(path)) if nonce is None else nonce
    before = office.snapshot()

    response = office.client.post(
        path, data={"action": "accept", "nonce": sent}, headers=headers
    )

    assert response.status_code == 403
    assert office.snapshot() == before


@pytest.mark.rule("OUT-02")
def test_a_nonce_is_of_one_page_and_for_a_day(office: Office) -> None:
    _, path = office.invite()
    _, other = office.invite("otto@client.example")
    nonce = find_nonce(office.open(path))

    assert office.send(other, action="accept", nonce=nonce).status_code == 403
    office.world.at += timedelta(days=1, seconds=1)
    assert office.send(path, action="accept", nonce=nonce).status_code == 403


@pytest.mark.rule("INV-06")
def test_declining_keeps_the_reason_for_the_inviter(office: Office) -> None:
    _, path = office.invite()

    office.answer(path, "decline", reason="No time")

    (declined,) = office.world.events_of_type(InvitationDeclined)
    assert declined.reason == "No time"
    assert "You declined this invitation" in office.open(path)
    assert 'name="nonce"' not in office.open(path)


@pytest.mark.rule("INV-10")
def test_reminders_are_stopped_with_one_press(office: Office) -> None:
    _, path = office.invite()
    assert "Stop reminders" in office.open(path)

    office.answer(path, "mute")

    assert office.world.events_of_type(InvitationMuted)
    page = office.open(path)
    assert "Stop reminders" not in page
    assert "Accept" in page


@pytest.mark.rule("INV-04")
def test_a_second_answer_shows_what_happened(office: Office) -> None:
    _, path = office.invite()
    nonce = find_nonce(office.open(path))
    office.send(path, action="accept", nonce=nonce)

    response = office.send(path, action="decline", nonce=nonce)

    assert response.status_code == 303
    assert "You accepted this invitation" in office.open(path)
    assert not office.world.events_of_type(InvitationDeclined)


@pytest.mark.rule("INV-04")
def test_of_two_posts_at_once_one_wins(office: Office) -> None:
    _, path = office.invite()
    nonce = find_nonce(office.open(path))
    barrier, statuses = Barrier(2), list[int]()

    def press(action: str) -> None:
        barrier.wait()
        statuses.append(office.send(path, action=action, nonce=nonce).status_code)

    threads = [Thread(target=press, args=(each,)) for each in ("accept", "decline")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    answers = [
        *office.world.events_of_type(InvitationAccepted),
        *office.world.events_of_type(InvitationDeclined),
    ]
    assert (statuses, len(answers)) == ([303, 303], 1)


@pytest.mark.rule("OUT-02")
def test_each_end_has_a_page_of_its_own(office: Office) -> None:
    revoked, revoked_path = office.invite()
    office.world.execute(RevokeInvitation(office.world.caller_for("ada"), revoked))
    assert "<h1>Invitation withdrawn</h1>" in office.open(revoked_path)

    superseded, old_path = office.invite("otto@client.example")
    office.world.execute(ResendInvitation(office.world.caller_for("ada"), superseded))
    new_path = office.mail_link(superseded)
    assert "There&#39;s a newer email" in (page := office.open(old_path)) or (
        "There's a newer email" in page
    )
    assert office.client.get(old_path).status_code == 410

    office.world.at += timedelta(days=7)
    assert "<h1>Invitation expired</h1>" in office.open(new_path)
    assert "This invitation expired" in office.open(new_path)
    assert 'value="accept"' not in office.open(new_path)


@pytest.mark.rule("INV-15")
def test_an_expired_invitation_can_be_asked_for_again_once(office: Office) -> None:
    _, path = office.invite()
    office.world.at += timedelta(days=8)
    page = office.open(path)
    assert "Ask Ada for a new invitation" in page

    nonce = find_nonce(page)
    response = office.send(path, action="ask_again", nonce=nonce)

    assert (response.status_code, response.location) == (303, BASE + path)
    assert "Set-Cookie" not in response.headers
    assert len(office.world.events_of_type(InvitationAskedAgain)) == 1
    assert "You asked Ada to send it again" in office.open(path)
    assert "Ask Ada for a new invitation" not in office.open(path)
    again = office.send(path, action="ask_again", nonce=nonce)
    assert again.status_code == 422
    assert "You&#39;ve already asked" in again.text or "You've already" in again.text
    assert len(office.world.events_of_type(InvitationAskedAgain)) == 1


@pytest.mark.rule("OUT-03")
def test_accepting_signs_in_and_leads_to_my_page(office: Office) -> None:
    _, path = office.invite()

    response = office.answer(path, "accept")

    cookie = response.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Strict", "Secure", "Path=/tools/me;"):
        assert part in cookie
    page = office.open(path)
    assert 'href="/tools/me"' in page
    office.keep_cookie(response)
    assert "Your access (1)" in office.open("/me")
    # Whoever opens the link later is not signed in by it.
    for action in ("accept", "decline", "mute"):
        nonce = find_nonce(office.open("/me"))
        assert "Set-Cookie" not in office.send(path, action=action, nonce=nonce).headers


@pytest.mark.rule("INV-04")
def test_an_expired_invitation_cannot_be_accepted_from_an_old_page(
    office: Office,
) -> None:
    _, path = office.invite()
    office.world.at += timedelta(days=6, hours=23)
    nonce = find_nonce(office.open(path))
    office.world.at += timedelta(hours=1)

    assert office.send(path, action="accept", nonce=nonce).status_code == 303
    assert not office.world.events_of_type(InvitationAccepted)


@pytest.mark.rule("INV-04")
def test_an_inviter_who_lost_the_right_is_named(office: Office) -> None:
    office.world.add_member("carl", "owner")
    _, path = office.invite(role="owner", by="carl")
    office.world.read_profile("carl", active=False)
    office.world.at += timedelta(minutes=1)

    page = office.open(path)

    assert 'name="nonce"' not in page


@pytest.mark.parametrize("token", ["x" * 43, "x", "", "../health", "%00", "é" * 20])
def test_what_is_no_link_gets_the_same_answer(office: Office, token: str) -> None:
    expected = office.client.get("/i/" + "y" * 43)

    response = office.client.get(f"/i/{token}")

    assert (response.status_code, response.data) == (404, expected.data)
    assert response.headers == expected.headers


def test_every_answer_has_the_headers(office: Office) -> None:
    _, path = office.invite()
    office.answer(path, "decline")
    for response in (
        office.client.get(path),
        office.client.get("/i/unknown"),
        office.client.get("/i/style.css"),
        office.client.post(path),
        office.client.put(path),
        office.client.post(path, data={"reason": "x" * 40_000}),
    ):
        headers = response.headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Strict-Transport-Security"]


def test_the_host_header_decides_nothing(office: Office) -> None:
    _, path = office.invite()
    nonce = find_nonce(office.open(path))

    response = office.client.post(
        path,
        data={"action": "decline", "nonce": nonce},
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )

    assert response.location == BASE + path


def test_guessing_is_slow(office: Office) -> None:
    for _ in range(MAX_REQUESTS):
        assert office.client.get("/i/guess").status_code == 404

    response = office.client.get("/i/guess")

    assert (response.status_code, response.headers["Retry-After"]) == (429, "60")
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    response = office.client.get("/i/guess", environ_overrides=elsewhere)
    assert response.status_code == 404


def test_a_wrong_link_leads_to_my_page(office: Office) -> None:
    assert 'href="/tools/me"' in office.open("/i/unknown")


@pytest.mark.rule("OUT-02")
def test_the_page_says_what_needs_slack(office: Office) -> None:
    _, path = office.invite(role="owner")
    assert "You'll need Slack for most of this" in office.open(path).replace(
        "&#39;", "'"
    )
    office.answer(path, "accept")
    office.sign_in()

    acme = office.world.get_resource("acme").id

    assert "To invite people, open Collab in Slack" in office.open(
        f"/me/resources/{acme}"
    )


def test_the_page_is_in_the_language_of_the_mail(office: Office) -> None:
    office.world.read_profile("ada", locale="de-DE")
    _, path = office.invite()

    page = office.open(path, **{"Accept-Language": "en"})

    assert '<html lang="de">' in page
    assert "Ada hat dich als <strong>Admin</strong> zu <strong>Acme</strong>" in page


def test_a_page_of_nobody_is_in_the_language_of_the_browser(office: Office) -> None:
    page = office.open("/i/unknown", **{"Accept-Language": "fr;q=0.9, de-AT, en"})

    assert '<html lang="de">' in page


@pytest.mark.rule("OUT-02")
def test_paying_needs_the_short_name_and_a_payment_method(office: Office) -> None:
    world = office.world
    world.create_resource("app", "Shop", "acme")
    offer = TransferBilling(world.caller_for("ada"), Address(NINA), "shop")
    path = office.mail_link(world.execute(offer).get_event(InvitationSent).invitation)
    billing = {
        "label": 'Nina "N" Ltd',
        "address": "Main St 1",
        "email": "a@nina.example",
    }

    unnamed = office.answer(path, "accept", **billing)
    bare = office.answer(path, "accept", slug="shop")
    page = unnamed.get_data(as_text=True)

    assert (unnamed.status_code, bare.status_code) == (422, 422)
    assert "type the short name of <strong>Shop</strong>" in page
    assert (
        'value="Nina &#34;N&#34; Ltd"' in page
        or 'value="Nina &quot;N&quot; Ltd"' in page
    )
    assert not world.events_of_type(InvitationAccepted)
    response = office.answer(path, "accept", slug="Shop", **billing)
    assert response.status_code == 303
    created = world.events_of_type(ResourceCreated)[-1]
    assert (created.kind, created.title) == ("payment", 'Nina "N" Ltd')
    assert "You accepted this invitation" in office.open(path)


@pytest.mark.rule("OUT-02")
def test_owning_needs_the_short_name(office: Office) -> None:
    world = office.world
    world.create_resource("project", "Site")
    offer = TransferOwnership(world.caller_for("ada"), Address(NINA), "site")
    path = office.mail_link(world.execute(offer).get_event(InvitationSent).invitation)

    assert office.answer(path, "accept").status_code == 422
    assert office.answer(path, "accept", slug="site").status_code == 303
    assert world.events_of_type(OwnershipTransferred)
