"""The contracts at work: compiled codecs, the compatibility gate, releases, and the documents made from the schemas."""
