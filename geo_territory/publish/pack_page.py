"""The page of a hand-over pack: HTML for A4, every word of it escaped, no script and no address."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from geo_territory.cycle_tables import GAINED, KEPT, LOST
from geo_territory.maps.territory_picture import mark
from geo_territory.tables import RepChanges

STYLE = Path(__file__).parent / "hand_over.css"
CHANNEL_WORDS = {"visit": "Visit", "video": "Video call", "phone": "Phone call", "email": "Email"}
CALLED_BY = {"visit": "visit", "video": "video", "phone": "phone", "email": "email"}
CADENCE_WORDS = {
    "weekly": "every week",
    "biweekly": "every two weeks",
    "monthly": "every month",
    "bimonthly": "every two months",
    "quarterly": "every quarter",
    "semiannual": "twice a year",
    "annual": "once a year",
}
STRETCHED = 1.0 + 1e-9  # above it the calls need more hours than there are
PURPOSE = "For planning and handing over calls. It holds addresses of accounts: keep it to yourself, and away when the hand-over is done."


@dataclass(frozen=True, eq=False)
class Pack:
    """What one person's page says, in plain text and figures; `totals` is their row of RepChanges, `picture` an SVG or ""."""

    person: str
    role: str
    title: str
    origin: str
    as_of: str
    notes: tuple[str, ...]
    totals: pd.Series
    tiers: list[tuple[str, int, int, int, int]]
    lines: list[tuple[str, str, str, int, float, float]]
    gained: list[dict[str, Any]]
    kept: list[dict[str, Any]]
    lost: list[dict[str, Any]]
    closed: list[dict[str, Any]]
    picture: str


def pack_page(pack: Pack) -> str:
    """Return the page as one HTML file."""
    style = STYLE.read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    body = "".join(
        (_header(pack), _figures(pack), _notes(pack), _map(pack), _pair(pack), _gained(pack), _lost(pack), _closed(pack), _kept(pack))
    )
    return _PAGE.format(
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        title=_text(f"{pack.person}: {pack.title}"),
        style=style,
        body=body,
        footer=_text(f"{pack.person} · {pack.origin} · calls counted up to {pack.as_of}. {PURPOSE}"),
    )


def _text(words: object) -> str:
    """Return words as text of HTML."""
    return html.escape(str(words))


def _count(amount: float) -> str:
    return f"{amount:,.0f}"


def _header(pack: Pack) -> str:
    title = f'<h1 dir="auto">{_text(pack.title)}</h1><p dir="auto"><b>{_text(pack.person)}</b>, {_text(pack.role)}</p>'
    return f'<header>{title}<p class="soft" dir="auto">{_text(pack.origin)}</p></header>'


def _figures(pack: Pack) -> str:
    """Return the four counts, and a sentence when the calls need more hours than there are."""
    totals = pack.totals
    told = (
        ("gained", "Come to you", totals[RepChanges.gained]),
        ("lost", "Go to others", totals[RepChanges.lost] - totals[RepChanges.closed]),
        ("kept", "Stay with you", totals[RepChanges.kept]),
        ("held", "Yours from then on", totals[RepChanges.gained] + totals[RepChanges.kept]),
    )
    boxes = "".join(f'<div class="{kind}"><dt>{words}</dt><dd>{_count(amount)}</dd></div>' for kind, words, amount in told)
    return f'<dl class="figures">{boxes}</dl>{_hours(totals)}'


def _hours(totals: pd.Series) -> str:
    needed, there = totals[RepChanges.hours_after], totals[RepChanges.capacity]
    if pd.isna(there) or there <= 0:
        return f"<p>The planned calls take about {_count(needed)} hours a year, travel estimated.</p>"
    share = needed / there
    told = f"The planned calls take about {_count(needed)} hours a year, travel estimated; you have {_count(there)}: {share:.0%}.".replace(
        "%", "\u00a0%"
    )
    if share <= STRETCHED:
        return f"<p>{_text(told)}</p>"
    return f'<p class="warn">{_text(told)} That is more than fits: agree with your manager which calls come first.</p>'


