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
# What people get by mail who have no account of the chat platform: invitations, and what
# became of what they have. Questions that only the chat platform can answer are not
# among it.
MAILED_MESSAGES = frozenset(
    {
        "billing_transferred",
        "handed_over",
        "handover_agreed",
        "handover_done",
        "handover_failed",
        "invitation",
        "invitation_reminder",
        "member_ended",
        "member_extended",
        "member_left",
        "member_removed",
        "member_restored",
        "member_role_changed",
        "member_warned",
        "offboarded",
        "payer_changed",
        "reinstated",
        "resource_deleted",
        "resource_moved",
        "resource_retired",
        "taken_back",
        "team_assigned",
        "team_unassigned",
        "transfer_offer_revoked",
    }
)
# What nobody can defer or turn off: questions, the near end of one's own membership,
# and the outcome of one's own request (MEM-12); also the end of all of one's
# memberships, and keys that one is to rotate.
ESSENTIAL_MESSAGES = ANSWERABLE_MESSAGES | {
    "keys_assigned",
    "member_warned",
    "offboarded",
    "reinstated",
    "request_granted",
    "request_declined",
    "request_ended",
    "person_returned",
    PERSONAL_DIGEST,
    SIGN_IN,
}
