"""Samples of all rounds, and what is concluded from them."""

from statistics import median

from driver.sample import QUIET


class Results:
    def __init__(self):
        self.samples = {}  # (client, mode) -> {round: figures}

    def add(self, client, mode, number, figures):
        self.samples.setdefault((client, mode), {})[number] = figures

    def rounds(self, *keys):
        """The rounds that have samples for all keys, and whether they are quiet ones. With fewer than three quiet
        rounds all count."""
        have = set.intersection(*(set(self.samples.get(key, ())) for key in keys))
        quiet = {number for number in have if all(self.samples[key][number]["other"] < QUIET for key in keys)}
        return (quiet, True) if len(quiet) >= 3 else (have, False)

    def value(self, client, mode, figure):
        """The median of a figure, or `None`."""
        numbers, _ = self.rounds((client, mode))
        values = [self.samples[client, mode][number].get(figure) for number in numbers]
        values = [value for value in values if value is not None]
        return median(values) if values else None

    def ratio(self, client, floor, mode, figure="cpu_us"):
        """The median of the ratios of each round, which a machine that changes its speed disturbs less than a ratio of
        medians; and whether the rounds were quiet."""
        return self.compared(client, floor, mode, figure, lambda mine, theirs: mine / theirs)

    def beyond(self, client, floor, mode, figure="cpu_us"):
        """The same for differences."""
        return self.compared(client, floor, mode, figure, lambda mine, theirs: mine - theirs)

    def compared(self, client, floor, mode, figure, compare):
        numbers, quiet = self.rounds((client, mode), (floor, mode))
        mine, theirs = self.samples.get((client, mode)), self.samples.get((floor, mode))
        values = [compare(mine[number][figure], theirs[number][figure]) for number in numbers]
        return (median(values), quiet) if values else (None, False)
