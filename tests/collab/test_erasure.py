"""A person is erased: their names and addresses are nowhere, and the record still gives the state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.event_export import write_events
from collab import errors
from collab.billing.payment_methods import ChangeBillingDetails
from collab.billing.transfers import TransferOwnership
from collab.erasure import (
    ErasePerson,
    ShowStoredData,
    StoredData,
    list_people_of_address,
)
from collab.events import (
    InvitationRevoked,
    InvitationSent,
    MemberLeft,
    PersonErased,
    RequestEnded,
)
from collab.invitations.answers import AcceptInvitation
from collab.model import BillingDetails, Caller, PersonId, WorkspaceId
from collab.resources import DescribeResource
from collab.settings import ChooseLanguage
from collab.text import clean_text
from storage.database import Database
from storage.tables import metadata
from tests.support.builders import OTHER_TEAM_ID, Scenario

NINA = "nina.roth@client.example"
NAME = "Nina Roth"
TRACES = (NINA, NAME, NINA.upper(), "Nina R.")


@pytest.fixture
def acme(database: Database) -> Scenario:
    """Return Ada's company Acme, in which Carl is an admin, on each database."""
    world = Scenario(database)
    world.create_company()
    world.register_people("carl", "devi")
    world.add_member("carl")
    return world


def list_rows(database: Database) -> Iterator[str]:
    """Yield every row of every table, with the name of the table."""
    with database.engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                yield f"{table.name}: {tuple(row)}"


def find_traces(database: Database, *traces: str) -> list[str]:
    """Return the rows that have one of some texts, whatever their case."""
    return [
        row
        for row in list_rows(database)
        if any(trace.casefold() in row.casefold() for trace in traces)
    ]


def let_nina_be_known(world: Scenario) -> None:
    """Let Nina have a name, an address and an account, and be in everything there is."""
    world.send_invitation(NINA, note=f"For {NAME} <{NINA}>")
    world.read_profile("nina", title="Nina R.", email=NINA)
    world.read_profile("nina", title=NAME, email=NINA, company="Roth & Co")
    invitation = world.pending_invitation_ids("nina")[0]
    world.accept_invitation("nina", invitation)
    world.create_resource("app", "Shop", "acme")
    world.send_invitation("devi", by="nina", note=f"Yours, {NAME.upper()}")
    world.send_invitation("nina", "owner")
    world.add_member("nina", "developer", "shop")
    world.request_access("nina", "manager", "shop", f"{NAME}, {NINA.upper()}")
    world.send_invitation("otto@client.example", "accountant", note="Rothermel?")
    world.database.outbox.enqueue_message(
        world.workspace, "reply:1", "reply", {"body": {"text": [f"{NAME}: {NINA}"]}}
    )


def write_about(world: Scenario, text: str) -> None:
    """Let Ada have a text in everything that is about nobody else."""
    ada = world.caller_for("ada")
    world.create_resource("app", "Blog", "acme")
    world.create_resource("payment", "Visa", "acme")
    world.execute(DescribeResource(ada, "blog", text))
    details = BillingDetails(text, "client@other.example", text)
    world.execute(ChangeBillingDetails(ada, "visa", details))
    world.send_invitation("devi", note=text)
    world.add_member("carl", "developer", "blog")
    world.request_access("carl", "manager", "blog", text)


def erase(world: Scenario, who: str = "nina") -> list[type]:
    """Let a person erase themselves; return the types of what happened."""
    outcome = world.execute(ErasePerson(world.caller_for(who)))
    return [type(each.event) for each in outcome.recorded]


@pytest.mark.rule("PER-03")
@pytest.mark.rule("OUT-07")
def test_no_row_has_the_name_or_the_address_of_an_erased_person(
    acme: Scenario,
) -> None:
    let_nina_be_known(acme)
    assert find_traces(acme.database, *TRACES)
    person_id = acme.person_id_of("nina")

    erase(acme)

    assert find_traces(acme.database, *TRACES, "UNINA", "Roth & Co") == []
    assert any(person_id in row for row in list_rows(acme.database))
    assert find_traces(acme.database, "Rothermel")  # somebody else
    acme.database.remove_remains()
    assert find_traces(acme.database, "Ada", "ada@example.com")


