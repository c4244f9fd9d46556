"""Figures of one run, one data set or one score; the page that collects them is `report`.

In: a checkpoint, a data set or a score's parts. Out: .png, .svg, .gif files.
"""
