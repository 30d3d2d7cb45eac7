"""An environment in which Portcullis starts for production, and commands started in one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SECRETS = {
    "PORTCULLIS_SECRET_KEY": "w7Vq2nLk9XcTf4RzH8bYpM3sJ6dGa1UoE5iQxNvZtCyWrKhBmPl0Ju",
    "PORTCULLIS_FERNET_KEYS": "Zt5Yb8Wq1Xn4Cv7Mk0Lj3Hg6Fd9Sa2Po5Iu8Yt1Re4Wq7Zx0Cv3Bn",
    "PORTCULLIS_HASH_KEYS": "Ki9Uj6Yh3Tg0Rf7Ed4Ws1Qa8Zx5Cv2Bn9Mj6Ku3Yh0Tg7Rf4Ed1Ws",
}


def production_environment(folder: Path, **changes: str | None) -> dict[str, str]:
    """What `manage.py check --deploy` finds nothing to say about; `changes` of None leave a variable out.

    No variable comes from the developer's own environment but PATH.
    """
    wanted: dict[str, str | None] = {
        "PATH": os.environ["PATH"],
        "PORTCULLIS_PUBLIC_URL": "https://portcullis.test",
        "PORTCULLIS_PROXIES": "1",
        "PORTCULLIS_VAR": str(folder),
        "DATABASE_URL": "postgres://portcullis:a-database-password@database.test:5432/portcullis",
        "REDIS_URL": "redis://queue.test:6379/0",
        **SECRETS,
        **changes,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments; standard output and error come back together, as text."""
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a management command."""
    return run(environment, "manage.py", *arguments)
