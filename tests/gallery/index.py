"""The page with all pictures by template, each with its text for screen readers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment

from tests.gallery.camera import SCHEMES, list_file_names
from tests.gallery.pictures import Picture, PictureCollection

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Gallery</title>
<style>
:root { color-scheme: light dark; font: 14px/1.45 system-ui, sans-serif; }
body { margin: 24px; }
nav { columns: 5 180px; margin-bottom: 32px; }
nav a { display: block; }
h2 { margin: 40px 0 8px; font: 600 16px ui-monospace, monospace; }
figure { margin: 0 0 20px; }
figure div { display: flex; flex-wrap: wrap; gap: 12px; align-items: start; }
img { max-width: 720px; border: 1px solid #8888; border-radius: 8px; }
figcaption { max-width: 1440px; margin-top: 4px; white-space: pre-wrap; overflow-wrap: anywhere; }
small { opacity: .75; }
</style>
</head>
<body>
<h1>Gallery</h1>
<p>{{ pictures }} pictures of {{ sections | length }} templates.</p>
<nav aria-label="Templates">{% for name, _ in sections %}<a href="#{{ name }}">{{ name }}</a>{% endfor %}</nav>
{% for name, shown in sections %}
<section id="{{ name }}">
<h2>{{ name }}</h2>
{% for locale, number, picture in shown %}
<figure>
<div>
{% for scheme in schemes %}{% for name in file_names(number, picture) %}
<img loading="lazy" src="{{ locale }}/{{ scheme }}/{{ name }}" alt="{{ scheme }}, {{ locale }}">
{% endfor %}{% endfor %}
</div>
<figcaption>{{ picture.text }}
<small>{{ locale }} · {{ picture.sort }} · {{ picture.scene }}</small></figcaption>
</figure>
{% endfor %}
</section>
{% endfor %}
</body>
</html>
"""


def write_index(
    target: Path, collection_by_locale: Mapping[str, PictureCollection]
) -> None:
    """Write the page."""
    pictures_by_template: dict[str, list[tuple[str, int, Picture]]] = {}
    for locale, pictures in collection_by_locale.items():
        for index, picture in enumerate(pictures.pictures):
            for name in picture.templates:
                pictures_by_template.setdefault(name, []).append(
                    (locale, index, picture)
                )
    page = Environment(autoescape=True).from_string(PAGE)
    count = sum(len(pictures.pictures) for pictures in collection_by_locale.values())
    target.write_text(
        page.render(
            sections=sorted(pictures_by_template.items()),
            pictures=count,
            schemes=SCHEMES,
            file_names=list_file_names,
        ),
        encoding="utf-8",
    )
