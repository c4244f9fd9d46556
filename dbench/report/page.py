"""The page: all in one file, its script and pictures too, so that it opens with no network."""

import base64
import io
from pathlib import Path
from typing import NamedTuple

import altair
import jinja2
from PIL import Image

from dbench import files
from dbench.data import cache
from dbench.report.figure import Figure

HERE = Path(__file__).parent


class Group(NamedTuple):
    """Figures that stand together; `metric` and `method` hide them as the page's filters say.

    A `folded` one shows its title and text until it is opened, or the page is printed.
    """

    figures: list[Figure]
    title: str = ""
    text: str = ""
    metric: str = ""
    method: str = ""
    folded: bool | None = None  # None: cannot be


class Part(NamedTuple):
    """A section of the page. `dataset`: whose it is, where there are several."""

    id: str
    title: str
    groups: list[Group]
    text: str = ""
    dataset: str = ""


def render(**content) -> bytes:
    """The whole page of page.html with its `content`."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["uri"] = uri
    page = environment.get_template("page.html").render(
        style=(HERE / "page.css").read_text(),
        script=(HERE / "page.js").read_text(),
        library=library(),
        **content,
    )
    return page.encode()


def library() -> str:
    """The JavaScript that draws the charts. Bundled once, which takes seconds, and kept."""
    import vl_convert

    version = altair.SCHEMA_VERSION.rpartition(".")[0]
    release = vl_convert.__version__  # type: ignore[attr-defined] # not in its stubs
    path = cache.folder() / f"vega_{version}_{release}.js"
    if not path.exists():
        bundle = vl_convert.javascript_bundle
        script = bundle(vl_version=version)  # type: ignore[call-arg] # its stubs ask for a snippet
        files.write_bytes(path, script.encode())
    return path.read_text()


def uri(figure: Figure) -> str:
    """A picture as text that a page can hold: drawings in 128 colours, images a little lossy."""
    assert figure.png  # a picture has one, only a chart may not
    kept = io.BytesIO()
    with Image.open(io.BytesIO(figure.png)) as image:
        if figure.broad:
            image.convert("RGB").save(kept, "WEBP", quality=80)
        else:
            image.convert("RGB").quantize(128, Image.Quantize.MAXCOVERAGE).save(
                kept, "WEBP", lossless=True
            )
    return "data:image/webp;base64," + base64.b64encode(kept.getvalue()).decode()
