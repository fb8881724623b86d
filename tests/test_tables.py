"""Tables are declared once and name every fault."""

import pandas as pd
import pytest

from geo_territory import tables
from geo_territory.errors import TableError
from geo_territory.table import Table
from geo_territory.tables import Borders, Scorecard, Units

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
