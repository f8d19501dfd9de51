"""Invitations as their senders see them: lists, resending, revoking and editing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, time, timedelta

from bot.rendering import RenderedText
from bot.slack.button_values import BlockId, ListPage, ShownPreview
from bot.slack.commands.slots import Slot
from bot.slack.forms.terms import read_term as read_chosen_term
from bot.slack.forms.values import read_duration_or_day
from bot.slack.lookups import (
    find_invitation_of_repeated_request,
    get_resource_or_linked,
    list_person_ids,
    make_invitation_reader,
    read_sent_invitation,
)
from bot.slack.message_address import MessageAddress
from bot.slack.requests import (
    ActionRequest,
    CommandRequest,
    Services,
    ViewSubmission,
)
from bot.slack.routing import ActionRoute, CommandRoute, ListRoute, SubmissionRoute
from bot.slack.unconfirmed_invitations import UnconfirmedEdit
from bot.slack.views import Message, View, blocks
from bot.slack.views.invitations import (
    edit_invitation_view,
    invitation_state_at,
    revocation_preview_message,
    sent_controls,
    sent_invitations_message,
)
from bot.slack.views.outsiders import outsider_edit_view
from bot.slack.views.pending import pending_items_message
from collab import errors, events
from collab.bus import Outcome
from collab.confirmation import ConfirmedPreview
from collab.durations import combine_date_and_time
from collab.invitations import reminders
from collab.invitations.answer_queries import (
    PreviewRevocation,
    ShowEditableInvitation,
)
from collab.invitations.commands import (
    EditInvitation,
    ResendInvitation,
    RevokeInvitation,
)
from collab.invitations.queries import ListInvitations
from collab.invitations.rules import NO_END, PENDING
from collab.model import Caller, InvitationId, PersonId, Term
from collab.notifications.sent_messages import LiveMessage
from collab.notifications.targets import format_person_target
from collab.open_items import InvitationView
from collab.outsiders import PowerForOutsiders
from collab.pending import ShowOverview

END_OF_DAY = time(23, 59, 59)


def show_invitations(services: Services, request: CommandRequest) -> Message:
    """Show what the caller may answer, or the invitations that they sent."""
    if request.get(Slot.SENT):
        return build_sent_message(services, request)
    return build_pending_message(services, request)


def show_invitations_page(services: Services, request: ActionRequest) -> Message:
    """Show another page of either list."""
    page = ListPage.decode(request.value)
    if page.list_name == "sent":
        return build_sent_message(services, request, page.page)
    return build_pending_message(services, request, page.page)


def preview_revocation(services: Services, request: CommandRequest) -> Message:
    """Show which invitation would be withdrawn, with the button that does it."""
    return _build_revocation_preview(
        services, request, _get_invitation_id(services, request)
    )


def preview_chosen_revocation(services: Services, request: ActionRequest) -> Message:
    """Show that an invitation chosen in a list would be withdrawn."""
    return _build_revocation_preview(services, request, request.invitation_id)


def confirm_revocation(
    services: Services, request: ActionRequest
) -> RenderedText | Message | None:
    """Withdraw an invitation as it was previewed.

    A button that asks by a dialog of Slack's has no preview to compare.
    """
    shown = ShownPreview.decode(request.value)
    invitation_id = InvitationId(shown.target)
    confirmed = None
    if shown.digest:
        query = PreviewRevocation(request.caller, invitation_id)
        confirmed = ConfirmedPreview(query, shown.digest)
    command = RevokeInvitation(request.caller, invitation_id)
    read_invitation = make_invitation_reader(invitation_id)
    try:
        outcome = services.execute(command, request.at, read_invitation, confirmed)
    except errors.PreviewChanged as changed:
        return revocation_preview_message(
            services.renderer, changed.preview, is_renewed=True
        )
    if outcome.is_repeated:
        return None
    return services.render_reply("revoked", card=outcome.view)


def resend_invitation(services: Services, request: CommandRequest) -> Message:
    """Resend the invitation of a person to a resource, also one that is over."""
    invitation_id = _get_invitation_id(services, request, include_ended=True)
    command = ResendInvitation(request.caller, invitation_id)
    outcome = services.execute(command, request.at, read_sent_invitation)
    return build_sent_reply(services, outcome)


def press_resend_invitation(
    services: Services, request: ActionRequest
) -> RenderedText | None:
    """Resend the invitation that the button belongs to."""
    command = ResendInvitation(request.caller, request.invitation_id)
    outcome = services.execute(command, request.at, read_sent_invitation)
    if outcome.is_repeated:
        return None
    return render_sent_invitation(services, outcome)


def open_edit_form(services: Services, request: ActionRequest) -> None:
    """Open a modal with the role and the duration of an invitation."""
    query = ShowEditableInvitation(request.caller, request.invitation_id)
    editable = services.bus.query(query, request.at)
    track_ephemeral_list(services, request, editable.invitation, "invitation_sent")
    request.open_view(
        edit_invitation_view(
            services.renderer,
            editable.invitation,
            editable.roles,
            services.get_time_zone(request.caller),
        )
    )


def update_edit_form(services: Services, request: ActionRequest) -> None:
    """Show the date picker once a day is to be picked, and hide it again."""
    invitation_id = InvitationId(BlockId.decode(request.origin).key)
    query = ShowEditableInvitation(request.caller, invitation_id)
    editable = services.bus.query(query, request.at)
    request.update_view(
        edit_invitation_view(
            services.renderer,
            editable.invitation,
            editable.roles,
            values=request.fields,
        )
    )


def submit_edit_form(services: Services, submission: ViewSubmission) -> View | None:
    """Change an invitation; its messages are updated through the outbox.

    If it gives power to somebody from outside, a question comes first.
    """
    edit = UnconfirmedEdit(
        submission.invitation_id,
        submission.fields.get(Slot.ROLE, ""),
        read_chosen_term(submission.fields, Slot.DURATION),
    )
    try:
        _edit_invitation(services, submission, edit, asks_first=True)
    except errors.PowerForOutsider:
        query = ShowEditableInvitation(submission.caller, edit.invitation_id)
        card = services.bus.query(query, submission.at).invitation
        role = services.bus.roles[card.resource.kind].find_role(edit.role)
        power = PowerForOutsiders(
            [card.person],
            card.resources,
            edit.role,
            role.capabilities_and_grants if role else (),
        )
        return outsider_edit_view(services.renderer, power, edit.encode())
    return None


def submit_outsider_edit(services: Services, submission: ViewSubmission) -> View | None:
    """Change an invitation after the question."""
    edit = UnconfirmedEdit.decode(submission.private_metadata)
    _edit_invitation(services, submission, edit, asks_first=False)
    return None


def build_pending_message(
    services: Services, request: CommandRequest | ActionRequest, page: int = 0
) -> Message:
    """Return a page of everything that the caller may answer."""
    overview = services.bus.query(ShowOverview(request.caller), request.at)
    items = [*overview.waiting, *overview.agreed]
    return pending_items_message(services.renderer, items, page)


def build_sent_message(
    services: Services, request: CommandRequest | ActionRequest, page: int = 0
) -> Message:
    """Return a page of the invitations that the caller sent."""
    query = ListInvitations(request.caller, sent=True, page=page)
    sent = services.bus.query(query, request.at)
    return sent_invitations_message(services.renderer, sent, page, request.at)


def track_ephemeral_list(
    services: Services, request: ActionRequest, view: InvitationView, message: str
) -> None:
    """Have an ephemeral list updated once the modal that it opened is submitted."""
    if not request.is_ephemeral or not request.response_url:
        return
    person = services.find_person(request.caller)
    if person is None:
        return
    sent = LiveMessage(
        workspace=request.caller.workspace,
        subject_id=view.invitation.id,
        target=format_person_target(person.id),
        message=message,
        address=MessageAddress(response_url=request.response_url).encode(),
    )
    services.outbox.save_live_message(sent)


def read_term(services: Services, by: Caller, length: timedelta | date | None) -> Term:
    """Return how long a membership lasts: a duration, or until the end of a day for the caller."""
    if length is None:
        return NO_END
    if isinstance(length, timedelta):
        return Term(length)
    zone = services.get_time_zone(by)
    return Term(until=combine_date_and_time(length, END_OF_DAY, zone))


def build_sent_reply(
    services: Services, outcome: Outcome[InvitationView | None]
) -> Message:
    """Return the reply about one invitation, with what one may do next."""
    text = render_sent_invitation(services, outcome)
    if outcome.view is None:
        return blocks.build_message(text)
    controls = sent_controls(services.renderer, outcome.view, PENDING)
    return blocks.build_message(text, *controls)


def rebuild_sent_answer(services: Services, request: ActionRequest) -> Message:
    """Return the answer to who sent an invitation anew, after a button in it failed."""
    invitation_id = InvitationId(BlockId.decode(request.origin).key)
    card = services.get_invitation(request.caller, request.at, invitation_id)
    state = invitation_state_at(card, request.at)
    text = services.renderer.render(
        "notices/invitation_sent", card=card, state=state, at=request.at
    )
    return blocks.build_message(text, *sent_controls(services.renderer, card, state))


def build_offered_reply(
    services: Services, name: str, outcome: Outcome[InvitationView | None]
) -> Message:
    """Return the reply about an offer that was sent, with the button that withdraws it.

    `name` is that of the template. Raises LookupError if none was sent.
    """
    card = outcome.view
    if card is None:
        raise LookupError("no offer was sent")
    text = services.render_reply(
        name,
        card=card,
        replaced=outcome.find_event(events.InvitationSuperseded) is not None,
    )
    return blocks.build_message(text, *sent_controls(services.renderer, card, PENDING))


def render_sent_invitation(
    services: Services, outcome: Outcome[InvitationView | None]
) -> RenderedText:
    """Render a reply about an invitation that was sent or resent.

    Raises LookupError if none was.
    """
    view = outcome.view
    if view is None:
        raise LookupError("no invitation was sent")
    is_new = outcome.find_event(events.InvitationSent) is not None
    zone = reminders.get_time_zone(view.inviter.tz)
    until = view.invitation.until
    return services.render_reply(
        "invited" if is_new else "resent",
        card=view,
        replaced=outcome.find_event(events.InvitationSuperseded) is not None,
        last_day=until.astimezone(zone).date() if until else "",
        zone=str(zone),
    )


def _edit_invitation(
    services: Services,
    submission: ViewSubmission,
    edit: UnconfirmedEdit,
    *,
    asks_first: bool,
) -> None:
    duration = read_duration_or_day(Slot.DURATION, edit.length, "term.choose")
    term = read_term(services, submission.caller, duration)
    command = EditInvitation(
        submission.caller, edit.invitation_id, edit.role, term, asks_first
    )
    services.execute(command, submission.at)


def _build_revocation_preview(
    services: Services,
    request: CommandRequest | ActionRequest,
    invitation_id: InvitationId,
) -> Message:
    query = PreviewRevocation(request.caller, invitation_id)
    card = services.bus.query(query, request.at)
    return revocation_preview_message(services.renderer, card)


def _get_invitation_id(
    services: Services, request: CommandRequest, *, include_ended: bool = False
) -> InvitationId:
    """Return the invitation of a person to a resource; raises NothingPending.

    A pending one comes first, then the one that this request changed when it arrived
    before, then the last one that is over.
    """
    person_ref = request.get(Slot.PERSON)
    resource_ref = get_resource_or_linked(services, request)
    query = ListInvitations(request.caller, what=resource_ref, who=person_ref)
    pending = services.bus.query(query, request.at).invitations
    if pending:
        return pending[0].invitation.id
    person_ids = list_person_ids(services, request.caller, person_ref)
    command = ResendInvitation(request.caller, InvitationId(""))
    invitation_id = find_invitation_of_repeated_request(services, command, request.at)
    if invitation_id is None and include_ended:
        invitation_id = _find_last_sent_id(services, request, resource_ref, person_ids)
    if invitation_id is None:
        raise errors.NothingPending(None, person_ids[0] if person_ids else person_ref)
    return invitation_id


def _find_last_sent_id(
    services: Services,
    request: CommandRequest,
    resource_ref: str,
    person_ids: Collection[PersonId],
) -> InvitationId | None:
    page: int | None = 0
    while page is not None:
        query = ListInvitations(request.caller, sent=True, what=resource_ref, page=page)
        sent = services.bus.query(query, request.at)
        for view in sent.invitations:
            if view.person.id in person_ids:
                return view.invitation.id
        page = sent.next_page
    return None


ROUTES = (
    CommandRoute("invitations", show_invitations),
    CommandRoute("revoke", preview_revocation),
    CommandRoute("resend", resend_invitation),
    ActionRoute("revoke_ask", preview_chosen_revocation, "modal.invitation"),
    ActionRoute("revoke", confirm_revocation, "modal.invitation"),
    ActionRoute("resend", press_resend_invitation, "modal.invitation"),
    ActionRoute("edit", open_edit_form),
    ActionRoute("edit_lasts", update_edit_form),
    ActionRoute("invitations_page", show_invitations_page, "verb.invitations"),
    SubmissionRoute("edit", submit_edit_form),
    SubmissionRoute("edit_outsider", submit_outsider_edit),
    ListRoute("waiting", build_pending_message),
    ListRoute("sent", build_sent_message),
    ListRoute("invited", rebuild_sent_answer),
)
