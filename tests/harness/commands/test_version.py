"""The option ``--version``, alone and with the details that an issue asks for."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
import pytest
from commands import regretta_here


def test_the_version_alone(tmp_path):
    done = regretta_here("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"regretta {version('regretta')}\n")


@pytest.mark.data("transnasbench101-micro-scene")
def test_verbose_names_packages_platform_and_data(tmp_path, imported_folder, any_benchmark):
    facts = any_benchmark("transnasbench101-micro-scene").facts
    done = regretta_here("--version", "--verbose", cwd=tmp_path, REGRETTA_DATA=str(imported_folder))
    assert done.returncode == 0, done.stderr
    first, *rest = done.stdout.splitlines()
    assert first.startswith(f"regretta {version('regretta')}, commit ")
    assert any(f"numpy {np.__version__}," in line for line in rest)
    assert f"data: {imported_folder}" in done.stdout
    assert "sphinx" not in done.stdout
    assert f"  {facts.name} {facts.data_hash[:12]}" in rest


def test_a_damaged_table_is_named_and_the_rest_is_printed(tmp_path):
    (tmp_path / "data/mine").mkdir(parents=True)
    (tmp_path / "data/mine/manifest.json").write_text("{")
    done = regretta_here("--version", "--verbose", cwd=tmp_path, REGRETTA_DATA=str(tmp_path / "data"))
    assert done.returncode == 0, done.stderr
    assert "  mine: " in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize(("words", "message"), [(["--verbose"], "no effect without --version"), (["lst"], "'list'")])
def test_wrong_usage(tmp_path, words, message):
    done = regretta_here(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
