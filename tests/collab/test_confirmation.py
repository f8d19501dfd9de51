"""A confirmation is carried out only with the effects that its preview showed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from collab import errors
from collab.command import Command, Query
from collab.confirmation import ConfirmedPreview, compute_digest
from collab.impact import DisablingPreview, PreviewDeletion, PreviewDisabling
from collab.memberships.commands import RemoveMember
from collab.removal_impact import PreviewRemoval
from collab.resource_deletion import DeleteResource
from collab.resources import DisableResource, RenameResource
from tests.support.builders import Scenario

MakeAct = Callable[[Scenario], tuple[Query[object], Command]]


def disabling(world: Scenario) -> tuple[Query[object], Command]:
    by = world.caller_for("ada")
    return PreviewDisabling(by, "site"), DisableResource(by, "site")


def deletion(world: Scenario) -> tuple[Query[object], Command]:
    by = world.caller_for("ada")
    return PreviewDeletion(by, "site"), DeleteResource(by, "site", "Site")


def removal(world: Scenario) -> tuple[Query[object], Command]:
    by, devi = world.caller_for("ada"), world.account_of("devi")
    return PreviewRemoval(by, devi, "site"), RemoveMember(by, devi, "site")


@pytest.fixture
def site(acme: Scenario) -> Scenario:
    """Return Acme with a project that has an app, of which Devi is a member."""
    acme.create_resource("project", "Site", within="acme")
    acme.create_resource("app", "Shop", within="site")
    acme.register_people("devi")
    acme.add_member("devi", "member", "site")
    return acme


def confirm(
    world: Scenario, query: Query[object], command: Command, digest: str
) -> None:
    confirmed = ConfirmedPreview(query, digest)
    world.bus.execute(command, world.at, confirmed=confirmed)


@pytest.mark.rule("RES-06")
@pytest.mark.parametrize("make_act", [disabling, deletion, removal])
def test_a_confirmation_holds_until_an_effect_changes(
    site: Scenario, make_act: MakeAct
) -> None:
    query, command = make_act(site)
    digest = compute_digest(site.bus.query(query, site.at))
    site.execute(RenameResource(site.caller_for("ada"), "site", "Website"))
    site.execute(RenameResource(site.caller_for("ada"), "site", "Site"))
    site.create_resource("app", "News", within="site")
    before = site.list_recorded_events()

    with pytest.raises(errors.PreviewChanged) as changed:
        confirm(site, query, command, digest)
    assert site.list_recorded_events() == before

    confirm(site, query, command, compute_digest(changed.value.preview))
    assert len(site.list_recorded_events()) > len(before)


@pytest.mark.rule("RES-06")
def test_what_may_not_be_done_any_more_is_rejected_as_ever(site: Scenario) -> None:
    query, command = removal(site)
    site.remove_member("devi", what="site")
    with pytest.raises(errors.NotAMember):
        confirm(site, query, command, "")


def test_a_digest_ignores_names_and_the_order_of_lists(site: Scenario) -> None:
    shop, project = site.get_resource("shop"), site.get_resource("site")
    first = DisablingPreview(project, [shop, project], 2)
    site.execute(RenameResource(site.caller_for("ada"), "shop", "Boutique"))
    renamed = site.get_resource("shop")
    assert renamed != shop
    second = DisablingPreview(project, [project, renamed], 2)
    assert compute_digest(first) == compute_digest(second)
    assert compute_digest(first) != compute_digest(DisablingPreview(project, [shop], 2))
