"""Messages with a meaning of their own; every other message is the name of a template.

`SIGN_IN` is a mail with a link to sign in. Five are work for the outbox worker and no
text: `PROFILE` reads the profile of a person, `MEMBERS` those of everybody in the
workspace, `REFRESH` updates the messages about an open question, `REFRESH_OLDER` all of
them but the newest, which was just sent, `HOME` updates a person's Home.
"""

from __future__ import annotations

PROFILE = "profile"
MEMBERS = "members"
REFRESH = "refresh"
REFRESH_OLDER = "refresh_older"
HOME = "home"
SIGN_IN = "sign_in"
CHANNEL_DIGEST = "digest"
PERSONAL_DIGEST = "own_digest"
DELIVERY_FAILED = "undeliverable"

DIGEST_MESSAGES = frozenset({CHANNEL_DIGEST, PERSONAL_DIGEST})
BACKGROUND_MESSAGES = frozenset({PROFILE, MEMBERS, REFRESH, REFRESH_OLDER, HOME})
# Departures, which can be undone: their messages are updated then.
DEPARTURE_MESSAGES = frozenset({"member_left", "member_removed", "offboarded"})
# Questions that their reader can answer.
ANSWERABLE_MESSAGES = frozenset(
    {
        "invitation",
        "invitation_reminder",
        "request",
        "succession",
        "succession_supported",
        "member_ends_soon",
    }
)
# Questions that only people with an account of the chat platform can answer: by mail
# others are told of them.
QUESTIONS_OF_PLATFORM = frozenset({"member_ends_soon", "request", "succession"})
# What people get by mail who have no account of the chat platform: invitations, what
# became of what they have and are responsible for, and questions about it.
MAILED_MESSAGES = QUESTIONS_OF_PLATFORM | frozenset(
    {
        "billing_detailed",
        "billing_transferred",
        "handed_over",
        "handover_agreed",
        "handover_done",
        "handover_failed",
        "handover_reopened",
        "invitation",
        "invitation_expired",
        "invitation_lost",
        "invitation_reminder",
        "invoice_added",
        "keys_assigned",
        "member_ended",
        "member_extended",
        "member_joined",
        "member_left",
        "member_removed",
        "member_restored",
        "member_role_changed",
        "member_warned",
        "offboarded",
        "payer_changed",
        "plan_changed",
        "reinstated",
        "request_declined",
        "request_ended",
        "request_granted",
        "resource_deleted",
        "resource_moved",
        "resource_retired",
        "taken_back",
        "team_assigned",
        "team_shared",
        "team_unassigned",
        "team_unshared",
        "transfer_offer_revoked",
    }
)
# What nobody can defer or turn off: questions, invitations that did not arrive, the near end of one's own membership,
# and the outcome of one's own request (MEM-12); also the end of all of one's
# memberships, and keys that one is to rotate.
ESSENTIAL_MESSAGES = ANSWERABLE_MESSAGES | {
    "invitation_undelivered",
    "keys_assigned",
    "member_warned",
    "offboarded",
    "reinstated",
    "request_granted",
    "request_declined",
    "request_ended",
    "invitation_claimed",
    "person_matched",
    "person_returned",
    PERSONAL_DIGEST,
    SIGN_IN,
}
