"""Find the line of an algorithm's own code that raised an error."""

from __future__ import annotations

import sysconfig
from pathlib import Path
from traceback import walk_tb
from types import CodeType, FrameType

from algorithms.registry import ALGORITHMS
from harness.entries.programs import PREFIX
from harness.entries.sources import OURS, AlgorithmSource

_FOREIGN = (
    *(Path(__file__).parents[2] / package for package in OURS),
    *(Path(sysconfig.get_path(kind)) for kind in ("stdlib", "platstdlib", "purelib", "platlib")),
)
"""Folders of code that is not the user's, even if they are below the folder of the user's file."""


def place(error: BaseException, source: AlgorithmSource) -> str:
    """Return the last line of an algorithm's own code that an error passed through.

    Parameters
    ----------
    error : BaseException
        As it was caught.
    source : AlgorithmSource
        The algorithm. Its own code is its file and what lies below the folder of that file; or its package; or, for a
        registered algorithm, its module.

    Returns
    -------
    str
        Function, file and line, such as `` (in tell, my_search.py:80)``. Empty if the error did not pass through the
        algorithm's code, or if the algorithm is a program.
    """
    own = _own_code(error, source)
    if not own:
        return ""
    code, line = own[-1]
    return f" (in {code.co_name}, {Path(code.co_filename).name}:{line})"


def own_functions(error: BaseException, source: AlgorithmSource) -> list[str]:
    """Return the names of the algorithm's own functions that an error passed through, the outermost first."""
    return [code.co_name for code, _ in _own_code(error, source)]


def _own_code(error: BaseException, source: AlgorithmSource) -> list[tuple[CodeType, int]]:
    """Return the algorithm's own code that an error passed through, with line numbers. A program has none."""
    if source.use.startswith(PREFIX):
        return []
    return [(frame.f_code, line) for frame, line in walk_tb(error.__traceback__) if _is_own(frame, source)]


def _is_own(frame: FrameType, source: AlgorithmSource) -> bool:
    """Return whether a frame runs code of the algorithm."""
    name = str(frame.f_globals.get("__name__"))
    if source.use in ALGORITHMS:
        return name == ALGORITHMS[source.use].partition(":")[0]
    assert source.where is not None
    if source.where.is_dir():
        return name.partition(".")[0] == source.use.partition(":")[0].partition(".")[0]
    file = Path(frame.f_code.co_filename)
    return file.is_relative_to(source.where.parent) and not any(map(file.is_relative_to, _FOREIGN))
