"""One firm in Mesa's own page: step it, play it, move a slider, see three charts.

    pip install "solara==1.64.1" "solara-assets==1.58.2" "ipyvuetify<2" "ipyvue<2" altair matplotlib
    SOLARA_TELEMETRY_MIXPANEL_ENABLE=False solara run --production docs/examples/mesa_solara.py

For those whose work is built around Mesa: one structure, one run, an illustration and no evidence.
`orgsim app` puts structures side by side, with intervals, and needs none of this. The versions are
those that fit each other without asking a content network.
"""

import matplotlib
import solara
from matplotlib.figure import Figure
from mesa.visualization import SolaraViz, make_plot_component
from mesa.visualization.utils import update_counter

import sim
from sim.agents import Department
from sim.model import OrganisationModel

matplotlib.use("agg")
HOURS_A_WEEK = 40


class Firm(OrganisationModel):
    """The model with what the page may change as plain arguments, and a rest at the horizon."""

    def __init__(self, structure="functional", latency_h=1.0, replication=0):
        firm = sim.load("family_firm", set={
            "time.horizon": "6 months", "time.warm_up": "4 weeks",
            "handoffs.latency_h": float(latency_h)})
        super().__init__(firm, structure, replication=replication)

    def step(self):
        """One period; nothing once the horizon has ended."""
        if self.running:
            super().step()


def unit(text):
    """Unit of a plot's upright axis; the other one counts steps, which are weeks."""
    return lambda ax: ax.set_ylabel(text)


@solara.component
def Departments(model):  # noqa: N802 - a component is named like a class
    """Who works and who waits, from the handles of the model."""
    update_counter.get()
    rows = model.agents_by_type[Department]
    figure = Figure()
    ax = figure.subplots()
    names = [row.name for row in rows]
    ax.barh(names, [row.busy for row in rows], color="#0072B2", label="people in a visit")
    ax.barh(names, [row.waiting for row in rows], left=[row.busy for row in rows],
            color="#E69F00", label="visits waiting")
    ax.set_xlabel(f"people, visits; week {model.hours / HOURS_A_WEEK:.0f}")
    ax.set_xlim(0, max(8, *(row.busy + row.waiting for row in rows)))
    ax.legend(loc="lower right")
    figure.tight_layout()
    solara.FigureMatplotlib(figure)


PARAMETERS = {
    "structure": {"type": "Select", "value": "functional", "label": "Structure",
                  "values": ["functional", "product", "customer", "undivided"]},
    "latency_h": {"type": "SliderFloat", "value": 1.0, "label": "Delay of a hand-off (hours)",
                  "min": 0.0, "max": 16.0, "step": 1.0},
    "replication": {"type": "SliderInt", "value": 0, "label": "Replication (which luck)",
                    "min": 0, "max": 20, "step": 1},
}

page = SolaraViz(
    Firm(),
    components=[
        make_plot_component("satisfaction", post_process=unit("points of 100, cases so far")),
        make_plot_component("open_cases", post_process=unit("cases open")),
        Departments,
    ],
    model_params=PARAMETERS,
    play_interval=100,
    render_interval=2,
    name="OrgSim in Mesa: a step is a week, warm-up included",
)
page  # noqa: B018 - solara shows the last expression
