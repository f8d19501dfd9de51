"""Pages of resources in the running app: opening them, acting on them, going back."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground.blockkit import interactive_elements
from tests.support.app_harness import AppHarness


def resource_id(harness: AppHarness, slug: str) -> str:
    with harness.app.bus.read(harness.workspace) as repositories:
        resource = repositories.resources.find_resource_by_id_or_slug(slug)
    assert resource
    return resource.id


def wait_for_page(harness: AppHarness, user_name: str, title: str) -> dict[str, Any]:
    """Return the user's top modal once it is the page of a resource with this name."""
    return harness.wait_for_view(
        user_name,
        condition=lambda view: (
            view["callback_id"] == "page" and view["title"]["text"] == title
        ),
    )


def control_ids(view: dict[str, Any]) -> list[str]:
    return [
        element["action_id"]
        for block in view["blocks"]
        for element in interactive_elements(block)
    ]


@pytest.fixture
def page_harness(harness: AppHarness) -> AppHarness:
    """Return the app with a company, a project in it and an app in that."""
    for line in (
        "create company Pixel",
        "create project Website in pixel",
        "create app Shop in website",
    ):
        harness.run_command("ada", f"/collab {line}")
    return harness


def open_first_container(harness: AppHarness, user_name: str, slug: str) -> None:
    """Open the page of what contains a resource from the answer to `show`."""
    harness.run_command(user_name, f"/collab show {slug}")
    message = harness.latest_message(user_name, "general")
    harness.press_button(user_name, message, "open_page")


def test_what_contains_a_resource_is_opened_from_its_answer_and_back_leads_back(
    page_harness: AppHarness,
) -> None:
    open_first_container(page_harness, "ada", "shop")
    pixel = wait_for_page(page_harness, "ada", "Pixel")
    website = resource_id(page_harness, "website")
    page_harness.press_button("ada", pixel, "open_page", website)
    view = wait_for_page(page_harness, "ada", "Website")
    shop = resource_id(page_harness, "shop")
    page_harness.press_button("ada", view, "open_page", shop)
    view = wait_for_page(page_harness, "ada", "Shop")
    assert len(page_harness.ada.open_views) == 1
    page_harness.press_button("ada", view, "page_back")
    view = wait_for_page(page_harness, "ada", "Website")
    page_harness.press_button("ada", view, "page_back")
    view = wait_for_page(page_harness, "ada", "Pixel")
    assert "page_back" not in control_ids(view)


def test_a_page_is_brought_up_to_date_after_a_form_above_it_was_saved(
    page_harness: AppHarness,
) -> None:
    open_first_container(page_harness, "ada", "shop")
    view = wait_for_page(page_harness, "ada", "Pixel")
    rename = f"rename {resource_id(page_harness, 'pixel')}"
    page_harness.ada.choose_option(view, "act:more", rename)
    page_harness.wait_for_form("ada", "form")
    page_harness.ada.submit_view({"name": "Pixel Inc"})
    page_harness.ada.close_view()
    wait_for_page(page_harness, "ada", "Pixel Inc")


def test_a_page_in_a_message_is_brought_up_to_date_after_a_form_above_it_was_saved(
    page_harness: AppHarness,
) -> None:
    page_harness.run_command("ada", "/collab show pixel")
    page = page_harness.latest_message("ada", "general")
    rename = f"rename {resource_id(page_harness, 'pixel')}"
    page_harness.ada.choose_option(page, "act:more", rename)
    page_harness.wait_for_form("ada", "form")
    page_harness.ada.submit_view({"name": "Pixel Inc"})
    page_harness.drain_outbox()
    page = page_harness.latest_message("ada", "general")
    assert page["blocks"][0]["text"]["text"] == "Pixel Inc"

    page_harness.press_button("ada", page, "act:invite")
    page_harness.wait_for_form("ada", "form")
    page_harness.ada.submit_view({"whom": ["UCARL"], "role": "admin"})
    page_harness.drain_outbox()
    page = page_harness.latest_message("ada", "general")
    assert "invited" in str(page["blocks"])


def test_the_page_of_a_person_in_a_message_shows_a_role_that_was_changed_above_it(
    page_harness: AppHarness,
) -> None:
    page_harness.invite_and_accept("devi", "invite @devi developer shop")
    page_harness.run_command("ada", "/collab show @devi")
    page = page_harness.latest_message("ada", "general")
    shop = resource_id(page_harness, "shop")
    person_id = page["blocks"][2]["block_id"].split()[1]
    page_harness.ada.choose_option(
        page, f"person_role:{shop}", f"role_ask {shop} {person_id}"
    )
    page_harness.wait_for_form("ada", "role")
    for _ in ("what it causes is shown first", "then it is given"):
        page_harness.ada.submit_view({"role": "manager"})
    page_harness.drain_outbox()
    page = page_harness.latest_message("ada", "general")
    assert page["blocks"][0]["text"]["text"] == "Devi"
    assert "manager" in str(page["blocks"])


