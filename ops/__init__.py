"""What the streams run on: the embedded broker and registry, the workers' supervisor, the servers' files."""
