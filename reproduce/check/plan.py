"""How many samples a check takes: the card's, or as many as there is time for.

The time is worked out and not measured, so that the same preset is always
checked with the same samples.
"""

import vmc
from reproduce.experiment import cost
from reproduce.experiment.cost import GRAPH_SECONDS
from reproduce.store import cards

QUICK_SECONDS = 75  # for all presets together, on the nominal machine of `cost.FLOPS`
QUICK_SAMPLES = 400  # more tell little more
LEAST_SAMPLES = 10  # fewer say nothing


def full(wf, max_samples=None):
    """As many samples as on the card, at most as many as asked for.

    Args:
        wf: a preset.
        max_samples: at each size; None for no limit.

    Returns:
        A list of pairs of a card's row and a number of samples.
    """
    rows = wf.card["energies"]
    return [(row, min(row["num_samples"], max_samples or row["num_samples"])) for row in rows]


def within(wf, seconds, max_samples=None):
    """As many samples as some seconds allow: at its own size first, then at cheap ones.

    Args:
        wf: a preset.
        seconds: for all its sizes.
        max_samples: at each size; None for no limit.

    Returns:
        A list as of `full`. Sizes for which there is no time are not in
        it; one always is.
    """
    own, *others = full(wf, max_samples)
    others = sorted(others, key=lambda pair: seconds_per_sample(wf, pair[0]["size"]))
    plan = []
    for row, wanted in (own, *others):
        cost = seconds_per_sample(wf, row["size"])
        affordable = min(wanted, int((seconds - GRAPH_SECONDS) / cost))
        if affordable >= min(wanted, LEAST_SAMPLES):
            plan.append((row, affordable))
            seconds -= GRAPH_SECONDS + affordable * cost
    if not plan:
        cheapest = min((own, *others), key=lambda pair: seconds_per_sample(wf, pair[0]["size"]))
        plan = [(cheapest[0], min(cheapest[1], LEAST_SAMPLES))]
    return plan


def total_seconds(wf, plan):
    """What a plan takes, on the nominal machine."""
    return sum(GRAPH_SECONDS + n * seconds_per_sample(wf, row["size"]) for row, n in plan)


def seconds_per_sample(wf, size):
    """Time of a sample's local energy, on the nominal machine."""
    return cost.seconds_per_sample(wf, vmc.Heisenberg(cards.lattice(wf, size)))
