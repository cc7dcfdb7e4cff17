"""The comparison of all classifiers, denoisers and generators, in Markdown."""

from sourcewise.audits import SHOWN
from sourcewise.core.errors import Stop, count
from sourcewise.core.markdown import between, markdown, number, short
from sourcewise.core.paths import AUDIT, EACH, METRICS, SCORES, SOURCES, VERDICT
from sourcewise.datasets import manifest
from sourcewise.datasets.external import SCORES as EXTERNAL_SCORES
from sourcewise.evaluation import denoising
from sourcewise.evaluation.choice import ENSEMBLE, MAJORITY
from sourcewise.evaluation.critical_difference import diagram
from sourcewise.evaluation.metrics import HEADLINE, headline_keys
from sourcewise.evaluation.significance import pairs
from sourcewise.evaluation.verdict import PROCEDURE
from sourcewise.report import external, generation, tables
from sourcewise.storage.files import read_json, write_json, write_text

MOST_SOURCES = 10  # in the table
#: Rows beside the entries of params.yaml.
ROWS = (ENSEMBLE, MAJORITY)


def write(dataset, classifiers, denoisers, generators):
    """Write the comparison, and return it in Markdown; the few numbers of metrics/summary.json and scores.json for
    review, the tables that `dvc plots` draws, the table of significance, the critical difference diagram.

    dataset: its title; the others: entries of params.yaml by name; scores of others are removed.
    """
    _remove_others("denoisers", denoisers)
    _remove_others("generators", generators)
    each = {name: read_json(SCORES / f"{name}.json") for name in classifiers}
    each |= {name: read_json(path) for name in ROWS if (path := SCORES / f"{name}.json").is_file()}
    audit = read_json(AUDIT)
    not_run = {name: scores["not_run"] for name, scores in each.items() if "not_run" in scores}
    each = {name: scores for name, scores in each.items() if name not in not_run}
    generated = {name: read_json(EACH / "generators" / f"{name}.json") for name in generators}
    if not each and all("not_run" in scores for scores in generated.values()):
        raise Stop(f"no classifier ran: {'; '.join(f'{name}: {why}' for name, why in not_run.items())}")
    verdict = read_json(VERDICT) if each else None
    predicting = {name: scores for name, scores in each.items() if name != MAJORITY}
    tallies = {name: scores["by_source"] for name, scores in predicting.items()}
    differences = pairs(tallies)
    others = read_json(EXTERNAL_SCORES)
    order = table_order(predicting, verdict["chosen"]["name"]) if each else []
    paragraphs = [
        f"# {dataset}",
        *(verdict["sentences"] if verdict else []),
        *_findings(audit["findings"]),
        *_gaps(audit),
        *_classifiers(classifiers, each, not_run, verdict, differences, generators),
        *external.paragraphs(others, order),
        *_denoisers(denoisers),
        *generation.table(generated),
        *_not_run("generator", generated),
    ]
    text = "\n\n".join(paragraphs) + "\n"
    write_json(METRICS / "summary.json", tables.summary(verdict, audit))
    write_json(METRICS / "scores.json", tables.short_scores(each, others))
    for name, table in tables.plotted(predicting).items():
        manifest.write(table, METRICS / f"{name}.csv")
    manifest.write(differences, METRICS / "pairs.csv")
    write_text(METRICS / "critical_difference.svg", diagram(tallies, differences))
    write_text(METRICS / "comparison.md", text)
    return text


def table_order(each, chosen):
    """The names of the rows: the chosen one, then by validation log loss, the baseline last. each: {name: scores}."""
    return sorted(each, key=lambda name: (name != chosen, name == MAJORITY, each[name]["selection"]["log_loss"]))


def _remove_others(section, names):
    """Remove the scores of entries that this section of params.yaml no longer names: a clone has none of them."""
    for path in (EACH / section).glob("*.json"):
        if path.stem not in names:
            path.unlink()


def _denoisers(names):
    """The denoisers' table, and why others did not run, as paragraphs."""
    each = {name: read_json(EACH / "denoisers" / f"{name}.json") for name in names}
    ran = {name: scores for name, scores in each.items() if "not_run" not in scores}
    return denoising.paragraphs(ran) + _not_run("denoiser", each)


def _not_run(noun, each):
    """A table of the entries that did not run, with the reasons; [] where all ran."""
    rows = [(name, scores["not_run"]) for name, scores in each.items() if "not_run" in scores]
    return [markdown([noun, "not run, because"], rows, left=2)] if rows else []


def _classifiers(entries, each, not_run, verdict, differences, generators):
    """The classifiers' table, the lowest validation log loss first, how to read it, and why others did not run."""
    left_out = _not_run("classifier", {name: {"not_run": why} for name, why in sorted(not_run.items())})
    if not each:
        return ["No classifier ran.", *left_out]
    scores = each[verdict["chosen"]["name"]]  # all are scored on the same recordings
    keys, n_sources = headline_keys(scores["test"]), scores["test"]["sources"]
    columns = [column for key in keys for column in (HEADLINE[key], "95 % CI")]
    header = ["classifier", "log loss", *columns, "p", *(["by segment"] if "test_segments" in scores else [])]
    return [
        f"The comparison, on {_counts(scores)} unseen in training. {_rule(verdict)} The other columns are of test "
        "sources; p is that of the difference in balanced accuracy from the chosen classifier (sign-flip test paired "
        "by source, with Westfall and Young's correction for the number of comparisons; for the majority class by the "
        "CI). The tests of all pairs are in metrics/pairs.csv.",
        *([_of_several_labels()] if "micro_f1" in keys else []),
        markdown(header, _rows(each, verdict, keys)),
        *left_out,
        *_caution(n_sources),
        *_sources(verdict),
        *generation.gains(differences, entries, generators),
    ]


