"""Point-by-point records of a year of tennis: every point of a match in one cell."""
