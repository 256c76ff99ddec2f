"""The error tree: the branch says what happens next.

BookstreamError
├── RejectedInput    the input is at fault: dead letter, then go on
│   ├── UndecodableInput   bytes that are not what they claim to be
│   ├── ContractViolation  decoded, but breaks the contract of its topic or provider
│   └── UnknownReference   names something this system has never heard of
├── Unavailable      the other side is away: retry with back-off, nothing is lost
├── Misconfigured    a person must change a setting or a command: exit code 2
└── MustStop         going on would be wrong: the process stops, a supervisor starts it again
"""

from typing import ClassVar


class BookstreamError(Exception):
    """Root of every error that this system raises on purpose; its text is one clear sentence."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1


class RejectedInput(BookstreamError):
    """The input is at fault; it belongs in the dead-letter topic with this reason."""

    code = "rejected_input"


class UndecodableInput(RejectedInput):
    """The bytes are not what they claim to be."""

    code = "undecodable"


class ContractViolation(RejectedInput):
    """The input decodes, but breaks its contract."""

    code = "contract_violation"


class UnknownReference(RejectedInput):
    """The input names something unknown."""

    code = "unknown_reference"


class Unavailable(BookstreamError):
    """The other side is away; the same call may succeed later."""

    code = "unavailable"
    exit_code = 3


class Misconfigured(BookstreamError):
    """A person must change a setting, a file or a command."""

    code = "misconfigured"
    exit_code = 2


class MustStop(BookstreamError):
    """Going on would make state or output wrong; the process must end."""

    code = "must_stop"
    exit_code = 4
