"""Training: programs, cohorts of their members on the devices, checkpoints.

    programs    what a compiled step depends on
    members     many members of one program on the devices there are
    steps       a cohort: started, advanced, trained
    checkpoint  a run's folder: its config, its states

In: a `Dataset`, a model's name and options. Out: trained states, and a run's folder.
"""
