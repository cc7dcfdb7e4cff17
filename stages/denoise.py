"""DVC stage `denoise@<name>`: one denoiser, fitted on noisy train clips, stored, and scored on noisy test clips."""

from sourcewise.core.command import run
from sourcewise.models import ready


def main(name):
    """Takes the result of `train_in_parallel`, or makes it. Without sound it says why it did not run, and the others
    run."""
    ready.take("denoise", name)


if __name__ == "__main__":
    run(main)
