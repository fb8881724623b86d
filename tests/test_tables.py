"""Tables are declared once and name every fault."""

from datetime import date

import pandas as pd
import pytest

from geo_territory import table as table_module
from geo_territory import tables
from geo_territory.errors import TableError
from geo_territory.table import Table
from geo_territory.tables import Borders, Calls, Scorecard, Units

DECLARED = [t for t in vars(tables).values() if isinstance(t, type) and issubclass(t, Table) and t is not Table]


@pytest.mark.parametrize("table", DECLARED, ids=lambda t: t.__name__)
def test_every_table_can_be_empty_and_explains_its_columns(table):
    assert table.empty().empty
    assert all(c.description for c in table.to_schema().columns.values())


def test_a_faulty_table_names_all_its_faults_together():
    frame = pd.DataFrame({"unit_a": ["a", "b"], "border_m": [-1.0, 2.0]})
    with pytest.raises(TableError, match=r"border_m fails .* at \[0\].*'unit_b' is missing|'unit_b' is missing.*border_m fails"):
        Borders.check(frame)


def test_a_table_keeps_the_columns_a_person_brought():
    frame = pd.DataFrame({"unit_a": ["a"], "unit_b": ["b"], "border_m": [1], "crossing_km": [0], "note": ["ferry"]})
    assert Borders.check(frame)["note"].tolist() == ["ferry"]


def test_a_column_knows_its_unit():
    assert Scorecard.unit(Scorecard.workload) == "h/year"
    assert Units.unit(Units.kind) is None


ONE_CALL = {
    Calls.account_id: ["a1", "a2"], Calls.rep_id: ["R1", "R1"], Calls.role: ["outside", "outside"], Calls.channel: ["visit", "phone"],
    Calls.date: pd.to_datetime(["2024-03-01", "2024-03-02"]), Calls.outcome: ["met", "voicemail"], Calls.duration_min: [30.0, None],
}  # fmt: skip
CHANGED = {
    "as it is": {},
    "whole numbers": {Calls.duration_min: [30, 0]},
    "nothing known": {Calls.duration_min: [None, None], Calls.note: [None, None], Calls.logged_at: [None, None]},
    "dates as objects": {Calls.date: [date(2024, 3, 1), date(2024, 3, 2)]},
    "dates as text": {Calls.date: ["2024-03-01", "2024-03-02"]},
    "seconds": {Calls.date: pd.to_datetime(["2024-03-01", "2024-03-02"]).astype("datetime64[s]")},
    "a day too far": {Calls.date: pd.Series(["9999-01-01", "2024-03-02"], dtype="datetime64[s]").to_numpy()},
    "no day": {Calls.date: [pd.Timestamp("2024-03-01"), pd.NaT]},
    "below its bound": {Calls.duration_min: [-1.0, None]},
    "an unknown word": {Calls.channel: ["visit", "fax"]},
    "no account": {Calls.account_id: ["a1", None]},
    "numbers for text": {Calls.account_id: [1, 2]},
    "numbers in text": {Calls.duration_min: ["30", "x"]},
    "a column more": {"mine": [1, object()]},
}


@pytest.mark.parametrize("index", [["c1", "c2"], ["c1", "c1"], ["c1", None], [1, 2]], ids=str)
@pytest.mark.parametrize("changed", CHANGED.values(), ids=CHANGED.keys())
def test_the_short_way_to_check_a_table_says_what_the_long_one_says(changed, index, monkeypatch):
    ways = (table_module._sound, lambda *_: None)
    whole = pd.DataFrame(ONE_CALL | changed, index=pd.Index(index, name=Calls.call_id))
    for frame in (whole, whole.iloc[:0], whole.drop(columns=Calls.role)):
        said = []
        for short in ways:
            monkeypatch.setattr(table_module, "_sound", short)
            try:
                said.append(Calls.check(frame))
            except TableError as error:
                said.append(str(error))
        if isinstance(said[1], str):
            assert said[0] == said[1]
        else:
            pd.testing.assert_frame_equal(said[0], said[1])


def test_a_checked_table_can_be_written_in_without_changing_what_was_checked():
    frame = Calls.check(pd.DataFrame(ONE_CALL, index=pd.Index(["c1", "c2"], name=Calls.call_id)))
    again = Calls.check(frame)
    again.loc["c1", Calls.channel] = "email"
    assert frame.loc["c1", Calls.channel] == "visit"
    empty = Calls.empty()
    empty["mine"] = 1
    assert "mine" not in Calls.empty()
