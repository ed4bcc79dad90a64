"""The stubs: `_native.pyi` and `_errors.pyi`. What is not of the model has its documentation from the Rust sources."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from codegen import model
from codegen.python_objects import NOTE, WIDTH, WORDS, Class, in_python, optional, pascal, stub, wrapped

NATIVE = """\
# {note}
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterator, Mapping
from decimal import Decimal
from os import PathLike
from typing import Any, Final, Literal, TypeAlias, final

from typing_extensions import Self, Unpack

from ._errors import TidegateError
from .types import ChatRequest, EmbedRequest, RerankRequest

{aliases}
__version__: Final[str]
_KINDS: Final[list[tuple[str, str, str]]]

def _config_schema() -> str:
    {lib._config_schema}
def _after_fork() -> None:
    {process.after_fork}
def _error_json(attributes: Mapping[str, Any]) -> str:
    {convert.error_json}
def canonical_json(value: object, /) -> str:
    {read.canonical_json}
def simulate(
    config: Mapping[str, Any] | str | PathLike[str], profile: Mapping[str, Any] | str | PathLike[str], seed: int = 1
) -> Report:
    {chaos.simulate}
{gateway}
{async_gateway}
@final
class Subscription:
    {hooks.Subscription}
    def close(self) -> None:
        {hooks.close}
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...

@final
class Stream:
    {stream.Stream}
    @property
    def response(self) -> Response:
        {stream.response}
    def close(self) -> None:
        {stream.close}
    def __iter__(self) -> Iterator[Event]: ...
    def __next__(self) -> Event: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...

@final
class AsyncStream:
    {stream.AsyncStream}
    @property
    def response(self) -> Response:
        {stream.response}
    def aclose(self) -> Coroutine[Any, Any, None]:
        {stream.aclose}
    def __aiter__(self) -> AsyncIterator[Event]: ...
    def __anext__(self) -> Awaitable[Event]: ...
    def __await__(self) -> Generator[Any, Any, Self]: ...
    def __aenter__(self) -> Coroutine[Any, Any, Self]: ...
    def __aexit__(self, *_exception: object) -> Coroutine[Any, Any, None]: ...

@final
class Sim:
    {gateway.Sim}
    def __new__(cls, world: Mapping[str, Any] | str | None = None, /, **fields: Any) -> Self: ...
    @property
    def requests(self) -> list[dict[str, Any]]:
        {gateway.requests}

@final
class Report:
    {chaos.Report}
    @property
    def route(self) -> str:
        {chaos.route}
    @property
    def seed(self) -> int:
        {chaos.seed}
    @property
    def rate(self) -> float:
        {chaos.rate}
    @property
    def duration(self) -> float:
        {chaos.duration}
    @property
    def before(self) -> Figures:
        {chaos.before}
    @property
    def after(self) -> Figures:
        {chaos.after}
    def html(self) -> str:
        {chaos.html}
    def save(self, path: str | PathLike[str], /) -> None:
        {chaos.save}
    def to_dict(self) -> dict[str, Any]:
        {chaos.to_dict}
    def to_json(self) -> str:
        {chaos.to_json}

@final
class Figures:
    {chaos.Figures}
    @property
    def requests(self) -> int:
        {chaos.requests}
    @property
    def failures(self) -> int:
        {chaos.failures}
    @property
    def error_rate(self) -> float:
        {chaos.error_rate}
    @property
    def kinds(self) -> dict[str, int]:
        {chaos.kinds}
    @property
    def latency(self) -> Percentiles:
        {chaos.latency}
    @property
    def latency_all(self) -> Percentiles:
        {chaos.latency_all}
    @property
    def attempts(self) -> int:
        {chaos.attempts}
    @property
    def attempts_per_request(self) -> float:
        {chaos.attempts_per_request}
    @property
    def hedges(self) -> int:
        {chaos.hedges}
    @property
    def checks(self) -> int:
        {chaos.checks}
    @property
    def cost(self) -> Money:
        {chaos.cost}
    @property
    def targets(self) -> list[dict[str, Any]]:
        {chaos.targets}
    @property
    def series(self) -> list[dict[str, Any]]:
        {chaos.series}
    def to_dict(self) -> dict[str, Any]:
        {chaos.to_dict}
    def to_json(self) -> str:
        {chaos.to_json}

@final
class Percentiles:
    {chaos.Percentiles}
    @property
    def p50(self) -> float:
        {chaos.p50}
    @property
    def p95(self) -> float:
        {chaos.p95}
    @property
    def p99(self) -> float:
        {chaos.p99}
    @property
    def p999(self) -> float:
        {chaos.p999}
    def to_dict(self) -> dict[str, Any]:
        {chaos.to_dict}
    def to_json(self) -> str:
        {chaos.to_json}
