"""`dbench play`: an agent that acts on what a trained model sees."""

import click

from dbench.cli import options, outputs, taken
from dbench.cli.options import PATH

AGENT = (
    "On the run's codes: a2c, dqn, episodic_control. With its encoder, which learns on: a2c_tuned, "
    "dqn_tuned; of an untrained_vae that is an agent from pixels."
)
PLAY = [
    click.option("--checkpoint", type=PATH, required=True, help="A run's folder: what is seen."),
    click.option("--agent", default="dqn", show_default=True, help=AGENT),
    click.option("--domain", default="source", show_default=True, help="source or target."),
    click.option("--seed", type=options.SEEDS, default=0, show_default=True, help="Of the film."),
    click.option(
        "--output",
        type=PATH,
        metavar="FILE.gif",
        help="The film [default: play_DOMAIN.gif in the run's folder].",
    ),
    options.MODEL,
]


@click.command(short_help="Film an agent that acts on what a run sees.")
@options.given(PLAY)
def play(checkpoint, agent, domain, seed, output, model) -> None:
    """Film an agent that acts on what a run sees, the codes of each image beside it.

    The agents are those of the scores AGENT_source and AGENT_target of the run. They are trained
    again, in the source domain, in some seconds; of a tuned one, which trains an encoder, it takes
    a minute or more. The first of them plays one episode; the codes are those that it sees, of its
    own encoder if it has one. Printed are the returns of all of them in both domains, and of the
    random and the best policy.
    """
    path = output or checkpoint / f"play_{domain}.gif"
    path = outputs.picture(path, None, taken.of_runs([checkpoint]), end=".gif")
    options.start()
    options.own_model(model)
    from dbench.pictures import playing
    from dbench.training import devices

    options.say_given_up([checkpoint])
    for line in playing.write(checkpoint, devices.mesh(), path, agent, domain, seed):
        click.echo(line)
    click.echo(f"wrote {path}")
