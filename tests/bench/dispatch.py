"""What it costs to find the right listener among all, and what a command costs as a whole, both without a network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from slack_bolt import App

from bot.slack import routes
from tests.bench.apps import HELP, INVITE, answered, asking, empty_app, real_app
from tests.bench.company import found, inviting
from tests.bench.measure import Row, at_most, interleaved, ms
from tests.bench.place import Place

WARM = 20
EMPTY = "an empty Bolt app with one listener"


def measure(place: Place, rounds: int = 1500) -> Iterator[Row]:
    """A command to a listener that does nothing, and one that answers with words alone."""
    with real_app(place.seeded("SQLite", found)) as app:
        with emptied("invite"):
            ours, empty = beside_empty(app, INVITE, rounds)
        figures = f"{ms(ours)} against {ms(empty)}"
        yield at_most(
            "a parsed and routed command, every verb registered",
            EMPTY,
            ours / empty,
            1.5,
            figures,
        )
        ours, empty = beside_empty(app, HELP, rounds)
        figures = f"{ours / empty:.2f} × ({ms(ours)} against {ms(empty)})"
        yield Row("`/collab help invite`, with its words", EMPTY, figures)


def beside_empty(app: App, text: str, rounds: int) -> list[float]:
    """Seconds of the app's answer to a line, and of the empty app's."""
    assert answered(app, text)["response_type"] == "ephemeral"
    times = rounds + WARM
    return interleaved(
        rounds, asking(app, text, times), asking(empty_app(), text, times), warm=WARM
    )


@contextmanager
def emptied(verb: str) -> Iterator[None]:
    """A listener that says one word, in place of a verb's own."""
    commands: Any = routes.COMMAND_HANDLERS
    own, commands[verb] = commands[verb], lambda _services, _request: {"text": "ok"}
    try:
        yield
    finally:
        commands[verb] = own


def measure_command(place: Place, rounds: int = 500) -> Iterator[Row]:
    """The whole of `/collab invite` against its two parts."""
    seed = place.seeded("SQLite", found)
    with (
        real_app(place.database("SQLite", seed)) as app,
        inviting(place.database("SQLite", seed)) as invite,
    ):
        assert "UB0000000" in answered(app, INVITE.format(0))["text"]
        times = rounds + WARM
        works = asking(app, INVITE, times), asking(empty_app(), INVITE, times), invite
        full, empty, transaction = interleaved(rounds, *works, warm=WARM)
    figures = f"{ms(full)} against {ms(empty)} + {ms(transaction)}"
    beside = "empty dispatch + its transaction alone"
    yield at_most(
        "`/collab invite` in process, SQLite",
        beside,
        full / (empty + transaction),
        1.5,
        figures,
    )
