"""From cyvcf2's genotype arrays to alleles, many records at a time."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from genome_ac_gan.errors import PanelError
from genome_ac_gan.formats.sites import MISSING, Sites, Tally

ABSENT = -2  # htslib's "vector end": a haploid call has no second allele
UNKNOWN, HAPLOID, DIPLOID = 0, 1, 2


@dataclass
class Genotypes:
    """Decodes blocks of records and keeps what must agree between them.

    Parameters
    ----------
    path
        For messages.
    samples
        (n,) names, in the order of the columns.
    sites
        The accepted records; those with missing genotypes are taken out again
        when `missing` says so.
    missing
        `error`, `drop` the site, or fill with `ref` or the `major` allele (ref
        when both are as frequent; a site nobody is called at is dropped).

    Notes
    -----
    A call with one allele, such as `1` for a man on X, makes the sample haploid;
    a sample that is haploid here and diploid there is refused. A single `.` is
    missing and says nothing of ploidy. `0/0` counts as phased, since its order
    does not matter; `0/1` and `./1` do not.
    """

    path: Path
    samples: list[str]
    sites: Sites
    missing: str
    unphased: Tally | None = None
    uncalled: Tally | None = None
    ploidy: npt.NDArray[np.int8] = field(init=False)
    _seen: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.ploidy = np.full(len(self.samples), UNKNOWN, dtype=np.int8)
        self._seen = [""] * len(self.samples)

    def decode(self, raw: npt.NDArray[np.int16]) -> npt.NDArray[np.uint8]:
        """Turn the last `r` records accepted into alleles.

        Parameters
        ----------
        raw : (r, n, 3) int16
            Two alleles and the phase flag of each call; -1 is missing, -2 absent.

        Returns
        -------
        (r or fewer, 2 n) uint8, 0 or 1; the second column of a haploid sample means nothing.
        """
        alleles = raw[:, :, :2].astype(np.int8)  # (r, n, 2)
        phased = raw[:, :, 2] != 0  # (r, n)
        keep = np.ones(len(raw), dtype=bool)
        simple = int(alleles.view(np.uint8).max()) <= 1
        if simple:
            self._note_diploids(len(raw))
        else:
            self._require_biallelic(alleles)
            self._note_ploidy(alleles)
            keep = self._keep_called(alleles)
        if not phased.all():
            self._note_unphased(alleles, phased, keep)
        if not simple:
            alleles = _filled(alleles, major=self.missing == "major")[keep]
            self.sites.remove(keep.tolist(), MISSING)
        return alleles.reshape(len(alleles), -1).view(np.uint8)  # (r', 2 n)

    def rows(self, order: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Return the columns of `decode` that are haplotypes, sample by sample in the order given."""
        both = 2 * order[:, None] + np.arange(2)  # (n, 2)
        real = np.ones(both.shape, dtype=bool)
        real[:, 1] = self.ploidy[order] != HAPLOID
        return both[real]

    def finish(self) -> None:
        """Refuse the file when unphased or missing genotypes were met that have no place in a panel."""
        if self.unphased:
            raise PanelError(
                f"{self.path}: {self.unphased.count} unphased heterozygous genotypes (first {self.unphased.first}): "
                "phase the file (shapeit4, beagle), or drop those sites with bcftools view -p"
            )
        if self.uncalled and self.missing == "error":
            raise PanelError(
                f"{self.path}: {self.uncalled.count} missing genotypes (first {self.uncalled.first}): "
                "read with --missing drop, ref or major, or drop those sites with bcftools view -g ^miss"
            )

    def _place(self, record: int, n_records: int) -> str:
        return self.sites.place(len(self.sites.position) - n_records + record)

    def _require_biallelic(self, alleles: npt.NDArray[np.int8]) -> None:
        if alleles.max() > 1:
            record, sample, _ = np.argwhere(alleles > 1)[0]
            raise PanelError(
                f"{self.path}: {self._place(record, len(alleles))}, sample {self.samples[sample]}: allele "
                f"{alleles[record, sample].max()}, where REF and ALT give 0 and 1 alone"
            )

    def _note_diploids(self, n_records: int) -> None:
        """Note that every sample has two alleles in every record."""
        if (self.ploidy != DIPLOID).any():
            everyone = np.arange(len(self.samples))
            self._note(everyone, DIPLOID, [self._place(0, n_records)] * len(everyone))

    def _note_ploidy(self, alleles: npt.NDArray[np.int8]) -> None:
        absent = alleles[:, :, 1] == ABSENT
        for ploidy, calls in ((HAPLOID, absent & (alleles[:, :, 0] >= 0)), (DIPLOID, ~absent)):
            found = np.flatnonzero(calls.any(axis=0))
            first = calls.argmax(axis=0)[found].tolist()
            self._note(found, ploidy, [self._place(record, len(alleles)) for record in first])

    def _note(self, samples: npt.NDArray[np.intp], ploidy: int, places: list[str]) -> None:
        other = samples[self.ploidy[samples] == HAPLOID + DIPLOID - ploidy]
        if len(other):
            sample, here = int(other[0]), places[samples.tolist().index(other[0])]
            there = self._seen[sample]
            haploid, diploid = (here, there) if ploidy == HAPLOID else (there, here)
            raise PanelError(
                f"{self.path}: sample {self.samples[sample]} is haploid at {haploid} and diploid at {diploid}: read "
                "pseudo-autosomal and other parts of X one by one (--region)"
            )
        for sample, place in zip(samples.tolist(), places, strict=True):
            if self.ploidy[sample] == UNKNOWN:
                self.ploidy[sample], self._seen[sample] = ploidy, place

    def _keep_called(self, alleles: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
        missing = (alleles == -1).any(axis=2)  # (r, n)
        self.uncalled = self._tally(self.uncalled, missing)
        if self.missing == "drop":
            return np.asarray(~missing.any(axis=1))
        if self.missing == "major":
            return np.asarray((alleles >= 0).any(axis=(1, 2)))
        return np.ones(len(alleles), dtype=bool)

    def _note_unphased(
        self, alleles: npt.NDArray[np.int8], phased: npt.NDArray[np.bool_], keep: npt.NDArray[np.bool_]
    ) -> None:
        first, second = alleles[:, :, 0], alleles[:, :, 1]
        bad = ~phased & (first != second) & (second != ABSENT) & keep[:, None]
        self.unphased = self._tally(self.unphased, bad)

    def _tally(self, tally: Tally | None, where: npt.NDArray[np.bool_]) -> Tally | None:
        """Add the calls that `where` (r, n) marks to a tally that remembers the first."""
        n = int(np.count_nonzero(where))
        if n and tally is None:
            record, sample = np.argwhere(where)[0]
            tally = Tally(f"{self._place(record, len(where))}, sample {self.samples[sample]}")
        if n and tally is not None:
            tally.count += n
        return tally


def _filled(alleles: npt.NDArray[np.int8], *, major: bool) -> npt.NDArray[np.int8]:
    """Return alleles (r, n, 2) with 0, or the commoner allele of the record, where there is none."""
    fill = np.zeros(len(alleles), dtype=np.int8)
    if major:
        fill = (2 * (alleles == 1).sum(axis=(1, 2)) > (alleles >= 0).sum(axis=(1, 2))).astype(np.int8)
    return np.where(alleles < 0, fill[:, None, None], alleles)
