"""A form for any verb, made from the table: a field for each thing that it needs or may take."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.cards import Block, Message, View, blocks
from bot.cards.choosing import nothing_option
from bot.cards.inviting import role_allows, thing_option
from bot.filling import ADDRESSED, CHANNEL, mail_of, must_say, works_on_channel
from bot.fitting import things_of
from bot.names import NOTHING
from bot.verbs import VERBS, Slot, Verb
from bot.words import Said, Words, capitalize_first
from collab.billing import EMAIL_LIMIT
from collab.channels import GROUPS
from collab.digests import HOURS, RHYTHMS
from collab.kinds import CAPABILITIES, Kind, Table
from collab.policy import NAME_LIMIT, NOTE_LIMIT, SETTABLE, TOGETHER_LIMIT
from collab.record import event_sources
from collab.resources import Resource

LENGTH, VALUE, ID, MOST = 40, 200, 255, 100
FILES = ("csv", "jsonl")
PURPOSES = ("billing", "ownership")
SEVERAL = frozenset({Slot.WHATS, Slot.KEEP})
DECIDED = frozenset({Slot.ROLE, Slot.CAPABILITY, Slot.TEXT})  # what stands there follows from the thing


@dataclass(frozen=True, slots=True)
class Form:
    """A verb with what is filled in by now, by field; `things` are those that are named, and `plans` all there are."""

    verb: Verb
    kinds: Table
    filled: Mapping[str, str] = field(default_factory=dict)
    things: Mapping[str, Resource] = field(default_factory=dict)
    plans: Collection[str] = ()

    def get(self, slot: Slot) -> str:
        """What stands in the field of a slot."""
        return self.filled.get(slot.value, "")

    def block_id(self, name: str, of: str = "") -> str:
        """A field's own id, from which its verb can be told, and what it depends on."""
        return " ".join(filter(None, (name, self.verb.name, of)))[:ID]

    @property
    def kind(self) -> Kind | None:
        """The kind of what it is about, once that is chosen."""
        about = self.things.get(self.get(Slot.WHAT))
        return self.kinds.get(about.kind) if about else None


def form_view(words: Words, form: Form, wrong: Said | None = None) -> View:
    """The window that asks for what a verb needs; with a word on top when it was refused as a whole."""
    name = f"verb.{form.verb.name}"
    top = [*blocks.paragraphs(wrong.paragraphs), {"type": "divider"}] if wrong else []
    about = blocks.paragraphs(words.say("modals/form", verb=form.verb).paragraphs)
    asked = [block for slot in _in_order(form) for block in FIELDS[slot](words, form, slot)]
    if works_on_channel(form.verb):
        asked = [_channel(words, form), *asked]
    return blocks.modal(
        "form",
        words.label(name),
        [*top, *about, *asked],
        submit=words.label("continue") if form.verb.previews else words.label(SUBMITS.get(form.verb.name, name)),
        close=words.label("cancel"),
        about=form.verb.name,
    )


def answer_view(words: Words, verb: Verb | None, answer: Message) -> View:
    """The window after it was sent in: what a line would have been answered."""
    title = words.label(f"verb.{verb.name}" if verb else "shown.title")
    return blocks.modal("shown", title, answer["blocks"], close=words.label("close"))


def _in_order(form: Form) -> list[Slot]:
    """What is needed first, and what follows from a choice behind it; nothing of where a thing is that stands alone."""
    made = form.kinds.get(form.get(Slot.KIND))
    alone = {Slot.THERE} if made and not made.stands_in else set()
    needs = sorted(form.verb.needs, key=lambda slot: slot in DECIDED)
    return [slot for slot in (*needs, *form.verb.may) if slot not in alone]


def _labelled(words: Words, form: Form, name: str) -> str:
    own = OWN.get((form.verb.name, name))
    return words.label(own or f"field.{name}")


def _field(words: Words, form: Form, slot: Slot, element: Block, *, hint: str = "", of: str = "") -> Block:
    label, optional = _labelled(words, form, slot.value), not must_say(form.verb, slot)
    return blocks.field(form.block_id(slot.value, of), label, element, hint=hint, optional=optional)


def _hint(words: Words, form: Form, slot: Slot) -> str:
    own = HINTS.get((form.verb.name, slot), f"field.{slot.value}.hint" if slot in HINTED else "")
    return words.label(own) if own else ""


