"""Metrics as text, put in place in one step."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ansible_collections.kraftops.kafka.plugins.module_utils._textfile import Gauge, render, write_textfile


def test_text() -> None:
    one = Gauge("one", "First.")
    one.add(1.5)
    two = Gauge("two_bytes", "Second.")
    two.add(123456789012, file="a.log")
    two.add(0, file='say "\\\n"', host="h")
    assert render([one, Gauge("empty", "Left out."), two]) == (
        "# HELP one First.\n# TYPE one gauge\none 1.5\n"
        "# HELP two_bytes Second.\n# TYPE two_bytes gauge\n"
        'two_bytes{file="a.log"} 123456789012\n'
        'two_bytes{file="say \\"\\\\\\n\\"",host="h"} 0\n'
    )


def test_a_file_that_everybody_may_read_and_nothing_beside_it(tmp_path: Path) -> None:
    gauge = Gauge("one", "First.")
    gauge.add(1)
    write_textfile(str(tmp_path / "x.prom"), [gauge])
    write_textfile(str(tmp_path / "x.prom"), [gauge])
    (path,) = tmp_path.iterdir()
    assert (path.name, path.read_text()) == ("x.prom", render([gauge]))
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_file_that_cannot_be_put_in_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.prom").mkdir()
    with pytest.raises(OSError, match=r"x\.prom"):
        write_textfile(str(tmp_path / "x.prom"), [])
    assert [path.name for path in tmp_path.iterdir()] == ["x.prom"]
