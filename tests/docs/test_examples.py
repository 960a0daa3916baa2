"""The worked examples run, and say what the product itself says.

The EMA Workbench, Solara and R are no dependencies: their examples run where they are installed.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import sim
from sim.agents import Department

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
SHORT = {"time.horizon": "3 months", "time.warm_up": "4 weeks"}

pytestmark = pytest.mark.slow


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_mesas_batch_runner_gives_the_models_numbers() -> None:
    with warnings.catch_warnings():  # Mesa is about to replace its runner
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        table = example("mesa_batch").main()
    assert sorted(table["structure"].unique()) == ["functional", "undivided"]
    assert len(table) == 6
    for row in table.itertuples():
        alone = sim.OrganisationModel(sim.load("family_firm", set=SHORT), row.structure,
                                      replication=row.replication)
        alone.run_all()
        assert row.satisfaction == alone.satisfaction
        assert row.open_cases == alone.open_cases


def test_salib_screens_the_model() -> None:
    """4 trajectories x (4 keys + 1) points; what the function says is what `compare` says."""
    module = example("salib_problem")
    problem = module.main()
    assert problem.samples.shape == (20, 4)
    assert np.isfinite(problem.analysis["mu_star"]).all()
    defaults = sim.load("family_firm")
    here = [defaults.needs.segment_share, defaults.handoffs.latency_h, defaults.knowledge.learn_h,
            defaults.customers.second_product]
    answer = sim.compare(module.FIRM, ["functional", "undivided"],
                         replications=module.REPLICATIONS)
    table = answer.table.set_index(["metric", "structure"])["mean"]["satisfaction"]
    assert module.response(np.array([here])) == pytest.approx(
        table["functional"] - table["undivided"])


def test_the_workbench_example_runs_where_it_is_installed() -> None:
    """Elsewhere it is at least Python, and what it asks of this product is there."""
    compile((EXAMPLES / "ema_model.py").read_text(encoding="utf-8"), "ema_model.py", "exec")
    assert "undivided" in sim.compare(
        sim.load("family_firm", set=SHORT | {"handoffs.latency_h": 1.0,
                                             "needs.segment_share": 0.3}),
        ["functional", "undivided"], replications=2).structures
    if importlib.util.find_spec("ema_workbench") is not None:
        experiments, outcomes = example("ema_model").main()
        assert len(experiments) == 12
        assert (outcomes["satisfaction"] > 0).all()


def test_mesas_page_runs_where_solara_is_installed() -> None:
    """Elsewhere it is at least Python, and what it asks of the model is there."""
    compile((EXAMPLES / "mesa_solara.py").read_text(encoding="utf-8"), "mesa_solara.py", "exec")
    model = sim.OrganisationModel(sim.load("family_firm", set=SHORT | {"handoffs.latency_h": 1.0}),
                                  "customer", replication=1)
    model.step()
    assert model.hours == 40.0  # a step is a week
    departments = model.agents_by_type[Department]
    assert all(row.busy >= 0 and row.waiting >= 0 and row.name for row in departments)
    if importlib.util.find_spec("solara") is not None:
        with warnings.catch_warnings():  # those of Solara and Mesa
            warnings.simplefilter("ignore")
            import solara

            module = example("mesa_solara")
            _, shown = solara.render(module.page, handle_error=False)
        firm = module.Firm("product", latency_h=2, replication=1)
        steps = 0
        while firm.running:
            firm.step()
            steps += 1
        firm.step()  # Mesa's page may ask once more
        assert len(firm.datacollector.get_model_vars_dataframe()) >= steps >= 26
        assert firm.inputs.handoffs.latency_h == 2.0
        shown.close()


def test_the_example_in_r_runs_where_r_is_installed(tmp_path: Path) -> None:
    """Elsewhere the command it calls answers with the columns it reads."""
    command = [str(Path(sys.executable).parent / "orgsim"), "compare", "family_firm",
               "--structures", "undivided,functional", "--replications", "2", "--set",
               'time.horizon="3 months"', "--json", "--quiet", "--out", str(tmp_path / "out")]
    done = subprocess.run(command, text=True, capture_output=True, check=True)
    assert json.loads(done.stdout)["verdict"]
    assert {"satisfaction", "structure"} <= set(sim.read(tmp_path / "out").runs)
    if shutil.which("Rscript") is not None:
        path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        done = subprocess.run(["Rscript", str(EXAMPLES / "in_r.R")], cwd=tmp_path, text=True,
                              capture_output=True, check=False, env={"PATH": path})
        assert done.returncode == 0, done.stderr
        assert "satisfaction" in done.stdout
