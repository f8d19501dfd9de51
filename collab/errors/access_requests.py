"""Rejections about access requests and successions."""

from __future__ import annotations

from dataclasses import dataclass

from collab.errors.base import Conflict, NotAllowed, Unknown
from collab.model import AccessRequestId


@dataclass(unsafe_hash=True)
class UnknownRequest(Unknown):
    """There is no such request or succession, or the caller may not view it."""


@dataclass(unsafe_hash=True)
class AlreadyAsked(Conflict):
    """The caller has a pending request already."""

    title: str


@dataclass(unsafe_hash=True)
class NothingRequested(Conflict):
    """The caller has no pending request."""

    title: str


@dataclass(unsafe_hash=True)
class NobodyGrants(Conflict):
    """Nobody may assign the requested role."""

    role: str
    title: str


@dataclass(unsafe_hash=True)
class RequestAnswered(Conflict):
    """The request is not pending any more; `state` is what it is instead."""

    request: AccessRequestId
    state: str


@dataclass(unsafe_hash=True)
class NobodyMissing(Conflict):
    """No successor is needed."""

    title: str


@dataclass(unsafe_hash=True)
class NotAsked(NotAllowed):
    """The caller does not choose the successor."""

    title: str
