"""Random numbers that belong to decision points.

Owns: the keys and the uniforms. A draw is a function of (root seed, replication, entity,
purpose, count): never of how many draws came before, of a server, of a visit number or of
order. All structures of a comparison thus meet the same customers with the same luck, and one
more customer, replication, worker or structure changes no other draw. Every draw is one uniform
pushed through a monotone inverse, so that the coupling survives a changed rate.
Never does: keep a state.

The generator is SplitMix64's finaliser (Steele, Lea & Flood 2014) applied to an entity's key
plus a multiple of the golden-ratio increment: two rounds from seed to draw for an entity's key
that is kept.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.jit import kernel, wrapping

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_S30 = np.uint64(30)
_S27 = np.uint64(27)
_S31 = np.uint64(31)
_S11 = np.uint64(11)
BELOW_ONE = 1.0 - 2.0**-53  # the topmost word would be rounded to 1, whose quantiles are infinite

# Streams of entities: the customers present at the start, the two streams of joiners (R21),
# and the posts of the firm.
STREAM_START = 1
STREAM_BASE = 2
STREAM_MOUTH = 3
STREAM_POST = 4
STREAM_WORLD = 5

# Purposes of draws (R27). The number in brackets is what the count is made of.
NEED = 1  # (product, dimension) of a customer; (segment, product, dimension) of the world
LABEL = 2  # of a customer: 0 right or wrong, 1 which wrong one, 2 unassignable
WEIGHT = 3  # (attribute) of a customer
REGION = 4  # of a customer
ARRIVAL = 5  # (case number) of a customer: time to the next case
CASE = 6  # (case number) of a customer: the key of that case
CASE_TYPE = 7  # of a case
PRODUCT = 8  # of a case
BUNDLE = 9  # of a case: is there a second product
SECOND = 10  # of a case: which
PATIENCE = 11  # of a case
EFFORT = 12  # (task) of a case
ERROR = 13  # (task, loop) of a case
FOUND_INSIDE = 14  # (task, loop) of a case
FOUND_BY_CUSTOMER = 15  # (task, loop) of a case
LATENCY = 16  # (receiving task, loop) of a case
NOTICE = 17  # (first task of the visit, loop) of a case
MESSAGE = 18  # (k) of a case: 0 tells or not, k >= 1 the k-th hearer
CHURN = 19  # (month) of a customer
QUIT = 20  # (month) of a post
JOIN = 21  # of a joiner of the base stream: time since the one before
KEEP = 22  # of a joiner of the base stream: does it join in spite of warnings
ASTRAY = 23  # (first task of the visit, loop) of a case: does it follow the old path
DETOUR = 24  # (first task of the visit, loop) of a case: how long the transfer back takes
APPROVAL = 25  # (first task of the visit, loop) of a case: is it asked for
APPROVAL_TIME = 26  # (number in a row, first task of the visit, loop) of a case
TRAVEL = 27  # (first task of the visit that needs presence, loop) of a case
CLASH = 28  # (first task of the visit, loop) of a case: whose objective goes first
COMPLAIN = 40  # of a case: 0 does its customer complain, 1 praise, 2 is the complaint taken up
ERRAND = 41  # (n-th complaint or follow-up) of a customer: the key of that errand
VALUE = 42  # (year) of a customer: this year's share of chance in its value
ESTIMATE = 43  # (year) of a customer: the firm's error about its value
FEE = 44  # of a case: is there an unexpected charge
ATTEMPT = 45  # of a case: 0 does the first attempt fail, 1 is that announced
EXPLOIT = 46  # of a case: 0 is the customer's weakness used, 1 is it noticed
BYSTANDER = 47  # (k) of a case: the k-th customer who sees how this one is treated
SURVEY = 48  # of a case: is a survey answered
CHANNEL = 49  # of a joiner of the base stream: which channel wins it
GESTURE = 59  # (month) of a customer: does the firm make it a gesture
TEMPER = 30  # (number of the holder) of a post: the person's own base of morale
FAULT = 60  # (month, function, product) of the world: does a fault arise
CAPTURE = 61  # (first task of the visit, loop) of a case: is its signal captured
HEARD = 62  # (first task of the visit, loop) of a case: does word of its first need arrive
HEARD_TOO = 63  # the same of its second
BAD_NEWS = 64  # (task, loop) of a case: does bad news arrive
SUGGESTION = 65  # (task, loop) of a case: does the customer point to a fault, and does it arrive
RESPONSE = 66  # (attempt, unit, function, product) of the world: is a fault dealt with
READ = 67  # (month, unit, function, product) of the world: is the broadcast read
STILL_KNOWN = 68  # (month, unit, function, product) of the world: is an answer still known
TRAIT = 70  # (trait, segment) of a customer: what a trait says beside the truth
SCORE = 71  # (segment) of a customer: what its score misses
TOLD = 69  # (receiving task, loop) of a case: do two units talk at a hand-off
TASTE = 100  # (product, dimension) of the world: what designers would make by themselves
DRIFT = 101  # (month, seen ahead or not, segment, dimension) of the world
EARLY = 102  # of a customer: does a need that surfaces count from the start
LAUNCH = 103  # (month) of the world: is something new found


@wrapping
def mix(x):
    """SplitMix64's finaliser: a bijection of 64-bit words that flips half of the output bits."""
    x = (x ^ (x >> _S30)) * _M1
    x = (x ^ (x >> _S27)) * _M2
    return x ^ (x >> _S31)


