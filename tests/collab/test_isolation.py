"""Nothing crosses from one workspace to another.

Every command and every query of the domain is sent with ids of another workspace: all
of its ids, and each alone beside ids of one's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from collab import errors
from collab.billing.invoices import AddInvoices, NewInvoice
from collab.events import InvoiceAdded
from collab.memberships.commands import ChangeRole, RemoveMember
from collab.model import (
    Address,
    BillingDetails,
    Caller,
    ChannelId,
    DeliveryId,
    WorkspaceId,
)
from storage.database import Database
from storage.tables import metadata
from tests.support.builders import MONDAY, Scenario
from tests.support.requests import COMMANDS, QUERIES

HERE, THERE = WorkspaceId("T1"), WorkspaceId("T2")
BOTH = frozenset(
    """what within to container place resource_id team method who about person person_id
    other claimant people account invitation invitation_id handover request request_id
    channel invoice delivery""".split()
)
# Ids of Slack's own, which no workspace of ours gives.
SLACK_NAMES = frozenset({"about", "people", "account", "channel"})
MIN_ANSWERED = 20  # of the queries that name something
SECRET_TITLES = ("Zephyr Labs", "Zephyr Shop", "Zephyr Crew", "Zephyr Card", "Zephyrz")
# What a request needs besides ids; fields that have a default keep it.
PLAIN_VALUES: dict[str, Any] = {
    "role": "admin",
    "selected": "admin",
    "capability": "view",
    "kind": "app",
    "title": "Mine",
    "description": "Mine",
    "problem": "mailbox_refused",
    "why": "archived",
    "changes": {"lifetime": "14d"},
    "language": "de",
    "email": "zoe@example.com",
    "requested": 1,
    "opened_at": MONDAY,
    "opened_seq": 1,
    "address": Address("zoe@example.com"),
    "details": BillingDetails(reference="Mine"),
    "is_enabled": False,
    "bot": "UBOT",
    "admin": False,
    "tz": "UTC",
    "locale": "en-GB",
    "guest": False,
    "active": True,
    "plan": None,
    "typed": "",
    "kinds": ("app",),
    "keeps": None,
}


@dataclass
class Neighbour:
    """A full workspace, and the ids in it."""

    world: Scenario
    owner: str
    ids: dict[str, Any]

    def read_rows(self) -> dict[str, list[str]]:
        """Return every row of the workspace, in every table that has workspaces."""
        with self.world.database.engine.connect() as connection:
            return {
                table.name: sorted(
                    repr(tuple(row))
                    for row in connection.execute(
                        select(table).where(table.c.workspace == self.world.workspace)
                    )
                )
                for table in metadata.sorted_tables
                if "workspace" in table.c
            }


def build_neighbour(
    database: Database, workspace: WorkspaceId, prefix: str, name: str
) -> Neighbour:
    """Build a workspace in which something of everything is open."""
    world = Scenario(database, workspace=workspace, id_prefix=prefix)
    owner, member, invited = f"{name}zoe", f"{name}zara", f"{name}zeno"
    slug = name.lower()
    world.create_company(f"{name} Labs", owner=owner)
    world.register_people(member, invited)
    world.create_resource("app", f"{name} Shop", f"{slug}-labs", by=owner)
    world.create_resource("team", f"{name} Crew", by=owner)
    world.create_resource("payment", f"{name} Card", f"{slug}-labs", by=owner)
    world.add_member(member, "developer", f"{slug}-shop", by=owner)
    invitation = world.send_invitation(invited, "admin", f"{slug}-labs", by=owner)
    request = world.request_access(member, "manager", f"{slug}-shop")
    world.link_channel(f"C{prefix}SHOP", f"{slug}-shop", by=owner)
    bill = build_invoice(f"{slug}-card")
    added = world.execute(AddInvoices(world.system_caller("cli"), (bill,)))
    with database.engine.connect() as connection:
        outbox = metadata.tables["outbox"]
        queued = select(outbox.c.id).where(outbox.c.workspace == workspace)
        delivery = connection.execute(queued).scalars().first()
    app = world.get_resource(f"{slug}-shop").id
    zara = world.person_id_of(member)
    company = world.get_resource(f"{slug}-labs").id
    ids = {
        "what": app,
        "within": company,
        "to": company,
        "container": company,
        "place": company,
        "resource_id": app,
        "team": world.get_resource(f"{slug}-crew").id,
        "method": world.get_resource(f"{slug}-card").id,
        "who": zara,
        "about": world.account_of(member),
        "person": zara,
        "person_id": zara,
        "other": zara,
        "claimant": zara,
        "people": (world.account_of(member),),
        "account": world.account_of(member),
        "invitation": invitation,
        "invitation_id": invitation,
        "handover": invitation,
        "request": request,
        "request_id": request,
        "channel": ChannelId(f"C{prefix}SHOP"),
        "invoice": added.get_event(InvoiceAdded).invoice,
        "delivery": DeliveryId(delivery or 1),
    }
    return Neighbour(world, owner, ids)


def build_invoice(method: str) -> NewInvoice:
    """Return an invoice of a payment method."""
    day, amount = date(2026, 11, 1), Decimal("9.00")
    return NewInvoice(method, "Z-1", day, amount, "EUR", "f" * 64, 9)


def list_names(kind: type) -> list[str]:
    """Return the fields of a request that hold ids."""
    return [f.name for f in fields(kind) if f.name in {*BOTH, "command", "invoices"}]


def build_request(kind: type, by: Caller, ids: Mapping[str, Any]) -> Any:
    """Return a request with these ids and plain values."""
    values: dict[str, Any] = {}
    for each in fields(kind):
        type_name = str(each.type)
        if each.name == "by":
            continue
        if each.name == "command":
            inner = ChangeRole if "ChangeRole" in type_name else RemoveMember
            values["command"] = build_request(inner, by, ids)
        elif each.name == "invoices":
            values["invoices"] = (build_invoice(ids["method"]),)
        elif each.name in ids:
            values[each.name] = _fit(ids, each.name, type_name)
        elif each.default is MISSING and each.default_factory is MISSING:
            is_flag = type_name == "bool"
            values[each.name] = False if is_flag else PLAIN_VALUES[each.name]
    return kind(by, **values)


def _fit(ids: Mapping[str, Any], name: str, type_name: str) -> Any:
    """Return an id in the form that a field takes."""
    value = ids[name]
    if name == "who" and "PersonId" not in type_name:
        value = ids["account"]
    is_wrapped = type_name.startswith("tuple") and not isinstance(value, tuple)
    return (value,) if is_wrapped else value


@pytest.fixture
def neighbours(database: Database) -> tuple[Neighbour, Neighbour]:
    """Return two workspaces, on each database."""
    return (
        build_neighbour(database, HERE, "AA", "Acme"),
        build_neighbour(database, THERE, "ZZ", "Zephyr"),
    )


def iterate_mixtures(
    kind: type, here: Neighbour, there: Neighbour
) -> Iterator[dict[str, Any]]:
    """Yield all foreign ids, then each alone beside own ones.

    An account or a channel alone is Slack's: a shared channel leads to them.
    """
    names = list_names(kind)
    if not names:
        return
    yield there.ids
    if len(names) > 1:
        for name in names:
            is_person = name != "who" or "PersonId" in str(
                next(f.type for f in fields(kind) if f.name == name)
            )
            if name in there.ids and name not in SLACK_NAMES and is_person:
                yield {**here.ids, name: there.ids[name]}


def iterate_requests(kind: type, here: Neighbour, there: Neighbour) -> Iterator[Any]:
    """Yield requests of those who may send most: the owner, and the operator."""
    for by in (here.world.caller_for(here.owner), here.world.system_caller("cli")):
        for ids in iterate_mixtures(kind, here, there):
            yield build_request(kind, by, ids)


# What is not refused, and why that tells and changes nothing of the other workspace.
NOT_REFUSED = {
    # They answer that there is nothing, or record nothing.
    "CloseChannel": "no link",
    "RenameChannel": "no link",
    "ListPeopleWithAccess": "all of one's own people",
    "PreviewRoleChange": "no effects",
    "ShowInvitation": "none",
    "ShowPersonPage": "a page of nobody",
    # They are about what Slack knows, which any workspace may come to know.
    "RegisterPerson": "an account of Slack's",
    "SignInByAccount": "an account of Slack's",
    "UpdateProfile": "an account of Slack's",
    # The mail server reports it of a person of one's own.
    "RecordMailFailure": "a mail to one's own person",
}


def find_leaks(said: object) -> list[str]:
    """Return what is told of the other workspace."""
    return [title for title in SECRET_TITLES if title in repr(said)]


def test_a_command_with_foreign_ids_changes_nothing_there(
    neighbours: tuple[Neighbour, Neighbour],
) -> None:
    here, there = neighbours
    before = there.read_rows()
    assert before["events"]
    assert before["resources"]
    for kind in COMMANDS:
        for command in iterate_requests(kind, here, there):
            said: Any
            try:
                said = here.world.execute(command)
                assert kind.__name__ in NOT_REFUSED, command
            except errors.Rejected as rejected:
                said = rejected
            assert find_leaks(said) == [], command
        assert there.read_rows() == before, kind


def test_a_query_with_foreign_ids_is_told_nothing(
    neighbours: tuple[Neighbour, Neighbour],
) -> None:
    here, there = neighbours
    before = there.read_rows()
    for kind in QUERIES:
        for query in iterate_requests(kind, here, there):
            said: Any
            try:
                said = here.world.bus.query(query, here.world.at)
                assert kind.__name__ in NOT_REFUSED, query
            except errors.Rejected as rejected:
                said = rejected
            assert find_leaks(said) == [], query
    assert there.read_rows() == before


def test_a_query_without_ids_is_told_nothing(
    neighbours: tuple[Neighbour, Neighbour],
) -> None:
    here, _ = neighbours
    by = here.world.caller_for(here.owner)
    for kind in QUERIES:
        if not list_names(kind):
            said: Any = None
            with suppress(errors.Rejected):
                query = build_request(kind, by, {})
                said = here.world.bus.query(query, here.world.at)
            assert find_leaks(said) == [], kind


def test_the_same_ids_lead_somewhere_in_their_own_workspace(
    neighbours: tuple[Neighbour, Neighbour],
) -> None:
    _, there = neighbours
    by = there.world.caller_for(there.owner)
    answered = []
    for kind in QUERIES:
        if list_names(kind):
            with suppress(errors.Rejected):
                query = build_request(kind, by, there.ids)
                if find_leaks(there.world.bus.query(query, there.world.at)):
                    answered.append(kind)
    assert len(answered) >= MIN_ANSWERED
