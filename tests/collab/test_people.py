"""People of other workspaces, and two records of one person (PER-01, PER-02)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from collab import errors
from collab.access_queries import (
    ExplainAccess,
    ListMyResources,
    ListUsersWithCapability,
    ShowResource,
)
from collab.access_requests import (
    ApproveRequest,
    DenyRequest,
    RequestAccess,
    WithdrawRequest,
)
from collab.account_sign_ins import SignInByAccount
from collab.billing.payment_methods import ChangeBillingDetails, SetPaymentMethod
from collab.billing.plans import ChangePlan
from collab.billing.transfers import TransferBilling, TransferOwnership
from collab.channels import LinkChannel, UnlinkChannel
from collab.event_log import ListEvents
from collab.events import MemberJoined, MemberLeft, PersonMerged, PersonProfiled
from collab.handovers.offers import HandOver
from collab.invitations.answers import MuteInvitation, SnoozeInvitation
from collab.invitations.commands import (
    EditInvitation,
    InviteToResource,
    ResendInvitation,
    RevokeInvitation,
)
from collab.invitations.queries import ListInvitations
from collab.invitations.readdressing import (
    ChangeInvitationAddress,
    ClaimInvitation,
    GrantClaim,
)
from collab.key_rotation import ListStaleKeys, MarkKeysRotated
from collab.mail_delivery import AllowMail, RecordMailFailure
from collab.memberships.commands import ChangeRole, RemoveMember
from collab.memberships.expiry import ExtendMembership
from collab.memberships.offboarding import OffboardPerson
from collab.memberships.queries import ListMembers
from collab.model import Address, BillingDetails, Caller, ChannelId, PersonId
from collab.moves import MoveResource
from collab.pages import ShowPersonPage
from collab.pending import ShowOverview
from collab.people import RegisterPerson
from collab.person_matches import JoinRecords, RejectMatch
from collab.record_separation import SeparateRecords
from collab.resource_deletion import DeleteResource
from collab.resources import (
    CreateResource,
    DescribeResource,
    DisableResource,
    EnableResource,
    RenameResource,
)
from collab.settings import ChangeSettings, ChooseLanguage, ShowSettings
from collab.sign_ins import SignIn
from collab.successions import ChooseSuccessor
from collab.teams import (
    AssignToMember,
    ShareWithTeam,
    UnassignFromMember,
    UnshareWithTeam,
)
from tests.support.builders import Scenario
from tests.support.requests import ALLOWED_FROM_OUTSIDE, COMMANDS, QUERIES

EVE = "eve@T2"


@pytest.fixture
def agency(acme: Scenario) -> Scenario:
    """Eve, of another workspace, is an admin of Acme's app Shop and owns Acme with Ada."""
    acme.register_people("bo", "carl", "devi", EVE)
    acme.create_resource("app", "Shop", "acme")
    acme.create_resource("app", "Blog", "acme")
    acme.create_resource("team", "Crew")
    acme.create_resource("payment", "Card", "acme")
    acme.add_member(EVE, "admin", "shop")
    acme.add_member("bo", "developer", "shop")
    return acme


@pytest.mark.rule("PER-02")
def test_they_answer_what_is_addressed_to_them(agency: Scenario) -> None:
    yes, no = (
        agency.send_invitation(EVE, "developer", "blog"),
        agency.send_invitation(EVE, "limited", "crew"),
    )
    assert agency.pending_invitation_ids(EVE) == [yes, no]
    agency.execute(SnoozeInvitation(agency.caller_for(EVE), yes))
    agency.execute(MuteInvitation(agency.caller_for(EVE), yes))
    agency.accept_invitation(EVE, yes)
    agency.decline_invitation(EVE, no)
    with pytest.raises(errors.NotYours):
        agency.accept_invitation(
            EVE, agency.send_invitation("carl", "developer", "shop")
        )


