"""Two people of the company that the sandbox begins with."""

from __future__ import annotations

LUKAS = "lukas.brandt@quillon.example"
HANNAH = "hannah.weiss@quillon.example"
