"""DVC stage `report`: metrics/report/index.html, one page on data, results and audit that needs no server and no
network.

The folder may be zipped and mailed. Figures are drawn when they come into view, sounds are loaded when they are played.
"""

from sourcewise.core import messages, params
from sourcewise.core.command import run
from sourcewise.core.paths import REPORT
from sourcewise.report.build import ReportParams, build
from sourcewise.storage.files import fresh_folder


def main():
    """Write the page, its figures, images and sounds."""
    page = build(params.load(ReportParams, "report"), fresh_folder(REPORT))
    messages.info(f"{page.path}: {page.megabytes():.0f} MB")


if __name__ == "__main__":
    run(main)
