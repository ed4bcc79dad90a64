# Generated from `core/model.schema.json` by `core/codegen/python.py`: do not edit, run `make generate`.
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterator, Mapping
from decimal import Decimal
from os import PathLike
from typing import Any, Final, Literal, TypeAlias, final

from typing_extensions import Self, Unpack

from ._errors import TidegateError
from .types import ChatRequest, EmbedRequest, RerankRequest

_EventType: TypeAlias = Literal[
    "start",
    "text",
    "reasoning",
    "tool_call",
    "arguments",
    "refusal",
    "citation",
    "part",
    "state",
    "logprobs",
    "embedding",
    "ranking",
    "restart",
    "continued",
    "end",
]
_PartType: TypeAlias = Literal[
    "text", "image", "audio", "file", "reasoning", "tool_call", "tool_result", "refusal", "citation", "other"
]
_FinishReason: TypeAlias = Literal["stop", "length", "tool_calls", "content_filter", "other"]
_Fallback: TypeAlias = Literal["route", "reply"]
_Kind: TypeAlias = Literal[
    "invalid_request",
    "unauthenticated",
    "permission_denied",
    "not_found",
    "rate_limited",
    "quota_exhausted",
    "overloaded",
    "server",
    "timeout",
    "connection",
    "tls",
    "protocol",
    "stream_incomplete",
    "context_too_long",
    "content_filtered",
    "cancelled",
    "budget_exceeded",
    "throttled",
    "blocked",
    "no_route",
    "config",
    "unsupported",
    "store",
    "invalid_output",
]
_Origin: TypeAlias = Literal["caller", "gateway", "provider"]
_Why: TypeAlias = Literal[
    "first",
    "weight",
    "least_in_flight",
    "latency",
    "exploration",
    "price",
    "sticky",
    "prompt_cache",
    "failover",
    "retry",
    "hedge",
    "resume",
]
_Skipped: TypeAlias = Literal["breaker", "cooldown", "retry_budget", "concurrency", "unsupported", "unsent"]
_WaitReason: TypeAlias = Literal["backoff", "retry_after"]
_HealthState: TypeAlias = Literal["well", "failing", "open", "probing", "returning"]

__version__: Final[str]
_KINDS: Final[list[tuple[str, str, str]]]

def _config_schema() -> str:
    """The JSON Schema of the configuration, as JSON text."""

def _after_fork() -> None:
    """Called by `os.register_at_fork` in the child."""

def _error_json(attributes: Mapping[str, Any]) -> str:
    """The canonical JSON text of an error's attributes. What they leave open is what the core says of that kind."""

def canonical_json(value: object, /) -> str:
    """JSON text of a value of this package or of plain values, for logs and tests: the same in every language."""

def simulate(
    config: Mapping[str, Any] | str | PathLike[str], profile: Mapping[str, Any] | str | PathLike[str], seed: int = 1
) -> Report:
    """Tries a configuration against a chaos profile, in virtual time: a bad hour takes seconds, and nothing is sent.

    `config` and `profile` are each a dict, the path of a TOML file, or TOML text (which has more than one line). The
    profile says how many requests come for a route, and what its targets do: how fast they are, how often they fail,
    when they are down. The requests are made through a gateway of the configuration, and once more without one. No key
    is needed. The same seed gives the same report.
    """