"""

GATEWAY = """\
@final
class NAME:
    {gateway.NAME}
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
        {gateway.from_file}
    @classmethod
    def from_toml(cls, text: str, /, *, checks: Mapping[str, Callable[[Response], str | None]] | None = None) -> Self:
        {gateway.from_toml}
    def with_sim(self, sim: Sim, /) -> Self:
        {gateway.with_sim}
    def reload(self, config: Mapping[str, Any], *, from_env: bool = False) -> None:
        {gateway.reload}
    def reload_file(self) -> None:
        {gateway.reload_file}
    def watch(self, every: float, callback: Callable[[TidegateError | None], object] | None = None) -> Subscription:
        {gateway.watch}
    def chat(
        self, request: ChatRequest | Mapping[str, Any] | None = None, /, **fields: Unpack[ChatRequest]
    ) -> ANSWER:
        {gateway.chat}
    def embed(
        self, request: EmbedRequest | Mapping[str, Any] | None = None, /, **fields: Unpack[EmbedRequest]
    ) -> ANSWER:
        {gateway.embed}
    def rerank(
        self, request: RerankRequest | Mapping[str, Any] | None = None, /, **fields: Unpack[RerankRequest]
    ) -> ANSWER:
        {gateway.rerank}
    def stream(
        self, request: ChatRequest | Mapping[str, Any] | None = None, /, **fields: Unpack[ChatRequest]
    ) -> STREAM:
        {gateway.stream}
    def explain(
        self,
        request: ChatRequest | EmbedRequest | RerankRequest | Mapping[str, Any] | None = None,
        /,
        **fields: Unpack[ChatRequest],
    ) -> Explanation:
        {gateway.explain}
    def health(self) -> list[TargetHealth]:
        {gateway.health}
    def observe_health(self, callback: Callable[[TargetHealth], object], /) -> Subscription:
        {gateway.observe_health}
"""

CLOSE = """\
    def close(self) -> None:
        {gateway.close}
    def __enter__(self) -> Self: ...
    def __exit__(self, *_exception: object) -> None: ...
"""

ACLOSE = """\
    def aclose(self) -> Coroutine[Any, Any, None]:
        {gateway.aclose}
    def __aenter__(self) -> Coroutine[Any, Any, Self]: ...
    def __aexit__(self, *_exception: object) -> Coroutine[Any, Any, None]: ...
"""

COMMON = '''\
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
'''

NO_HASH = """\
    def __eq__(self, value: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]