@pytest.mark.rule("OUT-07")
@given(
    name=st.sampled_from(["com", "client", "PO", "x", "7", "PO 7", "Main Street"])
    | st.text(min_size=1, max_size=12),
    text=st.text(max_size=20),
)
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_name_changes_what_does_not_name_the_person(
    sqlite_database: Database, name: str, text: str
) -> None:
    count = len(sqlite_database.event_log.list_workspaces())
    world = Scenario(sqlite_database, workspace=WorkspaceId(f"T{count + 100}"))
    world.create_company()
    world.register_people("carl", "devi")
    world.read_profile("nina", title=name, email="client@other.example")
    write_about(world, clean_text(f"{name} {text} PO 7, 1 Main Street, *{name}* .com"))
    before = set(list_rows(sqlite_database))
    person_id = world.person_id_of("nina")

    erase(world)

    changed = before - set(list_rows(sqlite_database))
    assert [row for row in changed if person_id not in row] == [
        row for row in changed if row.startswith("workspaces:")
    ]


@pytest.mark.rule("OUT-07")
def test_texts_about_others_stay(acme: Scenario) -> None:
    acme.read_profile("nina", title=NAME, email=NINA)
    write_about(acme, f"Ask {NAME} or {NINA}")

    erase(acme)

    kept = find_traces(acme.database, NAME)
    assert {row.partition(":")[0] for row in kept} == {
        "access_requests",
        "billing_details",
        "events",
        "invitations",
        "resources",
    }


@pytest.mark.rule("OUT-07")
@pytest.mark.parametrize(
    "spelling",
    [
        "nina@bücher.example",
        "Nina@BÜCHER.example",
        "nina@xn--bcher-kva.example",
        "<nina@xn--bcher-kva.example>",
        "mailto:nina@XN--BCHER-KVA.example.",
        "*nina@bücher.example*",
        "_nina@bücher.example_",
        "'nina@bücher。example'",
    ],
)
def test_every_spelling_of_an_address_goes(acme: Scenario, spelling: str) -> None:
    acme.read_profile("nina", title="Nina", email="nina@bücher.example")
    acme.send_invitation("nina", note=f"For {spelling}, Nina")

    erase(acme)

    assert find_traces(acme.database, "nina@") == []
    assert find_traces(acme.database, "[…]", "Nina")


@pytest.mark.rule("OUT-07")
@pytest.mark.parametrize(
    "other",
    [
        "giannina.roth@client.example",
        "a.nina.roth@client.example",
        "o'nina.roth@client.example",
        "a-nina.roth@client.example",
        "nina.roth@client.example.org",
        "nina.roth@client.example-shop.org",
        "ninaXroth@client.example",
    ],
)
def test_longer_addresses_of_others_stay(acme: Scenario, other: str) -> None:
    acme.read_profile("nina", title="Nina", email=NINA)
    invitation = acme.send_invitation("nina", note=f"With {other} and Giannina Roth")

    erase(acme)

    note = acme.get_invitation(invitation).note
    assert note == f"With {other} and Giannina Roth"


@pytest.mark.rule("OUT-07")
def test_of_a_name_only_all_words_together_go(acme: Scenario) -> None:
    acme.read_profile("nina", title=NAME, email=NINA)
    note = "Nina, Roth; nina  roth, Nina Rother, Nina Roth"
    invitation = acme.send_invitation("nina", note=note)

    erase(acme)

    note = "Nina, Roth; […], Nina Rother, […]"
    assert acme.get_invitation(invitation).note == note


@pytest.mark.rule("OUT-07")
def test_what_their_account_or_address_caused_leaves_the_outbox(
    acme: Scenario,
) -> None:
    acme.read_profile("nina", title=NAME, email=NINA)
    outbox = acme.database.outbox
    for target, message, payload in (
        ("reply:1", "reply", {"user": "UNINA", "body": {"text": "Yours"}}),
        ("deferred:1", "deferred", {"by": {"account": {"user": "UNINA"}}}),
        ("sign_in:1", "sign_in_request", {"email": NINA}),
        ("help:UNINA", "help", {}),
        ("reply:2", "reply", {"user": "UADA", "body": {"text": f"<@UNINA>, {NAME}"}}),
        ("reply:3", "reply", {"user": "UADA", "body": {"text": f"{NAME} Ltd"}}),
        ("deferred:2", "deferred", {"detail": f"invite {NINA} admin acme"}),
    ):
        outbox.enqueue_message(acme.workspace, target, message, payload)

    erase(acme)

    rows = [row for row in list_rows(acme.database) if row.startswith("outbox")]
    targets = [
        ("reply:2", "<@UNINA>, […]"),
        ("reply:3", f"{NAME} Ltd"),
        ("deferred:2", NINA),
    ]
    for target, text in targets:
        assert any(target in row and text in row for row in rows)
    for target in ("reply:1", "deferred:1", "sign_in:1", "help:"):
        assert not any(target in row for row in rows)


