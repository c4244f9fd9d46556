"""Environments: pure functions of rows of a data set, which are what an agent sees.

task         what an environment is
seek_avoid   take what is good and pass what is not, after DARLA
gym          any of them by the interface of gymnasium, for agents of others
"""
