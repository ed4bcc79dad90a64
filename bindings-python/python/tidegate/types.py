# Generated from `core/model.schema.json` by `core/codegen/python.py`: do not edit, run `make generate`.
"""Types for annotations: what a request and its messages look like. Importing this is never needed at run time.

The core reads requests and refuses what it does not know, so these types help editors and type checkers and decide
nothing. Messages are OpenAI's Chat Completions messages as they are, or our own parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Protocol, TypeAlias, TypedDict

__all__ = [
    "AudioPart",
    "CacheControl",
    "ChatRequest",
    "CitationPart",
    "Content",
    "EmbedRequest",
    "FilePart",
    "FunctionTool",
    "HostedTool",
    "ImagePart",
    "JsonObjectResponseFormat",
    "JsonSchemaResponseFormat",
    "Message",
    "MessageLike",
    "NamedToolChoice",
    "OtherPart",
    "Part",
    "ProviderState",
    "Reasoning",
    "ReasoningPart",
    "RefusalPart",
    "RerankRequest",
    "ResponseFormat",
    "TextPart",
    "TextResponseFormat",
    "Tool",
    "ToolCallPart",
    "ToolChoice",
    "ToolResultPart",
]


class _HasToDict(Protocol):
    def to_dict(self) -> Any: ...


class _HasModelDump(Protocol):
    def model_dump(self) -> Any: ...


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


class Message(TypedDict, total=False):
    """One turn of a conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    """Who speaks."""
    content: Content | None
    """What is said."""
    name: str
    """The speaker's name, where several share a role."""
    extra: Mapping[str, Any]
    """Further keys for the provider's own form of this message, sent as they are."""
    tool_calls: Sequence[Mapping[str, Any]]
    """OpenAI's form of the tool calls of an answer."""
    tool_call_id: str
    """OpenAI's form of a tool's result: the call that it answers."""


class _TextPart(TypedDict):
    type: Literal["text"]
    text: str
    """The text."""


class TextPart(_TextPart, total=False):
    """Visible text."""

    state: ProviderState
    """Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another."""
    cache_control: CacheControl
    """Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no
    marker, and it is left out for them.
    """
    extra: Mapping[str, Any]
    """Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`;
    ...).
    """


class _ImagePart(TypedDict):
    type: Literal["image"]


class ImagePart(_ImagePart, total=False):
    """A picture."""

    url: str
    """An address that the provider fetches; the gateway never opens it."""
    data: str
    """The bytes, base64."""
    file_id: str
    """The provider's id of an uploaded file."""
    text: str
    """Plain text standing for a document."""
    mime: str
    """The media type, such as `image/png`. Required with `data`."""
    filename: str
    """The name of the file."""
    detail: str
    """How closely to look: `low`, `high`, `auto` (OpenAI)."""
    transcript: str
    """What was said, where the provider transcribes its audio."""
    state: ProviderState
    """Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another."""
    cache_control: CacheControl
    """Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no
    marker, and it is left out for them.
    """
    extra: Mapping[str, Any]
    """Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`;
    ...).
    """


class _AudioPart(TypedDict):
    type: Literal["audio"]


class AudioPart(_AudioPart, total=False):
    """Sound."""

    url: str
    """An address that the provider fetches; the gateway never opens it."""
    data: str
    """The bytes, base64."""
    file_id: str
    """The provider's id of an uploaded file."""
    text: str
    """Plain text standing for a document."""
    mime: str
    """The media type, such as `image/png`. Required with `data`."""
    filename: str
    """The name of the file."""
    detail: str
    """How closely to look: `low`, `high`, `auto` (OpenAI)."""
    transcript: str
    """What was said, where the provider transcribes its audio."""
    state: ProviderState
    """Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another."""
    cache_control: CacheControl
    """Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no
    marker, and it is left out for them.
    """
    extra: Mapping[str, Any]
    """Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`;
    ...).
    """


class _FilePart(TypedDict):
    type: Literal["file"]


