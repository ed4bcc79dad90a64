"""The examples that need no key run as they stand."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"


def test_the_lunch_hour() -> None:
    command = [sys.executable, str(EXAMPLES / "lunch_hour.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    *morning, over, other, order, typo, flipped, kept, after = done.stdout.splitlines()
    assert all(re.fullmatch(r"\d\d:\d\d  eu/assistant answers, p95 \d+\.\d s", line) for line in morning)
    assert re.fullmatch(r"\d\d:\d\d  eu/assistant answers, p95 \d+\.\d s: more than 2 s", over)
    assert re.fullmatch(r"       us/assistant answers too, p95 \d+\.\d s", other)
    assert order == "       in order: eu/assistant (first), us/assistant (failover)"
    assert "did you mean 'targets'" in typo
    assert re.fullmatch(r"\d\d:\d\d  us first from now on, at most 30 s a call; \d+ calls under way at eu", flipped)
    assert kept == "       all of them were answered by eu/assistant"
    assert re.fullmatch(r"\d\d:\d\d  us/assistant answers, p95 \d+\.\d s, in order: us/assistant, eu/assistant", after)
