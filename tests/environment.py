"""A pytest plugin that is loaded first and makes the environment in which settings are read.

`DATABASE_URL` and `REDIS_URL` come from whoever starts pytest (`python -m tests` sets them for its second
round); everything else is fixed here, so that a developer's own variables change nothing.
"""

from __future__ import annotations

import os
import tempfile

for name in [name for name in os.environ if name.startswith("PORTCULLIS_") and "_TEST_" not in name]:
    del os.environ[name]

os.environ["PORTCULLIS_DEVELOPMENT"] = "1"
os.environ["PORTCULLIS_VAR"] = tempfile.mkdtemp(prefix="portcullis-tests-")
os.environ["PORTCULLIS_SECRET_KEY"] = "tests-only: q8Zk2vLw0XnR5tYc7BdF3hJm9PsA1eGu"
os.environ["PORTCULLIS_FERNET_KEYS"] = "tests-only: Wm4rT8yUo2IpA6sDf0GhJ3kLz9XcV5bN"
os.environ["PORTCULLIS_HASH_KEYS"] = "tests-only: Hc7nB3vXz1LkJ9hGf5DsA8qWe2RtY6uI"
os.environ["PORTCULLIS_LOG_LEVEL"] = "WARNING"
