"""The report of a small dataset whose class names are markup: its content, and its behaviour in a browser."""

import re
import shutil

import pytest
import soundfile

from sourcewise.core import params
from sourcewise.datasets import clips, manifest
from sourcewise.evaluation.metrics import HEADLINE
from sourcewise.report import build
from sourcewise.storage.files import read_json, write_json
from stages import (
    audit,
    augment,
    denoise,
    duplicates,
    evaluate,
    explore,
    extract,
    ingest,
    split,
    train,
)
from tests.browser import serious
from tests.conftest import REPOSITORY, change_params, checked, small_corpus

LABELS = ("<script>alert(1)<!--", "<img src=x onerror=alert(2)>")
CLASSIFIERS = ("svm", "logreg", "logreg_rms_zcr")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder in which all stages have run; with a recording that is there twice, a damaged one, and
    test recordings that have the other class's sound."""
    folder = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        (folder / "data/datasets").mkdir(parents=True)
        content = params.read_yaml(REPOSITORY / "params.yaml")
        few = {
            "classifiers": {name: content["classifiers"][name] for name in CLASSIFIERS},
            "denoisers": {"none": content["denoisers"]["none"]},
            "generators": {},
            "augment.recipes.varied.copies": 0,
        }
        small_corpus(folder, LABELS, ingest__max_rejected=0.2)
        change_params(folder, few)
        for name in ("requirements.in", "requirements.txt", "dvc.yaml"):
            shutil.copy(REPOSITORY / name, folder)
        recordings = folder / "data/raw/small" / LABELS[0]
        (recordings / "f<b>.wav").write_bytes(b"no sound")
        shutil.copy(recordings / "a0.wav", recordings / "a2.wav")
        for other in ("b0.wav", "c0.wav", "d0.wav", "e0.wav"):
            shutil.copy(recordings.parent / LABELS[1] / other, recordings / other)
        _run()
        yield folder


def _run():
    checked()
    for stage in (ingest, duplicates, split, augment):
        stage.main()
    for name in ("table", "mfcc"):
        extract.main(name)
    denoise.main("none")
    for name in CLASSIFIERS:
        train.main(name)
    lines = ["0:0.960 132:0.500" if k == 3 else "283:0.900 282:0.500" for k in range(len(manifest.read()))]
    write_json("metrics/each/embeddings/yamnet.json", {"audioset": lines})  # as `embed` writes it
    for stage in (audit, explore, evaluate):
        stage.main()


@pytest.fixture
def opened(made, tab):
    """The page in a browser; a dialogue would be an error."""
    tab.page.on("dialog", lambda dialog: (tab.errors.append(dialog.message), dialog.dismiss()))
    tab.page.goto((made / "metrics/report/index.html").as_uri())
    return tab


