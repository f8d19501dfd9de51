"""The operator stops a workspace or a resource, and starts it again where it was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import errors
from collab.events import (
    InvitationReminded,
    ResourceDisabled,
    ResourceEnabled,
    WorkspaceDisabled,
    WorkspaceEnabled,
)
from collab.home import ShowHome
from collab.installations import Installation, Tokens
from collab.model import Caller
from collab.operators import SwitchResource, SwitchWorkspace
from collab.people import InstallWorkspace, UninstallWorkspace
from collab.resources import CreateResource
from storage.database import Database
from storage.installations import InstallationStore
from tests.support.builders import Scenario

SECRETS = ("a-secret-of-32-characters-or-more",)


@pytest.fixture
def acme_on_each(database: Database) -> Scenario:
    world = Scenario(database)
    world.create_company()
    return world


def operator(world: Scenario) -> Caller:
    return world.system_caller("cli")


def switch(world: Scenario, *, is_enabled: bool) -> None:
    world.execute(SwitchWorkspace(operator(world), is_enabled))


def claim(world: Scenario) -> list[str]:
    """Return the messages of all deliveries that a worker would send now."""
    deliveries = world.database.outbox.claim_deliveries(50, timedelta())
    return [each.message for each in deliveries]


def test_a_workspace_that_is_switched_off_decides_nothing(
    acme_on_each: Scenario,
) -> None:
    world = acme_on_each
    switch(world, is_enabled=False)
    switch(world, is_enabled=False)
    assert len(world.events_of_type(WorkspaceDisabled)) == 1
    ada = world.caller_for("ada")
    with pytest.raises(errors.WorkspaceDisabled):
        world.execute(CreateResource(ada, "company", "Other"))
    with pytest.raises(errors.WorkspaceDisabled):
        world.bus.query(ShowHome(ada), world.at)

    switch(world, is_enabled=True)
    assert len(world.events_of_type(WorkspaceEnabled)) == 1
    world.execute(CreateResource(ada, "company", "Other"))


def test_nothing_is_delivered_meanwhile_and_all_of_it_afterwards(
    acme_on_each: Scenario,
) -> None:
    world = acme_on_each
    world.take_outbox()
    world.send_invitation("carl")
    switch(world, is_enabled=False)
    assert claim(world) == []
    assert world.database.outbox.seconds_until_next() is None
    switch(world, is_enabled=True)
    assert world.database.outbox.seconds_until_next() == 0.0
    assert claim(world)


def test_nothing_is_due_meanwhile(acme_on_each: Scenario) -> None:
    world = acme_on_each
    world.send_invitation("carl")
    switch(world, is_enabled=False)
    world.advance_time(days=3)
    assert not world.events_of_type(InvitationReminded)
    switch(world, is_enabled=True)
    world.advance_time(days=1)
    assert world.events_of_type(InvitationReminded)


def test_where_the_app_was_removed_deliveries_wait_and_tokens_are_gone(
    acme_on_each: Scenario,
) -> None:
    world = acme_on_each
    store: InstallationStore = world.database.open_installations(SECRETS)
    store.save(Installation(world.workspace, Tokens("xoxb-1"), frozenset(), world.at))
    world.take_outbox()
    world.send_invitation("carl")
    world.execute(UninstallWorkspace(world.system_caller("event")))
    assert store.find(world.workspace) is None
    assert claim(world) == []
    world.execute(
        InstallWorkspace(world.system_caller("oauth"), "Acme HQ", "UBOT", None)
    )
    assert claim(world)


def test_only_the_operator_may(acme: Scenario) -> None:
    for command in (
        SwitchWorkspace(acme.caller_for("ada"), False),
        SwitchResource(acme.caller_for("ada"), "acme", False),
    ):
        with pytest.raises(errors.NotWorkspaceAdmin):
            acme.execute(command)


def test_the_operator_stops_a_resource(acme: Scenario) -> None:
    by = operator(acme)
    acme.execute(SwitchResource(by, "acme", False))
    acme.execute(SwitchResource(by, "acme", False))
    with pytest.raises(errors.IsDisabled):
        acme.send_invitation("carl")
    acme.execute(SwitchResource(by, "acme", True))
    acme.send_invitation("carl")
    assert len(acme.events_of_type(ResourceDisabled)) == 1
    assert len(acme.events_of_type(ResourceEnabled)) == 1
    with pytest.raises(errors.UnknownResource):
        acme.execute(SwitchResource(by, "nosuch", False))
