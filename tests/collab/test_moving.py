"""Moving takes the right to create in both places, is told to both sides, and takes no payment along (RES-03)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import refusals
from collab.billing import Pay
from collab.channels import LinkChannel
from collab.events import PayerChanged, ResourceMoved
from collab.keys import ShowKeys
from collab.resources import Create, Disable, Move
from storage.database import Database
from tests.support.builders import World


@pytest.fixture
def two(world: World) -> World:
    """Home (Ada owns it, Bo is an admin) with the project Site and the app Shop, and Carl's company Away.

    Devi is an admin of Shop alone, Sam a member of Site, and Lena an admin of Away.
    """
    world.knows("ada", "bo", "carl", "devi", "sam", "lena", "fay")
    world.company("Home")
    world.do(Create(world.by("carl"), "company", "Away"))
    world.make("project", "Site", "home")
    world.make("app", "Shop", "home")
    world.make("payment", "Card", "home")
    world.member("bo", "admin", "home")
    world.member("devi", "admin", "shop")
    world.member("sam", "member", "site")
    world.member("lena", "admin", "away", by="carl")
    world.told()
    return world


def move(world: World, who: str, what: str, to: str | None) -> None:
    world.do(Move(world.by(who), what, to))


def join_away(world: World, who: str) -> None:
    """Somebody of Home is an admin of Away as well."""
    world.member(who, "admin", "away", by="carl")
    world.told()


@pytest.mark.rule("RES-03")
@pytest.mark.parametrize("to", ["elsewhere", None])
def test_who_is_in_through_the_app_alone_takes_it_nowhere(two: World, to: str | None) -> None:
    two.do(Create(two.by("devi"), "company", "Elsewhere"))
    with pytest.raises(refusals.MayNot):
        move(two, "devi", "shop", to)
    assert two.happened(ResourceMoved) == []


@pytest.mark.rule("RES-03")
def test_who_pays_for_it_takes_it_nowhere(two: World) -> None:
    two.do(Create(two.by("fay"), "payment", "Purse"))
    two.member("ada", "holder", "purse", by="fay")
    two.do(Pay(two.by("ada"), "shop", "purse"))
    two.do(Create(two.by("fay"), "company", "Elsewhere"))
    with pytest.raises(refusals.MayNot):
        move(two, "fay", "shop", "elsewhere")


@pytest.mark.rule("RES-03")
@pytest.mark.parametrize("who", ["ada", "bo", "carl", "lena"])
@pytest.mark.parametrize("what", ["shop", "site"])
def test_it_takes_a_right_on_it_and_to_create_in_both_places(two: World, what: str, who: str) -> None:
    """Of one side alone nobody may; of both, whoever may delete the app or migrate the project."""
    with pytest.raises((refusals.MayNot, refusals.UnknownResource)):
        move(two, who, what, "away")
    if who in {"carl", "lena"}:
        two.member(who, "developer" if what == "shop" else "member", what)
    else:
        join_away(two, who)
    if (what, who) in {("shop", "ada"), ("shop", "bo"), ("site", "ada")}:
        move(two, who, what, "away")
        assert two.thing(what).parent == two.thing("away").id
        return
    with pytest.raises(refusals.MayNot):
        move(two, who, what, "away")


@pytest.mark.rule("RES-03")
@pytest.mark.rule("MEM-07")
def test_both_sides_and_their_channels_and_whoever_loses_it_hear(two: World) -> None:
    two.member("fay", "owner", "home")
    join_away(two, "ada")
    two.link("CHOME", "home")
    two.do(LinkChannel(two.by("carl"), "CAWAY", "away", ()))
    two.link("CSHOP", "shop")
    two.told()
    move(two, "ada", "shop", "away")
    told = two.hears("resource_moved")
    assert told == ["bo", "carl", "channel:CAWAY", "channel:CHOME", "channel:CSHOP", "fay", "lena"]
    assert {*two.happened(ResourceMoved)[0].people} == {two.id_of(who) for who in ("fay", "bo")}


@pytest.mark.rule("RES-03")
def test_members_of_the_old_project_who_lose_an_app_hear(two: World) -> None:
    move(two, "ada", "shop", "site")
    two.told()
    move(two, "ada", "shop", "home")
    assert "sam" in two.hears("resource_moved")


@pytest.mark.rule("RES-03")
@pytest.mark.rule("BIL-02")
@pytest.mark.parametrize(("who", "pays"), [("ada", True), ("bo", False)])
def test_a_payment_method_goes_on_paying_only_for_who_may_pay_with_it(two: World, who: str, *, pays: bool) -> None:
    two.do(Pay(two.by("ada"), "shop", "card"))
    join_away(two, who)
    move(two, who, "shop", "away")
    assert (two.thing("shop").payer is not None) is pays
    assert bool([e for e in two.happened(PayerChanged) if e.payer is None]) is not pays


@pytest.mark.rule("RES-03")
def test_what_stands_in_a_project_that_moves_is_paid_for_only_where_the_mover_may_pay(two: World) -> None:
    for title, method in (("Blog", "purse"), ("News", "card")):
        two.make("app", title, "site")
        if method == "purse":
            two.do(Create(two.by("fay"), "payment", "Purse"))
            two.member("bo", "admin", "blog")
            two.member("bo", "holder", "purse", by="fay")
        two.do(Pay(two.by("bo" if method == "purse" else "ada"), title.lower(), method))
    two.member("ada", "owner", "away", by="carl")
    two.told()
    move(two, "ada", "site", "away")
    assert (two.thing("blog").payer, two.thing("news").payer) == (None, two.thing("card").id)
    assert "fay" in two.hears("payer_changed")


@pytest.mark.rule("RES-03")
@pytest.mark.rule("MEM-08")
def test_what_would_be_left_with_nobody_is_not_moved_out(two: World) -> None:
    two.make("app", "Blog", "home")
    two.do(Pay(two.by("ada"), "blog", "card"))
    with pytest.raises(refusals.LastHolder):
        move(two, "bo", "blog", None)
    move(two, "ada", "blog", None)
    assert two.thing("blog").payer == two.thing("card").id


@pytest.mark.rule("RES-03")
@pytest.mark.rule("ROL-04")
@pytest.mark.parametrize("to", ["home", None])
def test_nothing_is_moved_out_of_what_is_disabled(two: World, to: str | None) -> None:
    move(two, "ada", "shop", "site")
    two.do(Disable(two.by("ada"), "site"))
    with pytest.raises(refusals.MayNot):
        move(two, "ada", "shop", to)


@pytest.mark.rule("MEM-07")
@pytest.mark.rule("RES-03")
@pytest.mark.parametrize(("what", "app"), [("shop", "shop"), ("site", "blog")])
def test_the_keys_of_what_somebody_loses_by_a_move_are_to_be_rotated(two: World, what: str, app: str) -> None:
    two.make("app", "Blog", "site")
    join_away(two, "ada")
    two.told()
    move(two, "ada", what, "away")
    moved = two.happened(ResourceMoved)[-1]
    place = two.thing(app).id
    assert moved.rotate == (place,)
    lost = {person for _, person in moved.code_losses()}
    assert two.id_of("bo") in lost
    assert two.id_of("sam") not in lost
    found = two.collab.ask(ShowKeys(two.by("carl")), two.at)
    assert [(r.slug, since) for r, since in found.found] == [(app, two.at)]
    assert {p.id for day in found.lost[place] for p in day.people} == lost


@pytest.mark.rule("MEM-07")
def test_both_databases_keep_who_lost_code_by_each_move(database: Database) -> None:
    world = World(database)
    world.knows("ada", "bo")
    world.company("Home")
    world.do(Create(world.by("ada"), "company", "Away"))
    world.make("app", "Shop", "home")
    world.member("bo", "admin", "home")
    for to in ("away", "home", "away"):
        move(world, "ada", "shop", to)
        world.at += timedelta(hours=1)
    [(_, since)] = world.collab.ask(ShowKeys(world.by("ada")), world.at).found
    assert since == world.at - timedelta(hours=1)


@pytest.mark.rule("MEM-07")
def test_who_keeps_the_code_after_a_move_makes_no_keys_stale(two: World) -> None:
    join_away(two, "bo")
    join_away(two, "ada")
    move(two, "ada", "shop", "away")
    assert two.happened(ResourceMoved)[-1].rotate == ()
    assert two.collab.ask(ShowKeys(two.by("carl")), two.at).found == []
