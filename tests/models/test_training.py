"""Training: reproducible to the bit, independent of what came before, and it learns."""

import hashlib
import random
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from keras import ops

from attnstats.datasets import encode_dataset, planted
from attnstats.exceptions import InvalidInputError
from attnstats.models import (
    MLP,
    Additive,
    AttentionClassifier,
    BiLSTM,
    CosineDecay,
    Deep,
    GumbelSoftmax,
    LastEpoch,
    LowestLoss,
    RandomEmbeddings,
    Softmax,
    Training,
    trace_attention,
    train,
)
from attnstats.models._compiled import compiled_functions
from attnstats.models._seeding import initialize
from attnstats.models.attribution import GradientTimesInput, LeaveOneOut
from attnstats.models.training import batches, trimmed

DATA = encode_dataset(planted(300, length=6))
SHORT = Training(epochs=2, batch_size=32)


def make(encoder=MLP, attention=None, normalizer=None):
    return AttentionClassifier(
        len(DATA.vocabulary), 2, encoder(units=8), attention or Additive(4), normalizer or Softmax(), embedding_size=8
    )


def weights(layer):
    return [ops.convert_to_numpy(variable) for variable in layer.variables]


def same(one, two):
    return all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


@pytest.mark.slow
def test_one_seed_gives_one_model_whatever_came_before():
    model = make(normalizer=GumbelSoftmax(0.5))
    first_history = train(model, DATA, seed=1, training=SHORT)
    first = weights(model)
    train(model, DATA, seed=2, training=SHORT)
    assert not same(first, weights(model))
    history = train(model, DATA, seed=1, training=SHORT)
    assert same(first, weights(model))
    assert history.validation_loss == first_history.validation_loss
    twin = make(normalizer=GumbelSoftmax(0.5))
    train(twin, DATA, seed=1, training=SHORT)
    assert same(first, weights(twin))


def digest():
    """Train and trace one small model, and return the SHA-256 of what came out."""
    model = make(BiLSTM, normalizer=GumbelSoftmax(0.5, noise_at_evaluation=True))
    train(model, DATA, seed=5, training=SHORT)
    trace = trace_attention(model, DATA)
    parts = [*weights(model), trace.attention, trace.hidden, trace.output]
    return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()


@pytest.mark.slow
def test_one_seed_gives_one_trace_in_another_process():
    code = (
        "from attnstats.models import limit_threads; limit_threads(1); import runpy, sys;"
        f"print(runpy.run_path({__file__!r})['digest']())"
    )
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert result.stdout.strip() == digest()


def test_models_that_differ_in_the_scorer_start_alike_elsewhere():
    one, two = make(attention=Additive(4)), make(attention=Deep((4, 4)))
    for model in (one, two):
        initialize(model, np.random.SeedSequence(3))
    for part in ("embedding", "encoder", "head", "dropout"):
        assert same(weights(getattr(one, part)), weights(getattr(two, part)))
    initialize(two, np.random.SeedSequence(4))
    assert not same(weights(one.encoder), weights(two.encoder))


def test_global_random_state_is_left_alone():
    model = make()
    python, numpy = random.getstate(), np.random.get_state()[1].copy()  # noqa: NPY002
    train(model, DATA, seed=1, training=Training(epochs=1))
    assert random.getstate() == python
    assert np.array_equal(np.random.get_state()[1], numpy)  # noqa: NPY002


@pytest.mark.slow
def test_the_best_epoch_is_kept():
    model = make()
    history = train(
        model,
        DATA,
        seed=0,
        training=Training(epochs=30, batch_size=16, learning_rate=0.03, selection=LowestLoss(patience=2)),
    )
    assert history.best_epoch == int(np.argmin(history.validation_loss))
    assert len(history.train_loss) == len(history.validation_accuracy) == len(history.validation_loss)
    assert len(history.validation_loss) == min(30, history.best_epoch + 3)
    trace = trace_attention(model, DATA, split="validation")
    loss = -np.log(trace.output[np.arange(trace.n_examples), trace.label]).mean()
    assert loss == pytest.approx(min(history.validation_loss), rel=1e-5)
    accuracy = (trace.predicted == trace.label).mean()
    assert accuracy == pytest.approx(history.validation_accuracy[history.best_epoch])