def _notes(pack: Pack) -> str:
    return "".join(f'<div class="note" dir="auto">{_text(note)}</div>' for note in pack.notes)


def _map(pack: Pack) -> str:
    if not pack.picture:
        return ""
    signs = ((GAINED, "comes to you"), (LOST, "goes to others"), (KEPT, "stays with you"))
    keys = "".join(f'<span><svg viewBox="0 0 14 14" aria-hidden="true">{mark(kind, 7, 7)}</svg> {words}</span>' for kind, words in signs)
    sources = "<span>Places: GeoNames. Borders: Natural Earth, US Census Bureau.</span>"
    return f"<figure>{pack.picture}<figcaption>{keys}{sources}</figcaption></figure>"


def _pair(pack: Pack) -> str:
    """Return the counts by tier and the plan beside each other, so that both are on the first page."""
    return f'<div class="pair">{_tiers(pack)}{_plan(pack)}</div>'


def _tiers(pack: Pack) -> str:
    rows = [[_cell(label, "tier"), *(_cell(_count(n), "number") for n in counts)] for label, *counts in pack.tiers if any(counts)]
    if not rows:
        return ""
    head = ["Tier", *(f"#{words}" for words in ("Come", "Go", "Stay", "Yours then"))]
    return f"<section><h2>By tier</h2>{_table(head, rows, 'tiers')}</section>"


def _plan(pack: Pack) -> str:
    """Return how often to call, by tier and channel."""
    if not pack.lines:
        return "<section><h2>Your plan</h2><p>No calls are planned on these accounts.</p></section>"
    rows = [
        [
            _cell(tier, "tier"),
            _cell(f"{CHANNEL_WORDS[channel]} {CADENCE_WORDS.get(cadence, f'{calls:g} times a year')}"),
            _cell(_count(accounts), "number"),
            _cell(_count(total), "number"),
        ]
        for tier, channel, cadence, accounts, calls, total in pack.lines
    ]
    return f"<section><h2>Your plan</h2>{_table(['Tier', 'How often', '#Accounts', '#Calls a year'], rows, 'plan')}</section>"


def _gained(pack: Pack) -> str:
    if not pack.gained:
        return "<section><h2>Come to you</h2><p>No account comes to you.</p></section>"
    reasons = _Reasons()
    rows = [
        [
            _cell(row["tier"], "tier"),
            _site(row, row["phone"]),
            _cell(_count(row["value"]) if pd.notna(row["value"]) else "", "number"),
            _cell(row["from"]),
            _last(row["last"], row["from"]),
            _due(row),
            _cell(reasons.number(row["why"]), "number"),
            '<td><span class="box"></span></td>',
        ]
        for row in pack.gained
    ]
    head = ["Tier", "Account", "#Value a year", "From", "Last call", "Next due", "#Why", "Met"]
    lead = "Before the first call ask who served it so far what is open. Tick each account once you have introduced yourself."
    return _long(f"Come to you ({_count(len(rows))})", lead, _table(head, rows, "come"), reasons)


def _lost(pack: Pack) -> str:
    if not pack.lost:
        return "<section><h2>Go to others</h2><p>No account of yours goes to anybody else.</p></section>"
    reasons = _Reasons()
    rows = [
        [_site(row), _cell(row["to"]), _cell(reasons.number(row["why"]), "number"), '<td><span class="box"></span></td>']
        for row in pack.lost
    ]
    lead = "Tell who takes over what is open, and say goodbye. Tick each account once it is handed over."
    return _long(f"Go to others ({_count(len(rows))})", lead, _table(["Account", "To", "#Why", "Done"], rows), reasons)


