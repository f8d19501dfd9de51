"""The documentation as a site: every page is reached, and every link leads somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

ROOT = Path(__file__).parents[1]


@pytest.mark.filterwarnings("ignore")  # of the generator's own
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(tmp_path))

    build(config)

    pages = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.html")}
    for source in (ROOT / "docs").rglob("*.md"):
        name = source.relative_to(ROOT / "docs").with_suffix("")
        folder = name.parent if name.name in {"README", "index"} else name
        assert (folder / "index.html").as_posix() in pages, source
