"""What all scripts do around their work: errors in a line, and how much is said."""

import pytest
from absl import logging

from reproduce.runs import RunError, guarded
from tests.helpers import backend_is_tensorflow


@pytest.fixture
def verbosity():
    before = logging.get_verbosity()
    yield logging.set_verbosity
    logging.set_verbosity(before)


@pytest.mark.skipif(not backend_is_tensorflow(), reason="only TensorFlow has a logger of its own")
@pytest.mark.parametrize(("level", "name"), [(1, "DEBUG"), (0, "WARNING"), (-2, "ERROR")])
def test_tensorflow_listens_to_verbosity(level, name, verbosity):
    import tensorflow as tf

    verbosity(level)
    assert guarded(lambda: 0, ["script"]) == 0
    assert tf.get_logger().level == logging.converter.string_to_standard(name)
    assert not tf.get_logger().propagate


def test_an_error_that_the_user_can_mend_is_a_line(capsys):
    def fail():
        raise RunError("try something else")

    assert guarded(fail, ["script"]) == 2
    assert capsys.readouterr().err == "error: try something else\n"
    assert guarded(fail, ["script", "300"]) == 2
    assert capsys.readouterr().err == "error: unknown arguments: 300\n"


def test_help_has_the_flags_that_figures_share(script, tmp_path):
    text = script("table1", "--help", cwd=tmp_path).stdout
    assert "--side:" in text
    assert "--recipe: <quick|paper|best>" in text
    assert "--output_dir:" in text
