"""Events: one frozen dataclass for each kind, named `source.fact`.

Replaying all events of a workspace gives its present state. An asterisk in a name
is the type of the resource: a company is created by `company.created`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timedelta
from functools import cache, partial, reduce
from operator import or_
from types import UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from collab.events.base import (
    Event,
    RecordedEvent,
    list_resource_ids,
    list_subject_resource_ids,
)
from collab.events.billing import (
    BillingDetailed,
    BillingTransferred,
    InvoiceAdded,
    OwnershipTransferred,
    PayerChanged,
    PlanChanged,
    ResourceRetired,
)
from collab.events.digests import DigestSent
from collab.events.handovers import (
    HandoverAgreed,
    HandoverDone,
    HandoverFailed,
    HandoverTakenBack,
)
from collab.events.invitations import (
    InvitationAccepted,
    InvitationAskedAgain,
    InvitationClaimed,
    InvitationDeclined,
    InvitationDeferred,
    InvitationEdited,
    InvitationExpired,
    InvitationMuted,
    InvitationReminded,
    InvitationReopened,
    InvitationResent,
    InvitationRevoked,
    InvitationSent,
    InvitationSnoozed,
    InvitationSuperseded,
    InvitationUndelivered,
)
from collab.events.members import (
    MemberEnded,
    MemberExtended,
    MemberJoined,
    MemberLeft,
    MemberRemoved,
    MemberRestored,
    MemberRoleChanged,
    MemberWarned,
)
from collab.events.people import (
    MailAllowed,
    MailStopped,
    NoticeRetried,
    PersonErased,
    PersonMatched,
    PersonMatchRejected,
    PersonMerged,
    PersonOffboarded,
    PersonProfiled,
    PersonRecognised,
    PersonReinstated,
    PersonReturned,
    PersonSeparated,
    PersonSet,
    WorkspaceDisabled,
    WorkspaceEnabled,
    WorkspaceInstalled,
    WorkspaceSet,
    WorkspaceUninstalled,
)
from collab.events.requests import (
    RequestDeclined,
    RequestEnded,
    RequestGranted,
    RequestReopened,
    RequestSent,
    SuccessionClosed,
    SuccessionOpened,
    SuccessionSettled,
    SuccessionSupported,
)
from collab.events.resources import (
    ChannelLinked,
    ChannelRenamed,
    ChannelUnlinked,
    KeysAssigned,
    KeysRotated,
    ResourceCreated,
    ResourceDeleted,
    ResourceDescribed,
    ResourceDisabled,
    ResourceEnabled,
    ResourceMoved,
    ResourceRenamed,
)
from collab.events.sign_ins import (
    PersonSignedOut,
    PersonVerified,
    SignInRequested,
)
from collab.events.teams import (
    TeamAssigned,
    TeamShared,
    TeamUnassigned,
    TeamUnshared,
)

__all__ = [
    "EVENTS",
    "BillingDetailed",
    "BillingTransferred",
    "ChannelLinked",
    "ChannelRenamed",
    "ChannelUnlinked",
    "DigestSent",
    "Event",
    "HandoverAgreed",
    "HandoverDone",
    "HandoverFailed",
    "HandoverTakenBack",
    "InvitationAccepted",
    "InvitationAskedAgain",
    "InvitationClaimed",
    "InvitationDeclined",
    "InvitationDeferred",
    "InvitationEdited",
    "InvitationExpired",
    "InvitationMuted",
    "InvitationReminded",
    "InvitationReopened",
    "InvitationResent",
    "InvitationRevoked",
    "InvitationSent",
    "InvitationSnoozed",
    "InvitationSuperseded",
    "InvitationUndelivered",
    "InvoiceAdded",
    "KeysAssigned",
    "KeysRotated",
    "MailAllowed",
    "MailStopped",
    "MemberEnded",
    "MemberExtended",
    "MemberJoined",
    "MemberLeft",
    "MemberRemoved",
    "MemberRestored",
    "MemberRoleChanged",
    "MemberWarned",
    "NoticeRetried",
    "OwnershipTransferred",
    "PayerChanged",
    "PersonErased",
    "PersonMatchRejected",
    "PersonMatched",
    "PersonMerged",
    "PersonOffboarded",
    "PersonProfiled",
    "PersonRecognised",
    "PersonReinstated",
    "PersonReturned",
    "PersonSeparated",
    "PersonSet",
    "PersonSignedOut",
    "PersonVerified",
    "PlanChanged",
    "RecordedEvent",
    "RequestDeclined",
    "RequestEnded",
    "RequestGranted",
    "RequestReopened",
    "RequestSent",
    "ResourceCreated",
    "ResourceDeleted",
    "ResourceDescribed",
    "ResourceDisabled",
    "ResourceEnabled",
    "ResourceMoved",
    "ResourceRenamed",
    "ResourceRetired",
    "SignInRequested",
    "SuccessionClosed",
    "SuccessionOpened",
    "SuccessionSettled",
    "SuccessionSupported",
    "TeamAssigned",
    "TeamShared",
    "TeamUnassigned",
    "TeamUnshared",
    "WorkspaceDisabled",
    "WorkspaceEnabled",
    "WorkspaceInstalled",
    "WorkspaceSet",
    "WorkspaceUninstalled",
    "decode_event",
    "encode_event",
    "get_event_name",
    "list_resource_ids",
    "list_subject_resource_ids",
]

EVENTS: dict[str, type[Event]] = {kind.name: kind for kind in Event.__subclasses__()}
_BY_CLASS = {kind.__name__: kind for kind in EVENTS.values()}


def get_event_name(event: Event) -> str:
    """Return the full name of an event, as `source.fact`."""
    return event.name.replace("*", getattr(event, "kind", ""))


def encode_event(event: Event) -> str:
    """Return the fields of an event as JSON.

    Times are in ISO 8601, durations in seconds. Raises TypeError if a field has not its
    declared type, as what is stored is read again later.
    """
    for name, (shape, accepts) in _get_field_types(type(event).__name__).items():
        if not accepts(getattr(event, name)):
            raise TypeError(f"{type(event).__name__}.{name} is no {shape}")
    return json.dumps(
        {f.name: _to_json_value(getattr(event, f.name)) for f in fields(event)},
        ensure_ascii=False,
    )


def decode_event(name: str, data: str) -> Event:
    """Return the event that `encode_event` wrote.

    A field that an older version did not write has its default.
    """
    kind = EVENTS.get(name) or EVENTS["*." + name.partition(".")[2]]
    given = json.loads(data)
    return kind(
        **{
            key: read(given[key])
            for key, read in _get_field_readers(kind.__name__).items()
            if key in given
        }
    )


def _to_json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value


@cache
def _get_field_types(named: str) -> dict[str, tuple[Any, Callable[[Any], bool]]]:
    """Return each field's declared type, and whether a value is of it."""
    types = _get_stored_types(named)
    return {
        name: (stored, partial(_is_value_of_type, stored))
        for name, stored in types.items()
    }


