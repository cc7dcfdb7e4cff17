"""What the representations in frames share: their parameters."""

from pydantic import Field, PositiveInt, model_validator

from sourcewise.core.params import Section


class Window(Section):
    """Window (a power of two) and step, in samples."""

    n_fft: int = Field(ge=16, le=65536)
    hop_length: PositiveInt

    @model_validator(mode="after")
    def _fit_together(self):
        if self.n_fft & (self.n_fft - 1):
            raise ValueError(f"n_fft is {self.n_fft}, must be a power of two")
        if self.hop_length > self.n_fft:
            raise ValueError(f"hop_length is {self.hop_length}, must not be above n_fft ({self.n_fft})")
        return self


class Frames(Window):
    """Mel frames: the number of bands, too."""

    n_mels: PositiveInt

    @model_validator(mode="after")
    def _fit_bands(self):
        if self.n_mels > self.n_fft // 4:
            raise ValueError(f"n_mels is {self.n_mels}, must not be above n_fft / 4 ({self.n_fft // 4})")
        return self
