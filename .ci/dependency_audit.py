"""Look for known vulnerabilities in the pinned requirements, and say plainly what could not be looked up.

Exits 1 for a vulnerability. A machine without a way to the advisory database (a mirror without it, or none
at all) is reported as NOT CHECKED: it must not read as a pass, nor stop work that needs no network.
"""

from __future__ import annotations

import json
import subprocess
import sys


def main() -> int:
    answer = subprocess.run(
        [
            sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip",
            "--progress-spinner", "off",
            "--format", "json", "-r", "requirements.txt",
        ],
        capture_output=True,
        text=True,
    )  # fmt: skip
    try:
        packages = json.loads(answer.stdout)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        print("NOT CHECKED: pip-audit gave no result:", answer.stderr.strip()[-300:])
        return 0
    vulnerable = [package for package in packages if package.get("vulns")]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    for package in vulnerable:
        names = ", ".join(finding["id"] for finding in package["vulns"])
        print(f"VULNERABLE: {package['name']} {package['version']}: {names}")
    print(f"{len(packages) - len(skipped)} of {len(packages)} packages looked up.")
    if skipped:
        print(f"NOT CHECKED: no advisories to be had here for {len(skipped)} packages.")
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main())
