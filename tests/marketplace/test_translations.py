"""Whoever chose another language than English reads all of it in that language."""

from __future__ import annotations

import csv
import gettext
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import override

from listings.customs.words import FEES, TAXES
from marketplace.context import percent
from marketplace.run.messages import in_python, in_template, marked, update
from marketplace.run.places import BASE
from marketplace.run.translations import carries_over, catalogues, faults, strings

OTHERS = [code for code, _name in settings.LANGUAGES if code != "en"]


def catalogue_of(language: str) -> Catalog:
    source = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"
    with source.open("rb") as text:
        return read_po(text, locale=language, abort_invalid=True)


def keys(catalogue: Catalog) -> dict[tuple[str, ...], Message]:
    return {(message.context or "", *strings(message.id)): message for message in catalogue if message.id}


def test_every_language_that_the_site_offers_has_a_catalogue() -> None:
    assert sorted(source.parts[-3] for source in catalogues()) == sorted(OTHERS)


def test_nothing_is_empty_fuzzy_or_has_other_placeholders() -> None:
    assert faults() == []


@pytest.fixture(scope="module")
def used() -> dict[tuple[str, ...], Message]:
    """Every text that the code and the templates mark."""
    return keys(marked())


@pytest.mark.parametrize("language", OTHERS)
def test_every_marked_text_is_in_the_catalogue(language: str, used: dict[tuple[str, ...], Message]) -> None:
    there = keys(catalogue_of(language))
    missing = {key: message.locations for key, message in used.items() if key not in there}
    assert not missing, "Run `make messages`, then translate what is empty in the .po."


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogue_has_nothing_that_the_code_lost(language: str, used: dict[tuple[str, ...], Message]) -> None:
    assert [key for key in keys(catalogue_of(language)) if key not in used] == [], "Run `make messages`."


@pytest.mark.parametrize("language", OTHERS)
def test_no_legal_escrow_is_promised(language: str) -> None:
    words = " ".join(text for message in catalogue_of(language) for text in strings(message.string)).lower()
    assert not any(word in words for word in ("treuhand", "treuhänd", "escrow", "anderkonto"))


def test_the_compiled_german_knows_words_contexts_and_plurals() -> None:
    binary = BytesIO()
    write_mo(binary, catalogue_of("de"))
    binary.seek(0)
    german = gettext.GNUTranslations(binary)
    assert german.gettext("Basket") == "Warenkorb"
    assert german.gettext("Order") == "Bestellung"
    assert german.pgettext("sorting", "Order") == "Sortierung"
    assert [german.ngettext("%d photo added.", "%d photos added.", n) % n for n in (0, 1, 2)] == [
        "0 Fotos hinzugefügt.",
        "1 Foto hinzugefügt.",
        "2 Fotos hinzugefügt.",
    ]


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("Pay %(amount)s", "%(sum)s bezahlen"),
        ("Pay %(amount)s", "Bezahlen"),
        ("%d photos", "Fotos"),
        ("See {terms}", "Siehe AGB"),
        ("Read <a href='x'>it</a>", "Lesen Sie es"),
        (("%d photo", "%d photos"), ("%d Foto", "Fotos")),
    ],
)
def test_a_lost_placeholder_or_tag_is_noticed(english: str | tuple[str, ...], german: str | tuple[str, ...]) -> None:
    assert not carries_over(Message(english, german))


def test_marked_texts_are_found_in_code_also_inside_f_strings() -> None:
    code = '_("One " "text"); f"{gettext(\'Inside\')}"; ngettext("pot", "pots", n); pgettext_lazy("a", "b"); _(it)'
    assert {(found.context, found.text) for found in in_python(code)} == {
        (None, "One text"),
        (None, "Inside"),
        (None, ("pot", "pots")),
        ("a", "b"),
    }


def test_marked_texts_are_found_in_templates() -> None:
    page = """{% if x %}{% translate "Order" context "sorting" %}
        {% include "a.html" with text=_("Held") %}
      {% blocktranslate count left=n %}{{ left }} pot{% plural %}{{ left }} pots{% endblocktranslate %}{% endif %}"""
    assert {(found.context, found.text) for found in in_template(page)} == {
        ("sorting", "Order"),
        (None, "Held"),
        (None, ("%(left)s pot", "%(left)s pots")),
    }


CATALOGUE = """# Words.
msgid ""
msgstr ""
"Language: de\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Basket"
msgstr "Korb"

msgid "Gone long ago"
msgstr "Lange weg"
"""


def test_an_update_keeps_what_is_translated_and_leaves_the_new_empty(
    tmp_path: Path, used: dict[tuple[str, ...], Message]
) -> None:
    source = tmp_path / "de" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(CATALOGUE)
    waiting = update(source)
    after = source.read_text()
    assert waiting == len(used) - 1
    assert 'msgid "Basket"\nmsgstr "Korb"' in after
    assert "# Words." in after
    assert "Gone long ago" not in after


def test_the_taxes_and_fees_of_the_seeded_rules_have_german_names() -> None:
    """Each name in the file of rules is marked, or the bill at the door would mix two languages."""
    with (BASE / "listings" / "data" / "import_rules.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    taxes = {row["tax_name"] for row in rows} - {"", "none"}
    labels = [
        spec.split(":")[-1].partition(" (") for row in rows for spec in filter(None, row["import_fee"].split("|"))
    ]
    fees = {text.removesuffix(")") for name, _bracket, why in labels for text in (name, why) if text}
    assert taxes == set(TAXES)
    assert fees == set(FEES)


def test_numbers_in_sentences_are_written_as_in_german() -> None:
    with override("de"):
        assert percent(40) == "0,40"
    with override("en"):
        assert percent(40) == "0.40"
