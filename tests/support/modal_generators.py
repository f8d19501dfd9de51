"""Generate forms, options, settings, channels, digests and failed deliveries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.rendering import RenderedText, Renderer
from bot.slack.button_values import ResourceScope
from bot.slack.commands.catalog import VERB_BY_NAME
from bot.slack.commands.parse_state import NOTHING_WORD
from bot.slack.commands.slots import Slot
from bot.slack.commands.verb import Verb
from bot.slack.forms.layout import CHANNEL_FIELD, ResourceSource, email_field
from bot.slack.forms.values import ADDRESSABLE_SLOTS
from bot.slack.views import (
    blocks,
    channels,
    digests,
    failed_deliveries,
    forms,
    key_rotation,
    pickers,
    settings,
)
from bot.slack.views.form_options import VerbForm
from bot.slack.views.notifications import (
    NotificationContext,
    build_digest_entry,
    notification_message,
    personal_digest_message,
)
from collab import events
from collab.channels import EVENT_GROUPS, ChannelLinkList, ChannelLinkView, LinkChannel
from collab.key_rotation import LostAccess, StaleKeys
from collab.limits import Policy
from collab.model import (
    Caller,
    ChannelId,
    ChannelLink,
    Delivery,
    DeliveryId,
    Frequency,
    NotificationPreference,
    PersonId,
    WorkspaceId,
)
from collab.notifications.digests import MAX_PERSONAL_DIGEST_ITEMS
from collab.notifications.failed import MAX_SHOWN, FailedDelivery
from collab.resource_pickers import ResourceOption
from collab.roles import ROLE_MODEL
from collab.settings import SettingsView
from tests.support.generators import MONDAY, SampleGenerator

SurfacePayload = dict[str, Any]
SurfaceIterator = Iterator[SurfacePayload]
SurfaceGenerator = Callable[[Renderer, SampleGenerator, int], SurfaceIterator]

MAX_PAGE_ROWS, MAX_OPTIONS = 20, 100
DELIVERY_PROBLEMS = ("not_in_channel", "is_archived", "users_not_found")


def make_failed_deliveries(samples: SampleGenerator, many: int) -> list[FailedDelivery]:
    """Return failed deliveries of all reasons, to people and channels."""
    failures = []
    for number in range(many):
        target = "channel:C1" if number % 2 else "person:P2"
        problem = (*DELIVERY_PROBLEMS, samples.make_name())[number % 4]
        delivery = Delivery(
            DeliveryId(number),
            WorkspaceId("T1"),
            target,
            "member_joined",
            1,
            None,
            None,
            None,
            9,
            "x",
            problem,
        )
        resource = samples.make_resource() if number % 3 else None
        failures.append(
            FailedDelivery(
                delivery,
                samples.make_person() if number % 5 else None,
                resource,
                mine=number % 4 == 0,
            )
        )
    return failures


def _make_filled_form(
    samples: SampleGenerator, verb: Verb, kind: str, many: int
) -> VerbForm:
    """Return a form whose fields are all filled in."""
    things = {
        r.id: r
        for r in [samples.make_resource(kind), *samples.make_resources(many, kind)]
    }
    filled = {slot.value: "UCARL" for slot in forms.FIELD_BUILDERS}
    filled |= {email_field(slot): samples.make_note() for slot in ADDRESSABLE_SLOTS} | {
        CHANNEL_FIELD: "C1"
    }
    filled |= {slot.value: samples.make_note() for slot in forms.TEXT_LIMITS}
    filled |= {
        slot.value: ",".join(things)
        if slot in forms.MULTI_VALUE_SLOTS
        else next(iter(things))
        for slot in verb.resource_slots
    }
    filled |= {
        Slot.RESOURCE_TYPE.value: kind,
        Slot.ROLE.value: "admin",
        Slot.GROUPS.value: ",".join(EVENT_GROUPS),
    }
    return VerbForm(
        verb, ROLE_MODEL, filled, things, [f"plan-{n}" for n in range(2 * many)]
    )


def _generate_forms(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    formed = [verb for verb in VERB_BY_NAME.values() if not verb.has_own_forms]
    for number, verb in enumerate(formed):
        wrong = renderer.render("refusals/retired", title=samples.make_name())
        filled = _make_filled_form(
            samples, verb, list(ROLE_MODEL)[number % len(list(ROLE_MODEL))], many
        )
        yield forms.verb_form_view(renderer, filled, wrong)
        yield forms.verb_form_view(renderer, replace(filled, values={}, resources={}))
        if verb.form.resource_source is ResourceSource.ASSIGNABLE:
            yield from _generate_assignable_forms(renderer, filled)
        if verb.clearable_slot:
            yield forms.verb_form_view(
                renderer,
                replace(filled, values={verb.clearable_slot.value: NOTHING_WORD}),
            )


def _generate_assignable_forms(renderer: Renderer, filled: VerbForm) -> SurfaceIterator:
    roles = ROLE_MODEL["app"].assignable_roles
    for offered in (
        {role.name: role.capabilities for role in roles},
        dict.fromkeys(ROLE_MODEL.assignable_role_names, ()),
        {},
    ):
        yield forms.verb_form_view(renderer, replace(filled, roles=offered))
    yield forms.verb_form_view(renderer, replace(filled, roles={}, resources={}))


def _generate_answer_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    answer = blocks.build_message(
        renderer.render(
            "replies/deleted", resource=samples.make_resource(), inside=many, retired=[]
        )
    )
    yield from _generate_changed_settings(renderer, samples, many)
    for verb in (VERB_BY_NAME["delete"], None):
        yield forms.command_answer_view(renderer, verb, answer)
    for has_changes in (True, False):
        yield forms.command_answer_view(
            renderer, VERB_BY_NAME["invite"], answer, has_changes=has_changes
        )


def _generate_choice_views(
    renderer: Renderer, _samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield pickers.verb_menu_view(renderer, list(VERB_BY_NAME)[: many or 1])


def _generate_option_lists(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    outer = samples.make_resource("company", 9)
    options = [
        ResourceOption(r, outer if n % 2 else None)
        for n, r in enumerate(samples.make_resources(min(many, MAX_OPTIONS)))
    ]
    for verb in VERB_BY_NAME.values():
        for slot in verb.resource_slots:
            yield pickers.field_options(renderer, verb, slot, options)


def _generate_shared_channel_views(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    act = LinkChannel(
        Caller(WorkspaceId("T1"), None, "modal"),
        ChannelId("C1"),
        "acme",
        EVENT_GROUPS,
        Frequency.WEEKLY,
        23,
    )
    yield channels.shared_channel_message(renderer, samples.make_resource(), act)
    yield channels.shared_channel_message(
        renderer, samples.make_resource(), act, [samples.make_name() for _ in range(5)]
    )
    yield channels.shared_channel_view(renderer, samples.make_resource(), act, "R1")
    title = samples.make_name()
    yield channels.join_offer_message(renderer, title, samples.make_resource(), act)
    yield channels.join_offer_view(renderer, title, samples.make_resource(), act, "R1")


def _generate_unlinking_previews(
    renderer: Renderer, samples: SampleGenerator, _many: int
) -> SurfaceIterator:
    resource = samples.make_resource()
    link = ChannelLink(
        ChannelId("C1"),
        resource.id,
        EVENT_GROUPS,
        PersonId("P1"),
        Frequency.WEEKLY,
        23,
    )
    link_view = ChannelLinkView(link, resource, samples.make_person())
    for is_renewed in (False, True):
        yield channels.unlink_preview_message(
            renderer, link_view, is_renewed=is_renewed
        )
        yield channels.unlink_preview_view(
            renderer, link_view, ResourceScope(resource.id), is_renewed=is_renewed
        )


def _render_unlinked(renderer: Renderer, samples: SampleGenerator) -> RenderedText:
    return renderer.render(
        "replies/unlinked",
        resource=samples.make_resource(),
        event=samples.build_instance(events.ChannelUnlinked),
    )


def _generate_channel_lists(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    for shown in (samples.make_resource("company"), None):
        links = [
            ChannelLinkView(
                ChannelLink(
                    ChannelId("C1"),
                    r.id,
                    EVENT_GROUPS,
                    PersonId("P2"),
                    list(Frequency)[n % len(Frequency)],
                ),
                r,
                samples.make_person(),
            )
            for n, r in enumerate(samples.make_resources(min(many, MAX_PAGE_ROWS)))
        ]
        done = _render_unlinked(renderer, samples)
        yield channels.linked_channels_view(
            renderer, ChannelLinkList(shown, links, 1 if many else None), 0, done
        )
        yield channels.linked_channels_view(
            renderer, ChannelLinkList(shown, links, None), 1
        )


def _generate_channel_digests(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    whole = samples.make_event_line(
        samples.build_instance(events.DigestSent, item_count=2 * many)
    )
    lines = [
        samples.make_event_line(samples.build_instance(events.MemberJoined))
        for _ in range(min(many, digests.MAX_EVENT_LINES))
    ]
    for line in (whole, replace(whole, resource=None)):
        yield digests.channel_digest_message(renderer, line, lines)


def _generate_personal_digests(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    items = []
    for _ in range(max(1, min(many, MAX_PERSONAL_DIGEST_ITEMS))):
        happened = samples.make_event_line(samples.build_instance(events.MemberJoined))
        items.append(
            build_digest_entry(
                MONDAY,
                notification_message(
                    renderer,
                    "member_joined",
                    NotificationContext(MONDAY, samples.make_person(), None, happened),
                ),
            )
        )
    yield personal_digest_message(renderer, items)


def _make_settings(many: int) -> Iterator[SettingsView]:
    """Return settings with default and with other values."""
    reminders = tuple(timedelta(hours=n) for n in range(1, many + 1))
    own = {
        "lifetime": "90d",
        "reminders": ",".join(f"{n}h" for n in range(1, many + 1)),
        "quiet-hours": "no",
    }
    for notices in NotificationPreference:
        yield SettingsView(Policy(), {}, False, Policy(), notices)
        yield SettingsView(
            Policy(reminders=reminders, reserved=True),
            own,
            True,
            Policy(reminders=()),
            notices,
            reach="both",
            may_choose_reach=True,
        )


def _generate_settings_messages(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    stopped = [
        replace(samples.make_person(), id=PersonId(f"P{number}"))
        for number in range(many)
    ]
    yield from (
        settings.settings_message(renderer, replace(view, stopped=stopped))
        for view in _make_settings(many)
    )


def _generate_personal_settings(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield from (
        settings.personal_settings_view(renderer, view) for view in _make_settings(many)
    )


def _generate_workspace_settings(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    yield from (
        settings.workspace_settings_view(renderer, view)
        for view in _make_settings(many)
    )


def _generate_changed_settings(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    """Generate what was changed by the command or a form of settings."""
    workspace = [samples.build_instance(events.WorkspaceSet) for _ in range(5)]
    own = [
        [samples.build_instance(events.PersonSet, value=choice)]
        for choice in NotificationPreference
    ]
    verb = VERB_BY_NAME["settings"]
    for changed in (workspace[: many or 1], *own):
        text = renderer.render("replies/set", changed=changed)
        yield forms.command_answer_view(renderer, verb, blocks.build_message(text))


def _generate_failed_deliveries(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    failures = make_failed_deliveries(samples, min(many, MAX_SHOWN))
    yield failed_deliveries.failed_deliveries_message(renderer, failures)


def _generate_retried_deliveries(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    rest = make_failed_deliveries(samples, min(many, MAX_SHOWN))
    yield failed_deliveries.sent_again_message(renderer, rest)


def _generate_settled_failures(
    renderer: Renderer, samples: SampleGenerator, _many: int
) -> SurfaceIterator:
    [failure] = make_failed_deliveries(samples, 1)
    yield failed_deliveries.settled_failure_message(renderer, failure)


def _generate_key_rotations(
    renderer: Renderer, samples: SampleGenerator, many: int
) -> SurfaceIterator:
    things, people = (
        samples.make_resources(many),
        [samples.make_person() for _ in range(7)],
    )
    days = [LostAccess(people[:n], MONDAY) for n in (2, 7, 1, 1)]
    stale_keys = StaleKeys([(r, MONDAY) for r in things], {r.id: days for r in things})
    for page in range(-(-many // MAX_PAGE_ROWS) or 1):
        yield key_rotation.stale_keys_message(renderer, stale_keys, page)


MODAL_GENERATORS: Mapping[str, SurfaceGenerator] = {
    "pickers.verb_menu_view": _generate_choice_views,
    "pickers.field_options": _generate_option_lists,
    "digests.channel_digest_message": _generate_channel_digests,
    "forms.verb_form_view": _generate_forms,
    "forms.command_answer_view": _generate_answer_views,
    "key_rotation.stale_keys_message": _generate_key_rotations,
    "channels.shared_channel_message": _generate_shared_channel_views,
    "channels.shared_channel_view": _generate_shared_channel_views,
    "channels.join_offer_message": _generate_shared_channel_views,
    "channels.join_offer_view": _generate_shared_channel_views,
    "channels.linked_channels_view": _generate_channel_lists,
    "channels.unlink_preview_message": _generate_unlinking_previews,
    "channels.unlink_preview_view": _generate_unlinking_previews,
    "notifications.personal_digest_message": _generate_personal_digests,
    "settings.settings_message": _generate_settings_messages,
    "settings.personal_settings_view": _generate_personal_settings,
    "settings.workspace_settings_view": _generate_workspace_settings,
    "failed_deliveries.failed_deliveries_message": _generate_failed_deliveries,
    "failed_deliveries.sent_again_message": _generate_retried_deliveries,
    "failed_deliveries.settled_failure_message": _generate_settled_failures,
}
