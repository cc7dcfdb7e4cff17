"""The report as a web page: its figures, images and sounds, markup, style and scripts."""
