"""The process that reads one hostile file: `python -m cluster.resources.extraction.child ORDER`.

Started by the runner for each attachment. Binds itself to limits before it touches the file and writes its answer
as one JSON object to standard output.
"""

import json
import resource
import signal
import sys
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cluster.resources.extraction.cleaning import clean_text
from cluster.resources.extraction.containers import unpacked_bytes
from cluster.resources.extraction.failure import UnreadableDocument
from cluster.resources.extraction.kinds import DocumentKind
from cluster.resources.extraction.readers import reader_for
from cluster.resources.extraction.result import Extraction, ExtractionState, Limits
from cluster.resources.extraction.sink import TextSink
from cluster.resources.extraction.sniffing import UnfitDocument, check_document

OUT_OF_MEMORY = "读取附件时内存超出限制，文件可能过大或有意构造。"
FORBIDDEN_EVENTS = ("socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec")
ZIP_KINDS = {DocumentKind.DOCX, DocumentKind.XLSX, DocumentKind.PPTX}


def main(order: dict[str, Any]) -> None:
    """Read the file named by the order and print the answer."""
    limits = Limits(**order["limits"])
    confine(limits)
    try:
        answer = read_document(Path(order["path"]), order["filename"], limits)
    except MemoryError:  # whatever was read has been let go by now, so there is room to answer
        answer = Extraction(state=ExtractionState.FAILED, reason=OUT_OF_MEMORY, retry=True)
    sys.stdout.buffer.write(json.dumps(asdict(answer), ensure_ascii=False).encode())


def confine(limits: Limits) -> None:
    """Let the kernel end this process when it costs too much, even if its parent is dead."""
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, limits.output_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 2))
    signal.alarm(limits.wall_seconds + 5)
    sys.addaudithook(_refuse_outside_world)


def read_document(path: Path, filename: str, limits: Limits) -> Extraction:
    """Check what the file is, read its text and clean it."""
    try:
        kind = check_document(path, filename)
        if not kind.has_reader:
            return Extraction(state=ExtractionState.DONE, reason=f"{kind.label}不收录正文，只能按标题找到。")
        return _read(path, kind, limits)
    except UnfitDocument as error:
        return Extraction(state=ExtractionState.REFUSED, reason=str(error))
    except UnreadableDocument as error:
        return Extraction(state=ExtractionState.FAILED, reason=str(error))
    except MemoryError:
        raise
    except RecursionError:
        return Extraction(state=ExtractionState.FAILED, reason="文件结构嵌套过深，无法读取。")
    except Exception as error:  # four parsers of hostile data raise anything; none of it may pass for success
        if _memory_was_short(limits):
            raise MemoryError from error
        print(repr(error)[:2000], file=sys.stderr)
        return Extraction(state=ExtractionState.FAILED, reason="文件已损坏或格式不规范，无法读取文字。")


def _read(path: Path, kind: DocumentKind, limits: Limits) -> Extraction:
    if kind in ZIP_KINDS:
        _check_unpacked(path, limits)
    sink = TextSink(limits)
    reader_for(kind)(path, sink)
    return Extraction(state=ExtractionState.DONE, text=clean_text(sink.text), reason="".join(sink.notes))


def _check_unpacked(path: Path, limits: Limits) -> None:
    """Refuse a bomb by its table of contents, before a single byte of it is unpacked."""
    with zipfile.ZipFile(path) as archive:
        if unpacked_bytes(archive) > limits.memory:
            raise UnfitDocument("文件解压后过大，疑似压缩炸弹，已拒绝读取。")


def _memory_was_short(limits: Limits) -> bool:
    """Tell whether a parser's error may hide a refused allocation: libxml2 calls that an "unknown error"."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return False
    peak = next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmPeak:")), 0)
    return peak > limits.memory / 2


def _refuse_outside_world(event: str, _arguments: tuple[Any, ...]) -> None:
    """Turn any attempt to reach the network or start a program into an error: no document needs either."""
    if event.startswith(FORBIDDEN_EVENTS):
        raise PermissionError(f"not allowed while reading a document: {event}")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
