# %% [markdown]
# # Is dividing a small firm worth it, and who would lose?
#
# A strategist's question: six people build kitchens, wardrobes and counters. Today everybody does
# everything. Should the firm be divided by function, and what would have to be different for the
# answer to change?
#
# The file is a notebook in the "percent" format: open it in any editor that knows it, or run it
# with `python docs/notebooks/strategist.py`. Runs are short here; for a decision leave
# `years` and `replications` at the scenario's own.

# %%
import tempfile
from pathlib import Path

import sim

folder = Path(tempfile.mkdtemp()) / "firm"

# %% [markdown]
# ## The same customers under both structures

# %%
firm = sim.load("family_firm", set={"time.warm_up": "13 weeks"})
answer = sim.compare(firm, ["undivided", "functional"], replications=6, years=0.5)
print(answer.verdict)

# %% [markdown]
# Means with their 95% intervals; the difference is paired, because the customers are the same.

# %%
table = answer.table
print(table[table["metric"].isin(["satisfaction", "response_mean_h", "cost_total"])].to_string())

# %% [markdown]
# ## Who is worse off?

# %%
print(answer.people_table.to_string())

# %% [markdown]
# ## What would flip it?
#
# One assumption at a time, over its plausible range: how well hand-offs work, and how fast cases
# come.

# %%
flips = sim.tipping(firm, "undivided", "functional", replications=4, depth=1,
                    keys=["customers.cases_per_month=0.2:1.2", "handoffs.latency_h=0.1:8"])
for line in flips.to_json()["text"]:
    print(line)

# %% [markdown]
# ## The report for the board
#
# Page one answers alone; the answer about flips joins it because it lies in the same folder.

# %%
from sim.api import save_tipping

sim.save(answer, folder)
save_tipping(flips, folder / "tipping")
report = sim.write_report(folder)
print("the report:", report.name, "and as text:", sim.write_report(folder, format="markdown").name)
