# %% [markdown]
# # What does one customer live through, and is one customer evidence?
#
# An educator's question for a class: predict under which structure customer 7 waits longer, look
# at the one life, then at all customers.
#
# Run it with `python docs/notebooks/educator.py`, or open it as a notebook in any editor that
# knows the "percent" format.

# %%
import tempfile
from pathlib import Path

import sim
from sim.experiment.follow import follow
from sim.report import timeline

firm = sim.load("family_firm", set={"time.warm_up": "13 weeks", "time.horizon": "26 weeks"})
structures = ["undivided", "functional"]

# %% [markdown]
# ## Predict first
#
# Write down: which structure, and by how many working hours?

# %%
prediction = {"slower": "functional", "by_h": 5.0}

# %% [markdown]
# ## One life
#
# The same customer with the same requests, under both structures.

# %%
journeys = follow(firm, 7, structures)
life = journeys.to_json()
print(timeline.sentence(life))

# %% [markdown]
# As a picture: a line per structure, from request to close.

# %%
drawn = timeline.figures(life)
if drawn is not None:
    picture = Path(tempfile.mkdtemp()) / "customer-7.svg"
    picture.write_bytes(drawn[0])
    print("the timeline:", picture.name)

# %% [markdown]
# ## All lives
#
# One life is an illustration. The class answer needs all customers and several replications.

# %%
answer = sim.compare(firm, structures, replications=6)
gap = answer.to_json()["differences"]["response_mean_h"]["undivided - functional"]
print(f"undivided minus functional: {gap['mean']:+.1f} working hours per case "
      f"(95% CI {gap['low']:+.1f} to {gap['high']:+.1f}, {answer.replications} replications)")
right = -gap["mean"] > 0 if prediction["slower"] == "functional" else gap["mean"] > 0
print("the prediction named the slower structure", "rightly" if right else "wrongly",
      f"and missed the size by {abs(abs(gap['mean']) - prediction['by_h']):.1f} working hours")

# %% [markdown]
# ## Why?
#
# Discuss: in which part of the response time does the difference lie: work, queues, hand-offs, or
# mending errors?

# %%
for part in ("touch_h", "queue_h", "transfer_h", "rework_h"):
    both = answer.to_json()["metrics"][part]
    print(part, {s: f"{both[s]['mean']:.2f} h" for s in structures})