@final
class Gateway:
    """An LLM gateway inside this process, for threads: calls wait for their answer and let other threads run meanwhile.

    `config` has the keys of the configuration file. Without one, every built-in provider is there, as
    `provider/model`; `from_env=True` takes their keys from the environment. Safe to share between threads, and works
    in forked children. Ctrl-C interrupts a call and closes its connection.

    `checks` are functions by name, for routes whose `reject.check` names one: it is given the `Response` and returns
    the reason to reject it, or `None`. It runs on a thread of its own. One that raises rejects nothing, and is
    warned of.
    """

    def __new__(
        cls,
        config: Mapping[str, Any] | None = None,
        *,
        from_env: bool = False,
        checks: Mapping[str, Callable[[Response], str | None]] | None = None,
    ) -> Self: ...
    @classmethod
    def from_file(
        cls, path: str | PathLike[str], /, *, checks: Mapping[str, Callable[[Response], str | None]] | None = None
    ) -> Self:
        """A gateway for a TOML file."""
    @classmethod
    def from_toml(cls, text: str, /, *, checks: Mapping[str, Callable[[Response], str | None]] | None = None) -> Self:
        """A gateway for TOML text."""
    def with_sim(self, sim: Sim, /) -> Self:
        """The same gateway in a simulated world: a new one, for tests."""
    def reload(self, config: Mapping[str, Any], *, from_env: bool = False) -> None:
        """Takes another configuration from now on, with the keys of the configuration file.

        Calls under way end as they began, and what is known of targets stays: breakers, latencies, waits that were
        asked for. A configuration that is wrong changes nothing, and the error says why.
        """
    def reload_file(self) -> None:
        """Reads the file of the configuration again, and takes what it says now, as `reload` does."""
    def watch(self, every: float, callback: Callable[[TidegateError | None], object] | None = None) -> Subscription:
        """Looks every so many seconds whether the file of the configuration has changed, and takes what it says then,
        as `reload_file` does.

        `callback` is told of each change, on a thread of its own: `None` if it was taken, or the error that says why
        it was not. One that raises is warned of. It goes on until what this returns is closed or let go of.
        """
    def chat(
        self, request: ChatRequest | Mapping[str, Any] | None = None, /, **fields: Unpack[ChatRequest]
    ) -> Response:
        """Answers a chat with the whole response.

        Fields, as keywords or in one dict: `model` (a route, or `provider/model`), `messages` (OpenAI's, as they
        are), and what else `tidegate.types.ChatRequest` has, which says what each means.
        """
    def embed(
        self, request: EmbedRequest | Mapping[str, Any] | None = None, /, **fields: Unpack[EmbedRequest]
    ) -> Response:
        """Turns texts into vectors: the response's `vectors`, one a text of `input`.

        Fields: `model`, `input` (a text or a list of them), and what else `tidegate.types.EmbedRequest` has.
        """
    def rerank(
        self, request: RerankRequest | Mapping[str, Any] | None = None, /, **fields: Unpack[RerankRequest]
    ) -> Response:
        """Ranks documents by how much they say to a query: the response's `rankings`, the best first.

        Fields: `model`, `query`, `documents`, and what else `tidegate.types.RerankRequest` has.
        """
    def stream(
        self, request: ChatRequest | Mapping[str, Any] | None = None, /, **fields: Unpack[ChatRequest]
    ) -> Stream:
        """Answers a chat event by event. Leaving the loop, closing the stream or dropping it closes the connection.

        The fields are those of `chat`. It begins at once, whether it is read or not.
        """
    def explain(
        self,
        request: ChatRequest | EmbedRequest | RerankRequest | Mapping[str, Any] | None = None,
        /,
        **fields: Unpack[ChatRequest],
    ) -> Explanation:
        """What would become of a request at this moment: its targets in order, and why each would be tried or passed
        over. Nothing is sent, and nothing counts.

        The fields are those of `chat`, or in one dict those of `embed` or `rerank`.
        """
    def health(self) -> list[TargetHealth]:
        """How the targets are that this gateway has called, by their names."""
    def observe_health(self, callback: Callable[[TargetHealth], object], /) -> Subscription:
        """Tells `callback` of each target whose state changes, such as one whose breaker opens: for logs and alerts.

        It is given the `TargetHealth`, one change after the other, on a thread of its own. One that raises is warned
        of. It goes on until what this returns is closed or let go of.
        """
    def close(self) -> None:
        """Closes idle connections. Running calls go on; new ones are refused."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...

@final
class AsyncGateway:
    """An LLM gateway inside this process, for asyncio: calls are awaited, and cancelling a task closes its connection.

    Made like `Gateway`. It belongs to no event loop: one gateway serves any number of them.
    """

    def __new__(
        cls,
        config: Mapping[str, Any] | None = None,
        *,
        from_env: bool = False,
        checks: Mapping[str, Callable[[Response], str | None]] | None = None,
    ) -> Self: ...
    @classmethod
    def from_file(
        cls, path: str | PathLike[str], /, *, checks: Mapping[str, Callable[[Response], str | None]] | None = None
    ) -> Self:
        """A gateway for a TOML file."""
    @classmethod
    def from_toml(cls, text: str, /, *, checks: Mapping[str, Callable[[Response], str | None]] | None = None) -> Self:
        """A gateway for TOML text."""
    def with_sim(self, sim: Sim, /) -> Self:
        """The same gateway in a simulated world: a new one, for tests."""
    def reload(self, config: Mapping[str, Any], *, from_env: bool = False) -> None:
        """Takes another configuration from now on, with the keys of the configuration file.

        Calls under way end as they began, and what is known of targets stays: breakers, latencies, waits that were
        asked for. A configuration that is wrong changes nothing, and the error says why.
        """
    def reload_file(self) -> None:
        """Reads the file of the configuration again, and takes what it says now, as `reload` does."""
    def watch(self, every: float, callback: Callable[[TidegateError | None], object] | None = None) -> Subscription:
        """Looks every so many seconds whether the file of the configuration has changed, and takes what it says then,
        as `reload_file` does.

        `callback` is told of each change, on a thread of its own: `None` if it was taken, or the error that says why
        it was not. One that raises is warned of. It goes on until what this returns is closed or let go of.
        """
    def chat(
        self, request: ChatRequest | Mapping[str, Any] | None = None, /, **fields: Unpack[ChatRequest]
    ) -> Coroutine[Any, Any, Response]:
        """Answers a chat with the whole response.

        Fields, as keywords or in one dict: `model` (a route, or `provider/model`), `messages` (OpenAI's, as they
        are), and what else `tidegate.types.ChatRequest` has, which says what each means.
        """
    def embed(
        self, request: EmbedRequest | Mapping[str, Any] | None = None, /, **fields: Unpack[EmbedRequest]
    ) -> Coroutine[Any, Any, Response]:
        """Turns texts into vectors: the response's `vectors`, one a text of `input`.

        Fields: `model`, `input` (a text or a list of them), and what else `tidegate.types.EmbedRequest` has.
        """
    def rerank(
        self, request: RerankRequest | Mapping[str, Any] | None = None, /, **fields: Unpack[RerankRequest]
    ) -> Coroutine[Any, Any, Response]:
        """Ranks documents by how much they say to a query: the response's `rankings`, the best first.

        Fields: `model`, `query`, `documents`, and what else `tidegate.types.RerankRequest` has.
        """
    def stream(
        self, request: ChatRequest | Mapping[str, Any] | None = None, /, **fields: Unpack[ChatRequest]
    ) -> AsyncStream:
        """Answers a chat event by event. Leaving the loop, closing the stream or dropping it closes the connection.

        The fields are those of `chat`. It begins at once, whether it is read or not.
        """
    def explain(
        self,
        request: ChatRequest | EmbedRequest | RerankRequest | Mapping[str, Any] | None = None,
        /,
        **fields: Unpack[ChatRequest],
    ) -> Explanation:
        """What would become of a request at this moment: its targets in order, and why each would be tried or passed
        over. Nothing is sent, and nothing counts.

        The fields are those of `chat`, or in one dict those of `embed` or `rerank`.
        """
    def health(self) -> list[TargetHealth]:
        """How the targets are that this gateway has called, by their names."""
    def observe_health(self, callback: Callable[[TargetHealth], object], /) -> Subscription:
        """Tells `callback` of each target whose state changes, such as one whose breaker opens: for logs and alerts.

        It is given the `TargetHealth`, one change after the other, on a thread of its own. One that raises is warned
        of. It goes on until what this returns is closed or let go of.
        """
    def aclose(self) -> Coroutine[Any, Any, None]:
        """Closes idle connections. Running calls go on; new ones are refused."""
    def __aenter__(self) -> Coroutine[Any, Any, Self]: ...
    def __aexit__(self, *_exception: object) -> Coroutine[Any, Any, None]: ...

@final
class Subscription:
    """Keeps a function called that a gateway was given, until it is closed or let go of: so keep it, or use `with`.

    It does not keep the gateway. A forked child observes for itself.
    """

    def close(self) -> None:
        """Ends it. A call of the function that is under way on another thread comes to its end."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...

