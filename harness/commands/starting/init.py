"""The verb ``init``. It returns an exit code."""

from __future__ import annotations

import shlex
from importlib.resources import files
from pathlib import Path

from rich.text import Text

from harness.commands.console import make_console
from harness.commands.exit_codes import OK
from harness.commands.output_paths import check_folder

FILES = {
    "experiment.toml": "experiment.toml",
    "my_search.py": "my_search.py",
    "gate.toml": "gate.toml",
    "gate.yml": ".github/workflows/gate.yml",
    "gitignore": ".gitignore",
}
"""By name of a template, the place of its copy in the new project."""


def init_command(directory: Path) -> int:
    """Write an experiment, an optimizer and a gate into a folder. Files that exist are left as they are.

    Parameters
    ----------
    directory : Path
        It is made if it does not exist.
    """
    check_folder("DIR", directory)
    console = make_console()
    template = Path(str(files("harness.commands.starting"))) / "template"
    for name, place in FILES.items():
        file = directory / place
        written = write_new(file, (template / name).read_bytes())
        console.print(Text(f"{'written' if written else 'exists, left as it is'}: {file}"))
    console.print(Text("\nNext:"))
    enter = "" if directory.resolve() == Path.cwd() else f"cd {shlex.quote(str(directory))}; "
    for command in (
        "regretta run experiment.toml",
        "regretta report runs/my-experiment",
        "regretta test algorithm my_search.py:MySearch",
    ):
        console.print(Text(f"  {enter}{command}"))
        enter = ""
    console.print(Text("gate.toml says how to guard the results with a check of every pull request."))
    return OK


def write_new(file: Path, content: bytes) -> bool:
    """Write a file unless its name is taken, and return whether it was written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("xb") as stream:
            stream.write(content)
    except FileExistsError:
        return False
    return True
