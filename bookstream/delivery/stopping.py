"""Fail-stop: when going on would be wrong, the process ends at once, and nothing more is committed or sent."""

import os
import sys
import traceback
from typing import NoReturn

from domain.errors import Misconfigured, MustStop, Unavailable


def stop_now(where: str, error: BaseException) -> NoReturn:
    """End the process in the middle of whatever it does: one clear sentence, the traceback, the error's exit code.

    Neither finally blocks nor Faust's shutdown run: both would acknowledge what was not done. The exit code is that of
    MustStop, unless a person must change something (Misconfigured) or the other side is away (Unavailable).
    """
    # Faust replaces sys.stderr by a logger, whose records would be lost with the process.
    print(f"bookstream: stopped: {where}: {str(error) or type(error).__name__}", file=sys.__stderr__)
    expected = isinstance(error, Misconfigured | Unavailable)
    if not expected:
        traceback.print_exception(error, file=sys.__stderr__)
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    os._exit(error.exit_code if isinstance(error, Misconfigured | Unavailable) else MustStop.exit_code)
