"""The memory of a program and of the processes that it started."""

from __future__ import annotations

import os
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident_bytes(leader: int) -> int:
    """The resident memory of the largest process of a process group."""
    return max(
        _resident(entry)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and _group(entry) == leader
    )


def _group(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[2])
    except OSError:
        return 0


def _resident(process: Path) -> int:
    try:
        return int((process / "statm").read_text().split()[1]) * PAGE
    except OSError:
        return 0
