"""Tidegate: an LLM gateway that runs inside your process.

```
from tidegate import Gateway

gateway = Gateway.from_file("tidegate.toml")
reply = gateway.chat(model="support", messages=[{"role": "user", "content": "hi"}])
print(reply.text)
```
"""

import os as _os

from . import _native
from ._errors import *
from ._native import *
from ._native import __version__ as __version__

# A forked child has none of its parent's threads: it starts its own when it makes its first call.
if hasattr(_os, "register_at_fork"):
    _os.register_at_fork(after_in_child=_native._after_fork)