def _closed(pack: Pack) -> str:
    if not pack.closed:
        return ""
    rows = [[_site(row), _cell(row["why"])] for row in pack.closed]
    return f"<section><h2>Are no more ({_count(len(rows))})</h2>{_table(['Account', 'Why'], rows)}</section>"


def _kept(pack: Pack) -> str:
    """Return what stays, in short lines: tier, name, town and when it is due."""
    if not pack.kept:
        return ""
    lines = "".join(
        f'<li dir="auto"><b>{_text(row["tier"])}</b><span>{_text(row["name"])}{_unless_named(row)}</span>{_when(row)}</li>'
        for row in pack.kept
    )
    title = f"<h2>Stay with you ({_count(len(pack.kept))})</h2>"
    return f'<section class="long">{title}<p class="soft">With the day each is due next.</p><ul class="stay">{lines}</ul></section>'


def _unless_named(row: dict[str, Any]) -> str:
    """Return the town, unless the name ends with it."""
    town = row["town"]
    return f' <span class="soft">{_text(town)}</span>' if town and not str(row["name"]).lower().endswith(town.lower()) else ""


def _when(row: dict[str, Any]) -> str:
    if not row["planned"]:
        return ""
    if pd.isna(row["due"]):
        return '<span class="due late">first call</span>'
    return f'<span class="due late">{_day(row["due"])}, late</span>' if row["late"] else f'<span class="due">{_day(row["due"])}</span>'


class _Reasons:
    """Numbers the reasons in the order they are met, so that a table needs a column of numbers only."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}

    def number(self, reason: str) -> str:
        return str(self.seen.setdefault(reason, len(self.seen) + 1)) if reason else ""

    def list(self) -> str:
        if not self.seen:
            return ""
        return f'<h3 class="soft">Why</h3><ol class="reasons">{"".join(f"<li>{_text(reason)}</li>" for reason in self.seen)}</ol>'


def _long(title: str, lead: str, table: str, reasons: _Reasons) -> str:
    return f'<section class="long"><h2>{title}</h2><p class="soft">{lead}</p>{table}{reasons.list()}</section>'


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    """Return a table of cells that are HTML; a heading that begins with # stands over figures."""
    cells = "".join(
        f'<th scope="col" class="number">{name[1:]}</th>' if name.startswith("#") else f'<th scope="col">{name}</th>' for name in head
    )
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f'<div class="wide"><table class="{kind}"><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(words: object, kind: str = "") -> str:
    return f'<td class="{kind}" dir="auto">{_text(words)}</td>' if kind else f'<td dir="auto">{_text(words)}</td>'


def _site(row: dict[str, Any], phone: str = "") -> str:
    where = f'<span class="soft">{_text(row["place"])}</span>' if row["place"] else ""
    ring = f'<span class="soft" dir="ltr">{_text(phone)}</span>' if phone else ""
    return f'<td class="site" dir="auto"><b>{_text(row["name"])}</b>{where}{ring}</td>'


def _last(last: tuple[pd.Timestamp, str, str] | None, known: str) -> str:
    """Return when and how the last call was made, and by whom where that isn't who is `known` from the column beside it."""
    if last is None:
        return '<td class="soft">no call known</td>'
    day, channel, who = last
    how = CALLED_BY[channel] if who == known else f"{CALLED_BY[channel]}, {who}"
    return f'<td class="last" dir="auto">{_day(day)}<span class="soft">{_text(how)}</span></td>'


def _due(row: dict[str, Any]) -> str:
    if not row["planned"]:
        return '<td class="soft">none planned</td>'
    if pd.isna(row["due"]):
        return '<td class="late">first call</td>'
    return (
        f'<td class="date late">{_day(row["due"])}<span class="soft">late</span></td>'
        if row["late"]
        else f'<td class="date">{_day(row["due"])}</td>'
    )


def _day(day: pd.Timestamp) -> str:
    return f"{day.day}\u00a0{day:%b}\u00a0{day.year}"


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
<footer dir="auto">{footer}</footer>
</body>
</html>
"""
