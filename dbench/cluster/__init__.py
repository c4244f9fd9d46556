"""A study over many machines: cut into parts, which an engine of the site's starts.

In: a study, and cluster.toml, which says what the site's machines are. Out: what a study on one
machine writes, and below its folder

.parts/1/plan.json         a plan: which runs are in which part (written.py)
        /arrays.json       what Slurm was given of it (slurm.py)
        /17/record.json    a part: who worked at it, how far it is (record.py)
           /log            what it said

Where scores are made apart there are two plans of the same parts: one trains, one scores.
`dbench work PLAN INDEX` does one part on the devices that it sees (work.py), whoever starts it. The
driver plans, has parts started and collects the table (driver.py); it needs no device.
"""
