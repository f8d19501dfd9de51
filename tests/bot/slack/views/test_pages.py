"""The pages of resources and people: their titles."""

from __future__ import annotations

from dataclasses import replace

from bot.slack.page_values import PageTrail
from bot.slack.views import View
from bot.slack.views.pages import resource_page_view
from tests.support.generators import SampleGenerator
from tests.support.surfaces.pages import ALL_VERBS, make_page
from tests.support.view_builders import RENDERER


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
