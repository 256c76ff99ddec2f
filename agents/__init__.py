"""The stages of the stream: decode, call one rule, put the rows, send what follows."""
