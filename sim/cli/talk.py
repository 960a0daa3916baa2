"""What reaches the terminal: tables and text on stdout, talk and progress on stderr.

Owns: rich, widths, colours, and the making-safe of names. Never does: decide what is said.

Piped output has no colour codes and no cut cells: width follows the content, at least 100
columns; a terminal gets its own width and cells fold rather than lose text.
"""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from sim.report.tables import Heading, Table

PIPED_WIDTH = 100
WIDEST = 120
LONG = 28
"""Cells longer than this may fold."""
GAP = 2
"""Spaces between columns."""
_PATIENCE_S = 2.0
"""A progress bar appears when the work has taken longer than this."""


def plain(text: Any) -> str:
    """Text safe for a terminal: control characters are shown, not obeyed."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode()
        for c in str(text)
    )


def data(text: str) -> None:
    """Print data to stdout as it is."""
    click.echo(text)


def say(text: str, *, quiet: bool = False) -> None:
    """Talk to the user on stderr."""
    if not quiet:
        click.echo(plain(text), err=True)


def show(*items: Table | str) -> None:
    """Print tables and paragraphs to stdout, an empty line between them."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    paper = None if terminal else io.StringIO()
    console = Console(file=paper or sys.stdout, markup=False, highlight=False, emoji=False)
    width = min(console.width, WIDEST) if terminal else PIPED_WIDTH
    for index, item in enumerate(items):
        if index:
            console.print()
        console.width = width
        if isinstance(item, str):
            _paragraphs(console, item)
        else:
            _table(console, item, terminal)
    if paper is not None:  # rich fills lines up with spaces: nobody wants them in a file
        click.echo("\n".join(line.rstrip() for line in paper.getvalue().split("\n")), nl=False)


def answered(answer: Any, shown: Callable[[Any], Iterable[Table | str]], *,
             as_json: bool) -> None:
    """Print an answer: as JSON, or laid out for people by `shown`."""
    if as_json:
        from sim.store.files import to_json

        data(to_json(answer.to_json()))
    else:
        show(*shown(answer))


def cut_short() -> int:
    """Say that the work was interrupted; the exit code of that."""
    say("interrupted; what was finished is kept")
    return 130


def _least(table: Table, width: int) -> list[int]:
    """Widths to which the columns may shrink without breaking a number or a word.

    Long cells fold, and where the table is too wide also other text.
    """
    lengths = [_length(table, i) for i in range(len(table.columns))]
    least = [min(n, LONG) for n in lengths]
    if sum(least) + GAP * (len(least) - 1) > width:
        for i, column in enumerate(table.columns):
            if not column.right:
                words = " ".join(_lines(table, i)).split() or [""]
                least[i] = min(least[i], max(map(len, words)))
    return least


def _lines(table: Table, index: int) -> list[str]:
    """All lines in a column, its head included."""
    cells = [_head(table.columns[index]), *(row.cells[index] for row in table.rows)]
    return [line for cell in cells for line in plain(cell).split("\n")]


def _length(table: Table, index: int) -> int:
    """Longest line in a column, its head included."""
    return max(map(len, _lines(table, index)))


def _head(column: Heading) -> str:
    """Label above unit."""
    return f"{column.label}\n{column.unit}" if column.unit else column.label


def _paragraphs(console: Console, text: str) -> None:
    """Text folded at words, its own line ends kept; lines that begin with "- " hang."""
    from rich.padding import Padding
    from rich.table import Table as Grid
    from rich.text import Text

    for line in plain(text).split("\n"):
        body = line.lstrip(" ")
        indent = (0, 0, 0, len(line) - len(body))
        if not body.startswith("- "):
            console.print(Padding(Text(body, overflow="fold"), indent))
            continue
        grid = Grid.grid(padding=(0, 1))
        grid.add_column(width=1)
        grid.add_column(overflow="fold")
        grid.add_row("-", Text(body[2:]))
        console.print(Padding(grid, indent))


def _table(console: Console, table: Table, terminal: bool) -> None:
    """A table with a line under its header; long cells fold at words, nothing is cut."""
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    if table.title:
        console.print(Text(plain(table.title), style="bold", overflow="fold"))
    width = console.width
    least = _least(table, width)
    needed = sum(least) + GAP * (len(least) - 1)
    if not terminal:  # in a file a line may be as long as the table needs
        console.width = max(width, needed)
    fixed = needed <= console.width
    drawn = RichTable(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="",
                      padding=(0, GAP - 1, 0, 0))
    for i, column in enumerate(table.columns):
        drawn.add_column(
            Text(plain(_head(column))), justify="right" if column.right else "left",
            overflow="fold", no_wrap=fixed and _length(table, i) <= least[i], vertical="top")
    for row in table.rows:
        style = "bold" if row.strong else ""
        drawn.add_row(*(Text(plain(value), style=style) for value in row.cells))
    console.print(drawn)
    console.width = width
    for note in table.notes:
        _paragraphs(console, note)


@contextmanager
def progress(what: str, *, quiet: bool = False) -> Iterator[Callable[[int, int, str], None]]:
    """A callable `tick(done, total, what)` that draws a bar with the time left.

    The bar appears only on a terminal, after two seconds, and leaves no trace.
    """
    if quiet or not sys.stderr.isatty():
        yield _silent
        return
    bar = _Bar(what)
    try:
        yield bar.tick
    finally:
        bar.close()


def _silent(done: int, total: int, what: str = "") -> None:
    """Progress that nobody watches."""


class _Bar:
    """A progress bar that waits before it shows itself, ticks or no ticks."""

    def __init__(self, what: str) -> None:
        self._what, self._done, self._total = what, 0, 0
        self._lock = threading.Lock()
        self._progress: Any = None
        self._task: Any = None
        self._closed = False
        self._timer = threading.Timer(_PATIENCE_S, self._open)
        self._timer.daemon = True
        self._timer.start()

    def tick(self, done: int, total: int, what: str = "") -> None:
        """Say that `done` of `total` pieces of work are finished, and what is going on."""
        with self._lock:
            self._what, self._done, self._total = what or self._what, done, total
            self._draw()

    def close(self) -> None:
        """Take the bar away."""
        with self._lock:
            self._closed = True
            self._timer.cancel()
            if self._progress is not None:
                self._progress.stop()

    def _open(self) -> None:
        """Show the bar for the first time."""
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        with self._lock:
            if self._closed:
                return
            self._progress = Progress(
                TextColumn("{task.description}", markup=False), BarColumn(),
                MofNCompleteColumn(), TextColumn("elapsed"), TimeElapsedColumn(),
                TextColumn("left"), TimeRemainingColumn(),
                console=Console(file=sys.stderr), transient=True,
            )
            self._task = self._progress.add_task(plain(self._what), total=None)
            self._progress.start()
            self._draw()

    def _draw(self) -> None:
        """Bring the bar up to date, if it is shown."""
        if self._progress is not None:
            self._progress.update(
                self._task, description=plain(self._what), completed=self._done,
                total=self._total or None)
