"""The forms that change roles, choose a successor and delete: no preselection, errors at their field."""

from __future__ import annotations

import pytest

from bot.rendering import renderer_for_language
from collab.memberships.commands import ChangeRole
from collab.roles import ROLE_MODEL
from tests.bot.slack.test_app import Face, slack
from tests.support.billing_oracle import create_resource, direct_roles_by_name
from tests.support.builders import Scenario


@pytest.mark.rule("MEM-02")
@pytest.mark.parametrize(
    ("now", "chosen"),
    [("developer", "manager"), ("manager", "developer"), ("developer", "admin")],
)
def test_a_chosen_role_shows_what_is_gained_and_lost(
    acme: Scenario, now: str, chosen: str
) -> None:
    acme.register_people("devi")
    create_resource(acme, "app", "Shop", within="acme")
    acme.add_member("devi", now, "shop")
    shop, devi = acme.get_resource("shop").id, acme.person_id_of("devi")
    with slack({"ok": True}) as (api, stub):
        face = Face(acme, api)
        face.presses(
            "ada",
            "role",
            chosen,
            listed=f"role {shop} {devi}",
            view={"id": "V1", "hash": "h1"},
        )
        assert stub.done.wait(3)
    said = str(stub.opened[0]["view"]["blocks"])
    assert ("will be able to" in said) is (chosen != "developer")
    assert ("no longer be able to" in said) is (chosen == "developer")
    assert (
        stub.opened[0]["view"]["blocks"][1]["element"]["initial_option"]["value"]
        == chosen
    )


@pytest.mark.rule("MEM-02")
def test_who_is_demoted_is_said_to_keep_what_they_were_given_inside(
    acme: Scenario,
) -> None:
    acme.register_people("devi")
    face = Face(acme)
    acme.add_member("devi")
    for kind, title, role in (
        ("app", "Shop", "manager"),
        ("project", "Site", "member"),
        ("payment", "Card", "holder"),
    ):
        create_resource(acme, kind, title, within="acme")
        acme.add_member("devi", role, title.lower())
    create_resource(acme, "app", "Blog", within="acme")
    said = face.confirms("ada", "role <@UDEVI> collaborator acme keep blog")
    assert direct_roles_by_name(acme, "blog") == {"devi": "admin"}
    for kept in (
        "*Shop* as a manager",
        "*Site* as a member",
        "*Card* as a holder",
        "*Blog* as an admin",
    ):
        assert kept in said


@pytest.mark.rule("MEM-02")
def test_a_promotion_lists_nothing_that_is_kept(acme: Scenario) -> None:
    acme.register_people("devi")
    face = Face(acme)
    create_resource(acme, "app", "Shop", within="acme")
    acme.add_member("devi", "developer", "shop")
    assert "keep" not in face.types("ada", "role <@UDEVI> admin acme")["text"]
    assert acme.execute(
        ChangeRole(acme.caller_for("ada"), acme.account_of("devi"), "owner", "acme")
    ).recorded


@pytest.mark.rule("MEM-09")
@pytest.mark.parametrize("chosen", ["UROBOT", "UGONE", "USAM"])
def test_a_successor_who_cannot_be_chosen_is_said_at_the_field(
    acme: Scenario, chosen: str
) -> None:
    acme.register_people("bo", "carl", "gone", "sam").read_profile("robot", bot=True)
    create_resource(acme, "project", "Site", by="bo")
    acme.add_member("carl", "administrator", "site", by="bo")
    acme.deactivate_accounts("gone", "bo")
    face = Face(acme)
    answer = face.submits(
        "carl", "choose", acme.get_resource("site").id, who={"selected_user": chosen}
    )
    assert answer["response_action"] == "errors"
    assert list(answer["errors"]) == ["who"]


@pytest.mark.rule("ROL-05")
def test_what_a_role_allows_names_whom_it_brings_in() -> None:
    words = renderer_for_language("en")
    seen: dict[tuple[str, str], str] = {}
    for kind in ROLE_MODEL.resource_types.values():
        for role in kind.roles:
            said = words.render(
                "modals/role_allows",
                "plain",
                can=role.capabilities_and_grants,
                kind=kind.name,
            ).text
            assert ("bring in" in said) is bool(role.grants), said
            assert len(said) <= 75, said
            assert seen.setdefault((kind.name, said), role.name) == role.name, said


@pytest.mark.rule("RES-04")
@pytest.mark.parametrize("many", [1, 2])
def test_deleting_something_with_things_inside_says_how_many_and_settles_its_preview(
    acme: Scenario, many: int
) -> None:
    create_resource(acme, "project", "Site", within="acme")
    for n in range(many):
        create_resource(acme, "app", f"App {n}", within="site")
    with slack({"ok": True}) as (api, stub):
        face = Face(acme, api)
        preview = face.types("ada", "delete site")
        assert preview["blocks"][-1]["elements"][0]["style"] == "danger"
        value = preview["blocks"][-1]["elements"][0]["value"]
        face.presses("ada", "delete", value, listed="ending")
        assert stub.done.wait(3)
    (settled,) = face.replies()
    assert settled["replace_original"] is True
    assert not [block for block in settled["blocks"] if block["type"] == "actions"]
    asked = stub.opened[0]["view"]["blocks"][0]["text"]["text"]
    assert (
        "contains 1 item, which will be deleted"
        if many == 1
        else "contains 2 items, which will be deleted"
    ) in asked