def test_a_person_has_a_page_with_what_may_be_done(page_harness: AppHarness) -> None:
    page_harness.invite_and_accept("devi", "invite @devi developer shop")
    answer = page_harness.run_command("ada", "/collab show @devi")
    assert "*Shop* · App · developer" in answer["text"]
    message = page_harness.latest_message("ada", "general")
    shop = resource_id(page_harness, "shop")
    page_harness.ada.choose_option(message, "person_role", f"open_page {shop}")
    view = wait_for_page(page_harness, "ada", "Shop")

    page_harness.press_button("ada", view, "act:members")
    members = page_harness.wait_for_view("ada", "people have access")
    menu, value = next(
        (element["action_id"], option["value"])
        for block in members["blocks"]
        for element in interactive_elements(block)
        for option in element.get("options", ())
        if option["value"].startswith("remove_ask ")
    )
    person_id = value.split()[-1]
    page_harness.ada.choose_option(members, menu, f"open_page {person_id}")
    view = page_harness.wait_for_view("ada", "act_person:offboard")
    removal = f"act_person remove {person_id} {shop}"
    page_harness.ada.choose_option(view, f"person_role:{shop}", removal)
    preview = page_harness.wait_for_view("ada", "danger")
    page_harness.press_button("ada", preview, "remove")
    page_harness.wait_for_view("ada", "You removed <@UDEVI>")
    page_harness.ada.close_view()
    page_harness.wait_for_view("ada", "No access to anything that you can see.")


def test_invite_from_the_page_of_a_person_has_the_person_filled_in(
    page_harness: AppHarness,
) -> None:
    page_harness.run_command("ada", "/collab show @devi")
    message = page_harness.latest_message("ada", "general")
    page_harness.press_button("ada", message, "act_person:invite")
    view = page_harness.wait_for_form("ada", "form")
    assert "'initial_users': ['UDEVI']" in str(view["blocks"])


