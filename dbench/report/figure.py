"""A figure of the report: what is shown, and the files that it leaves behind."""

import io
from pathlib import Path
from typing import Any, NamedTuple

import altair
import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Canvas

from dbench import files
from dbench.tables import spreadsheet

PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
# Okabe and Ito, "Color Universal Design", 2008: told apart by all kinds of colour vision.
SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right"]
SHOWN = "indexof(methods, datum.method) >= 0"  # methods: set on the page
DATA = altair.NamedData("data")  # in charts, for the `data` of their figure
CONFIG = {
    "font": "system-ui, sans-serif",
    "axis": {"labelFontSize": 11, "titleFontSize": 12, "titleFontWeight": "normal"},
    "header": {"labelFontSize": 12, "titleFontSize": 12},
    "legend": {"labelFontSize": 11, "titleFontSize": 12, "symbolLimit": 60},
    "view": {"continuousHeight": 220, "continuousWidth": 300, "stroke": "#ddd"},
}


class Figure(NamedTuple):
    """A chart that the page draws itself, or a picture. `data` is written beside it as .csv."""

    name: str  # of its files
    title: str
    caption: str
    data: pd.DataFrame
    chart: Any = None  # an Altair chart of `data`, without it
    png: bytes | None = None
    svg: bytes | None = None
    metric: str = ""  # whose it is, for the page's filter
    method: str = ""  # likewise
    pixels: tuple[int, int] = (0, 0)  # width and height that a picture is shown at
    broad: bool = False  # takes a page's whole width in print

    @property
    def stem(self) -> str:
        """The name as one of a file."""
        return files.plain(self.name)

    def spec(self) -> dict:
        """The Vega-Lite of the chart with its data."""
        return specification(self.chart, self.data)

    def write(self, folder: Path) -> list[str]:
        """Writes <name>.csv, .svg and .png, what there is of them; returns the files' names."""
        made: dict[str, bytes | None] = {"png": self.png, "svg": self.svg}
        if self.chart is not None:
            made = {**render(self.spec())}
        made["csv"] = spreadsheet.csv(self.data).encode() if len(self.data) else None
        there = {f"{self.stem}.{end}": content for end, content in made.items() if content}
        for name, content in there.items():
            files.write_bytes(folder / name, content)
        return list(there)


def specification(chart: Any, data: pd.DataFrame) -> dict:
    """Vega-Lite as JSON, which has no NaN and no infinity: one would leave a page with no chart."""
    plain = data.astype(object).where(data.notna() & ~data.isin([np.inf, -np.inf]), None)
    spec = chart.configure(**CONFIG).to_dict()
    spec["data"] = DATA.to_dict() | {"values": [_plain(row) for row in plain.to_dict("records")]}
    if "method" in data:
        spec["params"] = [{"name": "methods", "value": sorted(data["method"].unique())}]
    return spec


def _plain(row: dict) -> dict:
    return {k: v.item() if isinstance(v, np.generic) else v for k, v in row.items()}


def render(spec: dict) -> dict[str, bytes]:
    """png and svg of a specification."""
    import vl_convert  # here: it takes its time to load

    version = altair.SCHEMA_VERSION.rpartition(".")[0]
    svg = vl_convert.vegalite_to_svg(spec, vl_version=version)
    # The same bytes as of vegalite_to_png, which would draw the chart a second time.
    return {"png": vl_convert.svg_to_png(svg, scale=2), "svg": svg.encode()}


def colours(methods: list[str], present: list[str] | None = None) -> tuple:
    """Colour and shape of each method: the same in all figures, and no two alike.

    `present`: those that the legend names [all].
    """
    named = altair.Legend(values=[each for each in methods if each in (present or methods)])
    legend = named if len(methods) > 1 else None  # the page says the name of the one there is
    turn = [(i, i // len(PALETTE)) for i in range(len(methods))]
    colour = [PALETTE[i % len(PALETTE)] for i, _ in turn]
    shape = [SHAPES[(i + round) % len(SHAPES)] for i, round in turn]
    return (
        altair.Color(
            "method:N", scale=altair.Scale(domain=methods, range=colour), title=None, legend=legend
        ),
        altair.Shape(
            "method:N", scale=altair.Scale(domain=methods, range=shape), title=None, legend=legend
        ),
    )


def picture(
    canvas: Canvas, name: str, title: str, caption: str, table: pd.DataFrame, image=False
) -> Figure:
    """A matplotlib figure as one of the report; of `image` sheets there is no .svg."""
    kept = {}
    for kind in ("png",) if image else ("png", "svg"):
        file = io.BytesIO()
        canvas.savefig(file, format=kind, metadata={"Date": None} if kind == "svg" else None)
        kept[kind] = file.getvalue()
    scale = 1.0 if image else 96 / canvas.dpi
    wide, high = (round(float(s) * canvas.dpi * scale) for s in canvas.get_size_inches())
    png, svg = kept["png"], kept.get("svg")
    return Figure(name, title, caption, table, png=png, svg=svg, pixels=(wide, high), broad=image)


def say(lacks: list[str], sentence: str) -> None:
    """Adds a sentence of what is missing, once."""
    if sentence not in lacks:
        lacks.append(sentence)
