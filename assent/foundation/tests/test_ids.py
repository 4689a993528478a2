from assent.foundation.ids import random_ids

POSITIVE_63_BITS = range(1, 2**63)


def test_ids_made_at_once_lie_together_and_are_all_different():
    made = random_ids(10_000)
    assert len(set(made)) == 10_000
    assert made == sorted(made)
    assert made[-1] - made[0] < 2**31
    assert all(one in POSITIVE_63_BITS for one in made)


def test_ids_of_two_batches_say_nothing_of_each_other():
    blocks = {random_ids(1)[0] >> 31 for _ in range(1_000)}
    assert len(blocks) > 990


def test_neighbours_spread_over_the_buckets_of_the_lake():
    buckets = [one % 64 for one in random_ids(6_400)]
    counts = [buckets.count(bucket) for bucket in range(64)]
    assert min(counts) > 50
    assert max(counts) < 160


def test_no_ids_are_no_ids():
    assert random_ids(0) == []
