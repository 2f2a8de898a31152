"""A small neural network, stopped early inside the training folds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

import numpy as np
from scipy.special import log_softmax

from attnstats._validation import FloatArray, check_count, check_positive
from attnstats.exceptions import ConvergenceError
from attnstats.information.probes.classifier import Fitted, PriorMixture, TrainingFold, standardised

#: The search ends when so many epochs brought no smaller loss.
_PATIENCE = 10


@dataclass(frozen=True)
class NeuralNetwork:
    """A network of two hidden layers of rectified units: smooth interactions of many features.

    Features are standardised on the training folds; the weights follow Adam with decoupled decay. The number of epochs
    is that with which the halves of the training groups predict each other best; a network cut off by `max_epochs` only
    makes a held-out bound looser. (scikit-learn's `MLPClassifier` stops by rows of its own choice, not by whole groups,
    and has no decoupled decay.)

    Parameters
    ----------
    width : int, default 32
        Units in each hidden layer.
    max_epochs : int, default 100
        Most passes over the training rows.
    learning_rate : float, default 0.003
        Step of Adam.
    decay : float, default 0.3
        Weight decay, in units of the learning rate.
    batch_size : int, default 64
        Rows in a step.

    Raises
    ------
    ConvergenceError
        If the weights or the loss stop being finite.

    References
    ----------
    Kingma, Ba (2015), Adam: a method for stochastic optimization, ICLR, algorithm 1.
    Loshchilov, Hutter (2019), Decoupled weight decay regularization, ICLR, algorithm 2.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import NeuralNetwork, Probe
    >>> x = np.random.default_rng(0).normal(size=(1000, 2))
    >>> y = (x[:, 0] > 0) ^ (x[:, 1] > 0)  # no line tells these classes apart
    >>> bool(Probe(NeuralNetwork()).estimate(x, y, rng=0) > 0.5)  # truth: log 2 = 0.69 nats
    True
    """

    width: int = 32
    max_epochs: int = 100
    learning_rate: float = 0.003
    decay: float = 0.3
    batch_size: int = 64

    def __post_init__(self) -> None:
        check_count(self.width, "width")
        check_count(self.max_epochs, "max_epochs")
        check_count(self.batch_size, "batch_size")
        check_positive(self.learning_rate, "learning_rate")
        check_positive(self.decay, "decay")

    def fit(self, training: TrainingFold, rng: np.random.Generator) -> Fitted:
        """Return the networks of all rows and of each half."""
        centre, scale = standardised(training.x)
        seeds = rng.spawn(3)
        halves = [training.part(half) for half in (0, 1)]
        mixtures = [PriorMixture.of(half.y, half.groups, half.n_classes) for half in halves]
        learning = [self._epochs(half, centre, scale, seed) for half, seed in zip(halves, seeds[1:], strict=True)]
        lowest, n_best = np.inf, 0
        best: list[_Network] = []
        for epoch, networks in enumerate(zip(*learning, strict=True)):
            loss = 0.0
            for network, mixture, other in zip(networks, mixtures, halves[::-1], strict=True):
                loss -= float(mixture.log_likelihood(network.log_probabilities(other.x), other.y).sum())
            if not np.isfinite(loss):
                raise ConvergenceError(f"NeuralNetwork: the loss must stay finite; got {loss} after {epoch} epochs")
            if loss < lowest:
                lowest, n_best, best = loss, epoch, [network.copy() for network in networks]
            elif epoch - n_best >= _PATIENCE:
                break
        whole = next(islice(self._epochs(training, centre, scale, seeds[0]), n_best, None))
        if not all(np.isfinite(weights).all() for weights in whole.weights):
            raise ConvergenceError(f"NeuralNetwork: the weights must stay finite; got NaN after {n_best} epochs")
        return Fitted(whole, best[0], best[1], lowest / len(training.y), "neural network")

    def _epochs(
        self, training: TrainingFold, centre: FloatArray, scale: FloatArray, rng: np.random.Generator
    ) -> Iterator[_Network]:
        """Yield the network before the first epoch and after each; it is the same object, which learns on."""
        n, dim = training.x.shape
        x = (training.x - centre) * scale
        log_prior = PriorMixture.of(training.y, training.groups, training.n_classes).log_prior
        target = np.eye(training.n_classes)[training.y]
        # All weights as one vector, of which the layers are views: so a step is a few operations.
        shapes = [(fan_in + 1, fan_out) for fan_in, fan_out in pairwise((dim, self.width, self.width, len(log_prior)))]
        ends = np.cumsum([rows * columns for rows, columns in shapes])
        weights = np.zeros(ends[-1])
        kept = np.full(len(weights), 1 - self.learning_rate * self.decay)
        layers = [part.reshape(shape) for part, shape in zip(np.split(weights, ends[:-1]), shapes, strict=True)]
        for end, layer in zip(ends, layers, strict=True):
            kept[end - layer.shape[1] : end] = 1  # the last row of a layer is its biases
        for layer in layers[:-1]:  # He et al. (2015); the output starts at the prior
            layer[:-1] = rng.normal(scale=np.sqrt(2 / (len(layer) - 1)), size=layer[:-1].shape)
        network = _Network(layers, log_prior, centre, scale)
        mean, square = np.zeros((2, len(weights)))
        yield network
        step = 0
        for _ in range(self.max_epochs):
            order = rng.permutation(n)
            shuffled_x, shuffled_target = x[order], target[order]
            for start in range(0, n, self.batch_size):
                batch = slice(start, start + self.batch_size)
                step += 1
                rate = self.learning_rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
                gradient = np.concatenate(
                    [each.ravel() for each in network.gradients(shuffled_x[batch], shuffled_target[batch])]
                )
                mean += 0.1 * (gradient - mean)
                square += 0.001 * (gradient**2 - square)
                weights *= kept
                weights -= rate * mean / (np.sqrt(square) + 1e-8)
            yield network


@dataclass(frozen=True)
class _Network:
    """Layers of weights, each with its biases as the last row; the output is added to the log prior."""

    weights: list[FloatArray]
    log_prior: FloatArray
    centre: FloatArray
    scale: FloatArray

    def copy(self) -> _Network:
        return _Network([layer.copy() for layer in self.weights], self.log_prior, self.centre, self.scale)

    def _layers(self, x: FloatArray) -> list[FloatArray]:
        """Return the input and the output of every layer."""
        values = [x]
        for layer in self.weights[:-1]:
            values.append(np.maximum(values[-1] @ layer[:-1] + layer[-1], 0))
        values.append(values[-1] @ self.weights[-1][:-1] + self.weights[-1][-1] + self.log_prior)
        return values

    def log_probabilities(self, x: FloatArray) -> FloatArray:
        log_q: FloatArray = log_softmax(self._layers((x - self.centre) * self.scale)[-1], axis=1)
        return log_q

    def gradients(self, x: FloatArray, target: FloatArray) -> list[FloatArray]:
        """Return the gradient of the mean log loss with respect to each layer; x is standardised."""
        values = self._layers(x)
        signal = (np.exp(log_softmax(values[-1], axis=1)) - target) / len(x)
        gradients = []
        for layer, value in zip(self.weights[::-1], values[-2::-1], strict=True):
            gradients.append(np.vstack([value.T @ signal, signal.sum(axis=0)]))
            signal = (signal @ layer[:-1].T) * (value > 0)
        return gradients[::-1]
