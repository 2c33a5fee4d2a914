"""Where things lie: folders of runs, weights, cards."""
