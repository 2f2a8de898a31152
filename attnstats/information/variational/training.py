"""Training of one network per fold, all at once: stopped by validation, each fold left with its best epoch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import BoolArray, IntArray, check_count, check_positive
from attnstats.exceptions import ConvergenceError, MissingExtraError
from attnstats.information.variational.critics import Architecture

if TYPE_CHECKING:
    from attnstats.information.variational._networks import Network


Float32Array = NDArray[np.float32]

#: Least steps in an epoch: with few rows it is several passes, so that validation takes a small part of the time.
_MIN_STEPS = 5
#: Gain at validation, in nats, from which an epoch counts as better than the best so far.
_MIN_GAIN = 1e-3


@dataclass(frozen=True)
class NetworkTraining:
    """Training of a network: Adam on mini-batches, until validation has not improved for some epochs.

    Parameters
    ----------
    max_epochs : int, default 50
        Most passes over the training rows.
    patience : int, default 8
        Epochs without a better validation value after which training stops.
    batch_size : int, default 128
        Rows n of a batch, at least 4. While training, InfoNCE is at most log n, and the cost of a step with the `Joint`
        critic grows as n².
    learning_rate : float, default 0.01
        Step size of Adam.

    References
    ----------
    Kingma and Ba (2015), Adam: a method for stochastic optimization, ICLR.

    Examples
    --------
    >>> from attnstats.information import NetworkTraining
    >>> NetworkTraining(patience=20)
    NetworkTraining(max_epochs=50, patience=20, batch_size=128, learning_rate=0.01)
    """

    max_epochs: int = 50
    patience: int = 8
    batch_size: int = 128
    learning_rate: float = 1e-2

    def __post_init__(self) -> None:
        check_count(self.max_epochs, "max_epochs")
        check_count(self.patience, "patience")
        check_count(self.batch_size, "batch_size", minimum=4)
        check_positive(self.learning_rate, "learning_rate")


class Objective(ABC):
    """What training maximises; hashable, so that compiled functions can be reused."""

    @abstractmethod
    def value(self, network: Network, x: Any, y: Any) -> Any:
        """Return the local terms, (n_folds, n), whose mean over the validation rows compares epochs."""

    def surrogate(self, network: Network, x: Any, y: Any, log_average: Any) -> tuple[Any, Any]:
        """Return a value (n_folds,) whose gradient is followed, and `log_average` (n_folds,) for the next step."""
        from keras import ops

        return ops.mean(self.value(network, x, y), axis=-1), log_average


@dataclass(frozen=True, eq=False)
class CompiledNetwork:
    """A network with its compiled functions; its weights belong to whoever holds the lock."""

    network: Network
    optimizer: Any
    log_average: Any
    step: Callable[[Float32Array, Float32Array], Any]  # one step; the value before it, (n_folds,)
    value: Callable[[Float32Array, Float32Array], Any]  # mean value, (n_folds,)
    scores: Callable[[Float32Array, Float32Array], Any]  # scores of all pairs, (n_folds, n_x, n_y)
    lock: Lock = field(default_factory=Lock)


class Rows(NamedTuple):
    """The rows of a fold: to train on, to stop by, to evaluate on."""

    training: IntArray
    validation: IntArray
    test: IntArray


class Folds(NamedTuple):
    """All rows as each fold scales them, and which rows each fold trains on, validates on and holds out."""

    x: Float32Array  # (n_folds, n, dim_x)
    y: Float32Array  # (n_folds, n, dim_y), one-hot for classes
    rows: list[Rows]
    labels: IntArray | None  # (n,) class codes, None for a continuous y

    def taken(self, rows: IntArray) -> tuple[Float32Array, Float32Array]:
        """Return the x and y of some rows of each fold, given as (n_folds, n_taken)."""
        index = np.arange(len(rows))[:, np.newaxis], rows
        return self.x[index], self.y[index]

    def held_out(self) -> IntArray:
        """Return the fold that holds out each row, shape (n,)."""
        fold = np.empty(self.x.shape[1], dtype=np.int64)
        for k, rows in enumerate(self.rows):
            fold[rows.test] = k
        return fold


class Fit(NamedTuple):
    """How the training of each fold went, shape (n_folds,) each."""

    epoch: IntArray  # the epoch whose weights were kept; 0 for the start
    stopped: BoolArray  # whether validation stopped it, rather than max_epochs

    def notes(self, name: str) -> tuple[str, ...]:
        """Return how training went, as phrases that begin with the name of what was fitted."""
        notes = [f"{name} kept from epochs {', '.join(map(str, self.epoch))}"]
        if not self.epoch.all():
            notes.append(
                f"{name}: no epoch beat the start in {int((self.epoch == 0).sum())} of {len(self.epoch)} folds"
            )
        if not self.stopped.all():
            notes.append(f"{name}: training ended at max_epochs in {int((~self.stopped).sum())} folds")
        return tuple(notes)


@lru_cache(maxsize=32)
def compiled_network(
    architecture: Architecture, objective: Objective, n_folds: int, dim_x: int, dim_y: int
) -> CompiledNetwork:
    """Return the compiled functions of a network, made once for any number of rows and fits."""
    try:
        import keras
        import tensorflow as tf
    except ImportError as error:
        raise MissingExtraError("keras with tensorflow", "models") from error

    network = architecture.network(n_folds, dim_x, dim_y)
    variables = network.trainable_variables
    optimizer = keras.optimizers.Adam()
    optimizer.build(variables)
    log_average = tf.Variable(tf.zeros(n_folds))
    signature = [tf.TensorSpec((n_folds, None, dim), tf.float32) for dim in (dim_x, dim_y)]

    def step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            value, average = objective.surrogate(network, x, y, log_average.read_value())
            loss = -tf.reduce_sum(value)  # a sum, so the gradient of each fold depends on that fold alone
        optimizer.apply(tape.gradient(loss, variables), variables)
        log_average.assign(average)
        return value

    def value(x: Any, y: Any) -> Any:
        return tf.reduce_mean(objective.value(network, x, y), axis=-1)

    compiled = (tf.function(each, input_signature=signature, autograph=False) for each in (step, value, network))
    return CompiledNetwork(network, optimizer, log_average, *compiled)


def fit(
    compiled: CompiledNetwork,
    training: NetworkTraining,
    folds: Folds,
    rng: np.random.Generator,
    *,
    base: Sequence[NDArray[Any]] = (),
) -> Fit:
    """Train the networks of all folds from new weights, or those of `base`, and leave each with its best epoch.

    The caller holds the lock of `compiled`.
    """
    for variable in (*compiled.optimizer.variables, compiled.log_average):
        variable.assign(np.zeros(variable.shape))
    compiled.optimizer.learning_rate = training.learning_rate
    compiled.network.reset(rng)
    if base:
        for variable, start in zip(compiled.network.base, base, strict=True):
            variable.assign(start)
    size = min(training.batch_size, *(len(rows.training) for rows in folds.rows))
    validation = _batches([rng.permutation(rows.validation) for rows in folds.rows], training.batch_size)
    best = _validate(compiled, folds, validation, epoch=0)
    weights = [variable.numpy() for variable in compiled.network.trainable_variables]
    best_epoch = np.zeros(len(folds.rows), dtype=np.int64)
    for epoch in range(1, training.max_epochs + 1):
        n_steps = 0
        while n_steps < _MIN_STEPS:
            for rows in _batches([rng.permutation(rows.training) for rows in folds.rows], size, whole=True):
                _check(compiled.step(*folds.taken(rows)).numpy(), epoch)
                n_steps += 1
        value = _validate(compiled, folds, validation, epoch=epoch)
        better = value > best + _MIN_GAIN
        best[better], best_epoch[better] = value[better], epoch
        for kept, variable in zip(weights, compiled.network.trainable_variables, strict=True):
            kept[better] = variable.numpy()[better]
        if (epoch - best_epoch >= training.patience).all():
            break
    for kept, variable in zip(weights, compiled.network.trainable_variables, strict=True):
        variable.assign(kept)
    return Fit(best_epoch, epoch - best_epoch >= training.patience)


def _batches(rows: list[IntArray], size: int, *, whole: bool = False) -> list[IntArray]:
    """Return batches (n_folds, n) of exactly `size` rows if `whole`, else of at most as many and nearly equal size."""
    shortest = min(len(each) for each in rows)
    n_batches = shortest // size if whole else -(-shortest // size)
    length = n_batches * size if whole else shortest
    table = np.stack([each[:length] for each in rows])
    return np.array_split(table, n_batches, axis=1)


def _validate(compiled: CompiledNetwork, folds: Folds, batches: list[IntArray], *, epoch: int) -> Any:
    values = [compiled.value(*folds.taken(rows)).numpy() for rows in batches]
    return _check(np.average(values, axis=0, weights=[rows.shape[1] for rows in batches]), epoch)


def _check(values: NDArray[Any], epoch: int) -> NDArray[Any]:
    if not np.isfinite(values).all():
        raise ConvergenceError(
            f"training: must stay finite; got a value of {values} in epoch {epoch}; a smaller learning_rate may help"
        )
    return values
