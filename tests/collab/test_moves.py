"""Moves of resources: rights in both containers, notifications, payment (RES-03)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import errors
from collab.billing.payment_methods import SetPaymentMethod
from collab.channels import LinkChannel
from collab.events import PayerChanged, ResourceMoved
from collab.key_rotation import ListStaleKeys
from collab.model import ChannelId
from collab.moves import MoveResource
from collab.resources import CreateResource, DisableResource
from storage.database import Database
from tests.support.builders import Scenario


@pytest.fixture
def two(world: Scenario) -> Scenario:
    """Home (Ada owns it, Bo is an admin) with the project Site and the app Shop, and Carl's company Away.

    Devi is an admin of Shop alone, Sam a member of Site, and Lena an admin of Away.
    """
    world.register_people("ada", "bo", "carl", "devi", "sam", "lena", "fay")
    world.create_company("Home")
    world.execute(CreateResource(world.caller_for("carl"), "company", "Away"))
    world.create_resource("project", "Site", "home")
    world.create_resource("app", "Shop", "home")
    world.create_resource("payment", "Card", "home")
    world.add_member("bo", "admin", "home")
    world.add_member("devi", "admin", "shop")
    world.add_member("sam", "member", "site")
    world.add_member("lena", "admin", "away", by="carl")
    world.take_outbox()
    return world


def move(world: Scenario, who: str, what: str, to: str | None) -> None:
    world.execute(MoveResource(world.caller_for(who), what, to))


def join_away(world: Scenario, who: str) -> None:
    """A person of Home is an admin of Away as well."""
    world.add_member(who, "admin", "away", by="carl")
    world.take_outbox()


@pytest.mark.rule("RES-03")
@pytest.mark.parametrize("to", ["elsewhere", None])
def test_who_is_in_through_the_app_alone_takes_it_nowhere(
    two: Scenario, to: str | None
) -> None:
    two.execute(CreateResource(two.caller_for("devi"), "company", "Elsewhere"))
    with pytest.raises(errors.MayNot):
        move(two, "devi", "shop", to)
    assert two.events_of_type(ResourceMoved) == []


@pytest.mark.rule("RES-03")
def test_who_pays_for_it_takes_it_nowhere(two: Scenario) -> None:
    two.execute(CreateResource(two.caller_for("fay"), "payment", "Purse"))
    two.add_member("ada", "holder", "purse", by="fay")
    two.execute(SetPaymentMethod(two.caller_for("ada"), "shop", "purse"))
    two.execute(CreateResource(two.caller_for("fay"), "company", "Elsewhere"))
    with pytest.raises(errors.MayNot):
        move(two, "fay", "shop", "elsewhere")


@pytest.mark.rule("RES-03")
@pytest.mark.parametrize("who", ["ada", "bo", "carl", "lena"])
@pytest.mark.parametrize("what", ["shop", "site"])
def test_it_takes_a_right_on_it_and_to_create_in_both_places(
    two: Scenario, what: str, who: str
) -> None:
    """Of one side alone nobody may; of both, anyone who may delete the app or migrate the project."""
    with pytest.raises((errors.MayNot, errors.UnknownResource)):
        move(two, who, what, "away")
    if who in {"carl", "lena"}:
        two.add_member(who, "developer" if what == "shop" else "member", what)
    else:
        join_away(two, who)
    if (what, who) in {("shop", "ada"), ("shop", "bo"), ("site", "ada")}:
        move(two, who, what, "away")
        assert two.get_resource(what).parent == two.get_resource("away").id
        return
    with pytest.raises(errors.MayNot):
        move(two, who, what, "away")


@pytest.mark.rule("RES-03")
@pytest.mark.rule("MEM-07")
def test_both_sides_and_their_channels_and_anyone_who_loses_it_hear(
    two: Scenario,
) -> None:
    two.add_member("fay", "owner", "home")
    join_away(two, "ada")
    two.link_channel("CHOME", "home")
    two.execute(LinkChannel(two.caller_for("carl"), ChannelId("CAWAY"), "away", ()))
    two.link_channel("CSHOP", "shop")
    two.take_outbox()
    move(two, "ada", "shop", "away")
    recipients = two.take_recipients_of("resource_moved")
    assert recipients == [
        "bo",
        "carl",
        "channel:CAWAY",
        "channel:CHOME",
        "channel:CSHOP",
        "fay",
        "lena",
    ]
    assert {*two.events_of_type(ResourceMoved)[0].people} == {
        two.person_id_of(who) for who in ("fay", "bo")
    }


@pytest.mark.rule("RES-03")
def test_members_of_the_old_project_who_lose_an_app_hear(two: Scenario) -> None:
    move(two, "ada", "shop", "site")
    two.take_outbox()
    move(two, "ada", "shop", "home")
    assert "sam" in two.take_recipients_of("resource_moved")


@pytest.mark.rule("RES-03")
@pytest.mark.rule("BIL-02")
@pytest.mark.parametrize(("who", "pays"), [("ada", True), ("bo", False)])
def test_a_payment_method_goes_on_paying_only_for_who_may_pay_with_it(
    two: Scenario, who: str, *, pays: bool
) -> None:
    two.execute(SetPaymentMethod(two.caller_for("ada"), "shop", "card"))
    join_away(two, who)
    move(two, who, "shop", "away")
    assert (two.get_resource("shop").payer is not None) is pays
    assert (
        bool([e for e in two.events_of_type(PayerChanged) if e.payer is None])
        is not pays
    )


@pytest.mark.rule("RES-03")
def test_what_stands_in_a_project_that_moves_is_paid_for_only_where_the_mover_may_pay(
    two: Scenario,
) -> None:
    for title, method in (("Blog", "purse"), ("News", "card")):
        two.create_resource("app", title, "site")
        if method == "purse":
            two.execute(CreateResource(two.caller_for("fay"), "payment", "Purse"))
            two.add_member("bo", "admin", "blog")
            two.add_member("bo", "holder", "purse", by="fay")
        two.execute(
            SetPaymentMethod(
                two.caller_for("bo" if method == "purse" else "ada"),
                title.lower(),
                method,
            )
        )
    two.add_member("ada", "owner", "away", by="carl")
    two.take_outbox()
    move(two, "ada", "site", "away")
    assert (two.get_resource("blog").payer, two.get_resource("news").payer) == (
        None,
        two.get_resource("card").id,
    )
    assert "fay" in two.take_recipients_of("payer_changed")


@pytest.mark.rule("RES-03")
@pytest.mark.rule("MEM-08")
def test_what_would_be_left_with_nobody_is_not_moved_out(two: Scenario) -> None:
    two.create_resource("app", "Blog", "home")
    two.execute(SetPaymentMethod(two.caller_for("ada"), "blog", "card"))
    with pytest.raises(errors.LastHolder):
        move(two, "bo", "blog", None)
    move(two, "ada", "blog", None)
    assert two.get_resource("blog").payer == two.get_resource("card").id


@pytest.mark.rule("RES-03")
@pytest.mark.rule("ROL-04")
@pytest.mark.parametrize("to", ["home", None])
def test_nothing_is_moved_out_of_what_is_disabled(
    two: Scenario, to: str | None
) -> None:
    move(two, "ada", "shop", "site")
    two.execute(DisableResource(two.caller_for("ada"), "site"))
    with pytest.raises(errors.MayNot):
        move(two, "ada", "shop", to)


@pytest.mark.rule("MEM-07")
@pytest.mark.rule("RES-03")
@pytest.mark.parametrize(("what", "app"), [("shop", "shop"), ("site", "blog")])
def test_the_keys_of_what_a_person_loses_by_a_move_are_to_be_rotated(
    two: Scenario, what: str, app: str
) -> None:
    two.create_resource("app", "Blog", "site")
    join_away(two, "ada")
    two.take_outbox()
    move(two, "ada", what, "away")
    moved = two.events_of_type(ResourceMoved)[-1]
    place = two.get_resource(app).id
    assert moved.rotate == (place,)
    lost = {person for _, person in moved.list_code_losses()}
    assert two.person_id_of("bo") in lost
    assert two.person_id_of("sam") not in lost
    found = two.bus.query(ListStaleKeys(two.caller_for("carl")), two.at)
    assert [(r.slug, since) for r, since in found.found] == [(app, two.at)]
    assert {p.id for day in found.lost[place] for p in day.people} == lost


@pytest.mark.rule("MEM-07")
def test_both_databases_keep_who_lost_code_by_each_move(database: Database) -> None:
    world = Scenario(database)
    world.register_people("ada", "bo")
    world.create_company("Home")
    world.execute(CreateResource(world.caller_for("ada"), "company", "Away"))
    world.create_resource("app", "Shop", "home")
    world.add_member("bo", "admin", "home")
    for to in ("away", "home", "away"):
        move(world, "ada", "shop", to)
        world.at += timedelta(hours=1)
    [(_, since)] = world.bus.query(
        ListStaleKeys(world.caller_for("ada")), world.at
    ).found
    assert since == world.at - timedelta(hours=1)


@pytest.mark.rule("MEM-07")
def test_who_keeps_the_code_after_a_move_makes_no_keys_stale(two: Scenario) -> None:
    join_away(two, "bo")
    join_away(two, "ada")
    move(two, "ada", "shop", "away")
    assert two.events_of_type(ResourceMoved)[-1].rotate == ()
    assert two.bus.query(ListStaleKeys(two.caller_for("carl")), two.at).found == []
