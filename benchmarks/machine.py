"""What a benchmark ran on, and how much memory a process holds."""

import os
import platform
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_LIBRARIES = "torch transformers sentence-transformers scikit-learn onnxruntime numpy tokenizers".split()
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Machine:
    """The processor with its cores and the threads torch uses, library versions, and the commit measured."""

    processor: str
    cores: int
    threads: int
    system: str
    python: str
    libraries: dict[str, str]
    commit: str | None


def describe_machine() -> Machine:
    """The machine that this runs on."""
    import torch

    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        threads=torch.get_num_threads(),
        system=platform.platform(),
        python=platform.python_version(),
        libraries={name: found for name in _LIBRARIES if (found := _version(name))},
        commit=_commit(),
    )


def resident_mb() -> tuple[float, float] | None:
    """What this process holds in memory and the most that it ever held, in 10^6 bytes; None outside Linux."""
    if not _STATUS.exists():
        return None
    fields = dict(line.split(":", 1) for line in _STATUS.read_text(encoding="ascii").splitlines())
    now, most = (int(fields[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "VmHWM"))
    return now, most


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    folder = Path(__file__).parent
    try:
        asked = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=12"]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None
