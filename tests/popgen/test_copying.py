import gzip
import itertools
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from genome_ac_gan.popgen import copying, imputation
from genome_ac_gan.popgen.copying import (
    CopyingModel,
    backward,
    effective_number,
    forward,
    log_likelihood,
    map_distances,
    mismatch_probability,
    posterior,
    switch_probabilities,
)
from genome_ac_gan.popgen.imputation import impute


def alleles(rng, *shape):
    return (rng.random(shape) < 0.4).astype(np.uint8)


WEIGHTS = {"uniform": None, "weighted": np.array([0.3, 0.01, 0.2, 0.0, 0.09, 0.25, 0.15])}


@pytest.fixture(params=WEIGHTS)
def model(request):
    """Seven reference haplotypes, 40 sites, two contigs, one pair of sites that never switches."""
    rng = np.random.default_rng(2)
    distance = rng.exponential(3e-5, 39)
    distance[17], distance[25] = np.inf, 0
    return CopyingModel.of(alleles(rng, 7, 40), distance, weights=WEIGHTS[request.param])


@pytest.fixture
def queries():
    return alleles(np.random.default_rng(3), 5, 40)


def direct(x, model, typed):
    """Return forward and backward variables of one haplotype from whole transition matrices, untyped sites silent."""
    n_ref, n_sites = model.reference.shape
    emission = np.where(x[:, None] == model.reference.T, 1 - model.mismatch, model.mismatch)
    emission[~np.isin(np.arange(n_sites), typed)] = 1
    weights = np.full(n_ref, 1 / n_ref) if model.weights is None else model.weights
    transition = [(1 - p) * np.eye(n_ref) + p * weights for p in model.switch]
    ahead, behind = [emission[0] * weights], [np.ones(n_ref)]
    for site in range(1, n_sites):
        ahead.append(ahead[-1] @ transition[site - 1] * emission[site])
        back = n_sites - 1 - site
        behind.insert(0, transition[back] @ (emission[back + 1] * behind[0]))
    return np.array(ahead), np.array(behind)


def everywhere(queries, model, typed=slice(None)):
    sites = np.arange(model.n_sites)[typed]
    return [np.array(each) for each in zip(*[direct(x, model, sites) for x in queries], strict=True)]


def test_forward_backward_and_posterior_are_those_of_the_whole_matrices(model, queries):
    ahead, behind = (np.swapaxes(each, 0, 1) for each in everywhere(queries, model))  # (n_sites, n, n_ref)
    values, log_scale = forward(queries, model)
    assert np.allclose(values * np.exp(log_scale)[:, :, None], ahead, rtol=1e-4, atol=0)
    values, log_scale = backward(queries, model)
    assert np.allclose(values * np.exp(log_scale)[:, :, None], behind, rtol=1e-4, atol=0)
    expected = ahead * behind
    assert np.allclose(posterior(queries, model), expected / expected.sum(axis=2, keepdims=True), atol=1e-5)
    assert log_likelihood(queries, model) == pytest.approx(np.log(ahead[-1].sum(axis=1)), abs=1e-4)


def test_forward_times_backward_is_the_likelihood_at_every_site(model, queries):
    (ahead, log_ahead), (behind, log_behind) = forward(queries, model), backward(queries, model)
    likelihood = np.log((ahead * behind).sum(axis=2)) + log_ahead + log_behind  # (n_sites, n)
    assert np.allclose(likelihood, log_likelihood(queries, model), atol=1e-4)