@pytest.mark.slow
def test_training_finds_the_planted_token():
    data = encode_dataset(planted(1000, length=6))
    model = AttentionClassifier(len(data.vocabulary), 2, MLP(16), Additive(8), Softmax(), embedding_size=16)
    history = train(
        model, data, seed=0, training=Training(epochs=20, learning_rate=0.01, selection=LowestLoss(patience=3))
    )
    assert history.train_loss[-1] < history.train_loss[0] - 0.1


def test_batches_hold_every_example_once_and_texts_of_like_length():
    data = encode_dataset(planted(200, length=6)).train
    seen = list(batches(data, 32, np.random.default_rng(0)))
    assert sorted(np.concatenate(seen).tolist()) == list(range(len(data)))
    assert sorted(map(len, seen)) == [len(data) % 32 or 32] + [32] * (len(data) // 32 - (len(data) % 32 == 0))
    again = list(batches(data, 32, np.random.default_rng(1)))
    assert [rows.tolist() for rows in seen] != [rows.tolist() for rows in again]


def test_trimming_drops_nothing_but_padding():
    data = encode_dataset(planted(200, length=6)).train
    rows = np.array([3, 5])
    ids = trimmed(data, rows)
    assert ids.shape[1] == data.lengths[rows].max()
    assert (ids != 0).sum() == data.lengths[rows].sum()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"epochs": 0}, "epochs: must be an integer of at least 1; got 0"),
        ({"batch_size": 1.5}, "batch_size: must be an integer of at least 1; got 1.5"),
        ({"weight_decay": -1}, "weight_decay: must be a finite number above 0; got -1"),
        ({"selection": "last"}, r"selection: must be an object such as LowestLoss\(patience=1\); got 'last'"),
        ({"schedule": CosineDecay}, "schedule: must be an object such as CosineDecay"),
        ({"embeddings": 0.3}, "embeddings: must be an object such as RandomEmbeddings"),
        ({"learning_rate": 0}, "learning_rate: must be a finite number above 0; got 0"),
    ],
)
def test_bad_parameters_are_named(parameters, message):
    with pytest.raises(InvalidInputError, match=message):
        Training(**parameters)


def test_a_model_of_other_data_is_refused():
    model = AttentionClassifier(5, 2, MLP(8), Additive(4), Softmax())
    with pytest.raises(
        InvalidInputError, match=r"model: must have .* token ids and 2 classes like planted; got 5 and 2"
    ):
        train(model, DATA, seed=0)
    with pytest.raises(
        InvalidInputError, match=r"model: must have .* token ids and 2 classes like planted; got 5 and 2"
    ):
        trace_attention(model, DATA)
    with pytest.raises(InvalidInputError, match="seed: must be an integer of at least 0; got -1"):
        train(make(), DATA, seed=-1)


def test_weight_decay_takes_its_share_off_every_weight():
    model = make()
    still = {"epochs": 1, "batch_size": len(DATA.train), "learning_rate": 1e-12}
    train(model, DATA, seed=1, training=Training(**still))
    before = model.get_weights()
    train(model, DATA, seed=1, training=Training(**still, weight_decay=1e11))  # one step of 1e-12: a tenth
    for old, new in zip(before, model.get_weights(), strict=True):
        assert new == pytest.approx(0.9 * old, rel=1e-5, abs=1e-7)
    train(model, DATA, seed=1, training=Training(**still))
    assert all(np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True))


@pytest.mark.slow
def test_visits_along_the_way_change_nothing():
    watched, alone = (make(BiLSTM, normalizer=GumbelSoftmax(0.5, noise_at_evaluation=True)) for _ in range(2))
    seen, first = {}, []

    def look(updates):
        trace_attention(watched, DATA)
        for attribution in (GradientTimesInput(), LeaveOneOut()):
            attribution.scores(watched, DATA)
        seen[updates] = weights(watched.encoder)
        first.append(weights(watched.embedding))

    # A training of two epochs has 16 updates, so that of 99 is never reached.
    visits = {updates: partial(look, updates) for updates in (99, 16, 9, 1, 0)}
    history = train(watched, DATA, seed=5, training=SHORT, visits=visits)
    expected = train(alone, DATA, seed=5, training=SHORT)
    assert same(weights(watched), weights(alone))
    assert replace(history, seconds=0) == replace(expected, seconds=0)
    assert list(seen) == [0, 1, 9, 16]
    initialize(alone, np.random.SeedSequence(5).spawn(2)[0])
    assert same(first[0], weights(alone.embedding))
    assert not any(same(seen[earlier], seen[later]) for earlier, later in pairwise(seen))