class FilePart(_FilePart, total=False):
    """A document, a video or any other file; `mime` says which."""

    url: str
    """An address that the provider fetches; the gateway never opens it."""
    data: str
    """The bytes, base64."""
    file_id: str
    """The provider's id of an uploaded file."""
    text: str
    """Plain text standing for a document."""
    mime: str
    """The media type, such as `image/png`. Required with `data`."""
    filename: str
    """The name of the file."""
    detail: str
    """How closely to look: `low`, `high`, `auto` (OpenAI)."""
    transcript: str
    """What was said, where the provider transcribes its audio."""
    state: ProviderState
    """Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another."""
    cache_control: CacheControl
    """Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no
    marker, and it is left out for them.
    """
    extra: Mapping[str, Any]
    """Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`;
    ...).
    """


class _ReasoningPart(TypedDict):
    type: Literal["reasoning"]
    text: str
    """The text."""


class ReasoningPart(_ReasoningPart, total=False):
    """The model's thinking, as far as the provider shows it. May be empty where only the `state` was sent."""

    state: ProviderState
    """Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another."""
    cache_control: CacheControl
    """Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no
    marker, and it is left out for them.
    """
    extra: Mapping[str, Any]
    """Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`;
    ...).
    """


class _ToolCallPart(TypedDict):
    type: Literal["tool_call"]
    id: str
    """The id that the result has to carry. Where the wire has none (Gemini), one is made."""
    name: str
    """The tool."""
    arguments_raw: str
    """The arguments exactly as the model wrote them: JSON text, possibly cut off. Never repaired."""


class ToolCallPart(_ToolCallPart, total=False):
    """The model asks for a tool."""

    arguments: Any
    """The arguments, parsed; null where the text is not JSON. Empty text is the empty object."""
    args_valid: bool
    """Whether the arguments are JSON and follow the parameters of the tool."""
    state: ProviderState
    """Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another."""
    cache_control: CacheControl
    """Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no
    marker, and it is left out for them.
    """
    extra: Mapping[str, Any]
    """Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`;
    ...).
    """


class _ToolResultPart(TypedDict):
    type: Literal["tool_result"]
    id: str
    """The id of the call."""
    content: Content | None
    """The answer."""


class ToolResultPart(_ToolResultPart, total=False):
    """What the tool answered."""

    name: str
    """The tool's name. Gemini needs it; where it is missing it is looked up in the calls before."""
    is_error: bool
    """Whether the tool failed."""
    state: ProviderState
    """Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another."""
    cache_control: CacheControl
    """Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no
    marker, and it is left out for them.
    """
    extra: Mapping[str, Any]
    """Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`;
    ...).
    """


class _RefusalPart(TypedDict):
    type: Literal["refusal"]
    text: str
    """Its words."""


class RefusalPart(_RefusalPart, total=False):
    """The model declines."""

    state: ProviderState
    """Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another."""
    cache_control: CacheControl
    """Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no
    marker, and it is left out for them.
    """
    extra: Mapping[str, Any]
    """Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`;
    ...).
    """


class _CitationPart(TypedDict):
    type: Literal["citation"]


class CitationPart(_CitationPart, total=False):
    """A source for the text before it."""

    url: str
    """The address of the source."""
    title: str
    """Its title."""
    cited_text: str
    """The words that are quoted from it."""
    start: int
    """Where the supported passage begins in the answer's text, in the provider's own unit."""
    end: int
    """Where it ends."""
    state: ProviderState
    """Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another."""
    cache_control: CacheControl
    """Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no
    marker, and it is left out for them.
    """
    extra: Mapping[str, Any]
    """Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`;
    ...).
    """


class _OtherPart(TypedDict):
    type: Literal["other"]
    kind: str
    """The provider's own name for it, such as `server_tool_use`."""
    data: Any
    """The whole of it."""


class OtherPart(_OtherPart, total=False):
    """Something only one provider has (a server-side tool's call or result, code it ran): kept as it came."""

    state: ProviderState
    """Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another."""
    cache_control: CacheControl
    """Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need no
    marker, and it is left out for them.
    """
    extra: Mapping[str, Any]
    """Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`, `citations`;
    ...).
    """


Part: TypeAlias = (
    TextPart
    | ImagePart
    | AudioPart
    | FilePart
    | ReasoningPart
    | ToolCallPart
    | ToolResultPart
    | RefusalPart
    | CitationPart
    | OtherPart
)
"""One piece of a message or of an answer."""