@pytest.mark.parametrize("weights", [None, np.arange(9) / 36], ids=["uniform", "weighted"])
def test_the_probabilities_of_all_haplotypes_sum_to_one(weights):
    rng = np.random.default_rng(5)
    model = CopyingModel.of(alleles(rng, 9, 6), rng.exponential(1e-4, 5), weights=weights)
    everything = np.array(list(itertools.product([0, 1], repeat=6)), dtype=np.uint8)
    assert np.exp(log_likelihood(everything, model)).sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    "typed", [[0, 39], [20], [3, 4, 9, 15, 16, 22, 30, 31], range(0, 40, 2), range(40), []], ids=len
)
def test_imputation_is_the_posterior_with_silent_untyped_sites(model, queries, typed, monkeypatch):
    monkeypatch.setattr(copying, "STATES", 14)  # batches of two haplotypes
    monkeypatch.setattr(imputation, "PRODUCT", 42)  # three sites at a time
    typed = np.array(typed, dtype=np.intp)
    ahead, behind = everywhere(queries, model, typed)
    expected = ahead * behind
    expected = (expected / expected.sum(axis=2, keepdims=True) * model.reference.T).sum(axis=2)
    expected[:, typed] = queries[:, typed]
    assert np.allclose(impute(queries[:, typed], model, typed), expected, atol=1e-5)


def test_unknown_alleles_show_nothing(model, queries):
    known = np.random.default_rng(4).random(queries.shape) < 0.6
    partly = np.where(known, queries, 2).astype(np.uint8)
    ends = [direct(x, model, np.flatnonzero(row))[0][-1].sum() for x, row in zip(queries, known, strict=True)]
    assert log_likelihood(partly, model) == pytest.approx(np.log(ends), abs=1e-4)


def test_equal_weights_are_as_good_as_none(queries):
    rng = np.random.default_rng(2)
    reference, distance, typed = alleles(rng, 7, 40), rng.exponential(3e-5, 39), np.arange(0, 40, 3)
    plain = CopyingModel.of(reference, distance)
    equal = CopyingModel.of(reference, distance, weights=np.full(7, 1 / 7))
    assert equal.mismatch == plain.mismatch
    assert equal.switch == pytest.approx(plain.switch, rel=1e-12)
    assert log_likelihood(queries, equal) == pytest.approx(log_likelihood(queries, plain), abs=1e-5)
    found = [impute(queries[:, typed], each, typed) for each in (equal, plain)]
    assert np.allclose(*found, atol=1e-6)


def test_a_haplotype_of_weight_zero_is_as_good_as_absent(queries):
    rng = np.random.default_rng(7)
    reference, distance, typed = alleles(rng, 7, 40), rng.exponential(3e-5, 39), np.arange(0, 40, 3)
    weights = np.array([1, 1, 0, 1, 1, 0, 1]) / 5
    part = CopyingModel.of(reference, distance, weights=weights)
    absent = CopyingModel.of(reference[weights > 0], distance)
    assert log_likelihood(queries, part) == pytest.approx(log_likelihood(queries, absent), abs=1e-5)
    found = [impute(queries[:, typed], each, typed) for each in (part, absent)]
    assert np.allclose(*found, atol=1e-6)


@pytest.mark.parametrize(
    "weights", [np.full(3, 0.5), np.array([0.5, 0.5]), np.array([1.5, -0.5, 0])], ids=str
)
def test_weights_that_are_no_probabilities_are_refused(weights):
    with pytest.raises(ValueError, match="weights of 3 reference haplotypes"):
        CopyingModel(np.zeros((3, 2), np.uint8), np.zeros(1), 0.1, weights)


def test_imputation_is_exact_where_only_a_very_rare_switch_explains_the_alleles():
    reference = np.zeros((6, 25), np.uint8)
    reference[1:] = 1
    model, typed = CopyingModel(reference, np.full(24, 1e-9), 1e-6), np.r_[:10, 15:25]
    x = np.repeat([[0, 1]], [10, 15], axis=1).astype(np.uint8)
    ahead, behind = direct(x[0], model, typed)
    expected = (ahead * behind * reference.T).sum(axis=1) / (ahead * behind).sum(axis=1)
    found = impute(x[:, typed], model, typed)[0]
    assert np.allclose(found[10:15], expected[10:15], atol=1e-5)
    assert (np.diff(found[10:15]) > 0.1).all()


