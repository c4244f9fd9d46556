"""Training: one compiled program, many members; checkpoints; the devices.

In: a `Dataset`, a model's name and options. Out: trained states, and a run's folder.
"""