@pytest.mark.rule("PER-02")
@pytest.mark.rule("ROL-01")
def test_they_use_what_they_were_given(agency: Scenario) -> None:
    assert agency.capabilities_of(EVE, "shop") == {
        "view",
        "edit",
        "delete",
        "configure",
        "scale",
        "code",
    }
    assert agency.capabilities_of(EVE, "blog") == set()
    for question in (
        ListMyResources(agency.caller_for(EVE)),
        ShowResource(agency.caller_for(EVE), "shop"),
        ListMembers(agency.caller_for(EVE), "shop"),
        ListUsersWithCapability(agency.caller_for(EVE), "shop", "code"),
        ExplainAccess(agency.caller_for(EVE), agency.account_of(EVE), "shop", "code"),
        ListEvents(agency.caller_for(EVE), "shop"),
        ListInvitations(agency.caller_for(EVE)),
        ShowOverview(agency.caller_for(EVE)),
    ):
        assert agency.bus.query(question, agency.at)
    agency.leave_resource("bo", "shop")
    assert [
        r.slug
        for r, _ in agency.bus.query(
            ListStaleKeys(agency.caller_for(EVE)), agency.at
        ).found
    ] == ["shop"]
    agency.execute(MarkKeysRotated(agency.caller_for(EVE), "shop"))
    with pytest.raises(errors.UnknownResource):
        agency.bus.query(ShowResource(agency.caller_for(EVE), "blog"), agency.at)


@pytest.mark.rule("PER-02")
@pytest.mark.rule("MEM-11")
def test_they_leave_and_take_that_back(agency: Scenario) -> None:
    assert agency.leave_resource(EVE, "shop").find_event(MemberLeft)
    agency.undo_removal(EVE)
    assert agency.roles_by_name("shop")["eve"] == "admin"
    assert "code" in agency.capabilities_of(EVE, "shop")


def nothing_else(world: Scenario, by: Caller) -> dict[type, Any]:
    """Every act that shapes things, brings people in or puts them out, as an admin of Shop could try it."""
    carl, bo = world.account_of("carl"), world.account_of("bo")
    waits = world.send_invitation("carl", "developer", "shop")
    request = world.request_access("bo", "manager", "shop")
    acts = [
        CreateResource(by, "company", "Mine"),
        SignIn(by, 1),
        SignInByAccount(by, "eve@example.com"),
        ClaimInvitation(by, waits),
        GrantClaim(by, waits, PersonId("P1")),
        JoinRecords(by, PersonId("P1")),
        RejectMatch(by, PersonId("P1")),
        SeparateRecords(by, PersonId("P1")),
        ChooseLanguage(by, "de"),
        RenameResource(by, "shop", "Mine"),
        DescribeResource(by, "shop", "Mine"),
        MoveResource(by, "shop", None),
        DisableResource(by, "shop"),
        EnableResource(by, "shop"),
        DeleteResource(by, "shop"),
        SetPaymentMethod(by, "shop", "card"),
        InviteToResource(by, carl, "admin", "shop"),
        RevokeInvitation(by, waits),
        ResendInvitation(by, waits),
        EditInvitation(by, waits, "admin"),
        ChangeInvitationAddress(by, waits, Address("nina@client.example")),
        RecordMailFailure(by, world.person_id_of("carl"), "mailbox_refused", waits),
        AllowMail(by, world.person_id_of("carl")),
        RemoveMember(by, bo, "shop"),
        OffboardPerson(by, bo),
        ChangeRole(by, bo, "admin", "shop"),
        ExtendMembership(by, bo, "shop"),
        RequestAccess(by, "admin", "acme"),
        ApproveRequest(by, request),
        DenyRequest(by, request),
        WithdrawRequest(by, request),
        ChooseSuccessor(by, bo, "shop"),
        ShareWithTeam(by, "shop", "crew", "developer"),
        UnshareWithTeam(by, "shop", "crew"),
        AssignToMember(by, bo, "shop", "crew"),
        UnassignFromMember(by, bo, "shop", "crew"),
        RegisterPerson(by, carl),
        ChangeBillingDetails(by, "shop", BillingDetails(reference="X")),
        TransferBilling(by, carl, "shop"),
        TransferOwnership(by, carl, "shop"),
        HandOver(by, carl, "shop"),
        ChangePlan(by, "acme", None),
        LinkChannel(by, ChannelId("CSHOP"), "shop"),
        UnlinkChannel(by, ChannelId("CSHOP"), "shop"),
        ChangeSettings(by, {"lifetime": "90d"}),
    ]
    return {type(act): act for act in acts}


FROM_SLACK = {
    "InstallWorkspace",
    "UninstallWorkspace",
    "SwitchWorkspace",
    "SwitchResource",
    "UpdateProfile",
    "CloseChannel",
    "RenameChannel",
    "AddInvoices",
    "RequestSignIn",
}