def _is_value_of_type(hint: Any, value: Any) -> bool:
    if value is None:
        return type(None) in get_args(hint)
    if hint == tuple[str, ...]:
        return isinstance(value, tuple) and all(isinstance(each, str) for each in value)
    # A bool is an int to Python, but not in the event log.
    return isinstance(value, hint) and (not isinstance(value, bool) or hint is bool)


@cache
def _get_field_readers(named: str) -> dict[str, Any]:
    types = _get_stored_types(named)
    return {name: _get_field_reader(stored) for name, stored in types.items()}


def _get_stored_types(named: str) -> dict[str, Any]:
    """Return the stored type of each field: text in place of a typed id."""
    kind = _BY_CLASS[named]
    hints = get_type_hints(kind)
    return {f.name: _replace_id_types(hints[f.name]) for f in fields(kind)}


def _replace_id_types(hint: Any) -> Any:
    if isinstance(hint, NewType):
        return hint.__supertype__
    if get_origin(hint) is tuple:
        return tuple.__class_getitem__(tuple(map(_replace_id_types, get_args(hint))))
    if get_origin(hint) in {Union, UnionType}:
        return reduce(or_, map(_replace_id_types, get_args(hint)))
    return hint


def _get_field_reader(hint: Any) -> Any:
    for shape, read in ((datetime, datetime.fromisoformat), (timedelta, _read_seconds)):
        if hint in (shape, shape | None):
            return lambda value: None if value is None else read(value)
    return tuple if hint == tuple[str, ...] else lambda value: value


def _read_seconds(value: float) -> timedelta:
    return timedelta(seconds=value)
