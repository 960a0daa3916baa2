"""One customer's case under several structures, as a timeline.

Owns: which spans of a case stand on the line of each structure. Never does: average over lives.

Works on the JSON form of a journey (`orgsim follow --json`), so that a stored one can be drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.experiment.follow import EVENTS
from sim.report import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WAITING, SERVED, HANDED = "waiting", "in work", "handed on"
_COLOUR = {SERVED: style.PARTS[0], WAITING: style.PARTS[1], HANDED: style.PARTS[2]}
_WORDS = {SERVED: style.PARTS_WORDS[0], WAITING: style.PARTS_WORDS[1],
          HANDED: style.PARTS_WORDS[2]}


@dataclass(frozen=True)
class Span:
    """A stretch of a case: what it is, from when to when, where."""

    kind: str
    start: float
    """Working hours since the request."""
    end: float
    department: str


@dataclass(frozen=True)
class Life:
    """One case under one structure."""

    structure: str
    spans: tuple[Span, ...]
    end: float | None
    """Working hours from request to close; None: still open at the end."""
    score: float | None
    """Satisfaction at the close, points."""
    given_up: bool


def lives(journeys: Mapping[str, Any], case: int | None = None) -> tuple[int, list[Life]]:
    """One case under every structure.

    Args:
        journeys: JSON form of `sim.experiment.follow.Journeys`.
        case: Its number from 1; None takes the one that meets most departments.

    Returns:
        The case's number and its life under each structure; 0 and nothing where there is no case.
    """
    by: dict[int, dict[str, list[Mapping[str, Any]]]] = {}
    for name, journey in journeys["journeys"].items():
        for step in journey["steps"]:
            by.setdefault(int(step["case"]), {}).setdefault(name, []).append(step)
    if not by:
        return 0, []

    def eventful(number: int) -> tuple[int, int, int]:
        found = by[number].values()
        closed = sum(any(s["event"] == EVENTS["CLOSES"] for s in steps) for steps in found)
        return len(by[number]), closed, sum(map(len, found))

    number = case if case is not None else max(by, key=lambda n: (*eventful(n), -n))
    return number, [_life(name, by.get(number, {}).get(name, []))
                    for name in journeys["journeys"]]


def _life(structure: str, steps: Sequence[Mapping[str, Any]]) -> Life:
    """The spans of one case: waits from queueing to start, visits, hand-off delays."""
    if not steps:
        return Life(structure, (), None, None, False)
    zero = float(steps[0]["hours"])
    spans: list[Span] = []
    waiting: float | None = None
    end = score = None
    given_up = False
    for step in steps:
        at, event, value = float(step["hours"]) - zero, step["event"], step["value"]
        place = str(step["department"])
        if event == EVENTS["QUEUES"]:
            waiting = at
        elif event == EVENTS["STARTS"]:
            if waiting is not None and at > waiting:
                spans.append(Span(WAITING, waiting, at, place))
            waiting = None
            spans.append(Span(SERVED, at, at + float(value or 0.0), place))
        elif event in (EVENTS["HANDS_OFF"], EVENTS["GOES_ASTRAY"]) and value:
            spans.append(Span(HANDED, at, at + float(value), place))
        elif event in (EVENTS["CLOSES"], EVENTS["ABANDONS"]):
            end, score, given_up = at, value, event == EVENTS["ABANDONS"]
            if waiting is not None and at > waiting:
                spans.append(Span(WAITING, waiting, at, place))
                waiting = None
    return Life(structure, tuple(spans), end, score, given_up)


def picture(journeys: Mapping[str, Any], case: int | None = None) -> Figure | None:
    """A line per structure from request to close; None where the customer brings no case."""
    number, found = lives(journeys, case)
    if not any(life.spans for life in found):
        return None
    made = style.figure(1.75 + 0.8 * len(found))
    ax = made.add_subplot()
    reach = max(span.end for life in found for span in life.spans)
    reach = max([reach, *(life.end for life in found if life.end is not None)])
    colour = style.colours([life.structure for life in found])
    for y, life in enumerate(found):
        _line(ax, y, life, reach)
    ax.set_yticks(range(len(found)), [life.structure[:24] for life in found])
    for label, life in zip(ax.get_yticklabels(), found, strict=True):
        label.set_color(colour[life.structure])
        label.set_fontweight("bold")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(len(found) - 0.35, -0.95)
    ax.set_xlim(0, 1.24 * reach)
    ax.set_xticks([t for t in ax.get_xticks() if 0 <= t <= 1.02 * reach])
    ax.set_xlabel("working hours since the request (8 a day)")
    ax.set_title(f"Case {number} of customer {journeys['customer']} ({journeys['segment']}), "
                 f"replication {journeys['replication']}")
    x = 0.0
    for word in (SERVED, WAITING, HANDED):
        ax.annotate(word, (0.0, 1.0), xycoords="axes fraction", xytext=(x, -9), va="center",
                    textcoords="offset points", fontsize=9.5, fontweight="bold",
                    color=_WORDS[word])
        x += 6.4 * len(word) + 16
    ax.annotate("white: closed, until the customer finds an error", (0.0, 1.0), va="center",
                xycoords="axes fraction", xytext=(x, -9), textcoords="offset points",
                fontsize=8.5, color=style.FAINT)
    return made


def _line(ax: Axes, y: int, life: Life, reach: float) -> None:
    """One structure's line: spans, departments beneath their visits, the end in words."""
    free = 0.0
    before = ""
    for span in life.spans:
        ax.barh(y, span.end - span.start, left=span.start, color=_COLOUR[span.kind],
                height=0.34, linewidth=0)
        if span.kind != SERVED or span.department == before:
            continue
        name = span.department if len(span.department) <= 22 else span.department[:21] + "…"
        room = 0.0105 * len(name) * 1.24 * reach
        if span.start >= free:
            ax.text(span.start, y + 0.25, name, ha="left", va="top", fontsize=8.5,
                    color=style.INK)
            free = span.start + room + 0.012 * reach
        before = span.department
    if not life.spans:
        told, at = "no such case under this structure", 0.0
    elif life.end is None:
        told, at = "still open at the end", life.spans[-1].end
    else:
        word = "gives up" if life.given_up else "closed"
        told, at = f"{word} after {life.end:.1f} h", life.end
        if life.score is not None:
            told += f"\nsatisfaction {life.score:.0f} points"
    ax.text(at + 0.012 * reach, y, told, va="center", fontsize=9, linespacing=1.15)


def figures(journeys: Mapping[str, Any]) -> tuple[bytes, bytes] | None:
    """The timeline as SVG and PNG; None where the customer brings no case."""
    with style.drawing():
        made = picture(journeys)
        return None if made is None else (style.svg(made), style.png(made))


def sentence(journeys: Mapping[str, Any]) -> str:
    """The case in one sentence: how long it took under the quickest and the slowest structure."""
    number, found = lives(journeys)
    ended = [life for life in found if life.end is not None]
    who = f"customer {journeys['customer']} ({journeys['segment']})"
    if not ended:
        return f"No case of {who} is closed in the measured time"
    ended.sort(key=lambda life: float(life.end or 0.0))
    first, last = ended[0], ended[-1]
    if len(ended) == 1:
        return f"Case {number} of {who} takes {first.end:.1f} working hours"
    return (f"Case {number} of {who} takes {first.end:.1f} working hours under "
            f"{first.structure} and {last.end:.1f} under {last.structure}: one life, an "
            "illustration and no evidence")
