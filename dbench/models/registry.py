"""All models by name. To add one: `<name>.py` with a constructor, a line here and a row in
tests/models/test_common.py.
"""

from collections.abc import Callable

from dbench.base import Model
from dbench.models.ada_gvae import ada_gvae
from dbench.models.ada_ml_vae import ada_ml_vae
from dbench.models.annealed_vae import annealed_vae
from dbench.models.autoencoder import autoencoder
from dbench.models.baselines import ground_truth, random_codes, raw_pixels, untrained_vae
from dbench.models.beta_tcvae import beta_tcvae
from dbench.models.beta_vae import beta_vae
from dbench.models.beta_vae_dae import beta_vae_dae
from dbench.models.capacity_generator import capacity_generator
from dbench.models.dae import dae
from dbench.models.dc_ign import dc_ign
from dbench.models.dip_vae import dip_vae_i, dip_vae_ii
from dbench.models.disbm import disbm
from dbench.models.disbm_variants import disbm_manifold, disbm_unpaired
from dbench.models.factor_vae import factor_vae
from dbench.models.full_covariance_vae import full_covariance_vae
from dbench.models.gvae import gvae
from dbench.models.hfs import hfs
from dbench.models.icf import icf
from dbench.models.infogan import infogan
from dbench.models.infowgan_gp import infowgan_gp
from dbench.models.jmvae import jmvae
from dbench.models.linear import ica, pca
from dbench.models.ml_vae import ml_vae
from dbench.models.qlae import qlae
from dbench.models.s2_beta_tcvae import s2_beta_tcvae
from dbench.models.s2_beta_vae import s2_beta_vae
from dbench.models.scan import scan, scan_r, scan_u
from dbench.models.scan_curriculum import scan_curriculum
from dbench.models.slow_vae import slow_vae
from dbench.models.supervised import supervised
from dbench.models.telbo import telbo
from dbench.models.tripod import tripod

MODELS: dict[str, Callable[..., Model]] = {
    "ada_gvae": ada_gvae,
    "ada_ml_vae": ada_ml_vae,
    "annealed_vae": annealed_vae,
    "autoencoder": autoencoder,
    "beta_tcvae": beta_tcvae,
    "beta_vae": beta_vae,
    "beta_vae_dae": beta_vae_dae,
    "capacity_generator": capacity_generator,
    "dae": dae,
    "dc_ign": dc_ign,
    "dip_vae_i": dip_vae_i,
    "dip_vae_ii": dip_vae_ii,
    "disbm": disbm,
    "disbm_manifold": disbm_manifold,
    "disbm_unpaired": disbm_unpaired,
    "factor_vae": factor_vae,
    "full_covariance_vae": full_covariance_vae,
    "ground_truth": ground_truth,
    "gvae": gvae,
    "hfs": hfs,
    "ica": ica,
    "icf": icf,
    "infogan": infogan,
    "infowgan_gp": infowgan_gp,
    "jmvae": jmvae,
    "ml_vae": ml_vae,
    "pca": pca,
    "qlae": qlae,
    "random_codes": random_codes,
    "raw_pixels": raw_pixels,
    "s2_beta_tcvae": s2_beta_tcvae,
    "s2_beta_vae": s2_beta_vae,
    "scan": scan,
    "scan_curriculum": scan_curriculum,
    "scan_r": scan_r,
    "scan_u": scan_u,
    "slow_vae": slow_vae,
    "supervised": supervised,
    "telbo": telbo,
    "tripod": tripod,
    "untrained_vae": untrained_vae,
}
