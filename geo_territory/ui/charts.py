"""The charts of the screens."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from geo_territory.scorecard import BAND
from geo_territory.tables import Alternatives, HeadcountCurve, Scorecard, Staffing, Territories, TierSummary
from geo_territory.ui import grids, wording

ROW_PX = 26
BAND_COLOR = "#2e9e6b"
OUTSIDE_COLOR = "#d1495b"
INSIDE_COLOR = "#3b7dd8"


def balance_bars(rows: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Return the index of each territory (Scorecard joined with Territories) against the 85-115 band, heaviest first."""
    shown = pd.DataFrame(
        {
            "Territory": _labels(rows),
            "Index": rows[Scorecard.balance_index].astype(float).round(1),
            "Hours": rows[Scorecard.workload].round(0),
            "In the band": rows[Scorecard.in_band].map({True: "yes", False: "no"}),
        }
    ).sort_values("Index", ascending=False)
    top = max(BAND[1] + 15, float(shown["Index"].max(skipna=True)) * 1.05)
    y = alt.Y("Territory:N", sort=list(shown["Territory"]), title=None, axis=alt.Axis(labelLimit=180, minExtent=60))
    x = alt.X("Index:Q", scale=alt.Scale(domain=[0, top]), title="Index")
    inside = alt.condition("datum['In the band'] == 'yes'", alt.value(INSIDE_COLOR), alt.value(OUTSIDE_COLOR))
    band = alt.Chart(pd.DataFrame({"from": [BAND[0]], "to": [BAND[1]]})).mark_rect(color=BAND_COLOR, opacity=0.18)
    target = alt.Chart(pd.DataFrame({"at": [100.0]})).mark_rule(color=BAND_COLOR, strokeDash=[4, 3]).encode(x="at:Q")
    bars = alt.Chart(shown).mark_bar(height=14).encode(y=y, x=x, color=inside, tooltip=list(shown.columns))
    figures = alt.Chart(shown).mark_text(align="left", dx=4, color="gray").encode(y=y, x=x, text=alt.Text("Index:Q", format=".0f"))
    return alt.layer(band.encode(x="from:Q", x2="to:Q"), bars, figures, target).properties(height=ROW_PX * max(3, len(shown)) + 40)


