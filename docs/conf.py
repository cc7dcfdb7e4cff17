"""Settings of Sphinx for `make docs`. The order of the pages is that of the links in index.md."""

import re

project = "Sourcewise"
html_title = project
html_theme = "furo"
html_show_copyright = html_show_sourcelink = html_copy_source = html_show_sphinx = False
extensions = ["myst_parser"]
myst_heading_anchors = 3
exclude_patterns = ["requirements.*"]


def setup(app):
    """A page that index.md does not link is an error, as it stands in no table of contents."""
    app.connect("source-read", _contents)


def _contents(app, name, source):
    """Behind index.md, the tables of contents of its sections, which GitHub would show as they are."""
    if name == "index":
        for heading, section in re.findall(r"^## (.+)\n([^#]*)", source[0], re.MULTILINE):
            pages = "\n".join(re.findall(r"^- \[.*?\]\((.+?)\)", section, re.MULTILINE))
            source[0] += f"\n\n```{{toctree}}\n:hidden:\n:caption: {heading}\n\n{pages}\n```\n"
