"""What can go wrong with the servers and workers that ops/ starts, as branches of the one error tree.

BookstreamError
├── Unavailable
│   ├── BrokenDownload    a pinned file could not be fetched, or is not the file that was pinned
│   ├── ServerDied        an embedded server ended, or did not get ready in time
│   └── DiskFull          no room left for the embedded servers' files
├── Misconfigured
│   ├── BadLock           the list of pinned files is unreadable
│   ├── JavaMissing       no usable Java runtime
│   ├── PortTaken         the asked port belongs to another process
│   └── AlreadyRunning    the data directory is in use
└── MustStop
    └── CrashLoop         a worker fails again and again
"""

from domain.errors import Misconfigured, MustStop, Unavailable


class BrokenDownload(Unavailable):
    """A pinned file could not be fetched, or its sha-256 is not the pinned one."""

    code = "broken_download"


class ServerDied(Unavailable):
    """An embedded server ended, or did not get ready; the text carries the tail of its log."""

    code = "server_died"


class DiskFull(Unavailable):
    """There is no room left for the embedded servers' files."""

    code = "disk_full"


class BadLock(Misconfigured):
    """The list of pinned files is unreadable."""

    code = "bad_lock"


class JavaMissing(Misconfigured):
    """No usable Java runtime was found."""

    code = "java_missing"


class PortTaken(Misconfigured):
    """Another process listens on the asked port."""

    code = "port_taken"


class AlreadyRunning(Misconfigured):
    """Another process holds the data directory."""

    code = "already_running"


class CrashLoop(MustStop):
    """A worker fails again and again; the text carries the tail of its log."""

    code = "crash_loop"
