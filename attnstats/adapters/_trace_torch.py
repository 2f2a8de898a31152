"""The trace of a PyTorch module, by hooks on its submodules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from attnstats.adapters._collecting import Collection
from attnstats.adapters._torch_arrays import batch_of
from attnstats.adapters._torch_batches import Key, Pass
from attnstats.adapters._torch_hooks import Hooked
from attnstats.adapters.capture import Captured, Logits, PositiveProbability, as_captured
from attnstats.exceptions import require
from attnstats.trace import AttentionRow, AttentionTrace

Layer: TypeAlias = str | Captured
ModelOutput: TypeAlias = Layer | Logits | PositiveProbability


def trace_torch(
    module: Any,
    batches: Iterable[Any],
    /,
    *,
    attention: Layer,
    hidden: Layer,
    output: ModelOutput,
    row: AttentionRow | None = None,
    mask: Key = None,
    label: Key = None,
    tokens: Sequence[Sequence[str]] | None = None,
    forward: Callable[[Any, Any], Any] | None = None,
    renormalize: bool = False,
    **metadata: str | int | float | bool,
) -> AttentionTrace:
    """Return the trace of a PyTorch module on batches of examples.

    The module runs as it is, on its own device and without gradients; hooks on its submodules are removed at the end,
    also if it fails. A `torch.nn.MultiheadAttention` computes the weights of its heads during the pass, and returns to
    the module what that asked for.

    Parameters
    ----------
    module : torch.nn.Module
        A trained model in evaluation mode.
    batches : iterable
        Batches for the module, such as a DataLoader without shuffling: each a tensor or a packed sequence, a tuple of
        arguments, or a mapping of them.
    attention : str, Output or Input
        The submodule that returns the weights, by its dotted name in ``module.named_modules()``: a
        `torch.nn.MultiheadAttention`, whose `row` has a head and a query, or an own layer that returns weights of shape
        (n_examples, n_tokens) or (n_examples, n_tokens, 1), or with the axes that `row` chooses from.
    hidden : str, Output or Input
        The submodule that returns the states which the attention weighs, of shape (n_examples, n_tokens, dim) or a
        packed sequence, or ``Input(name, "value")`` of the attention itself. Of PyTorch's recurrent layers the first
        output is taken, and their `batch_first` is kept to.
    output : str, Output, Input, Logits or PositiveProbability
        Where the class probabilities are, or predicted classes as integers; ``Logits("head")`` of scores before the
        softmax, ``PositiveProbability("head")`` of one column after a sigmoid. The module itself has the name ``""``.
    row : AttentionRow, optional
        Which head and query are taken, where the weights have such axes; it joins the metadata.
    mask : str, int or callable, optional
        Real tokens: the key of the batch, its number in a tuple, or a function of the batch; True or 1 at real tokens.
        By default those of a packed sequence, or all. An entry that `forward` of the module does not take is left out.
    label : str, int or callable, optional
        True classes of each batch; as an entry of the batch it is not passed to the module.
    tokens : sequence of sequences of str, optional
        Token strings of all examples, one for each real token.
    forward : callable, optional
        ``forward(module, batch)`` runs the module on a batch that it does not take as it is.
    renormalize : bool
        Divide each row of attention by its sum, as in `AttentionTrace.from_arrays`.
    **metadata : str, int, float or bool
        As in `AttentionTrace.from_arrays`, for example ``dataset="imdb", layer=0, seed=3``.

    Returns
    -------
    AttentionTrace
        Rows of bfloat16, which miss one by their rounding, stay as they are.

    Raises
    ------
    InvalidInputError
        If the module is in training mode, a name is that of no submodule (the near ones are listed), a submodule is
        called never or more than once in a pass, or its values have not the shapes above or are no trace.
    MissingExtraError
        If PyTorch is not installed.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from attnstats.adapters import Logits
    >>> from attnstats.trace import AttentionRow, ClassToken
    >>> class Tagger(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.embedding, self.attention = nn.Embedding(9, 4), nn.MultiheadAttention(4, 2, batch_first=True)
    ...         self.classifier = nn.Linear(4, 2)
    ...     def forward(self, ids):
    ...         states = self.embedding(ids)
    ...         padding = ids == 0
    ...         return self.classifier(self.attention(states, states, states, key_padding_mask=padding)[0][:, 0])
    >>> batches = [torch.tensor([[1, 2, 3], [4, 5, 0]]), torch.tensor([[6, 7]])]
    >>> trace_torch(
    ...     Tagger().eval(), batches, attention="attention", hidden="embedding", output=Logits("classifier"),
    ...     row=AttentionRow(head=1, query=ClassToken()), mask=lambda ids: ids != 0)
    AttentionTrace(3 examples, 3 tokens, 4 dimensions, 2 classes, head=1, query='ClassToken()')
    """
    require("torch", "torch")
    runner = Pass(module, mask, label, forward)
    declared = output.of if isinstance(output, Logits | PositiveProbability) else output
    layers = {"attention": attention, "hidden": hidden, "output": declared}
    hooked = Hooked(runner.module, {role: as_captured(layer, role) for role, layer in layers.items()})
    collection = Collection(row, output, renormalize)
    with hooked.hooks():
        for batch in runner.on_device(batches):
            real, classes = runner.mask_of(batch), runner.label_of(batch)
            runner.run(batch)
            collection.add(batch_of(hooked.taken(), real, classes))
    return collection.trace(tokens, metadata)
