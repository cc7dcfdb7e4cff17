"""`cgan_fcn` on stretches of four seconds (R5): each epoch sees another one of each clip, as `window` says."""

from pydantic import model_validator

from sourcewise.models.adversarial.dense import Dense, discriminator, generator


class Params(Dense):
    """`gans.cgan_fcn_4s`."""

    @model_validator(mode="after")
    def _last_four_seconds(self):
        if self.samples != 4 * self.sr:
            raise ValueError(f"samples is {self.samples}, must be 4 s: {4 * self.sr} at sr {self.sr}")
        return self


__all__ = ["Params", "discriminator", "generator"]
