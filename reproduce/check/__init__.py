"""The shipped presets, measured again and held against their cards."""
