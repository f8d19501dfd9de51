"""The menu of verbs, and the options of fields that offer resources."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from bot.rendering import Renderer, normalize_text
from bot.slack.button_values import MenuOption, VerbChoice
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.parse_state import NOTHING_WORD
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import MenuGroup, Verb
from bot.slack.views import Block, OptionsResponse, View, blocks
from collab.model import Resource
from collab.resource_pickers import ResourceOption


def verb_menu_view(renderer: Renderer, verbs: Collection[str]) -> View:
    """Return the menu of some verbs, by group."""
    groups = verb_option_groups(
        renderer,
        verbs,
        lambda verb: MenuOption("form", VerbChoice(verb).encode()).encode(),
    )
    placeholder = renderer.render_label("verbs.choose")
    select = blocks.grouped_select("verbs", placeholder, groups)
    text = renderer.render("modals/choose_verb")
    return blocks.modal_view(
        "verbs",
        renderer.render_label("verbs.title"),
        [
            *blocks.paragraph_blocks(text.paragraphs),
            blocks.actions_block("verbs", select),
        ],
        close=renderer.render_label("close"),
    )


def verb_option_groups(
    renderer: Renderer, verbs: Collection[str], encode: Callable[[str], str]
) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Return the options of some verbs with what they do, under their groups' headings.

    `encode` returns the value of a verb's option.
    """
    groups = []
    for group in MenuGroup:
        options = [
            _verb_option(renderer, verb, encode(verb.name))
            for verb in VERB_BY_NAME.values()
            if verb.menu_group is group and verb.name in verbs
        ]
        if options:
            groups.append((renderer.render_label(f"verbs.{group.value}"), options))
    return groups


def nothing_choice(renderer: Renderer, verb: Verb) -> tuple[str, ...]:
    """Return the choice that clears a slot of a verb: its label and value."""
    return renderer.render_label(f"field.nothing.{verb.name}"), NOTHING_WORD


def field_options(
    renderer: Renderer, verb: Verb, slot: Slot, options: Sequence[ResourceOption]
) -> OptionsResponse:
    """Return the options of a field, the last one clears the slot if the verb can.

    Places to choose from have no headings where these would be the places themselves.
    """
    if slot is not verb.clearable_slot:
        return resource_options(
            renderer, options, is_flat=_has_repeated_headings(slot, options)
        )
    label = blocks.plain_text(renderer.render_label("field.nothing"), blocks.MAX_LABEL)
    nothing = {
        "label": label,
        "options": [blocks.option(*nothing_choice(renderer, verb))],
    }
    return {"option_groups": [*_group_options(renderer, options), nothing]}


def _has_repeated_headings(slot: Slot, options: Sequence[ResourceOption]) -> bool:
    offered = {option.resource.id for option in options}
    return slot is Slot.OTHER_RESOURCE and all(
        option.outermost is not None and option.outermost.id in offered
        for option in options
    )


def resource_options(
    renderer: Renderer, options: Sequence[ResourceOption], *, is_flat: bool = False
) -> OptionsResponse:
    """Return resources grouped by outermost container; ungrouped if each is its own."""
    if is_flat or all(_is_outermost(option) for option in options):
        return {
            "options": [
                _resource_option(renderer, option.resource) for option in options
            ]
        }
    return {"option_groups": _group_options(renderer, options)}


def resource_choice(renderer: Renderer, resource: Resource) -> tuple[str, ...]:
    """Return a resource as a choice: its label, value and description."""
    description = renderer.render_label(
        "invite.thing", kind=renderer.type_name(resource.kind), slug=resource.slug
    )
    title = normalize_text(resource.title) or resource.slug
    return title, resource.id, description


def render_role_capabilities(
    renderer: Renderer, capabilities: Sequence[str], type_name: str
) -> str:
    """Return what a role allows, in one line; an empty text for no capabilities."""
    if not capabilities:
        return ""
    return renderer.render(
        "modals/role_allows", "plain", can=capabilities, kind=type_name
    ).text


def _resource_option(renderer: Renderer, resource: Resource) -> Block:
    return blocks.option(*resource_choice(renderer, resource))


def _is_outermost(option: ResourceOption) -> bool:
    return option.outermost is not None and option.outermost.id == option.resource.id


def _group_options(
    renderer: Renderer, options: Sequence[ResourceOption]
) -> list[Block]:
    """Return the options under the titles of their outermost containers."""
    groups: dict[str, Block] = {}
    for option in options:
        container = option.outermost
        title, container_id = renderer.render_label("invite.alone"), ""
        if container:
            title = normalize_text(container.title) or container.slug
            container_id = container.id
        label = blocks.plain_text(title, blocks.MAX_LABEL)
        group = groups.setdefault(container_id, {"label": label, "options": []})
        group["options"].append(_resource_option(renderer, option.resource))
    return list(groups.values())


def _verb_option(renderer: Renderer, verb: Verb, value: str) -> tuple[str, ...]:
    label = renderer.render_label(f"verb.{verb.name}")
    summary = renderer.render("modals/verb_line", "plain", verb=verb).text
    return label, value, summary
