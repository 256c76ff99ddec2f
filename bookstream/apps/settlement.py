"""The settlement context: one writer for what became of each fixture's markets."""

from agents.settlement import context
from bookstream.apps.composing import compose

app = compose("settlement", context)
