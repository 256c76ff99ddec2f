"""Safe delivery on Faust: rows, outputs and offsets that a kill cannot tear apart."""
