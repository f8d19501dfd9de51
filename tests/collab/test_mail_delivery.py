"""What became of mails about invitations, and addresses that get no more (OUT-05)."""

from __future__ import annotations

import pytest

from collab import errors
from collab.events import (
    InvitationReminded,
    InvitationSent,
    InvitationUndelivered,
    MailStopped,
)
from collab.home import ShowHome
from collab.invitations.commands import InviteToResource, ResendInvitation
from collab.invitations.queries import ListInvitations
from collab.invitations.readdressing import ChangeInvitationAddress
from collab.mail_delivery import (
    COMPLAINED,
    DELAYED,
    AllowMail,
    ListStoppedAddresses,
    RecordMailFailure,
)
from collab.model import Address, Caller, InvitationId, MailProgress, PersonId
from collab.open_items import InvitationView
from collab.settings import ChangeSettings
from tests.support.builders import Scenario

NINA = "nina@client.example"
OTTO = "otto@client.example"


@pytest.fixture
def office(acme_with_mail: Scenario) -> Scenario:
    """Add Root, who is an admin of the workspace."""
    acme_with_mail.read_profile("root", admin=True)
    return acme_with_mail


def invite(world: Scenario, email: str = NINA) -> tuple[InvitationId, PersonId]:
    """Invite somebody by address; return the ids of the invitation and the person."""
    command = InviteToResource(world.caller_for("ada"), Address(email), "admin", "acme")
    sent = world.execute(command).get_event(InvitationSent)
    assert sent.person
    return sent.invitation, sent.person


def fail(
    world: Scenario,
    person: PersonId,
    problem: str,
    invitation: InvitationId | None = None,
) -> None:
    """Record that a mail failed."""
    by = world.system_caller("mail")
    world.execute(RecordMailFailure(by, person, problem, invitation))


def sent_card(world: Scenario) -> InvitationView:
    """Return the newest invitation that Ada sent, as her list shows it."""
    query = ListInvitations(world.caller_for("ada"), sent=True)
    return world.bus.query(query, world.at).invitations[0]


@pytest.mark.rule("OUT-05")
@pytest.mark.parametrize("problem", ["mailbox_refused", COMPLAINED])
def test_an_address_that_does_not_work_gets_nothing_more(
    office: Scenario, problem: str
) -> None:
    invitation, person = invite(office)
    office.take_outbox()

    fail(office, person, problem, invitation)

    assert office.get_invitation(invitation).undelivered == problem
    assert office.take_recipients_of("invitation_undelivered") == ["ada"]
    office.create_resource("app", "Shop")
    before = len(office.list_recorded_events())
    again = InviteToResource(office.caller_for("ada"), Address(NINA), "admin", "shop")
    for command in (again, ResendInvitation(office.caller_for("ada"), invitation)):
        with pytest.raises(errors.AddressStopped):
            office.execute(command)
    assert len(office.list_recorded_events()) == before


@pytest.mark.rule("OUT-05")
@pytest.mark.parametrize("problem", ["mailbox_full", "mail_refused"])
def test_a_refusal_that_may_pass_can_be_sent_again(
    office: Scenario, problem: str
) -> None:
    invitation, person = invite(office)
    fail(office, person, problem, invitation)
    assert office.get_invitation(invitation).undelivered == problem

    office.execute(ResendInvitation(office.caller_for("ada"), invitation))

    assert office.get_invitation(invitation).undelivered is None
    assert not office.events_of_type(MailStopped)


@pytest.mark.rule("OUT-05")
def test_a_delay_is_shown_and_tells_nobody(office: Scenario) -> None:
    invitation, person = invite(office)
    office.take_outbox()

    fail(office, person, DELAYED, invitation)
    fail(office, person, DELAYED, invitation)

    assert office.get_invitation(invitation).undelivered == DELAYED
    assert len(office.events_of_type(InvitationUndelivered)) == 1
    assert office.take_recipients_of("invitation_undelivered") == []


@pytest.mark.rule("OUT-05")
def test_a_failure_is_recorded_once_and_not_after_the_answer(office: Scenario) -> None:
    invitation, person = invite(office)
    fail(office, person, "mailbox_refused", invitation)
    fail(office, person, "mailbox_refused", invitation)
    fail(office, person, DELAYED, invitation)
    other, otto = invite(office, OTTO)
    fail(office, person, "mail_refused", other)  # of somebody else
    fail(office, otto, "mail_refused", InvitationId("I0"))

    assert len(office.events_of_type(InvitationUndelivered)) == 1
    assert len(office.events_of_type(MailStopped)) == 1


@pytest.mark.rule("OUT-05")
def test_admins_of_the_workspace_see_the_addresses_and_allow_them(
    office: Scenario,
) -> None:
    invitation, person = invite(office)
    fail(office, person, "mailbox_refused")
    ada, root = office.caller_for("ada"), office.caller_for("root")
    with pytest.raises(errors.NotWorkspaceAdmin):
        office.execute(AllowMail(ada, person))
    with pytest.raises(errors.NotWorkspaceAdmin):
        office.bus.query(ListStoppedAddresses(ada), office.at)
    for by in (root, office.system_caller("cli")):
        (stopped,) = office.bus.query(ListStoppedAddresses(by), office.at)
        assert (stopped.email, stopped.mail_stopped) == (NINA, "bounced")

    office.execute(AllowMail(root, person))

    assert office.bus.query(ListStoppedAddresses(root), office.at) == []
    with pytest.raises(errors.NothingStopped):
        office.execute(AllowMail(root, person))
    assert office.execute(ResendInvitation(ada, invitation)).reach.mailed


