"""Other engines, and Faust as it comes, doing the book's job with its own rules, rows and contracts."""
