"""A strength, seed or number of steps as text: short, and never the text of another number."""


def written(value: float) -> str:
    """4.0 -> "4", 0.1 -> "0.1"; 1000001 -> "1000001", for which "%g" would have 1e+06."""
    short = f"{value:g}"
    return short if float(short) == value or value != value else str(value)
