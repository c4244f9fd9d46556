"""What is assumed where nothing was measured. The page says which of it it used."""

# Operations a second of a device in training, see docs/reference/performance.md.
SPEED = {
    # 20% of the 19.5 TFLOP/s of an A100 in float32: small convolutions, no tensor cores.
    "gpu": 3.9e12,
    # beta-VAE with the conv net: 19.7 updates/s of 5.27 GFLOP on 2 cores of an AMD EPYC.
    "cpu": 5.2e10,
}
SPEED_SAID = {
    "gpu": "20% of the 19.5 TFLOP/s of an A100 in float32; not measured, small nets are slower",
    "cpu": "what 2 cores of an AMD EPYC made of the conv net (docs: Performance); small nets are "
    "slower",
}
# Core seconds to score a run, by its rows: 2 cores took 13 s for the group `study` of scores of
# 737,280 rows with 10 codes, and 74 s for all scores (docs: Performance).
STUDY_SCORES = 2 * 13.0 / 737_280
ALL_SCORES = 2 * 74.0 / 737_280
SCORES_SAID = (
    "what 2 cores of an AMD EPYC took for 737,280 rows of 10 codes, by rows: 13 s for the group "
    "study of scores, 74 s where there are others (docs: Performance); UDR left out"
)
CPUS = 8  # cores beside a GPU, where cluster.toml does not say it
OTHER_FILES = 20_000  # bytes of a run's config, scores and their parts, together
LINE = 180  # bytes of a line of a log