class _ProviderState(TypedDict):
    data: Mapping[str, Any]
    """The state, in the provider's own words: `signature`, `thoughtSignature`, `reasoning_details`, ..."""


class ProviderState(_ProviderState, total=False):
    """Opaque provider state of a part."""

    provider: str
    """The configured provider that sent it; empty where the caller's message did not say."""


class CacheControl(TypedDict, total=False):
    """A request to cache the prompt up to this part."""

    ttl: str
    """How long: `5m` (the default of the providers) or `1h`."""


class _FunctionTool(TypedDict):
    type: Literal["function"]
    name: str
    """Its name."""


class FunctionTool(_FunctionTool, total=False):
    """A function of the caller: the gateway hands back the call and the caller sends the result."""

    description: str
    """What it does, for the model."""
    parameters: Any
    """Its arguments as JSON Schema."""
    strict: bool
    """Whether the arguments must follow the schema exactly."""
    cache_control: CacheControl
    """Where the provider should end a cached prefix (Anthropic)."""


class HostedTool(TypedDict):
    """A tool that only one provider has, in the provider's own words: one that it runs itself (web search, code),
    or one of a form of its own (OpenAI's `custom`).
    """

    type: Literal["hosted"]
    tool: Mapping[str, Any]
    """The definition, sent as it is."""


Tool: TypeAlias = FunctionTool | HostedTool
"""What the model may call."""


class NamedToolChoice(TypedDict):
    """This one."""

    tool: str
    """This one."""


ToolChoice: TypeAlias = Literal["auto", "none", "required"] | NamedToolChoice
"""Which tool the model must call."""


class TextResponseFormat(TypedDict):
    """Any text."""

    type: Literal["text"]


class JsonObjectResponseFormat(TypedDict):
    """Any JSON object."""

    type: Literal["json_object"]


class _JsonSchemaResponseFormat(TypedDict):
    type: Literal["json_schema"]
    schema: Any
    """The JSON Schema."""


class JsonSchemaResponseFormat(_JsonSchemaResponseFormat, total=False):
    """JSON that follows a schema."""

    name: str
    """A name for it."""
    description: str
    """What it is, for the model."""
    strict: bool
    """Whether the answer must follow it exactly."""


ResponseFormat: TypeAlias = TextResponseFormat | JsonObjectResponseFormat | JsonSchemaResponseFormat
"""The form of the answer."""


class Reasoning(TypedDict, total=False):
    """How much to think. At most one of `effort` and `budget_tokens`."""

    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
    """`none`, `minimal`, `low`, `medium`, `high`, `xhigh` or `max`."""
    budget_tokens: int
    """The most tokens to think."""
    include: bool
    """Whether the answer should show the thinking (or its summary)."""


class ChatRequest(TypedDict, total=False):
    """What a chat asks for."""

    model: str
    """A route of the configuration, or `provider/model`."""
    messages: Sequence[MessageLike]
    """The conversation so far."""
    tools: Sequence[Tool | Mapping[str, Any]]
    """What the model may call."""
    tool_choice: ToolChoice | Mapping[str, Any]
    """Which tool it must call."""
    parallel_tool_calls: bool
    """Whether it may call several at once."""
    response_format: ResponseFormat | Mapping[str, Any] | type[Any]
    """The form of the answer."""
    temperature: float
    """Randomness, 0 to 2."""
    top_p: float
    """Nucleus sampling, 0 to 1."""
    top_k: int
    """Sample from this many likeliest tokens."""
    max_tokens: int
    """The most tokens to write, thinking included."""
    stop: str | Sequence[str]
    """Texts that end the answer."""
    seed: int
    """For repeatable sampling, as far as the provider goes."""
    frequency_penalty: float
    """-2 to 2."""
    presence_penalty: float
    """-2 to 2."""
    logprobs: bool
    """Whether to send log probabilities."""
    top_logprobs: int
    """How many alternatives a token, 0 to 20."""
    reasoning: Reasoning | Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
    """How much to think."""
    tenant: str
    """The tenant that asks, for reports and limits: the label `tenant`."""
    team: str
    """The team that asks: the label `team`."""
    feature: str
    """What it is for: the label `feature`."""
    labels: Mapping[str, str]
    """Who asks and for what: `tenant`, `team`, `feature`, and any other."""
    timeout: float | str
    """The time for everything, retries included; overrides the route's `timeout.total`. In seconds."""
    priority: Literal["interactive", "batch"]
    """Who comes first where calls wait for a place at a target."""
    hedge: bool
    """Whether a second request may be sent where the first takes long, on a route that hedges. Say false for a
    request that must not be answered twice. Default: true.
    """
    retry_attempt: int
    """How often whoever asks has tried this request before: what it got as the header `x-retry-attempt`. Then it
    is a retry here too, and counts as one, so that layers of retries do not multiply. Default: 0.
    """
    extra: Mapping[str, Any]
    """Further keys for the provider's request body, merged in as they are. They win over what the gateway wrote."""
    max_completion_tokens: int
    """OpenAI's name of `max_tokens`."""
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
    """OpenAI's name of the `effort` of `reasoning`."""


