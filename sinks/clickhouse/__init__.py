"""The history sink: every topic into ClickHouse, once in effect, whatever crashes."""
