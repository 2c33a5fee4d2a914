"""The step that lowers an energy, retraining stage by stage, checkpoints."""