def test_a_second_run_leaves_the_same_bytes(made):
    folder = made / "metrics/report"
    before = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    build.write(params.load(build.ReportParams, "report"))
    assert before == {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_sounds_are_those_of_the_misclassified_recordings(made):
    wrong = manifest.read(made / "metrics/report/misclassified/logreg_rms_zcr.csv")
    assert len(wrong) and (wrong["actual"] != wrong["predicted"]).all()
    assert wrong["probability"].astype(float).is_monotonic_decreasing
    rows = manifest.read(made / "data/split.csv").set_index("path")
    assert set(rows.loc[wrong["path"], "fold_0"]) == {"test"}
    first = rows.loc[[wrong["path"][0]]]
    wave, sr = soundfile.read(made / f"metrics/report/sounds/{first['parent'].iloc[0]}.flac", dtype="int16")
    assert sr == 8000 and (wave == clips.waves(first)[0]).all()


def test_names_from_the_data_are_text(opened):
    shown = opened.page.inner_text("main")
    assert all(label in shown for label in LABELS)
    assert opened.page.locator("main script, main img[src=x]").count() == 0
    opened.page.locator("summary", has_text="svm").first.click()
    opened.page.wait_for_selector("[data-figure=svm-confusion][data-drawn]")
    ticks = opened.page.locator("[data-figure=svm-confusion] .xtick text").all_text_contents()
    assert set(ticks) == set(LABELS)
    assert opened.errors == []


def test_the_table_sorts_and_links_lead_on(opened):
    page = opened.page
    table = page.locator("#comparison table").first
    names = table.locator("tbody th")
    page.locator("#comparison thead button", has_text="classifier").click()
    page.locator("#comparison thead button", has_text="classifier").click()
    shown = [name.removesuffix(" (chosen)") for name in names.all_inner_texts()]
    assert shown == ["svm", "majority-class baseline", "logreg_rms_zcr", "logreg", "ensemble"]
    page.get_by_role("button", name="accuracy", exact=True).first.click()
    column = table.locator("tbody tr td:nth-child(3)").all_inner_texts()
    assert column == sorted(column, key=float)
    assert page.locator("#comparison th[aria-sort=ascending]").inner_text() == "accuracy"
    for link in page.locator("nav a").all():
        link.click()
        target = page.locator(link.get_attribute("href"))
        assert page.url.endswith(link.get_attribute("href")) and target.locator("h2").is_visible()
    page.locator("#comparison tbody a", has_text="svm").click()
    assert page.locator("#model-svm[open]").count() == 1
    assert opened.errors == []


def test_the_verdict_is_the_first_that_is_read_and_every_source_has_a_row(made, opened):
    sentences = read_json(made / "metrics/verdict.json")["sentences"]
    assert opened.page.locator("#verdict li").all_inner_texts() == sentences and 5 <= len(sentences) <= 8
    rows = opened.page.locator("#comparison table").nth(1).locator("tbody tr")
    assert rows.count() == len(manifest.read(made / "metrics/sources.csv")) > 1
    assert opened.errors == []


def test_every_metric_of_the_comparison_has_a_column(made):
    page = (made / "metrics/report/index.html").read_text()
    (table,) = re.findall(r"All classifiers; ECE.*?</table>", page, re.DOTALL)
    one_label = [title for name, title in HEADLINE.items() if name != "micro_f1"]
    assert [title for title in re.findall(r'<th scope="col">(.*?)</th>', table) if title in one_label] == one_label
    assert len({len(re.findall("<t[hd]", row)) for row in re.findall("<tr>.*?</tr>", table, re.DOTALL)}) == 1


def test_a_clip_plays(opened):
    opened.page.locator("summary", has_text="logreg_rms_zcr").first.click()
    player = opened.page.locator("#model-logreg_rms_zcr audio").first
    player.evaluate("sound => sound.play()")
    opened.page.wait_for_function("sound => sound.currentTime > 0.1", arg=player.element_handle())
    assert opened.errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_loads_nothing_from_elsewhere(opened, scheme):
    page = opened.page
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    for figure in page.locator(".figure").all():
        figure.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelectorAll('.figure:not([data-drawn])').length === 0")
    assert opened.errors == [] and serious(page) == []
    assert {url.split(":")[0] for url in opened.requests} <= {"file", "data", "blob"}


def test_it_fits_a_phone(made, tab):
    tab.page.set_viewport_size({"width": 360, "height": 700})
    tab.page.goto((made / "metrics/report/index.html").as_uri())
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_what_yamnet_recognises_is_listed_by_class_and_by_clip(made):
    page = (made / "metrics/report/index.html").read_text()
    assert "What yamnet recognises" in page
    assert page.count("<td>Speech 0.96, Music 0.50</td><td>0.00</td>") == 1
    assert page.count("<td>Rain 0.90, Water 0.50</td>") > 10


def test_the_findings_are_in_the_summary(opened):
    summary = opened.page.inner_text("#summary")
    assert "1, of 26" in summary and "4 exact" in summary
    assert "1 recording left out as exact copies of others with the same labels and source" in summary
    assert opened.page.locator("#audit .pairs audio").count() == 8
    assert "f<b>.wav" in opened.page.inner_text("#audit")
