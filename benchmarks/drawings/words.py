"""The names and colours of operations in drawings: those of the literature's figures."""

from __future__ import annotations

WHITE, GREY, BLUE, DEEP_BLUE, GREEN, ORANGE, PURPLE = (
    "#ffffff", "#e6e6e6", "#bbd6f0", "#93bfe8", "#c5e8cf", "#fbd9a4", "#ddd0f0",
)  # fmt: skip

OPERATIONS: dict[str, tuple[str, str]] = {
    "none": ("none", WHITE),
    "zeroize": ("zeroize", WHITE),
    "skip_connect": ("skip", GREY),
    "skip": ("skip", GREY),
    "nor_conv_1x1": ("conv 1×1", GREEN),
    "nor_conv_3x3": ("conv 3×3", BLUE),
    "avg_pool_3x3": ("avg pool 3×3", ORANGE),
    "max_pool_3x3": ("max pool 3×3", ORANGE),
    "conv1x1": ("conv 1×1", GREEN),
    "conv3x3": ("conv 3×3", BLUE),
    "conv1x1-bn-relu": ("conv 1×1", GREEN),
    "conv3x3-bn-relu": ("conv 3×3", BLUE),
    "maxpool3x3": ("max pool 3×3", ORANGE),
    "sep_conv_3x3": ("sep conv 3×3", BLUE),
    "sep_conv_5x5": ("sep conv 5×5", DEEP_BLUE),
    "dil_conv_3x3": ("dil conv 3×3", GREEN),
    "dil_conv_5x5": ("dil conv 5×5", PURPLE),
    "input": ("input", WHITE),
    "output": ("output", WHITE),
}
"""By operation: its name in a drawing, and its fill. The fills are light, so that dark text can stand on them."""

UNUSED = frozenset({"none", "zeroize"})
"""Operations that pass nothing on."""


def look(operation: str) -> tuple[str, str]:
    """Return the name and the fill of an operation. An unknown one keeps its name."""
    return OPERATIONS.get(operation, (operation, GREY))
