from tools.models.access import (
    AccessProfile,
    AccessRequest,
    ArgumentLimit,
    Grant,
    GrantQuerySet,
    Toolset,
)
from tools.models.stop import Stop, StopQuerySet
from tools.models.tool import Action, Review, ReviewAssignment, Risk, Tool, ToolRevision

__all__ = [
    "AccessProfile",
    "AccessRequest",
    "Action",
    "ArgumentLimit",
    "Grant",
    "GrantQuerySet",
    "Review",
    "ReviewAssignment",
    "Risk",
    "Stop",
    "StopQuerySet",
    "Tool",
    "ToolRevision",
    "Toolset",
]
