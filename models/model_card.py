"""A preset's card as the README of a model repository."""

import json

LIBRARY = "keras"
TAGS = ("physics", "quantum-many-body", "neural-quantum-states", "variational-monte-carlo")


def model_card(card):
    """A README in the model-card format of the Hugging Face hub.

    Args:
        card: a dict. `name`, `description`, `license`, `architecture`,
            `parameters`, `hamiltonian`, `energies`, `limits` and `command`
            are said where it has them.

    Returns:
        A text: a YAML header with the relative errors as metrics, and
        Markdown.

    Example:

    >>> print(model_card({"name": "mine", "description": "A chain."}).splitlines()[-3])
    # mine
    """
    name = card.get("name", "wave function")
    header = {
        "library_name": LIBRARY,
        "license": card.get("license", "apache-2.0"),
        "tags": list(TAGS),
    }
    rows = card.get("energies", [])
    if rows:
        header["model-index"] = [{"name": name, "results": [_result(card, row) for row in rows]}]
    lines = ["---", *_yaml(header), "---", "", f"# {name}", ""]
    lines += [card.get("description", "A recurrent wave function of quantum spins.")]
    for key in ("architecture", "parameters", "hamiltonian", "limits", "command"):
        if key in card:
            lines += ["", f"**{key.capitalize()}**: {_said(key, card[key])}"]
    if rows:
        lines += ["", "| size | energy | relative error | samples |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {row['size']} | {row['energy']:.6f} ± {row['std_error']:.6f} "
            f"| {row['relative_error']:.1e} ± {row['relative_std_error']:.0e} "
            f"| {row['num_samples']:,} |"
            for row in rows
        ]
    return "\n".join(lines) + "\n"


def _said(key, value):
    return f"`{value}`" if key in ("architecture", "command") else str(value)


def _result(card, row):
    """An energy as a result of the hub's model index."""
    model = card.get("hamiltonian", "ground state").split(",")[0]
    metrics = [
        {"type": key, "name": key.replace("_", " "), "value": row[key]}
        for key in ("relative_error", "relative_std_error", "energy", "v_score")
        if key in row
    ]
    return {
        "task": {"type": "other", "name": "ground state energy"},
        "dataset": {"type": "lattice", "name": f"{model} of size {row['size']}"},
        "metrics": metrics,
    }


def _yaml(value, indent=0):
    """Dicts, lists, texts and numbers as lines of YAML: leaves are JSON, which YAML contains."""
    space = " " * indent
    lines = []
    if isinstance(value, dict):
        for key, part in value.items():
            if isinstance(part, (dict, list)):
                lines += [f"{space}{key}:", *_yaml(part, indent + 2)]
            else:
                lines.append(f"{space}{key}: {json.dumps(part, ensure_ascii=False)}")
        return lines
    for part in value:
        if isinstance(part, dict):
            first, *rest = _yaml(part, indent + 2)
            lines += [f"{space}- {first.strip()}", *rest]
        else:
            lines.append(f"{space}- {json.dumps(part, ensure_ascii=False)}")
    return lines
