"""Figures of a corpus and of its clips, as plotly draws them in the browser."""
