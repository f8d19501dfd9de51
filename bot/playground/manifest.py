"""The app's configuration in Slack, read from manifest.yml."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

T = TypeVar("T")

PACKAGE_DIR = Path(__file__).parent
# A wheel carries the manifest beside this module; a checkout keeps it at its root.
MANIFEST_PATHS = (
    PACKAGE_DIR / "manifest.yml",
    PACKAGE_DIR.parent.parent / "manifest.yml",
)


@dataclass(frozen=True)
class SlashCommand:
    """A declared slash command."""

    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True)
class Shortcut:
    """A declared global or message shortcut."""

    name: str
    callback_id: str
    description: str = ""
    type: str = "global"


@dataclass(frozen=True)
class Manifest:
    """The part of the manifest that the playground needs."""

    name: str = "Collab"
    description: str = ""
    commands: tuple[SlashCommand, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    required_scopes: frozenset[str] = field(default_factory=frozenset)
    optional_scopes: frozenset[str] = field(default_factory=frozenset)
    events: frozenset[str] = field(default_factory=frozenset)
    home_enabled: bool = False
    messages_enabled: bool = True
    messages_read_only: bool = False
    is_for_organisations: bool = False
    rotates_tokens: bool = False

    @property
    def accepts_messages(self) -> bool:
        """Return whether people have a message box in the app's direct message."""
        return self.messages_enabled and not self.messages_read_only

    def find_command(self, name: str) -> SlashCommand | None:
        """Return the declared command of this name, slash included."""
        return next((c for c in self.commands if c.command == name), None)

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes that an installation grants, unless it leaves out optional ones."""
        return self.required_scopes | self.optional_scopes

    def find_shortcut(self, callback_id: str) -> Shortcut | None:
        """Return the declared shortcut with this callback id."""
        return next((s for s in self.shortcuts if s.callback_id == callback_id), None)


def load_manifest(path: Path | None = None) -> Manifest:
    """Return the manifest at `path`, by default the one that ships with the app.

    FileNotFoundError if there is none.
    """
    paths = [path] if path else [each for each in MANIFEST_PATHS if each.is_file()]
    if not paths:
        raise FileNotFoundError(
            f"no manifest.yml at {' or '.join(map(str, MANIFEST_PATHS))}"
        )
    return parse_manifest(yaml.safe_load(paths[0].read_text(encoding="utf-8")))


def parse_manifest(data: dict[str, Any]) -> Manifest:
    """Return the manifest from its decoded YAML."""
    features = data.get("features") or {}
    scopes = (data.get("oauth_config") or {}).get("scopes") or {}
    settings = data.get("settings") or {}
    subscriptions = settings.get("event_subscriptions") or {}
    home = features.get("app_home") or {}
    display = data.get("display_information") or {}
    bot_user = features.get("bot_user") or {}
    return Manifest(
        name=bot_user.get("display_name") or display.get("name", "App"),
        description=display.get("description", ""),
        commands=_build_each(SlashCommand, features.get("slash_commands")),
        shortcuts=_build_each(Shortcut, features.get("shortcuts")),
        required_scopes=frozenset(scopes.get("bot") or []),
        optional_scopes=frozenset(scopes.get("bot_optional") or []),
        events=frozenset(subscriptions.get("bot_events") or []),
        home_enabled=bool(home.get("home_tab_enabled")),
        messages_enabled=bool(home.get("messages_tab_enabled", True)),
        messages_read_only=bool(home.get("messages_tab_read_only_enabled")),
        is_for_organisations=bool(settings.get("org_deploy_enabled")),
        rotates_tokens=bool(settings.get("token_rotation_enabled")),
    )


def _build_each(
    record_type: type[T], items: list[dict[str, Any]] | None
) -> tuple[T, ...]:
    """Build a record of each item; the manifest has more fields than the records."""
    field_names = record_type.__dataclass_fields__  # type: ignore[attr-defined]
    return tuple(
        record_type(**{name: item[name] for name in field_names if name in item})
        for item in items or []
    )
