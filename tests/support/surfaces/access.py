"""Generate the answers about who can do what."""

from __future__ import annotations

from dataclasses import replace

from bot.rendering import Renderer
from bot.slack.views import access
from collab.access_queries import (
    AccessExplanation,
    ResourceRole,
    ResourceRoleList,
    UsersWithCapability,
)
from collab.home import OfferedActions
from collab.model import PersonId
from collab.roles import CAPABILITIES, ROLE_MODEL
from tests.support.generators import MONDAY, SampleGenerator
from tests.support.modal_generators import MAX_PAGE_ROWS, SurfaceIterator
from tests.support.surfaces.samples import MAX_INVITATIONS, VIEWER_ID


def generate_own_roles(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    roles = [
        ResourceRole(r, "admin", bool(n % 2))
        for n, r in enumerate(samples.make_resources(min(many, MAX_PAGE_ROWS)))
    ]
    yield access.own_roles_message(
        renderer, ResourceRoleList(roles, many, 1), 0, OfferedActions()
    )


def generate_capability_lists(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for capability in CAPABILITIES:
        able = UsersWithCapability(
            samples.make_resource(),
            capability,
            samples.make_access_paths(min(many, MAX_PAGE_ROWS)),
            500,
            1,
            bool(many),
        )
        yield access.users_with_capability_message(renderer, able, 0)
        for then in (
            able,
            replace(able, total=0, paths=[]),
            replace(able, existed=False),
        ):
            past = replace(then, day=MONDAY.date())
            yield access.users_with_capability_message(renderer, past, 0)


def generate_explanations(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for kind in ROLE_MODEL:
        for paths, role_paths in (
            (samples.make_access_paths(min(many, MAX_INVITATIONS)), []),
            ([], samples.make_access_paths(min(many, MAX_INVITATIONS))),
        ):
            why = AccessExplanation(
                samples.make_person(),
                samples.make_resource(kind),
                "view",
                paths,
                disabled=bool(many),
            )
            yield access.access_explanation_message(
                renderer, why, role_paths, PersonId("P1"), is_closed=False
            )
            yield access.access_explanation_message(
                renderer, why, role_paths, PersonId("P2"), is_closed=True
            )
            for existed, is_closed in ((True, False), (True, True), (False, False)):
                yield access.access_explanation_message(
                    renderer,
                    replace(why, day=MONDAY.date(), existed=existed),
                    role_paths,
                    VIEWER_ID,
                    is_closed=is_closed,
                )
