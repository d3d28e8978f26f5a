"""Operations that create or modify trajectories."""