@pytest.mark.rule("OUT-07")
def test_no_request_that_was_processed_names_their_account(acme: Scenario) -> None:
    acme.read_profile("nina", title=NAME, email=NINA)
    by = acme.caller_for("nina", idempotency_key="command:1")
    acme.execute(ChooseLanguage(by, "de"))
    erasing = ErasePerson(acme.caller_for("nina", idempotency_key="command:2"))
    acme.execute(erasing)

    assert find_traces(acme.database, "UNINA") == []
    assert acme.execute(erasing).is_repeated


@pytest.mark.rule("OUT-07")
def test_no_export_has_them_either(acme: Scenario, tmp_path: Path) -> None:
    let_nina_be_known(acme)

    erase(acme)

    for form in ("jsonl", "csv"):
        with (tmp_path / f"export.{form}").open("w") as output:
            recorded = acme.database.event_log.export_events(acme.workspace)
            write_events(recorded, form, output)
        written = (tmp_path / f"export.{form}").read_text().casefold()
        assert not any(trace.casefold() in written for trace in TRACES)
        assert "person.erased" in written


@pytest.mark.rule("OUT-07")
def test_what_the_person_had_and_was_asked_ends(acme: Scenario) -> None:
    let_nina_be_known(acme)

    happened = erase(acme)

    assert happened.count(MemberLeft) == 2
    assert happened.count(InvitationRevoked) == 2  # the one to her, and the one by her
    assert happened[-1] is PersonErased or PersonErased in happened
    assert happened.count(RequestEnded) == 1
    assert sorted(acme.roles_by_name()) == ["ada", "carl"]


@pytest.mark.rule("MEM-08")
def test_who_is_needed_hands_over_first(acme: Scenario) -> None:
    acme.create_resource("project", "Site", by="carl")
    acme.create_resource("app", "Blog", by="carl")

    with pytest.raises(errors.MustHandOver) as refused:
        erase(acme, "carl")

    assert refused.value.titles == ("Blog", "Site")
    assert not acme.events_of_type(PersonErased)
    offer = TransferOwnership(acme.caller_for("carl"), acme.account_of("ada"), "site")
    acme.accept_invitation(
        "ada", acme.execute(offer).get_event(InvitationSent).invitation
    )
    with pytest.raises(errors.MustHandOver) as refused:
        erase(acme, "carl")
    assert refused.value.titles == ("Blog",)


@pytest.mark.rule("OUT-07")
def test_the_same_address_is_a_new_person_later(acme: Scenario) -> None:
    acme.send_invitation(NINA)
    first = acme.events_of_type(InvitationSent)[-1].person
    assert first
    caller = Caller(acme.workspace, None, "web", person=first)
    acme.execute(ErasePerson(caller))

    again = acme.send_invitation(NINA)

    second = acme.events_of_type(InvitationSent)[-1].person
    assert second != first
    assert acme.get_invitation(again).person == second
    with pytest.raises(errors.Rejected):
        acme.execute(ErasePerson(caller))


@pytest.mark.rule("OUT-07")
def test_a_slack_account_is_a_new_person_later(acme: Scenario) -> None:
    before = acme.person_id_of("carl")
    erase(acme, "carl")

    acme.read_profile("carl")

    assert acme.person_id_of("carl") != before
    assert "carl" not in acme.roles_by_name()


@pytest.mark.rule("OUT-07")
def test_merged_records_are_erased_with_the_person(acme: Scenario) -> None:
    acme.send_invitation(NINA)
    acme.read_profile("nina", title=NAME, email=NINA)

    erase(acme)

    (erased,) = acme.events_of_type(PersonErased)
    assert len(erased.records) == 1
    assert find_traces(acme.database, *TRACES) == []


