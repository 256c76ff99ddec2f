"""Fail-stop: when going on would be wrong, the process ends at once, and nothing more is committed or sent."""

import logging
import os
import sys
import traceback
from typing import NoReturn

from domain.errors import BookstreamError, Misconfigured, MustStop

log = logging.getLogger(__name__)


def stop_now(where: str, error: BaseException) -> NoReturn:
    """End the process in the middle of whatever it does: one clear sentence, the traceback, the error's exit code.

    Neither finally blocks nor Faust's shutdown run: both would acknowledge what was not done.
    """
    print(f"bookstream: stopped: {where}: {str(error) or type(error).__name__}", file=sys.__stderr__)
    if not isinstance(error, Misconfigured):
        traceback.print_exception(error, file=sys.__stderr__)
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    os._exit(error.exit_code if isinstance(error, BookstreamError) else MustStop.exit_code)
