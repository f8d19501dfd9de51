"""What there is to choose: the verbs, with their groups, and what a field of a form finds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bot.rendering import Renderer
from bot.slack.commands.catalog import VERB_BY_NAME, Slot, Verb
from bot.slack.commands.resource_names import NOTHING_WORD
from bot.slack.views import Block, OptionsResponse, View, blocks
from bot.slack.views.invite_form import resource_option_groups, resource_options
from collab.model import Resource
from collab.resource_pickers import ResourceOption

VERB_GROUPS: Mapping[str, tuple[str, ...]] = {
    "people": (
        "invite",
        "members",
        "role",
        "extend",
        "remove",
        "leave",
        "request",
        "withdraw",
        "successor",
    ),
    "answers": ("invitations", "accept", "decline", "resend", "revoke", "undo"),
    "things": (
        "create",
        "show",
        "mine",
        "rename",
        "describe",
        "move",
        "migrate",
        "disable",
        "enable",
        "delete",
    ),
    "teams": ("share", "unshare", "assign", "unassign"),
    "billing": ("transfer", "pay", "billing", "invoices", "plan"),
    "record": ("who", "why", "events", "keys"),
    "channels": ("link", "unlink"),
    "workspace": ("settings", "help"),
}


def verb_menu_view(
    renderer: Renderer, resource: Resource | None, verbs: Collection[str]
) -> View:
    """The window that asks what to do: anything at all, or with one thing."""
    said = renderer.render("modals/choose_verb", resource=resource)
    value = f" {resource.id}" if resource else ""
    groups = [
        (
            renderer.render_label(f"verbs.{group}"),
            [
                (
                    renderer.render_label(f"verb.{name}"),
                    f"form {name}{value}",
                    _summarize_verb(renderer, name),
                )
                for name in names
                if name in verbs
            ],
        )
        for group, names in VERB_GROUPS.items()
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


def _summarize_verb(renderer: Renderer, name: str) -> str:
    return renderer.render("modals/verb_line", "plain", verb=VERB_BY_NAME[name]).text
