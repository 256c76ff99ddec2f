"""`python -m bookstream.cli`: the same as `bookstream`."""

from bookstream.cli.main import main

main()
