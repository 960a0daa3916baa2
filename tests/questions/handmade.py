"""A sweep's folder made by hand: rows with known values, without any run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sim.store import parts
from sim.store.files import put_json
from sim.sweep import folder as place_of
from sim.sweep.design import Design, designed
from sim.sweep.tables import run_columns

Value = Callable[[tuple[Any, ...], str, int, str], Any]
"""Of factor values, structure, replication and metric: a number, None to leave the row out, or a
text, which makes the row one that failed (infeasible if the text begins so)."""


def folder_of(folder: Path, plan: Mapping[str, Any], value: Value,
              unstable: Callable[[tuple[Any, ...], str], bool] = lambda *_: False) -> Design:
    """Write plan.json and runs.parquet as a finished sweep has them."""
    design = designed({"schema_version": 1, "name": "known", "scenario": "family_firm"} | plan)
    columns = run_columns(design.factor_columns, design.metrics)
    rows: dict[str, list[Any]] = {c.name: [] for c, _ in columns}
    for w in range(design.worlds):
        values = design.values(w)
        for s, name in enumerate(design.structures):
            for r in range(design.replications):
                found = {m: value(values, name, r, m) for m in design.metrics}
                if None in found.values():
                    continue
                bad = next((v for v in found.values() if isinstance(v, str)), "")
                row = {
                    "run_id": design.run_id(design.place(w, s, r)), "world": design.id_of(w),
                    "structure": name, "replication": r, "seed": design.seed,
                    "status": "ok" if not bad else
                    "infeasible" if bad.startswith("infeasible") else "failed",
                    "unstable": None if bad else unstable(values, name),
                    "stage": "run" if bad else None, "type": "ValueError" if bad else None,
                    "message": bad or None}
                row |= {c.name: design.cell(v, kind) for (c, kind), v in zip(
                    design.factor_columns, values, strict=True)}
                row |= {m: None if bad else v for m, v in found.items()}
                for key, cell in row.items():
                    rows[key].append(cell)
    folder.mkdir(parents=True, exist_ok=True)
    place_of.record(folder, design)
    with parts.Stream(folder / place_of.RUNS, parts.schema(columns)) as stream:
        stream.write(parts.table(rows, parts.schema(columns)))
    put_json(folder / place_of.MANIFEST, {"format": place_of.FORMAT})
    return design
