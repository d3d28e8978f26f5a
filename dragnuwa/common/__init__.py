"""What every part uses: pictures, sizes, files, errors, progress and interrupts."""
