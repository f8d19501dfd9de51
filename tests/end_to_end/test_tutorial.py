"""What the tutorial tells people to type works, in its order."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.app_harness import AppHarness

TUTORIAL = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text()
LINE = re.compile(r"^\d\. \*\*(\w+)\*\*: `(/collab [^`]+)`$", re.MULTILINE)
# What an answer to each line says; a refusal says none of it.
ANSWERS = {
    "create company": "Created *Northwind*",
    "create project": "Created *Relaunch*",
    "create app": "Created *Checkout*",
    "invite": "You invited",
    "accept": "You're now",
    "members": "have access",
    "why": "can deploy",
    "who": "can deploy",
    "what if": "Nothing has been changed",
    "link": "Add Collab and link",
    "handover": "Send invitation",
    "offboard": "End all access",
    "events": "Activity in",
}


def test_every_line_of_the_tutorial_is_answered_as_it_says(
    harness: AppHarness,
) -> None:
    typed = LINE.findall(TUTORIAL)
    assert len(typed) == TUTORIAL.count(": `/collab")
    for person, line in typed:
        answer = harness.run_command(person.lower(), line)
        expected = next(
            words
            for verb, words in ANSWERS.items()
            if line.startswith(f"/collab {verb}")
        )
        assert expected in str(answer), (line, answer)