@final
class Stream:
    """The events of an answer as they arrive: iterate over it once.

    Leaving the loop closes the connection, and so do `close()`, the end of a `with` block and dropping the stream.
    To look at some events first, take them with `next(stream)`.
    """

    @property
    def response(self) -> Response:
        """The whole response, once the last event has been read. Before that, `RuntimeError`."""
    def close(self) -> None:
        """Stops the answer and closes its connection."""
    def __iter__(self) -> Iterator[Event]: ...
    def __next__(self) -> Event: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...

@final
class AsyncStream:
    """The events of an answer as they arrive: iterate over it once, with `async for`.

    Leaving the loop closes the connection, and so do `aclose()`, the end of an `async with` block, cancelling the task
    and dropping the stream. To look at some events first, take them with `await anext(stream)`.
    """

    @property
    def response(self) -> Response:
        """The whole response, once the last event has been read. Before that, `RuntimeError`."""
    def aclose(self) -> Coroutine[Any, Any, None]:
        """Stops the answer and closes its connection."""
    def __aiter__(self) -> AsyncIterator[Event]: ...
    def __anext__(self) -> Awaitable[Event]: ...
    def __await__(self) -> Generator[Any, Any, Self]: ...
    def __aenter__(self) -> Coroutine[Any, Any, Self]: ...
    def __aexit__(self, *_exception: object) -> Coroutine[Any, Any, None]: ...

@final
class Sim:
    """A simulated world, for tests without a network: scripted upstreams, virtual time and seeded chance.

    `world` is a dict or JSON text; its keys can be given as keywords too. `upstreams` are scripts by host, `seed` is
    where chance begins. The `clock` either `"runs"` (the default): nobody waits in real time; or it is `"stopped"`: who
    waits goes on waiting until the call is cancelled. `Gateway.with_sim` takes it. A forked child has it anew.
    """

    def __new__(cls, world: Mapping[str, Any] | str | None = None, /, **fields: Any) -> Self: ...
    @property
    def requests(self) -> list[dict[str, Any]]:
        """What upstreams were sent, in order: dicts of `at` (seconds since the beginning), `method`, `url`, `headers`
        (keys are shown as `***`), `body` and `closed_by` (`"upstream"`, `"client"`, or `None` while it is open).
        """

