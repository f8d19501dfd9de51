"""The menu of verbs, and the options of fields that offer resources."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.rendering import Renderer
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.slots import Slot
from bot.slack.views import blocks
from bot.slack.views.pickers import field_options, render_role_capabilities
from collab.model import ResourceId
from collab.resource_pickers import ResourceOption
from collab.roles import ROLE_MODEL
from tests.support.view_builders import ACME, RENDERER, in_both_languages


@in_both_languages
@pytest.mark.parametrize("name", VERB_BY_NAME)
def test_what_a_verb_does_fits_an_option_description_without_markup(
    renderer: Renderer, name: str
) -> None:
    line = renderer.render("modals/verb_line", "plain", verb=VERB_BY_NAME[name]).text
    assert 0 < len(line) <= blocks.MAX_LABEL
    assert "`" not in line


def test_places_have_no_heading_that_is_one_of_them() -> None:
    site = replace(ACME, id=ResourceId("R7"), kind="project", title="Website")
    places = [ResourceOption(ACME, ACME), ResourceOption(site, ACME)]
    create = VERB_BY_NAME["create"]
    shown = field_options(RENDERER, create, Slot.OTHER_RESOURCE, places)
    assert [each["text"]["text"] for each in shown["options"]] == ["Acme", "Website"]
    # One that was found by its name is under the place that contains it.
    shown = field_options(RENDERER, create, Slot.OTHER_RESOURCE, places[1:])
    assert [each["label"]["text"] for each in shown["option_groups"]] == ["Acme"]


@in_both_languages
def test_what_a_role_allows_is_not_cut_in_an_option(renderer: Renderer) -> None:
    for type_name, resource_type in ROLE_MODEL.resource_types.items():
        for role in resource_type.roles:
            brings = [f"bring:{name}" for name in role.grants]
            line = render_role_capabilities(
                renderer, [*role.capabilities, *brings], type_name
            )
            assert len(line) <= blocks.MAX_LABEL, (type_name, role.name)
