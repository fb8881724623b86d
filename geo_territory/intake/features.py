"""GeoJSON and Parquet as tables of text; a shape becomes the point that represents it, in degrees."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
import shapely.geometry

from geo_territory.errors import FileError
from geo_territory.intake.raw import RawTable, finished, unique_headings, without_empty_columns
from geo_territory.projection import WGS84
from geo_territory.tables import ImportReport

LON_OF_SHAPE = "longitude of the shape"
LAT_OF_SHAPE = "latitude of the shape"
WHOLE_BELOW = 1e15


def read_geojson(content: bytes, name: str) -> RawTable:
    """Read a GeoJSON FeatureCollection: properties as text, shapes as points. Feature 1 is row 2.

    Raises FileError when it is cut short or isn't a FeatureCollection.
    """
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise FileError(f"{name} isn't sound JSON ({error}): it may be cut short. Export it again as GeoJSON in UTF-8.") from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise FileError(f"{name} isn't a GeoJSON FeatureCollection: export the accounts as points with their properties.")
    drawn = [_shape(feature.get("geometry"), name, number) for number, feature in enumerate(features, start=1)]
    shapes = gpd.GeoSeries(drawn, crs=_crs(document, name))
    properties = pd.DataFrame.from_records([feature.get("properties") or {} for feature in features])
    properties.index = _row_numbers(len(features))
    frame, facts = _as_text(properties)
    return _with_points(frame, shapes, name, facts)


def read_parquet(content: bytes, name: str) -> RawTable:
    """Read Parquet or GeoParquet as text. Raises FileError when it isn't Parquet or is damaged."""
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        geographic = b"geo" in (file.schema_arrow.metadata or {})
        table = gpd.read_parquet(io.BytesIO(content)) if geographic else file.read().to_pandas(types_mapper=_exact)
    except (pa.ArrowInvalid, OSError, ValueError) as error:
        raise FileError(f"{name} isn't a sound Parquet file ({error}): write it again, or use CSV.") from error
    shapes = table.geometry if isinstance(table, gpd.GeoDataFrame) else None
    if any(level is not None for level in table.index.names):
        table = table.reset_index()
    table.index = _row_numbers(len(table))
    frame, facts = _as_text(pd.DataFrame(table if shapes is None else table.drop(columns=shapes.name)))
    return finished(RawTable(name, frame, facts)) if shapes is None else _with_points(frame, shapes, name, facts)


def _row_numbers(rows: int) -> pd.RangeIndex:
    return pd.RangeIndex(2, 2 + rows, name=ImportReport.row)


def _exact(kind: pa.DataType) -> pd.ArrowDtype | None:
    """Keep whole numbers with gaps whole: as floats, long ids would lose digits."""
    return pd.ArrowDtype(kind) if pa.types.is_integer(kind) or pa.types.is_decimal(kind) else None


def _shape(geometry: Mapping[str, object] | None, name: str, number: int) -> shapely.Geometry | None:
    if geometry is None:
        return None
    try:
        return shapely.geometry.shape(geometry)
    except (KeyError, TypeError, ValueError, shapely.errors.ShapelyError) as error:
        raise FileError(f"{name}, feature {number}: its geometry can't be read ({error}). Export the file again.") from error


def _crs(document: Mapping[str, object], name: str) -> str:
    """Return the coordinate system a GeoJSON names in the old way; WGS 84 when it names none (RFC 7946)."""
    named = document.get("crs")
    try:
        return str(named["properties"]["name"]) if named else WGS84  # type: ignore[index]
    except (KeyError, TypeError) as error:
        raise FileError(f"{name}: its coordinate system (crs) can't be read. Export it in WGS 84 (EPSG:4326).") from error


def _with_points(frame: pd.DataFrame, shapes: gpd.GeoSeries, name: str, facts: tuple[str, ...]) -> RawTable:
    if shapes.crs is None:
        raise FileError(f"{name} names no coordinate system: write it again in WGS 84 (EPSG:4326).")
    placed = shapes.reset_index(drop=True)
    drawn = placed.notna() & ~placed.is_empty
    is_point = placed.geom_type == "Point"
    points = placed.where(is_point | ~drawn, placed.representative_point()).to_crs(WGS84)
    for heading, degrees in ((LON_OF_SHAPE, points.x), (LAT_OF_SHAPE, points.y)):
        frame[heading] = pd.array([repr(value) if ok else None for value, ok in zip(degrees, drawn, strict=True)], dtype="str")
    if others := int((drawn & ~is_point).sum()):
        facts = (*facts, f"{others:,} shape{' is' if others == 1 else 's are'} no point: a point inside stands for each.")
    frame, emptied = without_empty_columns(frame)
    return finished(RawTable(name, frame, (*facts, *emptied)))


def _as_text(table: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return columns as text, blanks as missing; columns that can't be text are left out and named."""
    headings, facts = unique_headings([str(column) for column in table.columns])
    columns = {heading: _column_text(table.iloc[:, at]) for at, heading in enumerate(headings)}
    kept = {heading: column for heading, column in columns.items() if column is not None}
    left_out = [heading for heading in headings if heading not in kept]
    if left_out:
        facts = (*facts, f"Columns that hold lists or bytes were left out: {', '.join(left_out)}.")
    return pd.DataFrame(kept, index=table.index), facts


def _column_text(column: pd.Series) -> pd.Series | None:
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S").str.removesuffix("T00:00:00").astype("str")
    if not pd.api.types.is_float_dtype(column.dtype) and column.dtype != object:
        return _blank_to_missing(column.astype("str").where(column.notna()))
    if column.map(lambda cell: isinstance(cell, bytes | list | dict | Sequence) and not isinstance(cell, str)).any():
        return None
    return _blank_to_missing(pd.Series([_cell_text(cell) for cell in column], index=column.index, dtype="str"))


def _cell_text(cell: object) -> str | None:
    if cell is None or cell != cell:
        return None
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < WHOLE_BELOW else repr(cell)
    return str(cell)


def _blank_to_missing(text: pd.Series) -> pd.Series:
    stripped = text.str.strip()
    return stripped.mask(stripped == "")
