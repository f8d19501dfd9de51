"""Rejections of a caller, and of an action that no role of the caller allows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from collab.errors.base import Conflict, Malformed, NotAllowed, Unknown
from collab.model import WorkspaceId


@dataclass(unsafe_hash=True)
class ForeignActor(NotAllowed):
    """The caller belongs to another workspace."""


@dataclass(unsafe_hash=True)
class GuestActor(NotAllowed):
    """The caller is a guest of the workspace."""


@dataclass(unsafe_hash=True)
class InactiveActor(NotAllowed):
    """The caller's account is deactivated."""


@dataclass(unsafe_hash=True)
class NotWorkspaceAdmin(NotAllowed):
    """The caller does not administrate the workspace."""


@dataclass(unsafe_hash=True)
class UnknownWorkspace(Unknown):
    """The workspace has not installed the app."""

    workspace: WorkspaceId


@dataclass(unsafe_hash=True)
class WorkspaceDisabled(NotAllowed):
    """The operator has switched the app off in the workspace."""

    workspace: WorkspaceId


@dataclass(unsafe_hash=True)
class UnknownCapability(Unknown):
    """No kind of resource has this capability."""

    field: ClassVar[str] = "capability"
    typed: str
    capabilities: tuple[str, ...]


@dataclass(unsafe_hash=True)
class DayToCome(Malformed):
    """A day of the past is needed, and this one is not over or has not come."""

    field: ClassVar[str] = "day"
    day: date


@dataclass(unsafe_hash=True)
class RecordTooLong(Conflict):
    """More events than the limit would have to be read to answer for that day."""

    field: ClassVar[str] = "day"
    day: date
    limit: int


@dataclass(unsafe_hash=True)
class MayNot(NotAllowed):
    """No role of the caller gives a capability on a resource.

    `disabled` if the only reason is that the resource is disabled; `enables` is then
    the slug of what the caller may enable, empty if they may enable nothing.
    `is_closed` if no role of the caller gives the capability and nobody has it while
    the resource is disabled.
    """

    capability: str
    title: str
    disabled: bool = False
    enables: str = ""
    is_closed: bool = False


@dataclass(unsafe_hash=True)
class IsDisabled(NotAllowed):
    """A role of the caller would suffice, but the resource is disabled.

    `enables` is the slug of what the caller may enable; empty if they may enable
    nothing.
    """

    title: str
    enables: str = ""


@dataclass(unsafe_hash=True)
class MayNotEdit(NotAllowed):
    """The caller may not edit the resource."""

    field: ClassVar[str] = "resource"
    title: str


@dataclass(unsafe_hash=True)
class MayNotManage(NotAllowed):
    """The caller may not manage this."""


@dataclass(unsafe_hash=True)
class PreviewChanged(Conflict):
    """The effects of an action are not those that were shown; `preview` is of now."""

    preview: Any = field(default=None, hash=False)
