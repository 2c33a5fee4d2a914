"""The settings of a run's stages: what they share, and where they differ."""


def stage_settings(stages):
    """Splits the settings of stages into the common ones and a table of the others.

    Args:
        stages: dicts, one for each stage.

    Returns:
        A dict of the common settings as text, without those that are off;
        and rows of text cells with the heads first, empty if nothing differs.

    Example:

    >>> stage_settings([{"steps": 20, "warmup": 5}, {"steps": 20, "warmup": None}])
    ({'steps': '20'}, [['warmup'], ['5'], ['']])
    """
    keys = list(dict.fromkeys(key for stage in stages for key in stage))
    texts = {key: [as_text(stage.get(key)) for stage in stages] for key in keys}
    common = {key: cells[0] for key, cells in texts.items() if len(set(cells)) == 1}
    differing = [key for key in keys if key not in common]
    rows = [[texts[key][n] for key in differing] for n in range(len(stages))]
    heads = [_words(key) for key in differing]
    return {_words(k): text for k, text in common.items() if text}, [heads, *rows] if heads else []


def as_text(value):
    """A setting or a number as text. What is off is empty.

    A schedule is its name with its arguments, but for those that are off.

    Example:

    >>> as_text(0.1 + 0.2), as_text(None), as_text({"CosineDecay": {"alpha": 0.1, "name": "x"}})
    ('0.3', '', 'CosineDecay(alpha=0.1)')
    """
    if isinstance(value, dict) and len(value) == 1:
        ((name, config),) = value.items()
        if isinstance(config, dict):
            texts = {k: as_text(v) for k, v in config.items() if k != "name"}
            return f"{name}({', '.join(f'{k}={text}' for k, text in texts.items() if text)})"
    if value is None or value is False:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _words(key):
    return key.replace("_", " ")