@pytest.mark.rule("OUT-07")
def test_another_workspace_keeps_what_it_knows(acme: Scenario) -> None:
    other = Scenario(acme.database, workspace=OTHER_TEAM_ID)
    other.read_profile("nina", title=NAME, email=NINA)
    acme.read_profile("nina", title=NAME, email=NINA)

    erase(acme)

    rows = find_traces(acme.database, NINA)
    assert rows
    assert all(OTHER_TEAM_ID in row for row in rows)


@pytest.mark.rule("PER-03")
def test_nobody_erases_others(acme: Scenario) -> None:
    for who in ("carl", "ada"):
        with pytest.raises(errors.MayNotManage):
            acme.execute(ErasePerson(acme.caller_for("ada"), acme.person_id_of(who)))
    operator = acme.system_caller("cli")
    for nobody in (acme.account_of("nobody"), PersonId("P0")):
        with pytest.raises(errors.UnknownPerson):
            acme.execute(ErasePerson(operator, nobody))
    acme.execute(ErasePerson(operator, acme.account_of("carl")))
    assert find_traces(acme.database, "carl@example.com") == []


def let_nina_have_two_records(world: Scenario) -> PersonId:
    """Let Nina accept by mail, and then join Slack; return the id of the record that is
    known by the address alone.
    """
    invitation = world.send_invitation(NINA)
    person_id = world.events_of_type(InvitationSent)[-1].person
    assert person_id
    caller = Caller(world.workspace, None, "web", person=person_id)
    world.execute(AcceptInvitation(caller, invitation))
    world.read_profile("nina", title=NAME, email=NINA)
    return PersonId(person_id)


def show_stored_data(world: Scenario, caller: Caller) -> StoredData:
    """Return what is stored about a caller."""
    stored: StoredData = world.bus.query(ShowStoredData(caller), world.at)
    return stored


@pytest.mark.rule("PER-03")
def test_another_record_of_the_same_address_is_said_and_stays(acme: Scenario) -> None:
    acme.read_profile("nina@T2", title=NAME, email=NINA)
    alone_id = let_nina_have_two_records(acme)
    alone = Caller(acme.workspace, None, "web", person=alone_id)
    foreign = acme.caller_for("nina@T2")

    assert show_stored_data(acme, acme.caller_for("nina")).has_other_record
    assert show_stored_data(acme, alone).has_other_record
    assert not show_stored_data(acme, foreign).has_other_record

    erase(acme)

    assert acme.roles_by_name()
    assert not show_stored_data(acme, alone).has_other_record


@pytest.mark.rule("PER-03")
def test_an_address_names_all_its_records(acme: Scenario) -> None:
    acme.read_profile("nina@T2", title=NAME, email=NINA)
    alone_id = let_nina_have_two_records(acme)
    account_id = acme.person_id_of("nina")

    with acme.bus.read(acme.workspace) as repositories:
        listed = list_people_of_address(repositories.people, NINA.upper())

    assert listed == [alone_id, account_id]


@pytest.mark.rule("PER-03")
def test_everybody_sees_what_is_stored_about_them(acme: Scenario) -> None:
    acme.send_invitation("devi", by="carl")

    stored: StoredData = acme.bus.query(
        ShowStoredData(acme.caller_for("carl")), acme.at
    )

    assert (stored.person.title, stored.person.email) == ("Carl", "carl@example.com")
    assert [(r.slug, m.role) for r, m in stored.memberships] == [("acme", "admin")]
    assert (len(stored.received), len(stored.sent)) == (1, 1)
    assert stored.event_count >= 5


@pytest.mark.rule("OUT-07")
def test_sqlite_keeps_no_remains_in_its_files(sqlite_url: str) -> None:
    with closing(Database.open(sqlite_url)) as database:
        database.upgrade_schema()
        world = Scenario(database)
        world.create_company()
        world.register_people("devi")
        let_nina_be_known(world)
        erase(world)
        database.remove_remains()
        folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
        files = [path for path in folder.iterdir() if path.is_file()]
        assert files
        for path in files:
            content = path.read_bytes().lower()
            assert NINA.encode() not in content, path
            assert NAME.lower().encode() not in content, path
