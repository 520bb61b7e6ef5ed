"""The layout of stored tables: row indexes are restored by the names of their arrays."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import BenchmarkError
from benchmarks.nasbench101.cell_index import CellIndex
from benchmarks.nasbench101.space import four_vertices
from benchmarks.registry import ROW_INDEXES, load_space, resolve
from benchmarks.row_index import SharedRows
from benchmarks.storage.layout import restore


def cell_index() -> CellIndex:
    space = four_vertices()
    architectures = [
        space.from_string("010001000;input,conv3x3-bn-relu,output"),
        space.from_string("0100;input,output"),
    ]
    return CellIndex.of(space, np.array(architectures, dtype=np.int16), [space.hash(a) for a in architectures])[0]


def shared_rows() -> SharedRows:
    space = load_space("nasbench201")
    return SharedRows(space, (np.arange(space.size) // 5).astype(np.int32))


@pytest.mark.parametrize(("name", "make"), [("nasbench101-4v", cell_index), ("nasbench201", shared_rows)])
def test_a_row_index_is_restored_from_its_arrays(name, make):
    index = make()
    assert {type(index)} == {resolve(ROW_INDEXES[key]) for key in index.arrays() if key in ROW_INDEXES}
    space, restored = restore(name, None, index.arrays())
    assert space.name == name
    assert type(restored) is type(index)
    assert np.array_equal(restored.recorded(), index.recorded())
    assert np.array_equal(restored.indices(index.recorded()), np.arange(len(index.recorded())))


def test_arrays_that_do_not_fit_the_space_or_each_other_are_rejected():
    cells, rows = cell_index().arrays(), shared_rows().arrays()
    with pytest.raises(BenchmarkError, match=r"'nasbench201' is damaged: expected a space of NAS-Bench-101, got space"):
        restore("nasbench201", None, cells)
    with pytest.raises(BenchmarkError, match=r"'nasbench101-4v' is damaged: .*'rows'"):
        restore("nasbench101-4v", None, cells | rows)
    with pytest.raises(BenchmarkError, match=r"'nasbench101-4v' is damaged: .*'cells'"):
        restore("nasbench101-4v", None, {"hashes": cells["hashes"]})
    with pytest.raises(BenchmarkError, match="array 'rows' of type float64 does not describe"):
        restore("nasbench201", None, {"rows": rows["rows"].astype(np.float64)})
