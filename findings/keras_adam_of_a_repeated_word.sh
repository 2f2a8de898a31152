#!/bin/sh
# Keras on TensorFlow: Adam moves the embedding of a word by more than its learning rate, the more often the word stands
# in a batch, and not as it does on JAX.
#
# Guess: Adam's first step moves each weight by the learning rate, whatever the size of its gradient (m / sqrt(v) = +-1),
# and a word that stands in a batch several times has one gradient, the sum; the backend changes nothing.
# Version: Keras 3.15.1 with TensorFlow 2.21.0, with JAX 0.7.2; Python 3.11.
# Behaviour: on TensorFlow the gradient of an embedding is a tf.IndexedSlices with a row for each occurrence. Adam squares
# row by row, and then adds rows of one word: v takes the sum of squares, where the method has the square of the sum.
# A word that stands n times with equal gradients moves sqrt(n) times too far. No warning.
# Seen (learning rate 0.001, first step, a word that stands n times):
#   n =   1: TensorFlow 0.00100, JAX 0.00100
#   n =  25: TensorFlow 0.00500, JAX 0.00100
#   n = 100: TensorFlow 0.01000, JAX 0.00100
# Remedy: make the gradient dense before the optimizer (tf.convert_to_tensor), or an optimizer that does.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3}" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    keras==3.15.1 tensorflow-cpu==2.21.0 jax==0.7.2 numpy==2.4.6
cat > "$place/moves.py" <<'EOF'
import keras
import numpy as np

for n in (1, 25, 100):
    model = keras.Sequential([keras.layers.Embedding(3, 1), keras.layers.GlobalAveragePooling1D()])
    model.compile(optimizer=keras.optimizers.Adam(0.001), loss="mse")
    words = np.full((1, n), 2)
    model.build(words.shape)
    (before,) = model.get_weights()
    model.train_on_batch(words, np.array([[5.0]]))
    (after,) = model.get_weights()
    print(n, f"{abs(after - before)[2, 0]:.5f}")
EOF
for backend in tensorflow jax; do
    KERAS_BACKEND=$backend TF_CPP_MIN_LOG_LEVEL=3 "$place/venv/bin/python" -W error::UserWarning "$place/moves.py" 2>/dev/null > "$place/$backend"
done
paste -d' ' "$place/tensorflow" "$place/jax" | tee "$place/both"
printf '1 0.00100 1 0.00100\n25 0.00500 25 0.00100\n100 0.01000 100 0.00100\n' | diff - "$place/both"
