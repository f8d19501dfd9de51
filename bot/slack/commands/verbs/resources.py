"""Verbs about resources themselves and about who can do what with them."""

from __future__ import annotations

from bot.slack.commands.resource_filters import (
    ResourceFilter,
    can_hold_migrated,
    has_capability,
    is_any,
    is_contained,
    is_container,
)
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import MenuGroup, Verb
from bot.slack.forms.layout import FormLayout
from collab import access_queries, resource_deletion, resources
from collab.moves import MoveResource

SHOP_SAMPLE = {Slot.RESOURCE: "shop"}
CREATE = Verb(
    "create",
    required_slots=(Slot.RESOURCE_TYPE, Slot.NAME),
    optional_slots=(Slot.OTHER_RESOURCE,),
    usage="create KIND NAME [in WHAT]",
    summary="makes a company, project, app, database, payment method or team",
    example="create app Shop in acme",
    request_type=resources.CreateResource,
    menu_group=MenuGroup.RESOURCES,
    applies_to={Slot.OTHER_RESOURCE: ResourceFilter(is_container, ("create",))},
    lead="in",
    form=FormLayout(label_keys={Slot.OTHER_RESOURCE: "field.there.in"}),
)
RESOURCE_VERBS: tuple[Verb, ...] = (
    Verb(
        "show",
        required_slots=(Slot.RESOURCE,),
        usage="show WHAT",
        summary="what it is, what pays for it, what stands in it, what you can do with it, what happened last",
        example="show acme",
        request_type=access_queries.ShowResource,
        menu_group=MenuGroup.RESOURCES,
    ),
    Verb(
        "mine",
        usage="mine",
        summary="lists everything that you hold a role on",
        example="mine",
        request_type=access_queries.ListMyResources,
        menu_group=MenuGroup.RESOURCES,
    ),
    Verb(
        "who",
        required_slots=(Slot.RESOURCE, Slot.CAPABILITY),
        usage="who WHAT CAPABILITY",
        summary="lists everybody who can do that, and by which role",
        example="who shop code",
        request_type=access_queries.ListUsersWithCapability,
        menu_group=MenuGroup.EVENTS,
        applies_to={Slot.RESOURCE: ResourceFilter(is_any)},
        samples=SHOP_SAMPLE,
    ),
    Verb(
        "why",
        required_slots=(Slot.PERSON, Slot.RESOURCE, Slot.CAPABILITY),
        usage="why WHO WHAT CAPABILITY",
        summary="says by which roles somebody can do that, or that they cannot",
        example="why @carl shop code",
        request_type=access_queries.ExplainAccess,
        menu_group=MenuGroup.EVENTS,
        applies_to={Slot.RESOURCE: ResourceFilter(is_any)},
        samples=SHOP_SAMPLE,
    ),
    Verb(
        "rename",
        required_slots=(Slot.RESOURCE, Slot.NAME),
        usage="rename WHAT [to] NAME",
        summary="gives it another name; its short name stays",
        example='rename shop to "The Boutique"',
        request_type=resources.RenameResource,
        menu_group=MenuGroup.RESOURCES,
        applies_to={Slot.RESOURCE: ResourceFilter(is_any, ("edit",))},
        lead="to",
        samples={**SHOP_SAMPLE, Slot.NAME: '"The Boutique"'},
    ),
    Verb(
        "describe",
        required_slots=(Slot.RESOURCE, Slot.TEXT),
        usage='describe WHAT "TEXT"',
        summary="says in a few words what it is; `nothing` takes the words away",
        example='describe shop "Sells things"',
        request_type=resources.DescribeResource,
        menu_group=MenuGroup.RESOURCES,
        applies_to={Slot.RESOURCE: ResourceFilter(is_any, ("edit",))},
        lead="as",
        samples={**SHOP_SAMPLE, Slot.TEXT: '"Sells things"'},
        clearable_slot=Slot.TEXT,
    ),
    Verb(
        "move",
        required_slots=(Slot.RESOURCE,),
        optional_slots=(Slot.OTHER_RESOURCE,),
        usage="move WHAT [to WHAT]",
        summary="lets it stand in another company or project or none, after showing who loses access",
        example="move shop to website",
        request_type=MoveResource,
        menu_group=MenuGroup.RESOURCES,
        applies_to={
            Slot.RESOURCE: ResourceFilter(is_contained, ("delete", "migrate")),
            Slot.OTHER_RESOURCE: ResourceFilter(is_container, ("create",)),
        },
        lead="to",
        samples=SHOP_SAMPLE,
        clearable_slot=Slot.OTHER_RESOURCE,
        has_preview=True,
    ),
    Verb(
        "migrate",
        required_slots=(Slot.RESOURCE, Slot.OTHER_RESOURCE),
        usage="migrate PROJECT to COMPANY",
        summary="lets a project stand in another company, after showing who loses access",
        example="migrate website to acme",
        request_type=MoveResource,
        menu_group=MenuGroup.RESOURCES,
        applies_to={
            Slot.RESOURCE: ResourceFilter(has_capability("migrate"), ("migrate",)),
            Slot.OTHER_RESOURCE: ResourceFilter(can_hold_migrated, ("create",)),
        },
        lead="to",
        has_preview=True,
        samples={Slot.RESOURCE: "website", Slot.OTHER_RESOURCE: "to acme"},
    ),
    Verb(
        "disable",
        required_slots=(Slot.RESOURCE,),
        usage="disable WHAT",
        summary="lets nobody do anything in it but look, until it is enabled, after showing what that concerns",
        example="disable website",
        request_type=resources.DisableResource,
        menu_group=MenuGroup.RESOURCES,
        applies_to={
            Slot.RESOURCE: ResourceFilter(has_capability("disable"), ("disable",))
        },
        samples={Slot.RESOURCE: "website"},
        has_preview=True,
        is_destructive=True,
    ),
    Verb(
        "enable",
        required_slots=(Slot.RESOURCE,),
        usage="enable WHAT",
        summary="lets people do things in it again",
        example="enable website",
        request_type=resources.EnableResource,
        menu_group=MenuGroup.RESOURCES,
        applies_to={
            Slot.RESOURCE: ResourceFilter(has_capability("disable"), ("disable",))
        },
        samples={Slot.RESOURCE: "website"},
    ),
    Verb(
        "delete",
        required_slots=(Slot.RESOURCE,),
        usage="delete WHAT",
        summary="deletes it with all that stands in it, after showing what goes and who loses what",
        example="delete shop",
        request_type=resource_deletion.DeleteResource,
        menu_group=MenuGroup.RESOURCES,
        applies_to={Slot.RESOURCE: ResourceFilter(is_any, ("delete",))},
        samples=SHOP_SAMPLE,
        has_preview=True,
        is_destructive=True,
    ),
)
