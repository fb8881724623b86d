"""Numbers of every style are read by what their column shows."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.intake.numerals import currencies, decimal_comma, numbers


def column(*cells):
    return pd.Series(list(cells), dtype="str")


def read(*cells, **options):
    return [None if pd.isna(value) else value for value in numbers(column(*cells), "Sales", **options).values]


def told(*cells, **options):
    return [next(filter(None, note.reason)) for note in numbers(column(*cells), "Sales", **options).notes]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1,234.56", 1234.56),
        ("1.234,56", 1234.56),
        ("1 234,56 €", 1234.56),
        ("1 234,56", 1234.56),
        ("1'234.50", 1234.50),
        ("1’234.50", 1234.50),
        ("(1,234)", -1234),
        ("(1,234.50)", -1234.5),
        ("$1,200", 1200),
        ("USD 1,200.00", 1200),
        ("1200 EUR", 1200),
        ("۱۲۳", 123),
        ("۱۲۳٬۴۵۶", 123456),
        ("۱۲٫۵", 12.5),
        ("٣٫٢٥", 3.25),
        ("39,95", 39.95),
        ("0,125", 0.125),
        ("1234,567", 1234.567),
        ("12,34,567.5", 1234567.5),
        ("1.234.567", 1234567),
        ("1,234,567", 1234567),
        ("-3.5", -3.5),
        ("−3.5", -3.5),
        ("5-", -5),
        ("+7", 7),
        (".5", 0.5),
        ("1e3", 1000),
        ("007", 7),
        ("\u200e12\u200f", 12),
    ],
)
def test_a_number_is_read_in_the_style_it_is_written(written, value):
    assert read(written) == [pytest.approx(value)]


@pytest.mark.parametrize("written", ["abc", "1.5M", "12/5", "1,2,3", "1.2.3", "1,23.45.6", "--5", "(5", "1 or 2", "1e999", "2024-01-02"])
def test_what_is_no_number_is_missing_and_said(written):
    assert read(written) == [None]
    assert told(written) == [f"Sales '{written}' isn't a number: left empty"]


@pytest.mark.parametrize("word", ["N/A", "-", "#REF!", "NOT AVAILABLE"])
def test_a_word_for_no_value_is_missing_and_said(word):
    assert read(word, "5") == [None, 5]
    assert told(word, "5") == [f"Sales '{word}' means missing"]


def test_a_blank_is_missing_without_a_word():
    assert read(None, "5") == [None, 5]
    assert told(None, "5") == []


def test_minus_999_is_missing_only_where_nothing_can_be_negative():
    assert read("-999", "-9999", "-5", at_least_zero=True) == [None, None, -5]
    assert read("-999") == [-999]
    assert told("-999", at_least_zero=True) == ["Sales -999 means missing"]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (("1,234", "2,5"), [1.234, 2.5]),
        (("1,234", "2.5"), [1234, 2.5]),
        (("1,234", "1,234.50"), [1234, 1234.5]),
        (("1,234", "1.234,50"), [1.234, 1234.5]),
        (("1.234", "5,5"), [1234, 5.5]),
        (("1.234", "5.5"), [1.234, 5.5]),
        (("1,234", "1.234.567"), [1.234, 1234567]),
        (("1,234", "1,234,567"), [1234, 1234567]),
    ],
)
def test_the_column_decides_what_a_lone_separator_means(cells, values):
    assert read(*cells) == pytest.approx(values)
    assert told(*cells) == []


def test_a_lone_thousand_is_read_as_one_with_a_doubt():
    assert read("1,234") == [1234]
    assert "check whether its separator marks thousands" in told("1,234")[0]


def test_what_the_file_shows_elsewhere_settles_a_lone_separator():
    assert read("1,234", comma_decimal=True) == [1.234]
    assert read("1,234", comma_decimal=False) == [1234]
    assert told("1,234", comma_decimal=True) == []
    assert decimal_comma([column("7"), column("39,95", "1,234")]) is True
    assert decimal_comma([column("7", "1,234")]) is None
    assert decimal_comma([]) is None


def test_many_lone_thousands_settle_each_other():
    assert told("1,234", "2,345", "3,456", "4,567", "5,678") == []


def test_a_column_in_two_styles_follows_the_majority_with_a_doubt():
    cells = ("1,234.5", "2,345.5", "1.234,5", "7,890")
    assert read(*cells) == [1234.5, 2345.5, 1234.5, 7890]
    assert "check whether" in told(*cells)[0]


def test_currencies_in_a_column_are_named():
    assert currencies(column("$5", "US$ 7", "5 EUR", "12 €", "3", None)) == ["EUR", "USD"]
    assert currencies(column("5", "6")) == []


STYLES = {"american": (",", "."), "german": (".", ","), "french": ("\u202f", ","), "swiss": ("'", "."), "persian": ("٬", "٫")}


def written(value, thousands, decimal):
    return f"{value:,.2f}".translate({ord(","): thousands, ord("."): decimal})


@settings(deadline=None, max_examples=60)
@given(
    style=st.sampled_from(sorted(STYLES)),
    cents=st.lists(st.integers(-(10**11), 10**11), min_size=1, max_size=30),
)
def test_amounts_with_cents_survive_being_written_in_any_style(style, cents):
    amounts = [value / 100 for value in cents]
    text = column(*(written(amount, *STYLES[style]) for amount in amounts))
    assert numbers(text, "Sales").values.tolist() == pytest.approx(amounts, abs=1e-6)
    assert numbers(text, "Sales").notes == ()


@settings(deadline=None, max_examples=60)
@given(cells=st.lists(st.text(max_size=12) | st.none(), max_size=20))
def test_any_text_gives_finite_numbers_or_nothing(cells):
    values = numbers(column(*cells), "Sales").values
    assert len(values) == len(cells)
    assert values.dropna().abs().lt(float("inf")).all()
