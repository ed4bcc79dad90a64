"""What all tests share: a loopback provider, and the conversation they have with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from upstream import Upstream

HI: Any = {"model": "chat", "messages": [{"role": "user", "content": "hi"}]}
"""A request that the loopback provider answers."""


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


@pytest.fixture
def hi() -> Any:
    return HI
