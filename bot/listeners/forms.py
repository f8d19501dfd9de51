"""Forms: any verb without a typed word; what is sent in becomes the line that would have been typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot import filling
from bot.cards import Choices, Message, View
from bot.cards.choosing import choice_view, found_choices
from bot.cards.forms import Form, answer_view, form_view
from bot.cards.inviting import thing_choices
from bot.filling import CHANNEL, Unfilled, works_on_channel
from bot.fitting import kinds_for, offered, things_of
from bot.listeners.road import (
    Click,
    Command,
    Desk,
    Search,
    Submission,
    WrongField,
    linked_to,
    two,
    waiting,
    wrong,
)
from bot.misread import MissingWord
from bot.verbs import VERBS, Line, Slot, Verb
from bot.words import Said
from collab import refusals
from collab.card_numbers import holds_card_number
from collab.choosing import ListVisible, Placed, ShowNamed, fits
from collab.explain import Detail, Show
from collab.home import Abilities, ShowAbilities
from collab.resources import Resource
from collab.service import OPEN_TO_FOREIGNERS, QUESTIONS

Commands = Mapping[str, Callable[[Desk, Command], Message | None]]

CREATE = "create"
# Verbs about what one may not see yet: it is chosen among what waits for one's answer.
ANSWERS = frozenset({"accept", "decline"})
WHO = (Slot.WHO, Slot.WHOM)
AT: Mapping[type[refusals.Refused], tuple[Slot, ...]] = {
    refusals.BadName: (Slot.NAME,),
    refusals.TooLong: (Slot.NOTE, Slot.TEXT),
    refusals.BadDuration: (Slot.LASTS,),
    refusals.EndsLater: (Slot.LASTS,),
    refusals.BadAddress: WHO,
    refusals.NotAPerson: WHO,
    refusals.ToYourself: WHO,
    refusals.NotAMember: WHO,
    refusals.AlreadyAssigned: WHO,
    refusals.NotAssigned: WHO,
    refusals.UnknownRole: (Slot.ROLE,),
    refusals.MayNotGrant: (Slot.ROLE,),
    refusals.AlreadyHolds: (Slot.ROLE,),
    refusals.UnknownKind: (Slot.KIND,),
    refusals.UnknownCapability: (Slot.CAPABILITY,),
    refusals.DoesNotStandIn: (Slot.THERE,),
    refusals.DoesNotPay: (Slot.THERE,),
    refusals.UnknownPlan: (Slot.THERE,),
    refusals.PlanExceeded: (Slot.THERE,),
    refusals.AlreadyShared: (Slot.TEAM,),
    refusals.NotSharedWith: (Slot.TEAM,),
    refusals.BadSetting: (Slot.VALUE,),
    refusals.UnknownSetting: (Slot.SETTING,),
    refusals.UnknownEvent: (Slot.ONLY,),
}


def typed(commands: Commands, desk: Desk, asked: Command) -> Message | None:
    """A line: done; or, where it lacks something, the form with what it says."""
    lacks = asked.line.lacks
    if not lacks or asked.line.verb.window:
        try:
            return commands[asked.line.verb.name](desk, asked)
        except MissingWord as missing:
            lacks = missing
    _open(desk, asked, lacks)
    return None


def press_more(desk: Desk, click: Click) -> None:
    """Anything else: a window with every verb, or with those that fit a thing."""
    able: Abilities = desk.collab.ask(ShowAbilities(click.by), click.at)
    if click.value in {"", "home"}:
        click.show_view(choice_view(desk.words, None, [name for name in VERBS if _may_use(name, able)]))
        return
    found: Detail = desk.collab.ask(Show(click.by, click.value), click.at)
    verbs = [name for name in offered(found, desk.collab.kinds) if _may_use(name, able)]
    click.show_view(choice_view(desk.words, found.resource, verbs))


def _may_use(verb: str, able: Abilities) -> bool:
    """Say whether a verb may be offered to somebody (PER-02, RES-01)."""
    if able.external:
        return VERBS[verb].builds in OPEN_TO_FOREIGNERS
    return able.creates or verb != CREATE


def press_create(desk: Desk, click: Click) -> None:
    """Create pressed."""
    click.open_view(_view(desk, click, VERBS[CREATE], {}))


def press_payment(desk: Desk, click: Click) -> None:
    """Add payment method pressed on a company's page: the form to create one there."""
    told = {Slot.KIND.value: desk.collab.kinds.paying.name, Slot.THERE.value: click.value}
    click.show_view(_view(desk, click, VERBS[CREATE], told))


