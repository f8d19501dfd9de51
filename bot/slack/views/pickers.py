"""What there is to choose: the verbs, with their groups, and what a field of a form finds."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.rendering import Renderer
from bot.slack.button_values import MenuOption, VerbChoice
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.parse_state import NOTHING_WORD
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import MenuGroup, Verb
from bot.slack.views import Block, OptionsResponse, View, blocks
from bot.slack.views.invite_form import resource_option_groups, resource_options
from collab.model import Resource
from collab.resource_pickers import ResourceOption


def verb_menu_view(
    renderer: Renderer, resource: Resource | None, verbs: Collection[str]
) -> View:
    """The window that asks what to do: anything at all, or with one thing."""
    said = renderer.render("modals/choose_verb", resource=resource)
    resource_id = resource.id if resource else None
    groups = [
        (
            renderer.render_label(f"verbs.{group.value}"),
            [
                (
                    renderer.render_label(f"verb.{name}"),
                    MenuOption("form", VerbChoice(name, resource_id).encode()).encode(),
                    _summarize_verb(renderer, verb),
                )
                for name, verb in VERB_BY_NAME.items()
                if verb.menu_group is group and name in verbs
            ],
        )
        for group in MenuGroup
    ]
    element = blocks.grouped_select(
        "verbs", renderer.render_label("verbs.choose"), [g for g in groups if g[1]]
    )
    shown = [
        *blocks.paragraph_blocks(said.paragraphs),
        blocks.actions_block("verbs", element),
    ]
    return blocks.modal_view(
        "verbs",
        renderer.render_label("verbs.title"),
        shown,
        close=renderer.render_label("close"),
    )


def nothing_option(renderer: Renderer, verb: Verb) -> Block:
    """That nothing is meant, as a choice."""
    return blocks.option(
        renderer.render_label(f"field.nothing.{verb.name}"), NOTHING_WORD
    )


def field_options(
    renderer: Renderer, verb: Verb, slot: Slot, found: Sequence[ResourceOption]
) -> OptionsResponse:
    """What was looked for in a field, and behind it that nothing is meant, where that can be said."""
    if slot is not verb.clearable_slot:
        return resource_options(renderer, found)
    nothing = {
        "label": blocks.plain_text(
            renderer.render_label("field.nothing"), blocks.MAX_LABEL
        ),
        "options": [nothing_option(renderer, verb)],
    }
    return {"option_groups": [*resource_option_groups(renderer, found), nothing]}


def _summarize_verb(renderer: Renderer, verb: Verb) -> str:
    return renderer.render("modals/verb_line", "plain", verb=verb).text
