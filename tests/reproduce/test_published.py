"""The published growths beside figure 4."""

import matplotlib.pyplot as plt
import pytest

from reproduce.fig4 import published
from reproduce.reference import growths


def test_curves_are_the_papers_energies_against_quantum_monte_carlo():
    curves = {curve.name: curve for curve in growths.curves()}
    cheapest = curves["Moss et al., r = 0.475, s = 0.25"]
    # -0.603498 against -0.6035218 at 6x6.
    assert cheapest.errors[0] == pytest.approx(3.95e-5, abs=1e-7)
    assert cheapest.sides[:3] == (6, 8, 10)
    assert cheapest.gpu_hours == pytest.approx(35, abs=1)
    assert all(len(c.sides) == len(c.errors) == len(c.bars) for c in curves.values())


def test_all_are_drawn_and_named():
    figure, _ = plt.subplots()
    published.draw(figure)
    texts = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert texts == [f"{c.name}: {c.gpu_hours:,.0f} h" for c in growths.curves()]
    assert "arXiv:2502.17144" in figure.get_supxlabel()
    plt.close(figure)