@final
class Report:
    """What a configuration does with a profile, beside the same requests without a gateway."""

    @property
    def route(self) -> str:
        """The route."""
    @property
    def seed(self) -> int:
        """Where chance began."""
    @property
    def rate(self) -> float:
        """How many requests came in a second."""
    @property
    def duration(self) -> float:
        """For how long they came, in seconds."""
    @property
    def before(self) -> Figures:
        """The figures of one try at the first target of the route."""
    @property
    def after(self) -> Figures:
        """The figures through the gateway."""
    def html(self) -> str:
        """A page that draws the figures: one file that refers to no other."""
    def save(self, path: str | PathLike[str], /) -> None:
        """Writes that page to a file."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""

@final
class Figures:
    """The figures of one run."""

    @property
    def requests(self) -> int:
        """How many requests came."""
    @property
    def failures(self) -> int:
        """How many of them failed."""
    @property
    def error_rate(self) -> float:
        """The share that failed, 0 to 1."""
    @property
    def kinds(self) -> dict[str, int]:
        """How many failed with each kind of error."""
    @property
    def latency(self) -> Percentiles:
        """How long those took that were answered."""
    @property
    def latency_all(self) -> Percentiles:
        """How long all took, answered or failed."""
    @property
    def attempts(self) -> int:
        """How many requests went to targets."""
    @property
    def attempts_per_request(self) -> float:
        """That, for each request that came."""
    @property
    def hedges(self) -> int:
        """How many went to a target while another one of the same call was under way."""
    @property
    def checks(self) -> int:
        """How often the gateway asked a target of its own accord, as health checks do. These are no attempts."""
    @property
    def cost(self) -> Money:
        """What all answers cost, those that nobody waited for any more included."""
    @property
    def targets(self) -> list[dict[str, Any]]:
        """What each target had to do, by its name: dicts of `target`, `attempts`, `answers`, `share` and `cost`."""
    @property
    def series(self) -> list[dict[str, Any]]:
        """How it went over time: dicts of `at`, `requests`, `failures`, `p95`, and `attempts` by target."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""

@final
class Percentiles:
    """Percentiles of times, in seconds."""

    @property
    def p50(self) -> float:
        """Half took no longer."""
    @property
    def p95(self) -> float:
        """95 of 100 took no longer."""
    @property
    def p99(self) -> float:
        """99 of 100 took no longer."""
    @property
    def p999(self) -> float:
        """999 of 1,000 took no longer."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""

@final
class Event:
    """One event of a reply. `index` is the part that the event belongs to: its place in the response's
    `parts`.

    Events of one part may come interleaved with those of another; text fragments of the same index join to
    one part.
    """

    __match_args__: Final[
        tuple[
            Literal["type"],
            Literal["index"],
            Literal["text"],
            Literal["reasoning"],
            Literal["name"],
            Literal["arguments"],
            Literal["finish_reason"],
        ]
    ]
    @property
    def type(self) -> _EventType:
        """What it is: `start`, `text`, `reasoning`, `tool_call`, `arguments`, `refusal`, `citation`, `part`,
        `state`, `logprobs`, `embedding`, `ranking`, `restart`, `continued`, `end`.
        """
    @property
    def id(self) -> str | None:
        """The provider's id of the answer (`start`). The call's id (`tool_call`)."""
    @property
    def model(self) -> str | None:
        """The model that the provider says answers (`start`)."""
    @property
    def fallback(self) -> _Fallback | None:
        """Set where it is not the real thing: the route failed, and its fallback answers: `route`, `reply`
        (`start`).
        """
    @property
    def index(self) -> int | None:
        """Its place in the response's `parts`, of a vector in `vectors`, of a ranking in `documents`."""
    @property
    def text(self) -> str | None:
        """A fragment of visible text."""
    @property
    def reasoning(self) -> str | None:
        """A fragment of the model's thinking."""
    @property
    def name(self) -> str | None:
        """The tool (`tool_call`)."""
    @property
    def arguments(self) -> str | None:
        """A fragment of a tool call's arguments."""
    @property
    def refusal(self) -> str | None:
        """A fragment of a refusal."""
    @property
    def citation(self) -> Citation | None:
        """A source that the model names for the text before it (`citation`)."""
    @property
    def state(self) -> dict[str, Any] | None:
        """What only the provider understands: a dict of `provider` and `data`."""
    @property
    def part(self) -> Part | None:
        """A part that arrives whole: an image, audio, a file, something of the provider's own. Audio may come in
        fragments, which join if they have the same index.
        """
    @property
    def logprobs(self) -> list[TokenLogprob] | None:
        """Log probabilities of the tokens just sent. Not content."""
    @property
    def vector(self) -> list[float] | None:
        """One vector of an embedding."""
    @property
    def relevance_score(self) -> float | None:
        """How much it says, as the model has it: most answer 0 to 1, some any number. More is better (`ranking`)."""
    @property
    def target(self) -> str | None:
        """The target that begins anew: `provider/model` (`restart`). The target that goes on: `provider/model`
        (`continued`).
        """
    @property
    def reason(self) -> _Kind | None:
        """What became of the one before (`restart`, `continued`)."""
    @property
    def finish_reason(self) -> _FinishReason | None:
        """Why it ended: `stop`, `length`, `tool_calls`, `content_filter`, `other` (`end`)."""
    @property
    def finish_reason_raw(self) -> str | None:
        """The provider's own word for it (`end`)."""
    @property
    def stop_sequence(self) -> str | None:
        """The stop sequence that was met, where the provider says it (`end`)."""
    @property
    def usage(self) -> Usage | None:
        """The tokens. Of a chat they are counted roughly where the provider did not say (`estimated`); `None` of
        anything else (`end`).
        """
    @property
    def cost(self) -> Money | None:
        """What the provider says it cost (`end`)."""
    @property
    def rejected(self) -> str | None:
        """Why the route rejects the answer, which it hands out nevertheless (`reject.on_exhausted = "accept"`)
        (`end`).
        """
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""
    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], /) -> Self:
        """Reads what `to_dict` gave."""
    @classmethod
    def from_json(cls, text: str, /) -> Self:
        """Reads what `to_json` wrote."""
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]

