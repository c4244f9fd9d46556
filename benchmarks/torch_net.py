"""Two nets of `dbench.nets`, conv and compact, and the steps of the VAEs in plain PyTorch.

They are what we race against.

Eager, as a careful user would write it: no gradient is computed that nobody uses.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

IMAGES = 737_280  # in the data set, for the weights of beta-TCVAE


class ConvNet(nn.Module):
    """Locatello et al. 2019, for images [b, c, 64, 64]."""

    def __init__(self, channels: int = 1, latents: int = 10):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(channels, 32, 4, 2, padding=1), nn.ReLU(),
            nn.Conv2d(32, 32, 4, 2, padding=1), nn.ReLU(),
            nn.Conv2d(32, 64, 2, 2), nn.ReLU(),
            nn.Conv2d(64, 64, 2, 2), nn.ReLU(),
            nn.Flatten(), nn.Linear(1024, 256), nn.ReLU(), nn.Linear(256, 2 * latents),
        )  # fmt: skip
        self.decoder = nn.Sequential(
            nn.Linear(latents, 256), nn.ReLU(), nn.Linear(256, 1024), nn.ReLU(),
            nn.Unflatten(1, (64, 4, 4)),
            nn.ConvTranspose2d(64, 64, 4, 2, padding=1), nn.ReLU(),
            nn.ConvTranspose2d(64, 32, 4, 2, padding=1), nn.ReLU(),
            nn.ConvTranspose2d(32, 32, 4, 2, padding=1), nn.ReLU(),
            nn.ConvTranspose2d(32, channels, 4, 2, padding=1),
        )  # fmt: skip

    def encode(self, images):
        """[b, c, 64, 64] -> mean and log-variance, [b, d] each."""
        return self.encoder(images).chunk(2, dim=1)


class CompactNet(ConvNet):
    """Patches of 8 x 8, then a convolution over them, for images [b, c, 64, 64]."""

    def __init__(self, channels: int = 1, latents: int = 10):
        nn.Module.__init__(self)
        self.encoder = nn.Sequential(
            nn.Conv2d(channels, 16, 8, 8), nn.ReLU(),
            nn.Conv2d(16, 32, 4, 2, padding=1), nn.ReLU(),
            nn.Flatten(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 2 * latents),
        )  # fmt: skip
        self.decoder = nn.Sequential(
            nn.Linear(latents, 256), nn.ReLU(), nn.Linear(256, 512), nn.ReLU(),
            nn.Unflatten(1, (32, 4, 4)),
            nn.ConvTranspose2d(32, 16, 4, 2, padding=1), nn.ReLU(),
            nn.ConvTranspose2d(16, channels, 8, 8),
        )  # fmt: skip


NETS = {"conv": ConvNet, "compact": CompactNet}


def discriminator(latents: int = 10) -> nn.Sequential:
    """Kim and Mnih 2018: 6 layers of 1000, leaky ReLU, two logits."""
    widths = [latents] + 6 * [1000]
    layers = [
        layer
        for n, m in zip(widths, widths[1:], strict=False)
        for layer in (nn.Linear(n, m), nn.LeakyReLU(0.2))
    ]
    return nn.Sequential(*layers, nn.Linear(1000, 2))


def sample(mean, logvar):
    return mean + torch.exp(logvar / 2) * torch.randn_like(mean)


def kl_of(mean, logvar):
    """Mean over the batch, nats."""
    return 0.5 * (mean**2 + logvar.exp() - logvar - 1).sum() / len(mean)


def terms(net, images):
    """mean, logvar, z and the reconstruction error, nats."""
    mean, logvar = net.encode(images)
    z = sample(mean, logvar)
    logits = net.decoder(z)
    error = F.binary_cross_entropy_with_logits(logits, images, reduction="sum") / len(images)
    return mean, logvar, z, error


def beta_vae(mean, logvar, z, step):
    return 4.0 * kl_of(mean, logvar)


def annealed_vae(mean, logvar, z, step):
    return 1000.0 * (kl_of(mean, logvar) - 25.0 * min(step / 100_000, 1.0)).abs()


def beta_tcvae(mean, logvar, z, step):
    """Minibatch-weighted sampling, beta 6."""
    standard = (z[:, None] - mean) * torch.exp(-logvar / 2)
    each = -0.5 * (standard**2 + logvar + math.log(2 * math.pi))  # [b, b, d]
    weight = math.log(len(z) * IMAGES)
    joint = torch.logsumexp(each.sum(dim=2), dim=1) - weight
    marginals = torch.logsumexp(each, dim=1) - weight
    return kl_of(mean, logvar) + 5.0 * (joint - marginals.sum(dim=1)).mean()


def covariance_penalty(covariance, factor):
    diagonal = torch.diagonal(covariance)
    off = (covariance**2).sum() - (diagonal**2).sum()
    return 10.0 * off + 10.0 * factor * ((diagonal - 1) ** 2).sum()


def dip_vae_i(mean, logvar, z, step):
    covariance = torch.cov(mean.T, correction=0)
    return kl_of(mean, logvar) + covariance_penalty(covariance, 10.0)


def dip_vae_ii(mean, logvar, z, step):
    covariance = torch.cov(mean.T, correction=0) + torch.diag(logvar.exp().mean(dim=0))
    return kl_of(mean, logvar) + covariance_penalty(covariance, 1.0)


PENALTIES = {
    penalty.__name__: penalty
    for penalty in (beta_vae, annealed_vae, beta_tcvae, dip_vae_i, dip_vae_ii)
}


class Vae:
    """A VAE with one of the penalties, and its optimiser."""

    def __init__(self, model: str, channels: int, net: str):
        self.net, self.penalty, self.steps = NETS[net](channels), PENALTIES[model], 0
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=1e-4)

    def step(self, draw):
        """One update on images [b, c, 64, 64] in [0, 1]."""
        mean, logvar, z, error = terms(self.net, draw())
        loss = error + self.penalty(mean, logvar, z, self.steps)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.steps += 1


class FactorVae:
    """FactorVAE, gamma 10, with a second batch for the discriminator."""

    def __init__(self, channels: int, net: str):
        self.net, self.critic = NETS[net](channels), discriminator()
        self.parameters = list(self.net.parameters())
        self.optimizer = torch.optim.Adam(self.parameters, lr=1e-4)
        self.critic_optimizer = torch.optim.Adam(
            self.critic.parameters(), lr=1e-4, betas=(0.5, 0.9)
        )

    def step(self, draw):
        mean, logvar, z, error = terms(self.net, draw())
        joint = self.critic(z)  # also for the discriminator's own loss
        tc = (joint[:, 0] - joint[:, 1]).mean()
        loss = error + kl_of(mean, logvar) + 10.0 * tc
        self.optimizer.zero_grad()
        loss.backward(inputs=self.parameters, retain_graph=True)
        self.optimizer.step()
        with torch.no_grad():
            second = sample(*self.net.encode(draw()))
            columns = [column[torch.randperm(len(column))] for column in second.T]
            permuted = torch.stack(columns, dim=1)
        zeros = torch.zeros(len(z), dtype=torch.long)
        wrong = 0.5 * (
            F.cross_entropy(joint, zeros) + F.cross_entropy(self.critic(permuted), zeros + 1)
        )
        self.critic_optimizer.zero_grad()
        wrong.backward(inputs=list(self.critic.parameters()))
        self.critic_optimizer.step()


MODELS = (*PENALTIES, "factor_vae")


def trainer(model: str, channels: int = 1, net: str = "conv"):
    """An object whose `step(draw)` makes one update; draw() -> images [b, c, 64, 64]."""
    return FactorVae(channels, net) if model == "factor_vae" else Vae(model, channels, net)