def _person(words: Words, form: Form, slot: Slot) -> list[Block]:
    """Somebody of the workspace, or an address; which of the two is said is seen when it is sent in."""
    chosen = blocks.users_select(slot.value, words.label("field.person.choose"), form.get(slot))
    label = _labelled(words, form, slot.value)
    both = slot in ADDRESSED
    optional = both or slot not in form.verb.needs
    found = [blocks.field(form.block_id(slot.value), label, chosen, optional=optional)]
    if both:
        name = mail_of(slot)
        typed = blocks.text_input(name, EMAIL_LIMIT, initial=form.filled.get(name, "")[:EMAIL_LIMIT])
        found.append(blocks.field(form.block_id(name), words.label("field.mail"), typed, optional=True))
    return found


def _thing(words: Words, form: Form, slot: Slot) -> list[Block]:
    """What is asked for while somebody types; a choice on which other fields depend is told at once."""
    if slot not in things_of(form.verb.name):
        return _plan(words, form, slot)
    said = form.get(slot)
    chosen = [thing_option(words, form.things[key]) for key in said.split(",") if key in form.things]
    if said == NOTHING and slot is form.verb.empty:
        chosen = [nothing_option(words, form.verb)]
    action, placeholder = f"find:{form.verb.name} {slot.value}", words.label("field.thing.choose")
    if slot in SEVERAL:
        most = TOGETHER_LIMIT if slot is Slot.WHATS else MOST
        element = blocks.external_select(action, placeholder, chosen[:most], most)
    else:
        element = blocks.single_external_select(action, placeholder, chosen[0] if chosen else None)
    made = _field(words, form, slot, element, hint=_hint(words, form, slot))
    decides = slot is Slot.WHAT and any(form.verb.takes(other) for other in DECIDED)
    return [{**made, "dispatch_action": True} if decides else made]


def _plan(words: Words, form: Form, slot: Slot) -> list[Block]:
    options = [*[(name, name) for name in form.plans][: MOST - 1], (words.label("field.plan.none"), NOTHING)]
    return [_field(words, form, slot, _select(words, form, slot, options))]


def _text(words: Words, form: Form, slot: Slot) -> list[Block]:
    most = TEXTS[slot]
    element = blocks.text_input(slot.value, most, initial=form.get(slot)[:most], lines=most == NOTE_LIMIT)
    # Slack keeps what stands in a field of the same name; what another thing says has a field of its own.
    of = form.get(Slot.WHAT) if slot in DECIDED else ""
    return [_field(words, form, slot, element, hint=_hint(words, form, slot), of=of)]


def _choice(words: Words, form: Form, slot: Slot) -> list[Block]:
    """One of a closed list."""
    return [_field(words, form, slot, _select(words, form, slot, OPTIONS[slot](words, form)))]


def _kind(words: Words, form: Form, slot: Slot) -> list[Block]:
    """The same, told at once, since some kinds stand in nothing."""
    action = f"find:{form.verb.name} {slot.value}"
    element = blocks.select(action, words.label("field.choose"), OPTIONS[slot](words, form), form.get(slot))
    return [{**_field(words, form, slot, element), "dispatch_action": True}]


def _role(words: Words, form: Form, slot: Slot) -> list[Block]:
    """The same, named by the kind of the thing, so that a role which it does not have does not stay."""
    of = form.kind.name if form.kind else ""
    return [_field(words, form, slot, _select(words, form, slot, OPTIONS[slot](words, form)), of=of)]


def _choices(words: Words, form: Form, slot: Slot) -> list[Block]:
    """Several of a closed list."""
    chosen = form.get(slot).split(",")
    element = blocks.multi_select(slot.value, words.label("field.choose"), OPTIONS[slot](words, form), chosen)
    return [_field(words, form, slot, element, hint=_hint(words, form, slot))]


def _box(words: Words, form: Form, slot: Slot) -> list[Block]:
    element = blocks.checkbox(
        slot.value, words.label(f"field.{slot.value}.box"), slot.value, checked=bool(form.get(slot))
    )
    return [_field(words, form, slot, element)]


def _channel(words: Words, form: Form) -> Block:
    here = form.filled.get(CHANNEL, "")
    element = blocks.channel_select(CHANNEL, words.label("field.channel.choose"), here)
    return blocks.field(form.block_id(CHANNEL), words.label("field.channel"), element)


def _select(words: Words, form: Form, slot: Slot, options: Sequence[tuple[str, ...]]) -> Block:
    return blocks.select(slot.value, words.label("field.choose"), options, form.get(slot))


def _roles(words: Words, form: Form) -> list[tuple[str, ...]]:
    """The roles that can be given there; whoever changes one may also go down to one that only follows from others."""
    kinds = [form.kind] if form.kind else [form.kinds[name] for name in form.kinds]
    found = [role for kind in kinds for role in (kind.roles if form.verb.takes(Slot.KEEP) else kind.given)]
    if form.kind is None:
        return [(name, name) for name in dict.fromkeys(role.name for role in found)]
    return [(role.name, role.name, role_allows(words, role.abilities, form.kind.name)) for role in found]


