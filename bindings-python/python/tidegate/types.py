"""Types for annotations: what a request and its messages look like. Importing this is never needed at run time.

The core reads requests and refuses what it does not know, so these types help editors and type checkers and decide
nothing. Messages are OpenAI's Chat Completions messages as they are, or our own parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Protocol, TypeAlias, TypedDict

__all__ = [
    "ChatRequest",
    "Content",
    "EmbedRequest",
    "Labels",
    "Message",
    "MessageLike",
    "Reasoning",
]


class _HasToDict(Protocol):
    def to_dict(self) -> Any: ...


class _HasModelDump(Protocol):
    def model_dump(self) -> Any: ...


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


Content: TypeAlias = str | Sequence[Mapping[str, Any]]
"""What a message says: text, or parts."""


class Message(TypedDict, total=False):
    """One turn of a conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Content | None
    name: str
    tool_calls: Sequence[Mapping[str, Any]]
    tool_call_id: str


MessageLike: TypeAlias = Message | Mapping[str, Any] | _HasToDict | _HasModelDump | _Dataclass
"""A message, or an object that can become one: an SDK's answer, a pydantic model, a dataclass."""


class Reasoning(TypedDict, total=False):
    """How much to think: at most one of `effort` and `budget_tokens`."""

    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
    budget_tokens: int
    include: bool


class Labels(TypedDict, total=False):
    """What any request may have."""

    model: str
    tenant: str
    team: str
    feature: str
    labels: Mapping[str, str]
    timeout: float | str
    extra: Mapping[str, Any]


class ChatRequest(Labels, total=False):
    """The fields of a chat."""

    messages: Sequence[MessageLike]
    tools: Sequence[Mapping[str, Any]]
    tool_choice: str | Mapping[str, Any]
    parallel_tool_calls: bool
    response_format: Mapping[str, Any]
    temperature: float
    top_p: float
    top_k: int
    max_tokens: int
    stop: str | Sequence[str]
    seed: int
    frequency_penalty: float
    presence_penalty: float
    logprobs: bool
    top_logprobs: int
    reasoning: Reasoning | str
    max_completion_tokens: int
    reasoning_effort: str


class EmbedRequest(Labels, total=False):
    """The fields of an embedding."""

    input: str | Sequence[str]
    dimensions: int
