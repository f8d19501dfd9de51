"""A made-up kind with two roles works by rows alone: the engine names no kind and no role."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collab import refusals
from collab.events import MemberRestored, RequestGranted, SuccessionSettled
from collab.explain import Mine, Show, Who, Why
from collab.kinds import Implied, Kind, Role, table
from collab.membership import ChangeRole
from collab.offers import Term
from collab.policy import Policy
from collab.record import ListEvents
from collab.resources import Delete, Move, Rename
from collab.service import Collab
from tests.support.builders import World

BOAT = Kind(
    "boat",
    ("boat", "boats"),
    founder="captain",
    roles=(
        Role(
            "captain",
            can=("view", "edit", "delete", "create"),
            grants=("captain", "mate"),
            removes=("mate",),
            at_least=1,
        ),
        Role("mate", can=("view",)),
    ),
)
CABIN = Kind(
    "cabin",
    ("cabin", "cabins"),
    founder="steward",
    stands_in=("boat",),
    offered_together=True,
    stays_controlled=True,
    roles=(
        Role("steward", can=("view", "edit", "delete", "code"), grants=("guest",), removes=("guest",)),
        Role("guest", can=("view", "code")),
    ),
)
FLEET = table(
    BOAT,
    CABIN,
    implied=(
        Implied(("captain",), "boat", "holds", "steward", ("cabin",)),
        Implied(("mate",), "boat", "holds", "guest", ("cabin",)),
    ),
)


@pytest.fixture
def sea(world: World) -> World:
    """Ada's boat Seagull with the cabins Port and Starboard."""
    world.collab = Collab(world.database.units, world.new_id, Policy(), FLEET)
    world.knows("ada", "bo", "carl", "devi", "sam")
    world.make("boat", "Seagull")
    world.make("cabin", "Port", "seagull")
    world.make("cabin", "Starboard", "seagull")
    world.told()
    return world


def paths(world: World, who: str, what: str, capability: str) -> list[str]:
    found = world.collab.ask(Why(world.by("ada"), world.account(who), what, capability), world.at)
    return [" > ".join(f"{s.role}@{s.resource.slug}" for s in path.steps) for path in found.paths]


@pytest.mark.rule("RES-01")
def test_creating_inviting_accepting_removing_and_leaving(sea: World) -> None:
    assert sea.members("seagull") == {"ada": "captain"}
    sea.member("carl", "mate", "seagull")
    assert sea.members("seagull") == {"ada": "captain", "carl": "mate"}
    with pytest.raises(refusals.MayNotGrant):
        sea.invite("devi", "mate", "seagull", by="carl")
    with pytest.raises(refusals.UnknownRole):
        sea.invite("devi", "owner", "seagull")
    with pytest.raises(refusals.UnknownKind):
        sea.make("company", "Acme")
    with pytest.raises(refusals.LastHolder):
        sea.leave("ada", "seagull")
    sea.remove("carl", what="seagull")
    sea.member("bo", "captain", "seagull")
    sea.leave("ada", "seagull")
    assert sea.members("seagull", by="bo") == {"bo": "captain"}


@pytest.mark.rule("ROL-02")
def test_why_and_who(sea: World) -> None:
    sea.member("carl", "mate", "seagull")
    assert paths(sea, "carl", "port", "code") == ["mate@seagull > guest@port"]
    assert paths(sea, "carl", "port", "edit") == []
    able = sea.collab.ask(Who(sea.by("ada"), "port", "code"), sea.at)
    assert [(p.person.user, p.steps[-1].role) for p in able.paths] == [("UADA", "steward"), ("UCARL", "guest")]
    assert sea.collab.ask(Mine(sea.by("carl")), sea.at).total == 3
    assert sea.collab.ask(Show(sea.by("carl"), "port"), sea.at).can == ("view", "code")


@pytest.mark.rule("EVT-03")
def test_the_record(sea: World) -> None:
    sea.member("carl", "guest", "port")
    sea.do(Rename(sea.by("ada"), "port", "Larboard"))
    names = [line.recorded.event.name for line in sea.events("seagull")]
    assert names[:2] == ["resource.renamed", "member.joined"]
    assert len(sea.events("seagull", names=("cabin.created",))) == 2
    assert len(sea.collab.ask(ListEvents(sea.by("carl"), names=("cabin",)), sea.at).lines) == 1
    with pytest.raises(refusals.UnknownEvent):
        sea.events("seagull", names=("app.created",))


@pytest.mark.rule("INV-01")
def test_several_at_once_and_for_a_limited_time(sea: World) -> None:
    sea.accept("devi", sea.invite("devi", "guest", ("port", "starboard"), term=Term(timedelta(days=10))))
    sea.told()
    sea.passes(days=3)
    assert sorted(sea.told()) == sorted([("ada", "member_ends_soon"), ("devi", "member_warned")] * 2)
    sea.extend("devi", "port")
    sea.passes(days=7)
    assert (sea.can("devi", "port"), sea.can("devi", "starboard")) == ({"view", "code"}, set())
    with pytest.raises(refusals.NotTogether):
        sea.invite("sam", "mate", ("seagull", "port"))


@pytest.mark.rule("MEM-02")
@pytest.mark.rule("MEM-11")
def test_promoting_undoing_and_moving(sea: World) -> None:
    sea.member("carl", "guest", "port")
    sea.remove("carl", what="port")
    assert sea.undo("ada").first(MemberRestored).role == "guest"
    with pytest.raises(refusals.MayNotGrant):
        sea.do(ChangeRole(sea.by("ada"), sea.account("carl"), "steward", "port"))
    with pytest.raises(refusals.LastHolder):
        sea.do(Move(sea.by("ada"), "port", None))
    sea.do(Delete(sea.by("ada"), "seagull", "Seagull"))
    assert sea.can("carl", "port") == set()


@pytest.mark.rule("MEM-12")
@pytest.mark.rule("MEM-09")
def test_asking_and_following(sea: World) -> None:
    sea.member("carl", "mate", "seagull")
    assert sea.grant("ada", sea.asks("carl", "captain", "seagull")).first(RequestGranted)
    sea.member("devi", "mate", "seagull")
    sea.goes("carl", "ada")
    assert sea.hears("succession") == ["devi"]
    assert sea.choose("devi", "devi", "seagull").first(SuccessionSettled).role == "captain"
