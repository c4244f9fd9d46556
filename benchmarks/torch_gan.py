"""InfoGAN on 28 x 28 in plain PyTorch, the nets of `dbench.gan_nets.mnist`: what we race against.

Eager, as a careful user would write it: no gradient is computed that nobody uses.
"""

import torch
import torch.nn.functional as F
from torch import nn

CATEGORIES, CONTINUOUS, NOISE = 10, 2, 62
CODES = CATEGORIES + CONTINUOUS


def generator(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(CODES + NOISE, 1024, bias=False), nn.BatchNorm1d(1024), nn.ReLU(),
        nn.Linear(1024, 7 * 7 * 128, bias=False), nn.BatchNorm1d(7 * 7 * 128), nn.ReLU(),
        nn.Unflatten(1, (128, 7, 7)),
        nn.ConvTranspose2d(128, 64, 4, 2, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
        nn.ConvTranspose2d(64, channels, 4, 2, padding=1), nn.Sigmoid(),
    )  # fmt: skip


class DiscriminatorQ(nn.Module):
    """A trunk, D's logit and Q's outputs."""

    def __init__(self, channels: int):
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Conv2d(channels, 64, 4, 2, padding=1), nn.LeakyReLU(0.1),
            nn.Conv2d(64, 128, 4, 2, padding=1, bias=False), nn.BatchNorm2d(128), nn.LeakyReLU(0.1),
            nn.Flatten(),
            nn.Linear(7 * 7 * 128, 1024, bias=False), nn.BatchNorm1d(1024), nn.LeakyReLU(0.1),
        )  # fmt: skip
        self.real = nn.Linear(1024, 1)
        self.q = nn.Sequential(
            nn.Linear(1024, 128, bias=False), nn.BatchNorm1d(128), nn.LeakyReLU(0.1),
            nn.Linear(128, CODES),
        )  # fmt: skip

    def judge(self, images):
        """[b, c, 28, 28] -> [b], what Q has no part in."""
        return self.real(self.trunk(images))[:, 0]

    def forward(self, images):
        """[b, c, 28, 28] -> [b], [b, outputs]."""
        x = self.trunk(images)
        return self.real(x)[:, 0], self.q(x)


def draw_codes(b: int):
    """Values of the categorical code [b], continuous codes, all inputs of the generator."""
    values = torch.randint(CATEGORIES, (b,))
    rest = 2 * torch.rand(b, CONTINUOUS + NOISE) - 1
    return values, rest[:, :CONTINUOUS], torch.cat([F.one_hot(values, CATEGORIES), rest], dim=1)


def unknown(outputs, values, continuous):
    """Minus the bound but for constants, nats."""
    logits, mean = outputs[:, :CATEGORIES], outputs[:, CATEGORIES:]
    return F.cross_entropy(logits, values) + 0.5 * ((continuous - mean) ** 2).sum() / len(mean)


class InfoGan:
    """Both networks with their optimisers, lambda 1."""

    def __init__(self, channels: int):
        self.generator, self.discriminator = generator(channels), DiscriminatorQ(channels)
        self.players = [list(net.parameters()) for net in (self.discriminator, self.generator)]
        self.optimizers = [
            torch.optim.Adam(own, lr=rate, betas=(0.5, 0.999))
            for own, rate in zip(self.players, (2e-4, 1e-3), strict=True)
        ]

    def step(self, draw):
        """One update of each player on images [b, c, 28, 28] in [0, 1]."""
        images = draw()
        values, continuous, inputs = draw_codes(len(images))
        with torch.no_grad():
            made = self.generator(inputs)
        fake, outputs = self.discriminator(made)
        loss = F.softplus(-self.discriminator.judge(images)).mean() + F.softplus(fake).mean()
        self.descend(0, loss + unknown(outputs, values, continuous))

        values, continuous, inputs = draw_codes(len(images))
        fake, outputs = self.discriminator(self.generator(inputs))
        self.descend(1, F.softplus(-fake).mean() + unknown(outputs, values, continuous))

    def descend(self, player: int, loss):
        self.optimizers[player].zero_grad()
        loss.backward(inputs=self.players[player])
        self.optimizers[player].step()
