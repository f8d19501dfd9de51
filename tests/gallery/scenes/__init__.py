"""Every scene, each in a workspace of its own; a new message needs a scene that leads to it."""

from __future__ import annotations

from collections.abc import Callable

from tests.gallery.scene_actions import SceneActions
from tests.gallery.scenes import (
    billing,
    handovers,
    inviting,
    members,
    pages,
    questions,
    refusals,
    things,
)

SCENES: tuple[Callable[[SceneActions], None], ...] = (
    inviting.begun,
    inviting.answered,
    inviting.put_off,
    inviting.changed,
    inviting.revoked,
    inviting.several,
    members.ended,
    members.limited,
    members.lapsed,
    members.asked_for,
    members.followed,
    members.offboarded,
    members.keys_passed_on,
    members.together,
    members.channels_linked,
    things.shaped,
    things.shared,
    things.full,
    things.asked,
    things.welcomed,
    pages.opened,
    pages.ended,
    billing.handed_over,
    billing.owned,
    billing.kept,
    billing.planned,
    handovers.done,
    handovers.on_a_day,
    handovers.called_off,
    handovers.to_another_workspace,
    questions.what_if,
    questions.looked_back,
    refusals.typed,
    refusals.overtaken,
    refusals.late,
    refusals.not_theirs,
    refusals.nobody_left,
    refusals.unheard,
    refusals.mailed_too_often,
    refusals.beyond,
)
