"""Verbs about what is shared with a team."""

from __future__ import annotations

from bot.slack.commands.resource_filters import (
    ResourceFilter,
    can_be_assigned,
    can_be_shared,
    is_group,
)
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import MenuGroup, Verb
from bot.slack.forms.layout import FormLayout
from collab import teams

SHOP_SAMPLE = {Slot.RESOURCE: "shop"}
TEAM_SAMPLE = {**SHOP_SAMPLE, Slot.TEAM: "in crew"}
TEAM_VERBS: tuple[Verb, ...] = (
    Verb(
        "share",
        required_slots=(Slot.RESOURCE, Slot.TEAM, Slot.ROLE),
        usage="share APP TEAM ROLE",
        summary="give a team a role on an app, a database or a payment method",
        example="share shop with crew as manager",
        request_type=teams.ShareWithTeam,
        menu_group=MenuGroup.TEAMS,
        applies_to={
            Slot.RESOURCE: ResourceFilter(can_be_shared, ("grants",)),
            Slot.TEAM: ResourceFilter(is_group),
        },
        lead="with",
        samples={**SHOP_SAMPLE, Slot.TEAM: "with crew", Slot.ROLE: "manager"},
        form=FormLayout(submit_key="share.short"),
    ),
    Verb(
        "unshare",
        required_slots=(Slot.RESOURCE, Slot.TEAM),
        usage="unshare APP TEAM",
        summary="end a team's role, after a preview of who loses access",
        example="unshare shop from crew",
        request_type=teams.UnshareWithTeam,
        menu_group=MenuGroup.TEAMS,
        applies_to={
            Slot.RESOURCE: ResourceFilter(can_be_shared, ("grants",)),
            Slot.TEAM: ResourceFilter(is_group),
        },
        lead="from",
        samples={**SHOP_SAMPLE, Slot.TEAM: "from crew"},
        has_preview=True,
        is_destructive=True,
    ),
    Verb(
        "assign",
        required_slots=(Slot.PERSON, Slot.RESOURCE, Slot.TEAM),
        usage="assign WHO APP TEAM",
        summary="give a limited member of a team access to one of its apps",
        example="assign @carl shop in crew",
        request_type=teams.AssignToMember,
        menu_group=MenuGroup.TEAMS,
        applies_to={
            Slot.RESOURCE: ResourceFilter(can_be_assigned, ("grants",)),
            Slot.TEAM: ResourceFilter(is_group, ("edit",)),
        },
        lead="in",
        samples=TEAM_SAMPLE,
    ),
    Verb(
        "unassign",
        required_slots=(Slot.PERSON, Slot.RESOURCE, Slot.TEAM),
        usage="unassign WHO APP TEAM",
        summary="end a limited member's access to one of the team's apps, after a preview",
        example="unassign @carl shop in crew",
        request_type=teams.UnassignFromMember,
        menu_group=MenuGroup.TEAMS,
        applies_to={
            Slot.RESOURCE: ResourceFilter(can_be_assigned, ("grants",)),
            Slot.TEAM: ResourceFilter(is_group, ("edit",)),
        },
        lead="in",
        samples=TEAM_SAMPLE,
        has_preview=True,
        is_destructive=True,
    ),
)
