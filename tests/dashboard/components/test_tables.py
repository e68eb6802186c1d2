from __future__ import annotations

from dashboard.components.tables import clicked


def test_a_row_is_chosen_by_its_box_or_by_any_cell():
    assert clicked({"rows": [3], "columns": [], "cells": []}) == 3
    assert clicked({"rows": [], "columns": [], "cells": [(5, "name")]}) == 5


def test_nothing_chosen_is_none():
    assert clicked({"rows": [], "columns": [], "cells": []}) is None
