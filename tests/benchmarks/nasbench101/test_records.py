"""The reader of NAS-Bench-101's files: it agrees with another parser, and never returns wrong data silently."""

from __future__ import annotations

import json
import struct
import tracemalloc
from base64 import b64encode

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tfrecords import frame, metrics, trained, varint

from benchmarks import BenchmarkError
from benchmarks.formats.protobuf import read_fields
from benchmarks.formats.tfrecord import masked_crc32c, read_tfrecord
from benchmarks.nasbench101.records import TrainedCell, parse_record, read_trained_cells

CELL = ("5529e1779433733d1145e20de5d8604e", 4, "0110001100010000", "input,conv1x1-bn-relu,conv3x3-bn-relu,output")
RUN = trained(*CELL, seconds=80.5, validation=0.75, test=0.5)


def write(folder, *parts):
    file = folder / "some.tfrecord"
    file.write_bytes(b"".join(parts))
    return file


class TestFraming:
    def test_the_standard_checksum_and_its_mask(self):
        # CRC-32C("123456789") is e3069283; TFRecord rotates it right by 15 and adds a constant.
        crc = 0xE3069283
        assert masked_crc32c(b"123456789") == ((crc >> 15 | (crc & 0x7FFF) << 17) + 0xA282EAD8) % 2**32

    def test_records_come_back(self, tmp_path):
        records = [b"", b"a", bytes(range(256)) * 100]
        assert list(read_tfrecord(write(tmp_path, *map(frame, records)))) == records
        assert list(read_tfrecord(write(tmp_path))) == []

    @pytest.mark.parametrize(
        ("damage", "message"),
        [
            (lambda a, b: a + b[:-1], r"record 1 \(from byte 17\): expected 2 bytes, got 1 before the end of the file"),
            (lambda a, b: a + b[:5], r"record 1 \(from byte 17\): its header ends after 5 bytes"),
            (lambda a, b: a[:12] + b"x" + a[13:] + b, r"record 0 \(from byte 0\): the checksum of its data is wrong"),
            (lambda a, b: a + b"\x03" + b[1:], r"record 1 .*: the checksum of its length is wrong"),
            (lambda a, b: b"\x1f\x8b\x08gzip and so on", r"record 0 .*: the checksum of its length is wrong"),
        ],
    )
    def test_the_message_on_damage_names_file_record_byte_and_remedy(self, tmp_path, damage, message):
        file = write(tmp_path, damage(frame(b"a"), frame(b"bc")))
        with pytest.raises(
            BenchmarkError, match=rf"some\.tfrecord, {message}; the file is damaged or incomplete, so download it again"
        ):
            list(read_tfrecord(file))

    def test_an_implausible_length_is_rejected(self, tmp_path):
        length = struct.pack("<Q", 1 << 50)
        with pytest.raises(BenchmarkError, match="checksum of its length"):
            list(read_tfrecord(write(tmp_path, length, struct.pack("<I", masked_crc32c(length)))))

    def test_an_absent_file_or_a_folder(self, tmp_path):
        for file in (tmp_path / "absent.tfrecord", tmp_path):
            with pytest.raises(BenchmarkError, match="cannot be read"):
                list(read_tfrecord(file))

    def test_memory_does_not_grow_with_the_file(self, tmp_path):
        file = write(tmp_path, frame(b"x" * 1_000) * 3_000)
        tracemalloc.start()
        assert sum(map(len, read_tfrecord(file))) == 3_000_000
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 500_000


class TestWire:
    def test_all_wire_types_are_read(self):
        message = b"\x08\x96\x01" + b"\x11" + struct.pack("<d", 0.25) + b"\x1a\x02hi" + b"\x25" + struct.pack("<f", 0.5)
        assert list(read_fields(message)) == [(1, 150), (2, 0.25), (3, b"hi"), (4, 0.5)]
        assert list(read_fields(b"\x08" + varint(2**64 - 1))) == [(1, 2**64 - 1)]

    @pytest.mark.parametrize(
        ("message", "reason"),
        [
            (b"\x08", "ends within a number"),
            (b"\x08" + b"\xff" * 11, "more than ten bytes"),
            (b"\x11\x00\x00", "field 2: expected 8 bytes, got 2"),
            (b"\x1a\x05hi", "field 3: expected 5 bytes, got 2"),
            (b"\x1b", "field 3: expected wire type 0, 1, 2 or 5, got 3"),
            (b"\x02\x00", "field 0"),
        ],
    )
    def test_damaged_messages_are_rejected(self, message, reason):
        with pytest.raises(ValueError, match=reason):
            list(read_fields(message))


def packed(fields=CELL, message=None):
    message = metrics([(4.0, 80.5, 0.99, 0.75, 0.5)]) if message is None else message
    return json.dumps([*fields, b64encode(message).decode()]).encode()


