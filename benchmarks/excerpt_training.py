"""Fit the excerpt ranker to human summaries, and say how good it is.

    python benchmarks/excerpt_training.py --eval SET.jsonl            cross-validated and fitted figures
    python benchmarks/excerpt_training.py --eval SET.jsonl --write    also fit to all and write forest.json
    python benchmarks/excerpt_training.py --eval SET.jsonl --predictions OUT    cross-validated excerpts
    python benchmarks/excerpt_training.py --count DIR [DIR ...]       count commonness.json anew over folders

Fitting needs numpy and lightgbm, which the product does not: install them into an environment
of their own, beside the product (``pip install -e . numpy lightgbm``). ``--fitted-only`` needs neither.

Honesty: the fold of an article is the SHA-256 of its id's UTF-8 bytes, the whole digest read as one
big-endian number, mod 5. Each article's cross-validated excerpt is picked by a forest that has seen
none of its fold; features, rules and choice are the product's own code, the forest is evaluated
in its exported, rounded form. Which features and settings exist was chosen by looking at such
cross-validated figures (also over other, random folds), so they flatter a little; the fitted
figures, from a forest that has seen every answer, flatter a lot and only say how much was memorised.
"""

from __future__ import annotations

import argparse
import hashlib
import html
import importlib.util
import json
import math
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from newsletter.excerpt import Limits, Method, features
from newsletter.excerpt.choice import join
from newsletter.excerpt.forest import UNIT, forest_from
from newsletter.excerpt.lead import lead
from newsletter.excerpt.passages import Sentence, sentences_of
from newsletter.excerpt.ranker import by_forest, ranker
from newsletter.excerpt.words import topics, words
from newsletter.model import Article, Block, BlockKind

PACKAGE = Path(__file__).resolve().parents[1] / "newsletter" / "excerpt"
FOLDS = 5
LIMITS = Limits()
#: The least score of a second sentence, in the units of the target: above the article's average.
SECOND = 0.04
#: How much unigram F1 beyond the title counts beside mean ROUGE.
BEYOND = 1.0
#: Forests that are averaged. Runs from other first seeds gave 25.6 to 26.6 (beyond the title 23.1 to
#: 24.3) cross-validated; this one lies in the middle.
SEEDS, FIRST_SEED = 6, 100
ROUNDS = 120
#: Trees that judge every sentence before the best go on.
HEAT = 60
SETTINGS: dict[str, Any] = {
    "objective": "regression",
    "num_leaves": 8,
    "extra_trees": True,
    "max_depth": 3,
    "learning_rate": 0.2,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 10,
    "verbose": -1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
}
KINDS = {
    "p": BlockKind.PARAGRAPH,
    "li": BlockKind.LIST,
    "h": BlockKind.HEADING,
    "q": BlockKind.QUOTE,
    "td": BlockKind.TABLE,
    "fn": BlockKind.FOOTNOTE,
}

Row = dict[str, Any]


# ── the set ─────────────────────────────────────────────────────────────────


def article_of(row: Row) -> Article:
    """An Article without any words of its author but title and body."""
    blocks = tuple(
        Block(KINDS[kind], text, "", n, 2 if kind == "h" else 0)
        for n, (kind, text) in enumerate(row["blocks"], 1)
    )
    return Article(
        identity=row["id"],
        keys=(row["id"],),
        path=row["id"],
        title=html.unescape(row["title"]),
        url="",
        date=None,
        date_precision="none",
        updated=None,
        language="en",
        authors=(),
        tags=(),
        summary="",
        standfirst="",
        image=None,
        blocks=blocks,
        expires=None,
        weight=0,
        problems=(),
    )


def fold_of(row: Row) -> int:
    """SHA-256 of the id's UTF-8 bytes, the whole digest as one big-endian number, mod 5."""
    return int.from_bytes(hashlib.sha256(row["id"].encode("utf-8")).digest(), "big") % FOLDS


