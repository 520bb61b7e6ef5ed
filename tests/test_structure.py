"""The house: who may import whom, and what stays small."""

from __future__ import annotations

import ast
import importlib
import io
import tokenize
from pathlib import Path

import pytest

from algorithms import ALGORITHMS

ROOT = Path(__file__).parents[1]
PACKAGES = ("benchmarks", "algorithms", "results", "plots", "harness")
MAY_IMPORT = {
    "benchmarks": (),
    "algorithms": ("benchmarks",),
    "results": (),
    "plots": ("results",),
    "harness": ("benchmarks", "algorithms", "results", "plots"),
}
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LENDER = ROOT / "algorithms" / "adapters" / "isolation.py"
"""Lends the global random states to libraries that have no others, and puts them back."""
LEGAL_RANDOM = {"default_rng", "Generator", "PCG64", "SeedSequence"}


def names(paths):
    return [path.relative_to(ROOT).as_posix() for path in paths]


def parse(file):
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def imports(tree):
    """Every module that is imported, anywhere in the file, also by a literal name or in a registry's string."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            yield str(node.module)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and ":" in node.value:
            module, _, attribute = node.value.partition(":")
            if all(map(str.isidentifier, [*module.split("."), attribute])) and "." in module:
                yield module
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "import_module":
            argument = node.args[0]
            if isinstance(argument, ast.Constant):
                yield argument.value


def code_lines(function, source):
    """Lines of a function that hold code: no docstring, comment or blank line."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    first, last = body[0].lineno, function.end_lineno
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines = {line for t in tokens if t.type not in silent for line in range(t.start[0], t.end[0] + 1)}
    return len([line for line in lines if first <= line <= last])


def test_there_is_something_to_look_at():
    assert {path.relative_to(ROOT).parts[0] for path in FILES} == set(PACKAGES)
    found = set(imports(parse(ROOT / "harness" / "simulation" / "simulator.py")))
    assert {"heapq", "algorithms.base", "harness.simulation.accounting"} <= found
    assert "algorithms.local_search" in set(imports(parse(ROOT / "algorithms" / "registry.py")))


@pytest.mark.parametrize("file", FILES, ids=names(FILES))
def test_imports_go_one_way(file):
    package = file.relative_to(ROOT).parts[0]
    ours = {module for module in imports(parse(file)) if module.partition(".")[0] in PACKAGES}
    allowed = (package, *MAY_IMPORT[package])
    assert not [module for module in ours if module.partition(".")[0] not in allowed]


@pytest.mark.parametrize("file", sorted((ROOT / "algorithms").rglob("*.py")), ids=lambda file: file.name)
def test_algorithms_know_spaces_and_no_benchmark(file):
    ours = {module for module in imports(parse(file)) if module.partition(".")[0] == "benchmarks"}
    assert ours <= {"benchmarks.spaces.base", "benchmarks.errors"}


def test_tests_are_no_packages():
    assert list((ROOT / "tests").rglob("__init__.py")) == []


@pytest.mark.parametrize("file", sorted({r.partition(":")[0] for r in ALGORITHMS.values()}))
def test_an_algorithm_stays_below_150_lines(file):
    source = ROOT / f"{file.replace('.', '/')}.py"
    assert len(source.read_text(encoding="utf-8").splitlines()) < 150


def test_the_loop_of_the_simulator_fits_on_one_screen():
    file = ROOT / "harness" / "simulation" / "simulator.py"
    (loop,) = [node for node in parse(file).body if isinstance(node, ast.FunctionDef) and node.name == "simulate"]
    lines = code_lines(loop, file.read_text(encoding="utf-8"))
    assert 20 < lines <= 30


def test_code_lines_are_counted_without_docstrings_comments_and_blanks():
    source = (
        'def f(a):\n    """Doc.\n\n    More.\n    """\n    # why\n    x = (\n        a\n\n    )  # y\n\n    return x\n'
    )
    assert code_lines(ast.parse(source).body[0], source) == 4


@pytest.mark.parametrize("file", sorted({*FILES} - {LENDER}), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_nobody_uses_global_randomness(file):
    if file == ROOT / "harness" / "conformance" / "algorithm_checks.py":
        pytest.skip("it looks whether others touch the global states")
    tree = parse(file)
    assert not {"random", "numpy.random"} & set(imports(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "numpy":
            assert "random" not in {alias.name for alias in node.names}
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("np.random", "numpy.random"):
            assert node.attr in LEGAL_RANDOM, f"line {node.lineno}: np.random.{node.attr}"
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("default_rng"):
            assert node.args, f"line {node.lineno}: a generator without a seed"


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_loaded_from_this_checkout(package):
    assert importlib.import_module(package).__file__ == str(ROOT / package / "__init__.py")
