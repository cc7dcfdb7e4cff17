"""DVC stage `report`: metrics/report/index.html, one page that needs no server and no network: what was in the data,
what was learned, and whether to believe it.

The folder may be zipped and mailed. Figures are drawn when they come into view, sounds are read when they are played.
"""

from sourcewise.core import messages, params
from sourcewise.core.command import run
from sourcewise.core.paths import REPORT
from sourcewise.report.build import ReportParams, build
from sourcewise.storage.files import fresh_folder


def main():
    """The page, its figures and its sounds."""
    page = build(params.load(ReportParams, "report"), fresh_folder(REPORT))
    messages.info(f"{page.path}: {page.megabytes():.0f} MB")


if __name__ == "__main__":
    run(main)
