"""What several test folders share."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def studies() -> ModuleType:
    """The builders of in-memory studies, ``tests/results/studies.py``."""
    spec = importlib.util.spec_from_file_location("studies", Path(__file__).parent / "results" / "studies.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
