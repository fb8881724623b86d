"""Files of every kind are read as text; a file that can't be read says what is wrong and what to do."""

import gzip
import io
import json
import struct

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from geo_territory.errors import FileError
from geo_territory.intake import propose_headings, read_bytes, read_table
from geo_territory.intake.features import LAT_OF_SHAPE, LON_OF_SHAPE
from geo_territory.tables import Accounts

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" * 40


def csv(text, encoding="utf-8", name="accounts.csv"):
    return read_bytes(name, text.encode(encoding))


def cells(table):
    """Return the rows with their numbers, blanks as None."""
    rows = zip(table.frame.index, table.frame.to_numpy(), strict=True)
    return {row: [None if pd.isna(cell) else cell for cell in values] for row, values in rows}


def workbook(*rows, sheets=("Accounts",)):
    book = openpyxl.Workbook()
    book.active.title = sheets[0]
    for row in rows:
        book.active.append(row)
    for name in sheets[1:]:
        book.create_sheet(name)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


# text ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_text_is_read_in_its_encoding(encoding):
    table = csv("id,name,city\n1,Müller & Söhne,Zürich\n2,Café Réunion,Besançon\n", encoding)
    assert cells(table) == {2: ["1", "Müller & Söhne", "Zürich"], 3: ["2", "Café Réunion", "Besançon"]}


def test_persian_text_of_old_windows_is_read():
    table = csv("شناسه,نام,شهر\n1,شركت نفت,تهران\n2,بازرگانى البرز,شيراز\n", "cp1256")
    assert cells(table)[2] == ["1", "شركت نفت", "تهران"]


