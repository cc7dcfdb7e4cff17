"""One step of adversarial training, compiled to a graph (Goodfellow et al. 2014; its conditional form, Mirza and
Osindero 2014), with what keeps a small one from collapsing."""

from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

PENALISED_EVERY = 4  # steps; the penalty has as many times its weight there (T. Karras et al., CVPR 2020)


class Steps(NamedTuple):
    """step(real, labels, noise, draws, penalised=False): train both networks on one batch; returns their losses.
    draws: (3, n, 3), of `shifted` for made, real and mismatched examples. averaged: the generator whose weights are
    means over steps; variables: all that a step changes."""

    step: callable
    averaged: object
    variables: list


@contextmanager
def as_traced():
    """Graphs that are first called within this run as they were traced. TensorFlow's optimizer of graphs orders sums by
    memory addresses: one process in twenty rounded this step differently."""
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    try:
        yield
    finally:
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})


def joined(noise, labels):
    """The input of a generator: noise (n, latent) and labels (n, n_classes), float32, concatenated. Labels have the
    norm of the noise: a 1 among so many numbers would hardly count at first, and would never be learned."""
    from keras import ops

    return ops.concatenate([noise, np.float32(noise.shape[1] ** 0.5) * labels], axis=1)


def compiled(networks, training, seen, *, eagerly=False):
    """Both networks' Steps, by Adam. Both use the same samples, made once a step.

    training: a `Training`, which names the loss and the weights of what is added to it. seen: a layer that shows
    samples as people perceive them, for `mode_seeking`. With labels, the discriminator must also reject real examples
    with the labels of another one (Reed et al. 2016): otherwise labels are soon ignored. eagerly: without a graph, for
    comparison.
    """
    import keras
    import tensorflow as tf
    from keras import ops, optimizers

    from sourcewise.models.adversarial.layers import shifted

    generator, discriminator = networks
    averaged = keras.models.clone_model(generator)
    averaged.set_weights(generator.get_weights())
    players = [
        (network, optimizers.Adam(training.learning_rate, beta_1=training.beta_1, beta_2=0.99))
        for network in reversed(networks)
    ]
    for network, optimizer in players:
        optimizer.build(network.trainable_variables)
    lost = _hinge if training.loss == "hinge" else _cross_entropy

    def judged(examples, labels, draws=None):
        examples = examples if draws is None or not training.augment else shifted(examples, draws)
        return discriminator([examples, labels] if labels.shape[1] else examples, training=True)

    def mismatched(real, labels, draws):
        others = ops.roll(labels, 1, axis=0)
        differ = ops.cast(ops.any(others != labels, axis=1, keepdims=True), "float32")
        return ops.mean(differ * lost(judged(real, others, draws), real=False)) if labels.shape[1] else 0

    def penalty(real, labels):
        """The squared gradient of the logits at real examples (L. Mescheder et al., ICML 2018)."""
        with tf.GradientTape() as tape:
            tape.watch(real)
            logits = ops.sum(judged(real, labels))
        return ops.sum(tape.gradient(logits, real) ** 2) / (2 * real.shape[0])

    def alike(made, labels, noise):
        """How little two samples of the same labels differ, relative to their noise (Q. Mao et al., CVPR 2019)."""
        made = ops.reshape(seen(made), (made.shape[0], -1))
        apart = [ops.mean(ops.abs(x - ops.roll(x, 1, axis=0)), axis=1) for x in (made, noise)]
        same = ops.cast(ops.all(labels == ops.roll(labels, 1, axis=0), axis=1), "float32")
        return ops.sum(same / (apart[0] / apart[1] + 0.05)) / ops.maximum(ops.sum(same), 1)

    def step(real, labels, noise, draws, penalised=False):
        real, labels, noise, draws = map(tf.convert_to_tensor, (real, labels, noise, draws))
        with tf.GradientTape() as of_discriminator, tf.GradientTape() as of_generator:
            made = generator(joined(noise, labels), training=True)
            # not in one batch with real ones: joint normalisation would separate them
            logits = judged(made, labels, draws[0])
            against = ops.mean(lost(judged(real, labels, draws[1]), real=True))
            against += mismatched(real, labels, draws[2]) / 2 + ops.mean(lost(logits, real=False))
            against += training.r1 * PENALISED_EVERY * penalty(real, labels) if penalised and training.r1 else 0
            deceived = -ops.mean(logits) if training.loss == "hinge" else ops.mean(lost(logits, real=True))
            deceived += training.mode_seeking * alike(made, labels, noise) if training.mode_seeking else 0
        losses = against, deceived
        for (network, optimizer), tape, value in zip(players, (of_discriminator, of_generator), losses, strict=True):
            optimizer.apply(tape.gradient(value, network.trainable_variables), network.trainable_variables)
        for mean, variable in zip(averaged.variables, generator.variables, strict=True):
            kept = training.average if variable.trainable else 0  # of the weights; statistics are means already
            mean.assign(kept * mean + (1 - kept) * variable)
        return losses

    variables = [variable for pair in players for part in pair for variable in part.variables] + averaged.variables
    return Steps(step if eagerly else tf.function(step, autograph=False), averaged, variables)


def _hinge(logits, *, real):
    """J. Lim and J. Ye, Geometric GAN, 2017."""
    from keras import ops

    return ops.relu(1 - logits if real else 1 + logits)


def _cross_entropy(logits, *, real):
    """Of the probability that an example is real (Goodfellow et al. 2014)."""
    from keras import ops

    return ops.binary_crossentropy(ops.full_like(logits, float(real)), logits, from_logits=True)
