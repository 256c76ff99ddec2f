"""The customers' statements and the house's books, as history has them."""
