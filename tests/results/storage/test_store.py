"""The files of failed trials."""

from __future__ import annotations

import pytest

from results.storage.store import LONGEST_REASON, error_file, read_error, write_error


def test_the_error_of_a_failed_trial_is_read_as_one_line_without_control_characters(tmp_path):
    folder = tmp_path / "out" / "trials" / "mine"
    folder.mkdir(parents=True)
    write_error(folder, 7, {"trial": 7, "error": "ValueError: two\n lines \x1b]0;owned\x07", "traceback": ""})
    assert read_error(error_file(folder, 7)) == r"ValueError: two lines \x1b]0;owned\x07"
    write_error(folder, 7, {"trial": 7, "error": "x" * 100_000})
    assert len(read_error(error_file(folder, 7))) <= LONGEST_REASON


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"3", b"\xff", b"[" * 100_000], ids=range(6))
def test_a_damaged_file_of_a_failed_trial_is_no_obstacle(content, tmp_path):
    file = tmp_path / "00007.error.json"
    file.write_bytes(content)
    assert read_error(file) == "its file 00007.error.json cannot be read"