@pytest.mark.rule("PER-02")
def test_they_do_nothing_else_whatever_they_hold(agency: Scenario) -> None:
    acts = nothing_else(agency, agency.caller_for(EVE))
    named = {
        kind.__name__
        for kind in (
            *acts,
            *ALLOWED_FROM_OUTSIDE,
        )
    } | FROM_SLACK
    assert {kind.__name__ for kind in COMMANDS} <= named
    before = agency.list_recorded_events()
    for act in acts.values():
        with pytest.raises(errors.ForeignActor):
            agency.execute(act)
        with pytest.raises(errors.ForeignActor):
            agency.bus.dry_run(act, agency.at)
    with pytest.raises(errors.ForeignActor):
        agency.bus.query(ShowSettings(agency.caller_for(EVE)), agency.at)
    closed = {
        "AskWhatIf",
        "FindPowerForOutsiders",
        "ListAssignableResources",
        "ListChannelLinks",
        "ListCommonRoles",
        "ListHandoverEffects",
        "PreviewHandover",
        "ListLinkableResources",
        "ListTransferableResources",
        "ShowUsualRoleToKeep",
        "ListRoleChoices",
        "PreviewAccessLoss",
        "PreviewDeletion",
        "PreviewDisabling",
        "PreviewMove",
        "ListOffboardingEffects",
        "ListStoppedAddresses",
        "PreviewOffboarding",
        "PreviewOwnershipTransfer",
        "PreviewRemoval",
        "PreviewRevocation",
        "PreviewRoleChange",
        "PreviewUnlink",
        "ShowAnswerableRequest",
        "ShowChannelLink",
        "ShowLinkedResource",
        "ShowMatch",
        "ShowOpenSuccession",
        "ShowSettings",
    }
    assert {q.__name__ for q in QUERIES if not q.is_allowed_from_outside} == closed
    assert agency.list_recorded_events() == before


@pytest.mark.rule("PER-02")
def test_what_is_open_to_them_shows_them_nothing_that_they_were_not_given(
    agency: Scenario,
) -> None:
    questions: list[Callable[[Caller], Any]] = [
        lambda by: ShowResource(by, "acme-2"),
        lambda by: ShowPersonPage(by, agency.person_id_of("carl")),
        lambda by: ListMembers(by, "card"),
        lambda by: ListEvents(by, "blog"),
        lambda by: ListUsersWithCapability(by, "crew", "view"),
        lambda by: ExplainAccess(by, agency.account_of("ada"), "blog", "code"),
    ]
    for question in questions:
        with pytest.raises(errors.UnknownResource):
            agency.bus.query(question(agency.caller_for(EVE)), agency.at)
    assert {
        b.resource.slug
        for b in agency.bus.query(
            ListMyResources(agency.caller_for(EVE)), agency.at
        ).belongings
    } == {"acme", "shop"}
    stranger = agency.caller_for("mallory@T3")
    assert agency.bus.query(ListMyResources(stranger), agency.at).total == 0
    assert agency.bus.query(ListEvents(stranger), agency.at).lines == []


@pytest.mark.rule("PER-02")
def test_a_partner_who_is_mentioned_is_not_chosen_as_an_owner(acme: Scenario) -> None:
    acme.read_profile(EVE)
    acme.read_profile("root", admin=True)
    acme.deactivate_accounts("ada")
    with pytest.raises(errors.NotAPerson):
        acme.choose_successor("root", "eve")


@pytest.mark.rule("PER-01")
@pytest.mark.rule("MEM-08")
def test_a_role_given_to_a_person_mentioned_as_if_they_were_of_here_is_theirs_when_their_own_profile_is_read(
    acme: Scenario,
) -> None:
    acme.read_profile("root", admin=True)
    acme.deactivate_accounts("ada")
    acme.choose_successor("root", "eve")
    acme.read_profile(EVE, title="Eve of Beta")
    assert not acme.events_of_type(PersonMerged)
    assert acme.capabilities_of(EVE, "acme") >= {"view", "edit"}
    with pytest.raises(errors.LastHolder):
        acme.leave_resource(EVE)
    acme.reactivate_account("ada")
    acme.leave_resource(EVE)
    assert acme.roles_by_name() == {"ada": "owner"}
    assert len(acme.events_of_type(MemberJoined)) == 2


@pytest.mark.parametrize(("said", "kept"), [("en-GB", "en-GB"), (None, "de-DE")])
def test_a_profile_that_says_no_language_leaves_it_as_it_was(
    acme: Scenario, said: str | None, kept: str
) -> None:
    acme.read_profile("carl", locale="de-DE")
    acme.read_profile("carl", locale=said, title="Carl Anders")
    assert [
        e.locale
        for e in acme.events_of_type(PersonProfiled)
        if e.title.startswith("Carl")
    ] == ["de-DE", kept]
