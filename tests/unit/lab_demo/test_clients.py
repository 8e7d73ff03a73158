from __future__ import annotations

import pytest

from lab.demo.clients import Clients
from lab.demo.runner import DemoError
from lab.load import Record


def test_tables_count_what_was_seen() -> None:
    clients = Clients("http://127.0.0.1:1/", rate=1, allow_any=False)
    clients._marks = [("1 runs", 0.0), ("2 comes in", 10.0), ("", 20.0)]
    clients.records = [
        Record(1, 1, 0.01, 200, None, "1", "hello"),
        Record(11, 11, 0.03, 500, None, "2", "hello"),
        Record(12, 12, 0.5, None, "timeout"),
    ]
    columns, rows = clients.rows_by_part()
    assert columns == ["PART", "SECONDS", "REQUESTS", "ERRORS", "BY 1", "BY 2"]
    assert rows == [["1 runs", "10", "1", "0", "1", "0"], ["2 comes in", "10", "2", "2", "0", "1"]]
    assert clients.rows_by_version()[1] == [
        ["1", "hello", "1", "0", "0.00%", "10 ms", "10 ms"],
        ["2", "hello", "1", "1", "100.00%", "30 ms", "30 ms"],
        ["no answer", "-", "1", "1", "100.00%", "-", "-"],
    ]


def test_an_address_that_load_must_not_go_to() -> None:
    with pytest.raises(DemoError, match="neither loopback nor of the lab"):
        Clients("http://192.0.2.1/", rate=1, allow_any=False)