def test_neither_batches_nor_threads_change_a_result(model, queries, monkeypatch):
    typed = np.arange(1, 40, 3)
    whole, likelihood = impute(queries[:, typed], model, typed, threads=1), log_likelihood(queries, model)
    monkeypatch.setattr(copying, "STATES", 1)
    assert np.allclose(impute(queries[:, typed], model, typed, threads=3), whole, atol=1e-6)
    assert np.allclose(log_likelihood(queries, model, threads=3), likelihood, atol=1e-5)


def test_likelihoods_and_posteriors_agree_with_lshmm(model, queries, monkeypatch):
    numba = pytest.importorskip("numba")
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)  # compiling takes longer than the tiny arrays do
    lshmm = pytest.importorskip("lshmm")
    polymorphic = np.flatnonzero(
        model.reference.std(axis=0) > 0
    )  # lshmm has no mismatch where all alleles agree
    model, queries = replace(model.at(polymorphic), weights=None), queries[:, polymorphic]
    reference, switch = model.reference.T.astype(np.int8), np.append(0, model.switch)
    known = {
        "prob_recombination": switch, "prob_mutation": np.full(model.n_sites, model.mismatch),
        "scale_mutation_rate": False,
    }  # fmt: skip
    for row, x in enumerate(queries.astype(np.int8)):
        ahead, factor, log10 = lshmm.forwards(reference, x[None], 1, **known)
        expected = ahead * lshmm.backwards(reference, x[None], 1, factor, **known)
        expected /= expected.sum(axis=1, keepdims=True)
        assert log_likelihood(queries, model)[row] == pytest.approx(log10 * np.log(10), abs=1e-4)
        assert np.allclose(posterior(queries, model)[:, row], expected, atol=1e-5)


def test_long_haplotypes_stay_in_range():
    rng = np.random.default_rng(6)
    reference = alleles(rng, 30, 5000)
    model = CopyingModel.of(reference, np.full(4999, copying.LEAST_DISTANCE))
    opposite = 1 - reference[:3]
    assert np.isfinite(log_likelihood(opposite, model)).all()
    typed = np.arange(0, 5000, 50)
    dosage = impute(opposite[:, typed], model, typed)
    assert dosage.min() >= 0
    assert dosage.max() <= 1


def test_copies_have_a_known_probability():
    # one reference haplotype: matches and mismatches only
    model = CopyingModel(np.zeros((1, 10), np.uint8), np.full(9, 0.3), 0.01)
    x = np.array([[0] * 10, [1, 1] + [0] * 8], dtype=np.uint8)
    assert log_likelihood(x, model) == pytest.approx([10 * np.log(0.99), 8 * np.log(0.99) + 2 * np.log(0.01)])


def test_parameters_follow_their_formulas():
    contig, position = np.array(["1", "1", "1", "2"]), np.array([100, 200, 1_000_200, 50])
    assert map_distances(contig, position, None) == pytest.approx([1e-6, 1e-2, np.inf])
    cm = np.array([0.0, 0.5, 0.5, 0.1])
    assert map_distances(contig, position, cm) == pytest.approx([0.005, copying.LEAST_DISTANCE, np.inf])
    assert switch_probabilities(np.array([1e-5, np.inf]), 100, 10_000) == pytest.approx(
        [1 - np.exp(-0.004), 1]
    )
    theta = 1 / (1 + 1 / 2 + 1 / 3)
    assert mismatch_probability(4) == pytest.approx(theta / (2 * (theta + 4)))
    assert mismatch_probability(1) == 0.5
    assert effective_number(np.full(8, 1 / 8)) == pytest.approx(8)
    assert effective_number(np.array([0.5, 0.5, 0])) == pytest.approx(2)


def test_switches_add_up_between_chosen_sites(model):
    stay = 1 - model.switch
    assert 1 - model.at(np.array([2, 5, 6, 30])).switch == pytest.approx(
        [stay[2:5].prod(), stay[5], stay[6:30].prod()]
    )