@wrapping
def child_key(key, purpose, count):
    """Key of the `count`-th child (count < 2**40) of an entity, for a purpose (< 2**20)."""
    return mix(key + np.uint64((purpose << 40) | np.int64(count)) * GOLDEN)


@wrapping
def uniform(key, purpose, count):
    """The uniform in (0, 1) of one decision point of the entity with this key."""
    x = mix(key + np.uint64((purpose << 40) | np.int64(count)) * GOLDEN)
    return min((np.float64(x >> _S11) + 0.5) * 1.1102230246251565e-16, BELOW_ONE)


@kernel
def task_count(function, product, loop):
    """The count of a draw that belongs to a task (function, product) in a rework loop."""
    return (loop << 8) | (function << 4) | product


@kernel
def exponential(u):
    """Inverse of the unit exponential distribution."""
    return -math.log1p(-u)


@kernel
def normal_quantile(u):
    """Inverse of the standard normal distribution, relative error about 1e-16.

    Source: Wichura 1988, algorithm AS 241 (PPND16), Applied Statistics 37(3) 477-484.
    """
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return (
            q
            * (((((((2509.0809287301226727 * r + 33430.575583588128105) * r
                    + 67265.770927008700853) * r + 45921.953931549871457) * r
                  + 13731.693765509461125) * r + 1971.5909503065514427) * r
                + 133.14166789178437745) * r + 3.387132872796366608)
            / (((((((5226.495278852854561 * r + 28729.085735721942674) * r
                    + 39307.89580009271061) * r + 21213.794301586595867) * r
                  + 5394.1960214247511077) * r + 687.1870074920579083) * r
                + 42.313330701600911252) * r + 1.0)
        )
    r = u if q < 0.0 else 1.0 - u
    r = math.sqrt(-math.log(r))
    if r <= 5.0:
        r -= 1.6
        x = (
            (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r
                  + 0.24178072517745061177) * r + 1.27045825245236838258) * r
                + 3.64784832476320460504) * r + 5.7694972214606914055) * r
              + 4.6303378461565452959) * r + 1.42343711074968357734)
            / (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r
                    + 0.0151986665636164571966) * r + 0.14810397642748007459) * r
                  + 0.68976733498510000455) * r + 1.6763848301838038494) * r
                + 2.05319162663775882187) * r + 1.0)
        )
    else:
        r -= 5.0
        x = (
            (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r
                  + 0.0012426609473880784386) * r + 0.026532189526576123093) * r
                + 0.29656057182850489123) * r + 1.7848265399172913358) * r
              + 5.4637849111641143699) * r + 6.6579046435011037772)
            / (((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r
                    + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4) * r
                  + 0.0148753612908506148525) * r + 0.13692988092273580531) * r
                + 0.59983220655588793769) * r + 1.0)
        )
    return -x if q < 0.0 else x


def keys(parents: NDArray[np.uint64] | np.uint64, purpose: int,
         counts: NDArray[np.int64] | int) -> NDArray[np.uint64]:
    """`child_key` for arrays (broadcast)."""
    with np.errstate(over="ignore"):
        code = (np.asarray(counts, dtype=np.uint64) | np.uint64(purpose << 40)) * GOLDEN
        x = np.asarray(parents, dtype=np.uint64) + code
        x = (x ^ (x >> _S30)) * _M1
        x = (x ^ (x >> _S27)) * _M2
        mixed: NDArray[np.uint64] = x ^ (x >> _S31)
    return mixed


def uniforms(parents: NDArray[np.uint64] | np.uint64, purpose: int,
             counts: NDArray[np.int64] | int) -> NDArray[np.float64]:
    """`uniform` for arrays (broadcast): the same numbers."""
    words = keys(parents, purpose, counts) >> _S11
    return np.minimum((words.astype(np.float64) + 0.5) * 2.0**-53, BELOW_ONE)


def run_key(seed: int, replication: int) -> np.uint64:
    """Key of a run's luck: of the root seed and the replication alone, not of the structure."""
    root = keys(np.uint64(seed % 2**64), 0, 1)
    return np.uint64(keys(root, 1, replication))


def stream_key(run: np.uint64, stream: int) -> np.uint64:
    """Key of a stream of entities."""
    return np.uint64(keys(run, 2, stream))


def stream_keys(run: np.uint64, stream: int, index: NDArray[np.int64] | int) -> NDArray[np.uint64]:
    """Keys of the entities of a stream: each the child (purpose 3) of the stream's key."""
    return keys(stream_key(run, stream), 3, index)
