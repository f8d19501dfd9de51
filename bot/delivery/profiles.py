"""Read profiles from Slack: of a person, of a workspace, or for a request."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from bot.delivery.services import DeliveryServices
from bot.slack.deferred_requests import DeferredRequest
from bot.slack.errors import FailureKind, SlackCallFailed
from bot.slack.identity import is_member, is_organisation
from collab.errors import CardNumber
from collab.model import Account, Delivery, Person, PersonId, WorkspaceId
from collab.notifications.messages import MEMBERS

MEMBERS_PAGE_SIZE = 200  # as Slack recommends
# For the profile that a deferred request needs: more than half an hour.
MAX_PROFILE_ATTEMPTS = 8
UNKNOWN_USER_CODES = frozenset(
    {"users_not_found", "user_not_found", "user_not_visible"}
)


def sync_profile(services: DeliveryServices, delivery: Delivery) -> None:
    """Read and store the profile of the person that a delivery is for."""
    person = get_target_person(services, delivery)
    if person is None:
        return
    try:
        user_id = person.user or _find_user_id(services, delivery.workspace, person)
        user = fetch_user(services, delivery.workspace, user_id)
    except SlackCallFailed as error:
        if error.code in UNKNOWN_USER_CODES:
            return
        raise
    services.save_profile(delivery.workspace, user)


def get_target_person(services: DeliveryServices, delivery: Delivery) -> Person | None:
    """Return the person whose id is in the target of a delivery."""
    with services.read_context(delivery.workspace) as context:
        return context.people.get_person(PersonId(delivery.target.partition(":")[2]))


def sync_member_profiles(services: DeliveryServices, delivery: Delivery) -> None:
    """Store the profiles of one page of members, and enqueue the next page.

    Those of an organisation are listed by its workspaces.
    """
    payload = delivery.payload or {}
    team = {"team_id": payload["team_id"]} if "team_id" in payload else {}
    if is_organisation(delivery.workspace) and not team:
        _enqueue_teams(services, delivery)
        return
    cursor = payload.get("cursor")
    page = services.slack.call_method(
        delivery.workspace,
        "users.list",
        limit=MEMBERS_PAGE_SIZE,
        include_locale=True,
        **team,
        **({"cursor": cursor} if cursor else {}),
    )
    for user in page["members"]:
        if is_member(delivery.workspace, user):
            with suppress(CardNumber):
                services.save_profile(delivery.workspace, user)
    next_cursor = (page.get("response_metadata") or {}).get("next_cursor")
    if next_cursor:
        services.store.enqueue_message(
            delivery.workspace,
            delivery.target,
            MEMBERS,
            {**team, "cursor": next_cursor},
        )


def _enqueue_teams(services: DeliveryServices, delivery: Delivery) -> None:
    """Enqueue the members of each workspace in which an organisation has the app."""
    cursor = (delivery.payload or {}).get("cursor")
    page = services.slack.call_method(
        delivery.workspace, "auth.teams.list", **({"cursor": cursor} if cursor else {})
    )
    payloads = [{"team_id": team["id"]} for team in page["teams"]]
    next_cursor = (page.get("response_metadata") or {}).get("next_cursor")
    if next_cursor:
        payloads.append({"cursor": next_cursor})
    for payload in payloads:
        services.store.enqueue_message(
            delivery.workspace, delivery.target, MEMBERS, payload
        )


def handle_deferred_request(services: DeliveryServices, delivery: Delivery) -> None:
    """Read the profile that a request needs, then handle the request.

    After too many failures the request is handled without the profile.
    """
    request = DeferredRequest.from_payload(delivery.workspace, delivery.payload or {})
    account = request.by.account
    if account and not _has_profile(services, delivery.workspace, account):
        try:
            user = fetch_user(services, delivery.workspace, account.user)
            services.save_profile(delivery.workspace, user)
        except SlackCallFailed as error:
            is_transient = error.kind is FailureKind.TRANSIENT
            if is_transient and delivery.attempts < MAX_PROFILE_ATTEMPTS:
                raise
    services.handle_deferred_request(request)


def get_or_fetch_person(
    services: DeliveryServices, workspace: WorkspaceId, account: Account
) -> Person | None:
    """Return the person with an account; read and store their profile if it is new."""
    person = _find_person(services, workspace, account)
    if person is not None and person.profiled:
        return person
    services.save_profile(workspace, fetch_user(services, workspace, account.user))
    return _find_person(services, workspace, account)


def _has_profile(
    services: DeliveryServices, workspace: WorkspaceId, account: Account
) -> bool:
    person = _find_person(services, workspace, account)
    return person is not None and person.profiled


def _find_person(
    services: DeliveryServices, workspace: WorkspaceId, account: Account
) -> Person | None:
    with services.read_context(workspace) as context:
        return context.people.find_person_by_account(account)


def _find_user_id(
    services: DeliveryServices, workspace: WorkspaceId, person: Person
) -> str:
    answer = services.slack.call_method(
        workspace, "users.lookupByEmail", email=person.email
    )
    return str(answer["user"]["id"])


def fetch_user(
    services: DeliveryServices, workspace: WorkspaceId, user_id: str
) -> dict[str, Any]:
    """Return a user object as Slack's Web API returns it."""
    answer = services.slack.call_method(
        workspace, "users.info", user=user_id, include_locale=True
    )
    user: dict[str, Any] = answer["user"]
    return user
