"""Figures of clips that are not sound: of log-mel frames, of a picture."""

from base64 import b64encode

import cv2
import numpy as np

from sourcewise.report.plots import Figure, axis, coloraxis, heat, layout, reduced

PIXELS = 256  # of a picture's longer side at most


def frames(mel, seconds, *, low, high):
    """The frames (n_frames, n_mels) unchanged, on one colour scale for all clips. seconds: 0 where unknown."""
    data = heat(reduced(np.asarray(mel).T), x=(0, seconds or len(mel)), y=(0, mel.shape[1]), digits=1)
    description = f"{mel.shape[0]:,} frames of {mel.shape[1]} mel bands, from {mel.min():.1f} to {mel.max():.1f}. "
    axes = {"xaxis": axis("time (s)" if seconds else "time (frames)"), "yaxis": axis("mel band")}
    layout_ = layout(**axes, coloraxis=coloraxis("value", low, high))
    return Figure("mel", "Mel spectrogram", f"{description}One scale for all clips.", [data], layout_)


def picture(rgb):
    """A picture, uint8 (height, width, 3), scaled down where it is large."""
    height, width = rgb.shape[:2]
    scale = min(1, PIXELS / max(height, width))
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    file = cv2.imencode(".png", cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)[:, :, ::-1])[1]
    source = "data:image/png;base64," + b64encode(file.tobytes()).decode()
    axes = {"xaxis": axis("column (pixels)"), "yaxis": axis("row (pixels)")}
    steps = {"dx": width / size[0], "dy": height / size[1]}
    description = f"{width} by {height} pixels, mean brightness {rgb.mean() / 2.55:.0f} %."
    return Figure("picture", "Picture", description, [{"type": "image", "source": source} | steps], layout(**axes))
