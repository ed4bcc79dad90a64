"""The stubs say what the module says. (That their signatures agree is for `stubtest` to show.)"""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import tidegate
from tidegate import Gateway, _native, types

STUB = ast.parse((Path(tidegate.__file__).parent / "_native.pyi").read_text())
CLASSES = [node for node in STUB.body if isinstance(node, ast.ClassDef)]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: str(cls.name))
def test_stubs_repeat_the_documentation(cls: ast.ClassDef) -> None:
    native = getattr(_native, cls.name)
    assert ast.get_docstring(cls) == inspect.getdoc(native)
    for member in cls.body:
        if isinstance(member, ast.FunctionDef) and not member.name.startswith("__"):
            assert ast.get_docstring(member) == inspect.getdoc(getattr(native, member.name)), member.name


SAMPLES: dict[str, Any] = {
    "labels": {"team": "a"},
    "extra": {"a": 1},
    "messages": [{"role": "user", "content": "hi"}],
    "tools": [{"type": "function", "name": "now"}],
    "response_format": {"type": "text"},
    "parallel_tool_calls": True,
    "hedge": False,
    "priority": "batch",
    "logprobs": True,
    "reasoning": {"effort": "low"},
    "reasoning_effort": "low",
    "tool_choice": "auto",
    **dict.fromkeys(["temperature", "top_p", "frequency_penalty", "presence_penalty"], 0.5),
    **dict.fromkeys(["top_k", "max_tokens", "max_completion_tokens", "seed", "top_logprobs"], 1),
    **dict.fromkeys(["timeout", "retry_attempt", "dimensions", "top_n"], 1),
    **dict.fromkeys(["model", "tenant", "team", "feature", "stop", "input", "query"], "a"),
    "documents": ["a"],
    "input_type": "query",
}


@pytest.mark.parametrize(
    ("word", "kind", "needed"),
    [
        ("chat", types.ChatRequest, ["messages"]),
        ("embed", types.EmbedRequest, ["input"]),
        ("rerank", types.RerankRequest, ["query", "documents"]),
    ],
)
def test_the_core_knows_every_field_of_the_types(word: str, kind: type, needed: list[str]) -> None:
    ask: Any = getattr(Gateway(), word)
    for field in get_type_hints(kind):
        with pytest.raises(tidegate.NoRoute):
            ask({"model": "a", **{name: SAMPLES[name] for name in needed}, field: SAMPLES[field]})
