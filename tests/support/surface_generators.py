"""Every message, window and home that there is, made of what a tongue says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from bot.cards import (
    access,
    billing,
    blocks,
    home,
    invitations,
    inviting,
    membership,
    questions,
    record,
    resources,
    waiting,
)
from bot.cards import help as help_cards
from bot.cards.copies import COPIES, copy_message
from bot.cards.notices import UNDELIVERABLE, Scene, notice_message
from bot.listeners import ACTIONS
from bot.misread import Misread
from bot.verbs import VERBS
from bot.words import AUDIENCES, Said, Words
from collab import events
from collab.billing import Billing, Details
from collab.choosing import Placed
from collab.events import EVENTS
from collab.explain import Able, Belonging, Belongings, Detail, Explanation
from collab.home import HELPERS, LOST, Abilities, Holding, Home, Start
from collab.invoices import Invoice, InvoiceList
from collab.keeping import Losing
from collab.kinds import CAPABILITIES, KINDS
from collab.lists import InvitationList, Member, MemberList, Overview
from collab.notices import MEMBERS, NOTICES, OWN_DIGEST, PROFILE, REFRESH
from collab.plans import Standing
from collab.policy import TOGETHER_LIMIT, Policy
from collab.record import EventList
from collab.refusals import Refused
from collab.subjects import OpenInvitation, OpenRequest
from collab.transfers import Loss
from tests.support.generators import MONDAY, ROLES, STATES, Tongue
from tests.support.modal_generators import PAGE, WINDOWS, Making, Surfaces, lost

ASKED = 40
ME = f"P{10:028}"


def together(many: int) -> int:
    """How many of so many things stand in one offer."""
    return max(1, min(many, TOGETHER_LIMIT))


# How each card is made, by its function; `many` is how much there is of whatever there can be many of.


def _others(t: Tongue) -> list[Any]:
    """One question of each kind that is no invitation."""
    return [t.request(), t.succession(), t.term()]


def _waiting(words: Words, t: Tongue, many: int) -> Surfaces:
    found = [*t.invitations(min(many, ASKED)), *_others(t)]
    for page in range(-(-len(found) // PAGE) or 1):
        yield waiting.waiting_message(words, found, page)


def _sent(words: Words, t: Tongue, many: int) -> Surfaces:
    for state in STATES:
        found = [replace(c, invitation=replace(c.invitation, state=state)) for c in t.invitations(min(many, PAGE))]
        yield invitations.sent_message(words, InvitationList(found, sent=True, next_page=1), 0, MONDAY)


def _decline(words: Words, t: Tongue, many: int) -> Surfaces:
    yield invitations.decline_view(words, t.invitation(things=together(many)))


def _edit(words: Words, t: Tongue, many: int) -> Surfaces:
    yield invitations.edit_view(words, t.invitation(things=together(many)), ROLES)


def _members(words: Words, t: Tongue, many: int) -> Surfaces:
    rows = min(many, PAGE)
    people = [
        Member(p, "admin", MONDAY if n % 2 else None, True, t.resource("company") if n % 2 else None)
        for n, p in enumerate(t.people(rows))
    ]
    asked = t.invitations(PAGE - rows)
    everybody = membership.Allowed(
        frozenset(c.invitation.id for c in asked), frozenset(m.person.id for m in people), ROLES
    )
    found = MemberList(t.resource("company"), people, asked, 500, 1)
    yield membership.members_message(words, found, ME, everybody, 0)


def _ending(t: Tongue, many: int) -> membership.Ending:
    remains = [membership.Remaining(r, "admin", t.resource("payment")) for r in t.resources(many)]
    ends = [(r, "admin") for r in t.resources(many)]
    revoked = t.invitations(min(many, ASKED))
    return membership.Ending(t.person(), t.resource("company"), "admin", CAPABILITIES, ends, remains, revoked, "owner")


def _remove(words: Words, t: Tongue, many: int) -> Surfaces:
    yield membership.remove_message(words, _ending(t, many))


def _leave(words: Words, t: Tongue, many: int) -> Surfaces:
    yield membership.leave_message(words, _ending(t, many))


def _role(words: Words, t: Tongue, many: int) -> Surfaces:
    held = [(thing, "admin") for thing in t.resources(many)]
    for losing in (Losing(held, ()), Losing((), held), Losing(held, held)):
        change = membership.Change("owner", ROLES, "developer", losing, many, [thing.id for thing, _ in held[::2]])
        yield membership.role_view(words, t.person(), t.resource("company"), change)


def _home(words: Words, t: Tongue, many: int) -> Surfaces:
    rows = min(many, PAGE)
    outer = t.resource("company", 9)
    held = [
        Holding(r, "developer", bool(n % 2), r if n % 3 == 1 else outer, True) for n, r in enumerate(t.resources(rows))
    ]
    lines = [t.line(events.ResourceRenamed("R1", t.name(), t.name())) for _ in range(5 if many else 0)]
    waits = [*t.invitations(max(0, rows - 3)), *_others(t)][-rows:] if rows else []
    sent: list[OpenInvitation | OpenRequest] = [t.request(), *t.invitations(rows - 1)] if rows else []
    undelivered = lost(t, min(many, LOST))
    full = Home(
        waiting=waits,
        waits=500 if rows else 0,
        holding=held,
        holds=500 if rows else 0,
        sent=sent,
        lines=lines,
        pages=(3, 4, 5),
        more=(True, True, True),
        lost=undelivered,
        loses=bool(many),
        stale=many,
    )
    yield home.home_view(words, full, MONDAY, ACTIONS)
    for empty, founds in ((True, True), (True, False), (False, True), (False, False)):
        start = Start(empty, founds, t.people(min(many, HELPERS)))
        for routes in (ACTIONS, ()):
            yield home.home_view(words, Home(lost=undelivered, lines=lines, start=start), MONDAY, routes)


def _overview(words: Words, t: Tongue, many: int) -> Surfaces:
    yield help_cards.overview_message(
        words, Overview(t.invitations(min(many, ASKED)), [(r, "owner") for r in t.resources(many)])
    )


def _help(words: Words, t: Tongue, many: int) -> Surfaces:
    yield help_cards.help_message(words)


def _verb(words: Words, t: Tongue, many: int) -> Surfaces:
    for verb in VERBS.values():
        yield help_cards.verb_message(words, verb)


def _mine(words: Words, t: Tongue, many: int) -> Surfaces:
    held = [Belonging(r, "admin", bool(n % 2)) for n, r in enumerate(t.resources(min(many, PAGE)))]
    yield access.mine_message(words, Belongings(held, many, 1), 0, Abilities())


def _who(words: Words, t: Tongue, many: int) -> Surfaces:
    for capability in CAPABILITIES:
        able = Able(t.resource(), capability, t.paths(min(many, PAGE)), 500, 1, bool(many))
        yield access.who_message(words, able, 0)


def _why(words: Words, t: Tongue, many: int) -> Surfaces:
    for kind in KINDS:
        for found, held in ((t.paths(min(many, ASKED)), []), ([], t.paths(min(many, ASKED)))):
            why = Explanation(t.person(), t.resource(kind), "view", found, disabled=bool(many))
            yield access.why_message(words, why, held, "P1", closed=False)
            yield access.why_message(words, why, held, "P2", closed=True)


def _show(words: Words, t: Tongue, many: int) -> Surfaces:
    lines = [t.line(events.ResourceDescribed("R1", t.note(), None)) for _ in range(5)]
    place, payer = t.resource("company"), t.resource("payment")
    for shown in (t.resource(), t.resource("company")):
        found = Detail(shown, place, payer, 500, t.resources(many), "admin", CAPABILITIES, lines)
        yield resources.show_message(words, replace(found, disabled=bool(many)), paid=True)
        yield resources.show_message(words, replace(found, parent=None, payer=None), paid=not many)


def _disable(words: Words, t: Tongue, many: int) -> Surfaces:
    found = resources.Disabling(t.resource("project"), t.resources(many), many + 1)
    yield resources.disable_message(words, found)


def _delete(words: Words, t: Tongue, many: int) -> Surfaces:
    losing = [
        resources.Loss(p, [(r, "admin") for r in t.resources(3)], many) for p in t.people(many and min(5 * many, 500))
    ]
    lists = (t.resources(many), losing, t.resources(many), t.invitations(min(many, ASKED)))
    deleting = resources.Deleting(t.resource("company"), *lists, kept=t.resources(many, "payment"))
    yield resources.delete_message(words, deleting, ME)


def _move(words: Words, t: Tongue, many: int) -> Surfaces:
    people = t.people(min(many, 50))
    shifts = [
        resources.Shift(p, t.resource(), *roles) for p in people for roles in (("admin", None), ("admin", "payer"))
    ]
    asked = t.invitations(min(many, ASKED))
    for before, parent in ((None, t.resource("company")), (t.resource("company"), None), (t.resource(), t.resource())):
        found = resources.Moving(t.resource(), before, parent, shifts, shifts, t.resources(many), asked)
        yield resources.move_message(words, found, ME)


def _delete_view(words: Words, t: Tongue, many: int) -> Surfaces:
    yield resources.delete_view(words, t.resource("company"), many)


def _done(words: Words, t: Tongue, many: int) -> Surfaces:
    yield resources.done_view(
        words, words.say("replies/deleted", resource=t.resource(), inside=many, retired=t.resources(min(many, 20)))
    )


def _invite(words: Words, t: Tongue, many: int) -> Surfaces:
    roles = {role.name: role.can for role in KINDS["app"].given}
    draft = inviting.Draft(["UCARL"] * many, t.note(), t.resources(many), "admin", "30d", t.note())
    for offer in (roles, {}, dict.fromkeys(KINDS.role_names, ())):
        yield inviting.invite_view(words, draft, offer)
    yield inviting.invite_view(words, inviting.Draft(), {})


def _grantable(words: Words, t: Tongue, many: int) -> Surfaces:
    groups = [t.resource("company", n) for n in range(3)]
    found = [Placed(r, groups[n % 3] if n % 4 else None) for n, r in enumerate(t.resources(many))]
    yield inviting.thing_choices(words, found)


def _answers(words: Words, t: Tongue, many: int) -> list[Said]:
    asked = [t.invitation() for _ in range(max(1, many // 2))]
    return [words.say("replies/invited", card=card, replaced=False, is_absent=many > 1) for card in asked]


def _invited(words: Words, t: Tongue, many: int) -> Surfaces:
    yield inviting.invited_message(words, _answers(words, t, many))


def _invited_view(words: Words, t: Tongue, many: int) -> Surfaces:
    for changed in (True, False):
        yield inviting.invited_view(words, _answers(words, t, many), changed=changed)


def _undo(words: Words, t: Tongue, many: int) -> Surfaces:
    yield questions.undo_message(words, words.say("replies/removed", person=t.person(), resource=t.resource()), 2**62)


def _request(words: Words, t: Tongue, many: int) -> Surfaces:
    yield questions.request_view(words, t.resource(), ROLES)


def _refuse(words: Words, t: Tongue, many: int) -> Surfaces:
    yield questions.refuse_view(words, t.request())


def _choose(words: Words, t: Tongue, many: int) -> Surfaces:
    for alone in (True, False):
        yield questions.choose_view(words, t.succession(many=min(many, ASKED)), alone=alone)


def _events(words: Words, t: Tongue, many: int) -> Surfaces:
    told = [t.line(t.built(kind, bare=bare)) for kind in EVENTS.values() for bare in (True, False)]
    for shown in (t.resource(number=99), None):
        for first in range(0, len(told), PAGE):
            found = EventList(shown, told[first : first + PAGE] if many else [], 7)
            yield record.events_message(words, found, older=bool(first), next_value="x")


def _transfer(words: Words, t: Tongue, many: int) -> Surfaces:
    losing = [(p, t.resources(2)) for p in t.people(min(many, ASKED))]
    loss = Loss(t.resources(together(many)), t.resources(min(many, PAGE), "payment"), losing, "developer")
    for goes in (True, False):
        yield billing.transfer_message(words, loss, t.person(), ME, goes=goes)


def _ownership(words: Words, t: Tongue, many: int) -> Surfaces:
    for is_mine, owner in ((True, None), (False, None), (False, t.person())):
        offer = billing.HandOver(t.resource("project"), t.person(), "owner", "administrator", is_mine, owner)
        yield billing.ownership_message(words, offer)


def _accept_billing(words: Words, t: Tongue, many: int) -> Surfaces:
    card = t.invitation(things=together(many), purpose="pay")
    yield billing.accept_billing_view(words, card, t.resources(many, "payment"))


def _accept_ownership(words: Words, t: Tongue, many: int) -> Surfaces:
    yield billing.accept_ownership_view(words, t.invitation(purpose="own"))


def _details(t: Tongue) -> Details:
    return Details(t.note(), "bills@example.com", t.name())


def _billing(words: Words, t: Tongue, many: int) -> Surfaces:
    found = Billing(t.resource("payment"), _details(t), tuple(t.resources(many)), many, True)
    yield billing.billing_message(words, found)
    yield billing.billing_message(words, replace(found, details=Details(), may_edit=False))


def _billing_view(words: Words, t: Tongue, many: int) -> Surfaces:
    yield billing.billing_view(words, t.resource("payment"), _details(t))


def _invoices(words: Words, t: Tongue, many: int) -> Surfaces:
    shown = [replace(t.built(Invoice), id=f"V{n}", number=t.name()) for n in range(min(many, PAGE))]
    yield billing.invoices_message(
        words, InvoiceList(t.resource("payment"), shown, [(2026, "EUR", Decimal("119.00"))], 1), 0
    )


def _copies(words: Words, t: Tongue, many: int) -> Surfaces:
    for name in COPIES:
        for subject in _subjects(t, name, many):
            for viewer in (t.person(), None):
                yield copy_message(words, name, subject, viewer, MONDAY)


def _subjects(t: Tongue, name: str, many: int) -> Iterator[Any]:
    if name == "request":
        yield from map(t.request, ("pending", "granted", "declined", "ended"))
    elif name == "succession":
        yield from (t.succession(state, min(many, ASKED)) for state in ("pending", "settled", "closed"))
    elif name == "member_ends_soon":
        yield from (t.term(), t.term(None))
    else:
        asked: tuple[dict[str, Any], ...] = (
            {},
            {"team": "R4"},
            {"purpose": "pay", "lasts": None},
            {"purpose": "own", "lasts": None},
        )
        for state in STATES:
            for more in asked if state == "pending" else ({},):
                yield t.invitation(things=together(many), state=state, **more)


def _notices(words: Words, t: Tongue, many: int) -> Surfaces:
    rotate = tuple(t.resources(many))
    for kind, rows in NOTICES.items():
        for message in sorted({m for _, m in rows} - {PROFILE, MEMBERS, REFRESH, OWN_DIGEST}):
            for bare in (True, False):
                happened = t.line(t.built(kind, bare=bare))
                about = next((name for name in ("request", "succession") if message.startswith(name)), message)
                subject = next(_subjects(t, about, many))
                for viewer in (t.person(), None):
                    if not (viewer is None and message in {"invitation_declined", "request_declined"}):
                        yield notice_message(words, message, Scene(MONDAY, viewer, subject, happened, rotate))
    for problem in ("not_in_channel", "is_archived", "users_not_found", t.name()):
        for target in ("channel:C1", "person:P2"):
            told = {"problem": problem, "target": target, "message": "member_joined", "delivery": 7}
            happened = t.line(t.built(events.MemberJoined))
            yield notice_message(words, UNDELIVERABLE, Scene(MONDAY, t.person(), None, happened), told)


CARDS: Mapping[str, Making] = {
    "access.mine_message": _mine,
    "access.who_message": _who,
    "access.why_message": _why,
    "billing.transfer_message": _transfer,
    "billing.ownership_message": _ownership,
    "billing.accept_billing_view": _accept_billing,
    "billing.accept_ownership_view": _accept_ownership,
    "billing.billing_message": _billing,
    "billing.billing_view": _billing_view,
    "billing.invoices_message": _invoices,
    "copies.copy_message": _copies,
    "help.overview_message": _overview,
    "help.help_message": _help,
    "help.verb_message": _verb,
    "home.home_view": _home,
    "waiting.waiting_message": _waiting,
    "invitations.sent_message": _sent,
    "invitations.decline_view": _decline,
    "invitations.edit_view": _edit,
    "inviting.invite_view": _invite,
    "inviting.thing_choices": _grantable,
    "inviting.invited_message": _invited,
    "inviting.invited_view": _invited_view,
    "membership.members_message": _members,
    "membership.remove_message": _remove,
    "membership.leave_message": _leave,
    "membership.role_view": _role,
    "notices.notice_message": _notices,
    "questions.undo_message": _undo,
    "questions.request_view": _request,
    "questions.refuse_view": _refuse,
    "questions.choose_view": _choose,
    "record.events_message": _events,
    "resources.show_message": _show,
    "resources.delete_message": _delete,
    "resources.disable_message": _disable,
    "resources.move_message": _move,
    "resources.delete_view": _delete_view,
    "resources.done_view": _done,
    **WINDOWS,
}
PIECES = {
    "blocks.message",
    "blocks.stacked",
    "blocks.modal",
    "invitations.rows_message",
}  # what other cards are made of


# What a template needs that is said by no card, by the names of its facts; what differs is under the template's name.


def _facts(t: Tongue, many: int) -> dict[str, Any]:
    things = together(many)
    return {
        "resource": t.resource(),
        "person": t.person(),
        "team": t.resource("team"),
        "card": t.invitation(things=things),
        "parent": t.resource("company"),
        "other": t.resource("payment"),
        "invoice": t.built(Invoice, number=t.name()),
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
        "kept": [(r, "admin") for r in t.resources(many)],
        "more": many,
        "found": Standing(t.resource("company"), "studio", [("admin", 3, 2), ("owner", 1, None)], ("studio",), True),
    }


def _own_facts(t: Tongue, many: int) -> Mapping[str, Mapping[str, Any]]:
    asked = ("P1",) * (many or 1)
    return {
        "notices/export": {"list": EventList(t.resource(), [t.line(t.built(events.KeysRotated))] * many, None)},
        "replies/profile_pending": {"in_messages": bool(many)},
        "replies/snoozed": {"card": t.invitation(snoozed=MONDAY)},
        "replies/described": {"event": t.built(events.ResourceDescribed)},
        "replies/renamed": {"event": t.built(events.ResourceRenamed, title=t.name(), before=t.name())},
        "replies/moved": {"event": t.built(events.ResourceMoved, rotate=("R1",), lost_code=("R1 P1",))},
        "replies/extended": {"event": t.built(events.MemberExtended)},
        "replies/linked": {"event": t.built(events.ChannelLinked, rhythm="weekly")},
        "replies/granted": {"event": t.built(events.RequestGranted)},
        "replies/deleted": {"retired": t.resources(min(many, 20), "payment")},
        "replies/role_changed": {"kept": [(r, "admin") for r in t.resources(min(many, 20))], "more": max(many - 20, 0)},
        "replies/withdrawn": {"event": t.built(events.RequestEnded)},
        "replies/requested": {"event": t.built(events.RequestSent, asked=asked)},
        "replies/shared": {"event": t.built(events.TeamShared, before="manager")},
        "replies/unshared": {"event": t.built(events.TeamUnshared)},
    }


def said_alone(words: Words, names: list[str], t: Tongue, many: int) -> Surfaces:
    """What templates say that no card uses."""
    for name in names:
        facts = {**_facts(t, many), **_own_facts(t, many).get(name, {})}
        yield blocks.message(words.say(name, **facts))


def refused(words: Words, t: Tongue, many: int) -> Surfaces:
    """Every refusal, to everybody who may read it."""
    kinds = [kind for root in (Refused, Misread) for kind in _leaves(root)]
    for kind in kinds:
        for bare in (True, False):
            for state in ("accepted", "declined", "revoked", "expired", "granted", "ended"):
                more = {"state": state} if any(f.name == "state" for f in fields(kind)) else {}
                yield from _told(words, t, t.built(kind, bare=bare, **more))
                if not more:
                    break


def _told(words: Words, t: Tongue, refusal: Any) -> Surfaces:
    told = {field.name: getattr(refusal, field.name) for field in fields(refusal)}
    people = {name: t.person() for name in ("person", "inviter") if told.get(name)}
    for audience in AUDIENCES[:2]:
        yield blocks.message(words.say(f"refusals/{refusal.name}", audience, **{**told, **people, "me": "P9"}))
    words.say(f"refusals/{refusal.name}", "plain", **{**told, **people, "me": "P9"})


def _leaves(kind: type[Any]) -> Iterator[type[Any]]:
    below = [each for each in kind.__subclasses__() if each.__module__.startswith(("collab.", "bot."))]
    for each in below:
        yield from _leaves(each)
    if not below:
        yield kind
