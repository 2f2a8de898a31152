"""What a cell makes of its configuration."""

import pytest

from attnstats import models
from attnstats.exceptions import InvalidInputError
from attnstats.studies import Component, DatasetSpec, Grid, Inference, StudyConfig
from attnstats.studies.config._condition import Condition
from attnstats.studies.run._cells import Cell, check_names, run_cell

RATES = ("embedding_dropout", "word_dropout", "dropout")


class Trained(Exception):
    """Stands for the training, with the model that it was asked to train."""


def config(*trainings):
    return StudyConfig(
        name="tiny",
        datasets=(DatasetSpec(Component("planted", n_texts=200, length=4)),),
        architectures=(Grid(("mlp",), ("additive",)),),
        seeds=2,
        units=4,
        embedding_size=4,
        trainings=trainings,
        inference=Inference(minimum_seeds=2),
    )


def test_a_training_sets_the_dropout_of_its_models(monkeypatch):
    def train(model, dataset, **_):
        raise Trained(tuple(model.get_config()[name] for name in RATES))

    monkeypatch.setattr(models, "train", train)
    study = config(Component("own"), Component("none", embedding_dropout=0.0, word_dropout=0.0, dropout=0.0))
    (spec,), (combination,) = study.datasets, study.combinations()
    for training, rates in (("own", (0.6, 0.3, 0.3)), ("none", (0, 0, 0)), ("own", (0.6, 0.3, 0.3))):
        with pytest.raises(Trained) as trained:
            run_cell(Cell(study, spec, Condition(spec.source, *combination, training), 0))
        assert trained.value.args == (rates,)


@pytest.mark.parametrize("rate", [1.0, "high"])
def test_a_rate_out_of_range_is_named_before_any_work(rate):
    with pytest.raises(InvalidInputError, match=rf"word_dropout: must lie in \[0, 1\); got {rate!r}"):
        check_names(config(Component("early"), Component("wild", word_dropout=rate)))
