"""A study: a gin file to runs, runs to trained and scored models, those to one tidy table.

In: a .gin file. Out: results/STUDY/ with a folder a run and the table of all. study.py says what a
study is, check.py whether it is right; runner.py does it here: plan.py, work.py, collect.py.
"""

from dbench import extras

with extras.said():
    from dbench.study.find import load, question, scales_of, studies
    from dbench.study.run import Run
    from dbench.study.runner import run_study
    from dbench.study.study import Study, runs

del extras

__all__ = ["Run", "Study", "load", "question", "run_study", "runs", "scales_of", "studies"]
