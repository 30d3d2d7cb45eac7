"""`python -m sandbox`: run the sandbox as a process of its own."""

import argparse
import sys
from pathlib import Path

from sandbox.app import create_app
from sandbox.keys import DEFAULT_KEY, ApiKey, parse_key
from sandbox.rate_limits import DOMAINS
from sandbox.server import PortInUse, exit_with_parent, listen, serve
from sandbox.settings import PLANS, Settings


def key_argument(text: str) -> ApiKey:
    """Read --key for argparse, which shows the sentence of an ArgumentTypeError."""
    try:
        return parse_key(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def limit_argument(text: str) -> tuple[str, int]:
    """Read --rate-limit, `DOMAIN=REQUESTS`."""
    domain, _, number = text.partition("=")
    if domain not in DOMAINS or not number.isdecimal() or int(number) < 1:
        raise argparse.ArgumentTypeError(f"a limit looks like Alert=60, for one of {', '.join(DOMAINS)}")
    return domain, int(number)


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    add("--port", type=int, default=8090, help="port to listen on, 0 for any free one (default %(default)s)")
    add("--seed", action=argparse.BooleanOptionalAction, default=True, help="start with a made-up company")
    add(
        "--key",
        action="append",
        type=key_argument,
        metavar="UUID[:KIND[:RIGHTS[:TEAM]]]",
        help="an accepted key; KIND is account, integration or (default) unrestricted, RIGHTS are read, "
        f"write, delete and configuration joined by + (default all); may be repeated (default {DEFAULT_KEY})",
    )
    add("--processing-delay", type=float, default=0.05, metavar="SECONDS", help="until a 202 takes effect")
    add("--control", action="store_true", help="switch on the control surface under /_control/")
    add(
        "--witness",
        type=Path,
        metavar="FILE",
        help="append a line per request, written before it is answered",
    )
    add(
        "--state",
        type=Path,
        metavar="FILE",
        help="load the state from FILE if it exists, save it there at the end",
    )
    add("--rate-limits", action="store_true", help="refuse callers that are too fast")
    add(
        "--rate-limit",
        action="append",
        type=limit_argument,
        default=[],
        metavar="DOMAIN=N",
        help="requests per minute in a domain such as Alert, Search or Configuration; implies --rate-limits",
    )
    add("--plan", choices=PLANS, default="Enterprise", help="refuse what this plan doesn't include with 402")
    add(
        "--truncate-long-messages",
        action="store_true",
        help="cut a long alert message instead of refusing it",
    )
    add("--exit-with-parent", action="store_true", help="stop when the process that started this one is gone")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run until a signal comes; 2 if it can't start."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    if options.processing_delay < 0:
        parser.error("--processing-delay can't be negative")
    settings = Settings(
        keys=tuple(options.key or (ApiKey(DEFAULT_KEY),)),
        seed=options.seed,
        processing_delay=options.processing_delay,
        control=options.control,
        witness=options.witness,
        state_file=options.state,
        rate_limits=options.rate_limits or bool(options.rate_limit),
        requests_per_minute=dict(options.rate_limit),
        plan=options.plan,
        truncate_long_messages=options.truncate_long_messages,
    )
    try:
        listener = listen(options.host, options.port)
        app = create_app(settings=settings)
    except (PortInUse, OSError, ValueError, OverflowError) as error:
        print(f"sandbox: {error}", file=sys.stderr)  # noqa: T201
        return 2
    if options.exit_with_parent:
        exit_with_parent()
    serve(app, listener)
    return 0


if __name__ == "__main__":
    sys.exit(main())
