"""Data sets: images with the factors that generated them.

In: a name, or a path, function or TensorFlow data set of the user's. Out: a `Dataset`. registry.py
has the list of all; own/ reads a user's, official/ published files, views/ chooses what training
draws.
"""

from dbench.data import views
from dbench.data.registry import DATASETS, check_name, label, load, resolve
from dbench.data.views import sampling

__all__ = ["DATASETS", "check_name", "label", "load", "resolve", "sampling", "views"]
