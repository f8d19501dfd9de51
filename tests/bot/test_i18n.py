"""All texts for people go through the catalogs, which are complete."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

import templates
from bot.i18n import (
    ENGLISH,
    Phrases,
    catalog_path,
    list_languages,
    load_catalog,
    resolve_language,
)
from bot.rendering import load_labels, renderer_for_language
from collab.model import NOBODY, PersonId
from collab.roles import ROLE_MODEL
from tests.tools.catalogs import is_translated, wanted

FOLDER = Path(templates.__file__).parent
ROOT = FOLDER.parent
OTHERS = sorted(list_languages() - {ENGLISH})
ROLE_NAMES = dict.fromkeys(
    role.name for kind in ROLE_MODEL.resource_types.values() for role in kind.roles
)
CARL = dataclasses.replace(
    NOBODY, id=PersonId("P1"), team="T1", user="UCARL", title="Carl"
)
MOMENT = datetime(2026, 11, 23, 9, tzinfo=UTC)

# Operators and developers read these texts; those for people in Slack are templates.
OPERATORS = {
    "bot/mail_operations.py": "what `collab mail` says",
    "bot/people_admin.py": "what `collab people` says",
    "bot/mail_check.py": "what `collab check mail` says and sends",
    "bot/cli_files.py": "`collab files` answers the operator",
    "bot/doctor.py": "`collab check` answers the operator",
    "bot/cli.py": "the command line's help",
    "bot/slack/channel_lookup.py": "what was done when something failed, in the log",
    "bot/bootstrap.py": "why the program did not start",
    "bot/cli_workspaces.py": "what `collab workspace`, `resource` and `secrets` say",
    "bot/workspace_choice.py": "what a command of the command line needs",
    "bot/operator_messages.py": "why the program or a command did not start",
    "bot/setting_parsers.py": "what is wrong with a setting",
    "bot/delivery/outbox_worker.py": "why a thread ended, in the log",
    "bot/event_export.py": "the command line's answers",
    "bot/invoice_import.py": "what `collab invoices import` says of a CSV file",
    "bot/demo.py": "what the terminal says while the demo runs",
    "bot/plans_file.py": "what is wrong with the operator's file of plans",
    "bot/reference_tables.py": "the table in the documentation",
    "bot/config.py": "what is wrong with a setting",
    "bot/logs.py": "what is wrong with a setting",
    "bot/metrics_server.py": "what each metric is, for the operator",
    "bot/slack/event_details.py": "what a defect is, in the log",
    "bot/slack/handlers/invitations.py": "what a defect is, in the log",
    "bot/slack/errors.py": "what the operator has to repair, in the log",
    "collab/due_work_runner.py": "what due work failed, in the log",
    "storage/file_guard.py": "why the database is not used, in the log",
    "collab/limits.py": "what is wrong with a setting",
    **dict.fromkeys(
        (
            "bot/slack/commands/verbs/billing.py",
            "bot/slack/commands/verbs/memberships.py",
            "bot/slack/commands/verbs/resources.py",
            "bot/slack/commands/verbs/teams.py",
            "bot/slack/commands/verbs/workspace.py",
        ),
        "one line for each verb, translated by the catalogs as the templates are",
    ),
}
# Four words in a row, or fewer that begin and end as a sentence does.
SENTENCE = re.compile(
    r"\b[A-Za-z][a-z’']*( [a-z’']+){2} [a-z’']{2,}|^[A-Z][a-z]* [a-z’']+.*[.?]$",
    re.DOTALL,
)


def read_catalog(language: str) -> Catalog:
    with catalog_path(language).open("rb") as file:
        return read_po(file, locale=language)


def ids(catalog: Catalog) -> set[str | tuple[str, ...]]:
    return {
        tuple(m.id) if isinstance(m.id, list | tuple) else m.id for m in catalog if m.id
    }


def message_forms(message: Message) -> list[str]:
    return (
        [message.string]
        if isinstance(message.string, str)
        else list(message.string or ())
    )


def read_text_outside_sentences(path: Path) -> Iterator[str]:
    """What a template says outside its sentences, without commands, which are typed the same in every language."""
    for data in Environment().parse(path.read_text()).find_all(nodes.TemplateData):
        tags = r"<[^>]*>?|^[^<]*>|^\"[^<>]*$"
        text = re.sub(rf"{tags}|`[^`]*`?", "", data.data)
        yield from re.findall(r"[^\W\d_]{2,}", text)


def constants(path: Path) -> Iterator[str]:
    """The texts in a module that are no docstrings and not for the log."""
    tree = ast.parse(path.read_text())
    quiet: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            quiet.add(id(node.value))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(
            ("log.", "self._log.")
        ):
            quiet |= {id(inner) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in quiet
        ):
            yield node.value


def test_german_has_a_catalog() -> None:
    assert OTHERS == ["de"]


@pytest.mark.parametrize("language", OTHERS)
def test_catalog_contains_exactly_the_messages_of_the_templates(
    language: str,
) -> None:
    catalog_ids, template_ids = ids(read_catalog(language)), ids(wanted())
    assert not template_ids - catalog_ids, "run `make words` and translate what is new"
    assert not catalog_ids - template_ids, "run `make words`"


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated_in_all_its_forms(language: str) -> None:
    catalog = read_catalog(language)
    for message in (m for m in catalog if m.id):
        assert is_translated(message.string), message.id
        assert not message.fuzzy, message.id
        if message.pluralizable:
            assert len(message_forms(message)) == catalog.num_plurals, message.id


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_same_values_commands_and_edges(language: str) -> None:
    for message in (m for m in read_catalog(language) if m.id):
        translation = message.id if isinstance(message.id, str) else message.id[-1]
        for form in message_forms(message):
            assert set(re.findall(r"{\w+}", form)) == set(
                re.findall(r"{\w+}", translation)
            ), translation
            assert re.findall(r"`/collab (\w+)", form) == re.findall(
                r"`/collab (\w+)", translation
            ), translation
            assert [c in form for c in ("*{", "<#{")] == [
                c in translation for c in ("*{", "<#{")
            ], translation
            assert form.startswith(" ") == translation.startswith(" "), translation
            assert form == form.rstrip(), translation


def test_german_uses_the_informal_address() -> None:
    for message in (m for m in read_catalog("de") if m.id):
        for form in message_forms(message):
            assert not re.search(
                r"(?<=[a-zäöüß,;] )(Sie|Ihnen|Ihr|Ihre[mnrs]?)\b", form
            ), form
            assert "!" not in form.replace("<!date", ""), form
            assert '"' not in re.sub(r"`[^`]*`", "", form), form


def test_templates_contain_no_text_outside_sentences() -> None:
    for path in FOLDER.rglob("*.j2"):
        # The two names and the units of money are the same in every language.
        assert set(read_text_outside_sentences(path)) <= {"UTC", "Collab"}, path.name


def test_sentences_are_not_built_from_code() -> None:
    for path in FOLDER.rglob("*.j2"):
        for call in Environment().parse(path.read_text()).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in {
                "_",
                "ngettext",
            }:
                for arg in call.args:
                    # A verb's line of help is in the catalogs without standing in a template.
                    assert (
                        isinstance(arg, nodes.Const)
                        or getattr(arg, "attr", "") == "summary"
                    ), path.name


def test_modules_contain_no_texts_for_people() -> None:
    texts: dict[str, list[str]] = {}
    for folder in ("bot", "collab", "storage"):
        for path in (ROOT / folder).rglob("*.py"):
            if {"playground", "migrations"} & set(path.parts):
                continue
            texts_by_file = [text for text in constants(path) if SENTENCE.search(text)]
            if texts_by_file:
                texts[path.relative_to(ROOT).as_posix()] = texts_by_file
    assert {name: texts for name, texts in texts.items() if name not in OPERATORS} == {}
    assert set(texts) == set(OPERATORS)


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("de-DE", "de"),
        ("de_AT", "de"),
        ("DE", "de"),
        ("en-GB", "en"),
        ("fr-FR", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_locale_selects_the_language_and_english_is_the_default(
    locale: str | None, language: str
) -> None:
    assert resolve_language(locale) == language
    assert renderer_for_language("en").for_locale(locale).language == language


def test_renderer_is_shared_by_all_readers_of_a_language() -> None:
    words = renderer_for_language("en")
    assert words.for_locale("de-DE") is words.for_locale("de-AT")
    assert words.for_locale("de-DE").for_locale("en-GB") is words


def test_message_without_translation_is_english() -> None:
    phrases = Phrases(load_catalog("de"), str)
    assert (
        phrases.gettext("Nobody said this before, {name}.", name="Carl")
        == "Nobody said this before, Carl."
    )
    assert phrases.ngettext("{n} new word", "{n} new words", n=2) == "2 new words"


@pytest.mark.parametrize(
    ("many", "said"), [(1, "1 Punkt wartet"), (2, "2 Punkte warten")]
)
def test_plural_forms_are_right(many: int, said: str) -> None:
    assert (
        renderer_for_language("de")
        .render("replies/waiting", total=many, cards=[])
        .text.startswith(said)
    )


@pytest.mark.rule("EVT-07")
def test_typed_text_is_escaped_within_a_sentence() -> None:
    for words in (renderer_for_language("en"), renderer_for_language("de")):
        text = words.render(
            "refusals/unknown_verb",
            typed="<!channel> *x* {id} {0}",
            nearest=None,
            example="",
        ).text
        assert (
            "“&lt;!channel&gt; ∗x∗ {id} {0}”" in text
            or "„&lt;!channel&gt; ∗x∗ {id} {0}“" in text
        )


def test_time_is_worded_in_the_readers_language() -> None:
    facts: dict[str, Any] = {
        "person": CARL,
        "title": "Acme",
        "again": MOMENT,
        "team": None,
    }
    text = (
        renderer_for_language("de").render("refusals/declined_recently", **facts).text
    )
    assert "<@UCARL> hat vor kurzem" in text
    assert (
        "<!date^1795424400^{date_short_pretty} um {time}|23. Nov. 2026, 09:00 UTC>"
        in text
    )


@pytest.mark.parametrize("language", [ENGLISH, *OTHERS])
def test_labels_are_not_truncated(language: str) -> None:
    for name, label in load_labels(language).items():
        text = re.sub(r"{\w+}", "x" * 20, label)
        assert len(text) <= 24 or not name.endswith(".title"), text
        assert len(text) <= 75 or not (name.endswith(".long") or "." not in name), text


def test_every_resource_type_has_labels() -> None:
    words = renderer_for_language("en")
    for name, kind in ROLE_MODEL.resource_types.items():
        assert words.type_name(name) == kind.words[0]
        assert (
            words.render_label(f"kind.{name}.one")
            .removeprefix("an ")
            .removeprefix("a ")
            == kind.words[0]
        )
        assert words.for_locale("de-DE").type_name(name)[0].isupper()
    assert words.type_name("boat") == "boat"


@pytest.mark.parametrize("language", [ENGLISH, *OTHERS])
def test_every_role_has_words(language: str) -> None:
    labels = load_labels(language)
    for name in ROLE_NAMES:
        forms = [labels[f"roles.{name}{form}"] for form in ("", ".one", ".many")]
        assert forms[0] in forms[1], name
        assert renderer_for_language(language).role_name(name) == forms[0]
    assert renderer_for_language(language).role_name("captain") == "captain"


def test_german_names_no_role_in_english() -> None:
    german = {load_labels("de")[f"roles.{name}"].casefold() for name in ROLE_NAMES}
    english = "|".join(name for name in ROLE_NAMES if name not in german)
    for message in (m for m in read_catalog("de") if m.id):
        for form in message_forms(message):
            sentence = re.sub(r"`[^`]*`|{\w+}", "", form)
            assert not re.search(rf"\b({english})s?\b", sentence), form
