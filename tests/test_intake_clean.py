"""Words, ids, postal codes, status and labels come clean, and say what was done to them."""

import pandas as pd
import pytest

from geo_territory.intake import clean
from geo_territory.intake.letters import folded_key, tier_labels
from geo_territory.reference.names import country_codes, state_codes, with_country
from geo_territory.tables import Accounts


def column(*cells):
    return pd.Series(list(cells), dtype="str")


def reasons(cleaned):
    """Return per row its outcomes and reasons, for reading."""
    told = [[] for _ in cleaned.values]
    for note in cleaned.notes:
        for row in note.rows.nonzero()[0]:
            told[row].append((note.outcome, note.reason if isinstance(note.reason, str) else note.reason[row]))
    return told


def listed(series):
    return [None if pd.isna(value) else value for value in series]


@pytest.mark.parametrize(
    ("short", "long"), [("001C000000o4OOI", "001C000000o4OOIIA2"), ("001C000000o4Ooi", "001C000000o4OoiIAE")], ids=["upper", "lower"]
)
def test_salesforce_ids_of_15_characters_become_18_and_stay_different(short, long):
    assert clean.salesforce_id_18(short) == long
    cleaned = clean.ids(column(short))
    assert listed(cleaned.values) == [long]
    assert reasons(cleaned)[0][0][0] == "fixed"


def test_a_column_of_other_ids_is_never_lengthened():
    ids = column("001C000000o4OOI", "ACME-7")
    assert listed(clean.ids(ids).values) == list(ids)


def test_ids_are_trimmed_and_keep_their_case_and_zeros():
    assert listed(clean.ids(column("  aB7 ", "0042", "AB7", "N/A", None)).values) == ["aB7", "0042", "AB7", None, None]


def test_ids_in_persian_digits_are_the_same_ids_in_latin_digits():
    assert listed(clean.ids(column("۱۲۳", "٤٥٦", "کد۷")).values) == ["123", "456", "کد۷"]


def test_an_id_that_excel_made_scientific_is_rejected_with_advice():
    cleaned = clean.ids(column("1.23E+10", "77"))
    ((outcome, reason),) = reasons(cleaned)[0]
    assert outcome == "rejected"
    assert "format the id column as text" in reason
    assert reasons(cleaned)[1] == []


def test_ids_that_became_decimals_lose_the_zero_only_if_all_did():
    assert listed(clean.ids(column("12.0", "13.0")).values) == ["12", "13"]
    assert listed(clean.ids(column("12.0", "13.5")).values) == ["12.0", "13.5"]


@pytest.mark.parametrize(
    ("written", "expected", "outcome"),
    [
        ("2139", "02139", "fixed"),
        ("2139.0", "02139", "fixed"),
        ("501", "00501", "fixed"),
        ("02139-4307", "02139", None),
        ("2139-4307", "02139", "fixed"),
        ("021394307", "02139", None),
        ("۰۲۱۳۹", "02139", None),
        (" 90210 ", "90210", None),
        ("NOT AVAILABLE", None, None),
        ("9.0E+04", None, "warned"),
        ("ABCDE", "ABCDE", "warned"),
        ("00000", "00000", "warned"),
    ],
)
def test_a_zip_code_regains_five_digits(written, expected, outcome):
    cleaned = clean.postal_codes(column(written), column("US"))
    assert listed(cleaned.values) == [expected]
    assert [told[0] for told in reasons(cleaned)[0]] == ([outcome] if outcome else [])


@pytest.mark.parametrize(("postal", "country"), [("K1A 0B1", "CA"), ("2139", "AU"), ("2139", None), ("1010", "AT")])
def test_a_postal_code_outside_the_zip_countries_is_untouched(postal, country):
    cleaned = clean.postal_codes(column(postal), column(country))
    assert listed(cleaned.values) == [postal]
    assert reasons(cleaned) == [[]]


@pytest.mark.parametrize("word", ["N/A", "NOT AVAILABLE", "-", "#REF!", "null", "NaN", "#N/A", "####", " — ", "none"])
def test_a_word_for_no_value_is_missing(word):
    assert clean.is_missing_word(column(word, "a")).tolist() == [True, False]
    assert listed(clean.words(column(word)).values) == [None]


@pytest.mark.parametrize("state", ["ND", "NE", "NA", "NC", "OR", "IN"])
def test_a_state_code_is_no_word_for_no_value_except_na(state):
    assert listed(clean.words(column(state)).values) == [None if state == "NA" else state]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("OPEN", "customer"), ("Customer - Direct", "customer"), ("active", "customer"), (None, "customer"), ("مشتری", "customer"),
        ("Prospect", "prospect"), ("lead", "prospect"), ("marketingqualifiedlead", "prospect"),
        ("CLOSED", "closed"), ("Inactive", "closed"), ("permanently_closed", "closed"), ("غيرفعال", "closed"),
    ],
)  # fmt: skip
def test_status_words_of_many_systems_are_understood(word, status):
    cleaned = clean.statuses(column(word), "STATUS")
    assert listed(cleaned.values) == [status]
    assert reasons(cleaned) == [[]]


def test_an_unknown_status_is_a_customer_with_a_doubt():
    cleaned = clean.statuses(column("Zwielicht"), "STATUS")
    assert listed(cleaned.values) == ["customer"]
    assert reasons(cleaned) == [[("warned", "STATUS 'Zwielicht' isn't known: taken as a customer")]]


def test_countries_are_known_by_code_and_by_name():
    written = column("US", "usa", "U.S.A.", "United States of America", "DEU", "Iran", "ایران", "Côte d'Ivoire", "PRI", "Narnia", None)
    assert listed(country_codes(written)) == ["US"] * 4 + ["DE", "IR", "IR", "CI", "PR", None, None]


def test_states_are_known_by_code_and_by_name():
    assert listed(state_codes(column("ma", "Massachusetts", "D.C.", "AE", "Ontario"))) == ["MA", "MA", "DC", "AE", None]


@pytest.mark.parametrize(
    ("state", "postal", "country"),
    [
        ("MA", "02139", "US"),
        ("MA", "2139", "US"),
        ("Massachusetts", None, "US"),
        (None, "90210", "US"),
        ("WA", "6000", None),
        ("ON", "K1A 0B1", None),
        (None, None, None),
        ("Bayern", "80331", None),
    ],
)
def test_without_a_country_the_state_and_the_zip_code_tell_the_united_states(state, postal, country):
    place = pd.DataFrame({Accounts.country: column(None), Accounts.state: column(state), Accounts.postal_code: column(postal)})
    assert listed(with_country(place)) == [country]


@pytest.mark.parametrize("label", ["الف", "A", " a ", "tier_1", "Tier A", "1", "۱"])
def test_every_spelling_of_the_best_tier_is_a(label):
    assert listed(tier_labels(column(label))) == ["A"]


def test_headings_are_compared_without_case_spaces_and_arabic_spelling():
    assert folded_key("Billing Zip/Postal Code") == folded_key("billing_zip postal-CODE")
    assert folded_key("كد پستي") == folded_key("کد‌پستی")