TYPES = {
    "company": ("company Ring", "ring", ("admin", "accountant")),
    "project": ("project Site in acme", "site", ("administrator", "member")),
    "app": ("app Kiosk in acme", "kiosk", ("admin", "manager", "developer")),
    "database": ("database Store in acme", "store", ("admin", "developer")),
    "payment": ("payment Purse in acme", "purse", ("holder", "accountant")),
    "team": ("team Crew", "crew", ("unlimited", "limited")),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", TYPES)
def test_any_act_on_a_resource_is_at_most_three_clicks_from_home(
    harness: AppHarness, kind: str
) -> None:
    line, slug, roles = TYPES[kind]
    harness.run_command("ada", f"/collab create {line}")
    members = dict(zip(("carl", "devi", "bo"), roles, strict=False))
    for user_name, role in members.items():
        harness.invite_and_accept(user_name, f"invite @{user_name} {role} {slug}")
    for user_name in ("ada", *members):
        walk_all_acts(harness, user_name, resource_id(harness, slug))


def walk_all_acts(harness: AppHarness, user_name: str, subject_id: str) -> None:
    """Open the page from Home, and from there everything that it offers."""
    user = harness.playground.get_user(user_name)
    user.open_home()
    harness.drain_outbox()
    home = user.home_view
    assert home
    open_from_home(user, home, subject_id)
    page = harness.wait_for_form(user_name, "page")
    acts = list_acts(page)
    assert acts
    for action_id, value in acts:
        if action_id == "act:more":
            user.choose_option(page, action_id, value)
        else:
            user.press_button(page, action_id, value)
        view = harness.wait_for_view(
            user_name, condition=lambda view: bool(view["callback_id"] != "page")
        )
        assert view["callback_id"] != "wrong", (user_name, value, view["blocks"])
        user.close_view()
        page = harness.wait_for_form(user_name, "page")
    user.close_view()


def open_from_home(user: Any, home: dict[str, Any], subject_id: str) -> None:
    """Open a resource's page with its button or its menu at Home: one or two clicks."""
    for block in home["blocks"]:
        for element in interactive_elements(block):
            if element.get("value") == subject_id and element["action_id"].startswith(
                "open_page"
            ):
                user.press_button(home, element["action_id"], subject_id)
                return
            for option in element.get("options", ()):
                if option["value"] in {
                    f"open_page {subject_id}",
                    f"show_ask {subject_id}",
                }:
                    user.choose_option(home, element["action_id"], option["value"])
                    return
    raise AssertionError(f"{subject_id} is not at Home")


def list_acts(page: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the control and the value of each act that a page offers."""
    acts = []
    for block in page["blocks"]:
        for element in interactive_elements(block):
            if not element["action_id"].startswith("act:"):
                continue
            groups = element.get("option_groups", ())
            options = [option for group in groups for option in group["options"]]
            values = [option["value"] for option in options] or [element["value"]]
            acts += [(element["action_id"], value) for value in values]
    return acts


def is_person_page_without(view: dict[str, Any], resource_id: str) -> bool:
    return view["title"]["text"] == "Ada" and resource_id not in str(view["blocks"])


def test_a_fourth_modal_takes_the_place_of_the_third(page_harness: AppHarness) -> None:
    open_first_container(page_harness, "ada", "shop")
    view = wait_for_page(page_harness, "ada", "Pixel")
    page_harness.press_button("ada", view, "act:members")
    view = page_harness.wait_for_form("ada", "shown")
    menu = next(
        (element["action_id"], option["value"])
        for block in view["blocks"]
        for element in interactive_elements(block)
        for option in element.get("options", ())
        if option["value"].startswith("open_page ")
    )
    page_harness.ada.choose_option(view, *menu)
    view = page_harness.wait_for_view("ada", "Access")
    pixel = resource_id(page_harness, "pixel")
    page_harness.ada.choose_option(view, f"person_role:{pixel}", f"open_page {pixel}")
    view = wait_for_page(page_harness, "ada", "Pixel")
    page_harness.ada.choose_option(view, "act:more", f"delete {pixel}")
    preview = page_harness.wait_for_view("ada", "danger")
    page_harness.press_button("ada", preview, "delete")
    page_harness.wait_for_form("ada", "delete")
    assert len(page_harness.ada.open_views) == 3
    page_harness.ada.submit_view({"name": "Pixel"})
    page_harness.wait_for_form("ada", "deleted")
    # The page below was of what is deleted, so it is the one before it again.
    page_harness.playground.wait_until(
        lambda: is_person_page_without(page_harness.ada.open_views[-2], pixel), 10
    )


def test_back_leads_past_a_page_that_is_gone(page_harness: AppHarness) -> None:
    open_first_container(page_harness, "ada", "shop")
    pixel = wait_for_page(page_harness, "ada", "Pixel")
    website = resource_id(page_harness, "website")
    page_harness.press_button("ada", pixel, "open_page", website)
    view = wait_for_page(page_harness, "ada", "Website")
    shop = resource_id(page_harness, "shop")
    page_harness.press_button("ada", view, "open_page", shop)
    view = wait_for_page(page_harness, "ada", "Shop")
    page_harness.run_command("ada", "/collab move shop to pixel")
    message = page_harness.latest_message("ada", "general")
    page_harness.press_button("ada", message, "move")
    page_harness.run_command("ada", "/collab delete website")
    message = page_harness.latest_message("ada", "general")
    page_harness.press_button("ada", message, "delete")
    page_harness.press_button("ada", view, "page_back")
    wait_for_page(page_harness, "ada", "Pixel")


def open_people(harness: AppHarness, user_name: str) -> dict[str, Any]:
    """Open the list of people from Home."""
    user = harness.playground.get_user(user_name)
    user.open_home()
    harness.drain_outbox()
    home = user.home_view
    assert home
    user.press_button(home, "people_open")
    return wait_for_page(harness, user_name, "People")


def texts_of(view: dict[str, Any]) -> list[str]:
    return [block["text"]["text"] for block in view["blocks"] if "text" in block]


@pytest.mark.rule("MEM-13")
def test_people_are_listed_from_home_and_acted_on_in_three_clicks(
    page_harness: AppHarness,
) -> None:
    page_harness.run_command("ada", "/collab create company Ring")
    for line in ("@devi developer shop", "@devi admin ring", "@sam accountant pixel"):
        user_name = line.split()[0].strip("@")
        page_harness.invite_and_accept(user_name, f"invite {line}")

    view = open_people(page_harness, "ada")
    ada, devi, sam = texts_of(view)
    assert "*<@UADA>* (you)" in ada
    assert "*<@UDEVI>*\n*Shop* (developer), *Ring* (admin)" in devi
    assert "*<@USAM>* · guest\n*Pixel* (accountant)" in sam
    assert "1 is a guest or external." in str(view["blocks"])

    devi_id = next(
        element["value"]
        for block in view["blocks"]
        for element in interactive_elements(block)
        if "Devi" in element.get("accessibility_label", "")
    )
    page_harness.press_button("ada", view, "open_page", devi_id)
    person = page_harness.wait_for_view("ada", "act_person:offboard")
    page_harness.press_button("ada", person, "act_person:offboard")
    page_harness.wait_for_view(
        "ada", condition=lambda view: view["callback_id"] != "page"
    )
    page_harness.ada.close_view()
    person = page_harness.wait_for_view("ada", "act_person:offboard")
    page_harness.press_button("ada", person, "page_back")
    wait_for_page(page_harness, "ada", "People")


@pytest.mark.rule("MEM-13")
def test_people_are_narrowed_down_to_a_resource_or_to_those_from_outside(
    page_harness: AppHarness,
) -> None:
    page_harness.run_command("ada", "/collab create company Ring")
    page_harness.invite_and_accept("devi", "invite @devi admin ring")
    page_harness.invite_and_accept("sam", "invite @sam accountant pixel")
    view = open_people(page_harness, "ada")
    ring = resource_id(page_harness, "ring")

    page_harness.ada.choose_option(view, "people_show:filter", f"people:{ring}::0")
    view = page_harness.wait_for_view("ada", "have access to *Ring*")
    assert [text.partition("\n")[0] for text in texts_of(view)] == [
        "*<@UADA>* (you)",
        "*<@UDEVI>*",
    ]
    page_harness.ada.choose_option(view, "people_show:filter", "people::outsiders:0")
    view = page_harness.wait_for_view(
        "ada", condition=lambda view: len(texts_of(view)) == 1
    )
    assert "<@USAM>" in texts_of(view)[0]


@pytest.mark.rule("MEM-13")
def test_who_manages_nothing_is_offered_no_list_of_people(
    page_harness: AppHarness,
) -> None:
    page_harness.invite_and_accept("devi", "invite @devi developer shop")
    page_harness.devi.open_home()
    page_harness.drain_outbox()
    assert page_harness.devi.home_view
    assert "people_open" not in control_ids(page_harness.devi.home_view)


def list_calls_after(harness: AppHarness, last: int) -> list[tuple[str, str]]:
    """Return the calls that show Homes and modals: the method, and whose or which."""
    harness.drain_outbox()
    shown: list[tuple[str, str]] = []
    for entry in harness.playground.state.traffic.list_entries(last):
        method = entry["summary"].split()[0]
        if entry["kind"] == "call" and method in {"views.publish", "views.update"}:
            args = entry["body"]["args"]
            shown.append((method, args.get("user_id") or args["view_id"]))
    return shown


def last_call_number(harness: AppHarness) -> int:
    harness.drain_outbox()
    return int(harness.playground.state.traffic.list_entries()[-1]["n"])


def test_after_an_act_home_and_the_page_are_each_shown_by_one_call(
    page_harness: AppHarness,
) -> None:
    page_harness.ada.open_home()
    page_harness.drain_outbox()
    home = page_harness.ada.home_view
    assert home
    open_from_home(page_harness.ada, home, resource_id(page_harness, "shop"))
    page = wait_for_page(page_harness, "ada", "Shop")
    page_harness.press_button("ada", page, "act:rename")
    page_harness.wait_for_form("ada", "form")

    last = last_call_number(page_harness)
    page_harness.ada.submit_view({"name": "Store"})
    page_harness.ada.close_view()
    wait_for_page(page_harness, "ada", "Store")
    assert sorted(list_calls_after(page_harness, last)) == [
        ("views.publish", "UADA"),
        ("views.update", page["id"]),
    ]


@pytest.mark.parametrize(
    "line", ["create app Blog in website", "invite @carl developer shop"]
)
def test_after_a_command_home_is_published_by_one_call(
    page_harness: AppHarness, line: str
) -> None:
    for user_name in ("ada", "carl"):
        page_harness.playground.get_user(user_name).open_home()
    last = last_call_number(page_harness)
    page_harness.run_command("ada", f"/collab {line}")
    expected = ["UADA", "UCARL"] if "@carl" in line else ["UADA"]
    assert sorted(list_calls_after(page_harness, last)) == [
        ("views.publish", user_id) for user_id in expected
    ]


def test_after_a_press_at_home_it_is_published_by_one_call(
    page_harness: AppHarness,
) -> None:
    page_harness.run_command("ada", "/collab invite @devi developer shop")
    for user_name in ("ada", "devi"):
        page_harness.playground.get_user(user_name).open_home()
    last = last_call_number(page_harness)
    home = page_harness.devi.home_view
    assert home
    page_harness.press_button("devi", home, "accept")
    assert sorted(list_calls_after(page_harness, last)) == [
        ("views.publish", "UADA"),
        ("views.publish", "UDEVI"),
    ]