def test_one_broken_byte_does_not_garble_the_other_names():
    content = "id,name\n" + "".join(f"{row},Zürich {row}\n" for row in range(40))
    table = read_bytes("accounts.csv", content.encode() + b"99,Z\xfcrich\n")
    assert cells(table)[2] == ["0", "Zürich 0"]
    assert "unreadable" in table.facts[0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter_is_found(delimiter):
    lines = ["id,lat,lon,name", "1,39.95,-75.16,Ann", "2,40.10,-74.20,Bob"]
    assert cells(csv("\n".join(lines).replace(",", delimiter)))[2] == ["1", "39.95", "-75.16", "Ann"]


@pytest.mark.parametrize("row", ["1;Smith, Ann;2,5", "1;Smith, Ann, Dr;2"])
def test_commas_in_text_do_not_pass_for_delimiters(row):
    assert len(csv(f"id;name, first;value\n{row}\n2;Bo, Al;7\n").frame.columns) == 3


def test_decimal_commas_do_not_pass_for_delimiters():
    assert cells(csv("id;lat;lon\n1;39,95;-75,16\n2;40,1;-74,2\n"))[2] == ["1", "39,95", "-75,16"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_quoted_line_breaks_stay_in_their_cell_and_in_one_row(ending):
    table = csv(ending.join(["id,note", '1,"two', 'lines, one ""cell"""', "2,plain"]) + ending)
    assert cells(table)[2][1].split() == ["two", "lines,", "one", '"cell"']
    assert cells(table)[3] == ["2", "plain"]


def test_a_file_without_a_last_line_break_loses_nothing():
    assert cells(csv('id,note\n1,"last"')) == {2: ["1", "last"]}


def test_blank_rows_are_skipped_and_the_others_keep_their_numbers():
    table = csv("id,name\n1,Ann\n\n , \n4,Dan\n,\n\n\n")
    assert cells(table) == {2: ["1", "Ann"], 5: ["4", "Dan"]}
    assert any("2 blank rows" in fact for fact in table.facts)


def test_blank_and_repeated_headings_get_names_of_their_own():
    table = csv("id,name,,name,name (2)\n1,a,b,c,d\n")
    assert list(table.frame.columns) == ["id", "name", "column 3", "name (3)", "name (2)"]


def test_zip_codes_keep_their_zeros_and_ids_their_digits():
    assert cells(csv("id,zip\n00000000000000000123,02139\n"))[2] == ["00000000000000000123", "02139"]


def test_titles_above_the_headings_are_left_aside():
    table = csv("Accounts of the East\n\nid,name,zip\n1,Ann,02139\n")
    assert cells(table) == {4: ["1", "Ann", "02139"]}
    assert "The headings are in row 3" in table.facts[0]


def test_a_row_with_too_many_cells_is_told_and_not_shifted_into_wrong_columns():
    table = csv("id,name,zip\n1,Ann,02139\n2,Smith, Jones,02140\n3,Bob,02141,,\n")
    assert list(cells(table)) == [2, 4]
    assert "4 cells, the heading 3" in table.broken[3]


def test_a_row_that_ends_early_is_kept_with_a_doubt():
    table = csv("id,name,zip\n1,Ann\n")
    assert cells(table) == {2: ["1", "Ann"]}
    assert "after 2 of 3 cells" in table.doubted[2]


def test_five_thousand_empty_columns_are_left_out_and_said():
    heading = ",".join(["id", *(f"c{at}" for at in range(5000))])
    table = csv("\n".join([heading, *(f"{row}," + "," * 4999 for row in range(50))]))
    assert list(table.frame.columns) == ["id"]
    assert table.facts == ("5,000 empty columns left out (c0, c1, c2 …).",)


def test_a_gzip_file_is_read_whatever_its_name_says():
    packed = gzip.compress(b"id,zip\n1,02139\n")
    assert cells(read_bytes("a.csv.gz", packed)) == cells(read_bytes("a.csv", packed)) == {2: ["1", "02139"]}


# sheets -------------------------------------------------------------------------------------------------------------------------


def test_a_sheet_is_read_below_its_titles_as_typed():
    first, last = [7, "02139", 1.5, pd.Timestamp("2020-01-02")], ["x", 2139, 12345678901234, None]
    table = read_bytes("a.xlsx", workbook(["Report"], [], ["id", "zip", "sales", "since"], first, [], last))
    assert cells(table) == {4: ["7", "02139", "1.5", "2020-01-02"], 6: ["x", "2139", "12345678901234", None]}


def test_the_other_sheets_are_named():
    assert "Sheet 'Accounts' was read" in read_bytes("a.xlsx", workbook(["id"], [1], sheets=("Accounts", "Notes"))).facts[0]


# shapes -------------------------------------------------------------------------------------------------------------------------


def features(*pairs, **more):
    rows = [{"type": "Feature", "properties": properties, "geometry": geometry} for properties, geometry in pairs]
    return json.dumps({"type": "FeatureCollection", "features": rows} | more).encode()


def test_geojson_points_become_columns_that_win_over_others():
    point = {"type": "Point", "coordinates": [-71.1, 42.36]}
    table = read_bytes("a.geojson", features(({"id": 1, "zip": "02139", "lat": "9"}, point), ({"id": 2}, None)))
    assert table.frame.loc[2].tolist() == ["1", "02139", "9", "-71.1", "42.36"]
    assert propose_headings(list(table.frame.columns))[Accounts.lat] == LAT_OF_SHAPE
    assert table.frame.loc[3].isna().sum() == 4


def test_a_polygon_is_stood_for_by_a_point_inside():
    square = shapely.box(-71, 42, -70, 43)
    table = read_bytes("a.geojson", features(({"id": 1}, shapely.geometry.mapping(square))))
    assert square.contains(shapely.Point(float(table.frame[LON_OF_SHAPE][2]), float(table.frame[LAT_OF_SHAPE][2])))
    assert "a point inside" in table.facts[0]


def test_geojson_in_metres_becomes_degrees():
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    table = read_bytes("a.geojson", features(({"id": 1}, {"type": "Point", "coordinates": [-13318894.7592, 4346975.4443]}), crs=crs))
    assert float(table.frame[LAT_OF_SHAPE][2]) == pytest.approx(36.33616, abs=1e-4)


def test_parquet_is_read_as_text(tmp_path):
    since = pd.to_datetime(["2020-01-02", None])
    frame = pd.DataFrame({"id": ["a", "b"], "zip": ["02139", None], "beds": [7, None], "n": [2**62, 1], "since": since})
    frame.astype({"beds": "Int64"}).to_parquet(tmp_path / "a.parquet")
    assert cells(read_table(tmp_path / "a.parquet")) == {2: ["a", "02139", "7", str(2**62), "2020-01-02"], 3: ["b", None, None, "1", None]}


def test_geoparquet_points_become_columns(tmp_path):
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(-71.1, 42.36)], crs=4326).to_crs(3857)
    frame.to_parquet(tmp_path / "a.parquet")
    table = read_table(tmp_path / "a.parquet")
    assert float(table.frame[LON_OF_SHAPE][2]) == pytest.approx(-71.1)