def _capabilities(words: Words, form: Form) -> list[tuple[str, ...]]:
    kind = form.kind
    known = {name for role in kind.roles for name in role.can} if kind else set(CAPABILITIES)
    names = [name for name in CAPABILITIES if name in known]
    about = kind.name if kind else ""
    return [(name, name, words.say("modals/ability", "plain", can_do=name, kind=about).text) for name in names]


OPTIONS: Mapping[Slot, Callable[[Words, Form], Sequence[tuple[str, ...]]]] = {
    Slot.KIND: lambda words, form: [(capitalize_first(words.kind(name)), name) for name in form.kinds],
    Slot.ROLE: _roles,
    Slot.CAPABILITY: _capabilities,
    Slot.PURPOSE: lambda words, _: [(words.label(f"field.purpose.{name}"), name) for name in PURPOSES],
    Slot.SETTING: lambda words, _: [(words.label(f"field.setting.{name}"), name) for name in SETTABLE],
    Slot.VERB: lambda words, _: [(words.label(f"verb.{name}"), name) for name in VERBS],
    Slot.EXPORT: lambda words, _: [(words.label(f"field.export.{name}"), name) for name in FILES],
    Slot.GROUPS: lambda words, _: [(words.label(f"group.{name}"), name) for name in GROUPS],
    Slot.RHYTHM: lambda words, _: [(words.label(f"rhythm.{name}"), name) for name in RHYTHMS],
    Slot.HOUR: lambda _words, _form: [(f"{hour:02d}:00", str(hour)) for hour in HOURS],
    Slot.ONLY: lambda _, form: [(name, name) for name in dict.fromkeys((*event_sources(), *form.kinds))],
}
TEXTS: Mapping[Slot, int] = {
    Slot.NAME: NAME_LIMIT,
    Slot.TEXT: NOTE_LIMIT,
    Slot.NOTE: NOTE_LIMIT,
    Slot.LASTS: LENGTH,
    Slot.SINCE: LENGTH,
    Slot.VALUE: VALUE,
}
HINTED = frozenset({Slot.TEXT, Slot.LASTS, Slot.SINCE, Slot.VALUE, Slot.GROUPS})
# Labels that say more than the usual one of their field.
OWN: Mapping[tuple[str, str], str] = {
    ("pay", Slot.THERE): "field.there.pays",
    ("plan", Slot.THERE): "field.there.plan",
    ("create", Slot.THERE): "field.there.in",
    ("plan", Slot.WHAT): "field.what.company",
    ("billing", Slot.WHAT): "field.there.pays",
    ("invoices", Slot.WHAT): "field.there.pays",
}
HINTS: Mapping[tuple[str, Slot], str] = {
    ("accept", Slot.WHAT): "field.what.waits",
    ("decline", Slot.WHAT): "field.what.waits",
    ("unlink", Slot.WHAT): "field.what.linked",
    ("events", Slot.WHAT): "field.what.all",
}
# What the button says that sends a form in, where that is not what the verb is called.
SUBMITS: Mapping[str, str] = {
    **dict.fromkeys(("members", "events", "invitations", "invoices", "billing", "help"), "verb.show"),
    **dict.fromkeys(("plan", "keys", "settings"), "continue"),
    "link": "link.short",
    "unlink": "unlink.short",
    "share": "share.short",
    "successor": "choose",
    "request": "request",
    "withdraw": "withdraw",
}
FIELDS: Mapping[Slot, Callable[[Words, Form, Slot], list[Block]]] = {
    **dict.fromkeys((Slot.WHO, Slot.WHOM, Slot.BY, Slot.ABOUT), _person),
    **dict.fromkeys((Slot.WHAT, Slot.WHATS, Slot.THERE, Slot.TEAM, Slot.KEEP), _thing),
    **dict.fromkeys(TEXTS, _text),
    **dict.fromkeys(
        (Slot.PURPOSE, Slot.SETTING, Slot.VERB, Slot.EXPORT, Slot.CAPABILITY, Slot.RHYTHM, Slot.HOUR), _choice
    ),
    Slot.ROLE: _role,
    Slot.KIND: _kind,
    **dict.fromkeys((Slot.GROUPS, Slot.ONLY), _choices),
    **dict.fromkeys((Slot.LEAVING, Slot.SENT, Slot.ROTATED), _box),
}
