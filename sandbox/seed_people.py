"""The people of the seeded company and the teams they work in."""

from datetime import datetime, timedelta
from random import Random

from sandbox.state import Record, State
from sandbox.teams import add_team, new_team
from sandbox.times import format_instant
from sandbox.users import add_mail_contact

DOMAIN = "quillon.example"

# full name, time zone, role, city, country
PEOPLE = (
    ("Ingrid Solheim", "Europe/Oslo", "Owner", "Oslo", "Norway"),
    ("Tomasz Wilk", "Europe/Warsaw", "Admin", "Gdansk", "Poland"),
    ("Priya Raman", "Asia/Kolkata", "Admin", "Chennai", "India"),
    ("Lukas Brandt", "Europe/Berlin", "User", "Hamburg", "Germany"),
    ("Amara Okafor", "Africa/Lagos", "User", "Lagos", "Nigeria"),
    ("Mateo Fuentes", "America/Mexico_City", "User", "Monterrey", "Mexico"),
    ("Hannah Weiss", "Europe/Berlin", "User", "Leipzig", "Germany"),
    ("Kenji Morita", "Asia/Tokyo", "User", "Osaka", "Japan"),
    ("Claire Dubois", "Europe/Paris", "User", "Lyon", "France"),
    ("Owen Gallagher", "Europe/Dublin", "User", "Cork", "Ireland"),
    ("Sofia Almeida", "America/Sao_Paulo", "User", "Curitiba", "Brazil"),
    ("Daniel Kruger", "America/Chicago", "User", "Memphis", "United States"),
    ("Maya Thompson", "America/New_York", "User", "Newark", "United States"),
    ("Jack Whitlock", "Australia/Sydney", "User", "Wollongong", "Australia"),
    ("Leila Haddad", "Asia/Dubai", "User", "Dubai", "United Arab Emirates"),
    ("Rohan Iyer", "Asia/Kolkata", "User", "Pune", "India"),
    ("Grace Tan", "Asia/Singapore", "User", "Singapore", "Singapore"),
    ("Victor Petrov", "Europe/Sofia", "Stakeholder", "Sofia", "Bulgaria"),
)

# name, what it does, time zone, members (the first one leads)
TEAMS = (
    (
        "Payments",
        "Cash on delivery, carrier settlement and refunds",
        "Europe/Berlin",
        ("Lukas Brandt", "Hannah Weiss", "Claire Dubois", "Amara Okafor"),
    ),
    (
        "Parcel Tracking",
        "Scan ingestion, the event stream and the tracking page",
        "America/Chicago",
        ("Daniel Kruger", "Maya Thompson", "Mateo Fuentes", "Sofia Almeida"),
    ),
    (
        "Route Planning",
        "The optimiser that fills vans and orders their stops",
        "Asia/Kolkata",
        ("Rohan Iyer", "Priya Raman", "Grace Tan"),
    ),
    (
        "Platform",
        "Clusters, databases, networks and whatever keeps them running",
        "UTC",
        ("Tomasz Wilk", "Jack Whitlock", "Kenji Morita", "Owen Gallagher", "Sofia Almeida"),
    ),
    (
        "Customer Portal",
        "Booking, labels and the customers' accounts",
        "Europe/Dublin",
        ("Owen Gallagher", "Claire Dubois", "Leila Haddad"),
    ),
    (
        "Depot Systems",
        "Sorters, scanners and gates in nine depots",
        "Australia/Sydney",
        ("Jack Whitlock", "Grace Tan", "Kenji Morita"),
    ),
)


def username(full_name: str) -> str:
    """The address somebody signs in with."""
    return f"{full_name.lower().replace(' ', '.')}@{DOMAIN}"


def add_users(state: State, source: Random, now: datetime) -> None:
    """Everybody, hired at different times."""
    for full_name, timezone, role, city, country in PEOPLE:
        user: Record = {
            "id": state.new_id(),
            "username": username(full_name),
            "fullName": full_name,
            "role": {"id": role, "name": role},
            "skypeUsername": None,
            "timeZone": timezone,
            "locale": "en_US",
            "userAddress": {"country": country, "state": "", "city": city, "line": "", "zipCode": ""},
            "tags": ["on-call"] if role == "User" else [],
            "details": {},
            "blocked": False,
            "verified": True,
            "createdAt": format_instant(now - timedelta(days=source.randint(200, 1500))),
        }
        state.table("users")[user["id"]] = user
        add_mail_contact(state, user)


def user_called(state: State, full_name: str) -> Record:
    """A seeded user by full name."""
    return next(user for user in state.table("users").values() if user["fullName"] == full_name)


def team_called(state: State, name: str) -> Record:
    """A seeded team by name."""
    return next(team for team in state.table("teams").values() if team["name"] == name)


def add_teams(state: State, now: datetime) -> None:
    """The teams, each with the schedule, escalation and routing rule every new team gets."""
    for name, description, timezone, members in TEAMS:
        team = new_team(state, name, description)
        for position, full_name in enumerate(members):
            user = user_called(state, full_name)
            team["members"].append(
                {
                    "user": {"id": user["id"], "username": user["username"]},
                    "role": "admin" if position == 0 else "user",
                }
            )
        created = now - timedelta(days=150)
        team["logs"].append(
            {"log": "Team is created", "owner": "API", "createdDate": format_instant(created)}
        )
        add_team(state, team, format_instant(created), timezone)