@final
class Response:
    """The whole answer, the same whichever provider gave it."""

    __match_args__: Final[
        tuple[
            Literal["model"],
            Literal["target"],
            Literal["text"],
            Literal["finish_reason"],
            Literal["usage"],
            Literal["cost"],
        ]
    ]
    @property
    def id(self) -> str | None:
        """The provider's id of the answer."""
    @property
    def model(self) -> str:
        """The model that the provider says answered; the target's where it does not say."""
    @property
    def route(self) -> str:
        """The route (or `provider/model`) that was asked for."""
    @property
    def target(self) -> str:
        """The target that answered: `provider/model`."""
    @property
    def text(self) -> str:
        """All visible text, joined."""
    @property
    def reasoning(self) -> str | None:
        """All thinking that the provider shows, joined."""
    @property
    def refusal(self) -> str | None:
        """The refusal's words, if the model declined."""
    @property
    def tool_calls(self) -> list[ToolCall]:
        """The tool calls, in order."""
    @property
    def parts(self) -> list[Part]:
        """Everything that was said, in order."""
    @property
    def finish_reason(self) -> _FinishReason:
        """Why it ended: `stop`, `length`, `tool_calls`, `content_filter`, `other`."""
    @property
    def finish_reason_raw(self) -> str | None:
        """The provider's own word for it."""
    @property
    def stop_sequence(self) -> str | None:
        """The stop sequence that was met, where the provider says it."""
    @property
    def usage(self) -> Usage | None:
        """The tokens. Of a chat they are counted roughly where the provider did not say (`estimated`); `None` of
        anything else.
        """
    @property
    def cost(self) -> Money | None:
        """What it cost; `None` where no price is known."""
    @property
    def cached(self) -> bool:
        """Whether it came from the gateway's cache."""
    @property
    def fallback(self) -> _Fallback | None:
        """Set where it is not the real thing: the route failed, as `attempts` say, and its fallback answered:
        `route`, `reply`.
        """
    @property
    def rejected(self) -> str | None:
        """Why the route rejects the answer, which it hands out nevertheless (`reject.on_exhausted = "accept"`)."""
    @property
    def seams(self) -> list[Seam]:
        """Where other targets went on with an answer that had broken off (`stream.on_interrupt = "continue"`)."""
    @property
    def logprobs(self) -> list[TokenLogprob]:
        """Log probabilities, where they were asked for."""
    @property
    def vectors(self) -> list[list[float]]:
        """The vectors of an embedding, one an input."""
    @property
    def rankings(self) -> list[Ranking]:
        """The documents of a ranking, the best first."""
    @property
    def dropped(self) -> list[str]:
        """What the request asked for and this target cannot do, where `on_unsupported = "drop"`."""
    @property
    def attempts(self) -> list[Attempt]:
        """All attempts, the one that answered last."""
    @property
    def latency(self) -> Latency:
        """How long it took."""
    @property
    def request_id(self) -> str | None:
        """The provider's id of the request, for its support."""
    @property
    def message(self) -> dict[str, Any]:
        """The answer as a message, to be appended to `messages` for the next turn. It keeps the provider's state."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""
    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], /) -> Self:
        """Reads what `to_dict` gave."""
    @classmethod
    def from_json(cls, text: str, /) -> Self:
        """Reads what `to_json` wrote."""
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]

@final
class Part:
    """One piece of a message or of an answer.

    The content says what it is; beside it stands what only the provider understands (`state`), which has to
    be sent back on the next turn, and what the caller asks for this piece (`cache_control`, `extra`).
    """

    __match_args__: Final[
        tuple[Literal["type"], Literal["text"], Literal["tool_call"], Literal["media"], Literal["citation"]]
    ]
    @property
    def type(self) -> _PartType:
        """What it is: `text`, `image`, `audio`, `file`, `reasoning`, `tool_call`, `tool_result`, `refusal`,
        `citation`, `other`.
        """
    @property
    def text(self) -> str | None:
        """The text of a text, a reasoning or a refusal."""
    @property
    def media(self) -> Media | None:
        """An image, audio or file (`image`, `audio`, `file`)."""
    @property
    def tool_call(self) -> ToolCall | None:
        """The model asks for a tool (`tool_call`)."""
    @property
    def tool_result(self) -> ToolResult | None:
        """What a tool answered (`tool_result`)."""
    @property
    def citation(self) -> Citation | None:
        """A source that the model names for the text before it (`citation`)."""
    @property
    def other(self) -> dict[str, Any] | None:
        """Something only one provider has, kept as it came and sent back to it on the next turn (`other`)."""
    @property
    def state(self) -> dict[str, Any] | None:
        """Opaque provider state, such as a signature: sent back to the same provider, dropped on a hop to another."""
    @property
    def cache_control(self) -> dict[str, Any] | None:
        """Where the provider should end a cached prefix. Providers that cache by themselves (OpenAI, Gemini) need
        no marker, and it is left out for them.
        """
    @property
    def extra(self) -> dict[str, Any] | None:
        """Further keys for the provider's own form of this part, sent as they are (Anthropic's `title`,
        `citations`; ...).
        """
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""
    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], /) -> Self:
        """Reads what `to_dict` gave."""
    @classmethod
    def from_json(cls, text: str, /) -> Self:
        """Reads what `to_json` wrote."""
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]

@final
class ToolCall:
    """The model asks for a tool."""

    __match_args__: Final[tuple[Literal["id"], Literal["name"], Literal["arguments_raw"]]]
    @property
    def id(self) -> str:
        """The id that the result has to carry. Where the wire has none (Gemini), one is made."""
    @property
    def name(self) -> str:
        """The tool."""
    @property
    def arguments(self) -> Any:
        """The arguments, parsed; null where the text is not JSON. Empty text is the empty object."""
    @property
    def arguments_raw(self) -> str:
        """The arguments exactly as the model wrote them: JSON text, possibly cut off. Never repaired."""
    @property
    def args_valid(self) -> bool:
        """Whether the arguments are JSON and follow the parameters of the tool."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""
    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], /) -> Self:
        """Reads what `to_dict` gave."""
    @classmethod
    def from_json(cls, text: str, /) -> Self:
        """Reads what `to_json` wrote."""
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]

