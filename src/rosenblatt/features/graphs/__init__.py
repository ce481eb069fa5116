"""Features of graphs: the words that they hold, as counts and as kernels."""
