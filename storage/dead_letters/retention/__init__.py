"""How long dead letters are kept: periods, monthly partitions, deletion."""
