"""Forms, choices, and the cards of settings, channels, digests and what was lost, made of what a tongue says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.cards import blocks, choosing, digests, forms, keys, linking, record, settings, undelivered
from bot.cards.notices import Scene, notice_message, own_digest_message, told
from bot.filling import ADDRESSED, CHANNEL, mail_of
from bot.fitting import things_of
from bot.names import NOTHING
from bot.verbs import VERBS, Slot, Verb
from bot.words import Said, Words
from collab import events
from collab.channels import GROUPS, Link, LinkChannel, Linked, LinkList
from collab.choosing import Placed
from collab.digests import RHYTHMS
from collab.keys import LostAccess, StaleKeys
from collab.kinds import KINDS
from collab.notices import Delivery
from collab.people import Caller
from collab.policy import Policy
from collab.preferences import SettingsShown
from collab.telling import CHOICES, TOGETHER
from collab.undelivered import SHOWN, Undelivered
from tests.support.generators import MONDAY, Tongue

Surface = dict[str, Any]
Surfaces = Iterator[Surface]
Making = Callable[[Words, Tongue, int], Surfaces]

PAGE, FOUND = 20, 100
PROBLEMS = ("not_in_channel", "is_archived", "users_not_found")


def lost(t: Tongue, many: int) -> list[Undelivered]:
    """Messages that did not arrive: of all reasons, to people and to channels, about something and about nothing."""
    found = []
    for number in range(many):
        target = "channel:C1" if number % 2 else "person:P2"
        problem = (*PROBLEMS, t.name())[number % 4]
        delivery = Delivery(number, "T1", target, "member_joined", 1, None, None, None, 9, "x", problem)
        about = t.resource() if number % 3 else None
        found.append(Undelivered(delivery, t.person() if number % 5 else None, about, mine=number % 4 == 0))
    return found


def _form(t: Tongue, verb: Verb, kind: str, many: int) -> forms.Form:
    """A form in which everything is filled in."""
    things = {r.id: r for r in [t.resource(kind), *t.resources(many, kind)]}
    filled = {slot.value: "UCARL" for slot in forms.FIELDS}
    filled |= {mail_of(slot): t.note() for slot in ADDRESSED} | {CHANNEL: "C1"}
    filled |= {slot.value: t.note() for slot in forms.TEXTS}
    filled |= {
        slot.value: ",".join(things) if slot in forms.SEVERAL else next(iter(things)) for slot in things_of(verb.name)
    }
    filled |= {Slot.KIND.value: kind, Slot.ROLE.value: "admin", Slot.GROUPS.value: ",".join(GROUPS)}
    return forms.Form(verb, KINDS, filled, things, [f"plan-{n}" for n in range(2 * many)])


def _forms(words: Words, t: Tongue, many: int) -> Surfaces:
    for number, verb in enumerate(v for v in VERBS.values() if not v.window):
        wrong = words.say("refusals/retired", title=t.name())
        filled = _form(t, verb, list(KINDS)[number % len(list(KINDS))], many)
        yield forms.form_view(words, filled, wrong)
        yield forms.form_view(words, replace(filled, filled={}, things={}))
        if verb.empty:
            yield forms.form_view(words, replace(filled, filled={verb.empty.value: NOTHING}))


def _answer(words: Words, t: Tongue, many: int) -> Surfaces:
    answer = blocks.message(words.say("replies/deleted", resource=t.resource(), inside=many, retired=[]))
    for verb in (VERBS["delete"], None):
        yield forms.answer_view(words, verb, answer)


def _choice(words: Words, t: Tongue, many: int) -> Surfaces:
    for resource in (t.resource(), None):
        yield choosing.choice_view(words, resource, list(VERBS)[: many or 1])


def _found(words: Words, t: Tongue, many: int) -> Surfaces:
    outer = t.resource("company", 9)
    found = [Placed(r, outer if n % 2 else None) for n, r in enumerate(t.resources(min(many, FOUND)))]
    for verb in VERBS.values():
        for slot in things_of(verb.name):
            yield choosing.found_choices(words, verb, slot, found)


def _link(words: Words, t: Tongue, many: int) -> Surfaces:
    yield linking.link_view(words, linking.Draft())
    yield linking.link_view(words, linking.Draft(t.resource(), "C1", GROUPS, RHYTHMS[-1], 23, "UTC", "R1"))


def _shared(words: Words, t: Tongue, many: int) -> Surfaces:
    act = LinkChannel(Caller("T1", None, "modal"), "C1", "acme", GROUPS, RHYTHMS[-1], 23)
    yield linking.shared_message(words, t.resource(), act)
    yield linking.shared_view(words, t.resource(), act, "R1")


def _unlinked(words: Words, t: Tongue) -> Said:
    return words.say("replies/unlinked", resource=t.resource(), event=t.built(events.ChannelUnlinked))


def _linked(words: Words, t: Tongue, many: int) -> Surfaces:
    yield linking.linked_view(words, _unlinked(words, t))


def _channels(words: Words, t: Tongue, many: int) -> Surfaces:
    for shown in (t.resource("company"), None):
        links = [
            Linked(Link("C1", r.id, GROUPS, "P2", RHYTHMS[n % len(RHYTHMS)]), r, t.person())
            for n, r in enumerate(t.resources(min(many, PAGE)))
        ]
        done = _unlinked(words, t)
        yield linking.channels_view(words, LinkList(shown, links, 1 if many else None), 0, done)
        yield linking.channels_view(words, LinkList(shown, links, None), 1)


def _digest(words: Words, t: Tongue, many: int) -> Surfaces:
    whole = t.line(t.built(events.ChannelDigested, many=2 * many))
    lines = [t.line(t.built(events.MemberJoined)) for _ in range(min(many, digests.TOGETHER))]
    for line in (whole, replace(whole, resource=None)):
        yield digests.digest_message(words, line, lines)


def _own_digest(words: Words, t: Tongue, many: int) -> Surfaces:
    kept = []
    for _ in range(max(1, min(many, TOGETHER))):
        happened = t.line(t.built(events.MemberJoined))
        kept.append(told(MONDAY, notice_message(words, "member_joined", Scene(MONDAY, t.person(), None, happened))))
    yield own_digest_message(words, kept)


def _settings_shown(many: int) -> Iterator[SettingsShown]:
    """What can be set, as it is and otherwise; nobody can type here what is kept as it was typed."""
    reminders = tuple(timedelta(hours=n) for n in range(1, many + 1))
    own = {"lifetime": "90d", "reminders": ",".join(f"{n}h" for n in range(1, many + 1)), "quiet-hours": "no"}
    for notices in CHOICES:
        yield SettingsShown(Policy(), {}, False, Policy(), notices)
        yield SettingsShown(Policy(reminders=reminders, reserved=True), own, True, Policy(reminders=()), notices)


def _settings(words: Words, t: Tongue, many: int) -> Surfaces:
    yield from (settings.settings_message(words, found) for found in _settings_shown(many))


def _mine(words: Words, t: Tongue, many: int) -> Surfaces:
    yield from (settings.mine_view(words, found) for found in _settings_shown(many))


def _workspace(words: Words, t: Tongue, many: int) -> Surfaces:
    yield from (settings.workspace_view(words, found) for found in _settings_shown(many))


def _set(words: Words, t: Tongue, many: int) -> Surfaces:
    yield settings.set_view(words, [t.built(events.WorkspaceSet) for _ in range(min(many, len(settings.FIELDS)))])
    for choice in CHOICES:
        yield settings.set_view(words, [t.built(events.PersonSet, value=choice)])


def _lost(words: Words, t: Tongue, many: int) -> Surfaces:
    yield undelivered.lost_message(words, lost(t, min(many, SHOWN)))


def _keys(words: Words, t: Tongue, many: int) -> Surfaces:
    things, people = t.resources(many), [t.person() for _ in range(7)]
    days = [LostAccess(people[:n], MONDAY) for n in (2, 7, 1, 1)]
    found = StaleKeys([(r, MONDAY) for r in things], {r.id: days for r in things})
    for page in range(-(-many // PAGE) or 1):
        yield keys.keys_message(words, found, page)


def _filter(words: Words, t: Tongue, many: int) -> Surfaces:
    yield record.filter_view(words)


def _looked_for(words: Words, t: Tongue, many: int) -> Surfaces:
    yield record.found_view(
        words, blocks.message(words.say("replies/deleted", resource=t.resource(), inside=many, retired=[]))
    )


WINDOWS: Mapping[str, Making] = {
    "choosing.choice_view": _choice,
    "choosing.found_choices": _found,
    "digests.digest_message": _digest,
    "forms.form_view": _forms,
    "forms.answer_view": _answer,
    "keys.keys_message": _keys,
    "linking.link_view": _link,
    "linking.shared_message": _shared,
    "linking.shared_view": _shared,
    "linking.linked_view": _linked,
    "linking.channels_view": _channels,
    "notices.own_digest_message": _own_digest,
    "record.filter_view": _filter,
    "record.found_view": _looked_for,
    "settings.settings_message": _settings,
    "settings.mine_view": _mine,
    "settings.workspace_view": _workspace,
    "settings.set_view": _set,
    "undelivered.lost_message": _lost,
}