class EmbedRequest(TypedDict, total=False):
    """What an embedding asks for."""

    model: str
    """A route of the configuration, or `provider/model`."""
    input: str | Sequence[str]
    """The texts."""
    dimensions: int
    """The length of the vectors, where the model can shorten them."""
    input_type: Literal["query", "document", "classification", "clustering", "similarity"]
    """What the vectors are for, where the model makes others for each purpose."""
    tenant: str
    """The tenant that asks, for reports and limits: the label `tenant`."""
    team: str
    """The team that asks: the label `team`."""
    feature: str
    """What it is for: the label `feature`."""
    labels: Mapping[str, str]
    """Who asks and for what: `tenant`, `team`, `feature`, and any other."""
    timeout: float | str
    """The time for everything, retries included; overrides the route's `timeout.total`. In seconds."""
    priority: Literal["interactive", "batch"]
    """Who comes first where calls wait for a place at a target."""
    hedge: bool
    """Whether a second request may be sent where the first takes long, on a route that hedges. Say false for a
    request that must not be answered twice. Default: true.
    """
    retry_attempt: int
    """How often whoever asks has tried this request before: what it got as the header `x-retry-attempt`. Then it
    is a retry here too, and counts as one, so that layers of retries do not multiply. Default: 0.
    """
    extra: Mapping[str, Any]
    """Further keys for the provider's request body, merged in as they are. They win over what the gateway wrote."""


class RerankRequest(TypedDict, total=False):
    """What a ranking asks for."""

    model: str
    """A route of the configuration, or `provider/model`."""
    query: str
    """What is looked for."""
    documents: Sequence[str]
    """The documents."""
    top_n: int
    """How many to answer with, the best; all by default."""
    tenant: str
    """The tenant that asks, for reports and limits: the label `tenant`."""
    team: str
    """The team that asks: the label `team`."""
    feature: str
    """What it is for: the label `feature`."""
    labels: Mapping[str, str]
    """Who asks and for what: `tenant`, `team`, `feature`, and any other."""
    timeout: float | str
    """The time for everything, retries included; overrides the route's `timeout.total`. In seconds."""
    priority: Literal["interactive", "batch"]
    """Who comes first where calls wait for a place at a target."""
    hedge: bool
    """Whether a second request may be sent where the first takes long, on a route that hedges. Say false for a
    request that must not be answered twice. Default: true.
    """
    retry_attempt: int
    """How often whoever asks has tried this request before: what it got as the header `x-retry-attempt`. Then it
    is a retry here too, and counts as one, so that layers of retries do not multiply. Default: 0.
    """
    extra: Mapping[str, Any]
    """Further keys for the provider's request body, merged in as they are. They win over what the gateway wrote."""


Content: TypeAlias = str | Sequence[Part | Mapping[str, Any]]
"""What a message says: text, or parts."""

MessageLike: TypeAlias = Message | Mapping[str, Any] | _HasToDict | _HasModelDump | _Dataclass
"""A message, or an object that can become one: an SDK's answer, a pydantic model, a dataclass."""
