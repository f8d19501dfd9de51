"""The routing table: who gets which message about an event.

Each event has rows of an audience (a function in one of the modules of audiences)
and a message (the name of a template in templates/notices/, or a constant of
messages.py). A target gets a message once. A channel whose link is not immediate gets
it in its next digest instead.
"""

from __future__ import annotations

from collections.abc import Mapping

from collab import events
from collab.events import Event
from collab.notifications.audiences import (
    affected_person,
    assigners_of_lost_role,
    digest_person,
    directly_assigned_member,
    highest_role_holders,
    holders_of_shared,
    invoice_readers,
    key_owner_unless_actor,
    member_unless_requested,
    offboarded_person,
    only_while_active,
    other_question_recipients,
    others_affected_by_end,
    payment_parties_unless_transferred,
    people_affected_by_end,
    people_affected_by_move,
    people_losing_access,
    people_of_switched_by_operator,
    people_of_undone,
    person_without_profile,
    question_recipients,
    requester_unless_withdrawn,
    returned_person,
    transfer_parties,
    users_who_may_assign,
    whole_workspace,
)
from collab.notifications.channel_audiences import (
    changed_channel,
    channel_linker,
    channels_of_deleted,
    channels_of_handover,
    channels_of_move,
    channels_of_payer_change,
    channels_of_undone,
    digest_channel,
    linked_channels,
    only_in_digests,
)
from collab.notifications.handover_audiences import (
    handover_parties,
    handover_parties_on_the_day,
    invited_unless_actor,
    others_affected_by_handover,
    parties_of_agreed_handover,
    parties_of_taken_back,
    sender_of_handover,
)
from collab.notifications.invitation_audiences import (
    invitation_sender,
    invited_people,
    invited_to_take_over,
    people_of_renewed,
    sender_unless_actor,
    sender_unless_delayed,
    sender_unless_transferred,
)
from collab.notifications.mail_audiences import invited_by_mail, invited_outside
from collab.notifications.messages import (
    CHANNEL_DIGEST,
    MEMBERS,
    PERSONAL_DIGEST,
    PROFILE,
    REFRESH,
    REFRESH_OLDER,
    SIGN_IN,
)
from collab.notifications.recipients import Audience

Route = tuple[Audience, str]

# The messages about an invitation that its recipients, its sender and channels have. An
# invitation that was sent is told by the answer to the command, and how it ended by the
# updated message of a channel. The sender of a handover has a card, too: it can be
# called off and taken back for weeks.
REFRESH_PEOPLE: tuple[Route, ...] = (
    (invited_people, REFRESH),
    (invitation_sender, REFRESH),
)
REFRESH_CHANNELS: tuple[Route, ...] = ((linked_channels("invitations"), REFRESH),)
SETTLE_IN_CHANNELS: tuple[Route, ...] = (
    *REFRESH_CHANNELS,
    (only_in_digests(linked_channels("invitations")), "invitation_open"),
)