"""

ORDERED = """\
    def __new__(cls, nano_usd: int) -> Self: ...
    def __lt__(self, other: Money, /) -> bool: ...
    def __le__(self, other: Money, /) -> bool: ...
    def __gt__(self, other: Money, /) -> bool: ...
    def __ge__(self, other: Money, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __eq__(self, value: object, /) -> bool: ...
"""


def native(definitions: dict[str, model.Definition], classes: list[Class], sources: Path) -> str:
    """`_native.pyi`."""
    docs = {file.stem: _docs(file) for file in sources.glob("*.rs")}
    sync = GATEWAY + CLOSE
    sync = sync.replace("NAME", "Gateway").replace("ANSWER", "Response").replace("STREAM", "Stream")
    coroutine = "Coroutine[Any, Any, Response]"
    async_ = GATEWAY + ACLOSE
    async_ = async_.replace("NAME", "AsyncGateway").replace("ANSWER", coroutine).replace("STREAM", "AsyncStream")
    frame = NATIVE.replace("{gateway}", sync).replace("{async_gateway}", async_)

    def doc(match: re.Match[str]) -> str:
        indent, file, name = match.groups()
        return _docstring(docs[file][name], indent) + ("\n" if len(indent) == 4 else "")

    text = re.sub(r"( *)\{(\w+)\.(\w+)\}\n", doc, frame)
    text = text.replace("{note}", NOTE).replace("{aliases}", _aliases(definitions))
    return text + "".join(f"\n{_class(one)}" for one in classes)


def _docs(file: Path) -> dict[str, str]:
    """The documentation of the structs and functions of a Rust file, by name."""
    docs: dict[str, str] = {}
    lines: list[str] = []
    for line in file.read_text().splitlines():
        line = line.strip()
        if line.startswith("///"):
            lines.append(line[4:])
        elif not line.startswith("#["):
            if lines and (match := re.match(r"(?:pub\(crate\) )?(?:struct |fn )?(\w+)", line)):
                docs.setdefault(match[1], "\n".join(lines))
            lines = []
    return docs


def _docstring(doc: str, indent: str) -> str:
    lines = doc.splitlines()
    body = "".join(f"{indent}{line}".rstrip() + "\n" for line in lines[1:])
    return f'{indent}"""{lines[0]}\n{body}{indent}"""\n' if body else f'{indent}"""{lines[0]}"""\n'


def _aliases(definitions: dict[str, model.Definition]) -> str:
    """The words that an attribute may be."""
    words: dict[str, list[str]] = {}
    for name in ("Event", "Part"):
        union = definitions[name]
        assert isinstance(union, model.Union)
        words[f"_{name}Type"] = [variant.tag for variant in union.variants]
    for name in WORDS:
        enum = definitions[name]
        assert isinstance(enum, model.Enum)
        words[f"_{name}"] = [word for word, _ in enum.values]
    return "".join(listed(f"{name}: TypeAlias = Literal[", each) for name, each in words.items())


def listed(start: str, words: list[str], end: str = "]") -> str:
    """A list of words, as ruff breaks it."""
    quoted = [f'"{word}"' for word in words]
    inside = ", ".join(quoted)
    if len(start + inside + end) <= 120:
        return f"{start}{inside}{end}\n"
    if len(inside) <= 116:
        return f"{start}\n    {inside}\n{end}\n"
    return start + "\n" + "".join(f"    {word},\n" for word in quoted) + f"{end}\n"


def _class(one: Class) -> str:
    body = "".join(
        f"    @property\n    def {each.name}(self) -> {each.type}:\n{_docstring(_text(each.doc), ' ' * 8)}"
        for each in one.attributes
    )
    end = ORDERED if one.name == "Money" else NO_HASH
    head = f"@final\nclass {one.name}:\n{_docstring(_text(one.doc), ' ' * 4)}"
    return f"{head}\n{_patterns(one.shown)}{body}{COMMON}{end}"


def _text(doc: str) -> str:
    return "\n".join(wrapped(doc, WIDTH))


def _patterns(shown: list[str]) -> str:
    words = [f'Literal["{name}"]' for name in shown]
    inside = ", ".join(words)
    start = "    __match_args__: Final["
    if len(f"{start}tuple[{inside}]]") <= 120:
        return f"{start}tuple[{inside}]]\n"
    if len(inside) <= 105:
        return f"{start}\n        tuple[{inside}]\n    ]\n"
    lines = "".join(f"            {word},\n" for word in words)
    return f"{start}\n        tuple[\n{lines}        ]\n    ]\n"


def errors(definitions: dict[str, model.Definition]) -> str:
    """`_errors.pyi`."""
    error, kinds = definitions["Error"], definitions["Kind"]
    assert isinstance(error, model.Record) and isinstance(kinds, model.Enum)
    fields = [field for field in error.fields if field.name != "kind"]
    types = {field.name: optional(stub(field.type), field.nullable) for field in fields}
    types["origin"] = "_Origin | None"
    taken = types | {"context": "Mapping[str, str] | None", "attempts": "Iterable[Attempt]"}
    defaults = {"message": '""', "retryable": "False", "attempts": "()"}
    attributes = "".join(
        f"    {field.name}: {types[field.name]}\n{_docstring(_text(in_python(field.doc)), '    ')}" for field in fields
    )
    arguments = [f"{name}: {type_} = {defaults.get(name, 'None')}" for name, type_ in taken.items()]
    arguments.insert(1, "*")
    names = [pascal(word) for word, _ in kinds.values]
    classes = "\n".join(
        f"class {name}(TidegateError):\n{_docstring(_text(what), '    ')}"
        for name, (_, what) in zip(names, kinds.values, strict=True)
    )
    exported = listed("__all__ = [", sorted(["TidegateError", *names]))
    return f'''\
# {NOTE}
from collections.abc import Iterable, Mapping
from typing import Any

from ._native import Attempt, Response, _Origin

CLASSES: dict[str, type[TidegateError]]

class TidegateError(Exception):
    """What failed, with which value, and what to do. Every kind of error has a class of its own below this one."""

    kind: str
    """What went wrong, in one word."""
{attributes}
    def __init__(
        self,
{textwrap.indent("".join(f"{argument},{chr(10)}" for argument in arguments), " " * 8)}    ) -> None: ...
    def to_dict(self) -> dict[str, Any]:
        """As plain values: dicts, lists, strings and numbers."""
    def to_json(self) -> str:
        """As JSON text, the same in every language."""

{classes}
{exported}'''