class TestRecord:
    def test_the_last_evaluation_is_read(self, tmp_path):
        assert list(read_trained_cells(write(tmp_path, RUN, RUN))) == 2 * [
            TrainedCell(*CELL, parameters=1_000, seconds=80.5, train_accuracy=0.99, validation_accuracy=0.75,
                        test_accuracy=0.5)
        ]  # fmt: skip
        assert parse_record(packed()).validation_accuracy == 0.75

    @pytest.mark.parametrize(
        ("record", "reason"),
        [
            (b"", "Expecting value"),
            (b"\x80\x81\x82\x83\x84", "codec"),
            (b"[]", "expected \\[hash, epochs"),
            (b"[" * 50_000, ""),
            (packed(("a", 4.5, "0", "input")), "expected \\[hash, epochs"),
            (packed()[:-3] + b"!!]", ""),
            (packed(message=b""), "lacks field 1"),
            (packed(message=metrics([])), "lacks field 1"),
            (packed(message=metrics([(4.0, 80.5, 0.99, 0.5)])), "lacks field 5"),
            (packed(message=metrics([(4.0, 80.5, 0.99, 90.0, 0.5)])), "expected accuracies in"),
            (packed(message=metrics([(4.0, 80.5, 0.99, float("nan"), 0.5)])), "expected accuracies in"),
            (packed(message=metrics([(4.0, float("inf"), 0.99, 0.9, 0.5)])), "after inf s"),
            (packed(message=metrics([(4.0, -1.0, 0.99, 0.9, 0.5)])), "after -1.0 s"),
            (packed(message=metrics([(2.0, 80.5, 0.99, 0.9, 0.5)])), "last evaluation at epoch 4, got epoch 2.0"),
        ],
    )
    def test_anything_else_is_rejected_and_the_message_names_file_and_record(self, tmp_path, record, reason):
        file = write(tmp_path, RUN, frame(record))
        with pytest.raises(
            BenchmarkError, match=rf"some\.tfrecord, record 1: not a training run .*{reason}.*download it again"
        ):
            list(read_trained_cells(file))


class TestFuzz:
    @settings(derandomize=True, deadline=None, max_examples=300)
    @given(data=st.data())
    def test_a_damaged_file_is_rejected_or_cut_at_a_record(self, tmp_path_factory, data):
        """After a flipped bit, a cut or a splice, only original runs are read, or a BenchmarkError is raised."""
        runs = [trained(*CELL, seconds=80.0 + i, validation=0.5 + i / 100, test=0.5) for i in range(4)]
        content = bytearray(b"".join(runs))
        kind = data.draw(st.sampled_from(["flip", "truncate", "splice"]))
        place = data.draw(st.integers(0, len(content) - 1))
        if kind == "flip":
            content[place] ^= 1 << data.draw(st.integers(0, 7))
        elif kind == "truncate":
            del content[place:]
        else:
            other = data.draw(st.integers(0, len(content) - 1))
            content[place:place] = content[other : other + data.draw(st.integers(1, 400))]
        file = write(tmp_path_factory.mktemp("fuzz"), bytes(content))
        whole = [parse_record(run[12:-4]) for run in runs]
        found, refused = [], ""
        try:
            found.extend(read_trained_cells(file))
        except BenchmarkError as error:
            refused = str(error)
        assert all(run in whole for run in found)
        assert not refused or "some.tfrecord, record" in refused
        if kind == "flip" or (kind == "truncate" and place % len(runs[0])):
            assert refused

    @settings(derandomize=True, deadline=None, max_examples=300)
    @given(st.binary(max_size=300))
    def test_any_bytes_with_right_checksums(self, record):
        try:
            parse_record(record)
        except ValueError:
            return
        raise AssertionError("this is not a training run")

    @settings(derandomize=True, deadline=None, max_examples=500)
    @given(st.binary(max_size=60))
    def test_any_message(self, message):
        try:
            parse_record(packed(message=message))
        except ValueError:
            return
        raise AssertionError("that has no accuracy")


@pytest.mark.data("ecnas_tfrecord", "ecnas_4v_5v.csv.gz")
@pytest.mark.parametrize(("name", "space"), [("energy_4V9E", "4V"), ("energy_5V9E", "5V")])
def test_the_files_of_ec_nas_are_equal_to_their_csv(data_folder, name, space):
    file, parsed = data_folder / "ecnas_tfrecord" / f"{name}.tfrecord", data_folder / "ecnas_4v_5v.csv.gz"
    expected = pd.read_csv(parsed, dtype={"adjacency": str})
    expected = expected[expected["space"] == space].reset_index(drop=True)
    found = pd.DataFrame(read_trained_cells(file))
    columns = {
        "hash": "hash", "epochs": "epochs", "matrix": "adjacency", "operations": "ops", "parameters": "params",
        "seconds": "training_time", "train_accuracy": "train_acc", "validation_accuracy": "val_acc",
        "test_accuracy": "test_acc",
    }  # fmt: skip
    for ours, theirs in columns.items():
        pd.testing.assert_series_equal(found[ours], expected[theirs], check_names=False, rtol=1e-14)
