"""How figures look: colours, type, and bytes that do not change between repeats.

Owns: the palette (told apart with every common colour blindness), the drawing settings, and how
a figure becomes SVG and PNG. Never does: know what is drawn.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PALETTE = ("#0052BE", "#D9560F", "#004D32", "#530B6E", "#BB875F", "#0796AA", "#09050A", "#A4411D")
"""Searched for from the palette of Okabe and Ito (2008): every two at least 20 apart (CIELAB 1976)
for protanopes, deuteranopes and tritanopes (Machado, Oliveira and Fernandes 2009) and for everybody
else, each of another lightness in grey, and all at least 3 to 1 against white."""
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "*")
"""A second sign beside colour."""
PARTS = ("#4C6A92", "#9DB4CE", "#E3B778", "#B5533C")
"""Parts of the response time: work, queues, hand-offs, rework."""
PARTS_WORDS = ("#4C6A92", "#56718F", "#8A6420", "#B5533C")
"""The same, dark enough to be read as words on white."""
SATISFACTION = ("#7A0C2E", "#B83A3A", "#E07A3F", "#F0B24F", "#FBE58A")
"""A customer's satisfaction from 0 to 100 points: lighter is better, so that it also reads in grey
and with every common colour blindness."""
UNKNOWN = "#C9CED3"
"""Of a customer nothing is known of yet."""
INK = "#222222"
FAINT = "#767676"
BAND = "#EFEFEF"
WIDTH_IN = 9.0
"""Width of every figure, inches: 900 px on the page."""

_SETTINGS: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: the same on every machine
    "font.size": 10.0,
    "axes.titlesize": 11.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 8.0,
    "axes.labelsize": 10.0,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": False,
    "axes.formatter.useoffset": False,
    "axes.unicode_minus": False,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.color": FAINT,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 9.0,
    "ytick.labelsize": 10.0,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "svg.fonttype": "path",
    "svg.hashsalt": "orgsim",
    "text.parse_math": False,  # a "$" in a name is a dollar
}


@contextmanager
def drawing() -> Iterator[None]:
    """The settings above, and those of matplotlib otherwise, while figures are drawn."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def figure(height: float) -> Figure:
    """An empty figure, drawn without any window system."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    made = Figure(figsize=(WIDTH_IN, height))
    FigureCanvasAgg(made)
    return made


def colours(structures: Sequence[str]) -> dict[str, str]:
    """One colour per structure, the same in all figures, reports and on the page."""
    return {name: PALETTE[i] for name, i in _places(structures).items()}


def markers(structures: Sequence[str]) -> dict[str, str]:
    """One marker per structure, always with the same colour."""
    return {name: MARKERS[i] for name, i in _places(structures).items()}


def _places(structures: Sequence[str]) -> dict[str, int]:
    """A place in the palette per structure, in the order given.

    A shipped structure has its own whatever it is shown beside; a scenario's own structures take
    those that are left, in their order; past the eighth, colours come again.
    """
    from sim.structures.presets import PRESETS

    taken = {name: i % len(PALETTE) for i, name in enumerate(PRESETS) if name in structures}
    others = [name for name in dict.fromkeys(structures) if name not in taken]
    free = [i for i in range(len(PALETTE)) if i not in taken.values()] or [*range(len(PALETTE))]
    taken |= {name: free[k % len(free)] for k, name in enumerate(others)}
    return {name: taken[name] for name in structures}


def svg(made: Figure) -> bytes:
    """The figure as SVG without a date or a random id."""
    return _saved(made, "svg", {"Date": None, "Creator": None})


def png(made: Figure) -> bytes:
    """The figure as PNG without the name of the program."""
    return _saved(made, "png", {"Software": None}, dpi=150)


def _saved(made: Figure, kind: str, metadata: dict[str, Any], dpi: float = 72.0) -> bytes:
    """Bytes of a figure."""
    buffer = io.BytesIO()
    made.savefig(buffer, format=kind, metadata=metadata, dpi=dpi)
    return buffer.getvalue()


def apart(places: Sequence[float], gap: float, highest: float) -> list[float]:
    """Rising places pushed apart where they are nearer than `gap`, none above `highest`."""
    found = list(places)
    for i in range(1, len(found)):
        found[i] = max(found[i], found[i - 1] + gap)
    over = max(0.0, found[-1] - highest) if found else 0.0
    found = [place - over for place in found]
    for i in range(len(found) - 2, -1, -1):
        found[i] = min(found[i], found[i + 1] - gap)
    return found
