"""The rows that contexts keep in RocksDB: a module for each context, and the index by time that they share."""
