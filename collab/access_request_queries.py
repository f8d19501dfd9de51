"""What a person reads before requesting a role or answering an access request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from collab import errors
from collab.access_queries import ShowResource
from collab.access_requests import get_answerable_request
from collab.command import Query
from collab.context import Context
from collab.model import AccessRequestId, Resource
from collab.open_items import AccessRequestView, build_request_view
from collab.page_actions import list_requestable_roles


@dataclass(frozen=True, slots=True)
class RequestableRoles:
    """A resource, and the roles on it above the caller's own, highest first."""

    resource: Resource
    roles: Sequence[str]


@dataclass(frozen=True, slots=True)
class ListRequestableRoles(Query[RequestableRoles]):
    """Which roles may the caller request on a resource?"""

    is_allowed_from_outside: ClassVar[bool] = ShowResource.is_allowed_from_outside

    what: str

    def answer(self, context: Context) -> RequestableRoles:
        """Return the roles; raises AlreadyHolds if the caller has the highest."""
        detail = ShowResource(self.by, self.what).answer(context)
        roles = list_requestable_roles(context, detail)
        if not roles:
            title = detail.resource.title
            raise errors.AlreadyHolds(context.actor.id, detail.role, title)
        return RequestableRoles(detail.resource, roles)


@dataclass(frozen=True, slots=True)
class ShowAnswerableRequest(Query[AccessRequestView]):
    """An open access request that the caller may approve or deny."""

    request_id: AccessRequestId

    def answer(self, context: Context) -> AccessRequestView:
        """Return the request; raises Rejected as ApproveRequest and DenyRequest do."""
        request, _resource = get_answerable_request(context, self.request_id)
        return build_request_view(context.repositories, request, context)
