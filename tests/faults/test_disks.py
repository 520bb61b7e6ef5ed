"""A full disk, and a disk that cannot be written: one clear line, and what was stored stays.

The disks are small file systems in memory, mounted in a name space of their own, which needs no rights on the machine.
"""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from commands import LAUNCH, drill, environment, regretta_here, traces

PRIVATE = ["unshare", "--user", "--map-root-user", "--mount"]


def allowed() -> bool:
    return (
        shutil.which("unshare") is not None and subprocess.run([*PRIVATE, "true"], capture_output=True).returncode == 0
    )


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux" or not allowed(), reason="cannot mount a file system of its own"),
]

SCRIPT = """
set -u
mount -t tmpfs -o size=600k none disk
cp drill.toml slow.py disk
cp -r out disk/out
cd disk
{fault}
for verb in run plot report summary verify; do
  case $verb in
    run) words="run drill.toml --out out --trials 40 -j 2";;
    *) words="$verb out";;
  esac
  {launch} $words >../$verb.txt 2>&1
  echo $? >../$verb.code
done
cp -r out ../after-fault
{mend}
{launch} run drill.toml --out out --trials 12 -j 2 >../again.txt 2>&1
echo $? >../again.code
cp -r out ../after
"""
FULL = ("dd if=/dev/zero of=filler bs=1k 2>/dev/null", "rm filler", "No space left on device")
READ_ONLY = ("mount -o remount,ro ../disk .", "mount -o remount,rw ../disk .", "Read-only file system")


@pytest.mark.parametrize(("fault", "mend", "reason"), [FULL, READ_ONLY], ids=["full", "read-only"])
def test_nothing_is_lost_and_the_run_continues_afterwards(tmp_path, fault, mend, reason):
    drill(tmp_path, 6)
    assert regretta_here("run", "drill.toml", "--out", "out", "-j", 1, cwd=tmp_path).returncode == 0
    before = traces(tmp_path / "out")
    (tmp_path / "disk").mkdir()
    launch = " ".join([LAUNCH[0], *LAUNCH[1:-1], f"'{LAUNCH[-1]}'"])
    script = SCRIPT.format(fault=fault, mend=mend, launch=launch)
    subprocess.run([*PRIVATE, "sh", "-c", script], cwd=tmp_path, env=environment(), check=True)
    said = {file.stem: file.read_text() for file in tmp_path.glob("*.txt")}
    codes = {file.stem: int(file.read_text()) for file in tmp_path.glob("*.code")}
    assert "Traceback" not in "".join(said.values())
    assert codes == {"run": 2, "plot": 2, "report": 2, "summary": 0, "verify": 0, "again": 0}
    for verb in ("run", "plot", "report"):
        assert reason in " ".join(said[verb].split()), verb
    stored = traces(tmp_path / "after-fault")
    assert all(stored[cell].items() >= trials.items() for cell, trials in before.items())
    after = traces(tmp_path / "after")
    assert all(after[cell].items() >= trials.items() and len(after[cell]) == 12 for cell, trials in before.items())
