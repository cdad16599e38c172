"""A real pywb on loopback, in an environment of its own: its pins break ours (docs/decisions)."""

import fcntl
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from socket import socket

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

PYWB = "pywb==2.10.0"
HOME = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "storylapse-tests"
START_SECONDS = 120


def pywb_folder() -> Path:
    """The environment that holds pywb, made once; ten seconds where wheels are at hand."""
    HOME.mkdir(parents=True, exist_ok=True)
    place = HOME / f"{PYWB.replace('==', '-')}-py{sys.version_info[0]}{sys.version_info[1]}"
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test processes share it
        if not (place / "ready").exists():
            venv.create(place, with_pip=True, clear=True)
            pip = [str(place / "bin/python"), "-m", "pip", "install", "--quiet", PYWB]
            subprocess.run([*pip, "--disable-pip-version-check"], check=True, timeout=280)
            (place / "ready").touch()
    return place


@contextmanager
def replaying(folder: Path, *warcs: Path) -> Iterator[str]:
    """Serve WARCs as pywb's collection ``news``; yields the collection's address."""
    _manage(folder, "init", "news")
    _manage(folder, "add", "news", *map(str, warcs))
    with _wayback(folder, "news") as address:
        yield address


@contextmanager
def replaying_wacz(folder: Path, wacz: Path) -> Iterator[str]:
    """Serve a WACZ in the same way."""
    _manage(folder, "init", "news")
    _manage(folder, "add", "--unpack-wacz", "news", str(wacz))
    with _wayback(folder, "news") as address:
        yield address


def _manage(folder: Path, *words: str) -> None:
    command = [str(pywb_folder() / "bin/wb-manager"), *words]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)


@contextmanager
def replaying_archive(folder: Path, base: str) -> Iterator[str]:
    """Serve another Memento archive through pywb, as its collection ``other``."""
    collection = {
        "index": {
            "type": "memento",
            "timegate_url": f"{base}/memento/timegate/{{url}}",
            "timemap_url": f"{base}/memento/timemap/link/{{url}}",
            "replay_url": f"{base}/memento/{{timestamp}}/{{url}}",
        }
    }
    written = json.dumps({"collections": {"other": collection}})  # YAML holds all of JSON
    (folder / "config.yaml").write_text(written)
    with _wayback(folder, "other") as address:
        yield address


@contextmanager
def _wayback(folder: Path, collection: str) -> Iterator[str]:
    port = free_port()
    command = [pywb_folder() / "bin/wayback", "-b", "127.0.0.1", "-p", str(port)]
    with (folder / "pywb.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/{collection}/cdx?url=http://none.example/", server)
            yield f"http://127.0.0.1:{port}/{collection}"
        finally:
            server.terminate()
            server.wait()


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(address: str, server: subprocess.Popen) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("pywb did not start; see pywb.log in the test's folder.")


class Recorder:
    """Writes a WARC as a crawler would, one record after the other."""

    def __init__(self, path: Path, *, packed: bool = True) -> None:
        self._file = path.open("wb")
        self._writer = WARCWriter(self._file, gzip=packed)
        self.path = path

    def response(
        self,
        address: str,
        at: str,
        body: bytes,
        *,
        status: str = "200 OK",
        headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),),
    ) -> str:
        """Add a response captured ``at`` (RFC 3339); return its payload digest."""
        http = StatusAndHeaders(status, list(headers), protocol="HTTP/1.1")
        record = self._writer.create_warc_record(
            address,
            "response",
            payload=BytesIO(body),
            http_headers=http,
            warc_headers_dict={"WARC-Date": at},
        )
        self._writer.write_record(record)
        return record.rec_headers.get_header("WARC-Payload-Digest")

    def revisit(self, address: str, at: str, digest: str, original_at: str) -> None:
        """Add a record that says: the bytes of the original again."""
        http = StatusAndHeaders(
            "200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1"
        )
        record = self._writer.create_revisit_record(
            address, digest, address, original_at, http_headers=http,
            warc_headers_dict={"WARC-Date": at},
        )  # fmt: skip
        self._writer.write_record(record)

    def close(self) -> Path:
        """End the file; return its path."""
        self._file.close()
        return self.path


def page(headline: str, *paragraphs: str, charset: str = "utf-8") -> bytes:
    """A news page in bytes."""
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="{charset}"><title>{headline}</title>'
        f'<meta property="og:site_name" content="The Harbour Gazette"></head>'
        f"<body><article><h1>{headline}</h1>{body}</article></body></html>"
    ).encode(charset)
