"""Figures of a dataset and of its clips, drawn by plotly in the browser."""
