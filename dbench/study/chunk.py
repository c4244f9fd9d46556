"""Steps between two lines of a run's log, where a study does not say them."""

ROUND = (1000, 500, 200, 100, 50, 20, 10, 5, 2, 1)
FEW, MANY = 20, 200  # lines of a log: enough for a curve, and not so many that training waits


def fitting(steps, during) -> int:
    """A round number that gives a log FEW lines or more, and ends where runs are scored meanwhile.

    `during` is that of the study. Both may still be anything: what is wrong is said where a study
    is checked.
    """
    if not isinstance(steps, int) or steps < 1:
        return ROUND[0]
    fit = [chunk for chunk in ROUND if chunk * FEW <= steps] or [1]
    lists = during.values() if isinstance(during, dict) else ()
    ends = [end for some in lists if isinstance(some, list) for end in some if type(end) is int]
    for chunk in fit:
        if chunk * MANY >= steps and not any(end % chunk for end in ends):
            return chunk
    return fit[0]
