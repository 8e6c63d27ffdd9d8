"""From the sampler log to energy, heat, memory and clocks. Pure."""
