"""The estimators of other packages, each as a function of x and y in nats; the extra `bench` installs them."""

from collections.abc import Callable

import ennemi
import infomeasure
import npeet_plus
import numpy as np
from frites.core import gcmi_nd_cc
from sklearn.feature_selection import mutual_info_regression

from attnstats._validation import FloatArray

Peer = Callable[[FloatArray, FloatArray], float]


def npeet(x: FloatArray, y: FloatArray) -> float:
    """KSG of npeet-plus."""
    return float(npeet_plus.mi(x, y, k=3, base=np.e))


def infomeasure_ksg(x: FloatArray, y: FloatArray) -> float:
    """KSG of infomeasure, without the noise it adds by default."""
    return float(infomeasure.mutual_information(x, y, approach="ksg", k=3, noise_level=0))


def ennemi_ksg(x: FloatArray, y: FloatArray) -> float:
    """KSG of ennemi, which takes one column against one."""
    return float(ennemi.estimate_mi(y.ravel(), x.ravel(), k=3)[0, 0])


def sklearn_ksg(x: FloatArray, y: FloatArray) -> float:
    """KSG of scikit-learn, which takes one column against one."""
    return float(mutual_info_regression(x, y.ravel(), n_neighbors=3, random_state=0)[0])


def frites_gcmi(x: FloatArray, y: FloatArray) -> float:
    """Gaussian copula of frites."""
    return float(np.log(2) * gcmi_nd_cc(x.T[:, np.newaxis], y.T[:, np.newaxis], mvaxis=0, traxis=-1).item())


def libksg() -> Peer:
    """KSG of libKSG (C), which takes one column against one."""
    import libKSG

    ksg = libKSG.KSG()
    return lambda x, y: float(ksg.mi(x.ravel(), y.ravel(), k=3))


def npeet_classes(x: FloatArray, y: FloatArray) -> float:
    """Vector against class of npeet-plus."""
    return float(npeet_plus.micd(x, y[:, np.newaxis], k=3, base=np.e, warning=False))


VECTORS: dict[str, Peer] = {"npeet-plus KSG": npeet, "infomeasure KSG": infomeasure_ksg, "frites GCMI": frites_gcmi}
SCALARS: dict[str, Peer] = {"ennemi KSG": ennemi_ksg, "scikit-learn KSG": sklearn_ksg}
