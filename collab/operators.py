"""What the operator stops and starts again: a workspace, or one resource."""

from __future__ import annotations

from dataclasses import dataclass

from collab import errors
from collab.command import Command
from collab.context import Context
from collab.events import (
    Event,
    ResourceDisabled,
    ResourceEnabled,
    WorkspaceDisabled,
    WorkspaceEnabled,
)


@dataclass(frozen=True, slots=True)
class SwitchWorkspace(Command):
    """Switch the app off in a workspace, or on again.

    While it is off, people's requests are rejected; nothing is delivered or done by
    the clock.
    """

    is_enabled: bool

    def decide(self, context: Context) -> list[Event]:
        """Require the operator."""
        _check_operator(self)
        workspace = context.repositories.get_workspace()
        if workspace is None or workspace.is_disabled is not self.is_enabled:
            return []
        return [WorkspaceEnabled() if self.is_enabled else WorkspaceDisabled()]


@dataclass(frozen=True, slots=True)
class SwitchResource(Command):
    """Disable a resource, or enable it again; `what` is its short name or id."""

    what: str
    is_enabled: bool

    def decide(self, context: Context) -> list[Event]:
        """Require the operator; raises UnknownResource."""
        _check_operator(self)
        resource = context.graph.find_resource(self.what, (), context.at)
        if resource is None or resource.gone:
            raise errors.UnknownResource(self.what, None)
        if resource.disabled is not self.is_enabled:
            return []
        event = ResourceEnabled if self.is_enabled else ResourceDisabled
        return [event(resource.id)]


def _check_operator(command: Command) -> None:
    """Reject everybody but the operator, who acts outside the chat platform."""
    if not command.by.is_system:
        raise errors.NotWorkspaceAdmin
