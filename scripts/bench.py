"""The bench: this engine, C and other simulators on the same work, as ratios of CPU time.

    python scripts/bench.py [--quick] [--rounds N] [--only ROW]... [--markdown [FILE]]

Needs gcc, and `pip install -r requirements-bench.lock` for the peers (rows of absent ones are
left out). Ratios are taken inside a round and shown as min / median / max over rounds; `--only`
takes names of groups or rows. `--markdown FILE` replaces the table in a page such as
docs/performance.md.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench import table
from bench.rows import Group, Line, groups


def chosen(only: list[str] | None) -> list[Group]:
    """The groups asked for."""
    found = [g for g in groups()
             if not only or g.id in only or any(line.id in only for line in g.lines)]
    if not found:
        names = ", ".join(g.id for g in groups())
        raise SystemExit(f"there is no such row; groups are {names}")
    return found


def measure(chosen: list[Group], rounds: int, quick: bool) -> dict[Line, list[float]]:
    """All values by line; a group that fails says so and the others go on."""
    values: dict[Line, list[float]] = {line: [] for group in chosen for line in group.lines}
    broken: set[str] = set()
    for turn in range(rounds):
        for group in chosen:
            if group.id in broken or (group.once and turn > 0):
                continue
            print(f"round {turn + 1} of {rounds}: {group.id}", file=sys.stderr, flush=True)
            try:
                found = group.measure(turn, quick)
            except Exception as error:  # noqa: BLE001 - the other rows are still worth having
                print(f"{group.id} failed: {type(error).__name__}: {error}", file=sys.stderr)
                broken.add(group.id)
                continue
            for line in group.lines:
                if line.id in found:
                    values[line].append(found[line.id])
    return {line: row for line, row in values.items() if row}


def main() -> int:
    """Measure and print; exit code 1 if a target is missed or a row could not be taken."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, two rounds")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds (default 5; 2 if quick)")
    parser.add_argument("--only", action="append", metavar="ROW", help="a group or row")
    parser.add_argument("--markdown", nargs="?", const="-", metavar="FILE",
                        help="the table in Markdown, printed or put into a page")
    options = parser.parse_args()
    rounds = options.rounds or (2 if options.quick else 5)
    work = chosen(options.only)
    results = measure(work, rounds, options.quick)
    print(table.text(results))
    if options.markdown == "-":
        print("\n" + table.markdown(results, rounds))
    elif options.markdown:
        page = Path(options.markdown)
        page.write_text(table.inserted(page.read_text(), table.markdown(results, rounds)))
    complete = all(line in results for group in work for line in group.lines)
    missed = [line for line, row in results.items() if table.verdict(line, row) == "no"]
    return 0 if complete and not missed else 1


if __name__ == "__main__":
    sys.exit(main())
