"""Pages of resources and of people: what they show, and what is done on them."""

from __future__ import annotations

from tests.gallery.scene_actions import SceneActions

WAIT_SECONDS = 10.0


def opened(actions: SceneActions) -> None:
    """Pages are opened from one another, changed, and gone; a person has one, too."""
    actions.run_commands(
        "ada",
        "create project Website in acme",
        "create app Shop in website",
        "create app Blog in website",
        "create payment Card in acme",
        "create team Crew",
    )
    actions.add_member("devi", "developer", "shop")
    actions.add_member("bo", "admin", "acme")
    actions.run_commands(
        "ada",
        'describe shop "Sells things"',
        "pay shop with card",
        "transfer billing shop @carl",
    )
    actions.press_button("ada", "transfer", "general")
    actions.run_commands("ada", "share shop with crew as manager", "show crew")
    actions.run_commands("ada", "show shop", "show card", "show @devi", "show @lena")
    actions.run_commands("devi", "show shop")
    actions.run_commands("ada", "remove @devi shop")
    actions.press_button("ada", "remove", "general")
    actions.run_commands("ada", "show shop")
    page = actions.press_to_open("ada", "open_page", "general")
    page = actions.press_to_open("ada", "open_page", within=page)
    actions.press_to_open("ada", "page_back", within=page)
    acme = actions.resource_id_of("acme")
    actions.select_value("ada", "act:more", f"describe {acme}")
    actions.close_modals("ada")
    home = actions.open_home("ada")
    people = actions.press_to_open("ada", "people_open", within=home)
    actions.press_to_open("ada", "open_page", within=people)
    actions.close_modals("ada")


def ended(actions: SceneActions) -> None:
    """What a page is about is deleted while the page is open."""
    actions.run_commands("ada", "create app Blog", "show @ada")
    blog = actions.resource_id_of("blog")
    actions.open_from_menu("ada", f"open_page {blog}", "general")
    actions.select_value("ada", "act:more", f"delete {blog}")
    ada = actions.get_user("ada")
    actions.press_in_modal_to_open("ada", "delete")
    # The page below no longer has the name of what it was about.
    actions.playground.wait_until(
        lambda: ada.open_views[0]["title"]["text"] != "Blog", WAIT_SECONDS
    )
    ada.close_view()
    actions.take_new_pictures()
    actions.close_modals("ada")
