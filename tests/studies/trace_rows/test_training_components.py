"""Trainings as a configuration writes them."""

import pytest

from attnstats.exceptions import ConfigError, UnknownNameError
from attnstats.models import CosineDecay, HighestAUC, LastEpoch, LowestLoss, RandomEmbeddings, Training
from attnstats.studies import Component
from attnstats.studies.trace_rows._components import dropout_rates, make_training


def test_a_name_alone_is_the_default_training():
    assert make_training(Component("standard")) == Training()


def test_arguments_of_the_parts_stand_beside_their_names():
    fixed = Component("fixed", batch_size=16, epochs=5, selection="last_epoch")
    assert make_training(fixed) == Training(batch_size=16, epochs=5, selection=LastEpoch())
    early = Component("early", batch_size=64, selection="lowest_loss", patience=2)
    assert make_training(early) == Training(batch_size=64, selection=LowestLoss(patience=2))
    other = Component(
        "other", schedule="cosine", warmup=0.1, selection="highest_auc", skip=1, embeddings="random", scale=0.3
    )
    assert make_training(other) == Training(
        schedule=CosineDecay(0.1), selection=HighestAUC(skip=1), embeddings=RandomEmbeddings(0.3)
    )


def test_unknown_names_and_arguments_are_named():
    with pytest.raises(UnknownNameError, match=r"a\.selection: must be one of last_epoch, lowest_loss, highest_auc"):
        make_training(Component("a", selection="best"))
    with pytest.raises(ConfigError, match=r"a\.patience: unknown parameter; the known ones are epochs"):
        make_training(Component("a", patience=1))
    with pytest.raises(ConfigError, match=r"a\.steps: unknown parameter"):
        make_training(Component("a", steps=1))


def test_rates_of_dropout_go_to_the_model():
    plain = Component("plain", batch_size=32, word_dropout=0.0, dropout=0.5)
    assert make_training(plain) == Training(batch_size=32)
    assert dropout_rates(plain) == {"word_dropout": 0.0, "dropout": 0.5}
    assert dropout_rates(Component("early")) == {}
