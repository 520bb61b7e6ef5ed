"""Hostile pickles: nothing is run or changed, and memory, time and messages stay bounded."""

from __future__ import annotations

import bz2
import pickle
import subprocess
import sys

import pytest

from benchmarks import BenchmarkError
from benchmarks.formats import plain_pickle
from benchmarks.formats.plain_pickle import ALLOWED, read_plain_pickle

PLAIN = {"a": [1, 2.5, None, True, "text", b"bytes", (1, 2), {3}], "b": {"nested": [[1], [2]]}}


def written(folder, content):
    file = folder / "000000.pickle.pbz2"
    file.write_bytes(bz2.compress(content))
    return file


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_data_is_read_as_it_was_written(tmp_path, protocol):
    plain = {"a": [1, 2.5, None, True, "text", (1, 2)], "b": {"nested": [[1], [2]]}}
    assert read_plain_pickle(written(tmp_path, pickle.dumps(plain, protocol))) == plain
    if protocol >= 4:
        assert read_plain_pickle(written(tmp_path, pickle.dumps(PLAIN, protocol))) == PLAIN


def shared_lists(depth):
    value = ["x" * 100]
    for _ in range(depth):
        value = [value] * 10
    return value


HOSTILE = {
    "a memo index beyond the content": (b"\x80\x02]r\xff\xff\xff\x7f.", "keeps object 2,147,483,647"),
    "a negative memo index": (b"]p-1\n.", "keeps object -1|cannot be read"),
    "a name that is not plain": (b"cos\nsystem\n(S'true'\ntR.", "refers to os.system"),
    "an attribute of an allowed function": (
        b"\x80\x02cnumpy.core.multiarray\nscalar\n(N}X\x08\x00\x00\x00__call__K\x01st\x86b.",
        "sets the attribute|cannot be read",
    ),
    "an attribute of an allowed class": (
        b"\x80\x02cnumpy\ndtype\nN}X\x08\x00\x00\x00__init__K\x01s\x86b.",
        "sets the attribute '__init__'",
    ),
    "an instance by NEWOBJ": (b"\x80\x02ccollections\nOrderedDict\n)\x81.", "instruction NEWOBJ"),
    "an extension": (b"\x80\x02\x82\x01.", "instruction EXT1"),
    "a persistent object": (b"Pid\n.", "instruction PERSID"),
    "a huge integer": (pickle.dumps(1 << 100_000), "integer of 100,001 bits"),
    "a number of nested shared lists": (
        pickle.dumps(("scalar", shared_lists(8)))[:-1] + b"cnumpy.core.multiarray\nscalar\n0R.",
        "was not read|cannot be read",
    ),
    "nothing": (b"", "cannot be read"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pickle_is_rejected_in_one_short_line(tmp_path, name):
    content, message = HOSTILE[name]
    before = {key: vars(type(value)).copy() for key, value in ALLOWED.items()}
    with pytest.raises(BenchmarkError, match=message) as raised:
        read_plain_pickle(written(tmp_path, content))
    assert len(str(raised.value)) < 1000
    assert before == {key: vars(type(value)) for key, value in ALLOWED.items()}


def test_memory_and_time_have_a_ceiling(tmp_path):
    files = [str(written(tmp_path / name.replace(" ", "-"), content)) for name, (content, _) in HOSTILE.items()
             if not (tmp_path / name.replace(" ", "-")).mkdir()]  # fmt: skip
    code = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
from pathlib import Path
from benchmarks import BenchmarkError
from {plain_pickle.__name__} import read_plain_pickle
for file in sys.argv[1:]:
    try:
        read_plain_pickle(Path(file))
    except BenchmarkError as error:
        assert "MemoryError" not in str(error), error
    else:
        raise AssertionError(file)
status = Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else []
print(*(line.split()[1] for line in lines if line.startswith("VmHWM")))
"""
    done = subprocess.run([sys.executable, "-c", code, *files], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert all(int(kibibytes) < 600_000 for kibibytes in done.stdout.split())
