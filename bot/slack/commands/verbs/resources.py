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
from collab import access_queries, pages, rehearsal, resource_deletion, resources
from collab.moves import MoveResource

SHOP_SAMPLE = {Slot.RESOURCE: "shop"}
CREATE = Verb(
    "create",
    required_slots=(Slot.RESOURCE_TYPE, Slot.NAME),
    optional_slots=(Slot.OTHER_RESOURCE,),
    usage="create KIND NAME [in WHAT]",
    summary="create a company, project, app, database, payment method or team",
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
        optional_slots=(Slot.RESOURCE, Slot.PERSON),
        usage="show WHAT | show WHO",
        summary="open the page of a company, project, app or person",
        example="show acme",
        request_type=pages.ShowResourcePage,
        menu_group=MenuGroup.RESOURCES,
    ),
    Verb(
        "mine",
        usage="mine",
        summary="list everything you have access to",
        example="mine",
        request_type=access_queries.ListMyResources,
        menu_group=MenuGroup.RESOURCES,
    ),
    Verb(
        "who",
        required_slots=(Slot.RESOURCE, Slot.CAPABILITY),
        optional_slots=(Slot.DAY,),
        usage="who WHAT CAPABILITY [at 2026-03-03]",
        summary="list who can do something, now or on a past day, and by which role",
        example="who shop deploy",
        form=FormLayout(placeholder_keys={Slot.DAY: "field.day.choose"}),
        request_type=access_queries.ListUsersWithCapability,
        menu_group=MenuGroup.EVENTS,
        applies_to={Slot.RESOURCE: ResourceFilter(is_any)},
        samples=SHOP_SAMPLE,
    ),
    Verb(
        "why",
        required_slots=(Slot.PERSON, Slot.RESOURCE, Slot.CAPABILITY),
        optional_slots=(Slot.DAY,),
        usage="why WHO WHAT CAPABILITY [at 2026-03-03]",
        summary="explain why a person can or can't do something, now or on a past day",
        example="why @carl shop deploy",
        form=FormLayout(placeholder_keys={Slot.DAY: "field.day.choose"}),
        request_type=access_queries.ExplainAccess,
        menu_group=MenuGroup.EVENTS,
        applies_to={Slot.RESOURCE: ResourceFilter(is_any)},
        samples=SHOP_SAMPLE,
    ),
    Verb(
        "what",
        required_slots=(Slot.LINE,),
        usage="what if COMMAND",
        summary="show what a command would change, without changing anything",
        example="what if remove @carl from acme",
        request_type=rehearsal.AskWhatIf,
        menu_group=MenuGroup.EVENTS,
        samples={Slot.LINE: "if remove @carl from acme"},
        form=FormLayout(submit_key="verb.show"),
    ),
    Verb(
        "rename",
        required_slots=(Slot.RESOURCE, Slot.NAME),
        usage="rename WHAT [to] NAME",
        summary="change a name; the short name stays",
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
        summary="change the description; `nothing` removes it",
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
        summary="move an app or project to another place, or out of it, after a preview",
        example="move shop to website",
        request_type=MoveResource,
        menu_group=MenuGroup.RESOURCES,
        applies_to={
            Slot.RESOURCE: ResourceFilter(is_contained, ("delete", "migrate")),
            Slot.OTHER_RESOURCE: ResourceFilter(
                is_container, ("create",), is_offered=False
            ),
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
        summary="move a project with everything inside to another company",
        example="migrate website to acme",
        request_type=MoveResource,
        menu_group=MenuGroup.RESOURCES,
        applies_to={
            # On a page it is offered as a move.
            Slot.RESOURCE: ResourceFilter(
                has_capability("migrate"), ("migrate",), is_offered=False
            ),
            Slot.OTHER_RESOURCE: ResourceFilter(
                can_hold_migrated, ("create",), is_offered=False
            ),
        },
        lead="to",
        has_preview=True,
        samples={Slot.RESOURCE: "website", Slot.OTHER_RESOURCE: "to acme"},
    ),
    Verb(
        "disable",
        required_slots=(Slot.RESOURCE,),
        usage="disable WHAT",
        summary="make a project read-only until it's enabled again, after a preview",
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
        summary="let people change a disabled project again",
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
        summary="delete with everything inside, after a preview of who loses what",
        example="delete shop",
        request_type=resource_deletion.DeleteResource,
        menu_group=MenuGroup.RESOURCES,
        applies_to={Slot.RESOURCE: ResourceFilter(is_any, ("delete",))},
        samples=SHOP_SAMPLE,
        has_preview=True,
        is_destructive=True,
    ),
)