def press_verb(commands: Commands, desk: Desk, click: Click) -> Message | None:
    """A verb was chosen: done at once when there is nothing to ask and nothing to change, else its form."""
    name, what = two(click.value)
    verb = VERBS.get(name)
    if verb is None:
        return desk.tell("stale")
    line = Line(verb, _about(desk, click, verb, what), {})
    asked = Command(click.by, click.at, "", line, click.update_view)
    asks = [slot for slot in filling.slots_of(verb) if slot not in line.slots]
    answer = None
    if verb.window:
        answer = commands[name](desk, replace(asked, line=replace(line, lacks=line.missing(verb.needs[0]))))
    elif not asks and (verb.builds in QUESTIONS or verb.previews):
        answer = commands[name](desk, asked)
    else:
        click.update_view(_view(desk, click, verb, filling.filled(line)))
    if answer:
        click.update_view(answer_view(desk.words, verb, answer))
    return None


def press_find(desk: Desk, click: Click) -> None:
    """A thing was chosen: what else there is to choose follows it."""
    verb = VERBS.get(two(click.origin)[1])
    if verb:
        # A card number that stands in a field goes nowhere from there; sending the window in refuses it.
        kept = {name: value for name, value in _by_field(click.values).items() if not holds_card_number(value)}
        click.update_view(_view(desk, click, verb, kept))


def search(desk: Desk, asked: Search) -> Choices:
    """The things that fit what was typed, of the kinds that fit the field."""
    name, slot = two(asked.about)
    if name not in VERBS or slot not in things_of(name):
        return {"options": []}
    if name in ANSWERS:
        return thing_choices(desk.words, _waiting(desk, asked))
    kinds = kinds_for(name, Slot(slot), desk.collab.kinds)
    found = desk.collab.ask(ListVisible(asked.by, kinds, asked.typed), asked.at)
    return found_choices(desk.words, VERBS[name], Slot(slot), found)


def submit(commands: Commands, desk: Desk, sent: Submission) -> View:
    """The window sent in: the same listener as for a typed line, whose answer takes its place."""
    verb, values = VERBS.get(sent.about), _by_field(sent.values)
    if verb is None:
        return answer_view(desk.words, None, desk.tell("stale"))
    try:
        slots = filling.read(verb, values, sent.by.workspace)
    except Unfilled as unfilled:
        raise WrongField(_block(sent, unfilled.field), desk.words.label(unfilled.label)) from unfilled
    opened: list[View] = []
    asked = Command(sent.by, sent.at, values.get(CHANNEL, ""), Line(verb, slots, {}), opened.append)
    try:
        answer = commands[verb.name](desk, asked)
    except MissingWord as missing:
        raise WrongField(_block(sent, missing.slot), desk.words.label("field.needed")) from missing
    except refusals.ProfileUnread:
        raise  # it is done later
    except refusals.Refused as refused:
        return _refused(desk, sent, verb, values, refused)
    return answer_view(desk.words, verb, answer) if answer else opened[-1]


