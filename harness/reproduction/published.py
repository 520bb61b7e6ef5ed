"""Published numbers with their sources. Accuracies are pairs of mean and standard deviation, in percent."""

from __future__ import annotations

DATASETS = ("cifar10", "cifar100", "imagenet16-120")
SPLITS = ("validation", "test")

Number = tuple[float, float]

NASBENCH201_SOURCE = (
    "Dong and Yang 2020, arXiv 2001.00326: search on CIFAR-10 by the 12-epoch record for 12,000 s, 500 trials"
)
NASBENCH201_TRIALS = 500

NASBENCH201: dict[str, dict[str, tuple[Number, Number]]] = {
    "random_search": {
        "cifar10": ((90.93, 0.36), (93.70, 0.36)),
        "cifar100": ((70.93, 1.09), (71.04, 1.07)),
        "imagenet16-120": ((44.45, 1.10), (44.57, 1.25)),
    },
    "regularized_evolution": {
        "cifar10": ((91.19, 0.31), (93.92, 0.30)),
        "cifar100": ((71.81, 1.12), (71.84, 0.99)),
        "imagenet16-120": ((45.15, 0.89), (45.54, 1.03)),
    },
    "reinforce": {
        "cifar10": ((91.09, 0.37), (93.85, 0.37)),
        "cifar100": ((71.61, 1.12), (71.71, 1.09)),
        "imagenet16-120": ((45.05, 1.02), (45.24, 1.18)),
    },
    "bohb": {
        "cifar10": ((90.82, 0.53), (93.61, 0.52)),
        "cifar100": ((70.74, 1.29), (70.85, 1.28)),
        "imagenet16-120": ((44.26, 1.36), (44.42, 1.49)),
    },
}
"""By algorithm and data set, the validation and test accuracy of the architecture found [%]."""

BEST_OF_100_SOURCE = (
    "Mellor et al. 2021 (NAS-WOT), arXiv 2006.04647: the best of 100 random architectures, on each data set and split"
)

BEST_OF_100: dict[str, tuple[Number, Number]] = {
    "cifar10": ((91.05, 0.28), (93.84, 0.23)),
    "cifar100": ((71.45, 0.79), (71.56, 0.78)),
    "imagenet16-120": ((45.37, 0.61), (45.67, 0.64)),
}
"""By data set, the validation and test accuracy [%]."""

QUERIES_SOURCE = "WeakNAS, Wu et al. 2021, arXiv 2102.10490; UNCONFIRMED, quoted from memory"

QUERIES_TO_OPTIMUM: dict[str, dict[str, float]] = {
    "random_search": {"cifar10": 7782, "cifar100": 7622, "imagenet16-120": 7726},
    "regularized_evolution": {"cifar10": 563, "cifar100": 438, "imagenet16-120": 715},
    "predictor_sampler": {"cifar10": 182, "cifar100": 78, "imagenet16-120": 268},
}
"""By algorithm and data set, the mean number of queries until the best architecture is found."""

LOCAL_SEARCH_SOURCE = (
    "White, Nolen and Savani 2020, arXiv 2005.02960, abstract of the first version: local search reaches the global"
    " optimum of CIFAR-100 after training 127 architectures on average"
)

LOCAL_SEARCH_TO_OPTIMUM: dict[str, float] = {"cifar100": 127}
"""By data set, the mean number of architectures trained until the best one is found."""