@final
class ToolResult:
    """What a tool answered."""

    __match_args__: Final[tuple[Literal["id"], Literal["name"], Literal["content"], Literal["is_error"]]]
    @property
    def id(self) -> str:
        """The id of the call."""
    @property
    def name(self) -> str | None:
        """The tool's name. Gemini needs it; where it is missing it is looked up in the calls before."""
    @property
    def content(self) -> list[Part]:
        """The answer."""
    @property
    def is_error(self) -> bool:
        """Whether the tool failed."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""
    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], /) -> Self:
        """Reads what `to_dict` gave."""
    @classmethod
    def from_json(cls, text: str, /) -> Self:
        """Reads what `to_json` wrote."""
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]

@final
class Media:
    """An image, audio or file."""

    __match_args__: Final[tuple[Literal["mime"], Literal["filename"], Literal["url"], Literal["file_id"]]]
    @property
    def url(self) -> str | None:
        """An address that the provider fetches; the gateway never opens it."""
    @property
    def data(self) -> str | None:
        """The bytes, base64."""
    @property
    def file_id(self) -> str | None:
        """The provider's id of an uploaded file."""
    @property
    def text(self) -> str | None:
        """Plain text standing for a document."""
    @property
    def mime(self) -> str | None:
        """The media type, such as `image/png`. Required with `data`."""
    @property
    def filename(self) -> str | None:
        """The name of the file."""
    @property
    def detail(self) -> str | None:
        """How closely to look: `low`, `high`, `auto` (OpenAI)."""
    @property
    def transcript(self) -> str | None:
        """What was said, where the provider transcribes its audio."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""
    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], /) -> Self:
        """Reads what `to_dict` gave."""
    @classmethod
    def from_json(cls, text: str, /) -> Self:
        """Reads what `to_json` wrote."""
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]

@final
class Citation:
    """A source that the model names for the text before it."""

    __match_args__: Final[tuple[Literal["url"], Literal["title"], Literal["cited_text"]]]
    @property
    def url(self) -> str | None:
        """The address of the source."""
    @property
    def title(self) -> str | None:
        """Its title."""
    @property
    def cited_text(self) -> str | None:
        """The words that are quoted from it."""
    @property
    def start(self) -> int | None:
        """Where the supported passage begins in the answer's text, in the provider's own unit."""
    @property
    def end(self) -> int | None:
        """Where it ends."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""
    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], /) -> Self:
        """Reads what `to_dict` gave."""
    @classmethod
    def from_json(cls, text: str, /) -> Self:
        """Reads what `to_json` wrote."""
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]

