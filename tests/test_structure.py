"""The house: who may import whom, and what stays small."""

from __future__ import annotations

import ast
import importlib
import io
import tokenize
from collections import Counter
from functools import cache
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
ROOMS = {
    "benchmarks": (
        ("errors", "drawings"),
        ("spaces", "formats"),
        ("benchmark",),
        ("description",),
        ("table", "surrogate"),
        ("row_index",),
        ("registry",),
        ("storage",),
        ("user_tables", "embedded"),
        ("nasbench101", "nasbench201", "nasbench301", "fcnet", "hpobench", "synthetic", "transnasbench101"),
        ("natsbench",),  # its topology space is that of NAS-Bench-201
        ("loading",),
        ("analyses",),
    ),
    "algorithms": None,  # one room: an algorithm per file, and what several of them share
    "results": (
        ("words", "target", "html"),
        ("storage",),
        ("statistics",),
        ("anytime",),
        ("summaries",),
        ("gate", "analyses"),
    ),
    "plots": (("drawing",), ("figures", "tables", "analyses"), ("report",)),
    "harness": (
        ("errors",),
        ("simulation",),
        ("entries",),
        ("experiments", "surrogates"),
        ("running", "conformance"),
        ("tuning", "stopping", "exact", "scoring"),
        ("reproduction", "analyses", "reporting"),
        ("commands",),
        ("cli",),
    ),
}
"""By package, its rooms (folders, and files beside them). A room imports only from rooms further up in this list."""
MOST_FILES = 22
"""The largest number of Python files directly in a folder."""
LONGEST_FUNCTION = 45
"""The largest number of code lines of a function, with its signature and without its docstring."""
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LENDER = ROOT / "algorithms" / "adapters" / "isolation.py"
"""Lends the global random states to libraries that have no others, and puts them back."""
WATCHER = ROOT / "harness" / "conformance" / "algorithm_checks.py"
"""Checks that no algorithm touches the global random states."""
LEGAL_RANDOM = {"default_rng", "Generator", "PCG64", "SeedSequence"}


def names(paths):
    return [path.relative_to(ROOT).as_posix() for path in paths]


@cache
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


def imports_between_rooms(tree):
    """Yield every module that is imported anywhere in the file. The strings of a registry do not count."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(file):
    return file.relative_to(ROOT).parts[1].removesuffix(".py")


@cache
def lines_with_code(source):
    """Return the numbers of the lines that hold more than a comment or blanks."""
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return frozenset(line for t in tokens if t.type not in silent for line in range(t.start[0], t.end[0] + 1))


def code_lines(function, source, *, signature=False):
    """Count the lines of a function that hold code: no docstring, comment or blank line."""
    found = lines_with_code(source) & set(range(function.lineno, function.end_lineno + 1))
    if ast.get_docstring(function):
        docstring = function.body[0]
        found -= set(range(docstring.lineno, docstring.end_lineno + 1))
    if not signature:
        found -= set(range(function.lineno, function.body[0].lineno))
    return len(found)


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
    assert {module for module in ours if not module.startswith("benchmarks.spaces.")} <= {"benchmarks.errors"}


@pytest.mark.parametrize("package", [package for package, rooms in ROOMS.items() if rooms])
def test_every_room_is_listed_and_there(package):
    rooms = {room_of(file) for file in FILES if file.relative_to(ROOT).parts[0] == package} - {"__init__"}
    assert rooms == {room for floor in ROOMS[package] for room in floor}


@pytest.mark.parametrize("package", [package for package, rooms in ROOMS.items() if rooms])
def test_rooms_import_only_from_rooms_before_them(package):
    floors = {room: floor for floor, rooms in enumerate(ROOMS[package]) for room in rooms}
    wrong = []
    for file in FILES:
        if file.relative_to(ROOT).parts[0] != package or (room := room_of(file)) == "__init__":
            continue
        for module in imports_between_rooms(parse(file)):
            first, _, rest = module.partition(".")
            other = rest.partition(".")[0]
            if first == package and other in floors and other != room and floors[other] >= floors[room]:
                wrong.append(f"{file.relative_to(ROOT)} imports {module}")
    assert wrong == []


def test_folders_and_functions_stay_small():
    crowded = {
        f: n for f, n in Counter(file.parent.relative_to(ROOT).as_posix() for file in FILES).items() if n > MOST_FILES
    }
    assert crowded == {}
    long = []
    for file in FILES:
        source = file.read_text(encoding="utf-8")
        functions = [node for node in ast.walk(parse(file)) if isinstance(node, ast.FunctionDef)]
        counted = {node.name: code_lines(node, source, signature=True) for node in functions}
        long += [f"{file.relative_to(ROOT)}: {name}: {n}" for name, n in counted.items() if n > LONGEST_FUNCTION]
    assert long == []


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
    assert code_lines(ast.parse(source).body[0], source, signature=True) == 5


@pytest.mark.parametrize(
    "file", sorted({*FILES} - {LENDER, WATCHER}), ids=lambda file: file.relative_to(ROOT).as_posix()
)
def test_nobody_uses_global_randomness(file):
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
