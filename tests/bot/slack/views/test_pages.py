"""The pages of resources and people: their titles, and how quickly one is made."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

from bot.playground.blockkit import view_errors
from bot.slack.commands.catalog import offered_page_verbs
from bot.slack.page_values import PageTrail
from bot.slack.views import View
from bot.slack.views.pages import PageOffers, resource_page_view
from collab.pages import ShowResourcePage
from storage.database import Database
from tests.support.builders import Scenario
from tests.support.generators import SampleGenerator
from tests.support.load import build_crowded_world
from tests.support.surfaces.pages import ALL_VERBS, make_page
from tests.support.view_builders import RENDERER

MAX_SECONDS = 0.150  # of the processor, SQLite included
ATTEMPTS = 5


def build_page_view(title: str) -> View:
    page = make_page(SampleGenerator(), 1)
    resource = replace(page.detail.resource, title=title)
    page = replace(page, detail=replace(page.detail, resource=resource))
    return resource_page_view(RENDERER, page, ALL_VERBS, PageTrail(()))


def test_the_title_of_a_page_is_the_name_of_its_resource() -> None:
    view = build_page_view("Shop")
    assert view["title"]["text"] == "Shop"
    assert view["blocks"][0]["type"] == "context"


def test_a_long_name_is_cut_in_the_title_and_whole_below_it() -> None:
    name = "Storefront of the northern regions"
    view = build_page_view(name)
    assert view["title"]["text"] == "Storefront of the…"
    assert view["blocks"][0]["text"]["text"] == name


def make_crowded_page(world: Scenario) -> View:
    query = ShowResourcePage(world.caller_for("ada"), "acme")
    page = world.bus.query(query, world.at)
    offers = PageOffers(offered_page_verbs(page, world.bus.roles), is_paid_type=False)
    return resource_page_view(RENDERER, page, offers, PageTrail(()))


def test_the_page_of_a_crowded_company_is_made_in_a_moment(
    sqlite_database: Database,
) -> None:
    world = build_crowded_world(sqlite_database)
    view = make_crowded_page(world)
    assert view_errors(view) == []
    assert "*Inside* · 101" in str(view)
    seconds: list[float] = []
    for _ in range(ATTEMPTS):
        start = process_time()
        make_crowded_page(world)
        seconds.append(process_time() - start)
    assert min(seconds) < MAX_SECONDS, seconds
