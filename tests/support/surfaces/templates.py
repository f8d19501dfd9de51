"""Generate the templates that no view function renders, and all rejections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from bot.rendering import AUDIENCES, Renderer
from bot.slack.commands.errors import ParseError
from bot.slack.views import blocks
from collab import events
from collab.billing.plans import PlanUsage
from collab.errors import Rejected
from collab.event_log import EventList
from collab.limits import Policy
from collab.model import Invoice
from collab.notifications.gathering import MAX_TOPICS
from collab.roles import CAPABILITIES
from tests.support.generators import MONDAY, SampleGenerator
from tests.support.modal_generators import SurfaceIterator
from tests.support.surfaces.samples import limit_to_one_offer


def _common_template_values(samples: SampleGenerator, many: int) -> dict[str, Any]:
    things = limit_to_one_offer(many)
    return {
        "resource": samples.make_resource(),
        "person": samples.make_person(),
        "claimant": samples.make_person(),
        "team": samples.make_resource("team"),
        "card": samples.make_invitation(resource_count=things),
        "parent": samples.make_resource("company"),
        "other": samples.make_resource("payment"),
        "invoice": samples.build_instance(Invoice, number=samples.make_name()),
        "role": "admin",
        "before": "developer",
        "grants": "admin",
        "capability": "code",
        "can_do": CAPABILITIES,
        "paid": True,
        "replaced": True,
        "may_set": True,
        "many": things,
        "inside": many,
        "taken_back": many,
        "reopened": many,
        "requests": many,
        "me": "P1",
        "form": "csv",
        "plan": "studio",
        "setting": "lifetime",
        "value": "14d",
        "groups": ("joins", "leaves"),
        "shared_can": CAPABILITIES,
        "assigned_can": CAPABILITIES,
        "policy": Policy(),
        "own": {"lifetime": "14d"},
        "id": "E1",
        "example": "invite @carl admin acme",
        "kept": [(r, "admin") for r in samples.make_resources(many)],
        "more": many,
        "usage": PlanUsage(
            samples.make_resource("company"),
            "studio",
            [("admin", 3, 2), ("owner", 1, None)],
            ("studio",),
            True,
        ),
    }


def _specific_template_values(
    samples: SampleGenerator, many: int
) -> Mapping[str, Mapping[str, Any]]:
    approver_ids = ("P1",) * (many or 1)
    return {
        "notices/export": {
            "list": EventList(
                samples.make_resource(),
                [samples.make_event_line(samples.build_instance(events.KeysRotated))]
                * many,
                None,
            )
        },
        "replies/outside": {
            name: [samples.make_person() for _ in range(min(many, 20))]
            for name in ("mailed", "unreached", "stopped")
        }
        | {"unreached": [samples.make_person()]},
        "replies/profile_pending": {"in_messages": bool(many)},
        "replies/scope_offer": {"scope": "channels:join" if many else "team:read"},
        "replies/take_back_offered": {
            "card": samples.make_invitation(
                purpose="takeback", resource_count=limit_to_one_offer(many)
            )
        },
        "replies/snoozed": {"card": samples.make_invitation(snoozed=MONDAY)},
        "replies/described": {
            "event": samples.build_instance(events.ResourceDescribed)
        },
        "replies/renamed": {
            "event": samples.build_instance(
                events.ResourceRenamed,
                title=samples.make_name(),
                before=samples.make_name(),
            )
        },
        "replies/moved": {
            "event": samples.build_instance(
                events.ResourceMoved, rotate=("R1",), lost_code=("R1 P1",)
            )
        },
        "replies/extended": {
            "event": samples.build_instance(events.MemberExtended),
            "resources": samples.make_resources(min(max(many, 1), MAX_TOPICS)),
        },
        "replies/linked": {
            "event": samples.build_instance(events.ChannelLinked, rhythm="weekly")
        },
        "replies/granted": {"event": samples.build_instance(events.RequestGranted)},
        "replies/deleted": {
            "retired": samples.make_resources(min(many, 20), "payment")
        },
        "replies/role_changed": {
            "kept": [(r, "admin") for r in samples.make_resources(min(many, 20))],
            "more": max(many - 20, 0),
        },
        "replies/withdrawn": {"event": samples.build_instance(events.RequestEnded)},
        "replies/requested": {
            "event": samples.build_instance(events.RequestSent, asked=approver_ids)
        },
        "replies/shared": {
            "event": samples.build_instance(events.TeamShared, before="manager")
        },
        "replies/unshared": {"event": samples.build_instance(events.TeamUnshared)},
    }


def generate_templates_without_surface(
    renderer: Renderer, names: list[str], samples: SampleGenerator, many: int
) -> SurfaceIterator:
    """Generate messages of the templates that no view function renders."""
    for name in names:
        values = {
            **_common_template_values(samples, many),
            **_specific_template_values(samples, many).get(name, {}),
        }
        yield blocks.build_message(renderer.render(name, **values))


def generate_rejections(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    """Generate the message of every rejection, for each audience."""
    kinds = [
        kind for root in (Rejected, ParseError) for kind in _concrete_subclasses(root)
    ]
    for kind in kinds:
        for bare in (True, False):
            for state in (
                "accepted",
                "declined",
                "revoked",
                "expired",
                "granted",
                "ended",
            ):
                more = (
                    {"state": state}
                    if any(f.name == "state" for f in fields(kind))
                    else {}
                )
                yield from _generate_rejection(
                    renderer,
                    samples,
                    samples.build_instance(kind, is_minimal=bare, **more),
                )
                if not more:
                    break


def _generate_rejection(
    renderer: Renderer, samples: SampleGenerator, refusal: Any
) -> SurfaceIterator:
    values = {field.name: getattr(refusal, field.name) for field in fields(refusal)}
    people = {
        name: samples.make_person()
        for name in ("person", "inviter")
        if values.get(name)
    }
    for audience in AUDIENCES[:2]:
        yield blocks.build_message(
            renderer.render(
                f"refusals/{refusal.name}", audience, **{**values, **people, "me": "P9"}
            )
        )
    renderer.render(
        f"refusals/{refusal.name}", "plain", **{**values, **people, "me": "P9"}
    )


def _concrete_subclasses(kind: type[Any]) -> Iterator[type[Any]]:
    below = [
        each
        for each in kind.__subclasses__()
        if each.__module__.startswith(("collab.", "bot."))
    ]
    for each in below:
        yield from _concrete_subclasses(each)
    if not below:
        yield kind
