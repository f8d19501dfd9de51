"""Write the parts of docs/ that are made from the code: `make docs`."""

from __future__ import annotations

import re
from pathlib import Path

from bot.reference_tables import german_words_markdown, roles_markdown, verbs_markdown
from collab.roles import ROLE_MODEL

DOCS = Path(__file__).parents[2] / "docs"
GENERATED_PART = re.compile(
    r"(<!-- (?P<name>\w+) -->\n).*?(<!-- /(?P=name) -->)", re.DOTALL
)


def regenerate(page: str) -> str:
    """Return a page with the text between each pair of marks, `<!-- NAME -->` and `<!-- /NAME -->`, made anew."""
    tables = {
        "verbs": verbs_markdown(),
        "german": german_words_markdown(ROLE_MODEL),
        "roles": roles_markdown(ROLE_MODEL),
    }
    return GENERATED_PART.sub(
        lambda part: f"{part[1]}{tables[part['name']]}\n{part[3]}", page
    )


def pages_with_generated_parts() -> list[Path]:
    """Return the pages of docs/ that have a generated part."""
    return [
        path
        for path in sorted(DOCS.glob("*.md"))
        if GENERATED_PART.search(path.read_text())
    ]


def main() -> None:
    """Write every generated part and print the name of its page."""
    for path in pages_with_generated_parts():
        path.write_text(regenerate(path.read_text()))
        print(path.relative_to(DOCS.parent))


if __name__ == "__main__":
    main()
