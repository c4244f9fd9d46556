"""The conv net of `dbench.nets` and its beta-VAE step in plain PyTorch: what we race against."""

import torch
import torch.nn.functional as F
from torch import nn


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


def step(net: ConvNet, optimizer, images, beta: float = 4.0):
    """One update on images [b, c, 64, 64] in [0, 1]; returns the loss."""
    mean, logvar = net.encode(images)
    codes = mean + torch.exp(logvar / 2) * torch.randn_like(mean)
    logits = net.decoder(codes)
    error = F.binary_cross_entropy_with_logits(logits, images, reduction="sum")
    kl = 0.5 * (mean**2 + logvar.exp() - logvar - 1).sum()
    loss = (error + beta * kl) / len(images)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss
