"""Build the help: the overview of a person, everyday commands, all, and one verb."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from bot.rendering import Renderer
from bot.slack.button_values import ResourceScope
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.verb import MenuGroup, Verb
from bot.slack.views import Block, Message, View, blocks
from bot.slack.views.controls import home_button, labelled_button
from bot.slack.views.pending import pending_items_message
from collab.home import OfferedActions
from collab.model import WorkspaceId
from collab.pending import Overview

MAX_ROLES = 20
MAX_EVERYDAY_VERBS = 8
HELP_BLOCK_ID = "help"


def overview_message(renderer: Renderer, overview: Overview, page: int = 0) -> Message:
    """Return what is pending for the reader, and the reader's roles."""
    items = [*overview.waiting, *overview.agreed]
    pending = pending_items_message(renderer, items, page)
    roles = renderer.render(
        "replies/holds",
        holds=overview.holds[:MAX_ROLES],
        more=max(0, len(overview.holds) - MAX_ROLES),
        may_create=overview.may_create,
    )
    text = f"{pending['text']}\n{roles.text}"
    return {
        "text": blocks.truncate(text, blocks.MAX_MESSAGE_TEXT),
        "blocks": [*pending["blocks"], *blocks.paragraph_blocks(roles.paragraphs)],
    }


def help_message(
    renderer: Renderer, actions: OfferedActions, home_url: str = ""
) -> Message:
    """Return the everyday commands of a person, and buttons for the rest.

    `home_url` opens Home; without one there is no such button.
    """
    verbs = [VERB_BY_NAME[name] for name in _list_everyday_verbs(actions)]
    text = renderer.render("replies/help", verbs=verbs, external=actions.external)
    buttons = _help_buttons(renderer, actions, home_url)
    if not buttons:
        return blocks.build_message(text)
    return blocks.build_message(text, blocks.actions_block(HELP_BLOCK_ID, *buttons))


def all_commands_view(
    renderer: Renderer, verbs: Sequence[Verb], group: MenuGroup
) -> View:
    """Return the commands of one group, below a select of the groups."""
    labels = [
        (renderer.render_label(f"verbs.{each.value}"), each.value)
        for each in MenuGroup
        if any(verb.menu_group is each for verb in verbs)
    ]
    placeholder = renderer.render_label("help_group")
    select = blocks.static_select("help_group", placeholder, labels, group.value)
    shown = [verb for verb in verbs if verb.menu_group is group]
    text = renderer.render("modals/all_commands", verbs=shown)
    return blocks.modal_view(
        "all_commands",
        renderer.render_label("help_all"),
        [
            blocks.actions_block("help_group", select),
            *blocks.paragraph_blocks(text.paragraphs),
        ],
        close=renderer.render_label("close"),
    )


def verb_message(renderer: Renderer, verb: Verb) -> Message:
    """Return one verb with an example."""
    return blocks.build_message(renderer.render("replies/help_verb", verb=verb))


def build_home_url(workspace: WorkspaceId, app_id: str) -> str:
    """Return the link that opens the app's Home in Slack; empty without an app."""
    if not app_id:
        return ""
    return f"slack://app?{urlencode({'team': workspace, 'id': app_id, 'tab': 'home'})}"


def _list_everyday_verbs(actions: OfferedActions) -> list[str]:
    """Return the verbs that this person needs most, by what they may do."""
    if actions.external:
        return []
    is_offered = {
        "invite": actions.invites,
        "create": actions.creates,
        "members": True,
        "show": True,
        "mine": True,
        "invitations": not actions.invites,
        "offboard": actions.admin,
        "settings": actions.admin,
        "request": not actions.admin,
        "link": actions.creates,
        "why": True,
        "leave": True,
    }
    offered = [name for name, is_shown in is_offered.items() if is_shown]
    return offered[:MAX_EVERYDAY_VERBS]


def _help_buttons(
    renderer: Renderer, actions: OfferedActions, home_url: str
) -> list[Block]:
    everything = ResourceScope().encode()
    buttons: list[Block] = []
    if actions.invites:
        invite = labelled_button(renderer, "invite_open", everything, style="primary")
        buttons.append(invite)
    if actions.creates:
        buttons.append(labelled_button(renderer, "create_open", everything))
    buttons += home_button(renderer, home_url)
    if not actions.external:
        first_group = MenuGroup.PEOPLE.value
        buttons.append(labelled_button(renderer, "help_all", first_group))
    return buttons
