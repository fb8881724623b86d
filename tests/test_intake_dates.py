"""Dates of every style are read by what their column shows."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.intake.dates import dates


def column(*cells):
    return pd.Series(list(cells), dtype="str")


def read(*cells, **options):
    days = dates(column(*cells), "Opened", **options).values
    return [None if pd.isna(day) else day.date().isoformat() for day in days]


def told(*cells, **options):
    return [next(filter(None, note.reason)) for note in dates(column(*cells), "Opened", **options).notes]


@pytest.mark.parametrize(
    "written",
    [
        "2019-08-02", "2019/08/02 00:00:00", "2019/8/2", "2019-08-02T23:30:00-08:00", "2019-08-02T00:30:00Z", "20190802", "2019.08.02",
        "2 Aug 2019", "2-Aug-19", "02 August 2019", "Aug 2, 2019", "August 2nd, 2019", "Fri, 2 Aug 2019 10:00:00", "02.08.2019", "2.8.19",
        "43679", "43679.5", "1564704000", "1564704000000", "۲۰۱۹/۰۸/۰۲",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(written):
    assert read(written) == ["2019-08-02"]
    assert told(written) == []


def test_a_part_above_twelve_decides_day_or_month_for_the_whole_column():
    assert read("3/4/2024", "25/12/2023") == ["2024-04-03", "2023-12-25"]
    assert read("3/4/2024", "12/25/2023") == ["2024-03-04", "2023-12-25"]
    assert told("3/4/2024", "25/12/2023") == told("3/4/2024", "12/25/2023") == []


def test_without_a_clear_cell_the_month_leads_with_a_doubt():
    assert read("3/4/2024", "5/5/2024") == ["2024-03-04", "2024-05-05"]
    assert told("3/4/2024") == ["Opened '3/4/2024' could be day/month or month/day: check it"]
    assert told("5/5/2024") == []


def test_a_person_can_say_that_the_day_leads():
    assert read("3/4/2024", day_first=True) == ["2024-04-03"]
    assert told("3/4/2024", day_first=True) == []


def test_a_column_in_both_orders_keeps_its_clear_days_and_doubts_the_others():
    cells = ("25/12/2023", "26/12/2023", "12/27/2023", "3/4/2024")
    assert read(*cells) == ["2023-12-25", "2023-12-26", "2023-12-27", "2024-04-03"]
    assert told(*cells) == ["Opened '3/4/2024' could be day/month or month/day: check it"]


@pytest.mark.parametrize("written", ["soon", "2019-13-01", "2019-02-30", "31/31/2020", "12", "1402/05/11", "99999999"])
def test_what_is_no_day_of_our_time_is_missing_and_said(written):
    assert read(written) == [None]
    assert told(written) == [f"Opened '{written}' isn't a date: left empty"]


def test_blanks_and_words_for_no_value_are_missing_without_a_word():
    assert read(None, "NA", "-") == [None, None, None]
    assert told(None, "NA", "-") == []


@settings(deadline=None, max_examples=30)
@given(days=st.lists(st.dates(pd.Timestamp("1950-01-01").date(), pd.Timestamp("2099-12-31").date()), min_size=1, max_size=20))
@pytest.mark.parametrize("style", ["%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%Y/%m/%d 00:00:00", "%B %d, %Y"])
def test_days_survive_being_written(style, days):
    assert read(*(day.strftime(style) for day in days)) == [day.isoformat() for day in days]