@pytest.mark.rule("OUT-05")
def test_an_address_stays_stopped_when_an_account_has_it_and_no_longer(
    office: Scenario,
) -> None:
    _, nina = invite(office)
    fail(office, nina, COMPLAINED)
    office.read_profile("nina", email=NINA)
    query = ListStoppedAddresses(office.caller_for("root"))
    account_id = office.person_id_of("nina")
    assert [each.id for each in office.bus.query(query, office.at)] == [account_id]
    office.read_profile("nina", email="nina@elsewhere.example")
    assert office.bus.query(query, office.at) == []


@pytest.mark.rule("OUT-05")
def test_only_collab_itself_records_what_became_of_mails(office: Scenario) -> None:
    invitation, person = invite(office)
    by = office.caller_for("ada")

    office.execute(RecordMailFailure(by, person, "mailbox_refused", invitation))

    assert office.get_invitation(invitation).undelivered is None


@pytest.mark.rule("OUT-05")
def test_another_address_gets_the_same_offer(office: Scenario) -> None:
    invitation, person = invite(office)
    fail(office, person, "mailbox_refused", invitation)
    office.take_outbox()
    ada = office.caller_for("ada")

    sent = office.execute(
        ChangeInvitationAddress(ada, invitation, Address(OTTO, "Otto Roth"))
    ).get_event(InvitationSent)

    assert office.get_invitation(invitation).state == "superseded"
    new = office.get_invitation(sent.invitation)
    assert (new.state, new.role, new.resource) == ("pending", "admin", sent.resource)
    with office.bus.read(office.workspace) as repositories:
        otto = repositories.people.find_person_by_email(OTTO)
    assert otto
    assert (otto.id, otto.title) == (new.person, "Otto Roth")
    by_link = Caller(office.workspace, None, "link", person=person)
    with pytest.raises(errors.UnknownInvitation):
        office.execute(ChangeInvitationAddress(by_link, sent.invitation, Address(NINA)))


@pytest.mark.rule("OUT-05")
@pytest.mark.parametrize(
    ("address", "rejection"),
    [
        (NINA.upper(), errors.NothingToEdit),
        ("nina", errors.BadAddress),
        ("ada@example.com", errors.ToYourself),
    ],
)
def test_an_address_that_makes_no_sense_is_rejected(
    office: Scenario, address: str, rejection: type[errors.Rejected]
) -> None:
    invitation, _ = invite(office)

    with pytest.raises(rejection) as rejected:
        office.execute(
            ChangeInvitationAddress(
                office.caller_for("ada"), invitation, Address(address)
            )
        )

    assert getattr(rejected.value, "address", NINA) == NINA
    assert not getattr(rejected.value, "is_optional", False)


@pytest.mark.rule("OUT-05")
def test_the_senders_list_says_how_far_the_mail_came(office: Scenario) -> None:
    invite(office)
    mail = sent_card(office).mail
    assert mail
    assert mail.state == "queued"

    office.take_outbox()

    mail = sent_card(office).mail
    assert mail
    assert mail.state == "sent"


@pytest.mark.rule("OUT-05")
def test_nobody_is_reminded_by_an_address_that_gets_no_mails(office: Scenario) -> None:
    invitation, person = invite(office)
    working, _ = invite(office, OTTO)
    fail(office, person, "mailbox_refused", invitation)

    office.advance_time(days=4)

    reminded = {each.invitation for each in office.events_of_type(InvitationReminded)}
    assert reminded == {working}
    office.advance_time(days=4)
    assert office.get_invitation(invitation).state == "expired"


@pytest.mark.rule("OUT-05")
def test_home_says_what_became_of_a_mail(office: Scenario) -> None:
    invitation, person = invite(office)

    home = office.bus.query(ShowHome(office.caller_for("ada")), office.at)
    assert isinstance(home.sent[0], InvitationView)
    assert home.sent[0].mail == MailProgress("queued")

    fail(office, person, "mailbox_refused", invitation)
    home = office.bus.query(ShowHome(office.caller_for("ada")), office.at)
    assert isinstance(home.sent[0], InvitationView)
    assert home.sent[0].invitation.undelivered == "mailbox_refused"


@pytest.mark.rule("OUT-05")
def test_who_wants_only_what_needs_them_hears_that_a_mail_did_not_arrive(
    office: Scenario,
) -> None:
    office.execute(ChangeSettings(office.caller_for("ada"), {"notices": "needed"}))
    invitation, person = invite(office)
    office.take_outbox()

    fail(office, person, "mail_refused", invitation)

    assert office.take_recipients_of("invitation_undelivered") == ["ada"]
