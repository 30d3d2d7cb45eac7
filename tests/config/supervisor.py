"""A small program around `Processes`, for the tests to run, stop and break: python -m tests.config.supervisor
<folder> <plan as JSON>. Each child is a list of a name and a shell command; `stop_seconds`, `ready` and
`in_turn`, a child to wait for before the next is started, are optional."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from config import processes
from config.processes import ProcessEnded, Processes


def main(folder: Path, plan: dict[str, object]) -> int:
    processes.STOP_SECONDS = float(str(plan.get("stop_seconds", 15)))
    running = Processes()
    running.handle_signals()
    try:
        for name, command in plan["children"]:  # type: ignore[attr-defined]
            running.start(name, command)
            while name == plan.get("in_turn") and not (folder / name).exists():
                time.sleep(0.02)
        if "ready" in plan:
            found = running.wait_until((folder / str(plan["ready"])).exists, seconds=20)
            print(f"ready: {found}", flush=True)
        running.watch()
    except ProcessEnded as error:
        print(error, flush=True)
        return 1
    finally:
        running.stop()
    print("stopped", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), json.loads(sys.argv[2])))
