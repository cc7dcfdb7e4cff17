"""The training of every network that has a validation loss: epochs, early stopping, checkpoints, the learning curve."""

import numpy as np

from sourcewise.compute.live_curves import Curves
from sourcewise.compute.progress import Progress
from sourcewise.core.errors import Stop

LOSSES = ("train_loss", "validation_loss")


def train(network, training, checkpoint, *, one_epoch, validate, title, also=()):
    """Early stopping on the validation loss, best weights restored. Returns the learning curve as a table: epoch,
    train_loss, validation_loss, and the columns `also`.

    training: epochs and patience, the number of epochs without a smaller validation loss after which training ends.
    one_epoch(epoch): trains, and returns the mean loss. validate(): the validation loss and a number for each of
    `also`. title: for messages. A killed training resumes after its last whole epoch.
    """
    import pandas as pd

    rows, weights = checkpoint.restore(title)
    bar = Progress(total=training.epochs, done=len(rows), title=title, unit="epoch")
    with bar, Curves(*LOSSES) as curves:
        for epoch in range(len(rows), training.epochs):
            losses = [row[2] for row in rows]
            if rows and epoch - 1 - int(np.argmin(losses)) >= training.patience:
                break
            row = (epoch, one_epoch(epoch), *validate())
            if not np.isfinite(row[2]):
                raise Stop(f"the loss is {row[2]} after epoch {epoch + 1}: lower learning_rate")
            if row[2] < min(losses, default=np.inf):
                weights = network.get_weights()
            rows.append(row)
            checkpoint.write(rows, weights)
            curves.update(rows)
            bar.update(
                note=", ".join(f"{name} {value:.4f}" for name, value in zip(LOSSES + also, row[1:], strict=True))
            )
    checkpoint.remove()
    network.set_weights(weights)
    return pd.DataFrame(rows, columns=["epoch", *LOSSES, *also]).astype({"epoch": int}).round(6)
