"""The menu of verbs, and the options of fields that offer resources."""

from __future__ import annotations

import pytest

from bot.rendering import Renderer
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.views import blocks
from tests.support.view_builders import in_both_languages


@in_both_languages
@pytest.mark.parametrize("name", VERB_BY_NAME)
def test_what_a_verb_does_fits_an_option_description_without_markup(
    renderer: Renderer, name: str
) -> None:
    line = renderer.render("modals/verb_line", "plain", verb=VERB_BY_NAME[name]).text
    assert 0 < len(line) <= blocks.MAX_LABEL
    assert "`" not in line
