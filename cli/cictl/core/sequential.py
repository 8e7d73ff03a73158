"""An anytime-valid test of a ratio: look as often as you like, and abort a good release with chance alpha at most.

The evidence against "each event is bad with a chance of at most `max_ratio`, whatever came before" is a mixture of
likelihood ratios: for p > m the process (p/m)^bad · ((1-p)/(1-m))^(total-bad) has, given the past, the mean 1 where the
chance is m and less where it is lower, so each is a supermartingale under the whole hypothesis, and so is their mean
over any law of p above m. By Ville's inequality it ever reaches 1/alpha with a chance of at most alpha.
The law here is Beta(1/2, 1) cut to (m, 1]: a closed form that finds twice the limit as well as a hundred times.

Ville (1939), Étude critique de la notion de collectif; Robbins (1970), Statistical methods related to the law of the
iterated logarithm; Howard, Ramdas, McAuliffe and Sekhon (2021), Time-uniform, nonparametric, nonasymptotic confidence
sequences; Ramdas, Grünwald, Vovk and Shafer (2023), Game-theoretic statistics and safe anytime-valid inference.

It holds no state: the evidence depends on the counts alone, so a driver that takes over goes on where the other ended.
"""

from __future__ import annotations

import math

_PRIOR_A = 0.5
_PRIOR_B = 1.0
_TINY = 1e-300
_PRECISION = 1e-14
_MOST_TERMS = 100_000  # the continued fraction needs about the root of the count
_LARGEST_EXPONENT = 690.0  # keeps e-values finite, so that JSON can say them


def log_evidence(bad: int, total: int, *, max_ratio: float) -> float:
    """Return the logarithm of the e-value against "at most MAX_RATIO" after BAD of TOTAL events."""
    if not 0 <= bad <= total:
        message = f"{bad} of {total} events cannot be"
        raise ValueError(message)
    if max_ratio >= 1:
        return 0.0
    if max_ratio <= 0:
        return math.inf if bad else 0.0
    good = total - bad
    mixture = _log_upper_mass(_PRIOR_A + bad, _PRIOR_B + good, max_ratio)
    prior = _log_upper_mass(_PRIOR_A, _PRIOR_B, max_ratio)
    return mixture - prior - bad * math.log(max_ratio) - good * math.log1p(-max_ratio)


def e_value(log_e: float) -> float:
    """Return the e-value of LOG_E, cut where it would be too large to print."""
    return math.exp(min(log_e, _LARGEST_EXPONENT))


def rejects(log_e: float, *, alpha: float) -> bool:
    """Whether the evidence is enough to say that the limit is broken."""
    return log_e >= -math.log(alpha)


def _log_upper_mass(a: float, b: float, x: float) -> float:
    """Return the logarithm of the integral of p^(a-1) (1-p)^(b-1) over p from X to 1."""
    log_beta = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    if x > (a + 1) / (a + b + 2):  # the upper side is the small one: no difference of nearly equal numbers
        return _log_small_side(b, a, 1 - x)
    lower = math.exp(min(_log_small_side(a, b, x) - log_beta, 0.0))
    return log_beta + math.log1p(-min(lower, 1 - _PRECISION))


def _log_small_side(a: float, b: float, x: float) -> float:
    """Return the logarithm of the incomplete beta function, by a continued fraction that converges below the mean."""
    return a * math.log(x) + b * math.log1p(-x) - math.log(a) + math.log(_continued_fraction(a, b, x))


def _continued_fraction(a: float, b: float, x: float) -> float:
    """Evaluate DLMF 8.17.22 by Lentz's method."""
    c, d = 1.0, _reciprocal(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        factor = 1.0
        for numerator in (even, odd):
            d = _reciprocal(1 + numerator * d)
            c = _away_from_zero(1 + numerator / c)
            factor *= c * d
        value *= factor
        if abs(factor - 1) < _PRECISION:
            break
    return value


def _reciprocal(value: float) -> float:
    return 1 / _away_from_zero(value)


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
