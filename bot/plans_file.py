"""The file with plans: TOML, a table a plan, in it how many may hold each role (BIL-09)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from collab.limits import RoleLimits
from collab.roles import ROLE_MODEL
from collab.text import clean_text

NOTHING_WORD = "nothing"  # the word that takes a company off its plan
_PLAN_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def read_plans(typed: str) -> dict[str, RoleLimits]:
    """The plans of a file by their names; a mistake is a ValueError that says where it is and shows it right."""
    return {
        name: _read_limits(typed, name, limits)
        for name, limits in _load_json(typed).items()
    }


def _load_json(typed: str) -> dict[str, Any]:
    try:
        return tomllib.loads(clean_text(Path(typed).read_bytes().decode("utf-8-sig")))
    except OSError as problem:
        raise ValueError(
            f"names {typed}, which cannot be read ({problem.strerror})"
        ) from None
    except UnicodeDecodeError:
        raise ValueError(f"names {typed}, which is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as problem:
        raise ValueError(f"names {typed}, which is not TOML: {problem}") from None


def _read_limits(typed: str, name: str, limits: Any) -> RoleLimits:
    if not isinstance(limits, dict):
        raise _plan_error(
            typed,
            name,
            "stands in no plan; put it under a plan's name, such as [studio]",
        )
    if not _PLAN_NAME.fullmatch(name) or name == NOTHING_WORD:
        wanted = "a plan's name is a word of small letters, digits and dashes, and not the word nothing"
        raise _plan_error(
            typed, f"[{name}]", f"cannot be typed: {wanted}, such as [studio]"
        )
    for role, limit in limits.items():
        _check_limit(typed, f"[{name}] {role}", role, limit)
    return limits


def _check_limit(typed: str, place: str, role: str, limit: Any) -> None:
    roles = list_limited_roles()
    if role not in roles:
        raise _plan_error(
            typed,
            place,
            f"is no role with a limit; those are {', '.join(roles)}, such as {roles[0]} = 1",
        )
    if type(limit) is not int or limit < 1:
        raise _plan_error(
            typed, place, f"is not a whole number from 1 on, such as {role} = 3"
        )


def list_limited_roles() -> tuple[str, ...]:
    """The roles that a plan can limit, by the table."""
    roles = (ROLE_MODEL[name] for name in ROLE_MODEL)
    return tuple(
        dict.fromkeys(
            role.name for kind in roles if kind.has_plans for role in kind.roles
        )
    )


def _plan_error(typed: str, place: str, problem: str) -> ValueError:
    return ValueError(f"names {typed}, where {' '.join(place.split())} {problem}")
