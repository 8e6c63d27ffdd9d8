"""From a suite to sessions on phones: plan, delegates, binaries, reading output, one block on one phone."""
