"""Logging a fault of ours without what it was about."""

from __future__ import annotations

import logging
import traceback


def log_fault(logger: logging.Logger, what: str, error: BaseException) -> None:
    """Log the kind of an exception and where it came from.

    Its text stays out: it may quote arguments or an upstream's answer. Frames hold only our own source.
    """
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s: %s\n%s", what, type(error).__name__, frames)
