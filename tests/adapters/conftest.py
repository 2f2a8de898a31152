"""Tiny models of many architectures with random weights, and tokenizers of their kinds; nothing is downloaded."""

import warnings

import numpy as np
import pytest

SMALL = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48,
    "max_position_embeddings": 64,
}  # fmt: skip
#: Heads that share keys and values by twos.
GROUPED = {**SMALL, "num_key_value_heads": 2, "head_dim": 8}
RELATIVE = {**SMALL, "relative_attention": True, "pos_att_type": ["p2c", "c2p"], "max_relative_positions": 16}
EXPERTS = {"num_local_experts": 2, "num_experts_per_tok": 1}
LINEAR = {
    "linear_num_value_heads": 2, "linear_num_key_heads": 2, "linear_key_head_dim": 8, "linear_value_head_dim": 8,
    "num_experts": 2, "num_experts_per_tok": 1, "moe_intermediate_size": 16, "shared_expert_intermediate_size": 16,
}  # fmt: skip
ENCODERS = {
    "bert": SMALL,
    "roberta": {**SMALL, "max_position_embeddings": 66},
    "distilbert": {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 48, "max_position_embeddings": 64},
    "modernbert": {**SMALL, "global_attn_every_n_layers": 2, "local_attention": 4},
    "deberta": RELATIVE,
    "deberta-v2": RELATIVE,
    "electra": {**SMALL, "embedding_size": 32},
    "albert": {**SMALL, "embedding_size": 16},
    "xlnet": {"d_model": 32, "n_layer": 2, "n_head": 4, "d_inner": 48},
    "longformer": {**SMALL, "attention_window": [4, 4], "max_position_embeddings": 70},
}
DECODERS = {
    "gpt2": {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64},
    "llama": GROUPED,
    "qwen3": GROUPED,
    "mistral": {**GROUPED, "sliding_window": 3},
    "gemma3_text": {**GROUPED, "sliding_window": 3},
    "gpt_oss": {**GROUPED, **EXPERTS, "sliding_window": 3},
    "gpt_neox": SMALL,
    "jamba": {
        **GROUPED, "attn_layer_period": 2, "attn_layer_offset": 1, "mamba_d_state": 4, "mamba_dt_rank": 4,
        "num_experts": 1,
    },
    "qwen3_next": {**GROUPED, **LINEAR, "layer_types": ["linear_attention", "full_attention"]},
    "lfm2": {**GROUPED, "layer_types": ["conv", "full_attention"]},
}  # fmt: skip
BOTH = {
    "bart": {
        "d_model": 32, "encoder_layers": 2, "decoder_layers": 3, "encoder_attention_heads": 4,
        "decoder_attention_heads": 4, "encoder_ffn_dim": 48, "decoder_ffn_dim": 48, "max_position_embeddings": 64,
    },
    "t5": {"d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_decoder_layers": 3, "num_heads": 4},
}  # fmt: skip
BOTH |= {"mbart": BOTH["bart"], "mt5": BOTH["t5"], "umt5": BOTH["t5"], "plbart": BOTH["bart"]}


@pytest.fixture(scope="session")
def word_pieces():
    """A tokenizer of word pieces with a class token, like BERT's: letters, and letters within a word."""
    tokenizers, transformers = pytest.importorskip("tokenizers"), pytest.importorskip("transformers")
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefgh.", *(f"##{letter}" for letter in "abcdefgh")]
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.WordPiece({piece: at for at, piece in enumerate(pieces)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=40,
    )  # fmt: skip


@pytest.fixture(scope="session")
def byte_level():
    """A tokenizer of bytes that holds the blank before a word in the word's first token, like GPT-2's."""
    tokenizers, transformers = pytest.importorskip("tokenizers"), pytest.importorskip("transformers")
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    merges = [("Ġ", letter) for letter in "abcdefgh"] + [("a", "b"), ("c", "d"), ("e", "f")]
    pieces = ["<end>", *alphabet, *("".join(pair) for pair in merges)]
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.BPE(vocab={piece: at for at, piece in enumerate(pieces)}, merges=merges)
    )
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<end>", pad_token="<end>", model_max_length=60
    )


@pytest.fixture(scope="session")
def build():
    """A function that gives a model of an architecture, with weights that make attention uneven."""
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")

    def build(architecture, tokenizer, kind="AutoModelForSequenceClassification", dtype=None, **settings):
        given = {**(ENCODERS | DECODERS | BOTH)[architecture], "vocab_size": len(tokenizer), **settings}
        ids = {"pad_token_id": tokenizer.pad_token_id, "bos_token_id": None, "eos_token_id": None}
        given = {**ids, "num_labels": 3, **given}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # whatever a library says of a model without a task
            torch.manual_seed(0)
            config = transformers.AutoConfig.for_model(architecture, **given)
            model = getattr(transformers, kind).from_config(config).eval()
            with torch.no_grad():
                for parameter in model.parameters():
                    if parameter.ndim == 2:
                        parameter.mul_(4)
        return model if dtype is None else model.to(dtype)

    return build


@pytest.fixture(scope="session")
def texts():
    rng = np.random.default_rng(0)
    words = [["".join(rng.choice([*"abcdefgh"], rng.integers(1, 5))) for _ in range(n)] for n in (3, 5, 4, 5, 3, 8)]
    return [" ".join(text) for text in words]
