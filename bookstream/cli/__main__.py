"""`python -m bookstream.cli`: the same as `bookstream`."""

from bookstream.cli import main

main()