def scorer(path: Path) -> ModuleType:
    """The scorer that lies beside the set: one definition of the figures."""
    spec = importlib.util.spec_from_file_location("excerpt_scorer", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"no scorer at {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ── fitting ─────────────────────────────────────────────────────────────────


class Example:
    """One article with its rows, and how well each sentence would do alone."""

    def __init__(self, row: Row, score: ModuleType) -> None:
        self.row, self.article, self.fold = row, article_of(row), fold_of(row)
        sentences = sentences_of(self.article)
        self.rows = features.rows(self.article, sentences, LIMITS.characters)
        self.target = self._target([sentences[i] for i in self.rows.indexes], score)

    def _target(self, sentences: Sequence[Sentence], score: ModuleType) -> list[float]:
        """ROUGE and unigrams beyond the title, in shares of the article's best sentence, less their mean."""
        gains = [
            sum(score.rouge(s.text, self.row["summary"])) / 3
            + BEYOND * (score.beyond_title(s.text, self.row) or 0.0)
            for s in sentences
        ]
        shares = [gain / (max(gains) + 0.05 * (1 + BEYOND)) for gain in gains]
        mean = math.fsum(shares) / (len(shares) or 1)
        return [share - mean for share in shares]


def fit(examples: Sequence[Example]) -> dict[str, Any]:
    """The forest of some examples, in the form of forest.json. Each article weighs the same."""
    try:
        import lightgbm
        import numpy
    except ImportError as missing:
        raise SystemExit(f"fitting needs numpy and lightgbm ({missing}); --fitted-only does not") from missing

    used = [e for e in examples if e.target]
    rows = numpy.array([row for e in used for row in e.rows.values], float)
    target = numpy.array([t for e in used for t in e.target])
    weight = numpy.array([1 / max(5, len(e.target)) for e in used for _ in e.target])
    weight *= len(weight) / weight.sum()
    grown = []
    for seed in range(SEEDS):
        table = lightgbm.Dataset(rows, target, weight=weight)
        model = lightgbm.train({**SETTINGS, "seed": FIRST_SEED + seed}, table, ROUNDS)
        grown.append([exported(tree["tree_structure"], 3) for tree in model.dump_model()["tree_info"]])
    trees = [tree for generation in zip(*grown, strict=True) for tree in generation]
    return {"names": list(features.NAMES), "second": SECOND, "heat": HEAT, "trees": trees}


def exported(node: dict[str, Any], depth: int) -> Any:
    """A node as [feature, threshold, low, high]; a leaf above the last level is repeated downwards."""
    if depth == 0:
        return round(node["leaf_value"] / SEEDS / UNIT)
    if "leaf_value" in node:
        return [0, 0, exported(node, depth - 1), exported(node, depth - 1)]
    threshold = float(f"{node['threshold']:.4g}") if abs(node["threshold"]) > 1e-20 else 0
    low, high = exported(node["left_child"], depth - 1), exported(node["right_child"], depth - 1)
    return [node["split_feature"], threshold, low, high]


def cross_validated(examples: Sequence[Example]) -> list[str]:
    """Each article's excerpt, picked by a forest that has not seen its fold."""
    excerpts = [""] * len(examples)
    for fold in range(FOLDS):
        method = by_forest(forest_from(fit([e for e in examples if e.fold != fold])))
        for n, example in enumerate(examples):
            if example.fold == fold:
                excerpts[n] = excerpt(method, example.article)
    return excerpts


def excerpt(method: Method, article: Article, limits: Limits = LIMITS) -> str:
    return join(method(article, limits).sentences)


# ── figures ─────────────────────────────────────────────────────────────────


def report(rows: Sequence[Row], runs: dict[str, list[str]], score: ModuleType) -> None:
    """One line for each way, and the paired difference of the first one to the others."""
    measured = {
        name: [score.measure(r, t) for r, t in zip(rows, texts, strict=True)] for name, texts in runs.items()
    }
    score.table(
        ["excerpt"] + [c[0] for c in score.COLUMNS], [score.row_of(n, m) for n, m in measured.items()]
    )
    first = next(iter(measured))
    print(f"\n{first} less the others, with a 95 % interval (paired bootstrap): mean ROUGE, beyond the title")
    for name, values in list(measured.items())[1:]:
        cells = []
        for key in ("mean", "beyond"):
            gap = score.difference(measured[first], values, key)
            low, high = score.interval(gap, 2000, score.random.Random(0))
            cells.append(f"{score.average(gap):+5.1f} [{low:+5.1f}, {high:+5.1f}]")
        print(f"  {name:24s} {cells[0]:24s} {cells[1]}")


def milliseconds(method: Method, articles: Sequence[Article]) -> float:
    """CPU time an article, the sentence splitting included."""
    excerpt(method, articles[0])
    start = time.process_time()
    for article in articles:
        method(article, LIMITS)
    return (time.process_time() - start) / len(articles) * 1000


def count(folders: Sequence[Path]) -> dict[str, str]:
    """Stems by weight in tenths; each folder counts the same, so that none sets the subject."""
    shares: defaultdict[str, float] = defaultdict(float)
    for folder in folders:
        pages = [
            p.read_text("utf-8", "replace")
            for p in sorted(folder.rglob("*"))
            if p.suffix in (".md", ".mdx", ".markdown")
        ]
        found = Counter(stem for page in pages for stem in set(topics(words(page))))
        for stem, times in found.items():
            shares[stem] += times / len(pages) / len(folders)
    lists: defaultdict[int, list[str]] = defaultdict(list)
    for stem, share in shares.items():
        if share > 0.005 and stem.isascii() and not stem.isdigit() and len(stem) < 20:
            lists[round(-math.log(share) * 10)].append(stem)
    return {str(tenths): " ".join(sorted(lists[tenths])) for tenths in sorted(lists)}


# ── the command ─────────────────────────────────────────────────────────────


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--eval", type=Path, help="the development set, with score.py beside it")
    parser.add_argument("--write", action="store_true", help="fit to the whole set and write forest.json")
    parser.add_argument(
        "--fitted-only", action="store_true", help="only the forest that is there; needs no lightgbm"
    )
    parser.add_argument("--predictions", type=Path, help="write the cross-validated excerpts as JSON lines")
    parser.add_argument("--count", type=Path, nargs="+", metavar="DIR", help="write commonness.json")
    given = parser.parse_args()
    if given.count:
        _write("commonness.json", count(given.count))
    if given.eval:
        evaluate(given.eval, given)


def evaluate(path: Path, given: argparse.Namespace) -> None:
    score = scorer(path.with_name("score.py"))
    rows: list[Row] = score.read_jsonl(path)
    articles = [article_of(row) for row in rows]
    runs: dict[str, list[str]] = {}
    if not given.fitted_only:
        examples = [Example(row, score) for row in rows]
        runs["cross-validated"] = cross_validated(examples)
        if given.predictions:
            lines = [
                {"id": r["id"], "excerpt": t} for r, t in zip(rows, runs["cross-validated"], strict=True)
            ]
            given.predictions.write_text(
                "".join(json.dumps(x, ensure_ascii=False) + "\n" for x in lines), "utf-8"
            )
        if given.write:
            _write("forest.json", fit(examples))
            ranker.cache_clear()
    method = ranker()
    runs["fitted"] = [excerpt(method, a) for a in articles]
    runs["lead (ours)"] = [excerpt(lead(), a) for a in articles]
    baselines: dict[str, Callable[[Row], str]] = score.BASELINES
    runs |= {name: [take(row) for row in rows] for name, take in baselines.items()}
    report(rows, runs, score)
    print("\nCPU time an article, milliseconds:", end=" ")
    print(f"ranker {milliseconds(method, articles):.1f}, lead {milliseconds(lead(), articles):.1f}")


def _write(name: str, table: dict[str, Any]) -> None:
    path = PACKAGE / name
    path.write_text(json.dumps(table, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
    print(f"wrote {name}: {path.stat().st_size // 1000} kB", file=sys.stderr)


if __name__ == "__main__":
    main()
