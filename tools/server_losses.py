"""What people and rules lose with a server, for the page on which it is deleted."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from audit.events import Event
from audit.models import AuditRow
from catalog.losses import Loss
from catalog.models import Server
from clients.models import User
from tools.impact import LOOKS_BACK
from tools.models import AccessProfile, Grant, Stop, Tool, Toolset


def losses_of_server(server: Server) -> list[Loss]:
    """Tools by state, the sets and profiles that lose them, the people behind those, reviewers and stops."""
    toolsets = Toolset.objects.filter(Q(server=server) | Q(tools__server=server)).distinct()
    profiles = AccessProfile.objects.filter(toolsets__in=toolsets).distinct()
    found = [
        _tools(server),
        Loss.of(
            toolsets.filter(server=server).values_list("name", flat=True),
            one="toolset that it keeps by itself",
            many="toolsets that it keeps by itself",
        ),
        Loss.of(
            toolsets.filter(server__isnull=True).values_list("name", flat=True),
            one="other toolset, which loses its tools",
            many="other toolsets, which lose its tools",
        ),
        Loss.of(
            profiles.values_list("name", flat=True),
            one="access profile, which gives less",
            many="access profiles, which give less",
        ),
        Loss.of(_people(profiles), one="person, who loses its tools", many="people, who lose its tools"),
        _calls(server),
        Loss.of(
            server.review_assignments.order_by("reviewer__username").values_list(
                "reviewer__username", flat=True
            ),
            one="reviewer assigned to it",
            many="reviewers assigned to it",
        ),
        Loss.of(map(str, _stops(server)), one="stop in force", many="stops in force"),
    ]
    return [loss for loss in found if not loss.heading.startswith("0 ")]


def _tools(server: Server) -> Loss:
    counts = Tool.objects.filter(server=server).order_by("state").values("state").annotate(number=Count("pk"))
    states = [f"{row['number']:,} {Tool.State(row['state']).label}" for row in counts]
    total = sum(row["number"] for row in counts)
    noun, their = ("tool", "its") if total == 1 else ("tools", "their")
    return Loss(f"{total:,} {noun} with {their} definitions and decisions", tuple(states))


def _calls(server: Server) -> Loss:
    since = timezone.now() - LOOKS_BACK
    admitted = AuditRow.objects.filter(server_id=server.pk, event=Event.CALL_ADMITTED, at__gte=since)
    count = admitted.order_by().count()
    noun = "call was" if count == 1 else "calls were"
    return Loss(
        f"{count:,} {noun} let through to it in the last {LOOKS_BACK.days} days, and would be refused"
    )


def _people(profiles: QuerySet[AccessProfile]) -> list[str]:
    """Usernames of those who hold one of the profiles now, themselves or through a group."""
    now = timezone.now()
    live = Grant.objects.filter(profile__in=profiles, starts_at__lte=now).filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    )
    holders = User.objects.filter(
        Q(pk__in=live.filter(user__isnull=False).values("user"))
        | Q(groups__in=live.filter(group__isnull=False).values("group"))
    )
    return list(holders.distinct().order_by("username").values_list("username", flat=True))


def _stops(server: Server) -> list[Stop]:
    in_force = Stop.objects.in_force(timezone.now()).select_related("server", "tool")
    return list(in_force.filter(Q(server=server) | Q(tool__server=server)))
