# %% [markdown]
# # What do common customers buy, and does Little's law hold?
#
# A researcher's two checks before believing a difference: how much narrower is the interval of a
# difference because both structures serve the same customers, and do the numbers obey a law that
# no model can escape?
#
# Run it with `python docs/notebooks/researcher.py`.

# %%
import math
import tempfile
from pathlib import Path

import numpy as np
from scipy import stats

import sim

structures = ["functional", "undivided"]
firm = sim.load("family_firm", set={"time.warm_up": "26 weeks", "time.horizon": "26 weeks"})
answer = sim.compare(firm, structures, replications=8)

# %% [markdown]
# ## Paired against unpaired
#
# Every run is a row of the results folder. With independent customers the variance of a difference
# would be the sum of both variances; with the same customers it is that of the differences.

# %%
stored = sim.read(sim.save(answer, Path(tempfile.mkdtemp()) / "study"))
runs = stored.runs.pivot(index="replication", columns="structure", values="satisfaction")
first, second = (runs[name].to_numpy(float) for name in structures)
n = len(runs)
paired = stats.t.ppf(0.975, n - 1) * float(np.std(first - second, ddof=1)) / math.sqrt(n)
apart = stats.t.ppf(0.975, 2 * n - 2) * math.sqrt((first.var(ddof=1) + second.var(ddof=1)) / n)
print(f"satisfaction, {structures[0]} minus {structures[1]}: {np.mean(first - second):+.2f} points")
print(f"half-width of the 95% interval: {paired:.2f} points paired, {apart:.2f} unpaired")

# %% [markdown]
# ## Little's law
#
# Mean open cases = arrivals per hour x mean time in the system, for any structure and any
# distribution. Both sides come from different columns: open cases from the weekly series, the
# other from arrivals and response times. It holds up to the cases that are open at both ends of
# the window and to reopened cases, whose time at the customer counts as response but not as open.

# %%
weeks = stored.series[(stored.series["scope"] == "firm") & (stored.series["time_h"] > 0)]
for name in structures:
    mine = weeks[weeks["structure"] == name]
    open_cases = mine.groupby("replication")["backlog"].mean()
    per_hour = mine.groupby("replication")["arrivals"].mean() / 40.0
    response = stored.runs[stored.runs["structure"] == name].set_index("replication")[
        "response_mean_h"]
    ratio = open_cases / (per_hour * response)
    half = stats.t.ppf(0.975, n - 1) * ratio.std(ddof=1) / math.sqrt(n)
    print(f"{name}: open cases over arrivals x response: {ratio.mean():.2f} "
          f"(95% CI {ratio.mean() - half:.2f} to {ratio.mean() + half:.2f})")

# %% [markdown]
# ## How many replications does a wanted precision take?

# %%
wanted = 1.0
needed = math.ceil(n * (paired / wanted) ** 2)
print(f"for {wanted:g} point either way: about {max(needed, 2)} replications with common "
      f"customers, {max(math.ceil(n * (apart / wanted) ** 2), 2)} without")
