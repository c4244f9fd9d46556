"""What a study would cost, before it starts: hours of devices, memory, disk; on no device.

In: a study, and what earlier ones have written of their times. Out: a page of numbers, each with
where it comes from.

    arithmetic   operations and bytes of an update, counted in its trace
    sources      what earlier studies took, from their study.json
    records      the same of parts on many machines, from their records
    speeds       how fast a program trains: measured, reckoned from another, or assumed
    measure      one chunk of a program, timed on the devices here
    estimate     all of it together, for a plan
    page         what is printed
"""
