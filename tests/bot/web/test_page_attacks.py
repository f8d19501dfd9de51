"""What others would try on the page of an invitation; see also test_invitation_page.py and test_page_races.py."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest

from collab.billing.transfers import TransferOwnership
from collab.events import (
    InvitationAccepted,
    InvitationResent,
    InvitationSent,
    MemberJoined,
    OwnershipTransferred,
)
from collab.invitations.commands import InviteToResource, RevokeInvitation
from collab.memberships.commands import ChangeRole
from collab.model import Address, PersonId
from collab.resource_deletion import DeleteResource
from storage.database import Database
from tests.support.builders import OTHER_TEAM_ID, Scenario
from tests.support.office import NINA, Office, find_nonce

GUESSES = 10_000


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    """Return an office with a page."""
    return Office(sqlite_database)


def person_with(office: Office, email: str) -> PersonId:
    """Return the id of the person with an address."""
    with office.world.database.unit_of_work_factory.read(
        office.world.workspace
    ) as read:
        person = read.people.find_person_by_email(email)
    assert person
    return person.id


@pytest.mark.rule("OUT-02")
def test_ten_thousand_guesses_get_one_answer_and_store_nothing(office: Office) -> None:
    office.invite()
    before = office.snapshot()
    answers = set()

    for number in range(GUESSES):
        sender = f"203.{number // 60_000}.{number // 200}.{number % 200}"
        response = office.client.get(
            f"/i/{secrets.token_urlsafe(32)}", environ_overrides={"REMOTE_ADDR": sender}
        )
        headers = tuple(sorted(response.headers.items()))
        answers.add((response.status_code, response.data, headers))

    assert len(answers) == 1
    assert office.snapshot() == before


@pytest.mark.rule("INV-14")
def test_an_address_in_capitals_is_the_same_and_a_look_alike_is_another(
    office: Office,
) -> None:
    world = office.world
    world.send_invitation(NINA)
    again = InviteToResource(
        world.caller_for("ada"), Address(NINA.upper()), "admin", "acme"
    )
    assert world.execute(again).find_event(InvitationResent)
    look_alikes = ["nína@client.example", "nіna@client.example", "nina@cliént.example"]
    for address in look_alikes:
        world.send_invitation(address)

    sent = world.events_of_type(InvitationSent)

    assert len(sent) == 1 + len(look_alikes)
    people = [event.person for event in sent]
    assert people.count(person_with(office, NINA)) == 1
    assert len(set(people)) == 1 + len(look_alikes)


@pytest.mark.rule("OUT-03")
def test_a_link_acts_for_the_person_it_was_sent_to_alone(office: Office) -> None:
    _, path = office.invite(NINA)
    _, other_path = office.invite("nína@client.example")

    office.answer(other_path, "accept")

    joined = office.world.events_of_type(MemberJoined)[-1]
    assert joined.person == person_with(office, "nína@client.example")
    assert 'name="nonce"' in office.open(path)


@pytest.mark.rule("INV-04")
def test_a_link_is_of_one_workspace(office: Office) -> None:
    other = Scenario(office.world.database, workspace=OTHER_TEAM_ID)
    other.create_company()
    invitation = other.send_invitation(NINA)
    _, path = office.invite()
    # The ids of both workspaces are the same, as each counts for itself.
    assert office.world.events_of_type(InvitationSent)[-1].invitation == invitation

    assert office.answer(path, "accept").status_code == 303

    assert office.world.events_of_type(InvitationAccepted)
    assert not other.events_of_type(InvitationAccepted)


@pytest.mark.rule("ROL-06")
def test_a_pending_invitation_gives_nothing(office: Office) -> None:
    _, path = office.invite(role="owner")
    office.open(path)

    assert list(office.world.roles_by_name()) == ["ada"]
    shown = office.open(path)
    assert "slug" not in shown
    assert "ada@example.com" not in shown


def _revoke(office: Office, by: str) -> None:
    invitation = office.world.events_of_type(InvitationSent)[-1].invitation
    office.world.execute(RevokeInvitation(office.world.caller_for(by), invitation))


def _remove_carl(office: Office) -> None:
    office.world.remove_member("carl", by="ada")


def _leave(office: Office) -> None:
    office.world.leave_resource("carl")


def _demote(office: Office) -> None:
    world = office.world
    world.create_resource("app", "Shop", "acme")
    world.add_member("carl", "developer", "shop")
    world.execute(
        ChangeRole(
            world.caller_for("ada"), world.account_of("carl"), "collaborator", "acme"
        )
    )


def _deactivate(office: Office) -> None:
    office.world.deactivate_accounts("carl")


def _delete(office: Office) -> None:
    office.world.execute(DeleteResource(office.world.caller_for("ada"), "acme"))


def _supersede(office: Office) -> None:
    office.world.send_invitation(NINA, "owner")


ENDS: dict[str, Callable[[Office], None]] = {
    "its sender withdraws it": lambda office: _revoke(office, "carl"),
    "an owner withdraws it": lambda office: _revoke(office, "ada"),
    "its sender is removed": _remove_carl,
    "its sender leaves": _leave,
    "its sender gets a lower role": _demote,
    "its sender is deactivated": _deactivate,
    "the company is deleted": _delete,
    "another role is offered instead": _supersede,
}


@pytest.mark.rule("INV-09")
@pytest.mark.parametrize("end", ENDS)
def test_after_whatever_ends_it_an_open_page_accepts_nothing(
    office: Office, end: str
) -> None:
    office.world.register_people("carl")
    office.world.add_member("carl", "admin")
    _, path = office.invite(by="carl")
    nonce = find_nonce(office.open(path))
    ENDS[end](office)
    joined_before = len(office.world.events_of_type(MemberJoined))

    response = office.send(path, action="accept", nonce=nonce)

    assert response.status_code in {303, 404}
    assert len(office.world.events_of_type(MemberJoined)) == joined_before
    page = office.open(path)
    assert 'name="nonce"' not in page
    assert "accept" not in page.casefold().replace("accepted", "")


@pytest.mark.rule("INV-04")
def test_who_declined_ownership_cannot_accept_it_from_an_old_page(
    office: Office,
) -> None:
    world = office.world
    world.create_resource("project", "Site")
    offer = TransferOwnership(world.caller_for("ada"), Address(NINA), "site")
    path = office.mail_link(world.execute(offer).get_event(InvitationSent).invitation)
    nonce = find_nonce(office.open(path))
    office.send(path, action="decline", nonce=nonce)

    response = office.send(path, action="accept", nonce=nonce, slug="site")

    assert response.status_code == 303
    assert not world.events_of_type(OwnershipTransferred)
    assert "You declined this invitation" in office.open(path)


@pytest.mark.rule("BIL-10")
def test_ownership_that_was_given_to_another_cannot_be_accepted(office: Office) -> None:
    world = office.world
    world.register_people("carl")
    world.create_resource("project", "Site")
    offer = TransferOwnership(world.caller_for("ada"), Address(NINA), "site")
    path = office.mail_link(world.execute(offer).get_event(InvitationSent).invitation)
    nonce = find_nonce(office.open(path))
    second = TransferOwnership(
        world.caller_for("ada"), world.account_of("carl"), "site"
    )
    invitation = world.execute(second).get_event(InvitationSent).invitation
    world.accept_invitation("carl", invitation)

    office.send(path, action="accept", nonce=nonce, slug="site")

    assert len(world.events_of_type(OwnershipTransferred)) == 1
    assert 'name="nonce"' not in office.open(path)


@pytest.mark.rule("EVT-07")
@pytest.mark.parametrize(
    "name",
    [
        '"><script>alert(1)</script>',
        "Ada\r\nBcc: all@client.example",
        "Ada&lt;b&gt; <i>x</i>",
        "https://evil.example/pay",
        "\u202eadA",
    ],
)
def test_the_name_of_who_invites_injects_nothing(office: Office, name: str) -> None:
    office.world.read_profile("ada", title=name)
    _, path = office.invite()

    page = office.open(path)

    assert "<script" not in page
    assert "<i>" not in page
    assert "<b>" not in page
    assert "evil.example" not in page.replace("\u2060", "").split("href=")[-1][:40]
    response = office.client.get(path)
    assert "bcc" not in str(response.headers).casefold()


def test_the_origin_header_decides_nothing(office: Office) -> None:
    _, path = office.invite()
    nonce = find_nonce(office.open(path))

    response = office.client.post(
        path,
        data={"action": "decline", "nonce": nonce},
        headers={"Origin": "https://evil.example", "Referer": "https://evil.example"},
    )

    assert "evil.example" not in f"{response.headers}{response.text}"
    assert response.location.startswith("https://collab.example.com/tools/i/")
