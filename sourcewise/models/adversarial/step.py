"""One step of adversarial training, compiled to a graph (Goodfellow et al. 2014; its conditional form, Mirza and
Osindero 2014)."""

from typing import NamedTuple

import numpy as np


class Steps(NamedTuple):
    """step(real, labels, noise): train both networks on one batch; returns their losses. variables: all it changes, the
    seeds of random layers included."""

    step: callable
    variables: list


def joined(noise, labels):
    """The input of a generator: noise (n, latent) and labels (n, n_classes), float32, concatenated. Labels have the
    norm of the noise: a 1 among so many numbers would hardly count at first, and would never be learned."""
    from keras import ops

    return ops.concatenate([noise, np.float32(noise.shape[1] ** 0.5) * labels], axis=1)


def compiled(networks, training, *, eagerly=False):
    """Both networks' Steps: binary cross-entropy of logits, Adam. Both use the same samples, made once a step.

    training: a `Training`; its `real_label` is the discriminator's target for real examples (below 1: one-sided label
    smoothing, Salimans et al. 2016). With labels, the discriminator must also reject real examples with the labels of
    another one (Reed et al. 2016): otherwise labels are soon ignored. eagerly: without a graph, for comparison.
    """
    import tensorflow as tf
    from keras import ops, optimizers

    generator, discriminator = networks
    players = [
        (network, optimizers.Adam(training.learning_rate, beta_1=training.beta_1)) for network in reversed(networks)
    ]
    for network, optimizer in players:
        optimizer.build(network.trainable_variables)

    def judged(examples, labels):
        return discriminator([examples, labels] if labels.shape[1] else examples, training=True)

    def loss(target, logits, weight=1):
        return ops.mean(weight * ops.binary_crossentropy(ops.full_like(logits, target), logits, from_logits=True))

    def mismatched(real, labels):
        others = ops.roll(labels, 1, axis=0)
        differ = ops.cast(ops.any(others != labels, axis=1, keepdims=True), "float32")
        return loss(0, judged(real, others), differ) if labels.shape[1] else 0

    def step(real, labels, noise):
        real, labels, noise = map(tf.convert_to_tensor, (real, labels, noise))
        with tf.GradientTape() as of_discriminator, tf.GradientTape() as of_generator:
            made = generator(joined(noise, labels), training=True)
            logits = judged(made, labels)  # not in one batch with real ones: joint normalisation would separate them
            of_real = loss(training.real_label, judged(real, labels)) + mismatched(real, labels)
            losses = of_real + loss(0, logits), loss(1, logits)
        for (network, optimizer), tape, value in zip(players, (of_discriminator, of_generator), losses, strict=True):
            optimizer.apply(tape.gradient(value, network.trainable_variables), network.trainable_variables)
        return losses

    variables = [variable for pair in players for part in pair for variable in part.variables]
    return Steps(step if eagerly else tf.function(step, autograph=False), variables)
