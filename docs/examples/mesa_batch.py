"""OrgSim's model in Mesa's own batch runner: structures times replications, one row each.

    python docs/examples/mesa_batch.py

`orgsim sweep` does this job faster, resumes and keeps going when a run fails; this is for those
whose notebooks are built around Mesa.
"""

import mesa
import pandas as pd

import sim
from sim.model import OrganisationModel


def main() -> pd.DataFrame:
    """Run the batch and return its rows, one per structure and replication."""
    firm = sim.load("family_firm", set={"time.horizon": "3 months", "time.warm_up": "4 weeks"})
    rows = mesa.batch_run(
        OrganisationModel,
        parameters={
            "scenario": [firm],                      # a list: Mesa would iterate over a mapping
            "structure": ["undivided", "functional"],
            "replication": [0, 1, 2],                # the same index is the same luck everywhere
        },
        max_steps=1000,                              # a step is a period; the model ends by itself
        display_progress=False,
    )
    kept = ["structure", "replication", "satisfaction", "response_h", "open_cases"]
    return pd.DataFrame(rows)[kept]


if __name__ == "__main__":
    table = main()
    print(table.to_string(index=False))
    wide = table.set_index(["structure", "replication"])["satisfaction"]
    difference = wide["functional"] - wide["undivided"]  # by replication
    print(f"\nsatisfaction, functional - undivided: {difference.mean():+.2f} points "
          f"over {len(difference)} paired replications")
