"""Training: a data set and a config to bare weights, through MMEngine's Runner."""
