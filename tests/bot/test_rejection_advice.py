"""The advice in a rejection works for its reader: each command in it is permitted."""

from __future__ import annotations

import html
import re

import pytest

from collab.resources import DisableResource
from tests.bot.slack.test_app import Face
from tests.support.billing_oracle import accept_offer, offer_ownership
from tests.support.builders import Scenario

pytestmark = pytest.mark.slow  # every refusal, acted out

ADVICE = re.compile(r"`(/collab [^`]+)`")
NOT_ALLOWED = re.compile(
    r"doesn't let you|don't let you|nobody can|Only the |can't change|You don't pay for|"
    r"always has exactly one|and there's no other one|so you can't"
)
REFUSED = {
    "ada": ("leave acme", "leave alone", "leave crew", "leave purse", "leave solo", "leave site", "leave off",
            "remove <@UDEVI> shop", "remove <@UCARL> shop", "remove <@UZED> site", "transfer ownership shop <@UVIC>",
            "transfer ownership crew <@UVIC>", "invite <@UVIC> member off", "rename off New", "remove <@UBO> acme"),
    "carl": ("remove <@UADA> acme", "role <@UVIC> admin acme", "remove <@UVIC> acme", "create payment New in acme",
             "remove <@UZED> site", "transfer ownership site <@UVIC>", "transfer ownership shop <@UVIC>",
             "rename off New", "leave shop", "leave site"),
    "vic": ("remove <@UADA> acme", "invite <@UEVE> developer shop", "rename shop New", "create app New in acme",
            "transfer ownership site <@UBO>", "transfer ownership shop <@UBO>", "rename off New",
            "extend <@UDEVI> shop", "delete acme", "transfer ownership crew <@UBO>"),
    "zed": ("rename acme New", "remove <@UADA> site", "remove <@UVIC> acme"),
    "devi": ("leave shop", "remove <@UBO> shop", "transfer ownership shop <@UBO>"),
}  # fmt: skip


@pytest.fixture
def house(acme: Scenario) -> Face:
    """Ada and Bo own Acme, Carl is an admin; Zed owns its project Site directly; Vic has the lowest roles."""
    face, world = (
        Face(acme),
        acme.register_people("bo", "carl", "devi", "vic", "zed", "eve"),
    )
    for line in ("project Site in acme", "project Off in acme", "app Shop in acme", "payment Card in acme",
                 "project Alone", "team Crew", "payment Purse", "app Solo"):  # fmt: skip
        face.types("ada", f"create {line}")
    world.add_member("carl")
    world.add_member("devi", "unlimited", "crew")
    for role, what in (
        ("accountant", "acme"),
        ("member", "site"),
        ("developer", "shop"),
        ("limited", "crew"),
    ):
        world.add_member("vic", role, what)
    world.add_member("vic", "member", "off")
    world.share_with_team("shop", "crew", "developer")
    world.add_member("bo", "owner")
    accept_offer(world, "zed", offer_ownership(world, "zed", "site"))
    world.execute(DisableResource(world.caller_for("ada"), "off"))
    return face


@pytest.mark.rule("MEM-04")
@pytest.mark.rule("MEM-05")
@pytest.mark.parametrize(
    ("who", "line"), [(who, line) for who, lines in REFUSED.items() for line in lines]
)
def test_what_a_refusal_advises_works_for_its_reader(
    house: Face, who: str, line: str
) -> None:
    before = len(house.world.list_recorded_events())
    said = html.unescape(house.types(who, line)["text"])
    assert len(house.world.list_recorded_events()) == before, said
    for advised in ADVICE.findall(said):
        typed = re.sub(r"@\w+", "<@UEVE>", advised.removeprefix("/collab "))
        answer = html.unescape(house.types(who, typed)["text"])
        assert not NOT_ALLOWED.search(answer), (said, answer)


@pytest.mark.rule("MEM-05")
def test_a_role_that_several_may_hold_is_not_to_be_handed_over_instead(
    house: Face,
) -> None:
    for line in ("role <@UBO> collaborator acme", "remove <@UBO> acme"):
        said = html.unescape(house.types("ada", line)["text"])
        assert "transfer ownership" not in said
        assert "/collab leave acme" in said


@pytest.mark.rule("BIL-06")
@pytest.mark.parametrize("what", ["acme", "alone"])
def test_who_hands_a_thing_to_themselves_hears_that_they_own_it(
    house: Face, what: str
) -> None:
    said = html.unescape(
        house.types("ada", f"transfer ownership {what} <@UADA>")["text"]
    )
    assert said.startswith(
        "You're already an owner" if what == "acme" else "You're already "
    )
    assert "invite" not in said


@pytest.mark.rule("EVT-04")
def test_unlink_in_a_channel_of_several_things_names_them_and_what_to_type(
    house: Face,
) -> None:
    assert "nothing to unlink" in house.types("ada", "unlink")["text"]
    for what in ("acme", "shop"):
        house.world.link_channel(what=what)
    said = html.unescape(house.types("ada", "unlink")["text"])
    assert "Acme" in said
    assert "Shop" in said
    assert ADVICE.findall(said) == ["/collab unlink acme"]
    assert "don't let you" in html.unescape(house.types("vic", "unlink")["text"])
    house.confirms("ada", "unlink acme")
    assert "unlink" not in html.unescape(house.types("ada", "unlink")["text"])
