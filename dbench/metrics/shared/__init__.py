"""What scores stand on: samples, information, fits, trees, standard errors, checks of a table.

In: a `Table`. Out: quantities that several scores share, each computed once by `Work`.
"""