def _open(desk: Desk, asked: Command, lacks: MissingWord) -> None:
    """The form with what a line said; words that name nothing refuse the line, as they would a whole one."""
    line = asked.line
    told = filling.filled(line)
    try:
        told |= {slot.value: ",".join(r.id for r in _named(desk, asked, line.get(slot))) for slot in _said(line)}
    except refusals.UnknownResource as unknown:
        raise (lacks if lacks.slot in {Slot.WHO, Slot.WHOM} else unknown) from unknown
    if works_on_channel(line.verb) and not asked.channel.startswith("D"):
        told[CHANNEL] = asked.channel
    for slot in (Slot.WHAT, Slot.WHATS):
        linked = linked_to(desk, asked) if slot in line.verb.needs and slot.value not in told else None
        told |= {slot.value: linked} if linked else {}
    asked.open_view(_view(desk, asked, line.verb, told))


def _view(desk: Desk, asked: Command | Click | Submission, verb: Verb, told: Mapping[str, str]) -> View:
    return form_view(desk.words, _form(desk, asked, verb, told))


def _form(desk: Desk, asked: Command | Click | Submission, verb: Verb, told: Mapping[str, str]) -> Form:
    things: dict[str, Resource] = {}
    for slot in things_of(verb.name):
        for key in filter(None, told.get(slot.value, "").split(",")):
            try:
                things |= {found.id: found for found in _named(desk, asked, key)}
            except refusals.UnknownResource:
                continue  # it went meanwhile, or may no longer be seen: it is chosen again
    about = things.get(told.get(Slot.WHAT.value, ""))
    if verb.takes(Slot.TEXT) and about and about.about:
        told = {Slot.TEXT.value: about.about, **told}  # what it says now is changed, not written anew
    return Form(verb, desk.collab.kinds, told, things, tuple(desk.collab.plans))


def _named(desk: Desk, asked: Command | Click | Submission, said: str | tuple[str, ...]) -> list[Resource]:
    words = (said,) if isinstance(said, str) else said
    found: list[Resource] = desk.collab.ask(ShowNamed(asked.by, words), asked.at)
    return found


def _said(line: Line) -> list[Slot]:
    """The slots in which a line named things."""
    return [slot for slot in things_of(line.verb.name) if line.get(slot)]


def _about(desk: Desk, click: Click, verb: Verb, what: str) -> dict[Slot, str | tuple[str, ...]]:
    """The thing that a verb was chosen for, in its slot."""
    if not what:
        return {}
    found: Detail = desk.collab.ask(Show(click.by, what), click.at)
    slot = offered(found, desk.collab.kinds).get(verb.name)
    if slot is None:
        return {}
    return {slot: (found.resource.id,) if slot is Slot.WHATS else found.resource.id}


def _waiting(desk: Desk, asked: Search) -> list[Placed]:
    things = {r.id: r for card in waiting(desk, asked.by, asked.at) for r in card.resources if fits(r, asked.typed)}
    return [Placed(resource, None) for resource in things.values()]


def _by_field(values: Mapping[str, str]) -> dict[str, str]:
    """What was filled in, by field, without the verb that stands in the ids of blocks."""
    return {two(block)[0]: value for block, value in values.items() if value}


def _block(sent: Submission, field: str) -> str:
    """The block of a field, or the first where it stands in none."""
    return next((block for block in sent.values if two(block)[0] == field), next(iter(sent.values), field))


def _refused(desk: Desk, sent: Submission, verb: Verb, values: Mapping[str, str], refused: refusals.Refused) -> View:
    """What is refused is said at its field; what is about none of them above all, with everything filled in still."""
    slot = next((slot for slot in _fields(refused, values) if slot.value in values and verb.takes(slot)), None)
    if slot:
        raise wrong(desk, _block(sent, slot.value), refused, sent.by)
    said: Said = desk.refused(refused, sent.by)
    return form_view(desk.words, _form(desk, sent, verb, values), said)


def _fields(refused: refusals.Refused, values: Mapping[str, str]) -> tuple[Slot, ...]:
    if isinstance(refused, refusals.UnknownResource):
        return tuple(
            Slot(name) for name, value in values.items() if refused.typed in value.split(",") and name in set(Slot)
        )
    return AT.get(type(refused), ())