def test_a_training_that_ends_early_is_visited_no_more():
    seen = []
    settings = Training(epochs=30, batch_size=16, learning_rate=0.03, selection=LowestLoss(patience=1))
    n_batches = -(-len(DATA.train) // 16)
    visits = {updates: partial(seen.append, updates) for updates in range(0, 30 * n_batches + 1, n_batches)}
    history = train(make(), DATA, seed=0, training=settings, visits=visits)
    assert len(history.train_loss) < 30
    assert seen == [n_batches * epoch for epoch in range(len(history.train_loss) + 1)]


def test_the_learning_rates_are_those_of_the_optimizer():
    settings = Training(epochs=2, batch_size=64, learning_rate=0.01, schedule=CosineDecay(warmup=0.3))
    model, used = make(), []
    rates = settings.learning_rates(len(DATA.train))
    optimizer = compiled_functions(model).optimizer
    visits = {updates: lambda: used.append(float(optimizer.learning_rate)) for updates in range(1, len(rates) + 1)}
    train(model, DATA, seed=0, training=settings, visits=visits)
    assert len(used) == 2 * -(-len(DATA.train) // 64) > 4
    assert used == pytest.approx(rates)
    assert len(set(used)) > 4


def test_the_last_epoch_is_kept_where_the_length_is_fixed():
    history = train(make(), DATA, seed=1, training=Training(epochs=3, batch_size=16, selection=LastEpoch()))
    assert history.best_epoch == 2
    assert history.n_updates == 3 * -(-len(DATA.train) // 16)


def test_a_schedule_changes_the_steps():
    one, two = make(), make()
    train(one, DATA, seed=1, training=Training(epochs=2, learning_rate=0.01))
    train(two, DATA, seed=1, training=Training(epochs=2, learning_rate=0.01, schedule=CosineDecay()))
    assert not np.array_equal(one.get_weights()[0], two.get_weights()[0])
    # What decays takes shorter steps in all.
    start = make()
    train(start, DATA, seed=1, training=Training(epochs=1, learning_rate=1e-30))
    way = [np.abs(each.get_weights()[-2] - start.get_weights()[-2]).sum() for each in (one, two)]
    assert way[1] < way[0]


def test_embeddings_start_at_their_scale():
    model = make()
    train(model, DATA, seed=1, training=Training(epochs=1, learning_rate=1e-30))
    small = model.embedding.get_weights()[0]
    train(model, DATA, seed=1, training=Training(epochs=1, learning_rate=1e-30, embeddings=RandomEmbeddings(scale=0.3)))
    assert model.embedding.get_weights()[0] == pytest.approx(6 * small, rel=1e-5)


@dataclass(frozen=True)
class FirstStepsAtHalf:
    """Half of the peak for some steps, then the peak."""

    steps: int

    def share(self, step, n_steps):  # noqa: ARG002
        return 0.5 if step < self.steps else 1.0


def test_the_peak_is_reached_again_after_a_warm_up():
    half, whole, rising = (make() for _ in range(3))
    common = {"epochs": 2, "batch_size": len(DATA.train)}  # one step an epoch
    train(half, DATA, seed=1, training=Training(**common, learning_rate=0.005, selection=LastEpoch()))
    train(whole, DATA, seed=1, training=Training(**common, learning_rate=0.01, selection=LastEpoch()))
    rise = Training(**common, learning_rate=0.01, schedule=FirstStepsAtHalf(1), selection=LastEpoch())
    train(rising, DATA, seed=1, training=rise)
    start = make()
    train(start, DATA, seed=1, training=Training(**common, learning_rate=1e-30))
    # Adam's first steps have the size of the rate: two of 0.005, two of 0.01, one of each.
    bias = [np.abs(each.get_weights()[-1] - start.get_weights()[-1]).mean() for each in (half, whole, rising)]
    assert bias[0] < bias[2] < bias[1]
    assert bias[2] == pytest.approx((bias[0] + bias[1]) / 2, rel=0.1)