@pytest.mark.parametrize(
    ("reference", "switch", "mismatch", "message"),
    [
        (np.zeros((0, 3), np.uint8), np.zeros(2), 0.1, "needs a row"),
        (np.zeros((2, 3), np.uint8), np.zeros(3), 0.1, "not 3"),
        (np.zeros((2, 3), np.uint8), np.array([0, 1.1]), 0.1, "must lie"),
        (np.zeros((2, 3), np.uint8), np.zeros(2), 0.0, "mismatch"),
    ],
)
def test_what_breaks_a_promise_is_refused(reference, switch, mismatch, message):
    with pytest.raises(ValueError, match=message):
        CopyingModel(reference, switch, mismatch)


def write_vcf(path, position, genotypes):
    header = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
    with gzip.open(path, "wt") as file:
        file.write('##fileformat=VCFv4.2\n##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n')
        file.write("\t".join([*header, *(f"s{i}" for i in range(genotypes.shape[1]))]) + "\n")
        for place, row in zip(position, genotypes, strict=True):
            file.write("\t".join(["1", str(place), ".", "A", "C", ".", "PASS", ".", "GT", *row]) + "\n")


def squared_correlations(dosage, truth):
    kept = (truth.std(axis=0) > 0) & (dosage.std(axis=0) > 1e-6)
    x, y = dosage[:, kept] - dosage[:, kept].mean(axis=0), truth[:, kept] - truth[:, kept].mean(axis=0)
    return ((x * y).mean(axis=0) / x.std(axis=0) / y.std(axis=0)) ** 2


def test_imputation_is_as_good_as_beagles(tmp_path):
    if not shutil.which("beagle") or not shutil.which("java"):
        pytest.skip("Beagle is absent")
    msprime = pytest.importorskip("msprime")
    ancestry = msprime.sim_ancestry(
        130, sequence_length=300_000, recombination_rate=1e-8, population_size=10_000, random_seed=3
    )
    mutated = msprime.sim_mutations(ancestry, rate=2e-8, random_seed=3, model=msprime.BinaryMutationModel())
    x, position = mutated.genotype_matrix().T.astype(np.uint8), mutated.tables.sites.position.astype(int) + 1
    x, queries = x[:200], x[200:]
    kept = (x.sum(axis=0) > 1) & (np.diff(position, prepend=0) > 0)
    x, queries, position = x[:, kept], queries[:, kept], position[kept]
    typed = np.array(
        [w[np.argmin(np.abs(x[:, w].mean(axis=0) - 0.5))] for w in np.array_split(np.arange(x.shape[1]), 60)]
    )
    write_vcf(
        tmp_path / "ref.vcf.gz", position, np.array(["0|0", "0|1", "1|0", "1|1"])[2 * x[::2] + x[1::2]].T
    )
    doubled = np.array(["0|0", "1|1"])[queries[:, typed]].T  # every haplotype twice: nothing to phase
    write_vcf(tmp_path / "gt.vcf.gz", position[typed], doubled)
    command = ["beagle", f"gt={tmp_path}/gt.vcf.gz", f"ref={tmp_path}/ref.vcf.gz", f"out={tmp_path}/out"]
    subprocess.run([*command, "seed=1", "nthreads=1"], check=True, capture_output=True)
    with gzip.open(tmp_path / "out.vcf.gz", "rt") as file:
        rows = [line.split("\t")[9:] for line in file if not line.startswith("#")]
    beagle = np.array([[float(field.split(":")[1]) / 2 for field in row] for row in rows]).T
    hidden = np.setdiff1d(np.arange(x.shape[1]), typed)
    model = CopyingModel.of(x, np.diff(position) * 1e-8, ne=10_000)
    ours = impute(queries[:, typed], model, typed)
    scores = [squared_correlations(each[:, hidden], queries[:, hidden]).mean() for each in (ours, beagle)]
    assert scores[0] > scores[1] - 0.02
    assert np.corrcoef(ours[:, hidden].ravel(), beagle[:, hidden].ravel())[0, 1] > 0.97
