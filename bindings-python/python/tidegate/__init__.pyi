from ._errors import *
from ._native import (
    AsyncGateway as AsyncGateway,
    AsyncStream as AsyncStream,
    Attempt as Attempt,
    Citation as Citation,
    Cost as Cost,
    Event as Event,
    Gateway as Gateway,
    Latency as Latency,
    Media as Media,
    Part as Part,
    Response as Response,
    Stream as Stream,
    TokenLogprob as TokenLogprob,
    ToolCall as ToolCall,
    Usage as Usage,
    __version__ as __version__,
)
