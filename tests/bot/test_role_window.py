"""The windows that change roles, choose a successor and delete: nothing chosen beforehand, errors at their field."""

from __future__ import annotations

import pytest

from bot.words import words_in
from collab.kinds import KINDS
from collab.membership import ChangeRole
from tests.bot.test_app import Face, slack
from tests.support.billing_oracle import given, make
from tests.support.builders import World


@pytest.mark.rule("MEM-02")
@pytest.mark.parametrize(
    ("now", "chosen"), [("developer", "manager"), ("manager", "developer"), ("developer", "admin")]
)
def test_a_chosen_role_shows_what_is_gained_and_lost(acme: World, now: str, chosen: str) -> None:
    acme.knows("devi")
    make(acme, "app", "Shop", within="acme")
    acme.member("devi", now, "shop")
    shop, devi = acme.thing("shop").id, acme.id_of("devi")
    with slack({"ok": True}) as (api, stub):
        face = Face(acme, api)
        face.presses("ada", "role", chosen, listed=f"role {shop} {devi}", view={"id": "V1", "hash": "h1"})
        assert stub.done.wait(3)
    said = str(stub.opened[0]["view"]["blocks"])
    assert ("will be able to" in said) is (chosen != "developer")
    assert ("no longer be able to" in said) is (chosen == "developer")
    assert stub.opened[0]["view"]["blocks"][1]["element"]["initial_option"]["value"] == chosen


@pytest.mark.rule("MEM-02")
def test_who_is_demoted_is_said_to_keep_what_they_were_given_inside(acme: World) -> None:
    acme.knows("devi")
    face = Face(acme)
    acme.member("devi")
    for kind, title, role in (("app", "Shop", "manager"), ("project", "Site", "member"), ("payment", "Card", "holder")):
        make(acme, kind, title, within="acme")
        acme.member("devi", role, title.lower())
    make(acme, "app", "Blog", within="acme")
    said = face.types("ada", "role <@UDEVI> collaborator acme keep blog")["text"]
    assert given(acme, "blog") == {"devi": "admin"}
    for kept in ("*Shop* as manager", "*Site* as member", "*Card* as holder", "*Blog* as admin"):
        assert kept in said


@pytest.mark.rule("MEM-02")
def test_a_promotion_lists_nothing_that_is_kept(acme: World) -> None:
    acme.knows("devi")
    face = Face(acme)
    make(acme, "app", "Shop", within="acme")
    acme.member("devi", "developer", "shop")
    assert "keep" not in face.types("ada", "role <@UDEVI> admin acme")["text"]
    assert acme.do(ChangeRole(acme.by("ada"), acme.account("devi"), "owner", "acme")).recorded


@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize("chosen", ["UROBOT", "UGONE", "USAM"])
def test_a_successor_who_cannot_be_chosen_is_said_at_the_field(acme: World, chosen: str) -> None:
    acme.knows("bo", "carl", "gone", "sam").profile("robot", bot=True)
    make(acme, "project", "Site", by="bo")
    acme.member("carl", "administrator", "site", by="bo")
    acme.goes("gone", "bo")
    face = Face(acme)
    answer = face.submits("carl", "choose", acme.thing("site").id, person={"selected_user": chosen})
    assert answer["response_action"] == "errors"
    assert list(answer["errors"]) == ["person"]


@pytest.mark.rule("ROL-05")
def test_what_a_role_allows_names_whom_it_brings_in() -> None:
    words = words_in("en")
    seen: dict[tuple[str, str], str] = {}
    for kind in KINDS.kinds.values():
        for role in kind.roles:
            said = words.say("modals/role_allows", "plain", can=role.abilities, kind=kind.name).text
            assert ("bring in" in said) is bool(role.grants), said
            assert len(said) <= 75, said
            assert seen.setdefault((kind.name, said), role.name) == role.name, said


@pytest.mark.rule("RES-04")
@pytest.mark.parametrize("many", [1, 2])
def test_deleting_something_with_things_inside_says_how_many_and_settles_its_preview(acme: World, many: int) -> None:
    make(acme, "project", "Site", within="acme")
    for n in range(many):
        make(acme, "app", f"App {n}", within="site")
    site = acme.thing("site").id
    with slack({"ok": True}) as (api, stub):
        face = Face(acme, api)
        preview = face.types("ada", "delete site")
        assert preview["blocks"][-1]["elements"][0]["style"] == "danger"
        face.presses("ada", "delete", site, listed="ending")
        assert stub.done.wait(3)
    (settled,) = face.replies()
    assert settled["replace_original"] is True
    assert not [block for block in settled["blocks"] if block["type"] == "actions"]
    asked = stub.opened[0]["view"]["blocks"][0]["text"]["text"]
    assert ("has 1 thing in it, which is deleted" if many == 1 else "has 2 things in it, which are deleted") in asked
