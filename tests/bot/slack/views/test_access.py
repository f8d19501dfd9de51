"""Explanations of access."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.slack.views import access
from bot.slack.views.live_messages import live_message
from collab.access_queries import (
    AccessExplanation,
    PathStep,
    RolePath,
    UsersWithCapability,
)
from collab.model import PersonId, ResourceId
from collab.roles import CAPABILITIES, ROLE_MODEL
from tests.support.view_builders import (
    ACME,
    CARL,
    MONDAY,
    RENDERER,
    build_invitation_view,
    check_message,
    message_text,
)


def test_capabilities_are_worded_for_every_resource_type() -> None:
    for kind in ROLE_MODEL:
        thing = replace(ACME, kind=kind, title="Thing")
        for role in ROLE_MODEL[kind].assignable_roles:
            card = replace(
                build_invitation_view(role=role.name),
                resource=thing,
                can=role.capabilities,
            )
            text = message_text(
                live_message(RENDERER, "invitation", card, CARL, MONDAY)
            )
            a_role = RENDERER.render_label(f"roles.{role.name}.one")
            article, _, name = a_role.partition(" ")
            assert f"as {article} *{name}*" in text
            assert re.search("You'll be able to see details and (members|who)", text)
        for capability in CAPABILITIES:
            can = {c for role in ROLE_MODEL[kind].roles for c in role.capabilities}
            paths = [RolePath(CARL, (PathStep(ROLE_MODEL[kind].highest_role, thing),))]
            why = access.access_explanation_message(
                RENDERER,
                AccessExplanation(CARL, thing, capability, paths, False),
                [],
                PersonId(""),
                is_closed=False,
            )
            assert capability not in can or " *Thing*" in why["text"].partition(":")[0]


def test_role_path_is_a_sentence_without_names_that_the_reader_may_not_see() -> None:
    website, shop = (
        replace(ACME, id=ResourceId("R2"), kind="project", title="Website"),
        replace(ACME, id=ResourceId("R3"), kind="app", title="Shop"),
    )
    steps = (
        PathStep("owner", ACME),
        PathStep("owner", website),
        PathStep("admin", shop),
    )

    why = AccessExplanation(CARL, shop, "code", [RolePath(CARL, steps)], disabled=False)
    text = check_message(
        access.access_explanation_message(
            RENDERER, why, [], PersonId("P1"), is_closed=False
        )
    )["text"]
    assert (
        text
        == "<@UCARL> can deploy *Shop*: owner of *Acme* → owner of *Website* → admin of *Shop*."
    )

    hidden = (
        PathStep("owner", replace(website, title="", slug="")),
        PathStep("admin", shop),
    )
    able = UsersWithCapability(shop, "code", [RolePath(CARL, hidden)], 1, None)
    text = access.users_with_capability_message(RENDERER, able, 0)["text"]
    assert "owner of a project that you can't see → admin" in text
