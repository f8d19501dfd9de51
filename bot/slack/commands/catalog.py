"""The catalog: all verbs of `/collab`, from which parser, forms and help are made.

A new verb is a row in a module of `verbs/`.
"""

from __future__ import annotations

from bot.slack.commands.slots import Slot
from bot.slack.commands.typed_words import GERMAN_VERBS, find_german_verb
from bot.slack.commands.verb import COMMAND, Verb
from bot.slack.commands.verbs.billing import BILLING_VERBS
from bot.slack.commands.verbs.memberships import MEMBERSHIP_VERBS
from bot.slack.commands.verbs.resources import CREATE, RESOURCE_VERBS
from bot.slack.commands.verbs.teams import TEAM_VERBS
from bot.slack.commands.verbs.workspace import HELP, WORKSPACE_VERBS
from collab.access_queries import ResourceDetail
from collab.home import OfferedActions
from collab.pages import ResourcePage
from collab.role_model import ResourceType, RoleModel

ROWS = (
    HELP,
    CREATE,
    *MEMBERSHIP_VERBS,
    *RESOURCE_VERBS,
    *TEAM_VERBS,
    *BILLING_VERBS,
    *WORKSPACE_VERBS,
)
VERB_BY_NAME = {verb.name: verb for verb in ROWS}


def find_verb(word: str) -> Verb | None:
    """Return the verb that a word means in any language, or None."""
    return VERB_BY_NAME.get(word) or VERB_BY_NAME.get(find_german_verb(word) or "")


def list_verb_words() -> tuple[str, ...]:
    """Return every word that may be typed for a verb."""
    return (*VERB_BY_NAME, *GERMAN_VERBS)


def example_for_verb(name: str | None) -> str:
    """Return the example of a verb as a whole line.

    Without a verb, the line that asks for help.
    """
    return VERB_BY_NAME[name].example_line if name else f"{COMMAND} help"


def offered_verbs(detail: ResourceDetail, roles: RoleModel) -> dict[str, Slot]:
    """Return the verbs offered for a resource, each with the slot that takes it.

    An offer is no permission: the core decides when the verb is used, and says why not.
    """
    resource_type = roles[detail.resource.kind]
    capabilities = set(detail.can)
    if detail.assigns:
        capabilities.add("grants")
    if detail.removes:
        capabilities.add("removes")
    useless_verbs = _list_useless_verbs(detail, resource_type)
    offered: dict[str, Slot] = {}
    for verb in VERB_BY_NAME.values():
        if verb.name in useless_verbs:
            continue
        for slot, accepted in verb.applies_to.items():
            if not accepted.is_offered:
                continue
            if not accepted.accepts_type(roles, resource_type):
                continue
            if accepted.capabilities and capabilities.isdisjoint(accepted.capabilities):
                continue
            offered.setdefault(verb.name, slot)
    return offered


def list_usable_verbs(actions: OfferedActions) -> list[Verb]:
    """Return the verbs that may be offered to a person (PER-02, RES-01)."""
    if actions.external:
        return [
            verb
            for verb in VERB_BY_NAME.values()
            if verb.request_type.is_allowed_from_outside
        ]
    return [
        verb
        for verb in VERB_BY_NAME.values()
        if actions.creates or verb.name != CREATE.name
    ]


def offered_page_verbs(page: ResourcePage, roles: RoleModel) -> dict[str, Slot]:
    """Return the verbs offered on a resource's page, each with the slot that takes it.

    Those are left out for which nothing is there, and those that the person may not use.
    """
    usable = {verb.name for verb in list_usable_verbs(page.able)}
    return {
        name: slot
        for name, slot in offered_verbs(page.detail, roles).items()
        if name in usable and _has_subject(name, page)
    }


def _has_subject(name: str, page: ResourcePage) -> bool:
    """Return whether there is something that a verb could act on, for this person."""
    matters, actions = page.open, page.actions
    subjects = {
        "request": actions.requests and not matters.has_own_request,
        "transfer": actions.transfers,
        "handover": actions.hands_over,
        "pay": actions.pays,
        "move": actions.moves,
        "resend": actions.resends,
        "revoke": actions.revokes,
        "leave": matters.may_leave,
        "withdraw": matters.has_own_request,
        "successor": matters.has_succession,
        "share": actions.shares,
        "unshare": actions.unshares,
        "assign": actions.assigns,
        "unassign": actions.unassigns,
        "keys": matters.stale_since,
        "unlink": matters.links,
        "extend": actions.extends,
        "remove": actions.removes,
        "role": actions.changes_roles,
    }
    return bool(subjects.get(name, True))


def _list_useless_verbs(
    detail: ResourceDetail, resource_type: ResourceType
) -> set[str]:
    """Return the verbs that would not change the current state of a resource.

    What is handed over only with its container, or by another person, is not offered.
    """
    useless_verbs = {"disable" if detail.resource.disabled else "enable"}
    is_owner = detail.role == resource_type.highest_role
    if is_owner:
        useless_verbs.add("request")
    if not is_owner or (detail.resource.parent and resource_type.must_stay_controlled):
        useless_verbs.add("handover")
    if not detail.direct:
        useless_verbs.add("leave")
    return useless_verbs
