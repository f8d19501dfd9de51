"""The words that people may type for verbs, roles, types and capabilities, in every language.

All but verbs are understood by the names under which Collab shows them. Everybody
may type the words of any language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from bot.i18n import ENGLISH, list_languages
from bot.rendering import load_labels
from collab.roles import CAPABILITIES

GERMAN_VERBS: Mapping[str, str] = {
    "hilfe": "help",
    "anlegen": "create",
    "erstellen": "create",
    "einladen": "invite",
    "einladungen": "invitations",
    "annehmen": "accept",
    "ablehnen": "decline",
    "zurückziehen": "revoke",
    "mitglieder": "members",
    "rolle": "role",
    "verlängern": "extend",
    "entfernen": "remove",
    "verlassen": "leave",
    "rückgängig": "undo",
    "anfragen": "request",
    "zurücknehmen": "withdraw",
    "nachfolge": "successor",
    "zeigen": "show",
    "anzeigen": "show",
    "meine": "mine",
    "ich": "me",
    "wer": "who",
    "warum": "why",
    "umbenennen": "rename",
    "beschreiben": "describe",
    "verschieben": "move",
    "deaktivieren": "disable",
    "aktivieren": "enable",
    "löschen": "delete",
    "teilen": "share",
    "zuweisen": "assign",
    "übergeben": "handover",
    "übergabe": "handover",
    "übertragen": "transfer",
    "bezahlen": "pay",
    "abrechnung": "billing",
    "rechnungen": "invoices",
    "tarif": "plan",
    "verknüpfen": "link",
    "trennen": "unlink",
    "aktivität": "events",
    "zugangsdaten": "keys",
    "einstellungen": "settings",
}
# How to ask for the same in a single word; a final e makes no difference.
GERMAN_IMPERATIVES: Mapping[str, str] = {
    "hilf": "help",
    "erstell": "create",
    "verlänger": "extend",
    "entfern": "remove",
    "verlass": "leave",
    "zeig": "show",
    "beschreib": "describe",
    "verschieb": "move",
    "deaktivier": "disable",
    "aktivier": "enable",
    "lösch": "delete",
    "teil": "share",
    "übergib": "handover",
    "übertrag": "transfer",
    "bezahl": "pay",
    "verknüpf": "link",
    "trenn": "unlink",
}
# For keyboards without umlauts.
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
OTHER_ROLE_WORDS: Mapping[str, str] = {
    "full": "unlimited",
    "eingeschränkt": "limited",
}
OTHER_TYPE_WORDS: Mapping[str, str] = {
    "unternehmen": "company",
    "zahlungsmethode": "payment",
}
OTHER_CAPABILITY_WORDS: Mapping[str, str] = {"ansehen": "view"}
# The ending of a label for any gender, and what people write in its place.
GENDER_ENDINGS = {
    ":in": ("", ":in", "in", "*in", "_in"),
    "e:r": ("e", "er", "e:r", "e*r", "e_r"),
}


def find_german_verb(word: str) -> str | None:
    """Return the verb that a German word means, as infinitive, noun or imperative."""
    verbs = _german_verb_by_spelling()
    return verbs.get(word) or verbs.get(word.removesuffix("e"))


@cache
def _german_verb_by_spelling() -> Mapping[str, str]:
    words = {**GERMAN_VERBS, **GERMAN_IMPERATIVES}
    return {
        spelling: verb
        for word, verb in words.items()
        for spelling in (word, word.translate(UMLAUTS))
    }


@cache
def role_by_word(role_names: tuple[str, ...]) -> Mapping[str, str]:
    """Return the role that each word means; the first one, if a word means several.

    The domain then tells apart roles of the same word, as each type has only one.
    """
    return _name_by_word("roles", role_names, OTHER_ROLE_WORDS)


@cache
def capability_by_word() -> Mapping[str, str]:
    """Return the capability that each word means."""
    return _name_by_word("capability", CAPABILITIES, OTHER_CAPABILITY_WORDS)


@cache
def type_by_word(type_names: tuple[str, ...]) -> Mapping[str, str]:
    """Return the type that each word or phrase means, the longest phrases first."""
    names = _name_by_word("kind", type_names, OTHER_TYPE_WORDS)
    return dict(sorted(names.items(), key=lambda item: -item[0].count(" ")))


def words_for_name(group: str, name: str) -> Iterator[str]:
    """Return what may be typed for a name: the name itself, then its labels."""
    yield name
    for language in (ENGLISH, *sorted(list_languages() - {ENGLISH})):
        label = load_labels(language).get(f"{group}.{name}")
        if label:
            yield from spell_label(label.casefold())


def _name_by_word(
    group: str, names: Iterable[str], other_words: Mapping[str, str]
) -> dict[str, str]:
    known_names = tuple(names)
    found = {name: name for name in known_names}
    for name in known_names:
        for word in words_for_name(group, name):
            found.setdefault(word, name)
    for word, name in other_words.items():
        if name in known_names:
            found.setdefault(word, name)
    return found


def spell_label(label: str) -> Iterator[str]:
    """Return a label with each ending for any gender, the shortest first."""
    for label_ending, typed_endings in GENDER_ENDINGS.items():
        if label.endswith(label_ending):
            stem = label.removesuffix(label_ending)
            yield from (stem + ending for ending in typed_endings)
            return
    yield label
