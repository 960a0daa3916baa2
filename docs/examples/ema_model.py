"""OrgSim as an EMA Workbench model: structures as policies, deep uncertainty as real parameters.

    pip install ema_workbench
    python docs/examples/ema_model.py

`firm` is the function the Workbench calls; it returns means over two replications.
"""

from ema_workbench import (
    CategoricalParameter,
    Model,
    RealParameter,
    ScalarOutcome,
    SequentialEvaluator,
)

import sim
from sim.sweep.lab import Lab, settings

FIRM = sim.load("family_firm", set={"time.horizon": "3 months", "time.warm_up": "4 weeks"})
UNCERTAIN = {
    "segment_share": ("needs.segment_share", 0.0, 0.3),
    "latency_h": ("handoffs.latency_h", 1.0, 16.0),
}
LAB = Lab(FIRM, jobs=1)


def firm(structure="functional", **uncertain):
    """One experiment: the means of two replications (a dictionary, as the Workbench asks)."""
    changed = settings({UNCERTAIN[name][0]: value for name, value in uncertain.items()})
    rows = LAB.replications([structure], 2, changed)[structure]
    return {metric: sum(row.value(metric) for row in rows) / len(rows)
            for metric in ("satisfaction", "response_mean_h")}


def main():
    """Run six experiments under each of two structures; returns experiments and outcomes."""
    model = Model("orgsim", function=firm)
    model.uncertainties = [RealParameter(name, low, high)
                           for name, (_, low, high) in UNCERTAIN.items()]
    model.levers = [CategoricalParameter("structure", ["functional", "undivided"])]
    model.outcomes = [ScalarOutcome("satisfaction"), ScalarOutcome("response_mean_h")]
    with SequentialEvaluator(model) as evaluator:
        return evaluator.perform_experiments(scenarios=6, policies=2)


if __name__ == "__main__":
    experiments, outcomes = main()
    experiments["satisfaction"] = outcomes["satisfaction"]
    print(experiments.groupby("structure")["satisfaction"].describe())