NOTIFICATION_ROUTES: Mapping[type[Event], tuple[Route, ...]] = {
    # Workspace and people
    events.WorkspaceInstalled: ((whole_workspace, MEMBERS),),
    events.PersonOffboarded: ((only_while_active(affected_person), "offboarded"),),
    events.PersonReinstated: (
        (affected_person, "reinstated"),
        (offboarded_person, REFRESH),
    ),
    events.PersonRecognised: ((person_without_profile, PROFILE),),
    events.PersonMerged: ((invited_by_mail, "invitation"),),
    events.PersonMatched: ((affected_person, "person_matched"),),
    events.SignInRequested: ((affected_person, SIGN_IN),),
    events.PersonReturned: ((returned_person, "person_returned"),),
    # Invitations
    events.InvitationSent: (
        (invited_people, "invitation"),
        (sender_of_handover, "invitation_sent"),
        (linked_channels("invitations"), "invitation_open"),
        (people_of_renewed, REFRESH),
    ),
    # A newer message about an open question takes the buttons of the older ones.
    events.InvitationResent: (
        (invited_people, "invitation"),
        (invited_people, REFRESH_OLDER),
        (invitation_sender, REFRESH),
        *REFRESH_CHANNELS,
    ),
    events.InvitationEdited: (*REFRESH_PEOPLE, *REFRESH_CHANNELS),
    events.InvitationReminded: (
        (invited_people, "invitation_reminder"),
        (invited_people, REFRESH),
    ),
    events.InvitationSnoozed: ((affected_person, REFRESH),),
    events.InvitationMuted: ((affected_person, REFRESH),),
    events.InvitationAccepted: (
        *REFRESH_PEOPLE,
        (sender_unless_transferred, "invitation_accepted"),
        *SETTLE_IN_CHANNELS,
    ),
    events.InvitationDeclined: (
        *REFRESH_PEOPLE,
        (invitation_sender, "invitation_declined"),
        *SETTLE_IN_CHANNELS,
    ),
    events.InvitationRevoked: (
        *REFRESH_PEOPLE,
        (sender_unless_actor, "invitation_revoked"),
        (invited_to_take_over, "transfer_offer_revoked"),
        (invited_unless_actor, "transfer_offer_revoked"),
        (assigners_of_lost_role, "invitation_lost"),
        *SETTLE_IN_CHANNELS,
    ),
    events.InvitationExpired: (
        *REFRESH_PEOPLE,
        (invitation_sender, "invitation_expired"),
        (invited_outside, "invitation_expired"),
        *SETTLE_IN_CHANNELS,
    ),
    events.InvitationUndelivered: (
        (invitation_sender, REFRESH),
        (sender_unless_delayed, "invitation_undelivered"),
    ),
    events.InvitationAskedAgain: (
        (affected_person, REFRESH),
        (invitation_sender, "invitation_asked_again"),
        (invitation_sender, REFRESH_OLDER),
    ),
    events.InvitationClaimed: ((invitation_sender, "invitation_claimed"),),
    events.InvitationSuperseded: (
        *REFRESH_PEOPLE,
        (sender_unless_actor, "invitation_superseded"),
        *SETTLE_IN_CHANNELS,
    ),
    events.InvitationReopened: (
        *REFRESH_PEOPLE,
        (parties_of_agreed_handover, "handover_reopened"),
        *SETTLE_IN_CHANNELS,
    ),
    # Handovers
    events.HandoverAgreed: (
        *REFRESH_PEOPLE,
        (invitation_sender, "handover_agreed"),
        *REFRESH_CHANNELS,
    ),
    events.HandoverDone: (
        (handover_parties_on_the_day, REFRESH),
        (handover_parties_on_the_day, "handover_done"),
        (others_affected_by_handover, "handed_over"),
        (channels_of_handover, "handed_over"),
    ),
    events.HandoverFailed: (
        *REFRESH_PEOPLE,
        (handover_parties, "handover_failed"),
        *REFRESH_CHANNELS,
    ),
    events.HandoverTakenBack: (
        (parties_of_taken_back, REFRESH),
        (others_affected_by_handover, "taken_back"),
        (channels_of_handover, "taken_back"),
    ),
    # Memberships
    events.MemberJoined: (
        (directly_assigned_member, "member_joined"),
        (linked_channels("joins"), "member_joined"),
    ),
    events.MemberRoleChanged: (
        (member_unless_requested, "member_role_changed"),
        (linked_channels("roles"), "member_role_changed"),
        (users_who_may_assign, REFRESH),
    ),
    events.MemberLeft: (
        (people_affected_by_end, "member_left"),
        (linked_channels("leaves"), "member_left"),
        (users_who_may_assign, REFRESH),
    ),
    events.MemberRemoved: (
        (people_affected_by_end, "member_removed"),
        (linked_channels("removals"), "member_removed"),
        (users_who_may_assign, REFRESH),
    ),
    events.MemberEnded: (
        (people_affected_by_end, "member_ended"),
        (linked_channels("leaves"), "member_ended"),
        (users_who_may_assign, REFRESH),
    ),
    events.MemberRestored: (
        (others_affected_by_end, "member_restored"),
        (linked_channels("joins"), "member_restored"),
        (people_of_undone, REFRESH),
        (channels_of_undone, REFRESH),
    ),
    events.MemberWarned: (
        (only_while_active(affected_person), "member_warned"),
        (only_while_active(users_who_may_assign), "member_ends_soon"),
        (only_while_active(users_who_may_assign), REFRESH_OLDER),
    ),
    events.MemberExtended: (
        (affected_person, "member_extended"),
        (users_who_may_assign, REFRESH),
    ),
    # Access requests and successions
    events.RequestSent: ((question_recipients, "request"),),
    events.RequestGranted: (
        (question_recipients, REFRESH),
        (affected_person, "request_granted"),
    ),
    events.RequestDeclined: (
        (question_recipients, REFRESH),
        (affected_person, "request_declined"),
    ),
    events.RequestEnded: (
        (question_recipients, REFRESH),
        (requester_unless_withdrawn, "request_ended"),
    ),
    events.RequestReopened: ((question_recipients, REFRESH),),
    events.SuccessionOpened: ((question_recipients, "succession"),),
    events.SuccessionSupported: (
        (question_recipients, REFRESH),
        (other_question_recipients, "succession_supported"),
    ),
    events.SuccessionSettled: ((question_recipients, REFRESH),),
    events.SuccessionClosed: ((question_recipients, REFRESH),),
    # Resources and teams
    events.ResourceCreated: ((linked_channels("joins"), "resource_created"),),
    events.ResourceDeleted: (
        (people_losing_access, "resource_deleted"),
        (channels_of_deleted, "resource_deleted"),
    ),
    events.ResourceDisabled: ((people_of_switched_by_operator, "resource_switched"),),
    events.ResourceEnabled: ((people_of_switched_by_operator, "resource_switched"),),
    events.ResourceMoved: (
        (people_affected_by_move, "resource_moved"),
        (channels_of_move, "resource_moved"),
    ),
    events.KeysAssigned: ((key_owner_unless_actor, "keys_assigned"),),
    events.TeamShared: ((holders_of_shared, "team_shared"),),
    events.TeamUnshared: ((holders_of_shared, "team_unshared"),),
    events.TeamAssigned: ((affected_person, "team_assigned"),),
    events.TeamUnassigned: ((affected_person, "team_unassigned"),),
    # Billing
    events.PayerChanged: (
        (payment_parties_unless_transferred, "payer_changed"),
        (channels_of_payer_change, "payer_changed"),
    ),
    events.BillingTransferred: (
        (transfer_parties, "billing_transferred"),
        (linked_channels("billing"), "billing_transferred"),
    ),
    events.OwnershipTransferred: ((linked_channels("roles"), "ownership_transferred"),),
    events.BillingDetailed: ((highest_role_holders, "billing_detailed"),),
    events.ResourceRetired: ((highest_role_holders, "resource_retired"),),
    events.InvoiceAdded: ((invoice_readers, "invoice_added"),),
    events.PlanChanged: ((highest_role_holders, "plan_changed"),),
    # Channels and digests
    events.ChannelLinked: ((changed_channel, "channel_linked"),),
    events.ChannelUnlinked: (
        (changed_channel, "channel_unlinked"),
        (channel_linker, "channel_closed"),
    ),
    events.ChannelRenamed: ((channel_linker, "channel_renamed"),),
    events.DigestSent: (
        (digest_channel, CHANNEL_DIGEST),
        (digest_person, PERSONAL_DIGEST),
    ),
}
