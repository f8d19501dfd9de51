"""Verbs, roles and types are understood in every language, and no word means two things."""

from __future__ import annotations

import pytest

from bot.slack.commands.catalog import VERB_BY_NAME, find_verb
from bot.slack.commands.parse_state import FILLER_WORDS
from bot.slack.commands.parser import POLITE_WORDS, parse
from bot.slack.commands.slots import Slot
from bot.slack.commands.typed_words import (
    GERMAN_IMPERATIVES,
    GERMAN_VERBS,
    OTHER_ROLE_WORDS,
    OTHER_TYPE_WORDS,
    capability_by_word,
    role_by_word,
    type_by_word,
    words_for_name,
)
from bot.slack.commands.word_readers import list_role_names
from collab.roles import ROLE_MODEL

ROLE_NAMES = list_role_names(ROLE_MODEL)
TYPE_NAMES = tuple(ROLE_MODEL)


def words_for_role(name: str) -> set[str]:
    """What may be typed for a role."""
    others = {word for word, role in OTHER_ROLE_WORDS.items() if role == name}
    return {*words_for_name("roles", name), *others}


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("einladen <@UCARL> admin acme", "admin"),
        ("einladen <@UCARL> als admin zu acme", "admin"),
        ("invite <@UCARL> inhaber acme", "owner"),
        ("invite <@UCARL> Inhaber:in acme", "owner"),
        ("invite <@UCARL> inhaberin acme", "owner"),
        ("invite <@UCARL> Inhaber*in acme", "owner"),
        ("invite <@UCARL> entwickler acme", "developer"),
        ("invite <@UCARL> als Entwickler:in, acme", "developer"),
        ("invite <@UCARL> mitglied acme", "member"),
        ("invite <@UCARL> buchhalter acme", "accountant"),
        ("invite <@UCARL> buchhalterin acme", "accountant"),
        ("invite <@UCARL> full acme", "unlimited"),
        ("invite <@UCARL> as full member acme", "unlimited"),
        ("invite <@UCARL> vollmitglied acme", "unlimited"),
        ("invite <@UCARL> limited member acme", "limited"),
        ("invite acme <@UCARL> als eingeschränktes Mitglied", "limited"),
        ("invite <@UCARL> eingeschränkt acme", "limited"),
    ],
)
def test_a_role_is_understood_in_both_languages(text: str, role: str) -> None:
    line = parse(text, "T1")
    assert line.verb.name == "invite"
    assert line.get(Slot.ROLE) == role
    assert line.get(Slot.RESOURCES) == ("acme",)


@pytest.mark.parametrize(
    ("text", "resource_type"),
    [
        ("anlegen firma Acme", "company"),
        ("erstellen Unternehmen Acme", "company"),
        ("create projekt Acme", "project"),
        ("create datenbank Acme", "database"),
        ("create Zahlungsart Acme", "payment"),
        ("create payment method Acme", "payment"),
        ("create payment Acme", "payment"),
        ("anlegen app Acme", "app"),
        ("anlegen team Acme", "team"),
    ],
)
def test_a_type_is_understood_in_both_languages(text: str, resource_type: str) -> None:
    line = parse(text, "T1")
    assert line.verb.name == "create"
    assert line.get(Slot.RESOURCE_TYPE) == resource_type
    assert line.get(Slot.NAME) == "Acme"


@pytest.mark.parametrize(("word", "name"), GERMAN_VERBS.items())
def test_a_verb_is_understood_in_german(word: str, name: str) -> None:
    words = VERB_BY_NAME[name].example.split()[1:]
    line = " ".join([word, *words]).replace("@carl", "<@UCARL>")
    assert parse(line, "T1").verb.name == name
    assert parse(f"hilfe {word}", "T1").get(Slot.VERB) == name


def test_a_german_verb_means_no_other_verb() -> None:
    assert not GERMAN_VERBS.keys() & VERB_BY_NAME.keys()
    assert not GERMAN_VERBS.keys() & {*FILLER_WORDS, *POLITE_WORDS}


def test_no_word_means_two_roles_of_one_type() -> None:
    for type_name in TYPE_NAMES:
        meanings: dict[str, str] = {}
        for role in ROLE_MODEL[type_name].roles:
            for word in words_for_role(role.name):
                assert meanings.setdefault(word, role.name) == role.name, word
                meant = role_by_word(ROLE_NAMES)[word]
                resolved = ROLE_MODEL[type_name].resolve_role_name(meant)
                assert resolved == role.name, (type_name, word)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("entwickler", "developer"),
        ("entwickler*in", "developer"),
        ("mitwirkende", "collaborator"),
        ("mitwirkender", "collaborator"),
        ("mitwirkende:r", "collaborator"),
    ],
)
def test_a_role_is_understood_with_the_ending_for_any_gender(
    word: str, name: str
) -> None:
    assert role_by_word(ROLE_NAMES)[word] == name


def test_no_word_means_two_types() -> None:
    meanings: dict[str, str] = {}
    for name in TYPE_NAMES:
        others = {word for word, each in OTHER_TYPE_WORDS.items() if each == name}
        for word in {*words_for_name("kind", name), *others}:
            assert meanings.setdefault(word, name) == name, word
    assert type_by_word(TYPE_NAMES) == meanings


@pytest.mark.parametrize("word", capability_by_word())
def test_a_capability_is_understood_by_each_of_its_words(word: str) -> None:
    line = parse(f"why <@UCARL> shop {word}", "T1")
    assert line.get(Slot.CAPABILITY) == capability_by_word()[word]
    assert line.get(Slot.RESOURCE) == "shop"


@pytest.mark.parametrize(("word", "name"), GERMAN_IMPERATIVES.items())
def test_a_german_imperative_is_understood_with_and_without_its_last_letter(
    word: str, name: str
) -> None:
    for typed in (word, f"{word}e"):
        verb = find_verb(typed)
        assert verb
        assert verb.name == name


@pytest.mark.parametrize(
    ("word", "name"),
    [("loesche", "delete"), ("verknuepfen", "link"), ("aktivitaet", "events")],
)
def test_german_words_are_understood_without_umlauts(word: str, name: str) -> None:
    assert parse(f"{word} acme", "T1").verb.name == name