def tier_shares(summary: pd.DataFrame) -> alt.Chart:
    """Return, per tier, its share of accounts beside its share of value (TierSummary)."""
    parts = {"Accounts": summary[TierSummary.accounts_share], "Value": summary[TierSummary.value_share]}
    shown = pd.concat(
        pd.DataFrame({"Tier": summary.index, "Of": name, "Share": share.to_numpy(float)}) for name, share in parts.items()
    ).dropna()
    return (
        alt.Chart(shown)
        .mark_bar()
        .encode(
            y=alt.Y("Of:N", title=None, sort=list(parts)),
            x=alt.X("Share:Q", stack=True, axis=alt.Axis(format="%"), title=None, scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("Tier:N", sort=list(summary.index), title="Tier"),
            order=alt.Order("Tier:N"),
            tooltip=["Tier", "Of", alt.Tooltip("Share:Q", format=".1%")],
        )
        .properties(height=110)
    )


def hours_bars(staffing: pd.DataFrame, labels: dict[str, str]) -> alt.LayerChart | alt.FacetChart:
    """Return hours the call plan needs per role, with a mark at the hours its people have (Staffing)."""
    shown = pd.DataFrame(
        {
            "Role": [labels.get(role, role) for role in staffing.index],
            "Needed": staffing[Staffing.hours].to_numpy(float).round(0),
            "There are": staffing[Staffing.capacity].to_numpy(float).round(0),
        }
    )
    y = alt.Y("Role:N", title=None, sort=None)
    fits = alt.condition("datum.Needed <= datum['There are']", alt.value(INSIDE_COLOR), alt.value(OUTSIDE_COLOR))
    bars = alt.Chart(shown).mark_bar(height=16).encode(y=y, x=alt.X("Needed:Q", title="Hours a year"))
    marks = alt.Chart(shown).mark_tick(thickness=3, size=28, color="gray").encode(y=y, x="There are:Q")
    return alt.layer(bars.encode(color=fits, tooltip=list(shown.columns)), marks).properties(height=40 * len(shown) + 40)


def trade_off(table: pd.DataFrame, recommended: int, balanced: str) -> alt.LayerChart | alt.FacetChart:
    """Return alternatives (Alternatives) by what changes hands, without a start by imbalance, against how compact they are.

    Each point bears the number of its alternative; that of number `recommended` stands out. `balanced` is what is shared out.
    """
    started = bool(table[Alternatives.disruption].notna().any())
    across = f"{wording.sentence(balanced)} that changes hands" if started else "Imbalance"
    shown = pd.DataFrame(
        {
            "Number": table[Alternatives.number].astype(str),
            "Alternative": table[Alternatives.label].map(wording.sentence),
            across: table[Alternatives.disruption if started else Alternatives.imbalance].astype(float),
            "Less compact": table[Alternatives.inertia_ratio].astype(float) - 1,
            "Imbalance": table[Alternatives.imbalance].astype(float),
            "Recommended": (table[Alternatives.number] == recommended).map(wording.yes),
        }
    )
    scale = alt.Scale(zero=False, nice=False, padding=22)
    points = alt.Chart(shown).encode(
        x=alt.X(across, type="quantitative", axis=_percents(shown[across]), scale=scale),
        y=alt.Y("Less compact:Q", title="Less compact than the best", axis=_percents(shown["Less compact"]), scale=scale),
        tooltip=["Number", "Alternative", *(alt.Tooltip(name, type="quantitative", format=".1%") for name in shown.select_dtypes(float))],
    )
    fill = alt.condition("datum.Recommended == 'yes'", alt.value(BAND_COLOR), alt.value(INSIDE_COLOR))
    circles = points.mark_circle(size=380, opacity=1, stroke="white", strokeWidth=1).encode(color=fill)
    numbers = points.mark_text(color="white", fontWeight="bold", fontSize=12).encode(text="Number:N")
    return alt.layer(circles, numbers).properties(height=320)


def _percents(shares: pd.Series) -> alt.Axis:
    """Return an axis of fractions in percent, as fine as they differ."""
    return alt.Axis(format=".0%" if np.ptp(shares) >= 0.04 else ".1%", tickCount=5)


def trade_off_sentence(table: pd.DataFrame) -> str:
    """Return the takeaway of the trade-off, for those who can't see it."""
    spread = wording.percent(table[Alternatives.inertia_ratio].max() - 1)
    price = "fewer changes of hands make" if table[Alternatives.disruption].notna().any() else "closer balance makes"
    return f"{wording.count(len(table), 'alternative')}: {price} territories up to {spread} less compact"


def headcount_charts(curve: pd.DataFrame, tolerance: float, asked: int) -> list[tuple[str, alt.LayerChart | alt.FacetChart, str]]:
    """Return (title, chart, takeaway) of each measure of a headcount curve (HeadcountCurve) by number of territories.

    `tolerance` is a fraction; `asked` the number of territories that the others are compared with.
    """
    worst = max(1.2 * tolerance, 1.05 * float(curve[HeadcountCurve.imbalance].max()))
    spread = curve.assign(**{HeadcountCurve.inertia_ratio: curve[HeadcountCurve.inertia_ratio] - 1})
    utilisation, imbalance = {"Utilisation": str(HeadcountCurve.utilisation)}, {"Imbalance": str(HeadcountCurve.imbalance)}
    return [
        ("Utilisation", _by_territories(curve, utilisation, limit=1.0), "Utilisation falls with the number of territories"),
        ("Hours that fit", _by_territories(curve, _fits(curve), domain=(0.0, 1.0)), "Share of the hours that fits, by tier"),
        ("Imbalance", _by_territories(curve, imbalance, limit=tolerance, domain=(0.0, worst)), "Imbalance against the tolerance"),
        (
            f"Compactness against {wording.count(asked, 'territory')}: lower is more compact",
            _by_territories(spread, {"Compactness": str(HeadcountCurve.inertia_ratio)}, limit=0.0),
            "How compact the territories are; lower is more compact",
        ),
    ]


def _fits(curve: pd.DataFrame) -> dict[str, str]:
    """Return the columns with the share of hours that fits, of all and of each tier, by what they are called."""
    tiers = {f"Tier {tier}": name for name in curve if (tier := grids.tier_that_fits(name)) is not None and curve[name].notna().any()}
    return {"All": str(HeadcountCurve.covered), **tiers}


def _by_territories(
    curve: pd.DataFrame, lines: dict[str, str], *, limit: float | None = None, domain: tuple[float, float] | None = None
) -> alt.LayerChart | alt.FacetChart:
    """Return shares by number of territories, a line for each of `lines`, and a dashed line at `limit`."""
    parts = [pd.DataFrame({"Territories": curve[HeadcountCurve.territories], "Of": of, "Share": curve[name]}) for of, name in lines.items()]
    shown = pd.concat(parts).astype({"Share": float}).dropna()
    scale = alt.Scale(zero=False) if domain is None else alt.Scale(domain=list(domain))
    y = alt.Y("Share:Q", title=None, axis=alt.Axis(format=".0%", tickCount=4), scale=scale)
    drawn = alt.Chart(shown).encode(x=alt.X("Territories:O", title=None, axis=alt.Axis(labelAngle=0)), y=y)
    many = alt.Color("Of:N", sort=list(lines), title=None, legend=alt.Legend(orient="bottom"))
    color = many if len(lines) > 1 else alt.value(INSIDE_COLOR)
    points = drawn.mark_line(point=True).encode(color=color, tooltip=["Territories", "Of", alt.Tooltip("Share:Q", format=".1%")])
    rules = (
        [] if limit is None else [alt.Chart(pd.DataFrame({"at": [limit]})).mark_rule(color=BAND_COLOR, strokeDash=[4, 3]).encode(y="at:Q")]
    )
    return alt.layer(points, *rules)


def band(rows: pd.DataFrame) -> pd.Series:
    """Return inside, above or below the 85-115 band, by territory; blank without an index."""
    index = rows[Scorecard.balance_index].astype(float)
    words = pd.Series("inside", index=rows.index).mask(index < BAND[0], "below").mask(index > BAND[1], "above")
    return words.where(index.notna())


def _labels(rows: pd.DataFrame) -> list[str]:
    names = rows[Territories.name].fillna("")
    return [f"{territory_id} {name}".strip() for territory_id, name in zip(rows.index, names, strict=True)]


def balance_sentence(rows: pd.DataFrame) -> str:
    """Return the takeaway of the balance bars, for those who can't see them."""
    inside = int(rows[Scorecard.in_band].sum())
    return f"{inside} of {wording.count(len(rows), 'territory')} lie in the 85 to 115 band"
