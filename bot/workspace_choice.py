"""Which workspace a command of the command line is for."""

from __future__ import annotations

from collections.abc import Sequence

from bot.config import USAGE_EXIT_CODE, FatalError
from collab.model import WorkspaceId


def choose_workspace(
    known_ids: Sequence[WorkspaceId], wanted_id: str | None
) -> WorkspaceId:
    """Return the workspace that a command is for; raises FatalError.

    Without `wanted_id` it is the only one in the database.
    """
    if wanted_id is not None and wanted_id in known_ids:
        return WorkspaceId(wanted_id)
    if not known_ids:
        raise FatalError(
            "There's no workspace in this database yet: `collab run` adds one"
        )
    if wanted_id is None and len(known_ids) == 1:
        return known_ids[0]
    problem = (
        "There are several workspaces"
        if wanted_id is None
        else f"There's no workspace {wanted_id}"
    )
    raise FatalError(
        f"{problem}: choose one with --workspace: {', '.join(known_ids)}",
        USAGE_EXIT_CODE,
    )
