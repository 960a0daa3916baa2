"""The colours of satisfaction: in grey, and with every common colour blindness."""

from __future__ import annotations

import numpy as np
import pytest

from sim.report import style

# Machado, Oliveira and Fernandes (2009), severity 1.0, linear RGB.
SEEN = {
    "all colours": np.eye(3),
    "without red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                    [-0.003882, -0.048116, 1.051998]],
    "without green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                      [-0.011820, 0.042940, 0.968881]],
    "without blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                     [0.004733, 0.691367, 0.303900]],
}


def linear(colour: str) -> np.ndarray:
    rgb = np.array([int(colour[i:i + 2], 16) for i in (1, 3, 5)]) / 255.0
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lightness(rgb: np.ndarray) -> float:
    """CIE L* of linear RGB, 0 to 100."""
    y = float(np.clip(rgb, 0.0, 1.0) @ [0.2126, 0.7152, 0.0722])
    return 116.0 * y ** (1 / 3) - 16.0 if y > 0.008856 else 903.3 * y


@pytest.mark.parametrize("eye", SEEN)
def test_more_satisfaction_is_lighter_for_every_eye(eye: str) -> None:
    steps = [lightness(np.asarray(SEEN[eye]) @ linear(c)) for c in style.SATISFACTION]
    assert np.diff(steps).min() > 8.0


def test_nothing_known_is_no_satisfaction() -> None:
    """A grey: its three parts hardly differ, those of every satisfaction do."""
    def spread(colour: str) -> float:
        return float(np.ptp(linear(colour)))

    assert spread(style.UNKNOWN) < 0.1 < min(spread(c) for c in style.SATISFACTION)
