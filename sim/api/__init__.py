"""What a Python user calls, and what every command of `orgsim` calls: the same functions.

Owns: the list of public functions; each lies in the file of its subject. Never does: parse options,
print, or know anything of the model.

    import sim

    bank = sim.load("retail_bank", set={"staff.heads": 45})
    answer = sim.compare(bank, ["functional", "customer"], replications=10)
    answer.table            # pandas: metric, structure, mean, interval, difference to the best
    print(answer.verdict)
    sim.save(answer)        # results/retail-bank-1 with data, figures and report.html
"""

from __future__ import annotations

from sim.api.choose import save_selection, save_staffing, select, staff
from sim.api.designs import optimise, save_optimisation
from sim.api.keep import Provenance, reproduce, save
from sim.api.papers import write_report
from sim.api.study import compare, event_log, run
from sim.api.sweeps import (
    check_sweep,
    merge_sweeps,
    reproduce_run,
    run_sweep,
    sweep_answer,
    sweep_status,
)
from sim.api.teach import lesson, lessons
from sim.api.where import (
    map_structures,
    save_map,
    save_sensitivity,
    save_tipping,
    sensitivity,
    sensitivity_runs,
    tipping,
)
from sim.api.why import (
    diagnose,
    explain,
    reorganise,
    save_diagnosis,
    save_explanation,
    save_reorganisation,
)
from sim.api.worlds import load, opened
from sim.experiment.answer import Comparison
from sim.experiment.diagnose import Diagnosis
from sim.experiment.explain import Explanation
from sim.experiment.reorganise import Reorganisation
from sim.experiment.run import Run
from sim.experiment.theory import Theory, theory
from sim.questions.designs import Optimisation
from sim.questions.lesson import Class
from sim.questions.map_answer import StructureMap
from sim.questions.select import Selection
from sim.questions.sensitivity import Sensitivity
from sim.questions.staff import Staffing
from sim.questions.tipping_answer import Tipping
from sim.store import Reproduction, Stored, read

__all__ = [
    "Class",
    "Comparison",
    "Diagnosis",
    "Explanation",
    "Optimisation",
    "Provenance",
    "Reorganisation",
    "Reproduction",
    "Run",
    "Selection",
    "Sensitivity",
    "Staffing",
    "Stored",
    "StructureMap",
    "Theory",
    "Tipping",
    "check_sweep",
    "compare",
    "diagnose",
    "event_log",
    "explain",
    "lesson",
    "lessons",
    "load",
    "map_structures",
    "merge_sweeps",
    "opened",
    "optimise",
    "read",
    "reorganise",
    "reproduce",
    "reproduce_run",
    "run",
    "run_sweep",
    "save",
    "save_diagnosis",
    "save_explanation",
    "save_map",
    "save_optimisation",
    "save_reorganisation",
    "save_selection",
    "save_sensitivity",
    "save_staffing",
    "save_tipping",
    "select",
    "sensitivity",
    "sensitivity_runs",
    "staff",
    "sweep_answer",
    "sweep_status",
    "theory",
    "tipping",
    "write_report",
]
