"""The figure and the table of benchmarks/frontier.py."""

import pandas as pd
from frontier_trials import COSTS, HERE, Trial, done


def points() -> pd.DataFrame:
    """A row a trial and step: mean and standard error over seeds, and core seconds till then."""
    scores = ["mig_histogram", "factor_vae", "dci_disentanglement", "reconstruction"]
    frame = done()
    by = [name for name in Trial._fields if name != "at"]
    found = frame.groupby(["round", *by, "steps", "step"])[scores].agg(["mean", "sem"])
    found.columns = [name if of == "mean" else f"{name}_sem" for name, of in found.columns]
    found = found.reset_index().merge(pd.read_csv(COSTS), on=["net", "model", "batch", "data"])
    found["core_seconds"] = found["step"] * found["core_ms_a_step"] / 1000
    return found


def figure() -> None:
    """frontier.png, and the last points of all trials as a table in Markdown."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    found = points()
    shown = found[(found["model"] == Trial("").model) & (found["data"] == Trial("").data)]
    scores = {"mig_histogram": "MIG (histogram)", "factor_vae": "FactorVAE score"}
    fig, axes = plt.subplots(1, len(scores), figsize=(13, 5), sharex=True)
    settings = ["net", "batch", "learning_rate", "decay", "steps"]
    for number, (name, line) in enumerate(shown.groupby(settings)):
        net, batch, rate, decay, _ = name
        other = [f"batch {batch}"] * (batch != 64) + [f"rate {rate:g}"] * (rate != 1e-3)
        label = ", ".join([net, *other, *([decay] if decay else [])])
        style = {"marker": "osD^v*"[number // 10], "color": f"C{number % 10}", "capsize": 2}
        for ax, score in zip(axes, scores, strict=True):
            error = line[f"{score}_sem"]
            ax.errorbar(line["core_seconds"], line[score], error, label=label, **style)
    for ax, label in zip(axes, scores.values(), strict=True):
        ax.set(xlabel="core seconds of training", ylabel=label, xscale="log")
        ax.set_xticks([10, 20, 50, 100], ["10", "20", "50", "100"])
    axes[-1].legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    fig.suptitle("beta-TCVAE on dSprites, beta 6: means of four seeds, standard errors")
    fig.tight_layout()
    fig.savefig(HERE / "frontier.png", dpi=110)
    print(table(found).to_markdown(index=False))


def table(found: pd.DataFrame) -> pd.DataFrame:
    """What a reader compares: a row a trial, at its last step."""
    last = found[found["step"] == found["steps"]]
    said = last[["data", "model", "strength", "net", "batch", "steps"]].copy()
    said.insert(
        5,
        "learning rate",
        [f"{r:g} {d}".strip() for r, d in last[["learning_rate", "decay"]].values],
    )
    said["core s"] = last["core_seconds"].round().astype(int)
    for score in ("mig_histogram", "factor_vae", "dci_disentanglement"):
        pairs = zip(last[score], last[f"{score}_sem"], strict=True)
        said[f"`{score}`"] = [f"{value:.3f} ± {error:.3f}" for value, error in pairs]
    return said.sort_values(["data", "model", "core s"])