@final
class TokenLogprob:
    """One token and how likely it was."""

    __match_args__: Final[tuple[Literal["token"], Literal["logprob"]]]
    @property
    def token(self) -> str:
        """The token."""
    @property
    def logprob(self) -> float:
        """Its natural-log probability."""
    @property
    def top(self) -> list[TokenLogprob]:
        """The likeliest alternatives."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""
    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], /) -> Self:
        """Reads what `to_dict` gave."""
    @classmethod
    def from_json(cls, text: str, /) -> Self:
        """Reads what `to_json` wrote."""
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]

@final
class Ranking:
    """How much one document says to the query of a ranking."""

    __match_args__: Final[tuple[Literal["index"], Literal["relevance_score"]]]
    @property
    def index(self) -> int:
        """Which document: its place in the request's `documents`."""
    @property
    def relevance_score(self) -> float:
        """How much it says, as the model has it: most answer 0 to 1, some any number. More is better."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""
    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], /) -> Self:
        """Reads what `to_dict` gave."""
    @classmethod
    def from_json(cls, text: str, /) -> Self:
        """Reads what `to_json` wrote."""
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]

@final
class Usage:
    """Tokens of one answer. Totals are inclusive: a part never exceeds its total."""

    __match_args__: Final[tuple[Literal["input_tokens"], Literal["output_tokens"]]]
    @property
    def input_tokens(self) -> int:
        """All tokens read, `cached_input_tokens` and `cache_write_tokens` among them."""
    @property
    def output_tokens(self) -> int:
        """All tokens written, `reasoning_tokens` among them."""
    @property
    def cached_input_tokens(self) -> int:
        """Input that was read from the provider's cache."""
    @property
    def cache_write_tokens(self) -> int:
        """Input that was written to the provider's cache, of any lifetime."""
    @property
    def cache_write_1h_tokens(self) -> int:
        """The part of `cache_write_tokens` that is kept for an hour (Anthropic), which costs more."""
    @property
    def reasoning_tokens(self) -> int:
        """Output that was thinking."""
    @property
    def input_audio_tokens(self) -> int:
        """Input that was sound."""
    @property
    def output_audio_tokens(self) -> int:
        """Output that is sound."""
    @property
    def search_units(self) -> int:
        """What a ranking is billed by where it is not by tokens (Cohere): a query with up to 100 documents is one."""
    @property
    def estimated(self) -> bool:
        """The gateway counted because the provider did not say."""
    @property
    def clamped(self) -> bool:
        """The provider's numbers were impossible (negative, or a part above its total) and were clamped."""
    @property
    def total_tokens(self) -> int:
        """Input and output together."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""
    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], /) -> Self:
        """Reads what `to_dict` gave."""
    @classmethod
    def from_json(cls, text: str, /) -> Self:
        """Reads what `to_json` wrote."""
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]

@final
class Money:
    """An amount of money: an integer of nano-dollars, so that sums are exact."""

    __match_args__: Final[tuple[Literal["nano_usd"], Literal["usd"]]]
    @property
    def nano_usd(self) -> int:
        """Nano-dollars: 1 USD is 1,000,000,000. An integer, so that sums are exact."""
    @property
    def usd(self) -> Decimal:
        """The same in dollars, as an exact decimal."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""
    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], /) -> Self:
        """Reads what `to_dict` gave."""
    @classmethod
    def from_json(cls, text: str, /) -> Self:
        """Reads what `to_json` wrote."""
    def __new__(cls, nano_usd: int) -> Self: ...
    def __lt__(self, other: Money, /) -> bool: ...
    def __le__(self, other: Money, /) -> bool: ...
    def __gt__(self, other: Money, /) -> bool: ...
    def __ge__(self, other: Money, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __eq__(self, value: object, /) -> bool: ...

@final
class Attempt:
    """One try at one target, or why there was none."""

    __match_args__: Final[
        tuple[Literal["target"], Literal["kind"], Literal["status"], Literal["time"], Literal["skipped"]]
    ]
    @property
    def target(self) -> str:
        """`provider/model`."""
    @property
    def why(self) -> _Why:
        """Why it was chosen."""
    @property
    def skipped(self) -> _Skipped | None:
        """Why it was passed over, so that nothing was sent: `breaker`, `cooldown`, `retry_budget`, `concurrency`,
        `unsupported`, `unsent`.
        """
    @property
    def kind(self) -> _Kind | None:
        """What went wrong; `None` for the attempt that answered."""
    @property
    def status(self) -> int | None:
        """The HTTP status, if there was an answer."""
    @property
    def message(self) -> str | None:
        """What went wrong, in words."""
    @property
    def waited(self) -> float:
        """How long the call waited before; in seconds."""
    @property
    def waited_for(self) -> _WaitReason | None:
        """What it waited for: `backoff`, `retry_after`."""
    @property
    def estimated_tokens(self) -> int | None:
        """The tokens that an attempt may have cost that was cut off, by a count of our own."""
    @property
    def time(self) -> float:
        """How long it took; in seconds."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""
    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], /) -> Self:
        """Reads what `to_dict` gave."""
    @classmethod
    def from_json(cls, text: str, /) -> Self:
        """Reads what `to_json` wrote."""
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]

@final
class Latency:
    """How long an answer took."""

    __match_args__: Final[tuple[Literal["first_content"], Literal["total"]]]
    @property
    def first_content(self) -> float:
        """From the call to the first content, retries included; in seconds."""
    @property
    def total(self) -> float:
        """From the call to the end; in seconds."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""
    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], /) -> Self:
        """Reads what `to_dict` gave."""
    @classmethod
    def from_json(cls, text: str, /) -> Self:
        """Reads what `to_json` wrote."""
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]

