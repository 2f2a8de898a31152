"""The provenance of a cell, and the code that the cell reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from attnstats import models
from attnstats._files import write_atomically
from attnstats._parallel import in_parallel
from attnstats.datasets import EncodedDataset, EncodedSplit, HumanMarks
from attnstats.datasets.texts._planted import PLANTED, planted
from attnstats.datasets.texts.tokenization import Vocabulary
from attnstats.frame import check_frame
from attnstats.studies.config._condition import Condition
from attnstats.studies.config.component import Component
from attnstats.studies.config.parts import Measured
from attnstats.studies.run._cells import (
    MARKED,
    Cell,
    known_information,
    load_encoded,
    load_texts,
    make_layers,
    make_measured,
    marks_of,
    run_cell,
)
from attnstats.studies.run._code import ReachedCode, SourceCode, definition_of
from attnstats.studies.run._provenance import Provenance, versions
from attnstats.studies.trace_rows._components import make_training
from attnstats.studies.trace_rows._plausibility import MEASURES, plausibility_rows
from attnstats.trace._folder import read_arrays, write_arrays

#: What makes an object from its name, loads texts, checks a frame without changing it, stores files or runs a function
#: in other processes.
CUT: tuple[Callable[..., Any], ...] = (
    make_measured,
    make_training,
    models.make_layer,
    load_encoded,
    load_texts,
    check_frame,
    write_atomically,
    write_arrays,
    read_arrays,
    in_parallel,
)


def provenance_of(cell: Cell, fingerprint: str) -> Provenance:
    """Return the provenance of a cell; `fingerprint` is that of the encoded data."""
    config = cell.config
    configuration: dict[str, Any] = {
        "study": config.name,
        "data": fingerprint,
        "units": config.units,
        "embedding_size": config.embedding_size,
        "training": dict(cell.training.parameters),
        **{name: [str(each) for each in parts] for name, parts in cell.measured._asdict().items()},
        "null_resamples": config.null_resamples,
        "sample": config.sample_examples if cell.seed == 0 else 0,
        "near_tie": config.inference.near_tie,
        "checkpoints": config.checkpoints,
    }
    condition = {name: value for name, value in cell.keys.items() if name != "study"}
    code = reached_code(cell.condition, cell.measured, cell.training)
    return Provenance(
        condition, configuration, versions(), code.own, sha256(" ".join(code.hashes).encode()).hexdigest()
    )


@cache
def reached_code(condition: Condition, measured: Measured, training: Component) -> ReachedCode:
    """Return the code that a cell reaches: that of its run, and that of the objects that its configuration names.

    Where the run makes an object from a name, the class of that object takes the place of all that could be named. The
    texts are known by their fingerprint; of planted ones the information of each word is computed in the run, and of
    those that people marked their marks are read.
    """
    objects = [*make_measured(measured), make_layers(condition.combination), make_training(training)]
    encoded = (EncodedDataset, EncodedSplit, Vocabulary)  # what the texts come as
    starts: list[Any] = [run_cell, *encoded, *_classes(objects)]
    cut = [*CUT]
    if condition.dataset.name == PLANTED.name:
        starts.append(planted)
    else:
        cut.append(known_information)
    if condition.dataset.name in MARKED:
        starts += [HumanMarks, *map(type, MEASURES.values())]
    else:
        cut += [marks_of, plausibility_rows]
    return _source().reached(map(definition_of, starts), map(definition_of, cut))


@cache
def _source() -> SourceCode:
    return SourceCode(Path(__file__).parents[2])


def _classes(made: Any) -> Iterator[type[Any]]:
    """Yield the class of an object, and those of the objects that it holds, where they are of this package."""
    if type(made).__module__.partition(".")[0] == __name__.partition(".")[0]:
        yield type(made)
    held = [getattr(made, each.name) for each in fields(made)] if is_dataclass(made) else made
    for each in held if isinstance(held, list | tuple) else ():
        yield from _classes(each)
