import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cubiseg.graphs import components


@given(st.integers(1, 40), st.data())
def test_components_are_those_of_scipy_with_its_numbers(count: int, data: st.DataObject) -> None:
    edges = st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=60)
    pairs = np.array(data.draw(edges), np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(pairs)), pairs.T), shape=(count, count))
    assert components(count, pairs).tolist() == connected_components(graph, directed=False)[1].tolist()


def test_a_long_chain_in_any_order_is_one_component() -> None:
    order = np.random.default_rng(0).permutation(100_000)
    assert not components(len(order), np.stack([order[:-1], order[1:]], axis=1)).any()


def test_no_nodes_and_no_pairs_have_no_components() -> None:
    assert components(0, np.empty((0, 2))).tolist() == []
    assert components(3, np.empty((0, 2))).tolist() == [0, 1, 2]
