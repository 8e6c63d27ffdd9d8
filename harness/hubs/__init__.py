"""USB hubs that switch the power of their ports, behind one small protocol."""
