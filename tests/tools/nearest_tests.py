"""A pytest plugin for mutants: of the tests that reach a fault, run the nearest ones.

Nearest are those of the same noun: for `collab/invitations/rules.py` the tests in
`tests/collab/invitations/`, for `collab/authorization.py` `test_authorization*.py`.
The others follow in the order in which mutmut names them, the quick ones first.
"""

from __future__ import annotations

import os
from pathlib import PurePath

import pytest

LIMIT = 200  # a fault that so many tests do not notice counts as survived


def pytest_configure(config: pytest.Config) -> None:
    """Sort the tests of one fault by nearness, and keep the first of them."""
    fault = os.environ.get("MUTANT_UNDER_TEST", "")
    if "__mutmut_" not in fault:
        return
    noun = fault.split(".")[1].removesuffix("s")
    config.args.sort(key=lambda test: not is_about(noun, test))
    del config.args[LIMIT:]


def is_about(noun: str, test: str) -> bool:
    """Whether a test's file or folder is named for the noun."""
    path = PurePath(test.partition("::")[0])
    return any(part.removeprefix("test_").startswith(noun) for part in path.parts[-2:])
