"""What a system tells of its past: sums over call records, and nothing that was counted twice."""
