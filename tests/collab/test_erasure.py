"""A person is erased: their names and addresses are nowhere, and the record still gives the state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.event_export import write_events
from collab import errors
from collab.billing.payment_methods import ChangeBillingDetails
from collab.billing.transfers import TransferOwnership
from collab.erasure import ErasePerson, ShowStoredData, StoredData
from collab.events import (
    InvitationRevoked,
    InvitationSent,
    MemberLeft,
    PersonErased,
    RequestEnded,
)
from collab.model import Address, BillingDetails, Caller, PersonId
from collab.resources import DescribeResource
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
    world.create_resource("payment", "Card", "acme")
    world.execute(
        ChangeBillingDetails(
            world.caller_for("ada"),
            "card",
            BillingDetails(f"c/o {NAME}\nMain St 1", NINA),
        )
    )
    about = f"Ask {NAME.upper()} or {NINA}"
    world.execute(DescribeResource(world.caller_for("ada"), "shop", about))
    world.execute(DescribeResource(world.caller_for("ada"), "shop", "A shop"))
    world.send_invitation("devi", by="nina", note=f"Yours, {NAME}")
    world.send_invitation("nina", "owner")
    world.add_member("devi", "developer", "shop")
    world.request_access("devi", "manager", "shop", f"{NAME} sent me")
    world.send_invitation("otto@client.example", "accountant", note="Rothermel?")
    world.database.outbox.enqueue_message(
        world.workspace, "reply:1", "reply", {"body": {"text": [f"{NAME}: {NINA}"]}}
    )


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
    assert find_traces(acme.database, "Main St 1")
    assert find_traces(acme.database, "Ada", "ada@example.com")


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

    assert happened.count(MemberLeft) == 1
    assert happened.count(InvitationRevoked) == 2  # the one to her, and the one by her
    assert happened[-1] is PersonErased or PersonErased in happened
    assert sorted(acme.roles_by_name()) == ["ada", "carl", "devi"]
    assert RequestEnded not in happened  # Devi's own request stays


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
    for nobody in (Address("nobody@client.example"), PersonId("P0")):
        with pytest.raises(errors.UnknownPerson):
            acme.execute(ErasePerson(operator, nobody))
    acme.execute(ErasePerson(operator, Address("carl@example.com")))
    assert find_traces(acme.database, "carl@example.com") == []


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
