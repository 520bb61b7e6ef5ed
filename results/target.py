"""Targets: the errors that a protocol reports, as they are written in experiments and results."""

from __future__ import annotations

from typing import NamedTuple


class Target(NamedTuple):
    """A reported error: the validation or test error at a fidelity, of the benchmark searched or of another one.

    Attributes
    ----------
    kind : str
        ``validation``, ``test``, or another name that the benchmark gives.
    fidelity : float or None
        In epochs. None if the text names no fidelity.
    benchmark : str or None
        The benchmark whose error it is. None for the benchmark that is searched.
    """

    kind: str
    fidelity: float | None
    benchmark: str | None = None

    @classmethod
    def parse(cls, text: str) -> Target:
        """Read ``validation@200``, or ``nasbench201-cifar100/test@200`` for another benchmark.

        Raises
        ------
        ValueError
            If the part after ``@`` is not a number.
        """
        benchmark, _, name = text.rpartition("/")
        kind, at, epochs = name.partition("@")
        try:
            fidelity = float(epochs) if at else None
        except ValueError:
            raise ValueError(
                f"expected a target KIND@EPOCHS or BENCHMARK/KIND@EPOCHS, such as validation@200, got {text!r}"
            ) from None
        return cls(kind, fidelity, benchmark or None)

    @property
    def name(self) -> str:
        """The target as its own benchmark lists it, such as ``validation@200``."""
        return self.kind if self.fidelity is None else f"{self.kind}@{self.fidelity:g}"

    def __str__(self) -> str:
        """Write the target as :meth:`parse` reads it."""
        return f"{self.benchmark}/{self.name}" if self.benchmark else self.name
