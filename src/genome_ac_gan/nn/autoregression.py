"""A haplotype read along the genome: the logit of each allele is linear in the alleles before it.

Weights reach back over a fixed number of variants, so that parameters and work grow
with the number of variants and no faster.
"""

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own habit)
from torch import Tensor, nn

from genome_ac_gan.nn.blocks import frequencies_by_label

_PART = 16  # blocks whose gradients are found together, so that they stay in a processor's cache
_RUN = 32  # variants whose alleles are decided together before the rest of a block hears of them


class Autoregression(nn.Module):
    """Logits of alleles given the alleles just before them and a label.

    The logit of allele 1 at a variant is the threshold of the label there, plus a
    weight times (allele - centre) of each of the `span` variants before it. Variants
    come in blocks of `span`; the weights of a block are one matrix from the block
    before and itself, zero where there is nothing to learn.

    Parameters
    ----------
    n_variants, n_labels
    span
        How many variants back the weights reach.

    References
    ----------
    Frey, Hinton & Dayan 1995, NIPS 8 (logistic autoregressive networks).
    """

    centre: Tensor

    def __init__(self, n_variants: int, n_labels: int, *, span: int) -> None:
        super().__init__()
        self.span = min(span, n_variants)
        n_blocks = -(-n_variants // self.span)
        self.threshold = nn.Parameter(torch.zeros(n_labels, n_variants))
        self.weight = nn.Parameter(torch.zeros(n_blocks, 2 * self.span, self.span))
        self.register_buffer("centre", torch.zeros(n_variants))
        self.linked: Tensor | None = None

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        """Return logits (n, l), each given the alleles x (n, l; 0 or 1) before it, for labels (n, k)."""
        sums = torch.bmm(_with_previous(_in_blocks(x - self.centre, self.span)), self.weight)
        logits: Tensor = sums.transpose(0, 1).reshape(len(x), -1)[:, : x.shape[1]] + label @ self.threshold
        return logits

    @torch.no_grad()
    def likelihood_gradients(self, x: Tensor, label: Tensor, *, l1: float = 0) -> Tensor:
        """Set gradients to those of the mean negative log likelihood of rows x (n, l) with labels (n, k).

        `l1` times the sum of the sizes of the weights is added to it.

        Returns
        -------
        () Tensor
            That mean, in nats a haplotype, without the penalty.

        Notes
        -----
        The same as `backward` of the loss, a few blocks at a time: on tens of thousands
        of variants the time would otherwise go into moving numbers, not into products.
        """
        rows, centres = _in_blocks(x, self.span), _in_blocks(self.centre[None], self.span)
        thresholds, n_blocks = _in_blocks(self.threshold, self.span), len(rows)
        real = _in_blocks(torch.ones_like(x[:1]), self.span)
        slopes, loss = torch.empty_like(thresholds), torch.zeros((), device=x.device)
        gradient = torch.empty_like(self.weight) if self.weight.grad is None else self.weight.grad
        for first in range(0, n_blocks, _PART):
            part = slice(first, first + _PART)
            around = slice(max(first - 1, 0), first + _PART)
            inputs = _with_previous((rows[around] - centres[around]) * real[around])[-len(rows[part]) :]
            logits = torch.bmm(inputs, self.weight[part]).add_(label @ thresholds[part])
            loss += F.binary_cross_entropy_with_logits(logits, rows[part], real[part], reduction="sum")
            error = torch.sigmoid(logits).sub_(rows[part]).mul_(real[part] / len(x))
            torch.bmm(inputs.transpose(1, 2), error, out=gradient[part])
            if self.linked is not None:
                gradient[part].mul_(self.linked[part])
            gradient[part].add_(self.weight[part].sign(), alpha=l1)
            slopes[part] = label.T @ error
        self.weight.grad = gradient
        self.threshold.grad = slopes.transpose(0, 1).reshape(len(slopes[0]), -1)[:, : x.shape[1]].contiguous()
        return loss / len(x)

    @torch.no_grad()
    def draw(self, drive: Tensor) -> tuple[Tensor, Tensor]:
        """Walk along the genome: allele 1 wherever drive (n, l) plus the weights of what came before is >= 0.

        Returns
        -------
        alleles : (n, l) float32 Tensor
            0 or 1.
        sums : (n, l) float32 Tensor
            That sum, of which they are the signs.
        """
        centres = _in_blocks(self.centre[None], self.span).squeeze(1)
        before = torch.zeros(self.span, len(drive), device=drive.device)
        alleles, sums = [], []
        for own, weight, centre in zip(_in_blocks(drive, self.span), self.weight, centres, strict=True):
            total = (own.T + weight[: self.span].T @ before).contiguous()  # (span, n)
            before = _walk(total, weight[self.span :], centre)
            alleles.append(before + centre[:, None])
            sums.append(total)
        n_variants = drive.shape[1]
        return torch.cat(alleles)[:n_variants].T.round(), torch.cat(sums)[:n_variants].T

    @torch.no_grad()
    def start(self, x: Tensor, codes: Tensor) -> None:
        """Begin as independent variants: thresholds at the frequencies of each label's rows (n, l), no weights.

        Half a haplotype with everybody's frequency is added to each label, so that an
        allele that a label's rows lack is rare, not impossible.
        """
        everybody = x.mean(dim=0)
        self.centre.copy_(everybody)
        for code, threshold in enumerate(self.threshold):
            own = x[codes == code]
            carriers = own.sum(dim=0) + 0.5 * everybody + 1e-3
            threshold.copy_(torch.logit(carriers / (len(own) + 0.5 + 2e-3)))

    def allow(self, linked: Tensor) -> None:
        """Let only the weights in `linked` (as `linked_weights` gives them) be learned."""
        self.linked = linked
        self.weight.register_hook(lambda gradient: gradient * linked)  # type: ignore[no-untyped-call]


def _in_blocks(rows: Tensor, span: int) -> Tensor:
    """Return rows (n, l) as (blocks, n, span), filled up with zeros."""
    padded = F.pad(rows, (0, -rows.shape[1] % span))
    return padded.view(len(rows), -1, span).transpose(0, 1)


def _with_previous(blocks: Tensor) -> Tensor:
    """Join each block (blocks, ..., span) to the one before it, (blocks, ..., 2 * span); to zeros at first."""
    return torch.cat([torch.cat([torch.zeros_like(blocks[:1]), blocks[:-1]]), blocks], dim=-1)


def _walk(total: Tensor, weight: Tensor, centre: Tensor) -> Tensor:
    """Decide the alleles of a block in order; return them centred (span, n). What decided is left in `total`.

    Within a run all are decided at once, again and again, until nothing changes: the
    first stands at once, and each at the latest when those before it do, so that the
    end is that of deciding one after the other. Mostly it is reached in a few rounds.
    """
    decided = torch.empty_like(total)
    for start in range(0, len(total), _RUN):
        run = slice(start, start + _RUN)
        within, centres = weight[run, run].T, centre[run, None]
        alleles, before = (total[run] >= 0).to(total.dtype) - centres, None
        while before is None or not torch.equal(alleles, before):
            before = alleles
            sums = torch.addmm(total[run], within, before)
            alleles = (sums >= 0).to(total.dtype) - centres
        decided[run], total[run] = alleles, sums
        total[start + _RUN :].addmm_(weight[run, start + _RUN :].T, alleles)
    return decided


@torch.no_grad()
def linked_weights(x: Tensor, codes: Tensor, contig: Tensor, *, span: int, z: float) -> Tensor:
    """Tell which weights of an `Autoregression` join variants whose alleles go together.

    Parameters
    ----------
    x : (n, l) Tensor
        Alleles 0 or 1.
    codes : (n,) Tensor
        Labels of the rows: alleles are taken around the mean of their label.
    contig : (l,) Tensor
        Number of each variant's contig; nothing is linked across contigs.
    span
        As of the `Autoregression`.
    z
        Correlations (each allele over its standard deviation within the label) must be
        further than this many standard errors, ``1 / sqrt(n)``, from 0.

    Returns
    -------
    (blocks, 2 * span, span) bool Tensor

    References
    ----------
    Fan & Lv 2008, 10.1111/j.1467-9868.2008.00674.x (screening by marginal correlation).
    """
    span = min(span, x.shape[1])
    scaled = _in_blocks(_within(x, codes), span)
    score = torch.bmm(_with_previous(scaled).transpose(1, 2), scaled) / len(x) ** 0.5
    linked: Tensor = (score.abs() > z) & _admitted(contig, span).to(score.device)
    return linked


def _within(x: Tensor, codes: Tensor) -> Tensor:
    """Return rows as deviations from their label's mean over its standard deviation; 0 where that is 0."""
    shares, _ = frequencies_by_label(x, codes, int(codes.max()) + 1)
    deviation = (shares * (1 - shares)).sqrt().clamp(min=1e-6)
    return (x - shares[codes]) / deviation[codes]


def _admitted(contig: Tensor, span: int) -> Tensor:
    """Return which weights lead from an earlier variant of the same contig, at most `span` back."""
    places = torch.arange(1, len(contig) + 1)  # 0: no variant
    place, contigs = (_in_blocks(each[None], span).squeeze(1) for each in (places, contig))  # (blocks, span)
    source, source_contig = _with_previous(place)[:, :, None], _with_previous(contigs)[:, :, None]
    distance = place[:, None] - source
    near = (source > 0) & (distance > 0) & (distance <= span)
    admitted: Tensor = near & (source_contig == contigs[:, None])
    return admitted
