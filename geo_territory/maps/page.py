"""The two shapes a Folium map leaves in: a payload for the app's own component, and one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import folium
from xstatic.pkg import leaflet

from geo_territory.maps.layers import SourceLayer
from geo_territory.maps.payload import Payload

ASSETS = Path(__file__).parent / "assets"
SCRIPTS = ("payload.js", "canvas.js", "base.js", "borders.js", "areas.js", "accounts.js", "labels.js", "legend.js", "view.js")
STYLE = "map.css"
# The redraw editor, after the scripts of a map; the order they must load in.
REDRAW_SCRIPTS: tuple[str, ...] = (
    "redraw/outbox.js",
    "redraw/pending.js",
    "redraw/draft.js",
    "redraw/strokes.js",
    "redraw/marks.js",
    "redraw/hands.js",
    "redraw/tools.js",
    "redraw/sights.js",
    "redraw/icons.js",
    "redraw/parts.js",
    "redraw/dialogs.js",
    "redraw/toolbar.js",
    "redraw/territories.js",
    "redraw/advice.js",
    "redraw/account_list.js",
    "redraw/details.js",
    "redraw/ledger.js",
    "redraw/solve.js",
    "redraw/selection.js",
    "redraw/unit_table.js",
    "redraw/editor.js",
    "redraw/notices.js",
)
REDRAW_STYLE = "redraw/redraw.css"
# A rep's day sheet, after the scripts of a map; the order they must load in.
DAY_SCRIPTS: tuple[str, ...] = (
    "redraw/outbox.js",
    "redraw/icons.js",
    "redraw/parts.js",
    "day/book.js",
    "day/post.js",
    "day/words.js",
    "day/pins.js",
    "day/list.js",
    "day/figures.js",
    "day/card.js",
    "day/copy.js",
    "day/sheet.js",
)
DAY_STYLE = "day/day.css"

_RANDOM_ID = re.compile(r"(?<=_)[0-9a-f]{32}\b")


@dataclass(frozen=True)
class HostedMap:
    """A map as the app's component takes it; `hash` changes only when the map must be made anew.

    `html` and `script` are Folium's, `map_name` the script's variable for the map, `sources` what its layers are drawn
    from. Nothing in it belongs to a session or a person.
    """

    html: str
    script: str
    map_name: str
    sources: tuple[Payload, ...]

    @property
    def hash(self) -> str:
        """Names the map's content: the script holds the hash of every source."""
        return hashlib.sha256((self.html + self.script).encode()).hexdigest()[:32]


def hosted(shown: folium.Map) -> HostedMap:
    """Return the map for the app's component; Folium's random ids are replaced, so equal maps give equal bytes."""
    root: Any = shown.get_root()
    root.render()
    stable = _StableIds()
    sources = {p.hash: p for layer in shown._children.values() if isinstance(layer, SourceLayer) for p in layer.payloads}
    return HostedMap(
        html=stable.rename(root.html.render()).strip(),
        script=stable.rename(root.script.render()),
        map_name=stable.rename(shown.get_name()),
        sources=tuple(sources.values()),
    )


def standalone_html(shown: folium.Map, state: Mapping[str, Any], *, title: str, note: str = "") -> str:
    """Return one HTML file that shows the map and its legend from disk, with no network and no server.

    `title` and `note` (one line under it: plan, date, who) are text. The file refuses every connection and every script but
    its own (Content-Security-Policy with hashes). The same map, state, title and note give the same bytes.
    """
    heading = f"<header><h1>{html.escape(title)}</h1><p>{html.escape(note)}</p></header>"
    return _file(hosted(shown), "show", state, title=title, heading=heading, scripts=(), style=asset(STYLE))


def standalone_day(shown: folium.Map, day: Mapping[str, Any], *, title: str) -> str:
    """Return one HTML file that holds a rep's day sheet with its map: as `standalone_html`, closed to every network.

    `day`: what the sheet's script takes (day/sheet.js), its `address` None. What is logged in it stays in the browser's storage.
    """
    return _file(hosted(shown), "showDay", day, title=title, heading="", scripts=DAY_SCRIPTS, style=asset(STYLE) + asset(DAY_STYLE))


def _file(made: HostedMap, start: str, data: Mapping[str, Any], *, title: str, heading: str, scripts: tuple[str, ...], style: str) -> str:
    """Return a file in which `L.geoTerritory.<start>(map, data)` runs; `heading` is HTML, `title` text."""
    texts = [(Path(leaflet.BASE_DIR) / "leaflet.js").read_text("utf-8"), *(asset(name) for name in (*SCRIPTS, *scripts))]
    texts = [re.sub(r"\n//# sourceMappingURL=.*", "", text) for text in texts]
    texts.append(f"{made.script}\nL.geoTerritory.{start}({made.map_name}, JSON.parse(document.getElementById('gt-state').textContent));")
    leaflet_css = (Path(leaflet.BASE_DIR) / "leaflet.css").read_text("utf-8")
    sources = "".join(f'<script type="text/plain" id="gt-{p.hash}">{base64.b64encode(p.content).decode()}</script>\n' for p in made.sources)
    return _PAGE.format(
        language=html.escape(str(data["language"])),
        policy=_policy(texts),
        title=html.escape(title),
        heading=heading,
        style=re.sub(r"url\([^)]*\)", "none", leaflet_css) + style,
        map=made.html,
        state=json.dumps(data, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c"),
        sources=sources,
        scripts="".join(f"<script>{text}</script>\n" for text in texts),
    )


def asset(name: str) -> str:
    """Return one of the map's own scripts or its style, as text."""
    return (ASSETS / name).read_text("utf-8")


class _StableIds:
    """Numbers Folium's random ids in the order they are met."""

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}

    def rename(self, text: str) -> str:
        return _RANDOM_ID.sub(lambda found: self.seen.setdefault(found[0], str(len(self.seen) + 1)), text)


def _policy(scripts: list[str]) -> str:
    allowed = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts)
    return f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {allowed}"


_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body class="gt-page">
{heading}
<main class="gt-host"><div class="gt-box">
<div class="gt-map">{map}</div>
</div></main>
<script type="application/json" id="gt-state">{state}</script>
{sources}{scripts}</body>
</html>
"""
