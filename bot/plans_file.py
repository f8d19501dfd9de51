"""Read the file of plans: a TOML table of role limits for each plan (BIL-09)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from collab.limits import RoleLimits
from collab.roles import ROLE_MODEL
from collab.text import clean_text

NOTHING_WORD = "nothing"  # what is typed in place of a plan to end one
_PLAN_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def read_plans(typed: str) -> dict[str, RoleLimits]:
    """Return the plans in a file, by name.

    Raises ValueError, which says where the mistake is and shows it corrected.
    """
    tables = _load_toml(typed)
    return {name: _read_limits(typed, name, tables[name]) for name in tables}


def _load_toml(typed: str) -> dict[str, Any]:
    try:
        return tomllib.loads(clean_text(Path(typed).read_bytes().decode("utf-8-sig")))
    except OSError as problem:
        raise ValueError(
            f"names {typed}, which can't be read ({problem.strerror})"
        ) from None
    except UnicodeDecodeError:
        raise ValueError(f"names {typed}, which isn't UTF-8 text") from None
    except tomllib.TOMLDecodeError as problem:
        raise ValueError(f"names {typed}, which isn't valid TOML: {problem}") from None


def _read_limits(typed: str, name: str, limits: Any) -> RoleLimits:
    if not isinstance(limits, dict):
        raise _plan_error(
            typed,
            name,
            "isn't part of a plan; put it below a plan's name, such as [studio]",
        )
    if not _PLAN_NAME.fullmatch(name) or name == NOTHING_WORD:
        wanted = "use lowercase letters, digits and dashes, and not the word nothing"
        raise _plan_error(
            typed, f"[{name}]", f"can't be used as a name: {wanted}, such as [studio]"
        )
    for role, limit in limits.items():
        _check_limit(typed, f"[{name}] {role}", role, limit)
    return limits


def _check_limit(typed: str, key: str, role: str, limit: Any) -> None:
    roles = list_limited_roles()
    if role not in roles:
        raise _plan_error(
            typed,
            key,
            f"isn't a role that can be limited; use {', '.join(roles)}, such as {roles[0]} = 1",
        )
    if type(limit) is not int or limit < 1:
        raise _plan_error(
            typed, key, f"isn't a whole number of at least 1, such as {role} = 3"
        )


def list_limited_roles() -> tuple[str, ...]:
    """Return the names of the roles that a plan can limit."""
    resource_types = (ROLE_MODEL[name] for name in ROLE_MODEL)
    names = (
        role.name for each in resource_types if each.has_plans for role in each.roles
    )
    return tuple(dict.fromkeys(names))


def _plan_error(typed: str, key: str, problem: str) -> ValueError:
    return ValueError(f"names {typed}, where {' '.join(key.split())} {problem}")
