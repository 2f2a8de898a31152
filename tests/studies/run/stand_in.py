"""The command ``attnstats study`` with cells that take no time, so that whole runs can be hurt and compared.

What a cell gives is drawn by `fabricated`; workers, store, claim, findings and frame are the real ones.
"""

import os
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # of `fabricated`

from fabricated import Fabrication

from attnstats import report
from attnstats.cli import main as attnstats
from attnstats.studies.run import study as run
from attnstats.studies.run._cells import load_encoded
from attnstats.studies.run._provenance import Provenance

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[3]
STUDY = """
name = "stand-in"
seeds = 4
views = ["pointwise"]
sample_examples = 0
[[datasets]]
name = "planted"
parameters = { n_texts = 200, length = 4 }
[[architectures]]
encoders = ["mlp"]
attentions = ["additive", "scaled_dot_product"]
[inference]
minimum_seeds = 3
n_resamples = 99
"""


@cache
def fabricated(config):
    return Fabrication(rows=True).outcomes(config)


def quick(cell):
    """Take a moment, as training does, and return what is drawn for the cell."""
    time.sleep(0.1)
    return fabricated(cell.config)._cells[cell.condition, cell.seed]


def steady(cell):
    """Take a while, so that a run is mostly cells."""
    time.sleep(0.5)
    return quick(cell)


def slow(cell):
    """Take so long that the run is stopped before the last cells are done."""
    time.sleep(0.1 if cell.seed == 0 else 60)
    return quick(cell)


def reading(cell):
    """Read the texts first, and take a while."""
    assert len(load_encoded(cell.dataset).test) > 0
    return steady(cell)


def deadly(cell):
    """Kill the worker of one seed, whenever it is tried."""
    if cell.seed == 2:
        os.kill(os.getpid(), signal.SIGSEGV)
    return quick(cell)


def provenance(cell, fingerprint):
    """Return a provenance that is quick to know."""
    return Provenance(
        {name: value for name, value in cell.keys.items() if name != "study"}, {"data": fingerprint}, {}, {}, "none"
    )


def no_check(_):
    """Take the names of the configuration to be right."""


def no_report(_, out):
    """Write nothing, and return where the page would be."""
    return out / "report.html"


def main(kind):
    """Run ``attnstats study`` with one of the cells above."""
    run.run_cell, run.check_names, run.provenance_of = globals()[kind], no_check, provenance
    report.write_report = no_report
    sys.exit(attnstats(["study", *sys.argv[1:]]))


def start(kind, *arguments, **options):
    """Start the command in a process, and a session, of its own."""
    # Tests that run under nohup hand on that SIGHUP is ignored, which the command would respect.
    heard = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL)"
    command = [sys.executable, "-c", f"{heard}; from stand_in import main; main({kind!r})", *map(str, arguments)]
    paths = os.pathsep.join([str(HERE), str(ROOT)])
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": paths}, start_new_session=True, **{**pipes, **options}
    )
