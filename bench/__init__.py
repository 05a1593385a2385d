"""What it costs, as ratios to a baseline taken in the same run: machines are noisy, ratios less so."""
