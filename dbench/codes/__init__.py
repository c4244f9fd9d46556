"""Images to a table of codes: by a checkpoint, a user's function, or a file.

In: a trained run, a function or a file. Out: a `Table`, one row an image.
"""
