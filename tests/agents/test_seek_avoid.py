"""The task seek_avoid: what is seen, what actions do, what an episode can bring."""

import jax
import numpy as np
import pytest

from dbench.agents.environments.seek_avoid import BEST, OBJECTS, seek_avoid
from dbench.agents.environments.task import advance, many, reset, step
from dbench.agents.policies import play, uniform
from dbench.errors import InputError

from .drawn import NAMES, SIZES, drawn

KEY = jax.random.key(0)
DATA = drawn()
TASK = seek_avoid(DATA)
LEFT, RIGHT, FORWARD = range(3)


@pytest.fixture(scope="module")
def walk():
    """(state, actions) -> states, rewards, after each of them."""
    act, row = jax.jit(lambda *given: step(TASK, *given)), jax.jit(TASK.row)

    def go(state, *actions):
        found = []
        for at, action in enumerate(actions):
            state, reward, done = act(jax.random.fold_in(KEY, at), state, action)
            found.append((DATA.factors[int(row(state))], float(reward), bool(done)))
        return state, found

    return go


def started(domain=0, **where):
    """The state at the beginning of an episode, with some of it as given."""
    state = jax.jit(lambda domain: reset(TASK, KEY, domain))(domain)
    return state._replace(**{name: np.int32(value) for name, value in where.items()})


@pytest.mark.slow
def test_turns_move_the_object_and_steps_bring_it_nearer(walk):
    state = started(bearing=1)
    _, found = walk(state, LEFT, RIGHT, RIGHT, FORWARD)
    assert [tuple(seen[3:]) for seen, _, _ in found] == [(2, 0), (1, 0), (0, 0), (0, 1)]
    assert all(reward == 0 and not done for _, reward, done in found)


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("good", [0, 1])
def test_an_object_is_taken_straight_ahead_only(walk, kind, good):
    state = started(bearing=1, kind=kind, good=good)
    after, found = walk(state, FORWARD, FORWARD)
    assert found[0][0][1] == 2 * kind + good  # hat, can, cake, balloon
    assert found[1][1] == (1 if good else -1)
    assert int(after.left) == OBJECTS - 1 and int(after.distance) == 0
    aside, found = walk(state._replace(bearing=np.int32(0)), FORWARD, FORWARD)
    assert found[1][1] == 0 and int(aside.left) == OBJECTS - 1


@pytest.mark.parametrize(("action", "bearing"), [(LEFT, 2), (RIGHT, 0)])
def test_an_object_out_of_sight_is_passed(walk, action, bearing):
    after, ((_, reward, _),) = walk(started(bearing=bearing), action)
    assert reward == 0 and int(after.left) == OBJECTS - 1


def test_an_episode_has_five_good_objects_and_five_bad_ones(walk):
    kinds = []
    state = started()
    while int(state.left):
        kinds.append(int(state.good))
        state, _ = walk(state._replace(bearing=np.int32(0)), RIGHT)
    assert len(kinds) == OBJECTS and sum(kinds) == BEST


@pytest.mark.slow
def test_domains_are_the_published_conjunctions():
    for domain, wanted in ((0, {(0, 0), (0, 1), (1, 1)}), (1, {(1, 0)})):
        states = many(TASK, KEY, 200, domain)
        pairs = set(
            zip(np.asarray(states.room).tolist(), np.asarray(states.kind).tolist(), strict=True)
        )
        assert pairs == wanted
        rows = TASK.rows[TASK.domains[domain]]
        assert set(np.asarray(jax.vmap(TASK.row)(states)).tolist()) <= set(rows.tolist())
    assert len(TASK.rows["source"]) == 3 * len(TASK.rows["target"]) == 0.75 * DATA.size


@pytest.mark.slow
def test_the_best_policy_has_the_stated_return_and_others_have_none():
    best = np.eye(3, dtype=np.float32)[TASK.ideal]
    found = play(TASK, KEY, best, 256)
    assert (found.returns == BEST).all() and (found.bad == 0).all()
    assert (found.steps < TASK.steps).all()  # never cut short
    # A random policy takes good and bad alike. Its standard error over episodes is stated.
    at_random = np.asarray(play(TASK, KEY, uniform(DATA.size, 3), 256).returns)
    assert (abs(at_random.mean(axis=1)) < 4 * at_random.std(axis=1) / 16).all()
    bearing = DATA.factors[:, 3]
    takes_all = np.eye(3, dtype=np.float32)[np.where(bearing == 1, FORWARD, bearing > 1)]
    assert (play(TASK, KEY, takes_all, 256).returns == 0).all()


@pytest.mark.slow
def test_an_episode_that_never_comes_to_an_end_is_ended():
    bearing = DATA.factors[:, 3]
    turns = np.eye(3, dtype=np.float32)[np.where(bearing == 2, RIGHT, LEFT)]
    found = play(TASK, KEY, turns, 256)
    assert (found.steps == TASK.steps).all() and (found.returns == 0).all()


@jax.jit
def advanced(states):
    drawn = jax.random.uniform(KEY, (3, 2 * TASK.draws))
    found = advance(TASK, drawn, states, np.full(3, RIGHT))
    moved, _, _ = jax.vmap(TASK.move)(drawn[:, : TASK.draws], states, np.full(3, RIGHT))
    return *found, jax.vmap(TASK.row)(moved)


@pytest.mark.slow
def test_environments_that_end_begin_anew():
    states = many(TASK, KEY, 3, 0)
    last = states._replace(left=np.array([1, 1, 5], np.int32), bearing=np.zeros(3, np.int32))
    new, reward, done, after, seen = advanced(last)
    assert done.tolist() == [True, True, False]
    assert after.tolist() == seen.tolist()  # the end of the old episode, not the new begin
    begun = np.asarray(jax.vmap(TASK.row)(new))
    assert (begun != seen)[:2].any() and begun[2] == seen[2]
    assert new.left.tolist() == [OBJECTS, OBJECTS, 4] and new.time.tolist() == [0, 0, 1]


def test_tasks_that_are_alike_are_one():
    assert seek_avoid(drawn()) is TASK and seek_avoid(DATA, 7) is not TASK


@pytest.mark.parametrize(
    ("names", "sizes", "steps", "said"),
    [
        (
            ("floor", *NAMES[1:]),
            SIZES,
            100,
            "needs a factor room of 2 values and more",
        ),
        (NAMES, (2, 3, 1, 3, 2), 100, "needs a factor object of 4 values"),
        (NAMES, SIZES, 0, "has at least one step, not 0"),
    ],
)
def test_what_is_no_task_is_one_sentence(names, sizes, steps, said):
    with pytest.raises(InputError, match=said) as error:
        seek_avoid(drawn(names, sizes), steps)
    assert "\n" not in str(error.value)
