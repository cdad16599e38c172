"""The process that reads hostile pages: small, limited, without network, thrown away when in doubt.

Run as ``python -m crawler.parser_child MEMORY_BYTES LAYOUTS NICENESS`` by ``crawler.parsers``;
LAYOUTS is a folder, or empty. It speaks frames over its standard input and output: four bytes of
length (big-endian), a JSON object, and as many raw bytes as the object's ``size`` says; each job
says how much processor time it is granted (``cpu_seconds``). It ends when its input does.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from crawler import jobs
from crawler.layout import Layouts, load

_LENGTH = struct.Struct(">I")
_REFUSED_EVENTS = (
    "socket.connect",
    "socket.bind",
    "socket.sendto",
    "subprocess.Popen",
    "os.system",
    "os.exec",
)


def write_frame(stream: BinaryIO, header: dict[str, Any], payload: bytes = b"") -> None:
    """Send one frame."""
    head = json.dumps({**header, "size": len(payload)}).encode()
    stream.write(_LENGTH.pack(len(head)) + head + payload)
    stream.flush()


def read_frame(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """Receive one frame, or None at the end of the stream."""
    prefix = stream.read(_LENGTH.size)
    if len(prefix) < _LENGTH.size:
        return None
    header: dict[str, Any] = json.loads(stream.read(_LENGTH.unpack(prefix)[0]))
    return header, stream.read(header.get("size", 0))


def _limit(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_refuse_outside)


def _refuse_outside(event: str, _: tuple[object, ...]) -> None:
    if event in _REFUSED_EVENTS:
        raise PermissionError(f"a parser does not do {event}")


def _renew_cpu(cpu_seconds: float) -> None:
    """Grant one job's processor time; the kernel ends the process (SIGPROF) when it is used up."""
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)


def _answer(
    header: dict[str, Any], payload: bytes, layouts: Layouts
) -> tuple[dict[str, Any], bytes]:
    try:
        return _do(header, payload, layouts)
    except MemoryError:
        reason = "The page needs more memory than a page may take."
        return {"error": reason, "detail": "too_big"}, b""
    except RecursionError:
        return {"error": "The page is nested too deeply.", "detail": "unreadable"}, b""
    except jobs.BadJob as error:
        return {"error": str(error), "detail": "bad_job"}, b""
    except Exception as error:  # noqa: BLE001 - whatever a hostile page raises is one unreadable page
        words = f"The page could not be read ({type(error).__name__}: {str(error)[:200]})."
        return {"error": words, "detail": "unreadable"}, b""


def _do(header: dict[str, Any], payload: bytes, layouts: Layouts) -> tuple[dict[str, Any], bytes]:
    op = header["op"]
    if op == "look":
        page = (header["url"], header["content_type"], layouts)
        return jobs.look(payload, header["known"], *page)
    if op == "read":
        return {}, jobs.read(payload, header["url"], header["content_type"], layouts)
    answer = json.dumps(jobs.run(op, json.loads(payload), layouts), ensure_ascii=False)
    return {}, answer.encode("utf-8", "replace")


def main(arguments: list[str]) -> None:
    """Serve frames until the input ends."""
    os.nice(int(arguments[2]))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a stray print must not look like a frame
    logging.disable(logging.CRITICAL)
    _limit(int(arguments[0]))
    layouts = load(Path(arguments[1]) if arguments[1] else None)
    jobs.warm_up()
    with suppress(BrokenPipeError):  # whoever asked was killed
        _serve(answers, layouts)


def _serve(answers: BinaryIO, layouts: Layouts) -> None:
    write_frame(answers, {"ready": True})
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        _renew_cpu(frame[0]["cpu_seconds"])
        began = time.process_time()
        header, payload = _answer(*frame, layouts)
        signal.setitimer(signal.ITIMER_PROF, 0)
        used = {"memory": _memory(), "seconds": time.process_time() - began}
        write_frame(answers, {**header, **used}, payload)


def _memory() -> int:
    """Bytes this process holds now (its peak where the system does not say)."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return int(pages) * resource.getpagesize()


if __name__ == "__main__":
    main(sys.argv[1:])
