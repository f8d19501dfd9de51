"""All routes: what each handler module lists at its end, by type and name."""

from __future__ import annotations

from bot.slack.forms.rejections import show_errors_at_fields
from bot.slack.handlers import (
    access,
    access_requests,
    billing,
    channels,
    claims,
    erasure,
    event_log,
    failed_deliveries,
    forms,
    handovers,
    help,  # noqa: A004 - the noun
    home,
    invitation_answers,
    invitations,
    invite,
    key_rotation,
    memberships,
    mentions,
    offboarding,
    onboarding,
    pages,
    person_matches,
    profiles,
    readdressing,
    resources,
    role_changes,
    settings,
    slack_events,
    successions,
    teams,
    transfers,
    unlinking,
    what_if,
)
from bot.slack.routing import (
    ActionRoute,
    CommandRoute,
    EventRoute,
    ListRoute,
    OptionsRoute,
    ShortcutRoute,
    SubmissionRoute,
    index_handlers,
    index_titles,
)

ROUTES = (
    *access.ROUTES,
    *access_requests.ROUTES,
    *event_log.ROUTES,
    *billing.ROUTES,
    *channels.ROUTES,
    *claims.ROUTES,
    *failed_deliveries.ROUTES,
    *forms.ROUTES,
    *handovers.ROUTES,
    *help.ROUTES,
    *home.ROUTES,
    *invitation_answers.ROUTES,
    *invitations.ROUTES,
    *invite.ROUTES,
    *readdressing.ROUTES,
    *key_rotation.ROUTES,
    *memberships.ROUTES,
    *erasure.ROUTES,
    *offboarding.ROUTES,
    *onboarding.ROUTES,
    *pages.ROUTES,
    *person_matches.ROUTES,
    *profiles.ROUTES,
    *resources.ROUTES,
    *role_changes.ROUTES,
    *settings.ROUTES,
    *slack_events.ROUTES,
    *mentions.ROUTES,
    *successions.ROUTES,
    *teams.ROUTES,
    *transfers.ROUTES,
    *unlinking.ROUTES,
    *what_if.ROUTES,
)

COMMAND_HANDLERS = index_handlers(ROUTES, CommandRoute)
ACTION_HANDLERS = index_handlers(ROUTES, ActionRoute)
ACTION_TITLES = index_titles(ROUTES)
SUBMISSION_HANDLERS = {
    name: show_errors_at_fields(handler)
    for name, handler in index_handlers(ROUTES, SubmissionRoute).items()
}
OPTIONS_HANDLERS = index_handlers(ROUTES, OptionsRoute)
SHORTCUT_HANDLERS = index_handlers(ROUTES, ShortcutRoute)
SLACK_EVENT_HANDLERS = index_handlers(ROUTES, EventRoute)
LIST_HANDLERS = index_handlers(ROUTES, ListRoute)
