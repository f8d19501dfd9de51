"""Every command and query of the core, found by its base class."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import collab
from collab.command import Command, Query


def _list_subclasses(base: type) -> list[type]:
    """Return the concrete classes of every module of the core, in their order there."""
    found: list[type] = []
    for info in pkgutil.walk_packages(collab.__path__, "collab."):
        module = importlib.import_module(info.name)
        for value in vars(module).values():
            is_own = isinstance(value, type) and value.__module__ == info.name
            if is_own and issubclass(value, base) and value is not base:
                found.append(value)
    return found


COMMANDS: tuple[type[Command], ...] = tuple(_list_subclasses(Command))
QUERIES: tuple[type[Query[Any]], ...] = tuple(_list_subclasses(Query))
ALLOWED_FROM_OUTSIDE: tuple[type, ...] = (
    *(command for command in COMMANDS if command.is_allowed_from_outside),
    *(query for query in QUERIES if query.is_allowed_from_outside),
)
