"""Scores of models that ground symbols, by a judge that tells the factors of an image.

    judge      a classifier trained on real images; what it tells of reconstructions
    judged     what it tells of images of concepts, as numbers
    imagined   sym2img: images of a concept, how many are right and how much they differ
    described  img2sym: the symbols that a model finds in an image

In: a trained run. Out: a `Score`; all of them are in MODEL_METRICS.
"""
