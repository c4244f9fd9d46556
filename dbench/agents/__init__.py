"""Agents that act on what a trained model sees, and the environments that they act in.

    environments   tasks on the rows of a data set
    policies       an agent's policy as a table over rows, and how it is played
    dqn, a2c, episodic_control    agents, a file each
    train          agents of some seeds in one compiled program, with curves of return
    registry       AGENTS and ENVIRONMENTS

In: a table of codes, frozen. Out: policies and their returns by domain. `scoring/transfer.py` makes
scores of them.
"""
