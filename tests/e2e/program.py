"""`python -m bot run` as a process, for tests to start, watch and kill."""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

READY_WITHIN = 120.0  # seconds
_REPOSITORY = Path(__file__).parents[2]


class Program:
    """A bot in a process of its own. `environment` is added to the tests' own."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self.environment = environment
        self.output = ""
        self._process: subprocess.Popen[str] | None = None
        self._changed = threading.Condition()

    @property
    def database(self) -> Path:
        """The file with everything that it stored."""
        return self.home / "dawen.db"

    def start(self, *arguments: str) -> None:
        """Start it and wait until it says that it is ready."""
        environment = {**os.environ, "DAWEN_HOME": str(self.home), "PYTHONUNBUFFERED": "1", **self.environment}
        self.output = ""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run", *arguments],
            cwd=_REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()
        self.wait_for_line(r"Dawen is ready")

    def wait_for_line(self, pattern: str) -> str:
        """What `pattern` matches in the output, its first group if it has one."""
        with self._changed:
            found = self._changed.wait_for(lambda: re.search(pattern, self.output) or self._ended(), READY_WITHIN)
        match = re.search(pattern, self.output)
        assert found, f"the program did not print {pattern!r} in time:\n{self.output}"
        assert match, f"the program ended:\n{self.output}"
        return match[1] if match.re.groups else match[0]

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """End it as Ctrl-C would; its exit code."""
        return self._end(signal.SIGINT)

    def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.send_signal(number)
        return process.wait(60)

    def _ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            with self._changed:
                self.output += line
                self._changed.notify_all()
        process.stdout.close()
        with self._changed:
            self._changed.notify_all()
