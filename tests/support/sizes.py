"""Studies of eight sizes, for looking at every figure: ``python tests/support/sizes.py FOLDER [SIZE...]``.

One experiment with 15 cheap algorithms on the embedded benchmarks is run, with few trials, into FOLDER/runs. Each size
takes a part of it. The largest has more benchmarks than are embedded: further ones have the trials of these and the
names of benchmarks that have to be imported. Every kind of figure is written as PNG to FOLDER/SIZE.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness import run
from plots.drawing.frame import pages_of
from plots.drawing.style import style_context
from plots.figures.registry import FIGURES, draw, idle
from results.storage.study import Study

SIZES = {
    "1x1": (1, 1), "3x1": (3, 1), "8x1": (8, 1), "15x3": (15, 3), "3x20": (3, 20), "8x3": (8, 3), "15x20": (15, 20),
    "8x38": (8, 38),
}  # fmt: skip
"""By name: the number of algorithms and of benchmarks."""

ALGORITHMS: dict[str, dict[str, Any]] = {
    "random search": {"use": "random_search"},
    "local search": {"use": "local_search"},
    "evolution 10/3": {"use": "regularized_evolution", "population": 10, "sample": 3},
    "local search, full neighbourhood": {"use": "local_search", "preset": "full_neighbourhood"},
    "local search, continued": {"use": "local_search", "preset": "continue_at_minimum"},
    "evolution 5/2": {"use": "regularized_evolution", "population": 5, "sample": 2},
    "evolution 20/5": {"use": "regularized_evolution", "population": 20, "sample": 5},
    "evolution 30/10": {"use": "regularized_evolution", "population": 30, "sample": 10},
    "evolution 20/20": {"use": "regularized_evolution", "population": 20, "sample": 20},
    "evolution 8/8": {"use": "regularized_evolution", "population": 8, "sample": 8},
    "REINFORCE 0.01": {"use": "reinforce", "learning_rate": 0.01},
    "REINFORCE 0.5": {"use": "reinforce", "learning_rate": 0.5},
    "evolution 40/2": {"use": "regularized_evolution", "population": 40, "sample": 2},
    "local search, 5 initial": {"use": "local_search", "initial": 5},
    "local search, 30 initial": {"use": "local_search", "initial": 30},
}
EMBEDDED = (
    *(f"nasbench201-{data}" for data in ("cifar10", "cifar100", "imagenet16-120")),
    *(f"nasbench201-{data}-curves" for data in ("cifar10", "cifar100", "imagenet16-120")),
    *(f"fcnet-{data}" for data in ("naval", "parkinsons", "protein", "slice")),
    *(f"hpobench-mlp-{data}" for data in ("car", "phoneme", "vehicle", "australian", "kc1", "segment")),
    "hpobench-mlp-blood-transfusion",
    "hpobench-mlp-credit-g",
    "synthetic",
)
NAMES = (
    *(f"TransNAS-Bench-101 {level}, {task}" for level in ("micro", "macro") for task in (
        "scene classification", "object classification", "jigsaw", "room layout", "segmentation", "surface normal",
        "autoencoding",
    )),
    "NAS-Bench-101", "NAS-Bench-1Shot1, space 1", "NAS-Bench-1Shot1, space 2", "NAS-Bench-1Shot1, space 3",
    "NATS-Bench size, CIFAR-10",
)  # fmt: skip
SECONDS = {
    "nasbench201-cifar10-curves": 4e4,
    "nasbench201-cifar100-curves": 1e5,
    "nasbench201-imagenet16-120-curves": 3e5,
}


def experiment(n_trials: int = 8, evaluations: int = 80) -> dict[str, Any]:
    """Return the experiment of which every size takes a part."""
    return {
        "schema": 1,
        "name": "sizes",
        "trials": n_trials,
        "benchmarks": list(EMBEDDED),
        "budget": {"evaluations": evaluations},
        "budgets": {name: {"seconds": seconds} for name, seconds in SECONDS.items()},
        "protocol": {"preset": "standard"},
        "algorithms": ALGORITHMS,
    }


def sized(whole: Study, n_algorithms: int, n_benchmarks: int) -> Study:
    """Return a study of a size, with copies of benchmarks under other names where there are too few."""
    labels = list(ALGORITHMS)[:n_algorithms]
    benchmarks = list(EMBEDDED[:n_benchmarks])
    facts = {name: whole.benchmarks[name] for name in benchmarks}
    cells = [cell for cell in whole.cells if cell.benchmark in facts and cell.label in labels]
    for number, title in enumerate(NAMES[: n_benchmarks - len(benchmarks)]):
        source = EMBEDDED[number % len(EMBEDDED)]
        facts[title] = {**whole.benchmarks[source], "title": title, "space": title.partition(",")[0]}
        cells += [replace(cell, benchmark=title, id=f"{cell.id}-{number}") for cell in whole.cells
                  if cell.benchmark == source and cell.label in labels]  # fmt: skip
    return replace(whole, cells=cells, benchmarks=facts)


def partial(study: Study) -> Study:
    """Return a study in which the second algorithm has fewer trials on one benchmark, and the third has none."""
    cells = list(study.cells)
    labels = list(dict.fromkeys(cell.label for cell in cells))
    for i, cell in enumerate(cells):
        few = {labels[1]: 3} if cell.benchmark == cells[0].benchmark else {}
        keep = {**few, labels[2]: 0}.get(cell.label)
        if keep is not None:
            rows = cell.evaluations[cell.evaluations["trial"] < keep]
            cells[i] = replace(cell, evaluations=rows, trials=cell.trials.iloc[:keep])
    return replace(study, cells=cells)


def drawn_kinds(study: Study) -> list[str]:
    """Return the figures to look at. The architectures of copied benchmarks are not in the results folder."""
    copied = any(cell.benchmark not in EMBEDDED for cell in study.cells)
    return [kind for kind in FIGURES if not idle(kind, study) and not (copied and kind == "architectures")]


def draw_all(study: Study, folder: Path) -> None:
    """Write every kind of figure that shows anything of a study, all pages, as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in drawn_kinds(study):
        figure, data = draw(kind, study)
        data.to_csv(folder / f"{kind}.csv", index=False)
        (folder / f"{kind}.txt").write_text(figure.get_label())
        for number, page in enumerate(pages_of(figure), 1):
            with style_context():
                page.savefig(folder / f"{kind}{'' if number == 1 else f'-{number}'}.png", dpi=110)


if __name__ == "__main__":
    folder, *chosen = sys.argv[1:]
    whole = run(experiment(), out=Path(folder) / "runs", jobs=1)
    for name, size in SIZES.items():
        if not chosen or name in chosen:
            draw_all(sized(whole, *size), Path(folder) / name)
    if not chosen or "partial" in chosen:
        draw_all(partial(sized(whole, 4, 3)), Path(folder) / "partial")