@final
class Seam:
    """Where another target went on with the words of an answer that had broken off."""

    __match_args__: Final[tuple[Literal["at"], Literal["target"], Literal["reason"]]]
    @property
    def at(self) -> int:
        """How many characters (code points) of `text` came before."""
    @property
    def target(self) -> str:
        """The target that went on: `provider/model`."""
    @property
    def reason(self) -> _Kind:
        """What became of the one before."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""
    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], /) -> Self:
        """Reads what `to_dict` gave."""
    @classmethod
    def from_json(cls, text: str, /) -> Self:
        """Reads what `to_json` wrote."""
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]

@final
class Explanation:
    """What would become of a request, at this moment."""

    __match_args__: Final[tuple[Literal["route"], Literal["candidates"]]]
    @property
    def route(self) -> str:
        """The route, or the `provider/model` that was asked for."""
    @property
    def candidates(self) -> list[Candidate]:
        """Its targets in the order in which they would be tried."""
    @property
    def max_attempts(self) -> int:
        """The most attempts that there would be."""
    @property
    def hedge_after(self) -> float | None:
        """When a second attempt would be sent beside the first: after so many seconds. `None` for not at all."""
    @property
    def timeout(self) -> float:
        """When the call would be given up: after so many seconds."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""
    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], /) -> Self:
        """Reads what `to_dict` gave."""
    @classmethod
    def from_json(cls, text: str, /) -> Self:
        """Reads what `to_json` wrote."""
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]

@final
class Candidate:
    """What would become of one target of a request."""

    __match_args__: Final[tuple[Literal["target"], Literal["why"], Literal["skipped"], Literal["wait"]]]
    @property
    def target(self) -> str:
        """`provider/model`."""
    @property
    def why(self) -> _Why:
        """Why it would be tried, in its turn."""
    @property
    def skipped(self) -> _Skipped | None:
        """Why it would be passed over: `breaker`, `cooldown`, `retry_budget`, `concurrency`, `unsupported`,
        `unsent`.
        """
    @property
    def message(self) -> str | None:
        """That in words."""
    @property
    def wait(self) -> float:
        """How long the call would wait before; in seconds."""
    @property
    def wait_for(self) -> _WaitReason | None:
        """For what: `backoff`, `retry_after`."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""
    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], /) -> Self:
        """Reads what `to_dict` gave."""
    @classmethod
    def from_json(cls, text: str, /) -> Self:
        """Reads what `to_json` wrote."""
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]

@final
class TargetHealth:
    """How a target is, from the calls that this process made."""

    __match_args__: Final[
        tuple[Literal["target"], Literal["state"], Literal["why"], Literal["in_flight"], Literal["failure_rate"]]
    ]
    @property
    def target(self) -> str:
        """`provider/model`."""
    @property
    def state(self) -> _HealthState:
        """How it is: `well`, `failing`, `open`, `probing`, `returning`."""
    @property
    def since(self) -> float:
        """For how long its breaker has been in this state; in seconds."""
    @property
    def why(self) -> str | None:
        """Why its breaker is not closed."""
    @property
    def retry_in(self) -> float | None:
        """When it may be called again: the seconds until then."""
    @property
    def last_error(self) -> str | None:
        """What it said when it failed last."""
    @property
    def in_flight(self) -> int:
        """The calls that are under way."""
    @property
    def requests(self) -> int:
        """The calls that it had."""
    @property
    def failures(self) -> int:
        """How many of them failed by its fault."""
    @property
    def failure_rate(self) -> float:
        """The share of failures among its last calls, 0 to 1."""
    @property
    def first_content(self) -> Quantiles:
        """The time to the first content."""
    @property
    def total(self) -> Quantiles:
        """The time to the end."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""
    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], /) -> Self:
        """Reads what `to_dict` gave."""
    @classmethod
    def from_json(cls, text: str, /) -> Self:
        """Reads what `to_json` wrote."""
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]

@final
class Quantiles:
    """The median and the slow end of what was seen lately, in seconds. `None` where nothing was."""

    __match_args__: Final[tuple[Literal["p50"], Literal["p95"], Literal["p99"]]]
    @property
    def p50(self) -> float | None:
        """Half of the answers took no longer."""
    @property
    def p95(self) -> float | None:
        """95 of 100 took no longer."""
    @property
    def p99(self) -> float | None:
        """99 of 100 took no longer."""
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""
    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], /) -> Self:
        """Reads what `to_dict` gave."""
    @classmethod
    def from_json(cls, text: str, /) -> Self:
        """Reads what `to_json` wrote."""
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]
