"""The pure decision pipeline: identify, authorise, normalise, route, explain."""
