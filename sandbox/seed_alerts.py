"""The alerts of the last days, made by the same code that handles real requests."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from sandbox.background import WORKERS, Work
from sandbox.seed_people import team_called
from sandbox.state import Record, State
from sandbox.times import format_instant

# With the six that call people in to incidents, sixty.
ALERT_COUNT = 54
LOOK_BACK = timedelta(days=6)

# team, message, entity, tags, details, description
KINDS: tuple[tuple[str, str, str, tuple[str, ...], Record, str], ...] = (
    (
        "Payments",
        "Settlement batch for {carrier} is late",
        "settlement-{number}",
        ("settlement", "batch"),
        {"carrier": "{carrier}", "runbook": "https://wiki.quillon.example/settlement-late"},
        "The batch should have been handed to the bank by 04:00. Carriers are paid a day later.",
    ),
    (
        "Payments",
        "Card authorisations failing above 5 %",
        "pay-gateway-{number}",
        ("gateway", "customer-impact"),
        {"gateway": "pay-gateway-{number}", "error_rate": "7.{number} %"},
        "Authorisations are declined with a timeout of the acquirer. Customers see a failed booking.",
    ),
    (
        "Payments",
        "Refund queue is not draining",
        "refund-worker-{number}",
        ("queue", "refunds"),
        {"queue": "refunds", "depth": "12{number}0"},
        "The oldest refund has been waiting for more than an hour.",
    ),
    (
        "Parcel Tracking",
        "Scan events from depot {depot} stopped",
        "scan-ingest-{depot}",
        ("ingest", "depot"),
        {"depot": "{depot}", "last_event": "11 minutes ago"},
        "No scan has come from the depot for ten minutes though sorting goes on.",
    ),
    (
        "Parcel Tracking",
        "Event stream lag above 90 seconds",
        "stream-{number}",
        ("kafka", "lag"),
        {"partition": "{number}", "lag_seconds": "134"},
        "Consumers of the tracking topic can't keep up. The tracking page shows old positions.",
    ),
    (
        "Parcel Tracking",
        "Tracking page p95 above 2 s",
        "tracking-web",
        ("latency", "customer-impact"),
        {"p95_ms": "24{number}0", "region": "us-central"},
        "Slow answers for one region only.",
    ),
    (
        "Route Planning",
        "Optimiser run for {depot} exceeded its budget",
        "optimiser-{depot}",
        ("optimiser", "slow"),
        {"depot": "{depot}", "minutes": "4{number}"},
        "Vans at the depot will leave with yesterday's order of stops if the run isn't finished by 05:30.",
    ),
    (
        "Route Planning",
        "Map tiles older than two days",
        "map-import",
        ("maps", "stale"),
        {"age_hours": "5{number}"},
        "The import of road closures has not succeeded since the day before yesterday.",
    ),
    (
        "Platform",
        "Disk 90 % full on db-tracking-{number}",
        "db-tracking-{number}",
        ("database", "disk"),
        {"host": "db-tracking-{number}", "used": "91 %"},
        "At the present rate the disk is full in about nine hours.",
    ),
    (
        "Platform",
        "Certificate of edge-{number} expires in 10 days",
        "edge-{number}",
        ("tls", "edge"),
        {"host": "edge-{number}", "issuer": "internal"},
        "Renewal has been tried and failed.",
    ),
    (
        "Platform",
        "Node pool {depot} has unschedulable pods",
        "pool-{depot}",
        ("kubernetes", "capacity"),
        {"pool": "{depot}", "pending": "1{number}"},
        "Pods wait for memory. The autoscaler has reached its limit.",
    ),
    (
        "Customer Portal",
        "Label printing errors above normal",
        "label-service",
        ("labels", "customer-impact"),
        {"errors_per_minute": "3{number}"},
        "Printing fails for labels with a customs declaration.",
    ),
    (
        "Customer Portal",
        "Sign-in success rate dropped",
        "portal-auth",
        ("auth", "portal"),
        {"success_rate": "93.{number} %"},
        "More sign-ins fail than usual for this time of the week.",
    ),
    (
        "Depot Systems",
        "Sorter {depot} line {number} jammed",
        "sorter-{depot}-{number}",
        ("sorter", "hardware"),
        {"depot": "{depot}", "line": "{number}"},
        "The line stopped by itself. Somebody has to look at the photo cell before it is started again.",
    ),
    (
        "Depot Systems",
        "Gate controller in {depot} unreachable",
        "gate-{depot}",
        ("network", "gate"),
        {"depot": "{depot}"},
        "Lorries wait outside. The gate can be opened by hand.",
    ),
)
DEPOTS = ("hamburg", "memphis", "pune", "cork", "wollongong", "newark", "osaka")
CARRIERS = ("Norrvik Express", "Calder Freight", "Blauwal Spedition", "Southgate Couriers")
NOTES = (
    "Looking at it.",
    "Same as last Thursday, the runbook's second step helps.",
    "Told the depot; they are standing by.",
    "Restarted the worker, watching the graph.",
    "No customer has called so far.",
    "Handing over at the end of my shift, see the thread.",
    "Vendor ticket opened.",
)
SOURCES = ("prometheus", "synthetic-checks", "depot-gateway", "cloud-monitor")
PRIORITIES = {"P1": 6, "P2": 14, "P3": 45, "P4": 22, "P5": 13}

Event = tuple[datetime, int, str, Record]


def add_alerts(state: State, source: Random, now: datetime) -> None:
    """Play back what happened to the alerts, oldest event first."""
    events: list[Event] = []
    for number in range(ALERT_COUNT):
        # Denser towards now, as the open ones are what people look at.
        age = LOOK_BACK * source.random() ** 1.6 + timedelta(minutes=2)
        for instant, name, arguments in _story(state, source, number, now - age, now):
            events.append((instant, len(events), name, arguments))
    for instant, _, name, arguments in sorted(events, key=lambda event: event[:2]):
        WORKERS[f"alert.{name}"][2](Work(state, instant, arguments, arguments.get("integrationId", "")))


def _story(
    state: State, source: Random, number: int, start: datetime, now: datetime
) -> Iterator[tuple[datetime, str, Record]]:
    """One alert: how it came, and what people did about it."""
    fields = _fields(state, source, number)
    yield start, "create", fields
    for minute in range(source.choice((0, 0, 0, 1, 2, 4))):
        yield min(start + timedelta(minutes=3 * (minute + 1)), now), "create", {**fields, "note": ""}
    members = team_called(state, _kind(number)[0])["members"]
    user = source.choice(members)["user"]["username"]

    def action(**arguments: object) -> Record:
        base = {"identifier": fields["alias"], "identifierType": "alias", "team": None}
        return {**base, "user": user, "note": "", "source": "web", **arguments}

    reaction = start + timedelta(minutes=source.randint(1, 25))
    fate = source.random()
    if reaction >= now or fate < 0.15:
        return
    yield reaction, "acknowledge", action()
    for step in range(source.choice((0, 1, 1, 2, 3))):
        moment = reaction + timedelta(minutes=4 + 9 * step)
        if moment < now:
            yield moment, "note", action(note=source.choice(NOTES))
    if 0.15 <= fate < 0.25 and now - start < timedelta(days=2):
        until = format_instant(now + timedelta(hours=source.randint(1, 8)))
        yield max(reaction, now - timedelta(minutes=source.randint(5, 40))), "snooze", action(endTime=until)
        return
    end = reaction + timedelta(minutes=source.randint(45, 400))
    if end < now and (fate > 0.35 or now - start > timedelta(days=2)):
        yield end, "close", action(note="Back to normal." if fate > 0.7 else "")


def _kind(number: int) -> tuple[str, str, str, tuple[str, ...], Record, str]:
    return KINDS[number * 7 % len(KINDS)]


def _fields(state: State, source: Random, number: int) -> Record:
    team_name, message, entity, tags, details, description = _kind(number)
    words = {
        "depot": source.choice(DEPOTS),
        "carrier": source.choice(CARRIERS),
        "number": str(source.randint(1, 9)),
    }
    team = team_called(state, team_name)
    integrations = state.table("integrations").values()
    integration = next(each for each in integrations if (each["ownerTeam"] or {}).get("id") == team["id"])
    priority = source.choices(list(PRIORITIES), weights=list(PRIORITIES.values()))[0]
    return {
        "message": message.format(**words),
        "alias": f"{entity.format(**words)}-{number:02d}",
        "description": description,
        "responders": [{"type": "team", "id": team["id"]}],
        "visibleTo": [],
        "actions": ["Restart", "Collect logs"] if number % 3 == 0 else [],
        "tags": [*tags, "critical"] if priority == "P1" else list(tags),
        "details": {name: value.format(**words) for name, value in details.items()},
        "entity": entity.format(**words),
        "priority": priority,
        "user": "",
        "note": "",
        "source": source.choice(SOURCES),
        "integrationId": integration["id"],
    }