# files that can't be read -------------------------------------------------------------------------------------------------------

BAD = {
    "empty": ("a.csv", b"", "is empty"),
    "blank": ("a.csv", b"\n \n,,\n", "no row with text"),
    "header only": ("a.csv", b"id,name\n", "headings (id, name) but no rows"),
    "no headings": ("a.csv", b"1,39.95,-75.16\n2,40.1,-74.2\n", "row 1 looks like data"),
    "picture": ("a.csv", PICTURE, "isn't text but a picture"),
    "renamed workbook": ("a.csv", workbook(["id"], [1]), "rename it to .xlsx"),
    "binary": ("a.csv", bytes(range(32)) * 40, "isn't text"),
    "open quote": ("a.csv", b'id,name\n1,"Ann\n2,Bob\n', "row 2: a quotation mark is opened and never closed"),
    "endless cell": ("a.csv", b'id,name\n1,"' + b"x" * 200_000 + b"\n", "row 2"),
    "truncated gzip": ("a.csv.gz", gzip.compress(b"id,zip\n1,02139\n" * 999)[:-30], "cut short"),
    "no gzip": ("a.csv.gz", b"\x1f\x8bnope and more bytes", "gzip"),
    "suffix": ("a.docx", b"x", "can't be read"),
    "no suffix": ("accounts", b"id\n1\n", "can't be read"),
    "broken workbook": ("a.xlsx", workbook(["id"], [1])[:900], "isn't a sound Excel workbook"),
    "picture as workbook": ("a.xlsx", PICTURE, "isn't a sound Excel workbook"),
    "locked workbook": ("a.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    "empty workbook": ("a.xlsx", workbook(), "no sheet with anything"),
    "sheet of headings": ("a.xlsx", workbook(["id", "name"]), "but no rows"),
    "truncated GeoJSON": ("a.geojson", features(({"id": 1}, None))[:-9], "isn't sound JSON"),
    "other JSON": ("a.json", b'{"rows": []}', "isn't a GeoJSON FeatureCollection"),
    "bad shape": ("a.geojson", features(({"id": 1}, {"type": "Point"})), "feature 1"),
    "no features": ("a.geojson", features(), "no rows"),
    "bad Parquet": ("a.parquet", b"PAR1" + struct.pack("<I", 9) * 9, "isn't a sound Parquet file"),
    "text as Parquet": ("a.parquet", b"id,zip\n1,02139\n", "isn't a sound Parquet file"),
}


@pytest.mark.parametrize(("name", "content", "message"), BAD.values(), ids=BAD.keys())
def test_a_file_that_is_no_list_says_what_it_is(name, content, message):
    with pytest.raises(FileError) as error:
        read_bytes(name, content)
    assert name in str(error.value)
    assert message in str(error.value)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path):
    with pytest.raises(FileError, match="There is no file"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(FileError, match="is a folder"):
        read_table(tmp_path)
