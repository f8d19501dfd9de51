"""The invite form and the options of its resources."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playground.blockkit import option_errors, view_errors
from bot.rendering import Renderer
from bot.slack.commands.verbs.memberships import INVITE
from bot.slack.views import blocks
from bot.slack.views.form_options import VerbForm
from bot.slack.views.forms import command_answer_view, verb_form_view
from bot.slack.views.invitation_results import invitation_results_message
from bot.slack.views.pickers import resource_options
from collab.model import Resource, ResourceId
from collab.resource_pickers import ResourceOption
from collab.roles import ROLE_MODEL
from tests.support.view_builders import (
    ACME,
    RENDERER,
    in_both_languages,
    message_text,
    typed_texts,
)


def test_option_group_is_omitted_when_its_label_repeats_the_only_option() -> None:
    shop = Resource(ResourceId("R2"), "app", "shop", "Shop", ACME.id)
    alone = resource_options(RENDERER, [ResourceOption(ACME, ACME)])
    assert [option["text"]["text"] for option in alone["options"]] == ["Acme"]
    (group,) = resource_options(
        RENDERER, [ResourceOption(ACME, ACME), ResourceOption(shop, ACME)]
    )["option_groups"]
    assert group["label"]["text"] == "Acme"
    assert len(group["options"]) == 2


@in_both_languages
@given(
    titles=st.lists(typed_texts, min_size=1, max_size=5),
    note=typed_texts,
    many=st.sampled_from([0, 1, 100]),
)
@settings(deadline=None, max_examples=15)
def test_invite_form_keeps_slacks_limits_for_any_names(
    renderer: Renderer, titles: list[str], note: str, many: int
) -> None:
    companies = [
        replace(ACME, id=ResourceId(f"C{n}"), title=title)
        for n, title in enumerate(titles)
    ]
    apps = [
        Resource(
            ResourceId(f"A{n}"),
            "app",
            f"app-{n}" * 9,
            titles[n % len(titles)],
            companies[n % len(titles)].id,
        )
        for n in range(many)
    ]
    options = [
        ResourceOption(app, companies[n % len(titles)] if n % 7 else None)
        for n, app in enumerate(apps)
    ]
    choices = resource_options(renderer, options)
    assert option_errors(choices) == []
    offered = [
        option["value"]
        for group in choices.get("option_groups", [])
        for option in group["options"]
    ]
    assert sorted(offered) == sorted(app.id for app in apps)

    form = VerbForm(
        INVITE,
        ROLE_MODEL,
        {
            "whom": ",".join(["UCARL"] * many),
            "whom_mail": note * 40,
            "whats": ",".join(app.id for app in apps),
            "role": "admin",
            "lasts": "30 days",
            "note": note[:500],
        },
        {app.id: app for app in apps},
    )
    roles = {
        role.name: role.capabilities for role in ROLE_MODEL["app"].assignable_roles
    }
    for offer in (roles, {}, dict.fromkeys(ROLE_MODEL.assignable_role_names, ())):
        view = verb_form_view(renderer, replace(form, roles=offer))
        assert view_errors(view) == []
    empty = VerbForm(INVITE, ROLE_MODEL, roles={})
    assert view_errors(verb_form_view(renderer, empty)) == []
    text = renderer.render("refusals/unknown_who", example="", typed=note)
    for changed in (True, False):
        message = invitation_results_message(renderer, [text] * max(1, many))
        view = command_answer_view(renderer, INVITE, message, has_changes=changed)
        assert view_errors(view) == []
        assert " ".join(message_text(view).split()).count(text.text[:12]) == max(
            1, many
        )


@in_both_languages
def test_capabilities_of_every_role_fit_an_option_description(
    renderer: Renderer,
) -> None:
    for kind in ROLE_MODEL.resource_types.values():
        for role in kind.assignable_roles:
            text = renderer.render(
                "modals/role_allows", "plain", can=role.capabilities, kind=kind.name
            ).text
            assert 0 < len(text) <= blocks.MAX_LABEL, text
