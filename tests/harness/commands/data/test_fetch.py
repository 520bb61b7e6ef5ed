"""``regretta data fetch``, from a local server."""

from __future__ import annotations

import gc
import hashlib
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import tiny

from benchmarks import BenchmarkError, load_benchmark, registry
from benchmarks.storage.official_files import Download, Source, known_imports
from benchmarks.storage.tables import data_folder, imported_names, verify_table, write_table
from benchmarks.user_tables.importing import import_table
from harness.commands.data import fetch

NAMES = ("apple", "mine")
RIGHT = hashlib.sha256(tiny.CSV.encode()).hexdigest()


@pytest.fixture
def server():
    """Serve the tiny table. ``short.csv`` ends early, other files do not exist. ``asked`` lists the requested paths."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            if self.path not in ("/tiny.csv", "/short.csv"):
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(tiny.CSV)))
            self.end_headers()
            self.wfile.write(tiny.CSV.encode()[: None if self.path == "/tiny.csv" else 40])

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        running.asked = asked
        yield running
        running.shutdown()


@pytest.fixture
def publish(server, tmp_path, monkeypatch):
    """Register two benchmarks that are imported from files of the server."""
    monkeypatch.setenv("REGRETTA_DATA", str(tmp_path / "data"))
    monkeypatch.setitem(registry.SPACES, "tiny", tiny.SPACES["tiny"])
    monkeypatch.setenv("NO_PROXY", "*")
    load_benchmark.cache_clear()

    def read(path, names):
        for name in names:
            yield import_table(replace(tiny.SPEC, name=name), path)

    def publish(*files, sha256=RIGHT):
        downloads = tuple(Download(f"http://127.0.0.1:{server.server_port}/{file}", sha256, 1) for file in files)
        source = Source(NAMES, ("tiny.csv",), read, "a tiny file", "8", "none", "none", downloads)
        monkeypatch.setattr(fetch, "known_imports", lambda: dict.fromkeys(NAMES, source))

    yield publish
    load_benchmark.cache_clear()


def test_a_file_is_fetched_checked_imported_and_removed(publish, server, capsys):
    publish("tiny.csv")
    assert fetch.fetch_command("mine", None, replace=False) == 0
    assert imported_names() == sorted(NAMES)
    for name in NAMES:
        verify_table(name)
    assert list((data_folder() / ".downloads").iterdir()) == []
    assert "mine: 8 architectures in" in capsys.readouterr().out
    assert fetch.fetch_command("apple", None, replace=False) == 0
    assert "already imported. Pass --replace to fetch it again" in capsys.readouterr().out
    assert server.asked == ["/tiny.csv"]
    assert fetch.fetch_command("apple", None, replace=True) == 0
    assert len(server.asked) == 2


def test_only_what_is_missing_is_imported(publish, tmp_path, capsys):
    publish("tiny.csv")
    write_table(tiny.table(tmp_path))
    assert fetch.fetch_command("mine", None, replace=False) == 0
    said = capsys.readouterr().out
    assert "apple: 8 architectures" in said
    assert "mine: 8 architectures" not in said


def test_another_of_the_files_is_chosen_by_its_name(publish, server):
    publish("large.csv", "tiny.csv")
    assert fetch.fetch_command("mine", "tiny.csv", replace=False) == 0
    assert server.asked == ["/tiny.csv"]
    with pytest.raises(BenchmarkError, match=r"--file: unknown file 'tiny.cvs'; did you mean 'tiny.csv'"):
        fetch.fetch_command("mine", "tiny.cvs", replace=False)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # pooch leaves a broken socket open
@pytest.mark.parametrize(
    ("file", "sha256", "message"),
    [
        ("tiny.csv", "0" * 64, "does not match the known hash"),
        ("gone.csv", RIGHT, "404"),
        ("short.csv", RIGHT, "cannot fetch"),
    ],
)
def test_a_file_that_differs_from_the_published_one_is_not_imported(publish, file, sha256, message):
    publish(file, sha256=sha256)
    with pytest.raises(BenchmarkError, match=message) as caught:
        fetch.fetch_command("mine", None, replace=False)
    assert f"`regretta data import mine PATH/TO/{file}`" in str(caught.value)
    assert imported_names() == []
    assert list((data_folder() / ".downloads").iterdir()) == []


# urllib3 leaves the socket of a refused connection to the garbage collector, which Python 3.13 reports.
@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
def test_without_a_server_the_error_says_what_to_do(publish, server):
    publish("tiny.csv")
    server.shutdown()
    server.server_close()
    with pytest.raises(BenchmarkError, match=r"cannot fetch .*: .*Try again, or get the file in another way"):
        fetch.fetch_command("mine", None, replace=False)
    gc.collect()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nasbench201-cifar10", "comes with Regretta and needs no download"),
        (
            "natsbench-size-cifar10",
            "do not publish an address with a checksum. Import it from the unpacked folder NATS-sss",
        ),
        ("nasbench102", "did you mean 'nasbench101'"),
    ],
)
def test_a_benchmark_that_cannot_be_fetched_is_reported_with_the_reason(name, message):
    with pytest.raises(BenchmarkError, match=message):
        fetch.fetch_command(name, None, replace=False)


def test_the_addresses_of_the_authors_are_files_that_can_be_imported():
    for name, source in known_imports().items():
        for download in source.downloads:
            assert download.address.startswith("https://"), name
            assert download.file in source.files
            assert len(bytes.fromhex(download.sha256)) == 32
