"""What the page shows of the workspaces and of the app's installation in them."""

from bot.playground import installations
from bot.playground.errors import NotAllowed
from bot.playground.state import PlaygroundState
from bot.playground.workspace import Json


def serialize_workspaces(state: PlaygroundState) -> list[Json]:
    """Return all workspaces, each with the person as whom it is shown first."""
    workspaces = []
    for peer in state.peers:
        humans = peer.workspace.list_humans()
        first = next((human for human in humans if human.is_admin), humans[0])
        workspaces.append(
            {
                "id": peer.workspace.team_id,
                "name": peer.workspace.team_name,
                "person": first.id,
            }
        )
    return workspaces


def serialize_installation(state: PlaygroundState) -> Json:
    """Return whether the app is installed here, and what can be changed about it.

    An app that is no more installed can be installed only where it has an address.
    """
    can_change_access = state.is_organisation_install
    return {
        "is_installed": state.is_installed,
        "install_url": None if can_change_access else state.install_url,
        "can_uninstall": state.install_url is not None and state.is_installed,
        "can_change_access": can_change_access,
        "organisation": state.workspace.organisation_name if can_change_access else "",
    }


def change_installation(state: PlaygroundState, body: Json) -> Json:
    """Uninstall the app, or change an organisation's app's access to a workspace."""
    change = body.get("change")
    if change == "uninstall":
        if not state.is_installed:
            raise NotAllowed(f"{state.manifest.name} isn't installed here.")
        installations.uninstall_app(state)
    elif change in {"grant", "revoke"}:
        if not state.is_organisation_install:
            raise NotAllowed(f"No organisation has {state.manifest.name} here.")
        installations.change_team_access(state, is_granted=change == "grant")
    else:
        raise ValueError(f"There's no change {change!r}.")
    return {"ok": True}