def _rule(verdict):
    """How the choice was made."""
    if verdict["folds"] == 1:
        return (
            "The chosen classifier, the first, has the lowest log loss on validation sources (column log loss), after "
            "one temperature for each classifier, fitted there; networks also stop early on it."
        )
    return (
        "The first row is the selection procedure: in each fold the classifier with the lowest log loss on its "
        "validation sources, after one temperature for each classifier and fold, fitted there; networks also stop "
        "early on it. The second row is chosen for new recordings, by the log loss over the validation sources of all "
        f"folds (column log loss), among {verdict['chosen']['among']} on these sources: its scores are optimistic, the "
        "procedure's are not."
    )


def _rows(each, verdict, keys):
    chosen, rows = verdict["chosen"]["name"], []
    if verdict["folds"] > 1:
        own = [cell(verdict["procedure"][key]) for key in keys for cell in (number, between)]
        rows.append([PROCEDURE, "-", *own, "-", *(["-"] if "test_segments" in each[chosen] else [])])
    for name in table_order(each, chosen):
        mark = {
            chosen: f"{name} (chosen{' here' if verdict['folds'] > 1 else ''})",
            MAJORITY: "majority-class baseline",
        }
        p = "-" if name == chosen else f"{verdict['compared'][name]['p_corrected']:.2g}"
        log_loss = f"{each[name]['selection']['log_loss']:.3f}"
        rows.append([mark.get(name, name), log_loss, *_cells(each[name], keys), p, *_of_segments(each, name, chosen)])
    return rows


def _of_segments(each, name, chosen):
    if "test_segments" not in each[chosen]:
        return []
    return [number(each[name]["test_segments"]["accuracy"]) if "test_segments" in each[name] else "-"]


def _sources(verdict):
    """The worst sources: the score of the procedure, of the chosen classifier, and of the best and on average."""
    table = manifest.read(SOURCES)
    if table.empty:
        return []
    chosen, what = verdict["chosen"]["name"], HEADLINE[verdict["metric"]]
    names = table.columns[3:]
    columns = [PROCEDURE] if verdict["folds"] > 1 else []
    rows = []
    for row in table.head(MOST_SOURCES).to_dict("records"):
        of_all = [float(row[name]) for name in names]
        cells = [f"{float(row[name]):.3f}" for name in (*columns, chosen)]
        cells += [f"{max(of_all):.3f}", f"{sum(of_all) / len(of_all):.3f}"]
        rows.append([short(row["source"]).replace("|", "\\|"), row["recordings"], *cells])
    shown = f"the {MOST_SOURCES} worst of {len(table)}; all" if len(table) > MOST_SOURCES else "all of them"
    return [
        f"The {what} by source, {shown} in metrics/sources.csv, by each classifier:",
        markdown(["source", "recordings", *columns, chosen, "best of all", "mean of all"], rows),
    ]


def _findings(findings):
    """The findings of the audit, as paragraphs."""
    if not findings:
        return []
    lines = [f"- {finding['category']}: {finding['text']}" for finding in findings[:SHOWN]]
    more = len(findings) - SHOWN
    lines += [f"- and {count(more, 'finding')} worth less"] if more > 0 else []
    return ["Findings of the audit; details are in metrics/audit.json and metrics/audit/:", "\n".join(lines)]


def _gaps(audit):
    """The table of leakage gaps, as paragraphs; [] where a class has a single source."""
    gaps = [
        (
            name,
            number(scores["random_split"]),
            number(scores["grouped_split"]),
            f"{scores['gap']['value']:+.3f}",
            between(scores["gap"], "+"),
        )
        for name, scores in audit["leakage"].items()
    ]
    caption = (
        f"The leakage gap: accuracy in {audit['folds']}-fold cross-validation over all clips, with a random split, "
        "which leaks sources across folds, and with a grouped split (by source). The grouped split is the honest "
        f"estimate. {audit.get('basis', '')}"
    ).strip()
    return [caption, markdown(["reference", "random split", "grouped split", "gap", "95 % CI"], gaps)] if gaps else []


def _counts(scores):
    """The numbers scored: clips that are whole recordings, or recordings and the segments that they were cut into."""
    n, n_sources = scores["test"]["clips"], count(scores["test"]["sources"], "source")
    folds = f" in {len(scores['folds'])} folds" if len(scores["folds"]) > 1 else ""
    if "test_segments" in scores:
        n_segments = count(scores["test_segments"]["clips"], "segment")
        return f"{count(n, 'test recording')}, cut into {n_segments}, of {n_sources}{folds}"
    return f"{count(n, 'test clip')} of {n_sources}{folds}"


def _of_several_labels():
    """What the columns mean where clips carry several labels."""
    return (
        "Clips carry several labels: micro F1 is over all clips and classes at once; accuracy is the share of clips "
        "with every label right; balanced accuracy is the mean over classes of (sensitivity + specificity) / 2, 0.5 "
        "for any constant prediction. The majority-class baseline predicts the classes with the highest micro F1 on "
        "validation, for every clip."
    )


def _cells(scores, keys):
    return [cell(scores["test"][key]) for key in keys for cell in (number, between)]


def _caution(n_sources):
    if n_sources < 2:
        return ["With one test source no interval can be given, and other sources may score very differently."]
    if n_sources < 10:
        return [f"With only {n_sources} test sources the intervals are wide."]
    return []
