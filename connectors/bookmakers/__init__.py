"""What the connectors of single bookmakers share: captures of their web answers, one answer a document or a line."""
