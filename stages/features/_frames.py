"""What the representations in frames share: their parameters."""

from stages.core.params import Section


class Frames(Section):
    """Window (a power of two), step and number of mel bands, in samples and bands."""

    n_fft: int
    hop_length: int
    n_mels: int

    def model_post_init(self, _):
        if self.n_fft < 16 or self.n_fft & (self.n_fft - 1):
            raise ValueError(f"n_fft is {self.n_fft}, must be a power of two from 16 on")
        if not 1 <= self.hop_length <= self.n_fft:
            raise ValueError(f"hop_length is {self.hop_length}, must lie from 1 to n_fft ({self.n_fft})")
        if not 1 <= self.n_mels <= self.n_fft // 4:
            raise ValueError(f"n_mels is {self.n_mels}, must lie from 1 to n_fft / 4 ({self.n_fft // 4})")
