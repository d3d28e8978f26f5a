"""Operations that make trajectories, or change them."""
