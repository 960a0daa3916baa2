"""OrgSim's model as a SALib problem: Morris screening of four keys, luck held fixed.

    python docs/examples/salib_problem.py

The keys' plausible ranges come from the scenario's schema. `orgsim sensitivity` does more: it
treats the structure as a factor, gives luck its own share, and says which indices are not yet
known well enough to be called a result.
"""

import numpy as np
from SALib import ProblemSpec

import sim
from sim.scenario.catalogue import catalogue
from sim.sweep.lab import Ask, Lab, settings

KEYS = ["needs.segment_share", "handoffs.latency_h", "knowledge.learn_h",
        "customers.second_product"]
FIRM = sim.load("family_firm", set={"time.horizon": "3 months", "time.warm_up": "4 weeks"})
REPLICATIONS = 2


def response(points: np.ndarray) -> np.ndarray:
    """Points of satisfaction by which `functional` beats `undivided`, one number per point."""
    lab = Lab(FIRM)
    asked = [Ask(structure, replication, settings(dict(zip(KEYS, map(float, point), strict=True))))
             for point in points for structure in ("functional", "undivided")
             for replication in range(REPLICATIONS)]
    values = np.array([row.value("satisfaction") for row in lab.rows(asked)])
    by_structure = values.reshape(len(points), 2, REPLICATIONS).mean(axis=2)
    return by_structure[:, 0] - by_structure[:, 1]


def main() -> ProblemSpec:
    """Sample, run and analyse; the answer holds `mu_star` and its interval by key."""
    ranges = {key.name: key.plausible for key in catalogue().values()}
    problem = ProblemSpec({
        "names": KEYS, "bounds": [list(ranges[key]) for key in KEYS], "outputs": ["difference"],
    })
    problem.sample_morris(4, num_levels=4, seed=1)
    problem.set_results(response(problem.samples))
    problem.analyze_morris(num_levels=4, seed=1)
    return problem


if __name__ == "__main__":
    analysis = main().analysis
    for name, effect, interval in zip(KEYS, analysis["mu_star"], analysis["mu_star_conf"],
                                      strict=True):
        print(f"{name:28} mean absolute effect {effect:5.2f} points (95% CI +/- {interval:.2f})")
