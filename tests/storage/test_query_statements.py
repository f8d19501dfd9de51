"""How many statements each query takes, in a company with a thousand members and a hundred apps.

The number does not depend on how much there is. BEGIN and ROLLBACK are not counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from collab.access_queries import (
    ExplainAccess,
    ListMyResources,
    ListUsersWithCapability,
    ShowResource,
)
from collab.assignable_roles import ListAssignableResources, ListCommonRoles
from collab.billing.invoices import ListInvoices
from collab.billing.payment_methods import ListPaymentMethods, ShowBilling
from collab.billing.plans import ShowPlan
from collab.channels import ListChannelLinks, ListLinkableResources
from collab.command import Query
from collab.event_log import ListEvents
from collab.home import ShowHome, ShowOfferedActions
from collab.invitations.queries import ListInvitations
from collab.key_rotation import ListStaleKeys
from collab.memberships.member_actions import ListMembersWithActions
from collab.memberships.queries import ListMembers
from collab.model import Caller
from collab.pages import ShowPersonPage, ShowResourcePage
from collab.pending import ShowOverview
from collab.people_with_access import ListPeopleWithAccess
from collab.resource_pickers import ListVisibleResources
from collab.settings import ShowSettings
from storage.database import Database
from tests.support.load import build_crowded_world

SHOP = "rcrowd0001"


@contextmanager
def recorded_statements(database: Database) -> Iterator[list[str]]:
    """Record the statements that run meanwhile, without those that begin and end."""
    statements: list[str] = []

    def record(*said: Any) -> None:
        if said[2] not in {"BEGIN", "ROLLBACK", "COMMIT"}:
            statements.append(said[2])

    event.listen(database.engine, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", record)


def bounded_queries(ada: Caller, member: Caller) -> dict[str, tuple[int, Query[Any]]]:
    """Each query, and how many statements it may take."""
    colleague = member.account
    assert colleague is not None
    return {
        "members of a company": (4, ListMembers(ada, "acme")),
        "members, with actions": (4, ListMembersWithActions(ada, "acme")),
        "members of an app": (4, ListMembersWithActions(ada, SHOP)),
        "show a company": (3, ShowResource(ada, "acme")),
        "show an app": (2, ShowResource(ada, SHOP)),
        "page of a company": (6, ShowResourcePage(ada, "acme")),
        "page of an app": (6, ShowResourcePage(ada, SHOP)),
        "page of an app, to a member": (6, ShowResourcePage(member, SHOP)),
        "page of a person": (4, ShowPersonPage(ada, colleague)),
        "people of what one manages": (5, ListPeopleWithAccess(ada)),
        "who, in a company": (4, ListUsersWithCapability(ada, "acme", "view")),
        "who, in an app": (4, ListUsersWithCapability(ada, SHOP, "code")),
        "why, in a company": (4, ExplainAccess(ada, colleague, "acme", "view")),
        "why, in an app": (3, ExplainAccess(ada, colleague, SHOP, "code")),
        "mine": (2, ListMyResources(ada)),
        "events of a company": (3, ListEvents(ada, "acme")),
        "events": (3, ListEvents(ada)),
        "Home of an owner": (4, ShowHome(ada)),
        "Home of a member": (3, ShowHome(member)),
        "invoices": (4, ListInvoices(ada, "card")),
        "billing": (5, ShowBilling(ada, "card")),
        "payment methods": (2, ListPaymentMethods(ada)),
        "keys": (3, ListStaleKeys(ada)),
        "channels": (3, ListChannelLinks(ada)),
        "overview": (3, ShowOverview(ada)),
        "invitations sent": (4, ListInvitations(ada, sent=True)),
        "invitations to answer": (4, ListInvitations(ada)),
        "plan": (5, ShowPlan(ada, "acme")),
        "form: what one can invite to": (2, ListAssignableResources(ada)),
        "form: roles": (2, ListCommonRoles(ada, ("acme",))),
        "form: resources": (2, ListVisibleResources(ada, ("app",))),
        "form: linkable resources": (2, ListLinkableResources(ada)),
        "settings": (1, ShowSettings(ada)),
        "offered actions": (1, ShowOfferedActions(ada)),
    }


def test_queries_take_no_more_statements_than_these(database: Database) -> None:
    world = build_crowded_world(database)
    taken: dict[str, int] = {}
    allowed: dict[str, int] = {}
    queries = bounded_queries(world.caller_for("ada"), world.caller_for("bo"))
    for name, (most, query) in queries.items():
        with recorded_statements(database) as statements:
            world.bus.query(query, world.at)
        taken[name], allowed[name] = len(statements), most
    assert taken == allowed
